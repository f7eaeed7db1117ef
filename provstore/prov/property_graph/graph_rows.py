"""A bundle ⇄ the rows of a labelled property graph. Pure; knows no engine and no query language.

In: a `Bundle`. Out: `Rows`: nodes by IRI, relationships between them, and the IRI of each property
key. `rows_to_bundle` returns the bundle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby, repeat
from operator import itemgetter
from typing import NamedTuple

from provstore.prov.model.bundle import IRI, Bundle, Element, Relation, Value
from provstore.prov.model.columns import Column, Elements, Relations, Texts, named_tuples
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.model.iris import Prefixes, has_known_namespace, property_key, split_iri
from provstore.prov.model.relation_ids import RELATION_IRI, content_ids, relation_ids
from provstore.prov.model.tables import chunked_tables
from provstore.prov.model.terms import PROV, RELATIONS, TIME, TYPE
from provstore.prov.property_graph.property_values import (
    TYPE_SUFFIX,
    Properties,
    Scalar,
    decode_property,
    encode_column,
    encode_values,
)

RESOURCE = "Resource"
"""The label of every node; the only uniqueness constraint is on its `uri`."""

INCOMPLETE = "Relation"
"""The label of a node that represents a relation with an unknown end."""

_KIND_LABELS = {"activity": "Activity", "agent": "Agent", "entity": "Entity"}
_LABEL_KINDS = {label: kind for kind, label in _KIND_LABELS.items()}
_RESERVED_LABELS = {*_LABEL_KINDS, RESOURCE, INCOMPLETE}
_REST = {
    name: [
        (
            split_iri(argument.predicate)[1] if argument.kind == "bundle" else argument.name,
            split_iri(argument.predicate)[1] if argument.kind in ("entity", "activity") else "",
        )
        for argument in term.arguments[2:]
    ]
    for name, term in RELATIONS.items()
}
"""Each argument after the two ends: its property, and the relationship that leads to it, if any.

