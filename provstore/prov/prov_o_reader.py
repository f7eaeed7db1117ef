"""PROV-O, as `prov_o` writes it, → the bundle that it was made of.

In: N-Quads or triples. Out: a `Bundle`. Knows no store, and no PROV-O of other writers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from provstore.prov.bundle import IRI, RELATION_IRI, Bundle, Element, Relation, Value
from provstore.prov.prov_o_terms import (
    ATTRIBUTE,
    BUNDLE,
    CLASSES,
    IDENTIFIER,
    KINDS,
    LINKS,
    RDF_TYPE,
    RESOURCES,
    TERMS,
    TIMES,
    minted,
)
from provstore.prov.terms import LABEL, RDFS, RELATIONS, TYPE

_QUALIFIED = frozenset(term.qualified for term in RELATIONS.values())
_DIRECT = {term.direct: term for term in RELATIONS.values()}
_KEYS = {
    RDFS + "label": LABEL,
    **{predicate: key for key, predicate in TIMES.items()},
    **{predicate: key for key, (predicate, _) in RESOURCES.items()},
}


class Triple(NamedTuple):
    """One RDF triple, its object as a `Value`."""

    subject: str
    predicate: str
    object: Value


def parse(text: str) -> dict[str, list[Triple]]:
    """N-Quads → the triples of each graph by its IRI, "" for the default graph."""
    graphs: dict[str, list[Triple]] = defaultdict(list)
    for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS):
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        subject, held = quad.subject, quad.object
        if isinstance(held, ox.Literal):
            value = Value(held.value, held.datatype.value, held.language or "")
        elif isinstance(held, ox.NamedNode):
            value = Value(held.value, IRI)
        else:
            raise TypeError(f"{held} is neither an IRI nor a literal")
        if not isinstance(subject, ox.NamedNode):
            raise TypeError(f"{subject} is not an IRI")
        graphs[graph].append(Triple(subject.value, quad.predicate.value, value))
    return dict(graphs)


def read(bundle: str, graph: Iterable[Triple]) -> Bundle:
    """The bundle that `triples` made this graph of."""
    about: dict[str, list[tuple[str, Value]]] = defaultdict(list)
    for subject, predicate, value in graph:
        about[subject].append((predicate, value))
    source_of = {
        value.text: subject
        for subject, pairs in about.items()
        for predicate, value in pairs
        if predicate in _QUALIFIED and value.text in about
    }
    elements, relations = [], []
    covered: set[tuple[str, ...]] = set()
    for subject, pairs in about.items():
        types = {value.text for predicate, value in pairs if predicate == RDF_TYPE}
        if kinds := tuple(sorted(KINDS[cls] for cls in types if cls in KINDS)):
            elements.append(
                Element(subject, kinds, tuple(_read_attributes(pairs, subject, bundle)))
            )
        for cls in types & TERMS.keys():
            relation = _read_relation(subject, cls, pairs, source_of.get(subject, ""))
            relations.append(relation)
            covered.add((relation.kind, *relation.arguments[:2]))
    for subject, pairs in about.items():
        for predicate, value in pairs:
            term = _DIRECT.get(predicate)
            if term and (term.name, subject, value.text) not in covered:
                rest = [""] * (len(term.arguments) - 2)
                relations.append(Relation(term.name, (subject, value.text, *rest)))
    return Bundle(bundle, tuple(elements), tuple(relations))


def _read_relation(node: str, cls: str, pairs: list[tuple[str, Value]], source: str) -> Relation:
    term = TERMS[cls]
    held = {predicate: value.text for predicate, value in pairs}
    arguments = (source, *(held.get(argument.predicate, "") for argument in term.arguments[1:]))
    anonymous = node.startswith(RELATION_IRI)
    identifier = held.get(IDENTIFIER, "" if anonymous else node)
    structure = {argument.predicate for argument in term.arguments[1:]} | {IDENTIFIER}
    rest = [pair for pair in pairs if pair[0] not in structure]
    return Relation(term.name, arguments, identifier, tuple(_read_attributes(rest, node, "")))


def _read_attributes(
    pairs: list[tuple[str, Value]], subject: str, bundle: str
) -> Iterator[tuple[str, Value]]:
    resources = {
        (predicate, minted(namespace, value))
        for key, (predicate, namespace) in RESOURCES.items()
        for name, value in pairs
        if name == key
    }
    for predicate, value in pairs:
        if predicate == RDF_TYPE:
            own = value.text in CLASSES or (value.text == BUNDLE and subject == bundle)
            if not own:
                yield TYPE, value
        elif predicate.startswith(ATTRIBUTE):
            yield unquote(predicate.removeprefix(ATTRIBUTE)), value
        elif predicate not in LINKS and (predicate, value.text) not in resources:
            yield _KEYS.get(predicate, predicate), value
