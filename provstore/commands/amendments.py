"""Amends what is known of a person: a new name, address, ORCID or institute; two who are one.

In: an open journal, answers to the form `amendment`. Out: an entry. Names, addresses and ORCIDs are
replaced in all earlier entries, so every answer calls the person by the present name; the former
ones are kept in the amendment. An institute counts from now on: earlier runs were done for another.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from provstore.commands.person_lookup import (
    KnownPerson,
    find_person,
    former_reports,
    iri_of_person,
    known_names,
)
from provstore.commands.personal_acts import PersonalAct, record_act
from provstore.errors import BadForm, Problem, Refused, UnknownName
from provstore.ingest.former_report import Named, Naming, with_names
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.journal_acts import AMENDMENT
from provstore.ingest.personal_values import (
    EMAIL,
    IRI,
    NAME,
    ORCID,
    ORCID_NAMESPACE,
    TEXT,
    Concealer,
    former_hashes,
    person_key,
)
from provstore.ingest.redaction_plan import Replacement
from provstore.ingest.statements import Statements, iri_value
from provstore.projects.forms import Form
from provstore.prov.model.bundle import Value
from provstore.prov.model.terms import INGEST, LABEL, NAMESPACES, PROV, TYPE
from provstore.storage.journal import Journal, sha256_of_text

FORM = "amendment"
"""The form that asks what changes, who says so, and why."""
SAME_AS = NAMESPACES["owl"] + "sameAs"
SAME_AS_PLACE = "sameAs"
"""The place of an IRI that a person had; it stays as it was."""


class _Now(NamedTuple):
    """What a person is called from now on; `name` in PROV-JSON is `iri`."""

    name: str
    email: str
    orcid: str
    iri: str


def amend(
    journal: Journal, form: Form, answers: Mapping[str, Any], iris: IngestIris
) -> tuple[int, int]:
    """Amend a person; return the position of the act, and the number of entries that it changed.

    Raises:
        BadForm: the answers do not fit the form, or change nothing; lists every problem.
        UnknownName: nobody is called that.
        Refused: a name belongs to several people; or the new name and address do.

    """
    form.check(answers, FORM)
    with journal.writing():
        person = _find(journal, str(answers["person"]), iris)
        others = [_find(journal, str(name), iris) for name in answers.get("same_as", ())]
        others = [other for other in others if other.identifier != person.identifier]
        now = _now(person, others, answers)
        replaced = [
            *_replacements(journal, person, others, now),
            *_editions(journal, person, others, now, iris),
        ]
        if not replaced and "organisation" not in answers:
            fault = "These answers change nothing."
            mend = "Enter a new name, address, ORCID or organisation, or who is the same person."
            raise BadForm(FORM, [Problem("/answers", fault, mend)], code="PS-FORM-UNCHANGED")
        _register(journal, person, others, now, iris)

        def state(statements: Statements, _activity: str, concealer: Concealer) -> None:
            _state_person(statements, concealer, person, others, now, iris)
            if organisation := answers.get("organisation"):
                _state_office(statements, concealer, person, now, organisation, iris)

        positions = {at for at, _, _ in replaced}
        entries = (entry for at in sorted(positions) for entry in journal.after(at - 1, at))
        work = {"ingests": sorted({entry.ingest for entry in entries} - {""})}
        act = PersonalAct(AMENDMENT, form, answers, replaced, work, person.identifier)
        return record_act(journal, act, iris, state), len(positions)


def _find(journal: Journal, name: str, iris: IngestIris) -> KnownPerson:
    if person := find_person(journal, name, iris):
        return person
    raise UnknownName("person", name, known_names(journal, iris), code="PS-NAME-PERSON")


def _now(person: KnownPerson, others: list[KnownPerson], answers: Mapping[str, Any]) -> _Now:
    """Return what the person is called from now on.

    Raises:
        Refused: the people who are to be one have different ORCIDs.

    """
    orcids = dict.fromkeys(each.orcid for each in (person, *others) if each.orcid)
    if len(orcids) > 1 and "orcid" not in answers:
        advice = "Name the right one (orcid), or do not make them one person."
        raise Refused(
            f"These people have different ORCIDs: {', '.join(orcids)}.",
            advice,
            code="PS-REFUSED-ORCIDS-DIFFER",
        )
    orcid = str(answers.get("orcid", next(iter(orcids), "")))
    name_in_prov = f"orcid:{orcid.removeprefix(ORCID_NAMESPACE)}" if orcid else person.last(IRI)
    return _Now(
        str(answers.get("name", person.last(NAME))),
        str(answers.get("email", person.last(EMAIL))),
        orcid,
        name_in_prov,
    )


def _replacements(
    journal: Journal, person: KnownPerson, others: list[KnownPerson], now: _Now
) -> Iterator[Replacement]:
    """Yield what changes in earlier entries; all values of the others become the person's."""
    others_identifiers = {other.identifier for other in others}
    texts = {NAME: now.name, EMAIL: now.email, ORCID: now.orcid, IRI: now.iri}
    for position, value in journal.personal.all_values():
        is_of_other = value.person in others_identifiers
        if not is_of_other and value.person != person.identifier:
            continue
        is_kept = value.place == SAME_AS_PLACE or (is_of_other and value.kind == EMAIL)
        text = value.value if is_kept else texts.get(value.kind, value.value)
        if is_of_other or text != value.value:
            yield Replacement(position, value.reference, text)


