"""The basic values: `Bundle`, `Element`, `Relation`, `Value`.

In: IRIs and texts, in any order. Out: frozen values in canonical order, so equal content gives
equal values. They know no notation, no engine and no ingest; names are always full IRIs. An empty
string stands for an absent argument, identifier or language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import lt
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from provstore.prov.model.iris import encode_iri
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
    """An entity, activity or agent, with its attributes in one bundle.

    `kinds` has one or more of `activity`, `agent` and `entity`, in that order: an IRI is one
    element of a bundle, even if it has several kinds.
    """

    iri: str
    kinds: tuple[str, ...]
    attributes: Attributes = ()

    def values(self, key: str) -> tuple[Value, ...]:
        """All values of one attribute, in canonical order."""
        return tuple(value for name, value in self.attributes if name == key)


class Relation(NamedTuple):
    """One statement: `kind` is its PROV-N name, `arguments` follow that row of `RELATIONS`.

    Arguments are IRIs; a time is an xsd:dateTime as it was written; an absent argument is "".
    """

    kind: str
    arguments: tuple[str, ...]
    id: str = ""
    attributes: Attributes = ()


T = TypeVar("T")
S = TypeVar("S", Element, Relation)


@dataclass(frozen=True, eq=False)
class Bundle:
    """A named set of statements (PROV-DM 5.4). Bundles with the same statements are equal.

    Several descriptions of one element are merged, repeated statements are kept once, and all
    are sorted. `prefixes` are only for display and do not affect equality; their namespaces
    are made legal IRIs, as names are.
    """

    iri: str
    elements: tuple[Element, ...] = ()
    relations: tuple[Relation, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Sort everything into canonical order."""
        elements: Iterable[Element] = self.elements
        if len({element.iri for element in elements}) < len(self.elements):
            elements = _united_elements(elements)
        object.__setattr__(self, "elements", canonical_order(_with_ordered_attributes(elements)))
        object.__setattr__(
            self, "relations", canonical_order(_with_ordered_attributes(self.relations))
        )
        prefixes = {prefix: encode_iri(namespace) for prefix, namespace in self.prefixes.items()}
        object.__setattr__(self, "prefixes", MappingProxyType(prefixes))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bundle) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    @property
    def is_empty(self) -> bool:
        """Whether it has no statements."""
        return not (self.elements or self.relations)

    def _identity(self) -> tuple[str, tuple[Element, ...], tuple[Relation, ...]]:
        return (self.iri, self.elements, self.relations)


def canonical_order(items: Iterable[T]) -> tuple[T, ...]:
    """Sort the items and remove duplicates; fast if they are already sorted and distinct.

    Attributes are a set (PROV-DM 2.2), and so are the elements and the relations of a bundle.
    """
    ordered = sorted(items)  # type: ignore[type-var]
    return tuple(ordered) if is_ascending(ordered) else tuple(dict.fromkeys(ordered))


def is_ascending(items: Sequence[Any]) -> bool:
    """Whether each item is greater than the one before."""
    return all(map(lt, items, items[1:]))


def _with_ordered_attributes(statements: Iterable[S]) -> list[S]:
    """Sort the attributes of each statement."""
    return [
        statement
        if len(attributes := statement[-1]) < 2 or is_ascending(attributes)
        else statement._replace(attributes=canonical_order(attributes))
        for statement in statements
    ]


def _united_elements(elements: Iterable[Element]) -> list[Element]:
    """Merge all descriptions of an IRI into one element."""
    by_iri: dict[str, Element] = {}
    for element in elements:
        iri, kinds, attributes = element
        if twin := by_iri.get(iri):
            element = Element(
                iri, canonical_order(twin.kinds + kinds), twin.attributes + attributes
            )
        by_iri[iri] = element
    return list(by_iri.values())
