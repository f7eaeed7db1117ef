"""The values everything else is about: `Bundle`, `Element`, `Relation`, `Value`.

In: IRIs and texts, in any order. Out: frozen values in one canonical order, so that equality
means sameness. They know no notation, no engine and no ingest; names are always full IRIs.
An empty string stands where an argument, an identifier or a language is absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import lt
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from provstore.prov.model.terms import XSD

IRI = "@id"
"""The `datatype` of a value that is an IRI (a qualified name in PROV-DM 5.7.1)."""

STRING = XSD + "string"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


class Value(NamedTuple):
    """An attribute value: its lexical form as written, its datatype, its language."""

    text: str
    datatype: str = STRING
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


T = TypeVar("T")
S = TypeVar("S", Element, Relation)


@dataclass(frozen=True, eq=False)
class Bundle:
    """A named set of statements (PROV-DM 5.4). Two bundles that say the same are equal.

    Elements described twice are united, repeated statements kept once, everything sorted.
    `prefixes` only help people's eyes: they take no part in equality.
    """

    iri: str
    elements: tuple[Element, ...] = ()
    relations: tuple[Relation, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Put everything into canonical order."""
        elements: Iterable[Element] = self.elements
        if len({element.iri for element in elements}) < len(self.elements):
            elements = _united(elements)
        object.__setattr__(self, "elements", canonical(_settled(elements)))
        object.__setattr__(self, "relations", canonical(_settled(self.relations)))
        object.__setattr__(self, "prefixes", MappingProxyType(dict(self.prefixes)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bundle) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.elements or self.relations)

    def _told(self) -> tuple[str, tuple[Element, ...], tuple[Relation, ...]]:
        return (self.iri, self.elements, self.relations)


def canonical(things: Iterable[T]) -> tuple[T, ...]:
    """Things that can be compared, as a sorted set; quick where they are that already.

    Attributes are one (PROV-DM 2.2), and so are the elements and the relations of a bundle.
    """
    found = sorted(things)  # type: ignore[type-var]
    return tuple(found) if ascend(found) else tuple(dict.fromkeys(found))


def ascend(things: Sequence[Any]) -> bool:
    """Whether each comes after the one before."""
    return all(map(lt, things, things[1:]))


def _settled(statements: Iterable[S]) -> list[S]:
    """The statements with their attributes in canonical order."""
    return [
        one
        if len(attributes := one[-1]) < 2 or ascend(attributes)
        else one._replace(attributes=canonical(attributes))
        for one in statements
    ]


def _united(elements: Iterable[Element]) -> list[Element]:
    """One element for all that is said of one IRI."""
    found: dict[str, Element] = {}
    for element in elements:
        iri, kinds, attributes = element
        if twin := found.get(iri):
            element = Element(iri, canonical(twin.kinds + kinds), twin.attributes + attributes)
        found[iri] = element
    return list(found.values())
