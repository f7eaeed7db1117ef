"""What several readers say alike: dataset ids in one spelling, contradictions, findings in short.

In: names and values as a file has them. Out: values of `read`, and `Problem`s as notes.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import Finding
from provstore.projects import drs, identifiers
from provstore.prov.notations.json_strict import pointer

MAX_NOTES = 1000


class Notes:
    """Notes, each once, in the order in which they came; past MAX_NOTES they are counted."""

    def __init__(self) -> None:
        self._notes: dict[Problem, None] = {}
        self._more = 0

    def add(self, *notes: Problem) -> None:
        """Take notes."""
        for note in notes:
            if len(self._notes) < MAX_NOTES:
                self._notes[note] = None
            elif note not in self._notes:
                self._more += 1

    def say(self, where: str, what: str, mend: str = "") -> None:
        """Take one note."""
        self.add(Problem(where, what, mend))

    def all(self) -> tuple[Problem, ...]:
        """All notes; the last one says how many more there were."""
        more = [Problem("", f"There are {self._more:,} more notes like these.")]
        return (*self._notes, *(more if self._more else ()))


class Datasets:
    """Dataset ids that were met, each understood once; what cannot be verified is said once."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: dict[str, tuple[str, str, drs.DatasetId | None]] = {}

    def meet(self, text: str, where: str, version: str = "") -> tuple[str, str]:
        """The id without version, and the version (`v20180605`, "" if nothing says one)."""
        return self._meet(text, where, version)[:2]

    def name(self, text: str, where: str) -> str:
        """The one spelling of the id, with its version if it has one."""
        name, version, dataset = self._meet(text, where, "")
        return str(dataset) if dataset else joined(name, version)

    def check_file(self, text: str, path: str, where: str) -> None:
        """Note what in the path contradicts the dataset."""
        dataset = self._meet(text, where, "")[2]
        if dataset:
            self._notes.add(*drs.check_file(dataset, path, where))

    def check_pid(self, text: str, pid: str, nodes: Iterable[str], where: str) -> None:
        """Note a PID that is not that of the dataset on any of these nodes."""
        dataset = self._meet(text, where, "")[2]
        if dataset and dataset.version:
            faults = [[*drs.check_pid(pid, dataset, node, where)] for node in [*nodes] or [""]]
            if all(faults):
                self._notes.add(*faults[0])

    def _meet(self, text: str, where: str, version: str) -> tuple[str, str, drs.DatasetId | None]:
        key = f"{text}#{version.removeprefix('v')}" if version else text
        if key not in self._known:
            self._known[key] = self._understand(key, where)
        return self._known[key]

    def _understand(self, text: str, where: str) -> tuple[str, str, drs.DatasetId | None]:
        found = drs.parse(text, where)
        if isinstance(found, drs.DatasetId):
            return found.dataset, found.version, found
        known = drs.project_of(text) is not None
        say = found.mend if known else "Its names and PIDs are taken as they are, unverified."
        self._notes.say(where, found.what, say)
        split = identifiers.split_version(text)
        return (*split, None) if not isinstance(split, Problem) else (text, "", None)


def joined(dataset: str, version: str) -> str:
    """A dataset id with its version."""
    return f"{dataset}.{version}" if version else dataset


def pid_of(text: str) -> str:
    """The one spelling of a PID that was checked before, or "" for none."""
    found = identifiers.handle(text) if text else ""
    return found if isinstance(found, str) else text


def checksum(text: str, kind: str = "") -> str:
    """The one spelling of a checksum that was checked before, or "" for none."""
    found = identifiers.checksum(text, "", kind) if text else ""
    return "" if isinstance(found, Problem) else str(found)


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?")


def time(text: str, where: str, notes: Notes) -> str:
    """A time as an answer must have it, or "" if it has no zone or is no time: that is noted."""
    found = _TIME.fullmatch(text.strip())
    if found and found[3]:
        day, clock, zone = found.groups()
        clock = clock if clock.count(":") == 2 else f"{clock}:00"
        if "." in clock:  # answers know microseconds
            clock = clock[: clock.index(".") + 7]
        zone = zone if zone == "Z" or ":" in zone else f"{zone[:3]}:{zone[3:]}"
        answer = f"{day}T{clock}{zone}"
        try:
            datetime.fromisoformat(answer)
        except ValueError:
            found = None
        else:
            return answer
    what = f"The time {text[:40]!r} has no zone." if found else f"{text[:40]!r} is no time."
    notes.say(where, what, "It is kept as it is; answer the time with its zone.")
    return ""


def in_short(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as the quality form asks for them: what failed, and in how many files."""
    files: dict[tuple[str, str, str], int] = {}
    for one in findings:
        if one.result != "passed":
            key = (one.severity, one.check, one.message)
            files[key] = files.get(key, 0) + (one.files if one.file or one.files > 1 else 0)
    return [
        {"severity": severity, "check": check, "message": message or check, "files": number}
        for (severity, check, message), number in files.items()
    ]


def quality(tool: Mapping[str, str], findings: Iterable[Finding], **answers: Any) -> dict[str, Any]:
    """The answers of the quality form, those that are not empty."""
    short = in_short(findings)
    found = {"tool": {key: value for key, value in tool.items() if value}, "findings": short}
    return {
        key: value for key, value in {**found, **answers}.items() if value not in ("", None, [], {})
    }


Taken = Mapping[str, "Taken"]
"""Which members a reader tells of, by key (`*` is any); an empty one is told of wholly."""


def besides(document: object, taken: Taken, where: str = "") -> Iterator[tuple[str, str]]:
    """Every value that no reader tells of, with its pointer, as text: nothing is lost."""
    waiting: list[tuple[str, object, list[Taken]]] = [(where, document, [taken])]
    while waiting:
        here, one, told = waiting.pop()
        if not all(told):
            continue
        inside: list[tuple[str, object]] = []
        if isinstance(one, dict):
            inside = [*one.items()]
        elif isinstance(one, list):
            inside = [(str(index), each) for index, each in enumerate(one)]
        if not inside:
            yield here, one if isinstance(one, str) else json.dumps(one)
        for key, each in reversed(inside):
            deeper = [table[k] for table in told for k in (key, "*") if k in table]
            waiting.append((pointer(here, key), each, deeper))


def leaves(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a document that is no object or list, with its pointer, as text."""
    return besides(value, _NONE, where)


def wholly(*keys: str) -> Taken:
    """These members are told of wholly."""
    return dict.fromkeys(keys, _ALL)


_ALL: Taken = {}
_NONE: Taken = {"\0": _ALL}  # no key is this one: strict_json takes no zero byte