The bundle of a mention is not the bundle that states it, so its property has PROV-O's name.
"""


_Each = dict[str, Sequence[Scalar]]
"""Columns of properties whose values may differ from row to row."""


class Node(NamedTuple):
    """A node: its IRI, its sorted labels, and its properties, including `uri` and `name`."""

    uri: str
    labels: tuple[str, ...]
    properties: Properties


class Relationship(NamedTuple):
    """A relationship of a type in `RELATIONSHIP_TYPES`, between two nodes, given by their IRIs."""

    type: str
    start: str
    end: str
    properties: Properties


@dataclass(frozen=True)
class Rows:
    """The rows that one bundle adds to a graph; `keys` maps each property key to its IRI."""

    bundle: str
    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    keys: Mapping[str, str] = field(default_factory=dict)


@gc_paused()
def bundle_to_rows(bundle: Bundle) -> Rows:
    """Write a bundle as rows; nodes are not repeated, and the bundle has a node of its own."""
    return _Projection(bundle).rows()


class _Projection:
    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.names = Prefixes(bundle.prefixes)
        self.keys: dict[str, str] = {}
        self.key, self.labels = cache(property_key), cache(_labels)
        self.nodes: dict[str, Node] = {}
        self.relationships: list[Relationship] = []
        self.met: set[str] = set()

    def rows(self) -> Rows:
        iri, tables = self.bundle.iri, chunked_tables(self.bundle)
        for some in tables.elements:
            self._elements(some)
        own = self.nodes.get(iri) or self._bare(iri)
        labels = tuple(sorted({*own.labels, "Bundle"}))
        self.nodes[iri] = own._replace(labels=labels)
        for alike, iris in zip(tables.relations, relation_ids(iri, tables), strict=True):
            self._relations(alike, iris)
        for met in sorted(self.met.difference(self.nodes)):
            self.nodes[met] = self._bare(met)
        return Rows(iri, tuple(self.nodes.values()), tuple(self.relationships), self.keys)

    def _bare(self, iri: str) -> Node:
        return Node(iri, (RESOURCE,), {"uri": iri, "name": self.names.short(iri)})

    def _elements(self, table: Elements) -> None:
        kinds, iris, attributes = table
        each: _Each = {"uri": iris, "name": self.names.all_short(iris)}
        properties = self._properties(each, {}, attributes)
        types = [
            column.texts for column in attributes if column.key == TYPE and column.datatype == IRI
        ]
        labels = map(self.labels, repeat(kinds), zip(*types, strict=True) if types else repeat(()))
        self.nodes.update(zip(iris, named_tuples(Node, iris, labels, properties), strict=True))

    def _properties(
        self, each: _Each, same: Properties, attributes: Iterable[Column]
    ) -> list[Properties]:
        """Make the properties of each row, including its attributes; changes `each` and `same`."""
        apart: list[tuple[str, Iterable[Sequence[Value]]]] = []
        for attribute, alike in groupby(attributes, key=itemgetter(0)):
            columns = list(alike)
            name = self.key(attribute)
            self.keys[name] = attribute
            encoded = encode_column(columns[0]) if len(columns) == 1 else None
            if encoded is None:
                values = [column.values() for column in columns]
                apart.append((name, zip(*values, strict=True)))
                continue
            each[name], mark = encoded
            if mark:
                same[name + TYPE_SUFFIX] = mark
        rows = _filled(each, same)
        for name, several in apart:
            for properties, row_values in zip(rows, several, strict=True):
                encode_values(name, row_values, properties)
        return rows

    def _relations(self, table: Relations, uris: Texts) -> None:
        kind, (source, target, *others), identifiers, attributes = table
        whole = bool(source and target)
        if not whole:  # becomes a node: another bundle may use the same `id` differently
            uris = content_ids(self.bundle.iri, table)
        rest = zip(_REST[kind], others, strict=True)
        each: _Each = {"uri": uris, **{name: column for (name, _), column in rest if column}}
        properties = self._properties(each, {"bundle": self.bundle.iri}, attributes)
        for own, uri, identifier in zip(properties, uris, identifiers, strict=False):
            if identifier != uri:
                own["id"] = identifier
        if whole:
            self._relate(kind, source, target, properties)
        else:
            self._stand_alone(kind, source, target, uris, properties)
        for (_, link), column in zip(_REST[kind], others, strict=True):
            if link and column and source:
                self._link(link, source, column, uris, kind if target else "", target)

    def _stand_alone(
        self,
        kind: str,
        source: Texts,
        target: Texts,
        uris: Texts,
        properties: list[Properties],
    ) -> None:
        """Make a node of a relation that lacks an end, like the qualified form of PROV-O."""
        term = RELATIONS[kind]
        for uri, own in zip(uris, properties, strict=True):
            own |= {"name": self.names.short(uri), "relation": term.name}
            self.nodes[uri] = Node(uri, (INCOMPLETE, RESOURCE), own)
        if source:
            self._link(split_iri(term.qualified)[1], source, uris, uris)
        if target:
            self._link(split_iri(term.arguments[1].predicate)[1], uris, target, uris)

    def _link(
        self,
        name: str,
        starts: Texts,
        ends: Texts,
        uris: Texts,
        relation: str = "",
        targets: Texts = (),
    ) -> None:
        each: _Each = {"of": uris}
        same: Properties = {"bundle": self.bundle.iri}
        if relation:  # a query that starts from a run need not visit all other work of its agents
            each["to"], same["relation"] = targets, relation
        self._relate(name, starts, ends, _filled(each, same))

    def _relate(self, name: str, starts: Texts, ends: Texts, properties: list[Properties]) -> None:
        self.met.update(starts, ends)
        self.relationships += named_tuples(Relationship, repeat(name), starts, ends, properties)


def _filled(each: _Each, same: Properties) -> list[Properties]:
    """Make the properties of each row from the columns and from those that all rows share."""
    first_row = {**same, **dict.fromkeys(each, "")}
    rows: list[Properties] = [first_row.copy() for _ in next(iter(each.values()))]
    for name, column in each.items():
        for properties, value in zip(rows, column, strict=True):
            properties[name] = value
    return rows


def _labels(kinds: tuple[str, ...], types: tuple[str, ...]) -> tuple[str, ...]:
    labels = {RESOURCE, *(_KIND_LABELS[kind] for kind in kinds)}
    for iri in types:
        if has_known_namespace(iri):
            label = split_iri(iri)[1] if iri.startswith(PROV) else property_key(iri)
            if label not in _RESERVED_LABELS and label.isidentifier() and label.isascii():
                labels.add(label)
    return tuple(sorted(labels))


def _attributes(properties: Properties, keys: Mapping[str, str]) -> list[tuple[str, Value]]:
    return [
        (keys[name], value)
        for name, stored in properties.items()
        if name in keys
        for value in decode_property(stored, properties.get(name + TYPE_SUFFIX, ""))
    ]


# -------------------------------------------------------------------------------- reading back


def rows_to_bundle(rows: Rows) -> Bundle:
    """Return the bundle that `bundle_to_rows` wrote as these rows."""
    elements, relations = [], []
    starts: dict[str, str] = {}
    ends: dict[str, str] = {}
    for relationship in rows.relationships:
        if relationship.properties.get("of") == relationship.end:
            starts[relationship.end] = relationship.start
        elif relationship.properties.get("of") == relationship.start:
            ends[relationship.start] = relationship.end
    for uri, labels, properties in rows.nodes:
        kinds = tuple(sorted(_LABEL_KINDS[label] for label in labels if label in _LABEL_KINDS))
        if kinds:
            elements.append(Element(uri, kinds, tuple(_attributes(properties, rows.keys))))
        elif INCOMPLETE in labels:
            name = str(properties["relation"])
            known_ends = (starts.get(uri, ""), ends.get(uri, ""))
            relations.append(_relation(name, *known_ends, properties, rows.keys))
    for kind, start, end, properties in rows.relationships:
        if "of" not in properties:
            relations.append(_relation(kind, start, end, properties, rows.keys))
    return Bundle(rows.bundle, tuple(elements), tuple(relations))


def _relation(
    kind: str, start: str, end: str, properties: Properties, keys: Mapping[str, str]
) -> Relation:
    rest = (str(properties.get(name, "")) for name, _ in _REST[kind])
    uri = str(properties["uri"])
    identifier = str(properties.get("id", "" if uri.startswith(RELATION_IRI) else uri))
    return Relation(kind, (start, end, *rest), identifier, tuple(_attributes(properties, keys)))


RELATIONSHIP_TYPES = frozenset(
    {
        *RELATIONS,
        *(split_iri(term.qualified)[1] for term in RELATIONS.values()),
        *(
            split_iri(argument.predicate)[1]
            for term in RELATIONS.values()
            for argument in term.arguments[1:]
            if argument.kind != TIME
        ),
    }
)
"""All possible relationship types: a closed list, safe to write into a query."""
