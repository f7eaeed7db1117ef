"""PROV-O, written by `prov_o` or any other program → the bundle that it states.

In: the triples of one graph. Out: a `Bundle`, and notes on what had to be interpreted. Every triple
becomes part of an element, a relation or an attribute. A direct triple and its qualified form give
one relation; a resource without PROV terms becomes an entity. Knows no syntax, no store.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from provstore.prov.model.bundle import IRI, Bundle, Element, Relation, Value
from provstore.prov.model.relation_ids import RELATION_IRI
from provstore.prov.model.terms import ELEMENTS, PROV, RELATIONS, SUBTYPES, TIME, TYPE, RelationTerm
from provstore.prov.notations.prov_o.prov_o_synonyms import (
    DERIVATION,
    DICTIONARY,
    DIRECT,
    INFLUENCERS,
    INVERSES,
    KEYS,
    NODES,
    QUALIFIED,
    SUBKINDS,
)
from provstore.prov.notations.prov_o.prov_o_terms import (
    AS_IN_BUNDLE,
    ATTRIBUTE,
    BUNDLE,
    CLASSES,
    IDENTIFIER,
    KINDS,
    RDF_TYPE,
    RESOURCES,
    TERMS,
    minted_iri,
)

_MOST_READINGS = 64
_OF_ELEMENTS = frozenset({*DIRECT, *QUALIFIED, *INVERSES, AS_IN_BUNDLE})
"""Properties that only elements have."""


class Triple(NamedTuple):
    """An RDF triple, with its object as a `Value`."""

    subject: str
    predicate: str
    object: Value


class Interpretation(NamedTuple):
    """The bundle of a graph, and notes for people on how it was interpreted."""

    bundle: Bundle
    notes: tuple[str, ...]


def parse(text: str, blank: str = "") -> dict[str, list[Triple]]:
    """Parse N-Quads into the triples of each graph, by its IRI; "" is the default graph.

    Blank nodes are named as in `triples_by_graph`; without `blank`, they are an error.
    """
    return triples_by_graph(ox.parse(text, format=ox.RdfFormat.N_QUADS), blank)


def triples_by_graph(quads: Iterable[ox.Quad | ox.Triple], blank: str) -> dict[str, list[Triple]]:
    """Return the triples of each graph; blank nodes are named `blank` and a number, in order."""
    labels: dict[str, str] = {}

    def named(node: object) -> str:
        if isinstance(node, ox.NamedNode):
            return node.value
        if isinstance(node, ox.BlankNode) and blank:
            return labels.setdefault(node.value, f"{blank}b{len(labels)}")
        raise TypeError(f"{node} is not an IRI")

    by_graph: dict[str, list[Triple]] = defaultdict(list)
    for quad in quads:
        name = quad.graph_name if isinstance(quad, ox.Quad) else None
        graph = named(name) if isinstance(name, (ox.NamedNode, ox.BlankNode)) else ""
        subject, term = named(quad.subject), quad.object
        if isinstance(term, ox.Literal):
            value = Value(term.value, term.datatype.value, term.language or "")
        else:
            value = Value(named(term), IRI)
        by_graph[graph].append(Triple(subject, quad.predicate.value, value))
    return dict(by_graph)


def read(bundle: str, graph: Iterable[Triple]) -> Bundle:
    """Read a graph as a bundle (PROV-O 3.1 to 3.3)."""
    (interpretation,) = interpret({bundle: graph})
    return interpretation.bundle


def interpret(document: Mapping[str, Iterable[Triple]], blank: str = "\n") -> list[Interpretation]:
    """Read each graph of a document, by the name of its bundle.

    The names of blank nodes begin with `blank`. Such a name is a relation's identifier only if it
    has another role in the document (see `provjson_scope.Blanks`).
    """
    readers = [_Reader(bundle, graph, blank) for bundle, graph in document.items()]
    named = set(document).union(*(reader.named() for reader in readers))
    return [reader.interpretation(named) for reader in readers]


class _Reader:
    def __init__(self, bundle: str, graph: Iterable[Triple], blank: str) -> None:
        self.bundle = bundle
        self.blank = blank
        self.about: dict[str, list[tuple[str, Value]]] = defaultdict(list)
        self.sources: dict[str, dict[str, None]] = defaultdict(dict)
        self.nodes: dict[str, tuple[RelationTerm, tuple[str, ...]]] = {}
        self.targets: set[str] = set()
        self.elements: list[Element] = []
        self.relations: list[Relation] = []
        self.covered: set[tuple[str, str, str]] = set()
        self.described: list[tuple[str, list[Relation], set[tuple[str, str]]]] = []
        self.guessed: list[str] = []
        for subject, predicate, value in graph:
            self.about[subject].append((predicate, value))
            if value.datatype != IRI:
                continue
            if predicate in QUALIFIED:
                self.sources[value.text][subject] = None
                self.nodes.setdefault(value.text, (QUALIFIED[predicate][0], ()))
            else:
                self.targets.add(value.text)
        for subject, pairs in self.about.items():
            types = {value.text for predicate, value in pairs if predicate == RDF_TYPE}
            # An element may have the type prov:Revision: people write that for "is a revision".
            if classes := types & (TERMS if types & KINDS.keys() else NODES).keys():
                self._classify(subject, classes)

    def named(self) -> Iterator[str]:
        """Yield the nodes that have a role other than qualifying a relation."""
        yield from self.targets
        for subject, pairs in self.about.items():
            if subject not in self.nodes or any(
                predicate in _OF_ELEMENTS or (predicate == RDF_TYPE and value.text in KINDS)
                for predicate, value in pairs
            ):
                yield subject

    def interpretation(self, named: Container[str]) -> Interpretation:
        """Make the bundle; `named` are the nodes that have another role in the document."""
        self.read_qualified(named)
        self.read_direct()
        self.describe_relations()
        self.read_elements()
        made = Bundle(self.bundle, tuple(self.elements), tuple(self.relations))
        return Interpretation(made, tuple(self.notes()))

    def _classify(self, node: str, classes: set[str]) -> None:
        """Find the relation that a node qualifies, by its class; other classes stay attributes."""
        main = min(classes, key=lambda cls: (cls in SUBTYPES, cls == PROV + "Influence", cls))
        rest = {cls for cls in classes - {main} if cls in CLASSES}
        self.nodes[node] = (NODES[main], tuple(sorted(rest)))

    def read_qualified(self, named: Container[str]) -> None:
        """Read the relations that have a node of their own (PROV-O 3.3)."""
        for node, (term, others) in self.nodes.items():
            pairs = self.about.get(node, [])
            columns: list[tuple[str, ...]] = [tuple(self.sources.get(node, ())) or ("",)]
            predicates = []
            for argument in term.arguments[1:]:
                names: tuple[str, ...] = (argument.predicate,)
                if argument is term.arguments[1] and term.in_prov_o:
                    names = (argument.predicate, *INFLUENCERS)
                name, values = next(
                    (
                        (n, values)
                        for n in names
                        if (values := _argument_values(pairs, n, argument.kind))
                    ),
                    ("", ()),
                )
                predicates.append(name)
                columns.append(values or ("",))
            if prod(map(len, columns)) > _MOST_READINGS:
                raise ValueError(f"<{node}> can be read as more than {_MOST_READINGS} statements.")
            identifier = self._identifier(node, pairs, named)
            consumed = {
                (name, value)
                for name, argument in zip(predicates, term.arguments[1:], strict=True)
                for value in _argument_values(pairs, name, argument.kind)
            }
            types = {*others, *self._implied(node, term)}
            subtypes = tuple((TYPE, Value(cls, IRI)) for cls in sorted(types))
            made = [
                Relation(term.name, arguments, identifier, subtypes)
                for arguments in product(*columns)
            ]
            classes = {value.text for predicate, value in pairs if predicate == RDF_TYPE}
            for relation in made:
                self._cover(relation, types | classes)
            self.described.append((node, made, consumed))

    def describe_relations(self) -> None:
        """Add the attributes of these relations, once all direct triples are known."""
        for node, made, consumed in self.described:
            pairs = self.about.get(node, [])
            rest = [
                (predicate, value)
                for predicate, value in pairs
                if (predicate, value.text) not in consumed and predicate != IDENTIFIER
            ]
            more = () if self._is_element(pairs) else tuple(self._attributes(rest, node))
            self.relations += [
                relation._replace(attributes=relation.attributes + more) for relation in made
            ]

    def _identifier(self, node: str, pairs: list[tuple[str, Value]], named: Container[str]) -> str:
        for predicate, value in pairs:
            if predicate == IDENTIFIER:
                return value.text
        anonymous = node.startswith(self.blank) and node not in named
        return "" if anonymous or node.startswith(RELATION_IRI) else node

    def _implied(self, node: str, term: RelationTerm) -> Iterator[str]:
        """Yield classes that the property implies: `qualifiedRevision` leads to a revision."""
        for source in self.sources.get(node, ()) if term is DERIVATION else ():
            for predicate, value in self.about[source]:
                if value.text == node and (cls := QUALIFIED.get(predicate, (term, ""))[1]):
                    yield cls

    def _cover(self, relation: Relation, classes: Iterable[str] = ()) -> None:
        """Remember the direct triples that this relation already states."""
        source, target = relation.arguments[:2]
        self.covered.add((source, RELATIONS[relation.kind].direct, target))
        for cls in classes:
            if cls in SUBTYPES and relation.kind == "wasDerivedFrom":
                self.covered.add((source, SUBTYPES[cls][0], target))
        if relation.kind == "mentionOf":
            self.covered.add((source, AS_IN_BUNDLE, relation.arguments[2]))

    def read_direct(self) -> None:
        """Read relations that only a direct triple states, special ones first (PROV-O 3.1, 3.2)."""
        direct = [
            (source, predicate, target)
            for subject, pairs in self.about.items()
            for named, value in pairs
            if value.datatype == IRI
            for source, predicate, target in [_preferred_triple(subject, named, value.text)]
            if predicate in DIRECT
        ]
        for source, predicate, target in sorted(
            direct, key=lambda triple: not DIRECT[triple[1]][1]
        ):
            if (source, predicate, target) in self.covered:
                continue
            term, cls = DIRECT[predicate]
            rest = [""] * (len(term.arguments) - 2)
            if term.name == "mentionOf":
                inside = _argument_values(self.about.get(source, []), AS_IN_BUNDLE, "bundle")
                rest = [inside[0]] if len(inside) == 1 else rest
            attributes = ((TYPE, Value(cls, IRI)),) if cls else ()
            self.relations.append(Relation(term.name, (source, target, *rest), "", attributes))
            self._cover(self.relations[-1], (cls,))

    def read_elements(self) -> None:
        """Read the elements: everything declared as one, or with attributes."""
        positions: dict[str, set[str]] = defaultdict(set)
        for relation in self.relations:
            for argument, iri in zip(
                RELATIONS[relation.kind].arguments, relation.arguments, strict=True
            ):
                if iri and argument.kind in ELEMENTS:
                    positions[iri].add(argument.kind)
        for subject, pairs in self.about.items():
            types = {value.text for predicate, value in pairs if predicate == RDF_TYPE}
            kinds = {KINDS[cls] for cls in types if cls in KINDS}
            if subject in self.nodes and not kinds:
                continue
            attributes = tuple(self._attributes(pairs, subject))
            if not kinds and not attributes:
                continue
            if not kinds:
                kinds = {SUBKINDS[cls] for cls in types if cls in SUBKINDS}
                kinds = kinds or positions[subject]
                if not kinds:
                    self.guessed.append(subject)
            self.elements.append(Element(subject, tuple(sorted(kinds or {"entity"})), attributes))

    def _is_element(self, pairs: list[tuple[str, Value]]) -> bool:
        return any(predicate == RDF_TYPE and value.text in KINDS for predicate, value in pairs)

    def _attributes(
        self, pairs: list[tuple[str, Value]], subject: str
    ) -> Iterator[tuple[str, Value]]:
        resources = {
            (predicate, minted_iri(namespace, value))
            for key, (predicate, namespace) in RESOURCES.items()
            for name, value in pairs
            if name == key
        }
        for predicate, value in pairs:
            if predicate == RDF_TYPE:
                own = value.text in CLASSES or (value.text == BUNDLE and subject == self.bundle)
                if not own:
                    yield TYPE, value
            elif predicate.startswith(ATTRIBUTE):
                yield unquote(predicate.removeprefix(ATTRIBUTE)), value
            elif value.datatype == IRI and (
                predicate in QUALIFIED
                or _preferred_triple(subject, predicate, value.text) in self.covered
                or (predicate, value.text) in resources
            ):
                continue
            else:
                yield KEYS.get(predicate, predicate), value

    def notes(self) -> Iterator[str]:
        if self.guessed:
            yield f"Not PROV elements, kept as entities: {_shown(self.guessed)}."
        blank = [element.iri for element in self.elements if element.iri.startswith(self.blank)]
        if blank:
            yield f"Blank nodes, named by provstore: {_shown(blank)}."
        predicates = {predicate for pairs in self.about.values() for predicate, _ in pairs}
        if dictionary_terms := sorted(predicates & DICTIONARY):
            yield f"Terms of PROV-Dictionary, kept as attributes: {_shown(dictionary_terms)}."


def _argument_values(pairs: list[tuple[str, Value]], predicate: str, kind: str) -> tuple[str, ...]:
    """Return the values of a formal argument, IRIs or times, without duplicates."""
    return tuple(
        dict.fromkeys(
            value.text
            for name, value in pairs
            if name == predicate and (value.datatype == IRI) != (kind == TIME)
        )
    )


def _preferred_triple(subject: str, predicate: str, value: str) -> tuple[str, str, str]:
    """Return the triple with the property that PROV-O prefers, not with its inverse."""
    if predicate in INVERSES:
        return (value, INVERSES[predicate], subject)
    return (subject, predicate, value)


def _shown(iris: list[str]) -> str:
    more = f" and {len(iris) - 3} more" if len(iris) > 3 else ""
    return ", ".join(f"<{iri}>" for iri in iris[:3]) + more
