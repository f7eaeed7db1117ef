"""Checks the tables beside the chain that say whose each personal value is, and where it stands.

In: an open journal whose entries are sound. Out: problems. No hash of the chain covers these
tables, so what they say is derived again from the entries. It changes nothing.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from provstore.audit.acts_check import faults_of_acts, is_redaction, is_replacing_act
from provstore.audit.settled_people import SettledPeople
from provstore.commands.amendments import SAME_AS, SAME_AS_PLACE
from provstore.commands.person_lookup import former_reports
from provstore.errors import Problem
from provstore.ingest.ingest_iris import IngestIris, former_person
from provstore.ingest.personal_values import (
    EMAIL,
    IRI,
    NAME,
    ORCID,
    ORCID_NAMESPACE,
    PERSON,
    PRINCIPAL,
    TEXT,
    PersonalValue,
    marks_of,
    person_key,
)
from provstore.ingest.redaction_plan import is_label
from provstore.prov.notations.json_strict import pointer
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import Entry
from provstore.storage.personal_data import PersonalData

_BATCH = 500
_ANSWERS = '"ingest:answers":'
_DECODER = json.JSONDecoder()
_TABLE = "The table of people"


def people_problems(journal: Journal, settled: SettledPeople | None = None) -> Iterator[Problem]:
    """Yield each value that is said to be of another person or at another place than it is.

    Also each row of the tables of people, of redacted people and of acts that fits no entry.
    If `settled` was shown every entry, those that it settled are not read again, unless the table
    of people contradicts them.
    """
    if journal.format == 1:
        return
    check = PeopleCheck(journal.personal)
    places = settled.unsettled if settled else None
    if settled and not check.accepts(settled):
        check, places = PeopleCheck(journal.personal), None
    yield from check.problems_of_entries(journal, places)
    faults = [*check.faults_of_people(journal), *faults_of_acts(journal.personal, check.entries)]
    yield from (Problem("/journal", fault) for fault in faults)


def _entries(
    journal: Journal, positions: Sequence[int] | None
) -> Iterator[tuple[Entry, Sequence[PersonalValue]]]:
    """Yield sound entries as stored, with their personal values: those at `positions`, or all."""
    count = journal.head().position if positions is None else len(positions)
    for start in range(0, count, _BATCH):
        if positions is None:
            rows = journal.rows(start, min(start + _BATCH, count))
            entries = [row for row in rows if isinstance(row, Entry)]
        else:
            entries = journal.stored(positions[start : start + _BATCH])
        values = journal.values_of(entries)
        yield from ((entry, values.get(entry.position, ())) for entry in entries)


@dataclass
class PeopleCheck:
    """Compares values with their entries, and remembers what the table of people must have.

    `entries` are the acts that replaced values; `people` has the identifiers of everybody whom
    answers name, by their keys. `unknown` are keys that the table lacks, of people in reports from
    before an upgrade.
    """

    personal: PersonalData
    rows: Mapping[str, tuple[str, str]] = field(init=False)
    redacted: Mapping[str, int] = field(init=False)
    texts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    acts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    redactions: set[int] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    holders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Key → everybody whom values of such a person are about."""

    missing: dict[str, str] = field(default_factory=dict)
    """Key that the table lacks → where such a person is named."""

    doubted: list[int] = field(default_factory=list)
    """The positions of entries that contradict the table of people."""

    former: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    _keys: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = {key: (identifier, name) for key, identifier, name in self.personal.people()}
        self.redacted = {identifier: number for number, identifier in self.personal.redacted()}

    def key(self, name: str, email: str = "", orcid: str = "") -> str:
        """Return the keyed hash of what tells people apart."""
        whole = (name, email, orcid)
        if whole not in self._keys:
            self._keys[whole] = self.personal.keyed_hash(person_key(*whole))
        return self._keys[whole]

    def accepts(self, settled: SettledPeople) -> bool:
        """Remember what was settled; return whether the table of people agrees with all of it."""
        self.names.update(settled.names())
        groups = [*settled.groups()]
        for whom, texts, others in groups:
            self.seen.add(self.key(*texts))
            self.people[self.key(*texts)] = whom
            self.texts[whom].update(text for text in (*texts, *others) if text)
        for whom, text in (lone := [*settled.lone_names()]):
            self.texts[whom].add(text)
        self.texts.pop("", None)
        return all(
            self.rows.get(self.key(*texts), ("", ""))[0] == whom for whom, texts, _ in groups
        ) and all(self.rows.get(self.key(text), (whom, ""))[0] == whom for whom, text in lone)

    def problems_of_entries(
        self, journal: Journal, positions: Sequence[int] | None = None
    ) -> Iterator[Problem]:
        """Yield what is wrong with the values of the entries at these positions, or of all."""
        for entry, values in _entries(journal, positions):
            if is_replacing_act(entry):
                self.entries.append(entry)
                if is_redaction(entry):
                    self.redactions.add(entry.position)
            for fault in self._faults(entry, values):
                yield Problem(f"/journal/{entry.position}", fault)
        for entry, values in _entries(journal, self.doubted):
            for reference in self._of_others(entry, values):
                fault = f"Its personal value {reference[:16]}… is about somebody else."
                yield Problem(f"/journal/{entry.position}", fault)

    def _faults(self, entry: Entry, values: Sequence[PersonalValue]) -> Iterator[str]:
        is_doubted = False
        for value, place, people in self._expected(entry, values, self._person_of):
            if value.place != place:
                yield f"Its personal value {value.reference[:16]}… is at {place or 'no place'}."
            is_doubted |= value.person not in people
            self._remember(value)
        if is_doubted:
            self.doubted.append(entry.position)
        for members in self._groups(entry, values).values():
            self._remember_group(entry, members)

    def _of_others(self, entry: Entry, values: Sequence[PersonalValue]) -> Iterator[str]:
        """Yield the references of values that are about other people than they should be.

        If no entry agrees with a row of the table, it is the row that changed.
        """

        def person_of(members: Sequence[PersonalValue]) -> str:
            if not any(value.kind == NAME for value in members):
                return ""
            is_sound = self._person_of(members) in self.holders[self._key_of(members)]
            return self._person_of(members) if is_sound else _most([v.person for v in members])

        for value, _, people in self._expected(entry, values, person_of):
            if value.person not in people:
                yield value.reference

    def mended(self, entry: Entry, values: Sequence[PersonalValue]) -> list[PersonalValue]:
        """Return the values of an entry, each at its place, and about whom most of them are."""
        of_agent = [value.person for value in values if value.kind == IRI]

        def person_of(members: Sequence[PersonalValue]) -> str:
            votes = [value.person for value in members]
            if any(value.kind == NAME for value in members):
                row = self.rows.get(self._key_of(members))
                votes += [row[0]] if row else []
                votes += of_agent if members[0].place.startswith("/answers/agent/") else []
            return _most(votes)

        return [
            value._replace(
                place=place,
                person=value.person if value.person in people or not people else min(people),
            )
            for value, place, people in self._expected(entry, values, person_of)
        ]

    def _groups(
        self, entry: Entry, values: Sequence[PersonalValue]
    ) -> dict[str, list[PersonalValue]]:
        """Return the values by the group of answers in which they stand."""
        known = {value.reference: value for value in values}
        groups: dict[str, list[PersonalValue]] = defaultdict(list)
        for reference, (_, group) in _places(entry.content):
            if reference in known:
                groups[group].append(known[reference])
        if not entry.ingest:
            groups.pop("/answers", None)
        return groups

    def _expected(
        self,
        entry: Entry,
        values: Sequence[PersonalValue],
        person_of: Callable[[Sequence[PersonalValue]], str],
    ) -> Iterator[tuple[PersonalValue, str, set[str]]]:
        """Yield each value with the place where it is, and whom it may be about.

        `person_of` tells whom the values of a group are about.
        """
        places = dict(_places(entry.content))
        of_group = {
            group: person_of(members) for group, members in self._groups(entry, values).items()
        }
        agent = of_group.get("/answers/agent", "")
        about = ""
        if is_replacing_act(entry) and not is_redaction(entry):
            about = _most([
                value.person for value in values
                if value.kind not in (IRI, PRINCIPAL)
                and places.get(value.reference, ("", "/answers"))[1] == "/answers"
            ])  # fmt: skip
        of_group["/answers"] = about
        same = _same_people(entry) if about else set[str]()
        for value in values:
            place, group = places.get(value.reference, ("", ""))
            place = SAME_AS_PLACE if value.reference in same else place
            people = {of_group.get(group, "")}
            if value.kind == IRI:
                people = {agent, about} - {""}
            elif not place and value.kind == NAME:
                people = {about or person_of([value])}
            elif not place and value.kind in (EMAIL, TEXT):
                people = {about}
            yield value, place, people

    def _person_of(self, values: Sequence[PersonalValue]) -> str:
        """Return whom the answers of a group are about; "" if it names nobody."""
        named = [value for value in values if value.kind == NAME]
        if not named:
            return ""
        row = self.rows.get(self._key_of(values))
        is_changed = any(value.replaced_by for value in values)
        return row[0] if row and not is_changed else named[0].person

    def _key_of(self, values: Sequence[PersonalValue]) -> str:
        texts = {value.kind: value.value for value in values}
        return self.key(texts[NAME], texts.get(EMAIL, ""), texts.get(ORCID, ""))

    def _remember_group(self, entry: Entry, values: Sequence[PersonalValue]) -> None:
        if not any(value.kind == NAME for value in values):
            return
        key = self._key_of(values)
        self.seen.add(key)
        self.holders[key].update(value.person for value in values)
        if any(value.replaced_by for value in values):
            return
        self.people[key] = _most([value.person for value in values])
        if key not in self.rows:
            group = values[0].place.rpartition("/")[0]
            self.missing.setdefault(key, f"the person of {group} in entry {entry.position}")

    def _remember(self, value: PersonalValue) -> None:
        self.acts[value.person].add(value.replaced_by)
        if value.kind == IRI and not value.place:
            self.names[value.person].add(value.value)
        elif value.kind == IRI:  # a name that the person had
            self.texts[value.person].add(ORCID_NAMESPACE + value.value.removeprefix("orcid:"))
        elif value.person:
            self.texts[value.person].add(value.value)

    def faults_of_people(self, journal: Journal) -> Iterator[str]:
        """Yield each row of a person whom no entry knows in this way, and whom no row knows."""
        yield from (f"{_TABLE} does not have {whom}." for whom in self.missing.values())
        for report in former_reports(journal, IngestIris(journal.base())):
            for named, holder in report.people.items():
                self.former[self.key(*named)] = former_person(*named)
                if holder is None and not is_label(named.name):
                    self.unknown.add(self.key(*named))
                    yield f"{_TABLE} does not have everybody of entry {report.position}."
        for key, (identifier, name) in self.rows.items():
            if not self.explains(key, identifier, name):
                yield f"{_TABLE} has {name!r} ({identifier!r}), who is in no entry like this."

    def explains(self, key: str, identifier: str, name: str) -> bool:
        """Whether the entries have a person with this key, identifier and name.

        All of them were checked before.
        """
        if self.former.get(key) == name:
            return True
        texts = self.texts.get(identifier, set())
        is_redacted = self.acts.get(identifier, set()) & self.redactions  # a single answer
        if (
            not is_redacted
            and key not in self.seen
            and key
            not in {
                *(self.key(*pair) for pair in product(texts, {*texts, ""})),
                *(self.key("", "", text) for text in texts),
            }
        ):
            return False
        if identifier not in self.texts and identifier not in self.names:
            return False
        names = self.names.get(identifier) or {f"{PERSON}{identifier}"}
        orcids = {f"orcid:{text.rpartition('/')[2]}" for text in texts}
        return name in names or (identifier not in self.names and name in orcids)