def _editions(
    journal: Journal,
    person: KnownPerson,
    others: list[KnownPerson],
    now: _Now,
    iris: IngestIris,
) -> Iterator[Replacement]:
    """Yield another edition of each report from before an upgrade that names one of these people.

    With its former hashes stands the hash of the text that it had, so the former chain still fits.
    """
    identifiers = {each.identifier for each in (person, *others)}
    former = {iri_of_person(name, iris) for each in (person, *others) for name in each.all(IRI)}
    present = iri_of_person(now.iri, iris)
    for report in former_reports(journal, iris):
        people = {
            named: Named(
                now.name, now.email if holder.identifier == person.identifier else named.email,
                now.orcid,
            )
            for named, holder in report.people.items()
            if holder and holder.identifier in identifiers
        }  # fmt: skip
        if not people:
            continue
        position, text, hashes = report.position, report.text, report.hashes
        edition = with_names(text.value, Naming(people, former, present, now.name))
        if edition == text.value:
            continue
        yield Replacement(position, text.reference, edition)
        known = former_hashes(hashes.value)
        if known and not known.content:
            known = known._replace(content=sha256_of_text(text.value))
            yield Replacement(position, hashes.reference, " ".join(known))


def _register(
    journal: Journal,
    person: KnownPerson,
    others: list[KnownPerson],
    now: _Now,
    iris: IngestIris,
) -> None:
    """Let all names and addresses, former and present, lead to this person.

    Raises:
        Refused: one of them is somebody else's.

    """
    everybody = [person, *others]
    identifiers = {each.identifier for each in everybody}
    names = {now.name, *(name for each in everybody for name in each.all(NAME))}
    emails = {now.email, *(email for each in everybody for email in each.all(EMAIL))}
    orcids = {now.orcid, *(orcid for each in everybody for orcid in (each.orcid, *each.all(ORCID)))}
    orcids -= {""}
    keys = [*orcids, *(person_key(name, email, "") for name in names for email in emails)]
    for key in keys:
        holder = journal.personal.holder(key)
        if holder and holder.identifier not in identifiers:
            person_iri = iri_of_person(holder.name, iris)
            raise Refused(
                f"{key.replace(chr(10), ', ')} is another person, {person_iri}.",
                "If they are one, name the other one as the same person (same_as).",
                code="PS-REFUSED-PERSON-TAKEN",
            )
    journal.personal.unite(person.identifier, [other.identifier for other in others])
    journal.personal.register(keys, person.identifier, now.iri)


def _state_person(
    statements: Statements,
    concealer: Concealer,
    person: KnownPerson,
    others: list[KnownPerson],
    now: _Now,
    iris: IngestIris,
) -> None:
    """State the person as known from now on, with the former names, addresses and IRIs."""

    def iri(name: str, place: str = "") -> str:
        return iris.person(concealer.person(name, person.identifier, place))

    label = concealer.conceal(now.name, NAME, person.identifier)
    everybody = (person, *others)
    former = [
        (fact, text)
        for fact, kind, present in (
            ("formerName", NAME, now.name),
            ("formerAddress", EMAIL, now.email),
        )
        for text in sorted({text for each in everybody for text in each.all(kind)} - {present})
    ]
    known = {name for each in (person, *others) for name in each.all(IRI)} - {now.iri}
    facts = [(LABEL, Value(label)), (TYPE, iri_value(PROV + "Person"))]
    if now.email:
        address = concealer.conceal(now.email, EMAIL, person.identifier)
        facts.append((INGEST + "address", Value(address)))
    facts += [
        (INGEST + fact, Value(concealer.conceal(text, TEXT, person.identifier)))
        for fact, text in former
    ]
    facts += [(SAME_AS, iri_value(iri(name, SAME_AS_PLACE))) for name in sorted(known)]
    statements.describe(iri(now.iri), "agent", tuple(facts))


def _state_office(
    statements: Statements,
    concealer: Concealer,
    person: KnownPerson,
    now: _Now,
    organisation: Mapping[str, Any],
    iris: IngestIris,
) -> None:
    """State for whom the person works from now on."""
    office = iris.organisation(organisation["name"], organisation.get("ror", ""))
    statements.element(office, "agent", organisation["name"], PROV + "Organization")
    own = iris.person(concealer.person(now.iri, person.identifier))
    statements.relate("actedOnBehalfOf", own, office, "")
