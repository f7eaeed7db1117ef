"""Finds what a redaction has to replace: all that is about a person, or that mentions one.

In: an open journal, and what is to be redacted. Out: a `RedactionPlan`. It changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provstore.commands.person_lookup import find_person
from provstore.errors import UnknownName
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import (
    DOCUMENT,
    IRI,
    ORCID,
    PRINCIPAL,
    PersonalValue,
)
from provstore.ingest.redaction_plan import (
    REDACTED,
    Replacement,
    Subject,
    names_of,
    of_former_chain,
    replacements,
)
from provstore.storage.attachments import Attachments
from provstore.storage.journal import Journal


@dataclass(frozen=True)
class RedactionWish:
    """What is to be redacted: people, single answers, attachments.

    A person is named by an IRI, an ORCID, an address or a name, and an account of the operating
    system as `os:NAME`. An answer is named as `INGEST/STEP/RUN/FIELD`, an attachment by its
    SHA-256.
    """

    people: Sequence[str] = ()
    answers: Sequence[str] = ()
    attachments: Sequence[str] = ()


@dataclass(frozen=True)
class RedactionPlan:
    """What a redaction replaces and deletes.

    `mentions` are attachments that contain a name; they are deleted only if they are named.
    """

    subjects: tuple[Subject, ...]
    replaced: tuple[Replacement, ...]
    attachments: tuple[str, ...]
    mentions: tuple[str, ...]
    ingests: tuple[str, ...]


Values = dict[tuple[int, str], PersonalValue]
"""Personal values by position and reference."""


def plan_redaction(journal: Journal, wish: RedactionWish, iris: IngestIris) -> RedactionPlan:
    """Find all that is to be replaced.

    Raises:
        UnknownName: nobody is called that, or there is no such answer or attachment.
        Refused: a name belongs to several people; lists them.

    """
    values: Values = {(at, value.reference): value for at, value in journal.personal.all_values()}
    before = dict(values)
    subjects: list[Subject] = []
    number = journal.personal.next_number()
    for name in wish.people:
        if name.startswith("os:"):
            _put(values, _of_account(values, name))
            continue
        subject = _find_subject(journal, name, values, iris, number + len(subjects))
        _put(values, [*replacements(_pairs(values), subject, iris)])
        subjects.append(subject)
    for name in wish.answers:
        _put(values, [_of_answer(journal, values, name, iris)])
    positions = {at for (at, _), value in values.items() if value != before[at, value.reference]}
    documents = {at for (at, _), value in values.items() if value.kind == DOCUMENT}
    _put(values, [*of_former_chain(_pairs(values), positions & documents)])
    replaced = tuple(
        Replacement(at, reference, value.value)
        for (at, reference), value in values.items()
        if value != before[at, reference]
    )
    attachments = Attachments(journal.path.parent / "attachments")
    if unknown := [name for name in wish.attachments if not attachments.has(name)]:
        raise UnknownName("attachment", unknown[0][:80], attachments.checksums())
    terms = [term for subject in subjects for term in subject.searched()]
    mentions = [name for name in _mentions(attachments, terms) if name not in wish.attachments]
    entries = (entry for at in sorted(positions) for entry in journal.after(at - 1, at))
    ingests = sorted({entry.ingest for entry in entries} - {""})
    return RedactionPlan(
        tuple(subjects), replaced, tuple(wish.attachments), tuple(mentions), tuple(ingests)
    )


def _pairs(values: Values) -> Iterator[tuple[int, PersonalValue]]:
    return ((position, value) for (position, _), value in values.items())


def _put(values: Values, replaced: Iterable[Replacement]) -> None:
    """Put texts in the places of values; what comes next builds upon them."""
    for position, reference, text in replaced:
        values[position, reference] = values[position, reference]._replace(value=text)


def _find_subject(
    journal: Journal, name: str, values: Values, iris: IngestIris, number: int
) -> Subject:
    """Find who is called that, in reports or, as it is written, in imported documents."""
    if person := find_person(journal, name, iris):
        names = {iris.any(value) for value in person.all(IRI)}
        names |= set(person.all(ORCID))
        known_number = journal.personal.known_number(person.identifier) or number
        terms = names_of(person.values)
        return Subject(person.identifier, known_number, terms, tuple(sorted(names)))
    subject = Subject(
        journal.personal.new_identifier("imported", name),
        number,
        (name.removeprefix("mailto:"),),
        (name,) if ":" in name else (),
    )
    if not any(replacements(_pairs(values), subject, iris)):
        raise UnknownName("person", name, journal.personal.names())
    return subject


def _of_account(values: Values, name: str) -> list[Replacement]:
    found = [
        Replacement(position, reference, REDACTED)
        for (position, reference), value in values.items()
        if value.kind == PRINCIPAL and value.value == name
    ]
    if not found:
        known = {value.value for value in values.values() if value.kind == PRINCIPAL}
        raise UnknownName("account", name, known)
    return found


def _of_answer(journal: Journal, values: Values, name: str, iris: IngestIris) -> Replacement:
    ingest, step, run, field = (*name.split("/", 3), "", "", "")[:4]
    number = int(run) if run.isdecimal() else 0
    entry = journal.entry_of_bundle(iris.bundle(ingest, step, number))
    position = entry.position if entry else 0
    answers = {
        value.place.removeprefix("/answers/"): reference
        for (at, reference), value in values.items()
        if at == position and value.place
    }
    if field not in answers:
        known = [f"{ingest}/{step}/{run}/{place}" for place in answers]
        raise UnknownName("answer that can be redacted", name, known)
    return Replacement(position, answers[field], REDACTED)


def _mentions(attachments: Attachments, terms: Sequence[str]) -> Iterator[str]:
    """Yield the attachments that contain one of the terms as it is."""
    wanted = [term.lower().encode() for term in terms]
    for checksum in attachments.checksums() if wanted else ():
        content = attachments.read(checksum).lower()
        if any(term in content for term in wanted):
            yield checksum
