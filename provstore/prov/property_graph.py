"""A bundle ⇄ the rows of a labelled property graph. Pure; knows no engine and no query language.

In: a `Bundle`. Out: `Rows`: nodes keyed by IRI, relationships between them, and the IRIs that
the property keys stand for. `read` gives the bundle back; `unite` is how two bundles that
describe one thing share its node.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from provstore.prov.bundle import IRI, LANG_STRING, RELATION_IRI, Bundle, Element, Relation, Value
from provstore.prov.names import Names, is_known, key, split
from provstore.prov.terms import PROV, RELATIONS, TIME, TYPE, XSD, Argument, RelationTerm

Scalar = str | int | float | bool
Property = Scalar | list[Scalar]
Properties = dict[str, Property]

RESOURCE = "Resource"
"""The label that every node bears; the one uniqueness constraint is on its `uri`."""

INCOMPLETE = "Relation"
"""The label of a node that stands for a relation one of whose ends is not known."""

_KIND_LABELS = {"activity": "Activity", "agent": "Agent", "entity": "Entity"}
_LABEL_KINDS = {label: kind for kind, label in _KIND_LABELS.items()}
_RESERVED_LABELS = {*_LABEL_KINDS, RESOURCE, INCOMPLETE}
_STRING, _INTEGER = XSD + "string", XSD + "integer"
_BOOLEAN, _DOUBLE = XSD + "boolean", XSD + "double"
_INTEGERS = frozenset(
    XSD + name
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
        "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte", "negativeInteger",
        "nonPositiveInteger",
    )
)  # fmt: skip
_TYPE_OF = {str: _STRING, int: _INTEGER, bool: _BOOLEAN, float: _DOUBLE}
_MARK = "__type"


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

    def _put(
        self, attributes: tuple[tuple[str, Value], ...], properties: Properties
    ) -> tuple[str, ...]:
        """Write attributes as properties; gives back the types among them."""
        types: tuple[str, ...] = ()
        index, count = 0, len(attributes)
        while index < count:
            attribute, value = attributes[index]
            name = self.key_of.get(attribute)
            if name is None:
                name = self.key_of[attribute] = key(attribute)
                self.keys[name] = attribute
            end = index + 1
            while end < count and attributes[end][0] == attribute:
                end += 1
            values = [value] if end == index + 1 else [pair[1] for pair in attributes[index:end]]
            if attribute == TYPE:
                types = tuple(value.text for value in values if value.datatype == IRI)
            if end == index + 1 and value.datatype == _STRING:
                properties[name] = value.text
            else:
                _encode(name, values, properties)
            index = end
        return types

    def _relate(self, relation: Relation, uri: str) -> None:
        term = RELATIONS[relation.kind]
        arguments = relation.arguments
        source, target = arguments[0], arguments[1]
        properties: Properties = {"uri": uri, "bundle": self.bundle.iri}
        if relation.id and relation.id != uri:
            properties["id"] = relation.id
        for argument, value in zip(term.arguments[2:], arguments[2:], strict=True):
            if value:
                properties[_property(argument)] = value
        if relation.attributes:
            self._put(relation.attributes, properties)
        if source and target:
            self._meet(source)
            self._meet(target)
            self.relationships.append(Relationship(term.name, source, target, properties))
        else:
            self._stand_alone(term, relation, uri, properties)
        if source:
            for argument, value in zip(term.arguments[2:], arguments[2:], strict=True):
                if value and argument.kind in ("entity", "activity"):
                    self._meet(value)
                    self._link(split(argument.predicate)[1], source, value, uri)

    def _stand_alone(
        self, term: RelationTerm, relation: Relation, uri: str, properties: Properties
    ) -> None:
        """A relation that lacks an end becomes a node, shaped as PROV-O's qualified form is."""
        source, target = relation.arguments[:2]
        properties |= {"name": self.short(uri), "relation": term.name}
        self.nodes[uri] = Node(uri, (INCOMPLETE, RESOURCE), properties)
        if source:
            self._meet(source)
            self._link(split(term.qualified)[1], source, uri, uri)
        if target:
            self._meet(target)
            self._link(split(term.arguments[1].predicate)[1], uri, target, uri)

    def _link(self, name: str, start: str, end: str, uri: str) -> None:
        properties: Properties = {"of": uri, "bundle": self.bundle.iri}
        self.relationships.append(Relationship(name, start, end, properties))

    def _meet(self, iri: str) -> None:
        if iri not in self.nodes:
            self.nodes[iri] = self._bare(iri)


