"""Finds what a redaction has to replace: all that is about a person, or that mentions one.

In: an open journal, and what is to be redacted. Out: a `RedactionPlan`. It changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provstore.commands.person_lookup import find_person, former_reports, iri_of_person, known_names
from provstore.errors import Refused, UnknownName
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import (
    DOCUMENT,
    EMAIL,
    IRI,
    NAME,
    ORCID,
    ORCID_NAMESPACE,
    PRINCIPAL,
    PersonalValue,
    person_key,
)
from provstore.ingest.redacted_document import Described, described_people
from provstore.ingest.redaction_plan import (
    REDACTED,
    Replacement,
    Subject,
    names_of,
    of_former_chain,
    replacements,
)
from provstore.storage.attachments import Attachments, mentions
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
    `nameless` are the identifiers of people of whom nothing but this name was known, `namesakes`
    of others with the same name, who keep it.
    """

    subjects: tuple[Subject, ...]
    replaced: tuple[Replacement, ...]
    attachments: tuple[str, ...]
    mentions: tuple[str, ...]
    ingests: tuple[str, ...]
    nameless: tuple[str, ...] = ()
    namesakes: tuple[str, ...] = ()


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
        subject = _find_subject(journal, name, before, iris, number + len(subjects))
        if any(subject.identifier == other.identifier for other in subjects):
            continue  # who was named twice
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
        raise UnknownName(
            "attachment", unknown[0][:80], attachments.checksums(), code="PS-NAME-ATTACHMENT"
        )
    terms = [term for subject in subjects for term in subject.searched()]
    mentioning = [name for name in _mentions(attachments, terms) if name not in wish.attachments]
    entries = (entry for at in sorted(positions) for entry in journal.after(at - 1, at))
    ingests = sorted({entry.ingest for entry in entries} - {""})
    identifiers = {subject.identifier for subject in subjects}
    named = [(value.person, value.value, before[key]) for key, value in values.items()
             if value.kind == NAME and value.person not in identifiers]  # fmt: skip
    nameless = {person for person, name, former in named if person and name != former.value}
    names = {name.casefold() for subject in subjects for name in subject.terms}
    namesakes = {person for person, name, _ in named if person and name.casefold() in names}
    return RedactionPlan(
        tuple(subjects), replaced, tuple(wish.attachments), tuple(mentioning), tuple(ingests),
        tuple(sorted(nameless)), tuple(sorted(namesakes)),
    )  # fmt: skip


def _pairs(values: Values) -> Iterator[tuple[int, PersonalValue]]:
    return ((position, value) for (position, _), value in values.items())


def _put(values: Values, replaced: Iterable[Replacement]) -> None:
    """Put texts in the places of values; what comes next builds upon them."""
    for position, reference, text in replaced:
        values[position, reference] = values[position, reference]._replace(value=text)


def _find_subject(
    journal: Journal, name: str, values: Values, iris: IngestIris, number: int
) -> Subject:
    """Find who is called that in reports, or else in imported documents."""
    same = list[Described]()
    person = find_person(journal, name, iris)
    if person:
        identifier = person.identifier
        names = {iri_of_person(value, iris) for value in person.all(IRI)} | {*person.all(ORCID)}
        terms = {*names_of(person.values)}
    else:
        documents = (value.value for value in values.values() if value.kind == DOCUMENT)
        described = [person for text in documents for person in described_people(text, iris)]
        same = _people_called(name, described, iris)
        identifier = _identifier(journal, name, same)
        names, terms = {name} if ":" in name else set(), {name.removeprefix("mailto:")}
    names |= {other.iri for other in same}
    terms |= {text for other in same for text in other.names}
    former = [pair for report in former_reports(journal, iris) for pair in report.people.items()]
    namesakes = {
        named: iri_of_person(holder.name, iris) for named, holder in former
        if holder and holder.identifier != identifier
    }  # fmt: skip
    subject = Subject(
        identifier, number, tuple(sorted(terms)), tuple(sorted(names)),
        _others(values, identifier), frozenset(namesakes), frozenset(namesakes.values()),
    )  # fmt: skip
    if not person and not any(replacements(_pairs(values), subject, iris)):
        raise UnknownName("person", name, known_names(journal, iris), code="PS-NAME-PERSON")
    return subject


def _people_called(name: str, described: Sequence[Described], iris: IngestIris) -> list[Described]:
    """Return who is called that in reports of format 1, or else in documents of others.

    Raises:
        Refused: several people are, in reports of format 1; lists them.

    """
    wanted = name.removeprefix("mailto:").casefold()
    wanted_iris = {wanted, iris.any(name).casefold(), f"{ORCID_NAMESPACE}{wanted}"}
    people = [
        person for person in described
        if person.iri.casefold() in wanted_iris or wanted in {*map(str.casefold, person.names)}
    ]  # fmt: skip
    reporting = {person.iri for person in people if person.key}
    if len(reporting) > 1:
        message = f"{name!r} is the name of several people: {'; '.join(sorted(reporting))}."
        raise Refused(message, "Name one of them by the IRI.", code="PS-REFUSED-PERSON-AMBIGUOUS")
    return people


def _identifier(journal: Journal, name: str, same: Iterable[Described]) -> str:
    """Return the identifier of a person who made reports in format 1; else a new one."""
    holders = (journal.personal.holder(person_key(*person.key)) for person in same if person.key)
    known = next(filter(None, holders), None)
    return known.identifier if known else journal.personal.new_identifier("imported", name)


def _others(values: Values, identifier: str) -> frozenset[str]:
    """Return the identifiers of other people of whom more than a name is known."""
    kinds = (EMAIL, ORCID, IRI)
    known = {value.person for value in values.values() if value.kind in kinds}
    return frozenset(known - {identifier, ""})


def _of_account(values: Values, name: str) -> list[Replacement]:
    replaced = [
        Replacement(position, reference, REDACTED)
        for (position, reference), value in values.items()
        if value.kind == PRINCIPAL and value.value == name
    ]
    if not replaced:
        known = {value.value for value in values.values() if value.kind == PRINCIPAL}
        raise UnknownName("account", name, known, code="PS-NAME-ACCOUNT")
    return replaced


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
        raise UnknownName("answer that can be redacted", name, known, code="PS-NAME-ANSWER")
    return Replacement(position, answers[field], REDACTED)


def _mentions(attachments: Attachments, terms: Sequence[str]) -> Iterator[str]:
    """Yield the attachments that contain one of the terms as it is."""
    for checksum in attachments.checksums() if terms else ():
        if mentions(attachments.read(checksum), terms):
            yield checksum