def _places(content: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each reference in the answers of an entry, with its place and that of its group."""
    at, answers = content.find(_ANSWERS), None
    if at >= 0 and content.startswith("{"):
        with suppress(ValueError, LookupError, TypeError, RecursionError):  # no answers of ours
            text, _ = _DECODER.raw_decode(content, at + len(_ANSWERS))
            answers = json.loads(text["$"] if isinstance(text, dict) else text)
    if isinstance(answers, dict):
        yield from _walk(answers, ("answers",))


def _walk(part: Any, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, str]]]:
    inner: Iterable[tuple[Any, Any]] = part.items() if isinstance(part, dict) else enumerate(part)
    for name, answer in inner:
        if isinstance(answer, str):
            if answer.startswith("~"):
                for mark in marks_of(answer):
                    group = pointer("", *path) if isinstance(part, dict) else ""
                    yield mark.reference, (pointer("", *path, str(name)), group)
        elif isinstance(answer, dict | list):
            yield from _walk(answer, (*path, str(name)))


def _most(people: Sequence[str]) -> str:
    """Return whom most of these values are about; somebody, if nobody is as likely."""
    return max(sorted({*people}, reverse=True), key=people.count, default="")


def _same_people(entry: Entry) -> set[str]:
    """Return the references to names that the person of an amendment had before."""
    return {
        value.text.rpartition("~")[2]
        for element in bundle_of(entry).elements
        for value in element.values(SAME_AS)
    }