def _property(argument: Argument) -> str:
    """`plan`, `time`, …; the bundle of a mention is not the bundle that says so."""
    return split(argument.predicate)[1] if argument.kind == "bundle" else argument.name


def _labels(kinds: tuple[str, ...], types: Iterable[str]) -> tuple[str, ...]:
    labels = {RESOURCE, *(_KIND_LABELS[kind] for kind in kinds)}
    for iri in types:
        if is_known(iri):
            label = split(iri)[1] if iri.startswith(PROV) else key(iri)
            if label not in _RESERVED_LABELS and label.isidentifier() and label.isascii():
                labels.add(label)
    return tuple(sorted(labels))


# ------------------------------------------------------------------------- values ⇄ properties


def _encode(name: str, values: list[Value], properties: Properties) -> None:
    """One attribute's values, in canonical order, as a property and, where needed, its types."""
    natives = [_native(value) for value in values]
    if len({type(native) for native, _ in natives}) > 1:
        natives = [(value.text, _mark(value)) for value in values]
    if len(natives) == 1:
        native, mark = natives[0]
        properties[name] = native
        if mark:
            properties[name + _MARK] = mark
    else:
        properties[name] = [native for native, _ in natives]
        if any(mark for _, mark in natives):
            properties[name + _MARK] = [mark for _, mark in natives]


def _native(value: Value) -> tuple[Scalar, str]:
    """A native value only where it gives the lexical form back; and the mark that it needs."""
    text, datatype = value.text, value.datatype
    if datatype == _STRING:
        return text, ""
    if datatype in _INTEGERS and len(text) < 20 and text.lstrip("-").isascii():
        try:
            number = int(text)
        except ValueError:
            return text, datatype
        if str(number) == text and -(2**63) <= number < 2**63:
            return number, "" if datatype == _INTEGER else datatype
    if datatype == _BOOLEAN and text in ("true", "false"):
        return text == "true", ""
    if datatype == _DOUBLE:
        try:
            real = float(text)
        except ValueError:
            return text, datatype
        if repr(real) == text and text not in ("inf", "-inf", "nan"):
            return real, ""
    return text, _mark(value)


def _mark(value: Value) -> str:
    if value.datatype == _STRING:
        return ""
    return f"@{value.language}" if value.datatype == LANG_STRING else value.datatype


def _decode(stored: Property, marks: Property) -> list[Value]:
    natives = stored if isinstance(stored, list) else [stored]
    marked = marks if isinstance(marks, list) else [marks] * len(natives)
    return [_value(native, str(mark)) for native, mark in zip(natives, marked, strict=True)]


def _value(native: Scalar, mark: str) -> Value:
    if isinstance(native, bool):
        text = "true" if native else "false"
    else:
        text = native if isinstance(native, str) else repr(native)
    if mark == IRI or not mark.startswith("@"):
        return Value(text, mark or _TYPE_OF[type(native)])
    return Value(text, LANG_STRING, mark[1:])


def _attributes(properties: Properties, keys: Mapping[str, str]) -> list[tuple[str, Value]]:
    return [
        (keys[name], value)
        for name, stored in properties.items()
        if name in keys
        for value in _decode(stored, properties.get(name + _MARK, ""))
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
        elif not (name.endswith(_MARK) and name.removesuffix(_MARK) in new):
            mark = name + _MARK
            values = set(_decode(stored, new.get(mark, "")))
            if name in held:
                values |= set(_decode(held[name], held.get(mark, "")))
            united.pop(mark, None)
            _encode(name, sorted(values), united)
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
    term = RELATIONS[kind]
    rest = (str(properties.get(_property(argument), "")) for argument in term.arguments[2:])
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
