"""What a redaction puts in the place of personal values.

In: personal values by position, what identifies a person. Out: replacements. Pure; it deletes
nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from provstore.ingest.former_report import Named
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
from provstore.ingest.redacted_document import mapped_text, without_person

REDACTED = "redacted"
_LABEL = re.compile(r"redacted(?: person \d+)?")
_OF_AMENDMENTS = re.compile(r"/answers/(?:person|name|email|orcid|same_as/\d+)")
"""Where an amendment names a person."""


class Replacement(NamedTuple):
    """The text that takes the place of one personal value of one entry."""

    position: int
    reference: str
    text: str


@dataclass(frozen=True)
class Subject:
    """A person to be forgotten: the identifier, a number among the redacted, what names them.

    `terms` are names, addresses and ORCIDs as they stand in texts; `iris` are full IRIs. `others`
    are the identifiers of people who have an address or ORCID of their own: they keep their name,
    even if it is the same. So do `namesakes`, as reports from before an upgrade name them.
    """

    identifier: str
    number: int
    terms: tuple[str, ...]
    iris: tuple[str, ...]
    others: frozenset[str] = frozenset()
    namesakes: frozenset[Named] = frozenset()
    iris_of_namesakes: frozenset[str] = frozenset()

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
        ['ada@example.org', 'Example, Ada', 'Ada Example']
        """
        plain = {term.removeprefix(ORCID_NAMESPACE) for term in (*self.terms, *self.iris)}
        telltale = {term for term in plain if re.search(r"[\s@:/]|\d{4}-\d{4}", term)}
        telltale |= {turned for term in telltale for turned in _turned(term)}
        forms = {unicodedata.normalize(form, term) for term in telltale for form in ("NFC", "NFD")}
        return sorted(forms, key=lambda term: (-len(term), term))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Find the terms in a text, as words."""
        terms = "|".join(r"\s+".join(map(re.escape, term.split())) for term in self.searched())
        return re.compile(rf"(?<!\w)(?:{terms})(?!\w)" if terms else r"(?!)", re.IGNORECASE)


def replacements(
    values: Iterable[tuple[int, PersonalValue]], subject: Subject, iris: IngestIris
) -> Iterator[Replacement]:
    """Yield what to put in the place of all that is about a person, or that mentions one."""
    for position, value in values:
        if value.person and value.person == subject.identifier:
            yield Replacement(position, value.reference, _of_person(value, subject))
            continue
        text = value.value
        if value.kind in (TEXT, NAME):
            text = mapped_text(text, lambda part: without_terms(part, subject))
            if value.kind == NAME and value.person in subject.others and text == subject.label:
                continue  # a namesake
        elif value.kind == DOCUMENT:
            text = without_person(text, subject, iris)
        if text != value.value:
            yield Replacement(position, value.reference, text)


def is_label(name: str) -> bool:
    """Whether a redaction put this in the place of a name.

    >>> is_label("redacted person 3")
    True
    """
    return bool(_LABEL.fullmatch(name))


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
    return subject.pattern.sub(subject.label, text)


def names_of(values: Sequence[PersonalValue]) -> tuple[str, ...]:
    """Return the different names, addresses and ORCIDs in the values of one person, sorted.

    A text without a place is a former name or address. What an earlier redaction put there names
    nobody.
    """
    kinds = (NAME, EMAIL, ORCID)
    return tuple(sorted({
        value.value for value in values
        if (value.kind in kinds or (value.kind == TEXT and _is_name(value.place)))
        and not is_label(value.value)
    }))  # fmt: skip


def _is_name(place: str) -> bool:
    return not place or bool(_OF_AMENDMENTS.fullmatch(place))


def _of_person(value: PersonalValue, subject: Subject) -> str:
    if value.kind == IRI:
        return f"{PERSON}{subject.identifier}"
    return subject.label if value.kind == NAME else REDACTED


def _turned(name: str) -> Iterator[str]:
    """Yield a name with the family name at the other end."""
    if "@" in name or re.search(r"[:/\d]", name):
        return
    family, comma, first = name.partition(", ")
    if not comma:
        first, _, family = name.rpartition(" ")
    yield f"{first} {family}" if comma else f"{family}, {first}"
