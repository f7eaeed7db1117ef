"""Checks the tables beside the chain that say whose each personal value is, and where it stands.

In: an open journal whose entries are sound. Out: problems. No hash of the chain covers these
tables, so what they say is derived again from the entries. It changes nothing.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from provstore.commands.amendments import SAME_AS, SAME_AS_PLACE
from provstore.commands.person_lookup import former_reports
from provstore.errors import Problem
from provstore.ingest.ingest_iris import IngestIris, former_person
from provstore.ingest.journal_acts import AMENDMENT, REDACTION
from provstore.ingest.personal_values import (
    EMAIL,
    IRI,
    NAME,
    ORCID,
    PERSON,
    TEXT,
    PersonalValue,
    marks_of,
    person_key,
)
from provstore.ingest.redaction_plan import is_label
from provstore.prov.model.terms import LABEL
from provstore.prov.notations.json_strict import pointer
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import Entry
from provstore.storage.personal_data import PersonalData

_BATCH = 500
_ANSWERS = '"ingest:answers":'
_DECODER = json.JSONDecoder()
_LABEL = "redacted person "
_TABLE = "The table of people"


def people_problems(journal: Journal) -> Iterator[Problem]:
    """Yield each value that is said to be of another person or at another place than it is.

    Also each row of the tables of people, of redacted people and of acts that fits no entry.
    """
    if journal.format == 1:
        return
    check = _Check(journal.personal)
    head, acts = journal.head().position, list[Entry]()
    for start in range(0, head, _BATCH):
        rows = journal.rows(start, min(start + _BATCH, head))
        entries = [row for row in rows if isinstance(row, Entry)]
        values = journal.values_of(entries)
        for entry in entries:
            if entry.content.startswith("{") and entry.bundle.endswith(_ends(entry.position)):
                acts.append(entry)
            for fault in check.faults(entry, values.get(entry.position, ())):
                yield Problem(f"/journal/{entry.position}", fault)
    check.redactions = {entry.position for entry in acts if f"/{REDACTION}/" in entry.bundle}
    faults = [*check.faults_of_people(journal), *_faults_of_acts(journal.personal, acts)]
    yield from (Problem("/journal", fault) for fault in faults)


@dataclass
class _Check:
    """Compares values with their entries, and remembers what the table of people must have."""

    personal: PersonalData
    rows: Mapping[str, tuple[str, str]] = field(init=False)
    redacted: Mapping[str, int] = field(init=False)
    texts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    acts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    redactions: set[int] = field(default_factory=set)
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

    def faults(self, entry: Entry, values: Sequence[PersonalValue]) -> Iterator[str]:
        """Yield what is wrong with the values of an entry."""
        known = {value.reference: value for value in values}
        places = dict(_places(entry.content))
        groups: dict[str, list[PersonalValue]] = defaultdict(list)
        for reference, (_, group) in places.items():
            if reference in known:
                groups[group].append(known[reference])
        about = "" if entry.ingest else _about(groups.pop("/answers", []))
        of_group = {group: self._person_of(members) for group, members in groups.items()}
        agent = of_group.get("/answers/agent", "")
        of_group["/answers"] = about
        same = _same_people(entry) if about else set()
        for value in values:
            place, group = places.get(value.reference, ("", ""))
            place = SAME_AS_PLACE if value.reference in same else place
            if value.place != place:
                yield f"Its personal value {value.reference[:16]}… is at {place or 'no place'}."
            expected = {of_group.get(group, "")}
            if value.kind == IRI:
                expected = {agent, about} - {""}
            elif not place and value.kind == NAME:
                expected = {about or self._person_of([value])}
            elif not place and value.kind in (EMAIL, TEXT):
                expected = {about}
            if value.person not in expected:
                yield f"Its personal value {value.reference[:16]}… is about somebody else."
            self._remember(value)
        for members in groups.values():
            yield from self._faults_of_group(members)

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

    def _faults_of_group(self, values: Sequence[PersonalValue]) -> Iterator[str]:
        if not any(value.kind == NAME for value in values):
            return
        key = self._key_of(values)
        self.seen.add(key)
        if key not in self.rows and not any(value.replaced_by for value in values):
            yield f"{_TABLE} does not have the person of {values[0].place.rpartition('/')[0]}."

    def _remember(self, value: PersonalValue) -> None:
        self.acts[value.person].add(value.replaced_by)
        if value.kind == IRI and not value.place:
            self.names[value.person].add(value.value)
        elif value.person:
            self.texts[value.person].add(value.value)

    def faults_of_people(self, journal: Journal) -> Iterator[str]:
        """Yield each row of a person whom no entry knows in this way."""
        former = dict[str, str]()
        for report in former_reports(journal, IngestIris(journal.base())):
            for named, holder in report.people.items():
                former[self.key(*named)] = former_person(*named)
                if holder is None and not is_label(named.name):
                    yield f"{_TABLE} does not have everybody of entry {report.position}."
        for key, (identifier, name) in self.rows.items():
            if not self._explains(key, identifier, name) and former.get(key) != name:
                yield f"{_TABLE} has {name!r} ({identifier!r}), who is in no entry like this."

    def _explains(self, key: str, identifier: str, name: str) -> bool:
        """Whether the entries have a person with this key, identifier and name."""
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
    at = content.find(_ANSWERS)
    if at >= 0 and content.startswith("{"):
        text, _ = _DECODER.raw_decode(content, at + len(_ANSWERS))
        yield from _walk(json.loads(text["$"] if isinstance(text, dict) else text), ("answers",))


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


def _ends(position: int) -> tuple[str, ...]:
    """Return how the name of a bundle ends if it is an act that replaced values."""
    return tuple(f"/act/{act}/{position}/bundle" for act in (REDACTION, AMENDMENT))


def _about(values: Sequence[PersonalValue]) -> str:
    """Return whom the answers to the form of an act are about: most of them, if they differ."""
    whom = [value.person for value in values]
    return max(sorted({*whom}), key=whom.count, default="")


def _same_people(entry: Entry) -> set[str]:
    """Return the references to names that the person of an amendment had before."""
    return {
        value.text.rpartition("~")[2]
        for element in bundle_of(entry).elements
        for value in element.values(SAME_AS)
    }


def _faults_of_acts(personal: PersonalData, acts: Sequence[Entry]) -> Iterator[str]:
    """Yield how the tables of acts and of redacted people differ from the entries of the acts."""
    replacing = {entry.position for entry in acts}
    works = personal.replacements()
    for position in sorted(replacing ^ works.keys()):
        yield f"The table of acts differs from the entries at position {position}."
    for position, work in works.items():
        if work and not _is_work(work):
            yield f"The table of acts does not say what is left to do for entry {position}."
    stated = {
        (int(value.text.removeprefix(_LABEL)), element.iri.rpartition("/")[2])
        for entry in acts
        for element in bundle_of(entry).elements
        for value in element.values(LABEL)
        if "agent" in element.kinds and value.text.startswith(_LABEL)
    }
    for number, identifier in sorted(stated ^ {*personal.redacted()}):
        yield f"The table of redacted people differs from the acts: {number}, {identifier!r}."


def _is_work(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
