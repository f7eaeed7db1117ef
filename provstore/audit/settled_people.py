"""Settles quickly whose the personal values of most entries are, and where they stand.

In: sound entries, one after the other, with their values. Out: the people whom they name, and the
positions of entries that `people_check` must look at closely. It reads no file, and finds no fault.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from provstore.ingest.personal_values import (
    DOCUMENT,
    EMAIL,
    FORMER,
    IRI,
    NAME,
    ORCID,
    PRINCIPAL,
    SALT_BYTES,
    TEXT,
    reference_mark,
)
from provstore.storage.journal_entries import StoredValue
from provstore.storage.sound_batches import SoundEntry

_ANSWERS, _END = b'"ingest:answers":{"$":"', b'","type":"rdf:JSON"}'
"""What stands around the answers in an entry; they are JSON within JSON."""
_CLOSE = b'^\\"'
"""How a reference ends there, at the end of an answer."""
_AGENT = "/answers/agent"
_OF_PEOPLE = (NAME, EMAIL, ORCID)
_decode = json.JSONDecoder().raw_decode

Texts = tuple[str, str, str]
"""Name, address and ORCID."""


class _Group(NamedTuple):
    """Values that stand beside each other in the answers: their numbers, and their keys.

    `keys` are the names of the fields, `path` leads to their group. `people` are the numbers of
    name, address and ORCID, -1 for none; without a name, nobody is named.
    """

    path: tuple[str, ...]
    members: tuple[int, ...]
    keys: tuple[str, ...]
    people: tuple[int, int, int]
    is_agent: bool


class _Plan(NamedTuple):
    """What has to be compared for values of these kinds at these places."""

    groups: tuple[_Group, ...]
    iris: tuple[int, ...]
    lone_names: tuple[int, ...]
    nobodys: tuple[int, ...]
    placed: int


@dataclass
class SettledPeople:
    """What the entries say of people, and the positions of those that were not settled."""

    unsettled: list[int] = field(default_factory=list)
    _groups: set[tuple[tuple[int, int, int], str, tuple[bytes, ...]]] = field(default_factory=set)
    _iris: set[tuple[str, bytes]] = field(default_factory=set)
    _lone: set[tuple[str, bytes]] = field(default_factory=set)

    def inspect(self, entry: SoundEntry) -> None:
        """Settle the values of an entry, or note that they are not settled."""
        if not entry.values and entry.values is not None and "/act/" not in entry.bundle:
            return
        if not entry.values or "/act/" in entry.bundle or not self._settle(entry, entry.values):
            self.unsettled.append(entry.position)

    def groups(self) -> Iterator[tuple[str, Texts, Sequence[str]]]:
        """Yield whom the answers of a group are about, by their own words; and other texts."""
        for people, whom, values in self._groups:
            texts = [text.decode() for text in values]
            name, email, orcid = (texts[number] if number >= 0 else "" for number in people)
            others = [text for number, text in enumerate(texts) if number not in people]
            yield whom, (name, email, orcid), others

    def names(self) -> Mapping[str, set[str]]:
        """Return the names in PROV-JSON of each person."""
        names: dict[str, set[str]] = defaultdict(set)
        for whom, text in self._iris:
            names[whom].add(text.decode())
        return names

    def lone_names(self) -> Iterator[tuple[str, str]]:
        """Yield people with the names by which files of tools name them."""
        yield from ((whom, text.decode()) for whom, text in self._lone)

    def _settle(self, entry: SoundEntry, values: Sequence[StoredValue]) -> bool:
        """Whether each value is where it is said to be, and of one person with those beside it."""
        _, references, salted, kinds, people, places, acts = zip(*values, strict=True)
        if any(acts) or not (plan := _plan(kinds, places, is_report=bool(entry.ingest))):
            return False
        answers = _answers(entry.content, plan.placed)
        if answers is None:
            return False
        agent, marks = "", [*map(reference_mark, references)]
        for group in plan.groups:
            whom = people[group.members[0]] if group.people[0] >= 0 else ""
            if not _fits(group, _part(answers, group.path), marks, people, whom):
                return False
            if group.people[0] >= 0:
                texts = tuple([salted[number][SALT_BYTES:] for number in group.members])
                self._groups.add((group.people, whom, texts))
                agent = whom if group.is_agent else agent
        for numbers, whom in ((plan.nobodys, ""), (plan.iris, agent)):
            for number in numbers:
                if people[number] != whom:
                    return False
        self._iris.update((agent, salted[number][SALT_BYTES:]) for number in plan.iris)
        for number in plan.lone_names:
            self._lone.add((people[number], salted[number][SALT_BYTES:]))
        return bool(agent) or not plan.iris


def _fits(group: _Group, part: Any, marks: Sequence[str], people: Sequence[str], whom: str) -> bool:
    """Whether the values of a group are its answers, and all about one person."""
    if type(part) is not dict:
        return False
    for number, key in zip(group.members, group.keys, strict=True):
        if part.get(key) != marks[number] or people[number] != whom:
            return False
    return True


def _answers(content: bytes, count: int) -> Any:
    """Return the answers, up to the last reference, if they have so many; None if not."""
    at = content.find(_ANSWERS)
    end = content.find(_END, at)
    if at < 0 or end < 0:
        return None if count or b'"ingest:answers"' in content else {}
    text = content[at + len(_ANSWERS) : end]
    if text.count(b"~") != count:  # each reference begins so: others are nowhere
        return None
    # What stands after the last reference moves none of them. It need not be read if that is at
    # the end of a text in the outermost group: else the brace makes no JSON of it.
    short = text[: text.rfind(_CLOSE) + len(_CLOSE)]
    for piece, brace in ((short, "}"), (text, "")) if count else ():
        quoted = f'"{piece.decode()}"'
        with suppress(ValueError):
            inner, read = _decode(quoted)
            answers, last = _decode(f"{inner}{brace}")
            if read == len(quoted) and last == len(inner) + len(brace):
                return answers
    return None if count else {}


def _part(answers: Any, path: Sequence[str]) -> Any:
    """Return the group of answers to which a path leads; None if it leads nowhere."""
    part = answers
    for key in path:
        try:
            part = part[int(key)] if type(part) is list else part[key]
        except (LookupError, TypeError, ValueError):
            return None
    return part


@lru_cache(maxsize=1024)
def _plan(kinds: tuple[str, ...], places: tuple[str, ...], *, is_report: bool) -> _Plan | None:
    """Return what has to be compared; None if that is left to a closer look."""
    numbers = range(len(kinds))
    if kinds in ((DOCUMENT, PRINCIPAL), (DOCUMENT, FORMER, PRINCIPAL)):
        return None if any(places) else _Plan((), (), (), (*numbers,), 0)
    unplaced = tuple(number for number in numbers if not places[number])
    by_group: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        if places[number]:
            by_group[places[number].rpartition("/")[0]].append(number)
    groups = [_group(path, members, kinds, places) for path, members in by_group.items()]
    if not is_report or None in groups or len({*places} - {""}) + len(unplaced) < len(kinds):
        return None
    by_kind = {kind: tuple(n for n in unplaced if kinds[n] == kind) for kind in {*kinds}}
    known = {IRI, NAME, EMAIL, TEXT, PRINCIPAL}
    if any(kinds[n] not in known for n in unplaced):
        return None
    iris, lone = by_kind.get(IRI, ()), by_kind.get(NAME, ())
    nobodys = tuple({*unplaced} - {*iris, *lone})
    placed = len(kinds) - len(unplaced)
    return _Plan(tuple(filter(None, groups)), iris, lone, nobodys, placed)


def _group(
    path: str, members: Sequence[int], kinds: Sequence[str], places: Sequence[str]
) -> _Group | None:
    of_group = Counter(kinds[number] for number in members)
    people = [next((n for n, m in enumerate(members) if kinds[m] == kind), -1)
              for kind in _OF_PEOPLE]  # fmt: skip
    is_plain = {*of_group} <= {*_OF_PEOPLE, TEXT} and all(of_group[k] <= 1 for k in _OF_PEOPLE)
    is_escaped = any("~" in places[number] for number in members)
    _, *steps = path.split("/")
    if not is_plain or is_escaped or steps[:1] != ["answers"]:
        return None
    name, email, orcid = people
    if path == "/answers" and name >= 0:
        return None
    keys = tuple(places[number].rpartition("/")[2] for number in members)
    return _Group(tuple(steps[1:]), tuple(members), keys, (name, email, orcid), path == _AGENT)
