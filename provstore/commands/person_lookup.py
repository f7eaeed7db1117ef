"""Finds people in a journal by what others call them.

In: a name, an address, an ORCID or an IRI. Out: the identifier of a person, and the personal values
that are known.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from provstore.errors import Refused
from provstore.ingest.former_report import Named, people_in
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import (
    DOCUMENT,
    EMAIL,
    FORMER,
    IRI,
    NAME,
    ORCID,
    ORCID_NAMESPACE,
    Person,
    PersonalValue,
    person_key,
)
from provstore.ingest.report_from_json import report_from_json
from provstore.storage.journal import Journal

_OF_FORMER_REPORT = "former report"
"""The place of names in reports from before an upgrade, which have no place of their own."""


class KnownPerson(NamedTuple):
    """A person, and all personal values of that person in the order of the journal."""

    identifier: str
    values: Sequence[PersonalValue]

    def last(self, kind: str) -> str:
        """Return the last value of a kind; "" if there is none.

        What the last amendment says, which has no place in answers, comes before what reports say:
        somebody may still use a former name.
        """
        values = [each for each in self.values if each.kind == kind]
        amended = [each for each in values if not each.place]
        return next((each.value for each in reversed(amended or values)), "")

    @property
    def orcid(self) -> str:
        """The ORCID of the person; "" if none is known."""
        name = self.last(IRI)
        known = ORCID_NAMESPACE + name.removeprefix("orcid:") if name.startswith("orcid:") else ""
        return known or self.last(ORCID)

    def all(self, kind: str) -> list[str]:
        """Return the different values of a kind, sorted."""
        return sorted({each.value for each in self.values if each.kind == kind})


def find_person(journal: Journal, name: str, iris: IngestIris) -> KnownPerson | None:
    """Return who is called that in reports; None if nobody is.

    Raises:
        Refused: several people are; lists them.

    """
    orcid = name.removeprefix(ORCID_NAMESPACE).removeprefix("orcid:")
    spellings = {
        name,
        name.removeprefix("mailto:"),
        f"orcid:{orcid}",
        f"centre:{name.removeprefix(iris.base)}",
        name.removeprefix(iris.person("")),
    }
    people = _people_called(journal, spellings, iris)
    if len(people) > 1:
        message = f"{name!r} is the name of several people: {_list(people, iris)}."
        raise Refused(message, "Name one of them by the IRI.", code="PS-REFUSED-PERSON-AMBIGUOUS")
    return next((KnownPerson(*person) for person in people.items()), None)


def iri_of_person(name: str, iris: IngestIris) -> str:
    """Return the full IRI of a person by the name in PROV-JSON.

    >>> iri_of_person("orcid:0000-0002-1825-0097", IngestIris())
    'https://orcid.org/0000-0002-1825-0097'
    """
    prefix, _, local = name.partition(":")
    return ORCID_NAMESPACE + local if prefix == "orcid" else iris.any(name)


def known_names(journal: Journal, iris: IngestIris) -> list[str]:
    """Return the names of all people, for suggestions."""
    reports = former_reports(journal, iris)
    former = {named.name for report in reports for named, holder in report.people.items() if holder}
    return sorted({*journal.personal.names(), *former})


class FormerReport(NamedTuple):
    """A report from before an upgrade: whom it names, who that is now, and its values.

    Who was redacted is nobody.
    """

    position: int
    people: Mapping[Named, Person | None]
    text: PersonalValue
    hashes: PersonalValue


def former_reports(journal: Journal, iris: IngestIris) -> Iterator[FormerReport]:
    """Yield all reports from before an upgrade, in order.

    Raises:
        DamagedStore: one of them is damaged.

    """
    personal, holders = journal.personal, dict[Named, Person | None]()
    rows = groupby([*personal.of_former_reports()], key=itemgetter(0))
    for position, values in rows:
        (entry,) = journal.after(position - 1, position)
        people: dict[Named, Person | None] = dict.fromkeys(
            people_in(report_from_json(entry.content, entry.bundle, iris).answers)
        )
        for named in people:
            if named not in holders:
                holders[named] = personal.holder(person_key(*named))
            people[named] = holders[named]
        of_kind = {value.kind: value for _, value in values}
        yield FormerReport(position, people, of_kind[DOCUMENT], of_kind[FORMER])


def _people_called(
    journal: Journal, spellings: Collection[str], iris: IngestIris
) -> Mapping[str, Sequence[PersonalValue]]:
    """Return who is called that in any report, with all values; those of former reports first."""
    former: dict[str, dict[PersonalValue, None]] = defaultdict(dict)
    for report in former_reports(journal, iris):
        for named, holder in report.people.items():
            if holder is None:
                continue
            texts = {NAME: named.name, EMAIL: named.email, ORCID: named.orcid, IRI: holder.name}
            former[holder.identifier] |= {
                PersonalValue("", b"", text, kind, holder.identifier, _OF_FORMER_REPORT): None
                for kind, text in texts.items() if text
            }  # fmt: skip
    wanted = {text.casefold() for text in spellings}
    known = {
        identifier for identifier, values in former.items()
        if identifier in wanted or wanted & {value.value.casefold() for value in values}
    }  # fmt: skip
    people = journal.personal.people_called({*spellings, *known})
    return {
        identifier: [*former.get(identifier, ()), *people.get(identifier, ())]
        for identifier in sorted({*people, *known})
    }


def _list(people: Mapping[str, Sequence[PersonalValue]], iris: IngestIris) -> str:
    known = [KnownPerson(*person) for person in people.items()]
    return "; ".join(
        f"{iris.person(each.identifier)} ({', '.join(each.all(NAME) + each.all(EMAIL))})"
        for each in known
    )
