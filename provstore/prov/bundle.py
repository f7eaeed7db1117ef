"""The values everything else is about: `Bundle`, `Element`, `Relation`, `Value`.

In: IRIs and texts, in any order. Out: frozen values in one canonical order, so that equality
means sameness. They know no notation, no engine and no ingest; names are always full IRIs.
An empty string stands where an argument, an identifier or a language is absent.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from provstore.prov.terms import XSD

IRI = "@id"
"""The `datatype` of a value that is an IRI (a qualified name in PROV-DM 5.7.1)."""

LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"

RELATION_IRI = "https://w3id.org/provstore/relation/"
"""Namespace of the names given to relations that their document leaves anonymous."""


class Value(NamedTuple):
    """An attribute value: its lexical form as written, its datatype, its language."""

    text: str
    datatype: str = XSD + "string"
    language: str = ""


Attributes = tuple[tuple[str, Value], ...]
"""Pairs of attribute IRI and value; a key may come several times (PROV-DM 2.2)."""


class Element(NamedTuple):
    """A thing and the attributes that one bundle gives it.

    `kinds` are `activity`, `agent` and `entity`, one or more in that order: an IRI is one
    element of a bundle, whatever it is said to be.
    """

    iri: str
    kinds: tuple[str, ...]
    attributes: Attributes = ()

    def values(self, key: str) -> tuple[Value, ...]:
        """All values of one attribute, in canonical order."""
        return tuple(value for name, value in self.attributes if name == key)


class Relation(NamedTuple):
    """One statement: `kind` is its PROV-N name, `arguments` follow that row of `RELATIONS`.

    Arguments are IRIs, a time is an xsd:dateTime in its lexical form, absent ones are "".
    """

    kind: str
    arguments: tuple[str, ...]
    id: str = ""
    attributes: Attributes = ()


@dataclass(frozen=True)
class Bundle:
    """A named set of statements (PROV-DM 5.4). Two bundles that say the same are equal.

    Elements described twice are united, repeated statements kept once, everything sorted.
    `prefixes` only help people's eyes: they take no part in equality.
    """

    iri: str
    elements: tuple[Element, ...] = ()
    relations: tuple[Relation, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Put everything into canonical order."""
        elements: dict[str, Element] = {}
        for element in self.elements:
            twin = elements.get(element.iri)
            if twin is not None:
                kinds = tuple(sorted({*twin.kinds, *element.kinds}))
                element = Element(element.iri, kinds, twin.attributes + element.attributes)
            elements[element.iri] = element
        for iri, element in elements.items():
            if len(element.attributes) > 1:
                elements[iri] = element._replace(attributes=canonical(element.attributes))
        relations = {
            relation
            if len(relation.attributes) < 2
            else relation._replace(attributes=canonical(relation.attributes))
            for relation in self.relations
        }
        object.__setattr__(self, "elements", tuple(sorted(elements.values())))
        object.__setattr__(self, "relations", tuple(sorted(relations)))
        object.__setattr__(self, "prefixes", MappingProxyType(dict(self.prefixes)))

    def relation_iris(self) -> tuple[str, ...]:
        """One IRI per relation, each used once in this bundle, the same on every run.

        A relation that has an identifier of its own keeps it; an anonymous one, or one that
        shares its identifier with another statement or an element, is named by its content.
        """
        taken: dict[str, int] = {}
        for relation in self.relations:
            taken[relation.id] = taken.get(relation.id, 0) + 1
        for element in self.elements:
            if element.iri in taken:
                taken[element.iri] += 1
        return tuple(
            relation.id if relation.id and taken[relation.id] == 1 else self._content_iri(relation)
            for relation in self.relations
        )

    def _content_iri(self, relation: Relation) -> str:
        text = f"{self.iri}\n{relation.kind}\n{relation.arguments}\n{relation.id}"
        if relation.attributes:
            text += f"\n{[(key, *value) for key, value in relation.attributes]}"
        return RELATION_IRI + hashlib.sha256(text.encode()).hexdigest()[:32]


def canonical(pairs: Iterable[tuple[str, Value]]) -> Attributes:
    """Attributes as the sorted set that PROV-DM says they are."""
    return tuple(sorted(set(pairs)))
