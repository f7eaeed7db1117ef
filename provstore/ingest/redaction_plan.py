"""What a redaction puts in the place of personal values.

In: personal values by position, what identifies a person. Out: replacements. Pure; it deletes
nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import (
    CHAIN,
    DOCUMENT,
    EMAIL,
    FORMER,
    IRI,
    NAME,
    ORCID,
    ORCID_NAMESPACE,
    PERSON,
    TEXT,
    PersonalValue,
)
from provstore.prov.model.bundle import IRI as IRI_TYPE
from provstore.prov.model.bundle import Attributes, Bundle, Element, Relation
from provstore.prov.notations import provjson

REDACTED = "redacted"
_NO_LIMIT = 1 << 40  # a text of the journal is read without a limit of length


class Replacement(NamedTuple):
    """The text that takes the place of one personal value of one entry."""

    position: int
    reference: str
    text: str


@dataclass(frozen=True)
class Subject:
    """A person to be forgotten: the identifier, a number among the redacted, what names them.

    `terms` are names, addresses and ORCIDs as they stand in texts; `iris` are full IRIs.
    """

    identifier: str
    number: int
    terms: tuple[str, ...]
    iris: tuple[str, ...]

    @property
    def label(self) -> str:
        """What stands where the name was.

        >>> Subject("3f", 3, ("Ada Example",), ()).label
        'redacted person 3'
        """
        return f"redacted person {self.number}"

    def searched(self) -> list[str]:
        """Return the terms to look for in texts; a single word is too common to be a name.

        >>> Subject("3f", 3, ("Ada", "Ada Example", "ada@example.org"), ()).searched()
        ['ada@example.org', 'Ada Example']
        """
        plain = {term.removeprefix(ORCID_NAMESPACE) for term in (*self.terms, *self.iris)}
        telling = {term for term in plain if re.search(r"[\s@:/]|\d{4}-\d{4}", term)}
        return sorted(telling, key=lambda term: (-len(term), term))


def replacements(
    values: Iterable[tuple[int, PersonalValue]], subject: Subject, iris: IngestIris
) -> Iterator[Replacement]:
    """Yield what to put in the place of all that is about a person, or that mentions one."""
    for position, value in values:
        if value.person and value.person == subject.identifier:
            yield Replacement(position, value.reference, _of_person(value, subject))
        elif value.kind in (TEXT, NAME):
            text = without_terms(value.value, subject)
            if text != value.value:
                yield Replacement(position, value.reference, text)
        elif value.kind == DOCUMENT:
            text = _without_person(value.value, subject, iris)
            if text != value.value:
                yield Replacement(position, value.reference, text)


def of_former_chain(
    values: Iterable[tuple[int, PersonalValue]], positions: Iterable[int]
) -> Iterator[Replacement]:
    """Yield the hashes of format 1 from the first of these positions on.

    Guesses could be tried against them; each of them depends on all entries before it.
    """
    first = min(positions, default=None)
    for position, value in values:
        if first is not None and value.kind in (FORMER, CHAIN) and position >= first:
            yield Replacement(position, value.reference, "")


def without_terms(text: str, subject: Subject) -> str:
    """Return a text in which whatever names the person is replaced.

    >>> without_terms("Ask ADA EXAMPLE.", Subject("3f", 3, ("Ada Example",), ()))
    'Ask redacted person 3.'
    """
    for term in subject.searched():
        text = re.sub(rf"(?<!\w){re.escape(term)}(?!\w)", subject.label, text, flags=re.IGNORECASE)
    return text


def _of_person(value: PersonalValue, subject: Subject) -> str:
    if value.kind == IRI:
        return f"{PERSON}{subject.identifier}"
    return subject.label if value.kind == NAME else REDACTED


def _without_person(text: str, subject: Subject, iris: IngestIris) -> str:
    """Return the PROV-JSON of a bundle without a person; unchanged if it does not mention one."""
    (bundle,) = provjson.load(text.encode(), limit=_NO_LIMIT).bundles
    names = {iri.lower() for iri in subject.iris}
    names |= {f"mailto:{term}".lower() for term in subject.terms if "@" in term}
    names |= {element.iri.lower() for element in bundle.elements if _is_named(element, subject)}
    known = iris.person(subject.identifier)
    without = _renamed(bundle, names, known, subject) if names else bundle
    return without_terms(text if without is bundle else provjson.dump(without), subject)


def _is_named(element: Element, subject: Subject) -> bool:
    """Whether an agent is described with a name or an address of the person."""
    terms = {term.lower() for term in subject.terms}
    return "agent" in element.kinds and any(
        value.text.lower().removeprefix("mailto:") in terms for _, value in element.attributes
    )


def _renamed(bundle: Bundle, names: set[str], known: str, subject: Subject) -> Bundle:
    """Return a bundle in which the person has the IRI `known`; itself if it has none of `names`."""

    def new(iri: str) -> str:
        return known if iri.lower() in names else iri

    def attributes(given: Attributes) -> Attributes:
        return tuple(
            (key, value._replace(text=new(value.text)) if value.datatype == IRI_TYPE else value)
            for key, value in given
        )

    elements = tuple(
        element._replace(iri=new(element.iri), attributes=attributes(element.attributes))
        for element in bundle.elements
    )
    relations = tuple(
        Relation(kind, tuple(map(new, arguments)), new(identifier), attributes(given))
        for kind, arguments, identifier, given in bundle.relations
    )
    if (elements, relations) == (bundle.elements, bundle.relations):
        return bundle
    prefixes = {
        prefix: namespace
        for prefix, namespace in bundle.prefixes.items()
        if without_terms(namespace, subject) == namespace
    }
    return Bundle(bundle.iri, elements, relations, prefixes)


def names_of(values: Sequence[PersonalValue]) -> tuple[str, ...]:
    """Return the different names, addresses and ORCIDs in the values of one person, sorted.

    A text without a place is a former name.
    """
    kinds = (NAME, EMAIL, ORCID)
    return tuple(sorted({
        value.value for value in values
        if value.kind in kinds or (value.kind == TEXT and not value.place)
    }))  # fmt: skip
