"""The values everything else is about: `Bundle`, `Element`, `Relation`, `Value`.

In: IRIs and texts, in any order. Out: frozen values in one canonical order, so that equality
means sameness. They know no notation, no engine and no ingest; names are always full IRIs.
An empty string stands where an argument, an identifier or a language is absent.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter, lt
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from provstore.prov.terms import XSD

IRI = "@id"
"""The `datatype` of a value that is an IRI (a qualified name in PROV-DM 5.7.1)."""

STRING = XSD + "string"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"

RELATION_IRI = "https://w3id.org/provstore/relation/"
"""Namespace of the names given to relations that their document leaves anonymous."""


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
        elements: Iterable[Element] = self.elements
        if len({element.iri for element in elements}) < len(self.elements):
            elements = _united(elements)
        object.__setattr__(self, "elements", canonical(_settled(elements)))
        object.__setattr__(self, "relations", canonical(_settled(self.relations)))
        object.__setattr__(self, "prefixes", MappingProxyType(dict(self.prefixes)))

    def relation_iris(self) -> tuple[str, ...]:
        """One IRI per relation, each used once in this bundle, the same on every run.

        A relation that has an identifier of its own keeps it. An anonymous one is named by its
        content, and so is one whose identifier names another thing, too, or looks like such a name.
        """
        return self._relation_iris

    @cached_property
    def _relation_iris(self) -> tuple[str, ...]:
        own = Counter(filter(None, map(itemgetter(2), self.relations)))
        if not own:
            return tuple(content_iris(self.iri, self.relations))
        own.update(iri for iri in (self.iri, *map(itemgetter(0), self.elements)) if iri in own)
        relations = self.relations
        kept = [one.id if own[one.id] == 1 and _is_its_own(one) else "" for one in relations]
        rest = [one for one, name in zip(relations, kept, strict=True) if not name]
        made = iter(content_iris(self.iri, rest))
        return tuple([name or next(made) for name in kept])


def _is_its_own(relation: Relation) -> bool:
    return relation.id not in relation.arguments and not relation.id.startswith(RELATION_IRI)


def content_iris(bundle: str, relations: Iterable[Relation]) -> list[str]:
    """Names made of all that is said, and in which bundle."""
    named: list[str] = []
    for kind, alike in groupby(relations, itemgetter(0)):
        begun = blake2b(f"{bundle}\n{kind}\n".encode(), digest_size=16)
        for _, arguments, identifier, attributes in alike:
            said = "\n".join((*arguments, identifier))  # a line each: no two can run together
            if attributes:
                for key, (text, datatype, language) in attributes:
                    said = f"{said}\n{key}\n{datatype}\n{language}\n{text!r}"
            digest = begun.copy()
            digest.update(said.encode())
            named.append(RELATION_IRI + digest.hexdigest())
    return named


def canonical(things: Iterable[T]) -> tuple[T, ...]:
    """Things that can be compared, as a sorted set; quick where they are that already.

    Attributes are one (PROV-DM 2.2), and so are the elements and the relations of a bundle.
    """
    found = sorted(things)  # type: ignore[type-var]
    return tuple(found) if _ascend(found) else tuple(dict.fromkeys(found))


def _ascend(things: Sequence[Any]) -> bool:
    return all(map(lt, things, things[1:]))


def _settled(statements: Iterable[S]) -> list[S]:
    """The statements with their attributes in canonical order."""
    return [
        one
        if len(attributes := one[-1]) < 2 or _ascend(attributes)
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
