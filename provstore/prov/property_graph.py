"""A bundle ⇄ the rows of a labelled property graph. Pure; knows no engine and no query language.

In: a `Bundle`. Out: `Rows`: nodes keyed by IRI, relationships between them, and the IRIs that
the property keys stand for. `read` gives the bundle back; `unite` is how two bundles that
describe one thing share its node.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from provstore.prov.bundle import (
    IRI,
    RELATION_IRI,
    Attributes,
    Bundle,
    Element,
    Relation,
    Value,
    content_iri,
)
from provstore.prov.garbage import no_garbage_hunt
from provstore.prov.names import Names, is_known, key, split
from provstore.prov.property_values import MARK, Properties, Property, decode, encode, encode_one
from provstore.prov.terms import PROV, RELATIONS, TIME, TYPE

RESOURCE = "Resource"
"""The label that every node bears; the one uniqueness constraint is on its `uri`."""

INCOMPLETE = "Relation"
"""The label of a node that stands for a relation one of whose ends is not known."""

_KIND_LABELS = {"activity": "Activity", "agent": "Agent", "entity": "Entity"}
_LABEL_KINDS = {label: kind for kind, label in _KIND_LABELS.items()}
_RESERVED_LABELS = {*_LABEL_KINDS, RESOURCE, INCOMPLETE}
_REST = {
    name: [
        (
            split(argument.predicate)[1] if argument.kind == "bundle" else argument.name,
            split(argument.predicate)[1] if argument.kind in ("entity", "activity") else "",
        )
        for argument in term.arguments[2:]
    ]
    for name, term in RELATIONS.items()
}
"""Of each argument after the ends: its property, and the relationship that leads to it if any.

The bundle of a mention is not the bundle that says so, hence PROV-O's name for that property.
"""


class Node(NamedTuple):
    """One node: its IRI, its labels in order, its properties (`uri` and `name` among them)."""

    uri: str
    labels: tuple[str, ...]
    properties: Properties


class Relationship(NamedTuple):
    """One relationship of a type from a closed list, between two nodes named by their IRIs."""

    type: str
    start: str
    end: str
    properties: Properties


@dataclass(frozen=True)
class Rows:
    """What one bundle adds to a graph. `keys` tells which IRI each property key stands for."""

    bundle: str
    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    keys: Mapping[str, str] = field(default_factory=dict)


@no_garbage_hunt()
def project(bundle: Bundle) -> Rows:
    """The rows of a bundle; each node comes once, and the bundle has a node of its own."""
    return _Projection(bundle).rows()


class _Projection:
    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.short = Names(bundle.prefixes).short
        self.keys: dict[str, str] = {}
        self.key_of: dict[str, str] = {}
        self.labels_of: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.nodes: dict[str, Node] = {}
        self.relationships: list[Relationship] = []

    def rows(self) -> Rows:
        iri = self.bundle.iri
        for element in self.bundle.elements:
            self.nodes[element.iri] = self._node(element)
        own = self.nodes.get(iri) or self._bare(iri)
        labels = tuple(sorted({*own.labels, "Bundle"}))
        self.nodes[iri] = own._replace(labels=labels)
        for relation, uri in zip(self.bundle.relations, self.bundle.relation_iris(), strict=True):
            self._relate(relation, uri)
        return Rows(iri, tuple(self.nodes.values()), tuple(self.relationships), self.keys)

    def _node(self, element: Element) -> Node:
        properties: Properties = {"uri": element.iri, "name": self.short(element.iri)}
        types = self._put(element.attributes, properties)
        labels = self.labels_of.get((*element.kinds, *types))
        if labels is None:
            labels = _labels(element.kinds, types)
            self.labels_of[(*element.kinds, *types)] = labels
        return Node(element.iri, labels, properties)

    def _bare(self, iri: str) -> Node:
        return Node(iri, (RESOURCE,), {"uri": iri, "name": self.short(iri)})

    def _put(self, attributes: Attributes, properties: Properties) -> tuple[str, ...]:
        """Write attributes as properties; gives back the types among them."""
        types = tuple(
            value.text for name, value in attributes if name == TYPE and value.datatype == IRI
        )
        if len(dict(attributes)) == len(attributes):
            for attribute, value in attributes:
                name = self.key_of.get(attribute) or self._key(attribute)
                encode_one(name, value, properties)
        else:
            for attribute, pairs in groupby(attributes, key=itemgetter(0)):
                encode(self._key(attribute), [value for _, value in pairs], properties)
        return types

    def _key(self, attribute: str) -> str:
        name = self.key_of.get(attribute)
        if name is None:
            name = self.key_of[attribute] = key(attribute)
            self.keys[name] = attribute
        return name

    def _relate(self, relation: Relation, uri: str) -> None:
        kind, arguments, identifier, attributes = relation
        source, target = arguments[:2]
        if not (source and target):  # a node: another bundle may say something else of its `id`
            uri = content_iri(self.bundle.iri, relation)
        properties: Properties = {"uri": uri, "bundle": self.bundle.iri}
        if identifier and identifier != uri:
            properties["id"] = identifier
        if attributes:
            self._put(attributes, properties)
        if source and target:
            self._meet(source)
            self._meet(target)
            self.relationships.append(Relationship(kind, source, target, properties))
        else:
            self._stand_alone(relation, uri, properties)
        for (name, link), value in zip(_REST[kind], arguments[2:], strict=True):
            if value:
                properties[name] = value
                if link and source:
                    self._meet(value)
                    self._link(link, source, value, uri, kind, target)

    def _stand_alone(self, relation: Relation, uri: str, properties: Properties) -> None:
        """A relation that lacks an end becomes a node, shaped as PROV-O's qualified form is."""
        term = RELATIONS[relation.kind]
        source, target = relation.arguments[:2]
        properties |= {"name": self.short(uri), "relation": term.name}
        self.nodes[uri] = Node(uri, (INCOMPLETE, RESOURCE), properties)
        if source:
            self._meet(source)
            self._link(split(term.qualified)[1], source, uri, uri)
        if target:
            self._meet(target)
            self._link(split(term.arguments[1].predicate)[1], uri, target, uri)

    def _link(
        self, name: str, start: str, end: str, uri: str, relation: str = "", target: str = ""
    ) -> None:
        properties: Properties = {"of": uri, "bundle": self.bundle.iri}
        if target:  # so that nobody who comes from a run has to look at all that its people did
            properties |= {"relation": relation, "to": target}
        self.relationships.append(Relationship(name, start, end, properties))

    def _meet(self, iri: str) -> None:
        if iri not in self.nodes:
            self.nodes[iri] = self._bare(iri)


