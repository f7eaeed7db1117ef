"""The RDF view's questions on a server that nobody here wrote: SPARQL over HTTP, no parameters.

In: a server and the bundles of a store. Out: answers in the same cells as our own view's.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import islice

import pyoxigraph as ox

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import prov_o
from provstore.results.answer import Answer, Cell
from provstore.views.rdf.oxigraph_worker_main import _parameter, _term
from provstore.views.rdf.sparql import encode_parameter, read_term
from tests.servers.fuseki import Fuseki

_TOKEN = re.compile(
    r"""\#[^\n]*|<[^<>\s]*>|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?P<word>[$\w:?]+)|[(){}]"""
)


class RemoteView:
    """A dataset on a server, filled as our own RDF view fills itself."""

    def __init__(self, server: Fuseki) -> None:
        self.server = server

    def fill(self, bundles: Iterable[Bundle]) -> None:
        """Hold these bundles and nothing else: named graphs, and their union in the default one."""
        self.server.clear()
        texts = (prov_o.nquads(bundle, union=True) for bundle in bundles)
        while some := "".join(islice(texts, 1000)):
            self.server.load(some)

    def query(self, text: str, parameters: Mapping[str, Cell]) -> Answer:
        """Answer a SPARQL query."""
        found = self.server.select(bound(text, parameters))
        assert isinstance(found, ox.QuerySolutions)
        columns = tuple(variable.value for variable in found.variables)
        return Answer(
            columns, tuple(tuple(read_term(_term(term)) for term in row) for row in found)
        )


def bound(text: str, parameters: Mapping[str, Cell]) -> str:
    """A query with its parameters written into it; `SELECT $x` becomes `SELECT (value AS ?x)`."""
    values = {
        f"${name}": str(_parameter(*encode_parameter(value))) for name, value in parameters.items()
    }
    clause, depth, inside = "", 0, 0

    def write(token: re.Match[str]) -> str:
        nonlocal clause, depth, inside
        word = token[0]
        depth += (word == "(") - (word == ")")
        inside += (word == "{") - (word == "}")
        if word in ("SELECT", "GROUP", "ORDER", "HAVING", "{", "}"):
            clause = word
        if word not in values:
            return word
        if clause == "SELECT" and depth == 0:
            return "" if inside else f"({values[word]} AS ?{word[1:]})"
        return "" if clause == "GROUP" else values[word]

    return _TOKEN.sub(write, text)
