"""Shared parts of readers: dataset ids in normal spelling, contradictions, findings as answers.

In: names and values as a file has them. Out: values of an `Extract`, and `Problem`s as notes.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import Finding
from provstore.projects import data_identifiers, drs
from provstore.prov.notations.json_strict import pointer

MAX_NOTES = 1000


class Notes:
    """Notes without repetition, in order; beyond MAX_NOTES they are only counted."""

    def __init__(self) -> None:
        self._notes: dict[Problem, None] = {}
        self._more = 0

    def add(self, *notes: Problem) -> None:
        """Add notes."""
        for note in notes:
            if len(self._notes) < MAX_NOTES:
                self._notes[note] = None
            elif note not in self._notes:
                self._more += 1

    def note(self, where: str, message: str, mend: str = "") -> None:
        """Add one note."""
        self.add(Problem(where, message, mend))

    def all(self) -> tuple[Problem, ...]:
        """Return all notes; the last one has the number of notes left out."""
        more = [Problem("", f"{self._more:,} more notes are not shown.")]
        return (*self._notes, *(more if self._more else ()))


class Datasets:
    """Dataset ids of a file, each parsed once; an id that cannot be verified is noted once."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: dict[str, tuple[str, str, drs.DatasetId | None]] = {}

    def split(self, text: str, where: str, version: str = "") -> tuple[str, str]:
        """Return the id without version, and the version (`v20180605`, or "" if none is given)."""
        return self._lookup(text, where, version)[:2]

    def name(self, text: str, where: str) -> str:
        """Return the id in its normal spelling, with its version if it has one."""
        name, version, dataset = self._lookup(text, where, "")
        return str(dataset) if dataset else versioned_id(name, version)

    def check_file(self, text: str, path: str, where: str) -> None:
        """Note contradictions between a path and its dataset."""
        dataset = self._lookup(text, where, "")[2]
        if dataset:
            self._notes.add(*drs.check_file_path(dataset, path, where))

    def check_pid(self, text: str, pid: str, nodes: Iterable[str], where: str) -> None:
        """Note a PID that is not the PID of the dataset on any of these nodes."""
        dataset = self._lookup(text, where, "")[2]
        if dataset and dataset.version:
            faults = [[*drs.check_pid(pid, dataset, node, where)] for node in [*nodes] or [""]]
            if all(faults):
                self._notes.add(*faults[0])

    def _lookup(self, text: str, where: str, version: str) -> tuple[str, str, drs.DatasetId | None]:
        key = f"{text}#{version.removeprefix('v')}" if version else text
        if key not in self._known:
            self._known[key] = self._parse(key, where)
        return self._known[key]

    def _parse(self, text: str, where: str) -> tuple[str, str, drs.DatasetId | None]:
        parsed = drs.parse_dataset_id(text, where)
        if isinstance(parsed, drs.DatasetId):
            return parsed.dataset, parsed.version, parsed
        known = drs.project_of(text) is not None
        advice = parsed.mend if known else "Its names and PIDs are kept without verification."
        self._notes.note(where, parsed.what, advice)
        split = data_identifiers.split_version(text)
        return (*split, None) if not isinstance(split, Problem) else (text, "", None)


def versioned_id(dataset: str, version: str) -> str:
    """Join a dataset id and its version."""
    return f"{dataset}.{version}" if version else dataset


def canonical_pid(text: str) -> str:
    """Return the normal spelling of a PID that was checked before, or "" for none."""
    parsed = data_identifiers.parse_handle(text) if text else ""
    return parsed if isinstance(parsed, str) else text


def canonical_checksum(text: str, kind: str = "") -> str:
    """Return the normal spelling of a checksum that was checked before, or "" for none."""
    parsed = data_identifiers.parse_checksum(text, "", kind) if text else ""
    return "" if isinstance(parsed, Problem) else str(parsed)


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?")


def time_with_zone(text: str, where: str, notes: Notes) -> str:
    """Return a time as answers need it; note a text without a zone or time, and return ""."""
    match = _TIME.fullmatch(text.strip())
    if match and match[3]:
        day, clock, zone = match.groups()
        clock = clock if clock.count(":") == 2 else f"{clock}:00"
        if "." in clock:  # answers have microseconds at most
            clock = clock[: clock.index(".") + 7]
        zone = zone if zone == "Z" or ":" in zone else f"{zone[:3]}:{zone[3:]}"
        answer = f"{day}T{clock}{zone}"
        try:
            datetime.fromisoformat(answer)
        except ValueError:
            match = None
        else:
            return answer
    message = (
        f"The time {text[:40]!r} has no time zone." if match else f"{text[:40]!r} is not a time."
    )
    notes.note(where, message, "The text is kept; give the time with its zone in an answer.")
    return ""


def summarise_findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as the quality form asks for them: each failure, with its number of files."""
    files: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        if finding.result != "passed":
            key = (finding.severity, finding.check, finding.message)
            files[key] = files.get(key, 0) + (
                finding.files if finding.file or finding.files > 1 else 0
            )
    return [
        {"severity": severity, "check": check, "message": message or check, "files": number}
        for (severity, check, message), number in files.items()
    ]


def quality_answers(
    tool: Mapping[str, str], findings: Iterable[Finding], **answers: Any
) -> dict[str, Any]:
    """Return the answers of the quality form that are not empty."""
    short = summarise_findings(findings)
    base_answers = {"tool": {key: value for key, value in tool.items() if value}, "findings": short}
    return {
        key: value
        for key, value in {**base_answers, **answers}.items()
        if value not in ("", None, [], {})
    }


HandledMembers = Mapping[str, "HandledMembers"]
"""The members that a reader handles, by key (`*` is any key); an empty table covers all below."""


def unhandled_values(
    document: object, handled_members: HandledMembers, where: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield every value that the reader does not handle, with its pointer, as text."""
    waiting: list[tuple[str, object, list[HandledMembers]]] = [(where, document, [handled_members])]
    while waiting:
        place, value, tables = waiting.pop()
        if not all(tables):
            continue
        inside: list[tuple[str, object]] = []
        if isinstance(value, dict):
            inside = [*value.items()]
        elif isinstance(value, list):
            inside = [(str(index), each) for index, each in enumerate(value)]
        if not inside:
            yield place, value if isinstance(value, str) else json.dumps(value)
        for key, each in reversed(inside):
            deeper = [table[k] for table in tables for k in (key, "*") if k in table]
            waiting.append((pointer(place, key), each, deeper))


def leaf_values(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value of a document except objects and lists, with its pointer, as text."""
    return unhandled_values(value, _NONE, where)


def handled(*keys: str) -> HandledMembers:
    """Return a table in which these members are handled with all their content."""
    return dict.fromkeys(keys, _ALL)


_ALL: HandledMembers = {}
_NONE: HandledMembers = {"\0": _ALL}  # never a real key: strict_json refuses zero bytes