def _labels(kinds: tuple[str, ...], types: Iterable[str]) -> tuple[str, ...]:
    labels = {RESOURCE, *(_KIND_LABELS[kind] for kind in kinds)}
    for iri in types:
        if is_known(iri):
            label = split(iri)[1] if iri.startswith(PROV) else key(iri)
            if label not in _RESERVED_LABELS and label.isidentifier() and label.isascii():
                labels.add(label)
    return tuple(sorted(labels))


def _attributes(properties: Properties, keys: Mapping[str, str]) -> list[tuple[str, Value]]:
    return [
        (keys[name], value)
        for name, stored in properties.items()
        if name in keys
        for value in decode(stored, properties.get(name + MARK, ""))
    ]


def unite(held: Mapping[str, Property], new: Mapping[str, Property]) -> Properties:
    """The properties of a node that two bundles describe: every value once, in one order.

    The shorter of two names wins, else the first in order, so that no order of loading shows.
    """
    united: Properties = dict(held)
    for name, stored in new.items():
        if name == "name":
            united[name] = min(str(held.get(name, stored)), str(stored), key=lambda n: (len(n), n))
        elif "__" not in name:
            united[name] = stored
        elif not (name.endswith(MARK) and name.removesuffix(MARK) in new):
            mark = name + MARK
            values = set(decode(stored, new.get(mark, "")))
            if name in held:
                values |= set(decode(held[name], held.get(mark, "")))
            united.pop(mark, None)
            encode(name, sorted(values), united)
    return united


# -------------------------------------------------------------------------------- reading back


def read(rows: Rows) -> Bundle:
    """The bundle that `project` made these rows of."""
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
            found = (starts.get(uri, ""), ends.get(uri, ""))
            relations.append(_relation(name, *found, properties, rows.keys))
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


TYPES = frozenset(
    {
        *RELATIONS,
        *(split(term.qualified)[1] for term in RELATIONS.values()),
        *(
            split(argument.predicate)[1]
            for term in RELATIONS.values()
            for argument in term.arguments[1:]
            if argument.kind != TIME
        ),
    }
)
"""Every relationship type that there can be: a closed list, safe to write into a query."""
