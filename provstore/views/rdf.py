"""The RDF view: bundles in, answers to SPARQL out, on disk with pyoxigraph.

One named graph per bundle; the default graph holds their union, materialised, because engines do
not remove doubles when they unite graphs at query time. It knows no journal: whoever loads says
up to which mark, and the mark is kept in the same transaction as the data.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox

from provstore.answer import Answer, Cell, Iri, read_duration
from provstore.errors import BadQuery, ViewUnavailable
from provstore.prov import prov_o
from provstore.prov.bundle import Bundle
from provstore.prov.terms import XSD
from provstore.views.ownership import own

MARK = "https://w3id.org/provstore/view"
"""The graph, and the only subject and property in it, that say how far the view is."""

BULK = 4_000_000
"""Characters of N-Quads from which on the engine's bulk loader is used."""

_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n\r]*|<[^<>"{}|^`\\\x00-\x20]*>|[?$]\w+
        |'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*"
        |[\w.-]*:[\w.%:-]*)|(?P<word>[A-Za-z]+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_INTEGERS = frozenset(XSD + name for name in ("integer", "int", "long", "nonNegativeInteger"))


class RdfView:
    """An open RDF store in a directory; one process at a time owns it.

    Raises:
        ViewUnavailable: another process holds it, or the directory cannot be used.

    """

    name = "rdf"
    engine_name = "built-in Oxigraph"

    def __init__(self, directory: Path, prefixes: Mapping[str, str]) -> None:
        self.directory = directory
        self._prefixes = dict(prefixes)
        self._store: ox.Store | None = None
        self._lock: int | None = None

    def _open(self) -> ox.Store:
        if self._store is None:
            try:
                self.directory.mkdir(parents=True, exist_ok=True)
                self._lock = own(self.directory.with_suffix(".lock"), "The RDF view")
                self._store = ox.Store(self.directory)
            except OSError as error:
                self.close()
                raise ViewUnavailable(
                    f"The RDF view cannot be opened: {error}.",
                    "Make it anew: provstore rebuild rdf",
                ) from error
        return self._store

    def close(self) -> None:
        """Let go of the directory."""
        self._store = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def mark(self) -> tuple[int, str]:
        """How far it is: position and seal of the last journal entry in it; (0, "") when empty."""
        quads = self._open().quads_for_pattern(None, None, None, ox.NamedNode(MARK))
        return max((_mark(quad) for quad in quads), default=(0, ""))

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and go from mark `before` to `after`: all of it or nothing.

        Does nothing if the view is not at `before` any more.
        """
        store = self._open()
        if self.mark() != before:
            return
        text = "".join([prov_o.nquads(bundle, union=True) for bundle in bundles])
        mark = f'<{MARK}> <{MARK}> "{after[0]} {after[1]}" <{MARK}> .\n'
        if len(text) > BULK:
            # Twice as fast, not one transaction. But RDF is a set, and the mark comes last: what a
            # crash leaves half done is loaded again before anybody asks, and nothing is doubled.
            store.bulk_load(text.encode(), format=ox.RdfFormat.N_QUADS)
            text = ""
        store.load(text + mark, format=ox.RdfFormat.N_QUADS)
        for quad in list(store.quads_for_pattern(None, None, None, ox.NamedNode(MARK))):
            if _mark(quad) < after:
                store.remove(quad)

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        if self.directory.exists():
            shutil.rmtree(self.directory)

    def query(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a SPARQL 1.1 query; our prefixes need not be declared.

        Raises:
            BadQuery: not a query, a write, or one that asks other servers.

        """
        refuse_federation(text)
        try:
            found = self._open().query(
                text,
                prefixes=self._prefixes,
                substitutions={
                    ox.Variable(name): _term(cell) for name, cell in (parameters or {}).items()
                },
            )
            return _answer(found)
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            raise BadQuery(f"This SPARQL cannot be answered: {error}.") from error


def refuse_federation(text: str) -> None:
    """Let a query through that stays within this store.

    Raises:
        BadQuery: it has a SERVICE clause, in whatever spelling.

    """
    plain = _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16) % 0x110000), text)
    for variant in {text, plain}:
        for token in _TOKEN.finditer(variant):
            if (token["word"] or "").upper() in ("SERVICE", "LOAD"):
                raise BadQuery(
                    f"{token['word'].upper()} is refused: a query here asks no other server.",
                    "Leave that clause out.",
                )


def _answer(
    found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
) -> Answer:
    if isinstance(found, ox.QueryBoolean):
        return Answer(("answer",), ((bool(found),),))
    if isinstance(found, ox.QueryTriples):
        triples = ((_cell(t.subject), _cell(t.predicate), _cell(t.object)) for t in found)
        return Answer(("subject", "predicate", "object"), tuple(triples))
    columns = tuple(variable.value for variable in found.variables)
    return Answer(columns, tuple(tuple(_cell(term) for term in row) for row in found))


def _term(cell: Cell) -> ox.NamedNode | ox.Literal:
    if isinstance(cell, Iri):
        return ox.NamedNode(cell)
    if isinstance(cell, datetime):
        return ox.Literal(cell.isoformat(), datatype=ox.NamedNode(XSD + "dateTime"))
    if isinstance(cell, str | int | float):
        return ox.Literal(cell)
    raise TypeError(f"{cell!r} cannot be a parameter")


def _cell(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> Cell:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if not isinstance(term, ox.Literal):
        return str(term)
    read = _READ.get(term.datatype.value)
    try:
        return read(term.value) if read else term.value
    except (ValueError, ArithmeticError):
        return term.value  # an ill-typed literal is what it says


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


_READ: dict[str, Callable[[str], Cell]] = {
    **dict.fromkeys(_INTEGERS, int),
    XSD + "decimal": _number,
    XSD + "double": float,
    XSD + "float": float,
    XSD + "boolean": lambda text: text in ("true", "1"),
    XSD + "dateTime": datetime.fromisoformat,
    XSD + "dayTimeDuration": read_duration,
    XSD + "duration": read_duration,
}


def _mark(quad: ox.Quad) -> tuple[int, str]:
    position, _, chain = str(quad.object).strip('"').partition(" ")
    return int(position), chain
