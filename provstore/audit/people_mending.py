"""Makes the tables beside the chain anew: of people, of redacted people, and of acts.

In: a journal whose entries are sound, and copies of it. Out: the rows that its entries ask for;
what they cannot tell comes from the copies. It writes nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from provstore.audit.acts_check import is_work, redacted_people
from provstore.audit.people_check import PeopleCheck, people_problems
from provstore.ingest.personal_values import (
    EMAIL,
    IRI,
    NAME,
    ORCID,
    ORCID_NAMESPACE,
    PERSON,
    TEXT,
    PersonalValue,
)
from provstore.storage.journal import Entry, Journal


class People(NamedTuple):
    """The rows of the tables: of people, of redacted people, of acts."""

    people: Sequence[tuple[str, str, str]]
    redacted: Sequence[tuple[int, str]]
    work: Sequence[tuple[int, str]]


def has_secret_of(journal: Journal, acts: Iterable[Entry]) -> bool:
    """Whether the keyed hashes of these acts were made with the secret of this journal."""
    if journal.fault_of_secret():
        return False
    return all(act.fingerprint == journal.personal.keyed_hash(act.bundle) for act in acts)


def mended_people(journal: Journal, copies: Iterable[Journal]) -> People | None:
    """Return the rows that the tables of a journal must have; None if they have them.

    The copies have the same secret.
    """
    if not any(people_problems(journal)):
        return None
    check = PeopleCheck(journal.personal)
    for _ in (*check.problems_of_entries(journal), *check.faults_of_people(journal)):
        pass  # it remembers what it finds
    redacted = redacted_people(check.entries)
    forgotten = {identifier for _, identifier in redacted}
    forgotten |= {identifier for identifier, acts in check.acts.items() if acts & check.redactions}
    rows = {key: row for key, row in check.rows.items() if check.explains(key, *row)}
    for copy in copies:
        for key, identifier, name in copy.personal.people():
            if identifier not in forgotten and check.explains(key, identifier, name):
                rows.setdefault(key, (identifier, name))
    values = [value for _, value in journal.personal.all_values()]
    for key, identifier in (*check.people.items(), *_keys_of_amended(values, check)):
        if identifier and identifier not in forgotten:
            name = min(check.names.get(identifier, ()), default=f"{PERSON}{identifier}")
            rows.setdefault(key, (identifier, name))
    for key, name in check.former.items():
        if key not in rows and key in check.unknown:
            rows[key] = (journal.personal.new_identifier(key), name)
    known = [journal.replacements(), *(copy.replacements() for copy in copies)]
    work = [(act.position, _work(act.position, known, journal)) for act in check.entries]
    return People([(key, *row) for key, row in rows.items()], sorted(redacted), work)


def _work(position: int, known: Iterable[Mapping[int, str]], journal: Journal) -> str:
    """Return what is left to do for an act; all of it, if nobody knows."""
    for works in known:
        work = works.get(position)
        if work is not None and (not work or is_work(work)):
            return work
    return json.dumps({"ingests": journal.ingests()})


def _keys_of_amended(
    values: Iterable[PersonalValue], check: PeopleCheck
) -> Iterator[tuple[str, str]]:
    """Yield the keys of everybody whom an act amended: all former and present names lead there."""
    texts: dict[str, dict[str, set[str]]] = {}
    amended = set[str]()
    for value in values:
        kind, text = value.kind, value.value
        if kind == TEXT and not value.place:
            amended.add(value.person)
            kind = EMAIL if "@" in text else NAME
        elif kind == IRI:
            amended |= {value.person} if value.place else set()
            orcid = text.startswith("orcid:")
            kind, text = ORCID if orcid else "", ORCID_NAMESPACE + text.removeprefix("orcid:")
        texts.setdefault(value.person, {}).setdefault(kind, set()).add(text)
    for person in sorted(amended - {""}):
        of_kind = texts[person]
        names, emails = of_kind.get(NAME, ()), of_kind.get(EMAIL, ())
        yield from ((check.key(*pair), person) for pair in product(names, emails))
        yield from ((check.key("", "", orcid), person) for orcid in of_kind.get(ORCID, ()))
