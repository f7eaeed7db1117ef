"""Log files of QA-DKRZ: a block for each file, with its events, conclusion and status.

In: the text that qa_log.py writes. It looks like YAML, but its values are not always quoted, so it
is read line by line. Out: a finding for each event and each section that passed, tied to its file
and, where the path of the data is that of a known project, to its dataset.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, File, Finding, Resource, Tool
from provstore.projects import drs
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Notes, quality_answers
from provstore.readers.input_checks import numbered_lines, raise_problems
from provstore.readers.qa_dkrz import SEVERITY, TOOL
from provstore.readers.reader import Reader

_DATE = re.compile(r" *- date: *(.*)")
_PAIR = re.compile(r" *(?:- )?([A-Za-z_][A-Za-z0-9_-]*): *(.*)")
_SECTION = re.compile(r"([A-Za-z]+(?:\([A-Z]\))?): *([A-Z]+)")
_OF_EVENT = ("annotation", "impact", "tag")
_PLAIN = frozenset({"result_path", "period", "begin", "end", "events", "event", "info", "status"})
"""Keys whose lines are kept as they are."""


@dataclass
class _Event:
    where: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class _Item:
    """The block of one file."""

    where: str
    values: dict[str, str] = field(default_factory=dict)
    events: list[_Event] = field(default_factory=list)

    @property
    def path(self) -> str:
        name = self.values.get("file") or self.values.get("data-set", "")
        folder = self.values.get("data_path", "").rstrip("/")
        return f"{folder}/{name}" if folder and name else name or folder


def _looks_like(input_file: InputFile) -> str:
    if input_file.means_json:
        return "it is JSON"
    head = input_file.lines[:2000]
    named = any(line.startswith("# Log-file created by QA-DKRZ") for line in head)
    if "items:" in (line.rstrip() for line in head) and (named or any(map(_DATE.fullmatch, head))):
        return ""
    return "it has no list 'items:' of blocks that begin with '- date:'"


def _read(input_file: InputFile) -> ExtractParts:
    preamble, items, kept, notes = _blocks(input_file)
    problems = [*_problems(items)]
    raise_problems(input_file, problems)
    base = preamble.get("DRS_PATH_BASE") or preamble.get("LOG_PATH_BASE", "")
    tool = Tool(TOOL, preamble.get("qa-revision", ""), preamble.get("PROJECT", ""))
    findings, files = list[Finding](), dict[str, File]()
    for item in items:
        dataset = _dataset(item.values.get("data_path", ""), base)
        findings += _findings(item, dataset, tool, notes)
        name = item.path.rpartition("/")[2]
        files[item.path] = File(name, item.path, dataset)
    failed = {finding.file for finding in findings if finding.result == "failed"}
    if not tool.version:
        message = "The log does not give the version of QA-DKRZ."
        notes.note("", message, "Give it in your answers.")
    if unknown := [file.path for file in files.values() if not file.dataset]:
        message = f"The paths of {len(unknown)} files do not tell their dataset: {unknown[0][:200]}"
        notes.note("", message)
    if items:
        message = "The times of the log have no time zone."
        notes.note(items[0].where, message, "Give the times with their zone in your answers.")
    answers = quality_answers(
        {"name": TOOL, "version": tool.version},
        findings,
        checked_files=len(files),
        failed_files=len(failed),
    )
    resources: tuple[Resource, ...] = (tool, *files.values())
    return ExtractParts(answers, tuple(findings), resources, notes.all(), tuple(kept))


def _blocks(
    input_file: InputFile,
) -> tuple[dict[str, str], list[_Item], list[tuple[str, str]], Notes]:
    """Return the preamble, the blocks, and the lines that no finding has."""
    preamble, items = dict[str, str](), list[_Item]()
    kept, notes = list[tuple[str, str]](), Notes()
    unread: list[str] = []
    in_items = False
    for where, line in numbered_lines(input_file):
        date, pair = _DATE.fullmatch(line), _PAIR.fullmatch(line)
        key, value = (pair[1], _unquoted(pair[2])) if pair else ("", "")
        if date and in_items:
            items.append(_Item(where, {"date": date[1]}))
        elif items:
            taken = _take(items[-1], where, key, value)
            if taken == _WHOLLY:
                continue
            if not taken and not line.lstrip().startswith("- "):
                unread.append(where)
        else:
            in_items = in_items or line.rstrip() == "items:"
            if value:
                preamble.setdefault(key, value)
        kept.append((where, line.strip()))
    if unread:
        message = f"{len(unread)} lines are not those of a log of QA-DKRZ; they are kept."
        notes.note(unread[0], message)
    return preamble, items, kept, notes


_WHOLLY = "wholly"


def _take(item: _Item, where: str, key: str, value: str) -> str:
    """Add a line to its block; return whether a finding will have it wholly, or "" if unknown."""
    if key == "event":
        item.events.append(_Event(where))
    elif key in _OF_EVENT and item.events and key not in item.events[-1].values:
        item.events[-1].values[key] = value
        return _WHOLLY
    elif key in ("file", "data-set", "data_path", "conclusion", "status"):
        if key in item.values:
            return ""
        item.values[key] = value
    elif key not in _PLAIN:
        return ""
    return "in part"


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    return value


def _problems(items: list[_Item]) -> Iterator[Problem]:
    whole = "Submit the complete log."
    if not items:
        yield Problem("", "The log has no block of a file.", whole)
    for item in items:
        if not item.path:
            yield Problem(item.where, "This block names no file.", whole)
        elif not ({"conclusion", "status"} & item.values.keys() or item.events):
            yield Problem(item.where, "This block has neither events nor a conclusion.", whole)
        for event in item.events:
            if not event.values.get("annotation"):
                yield Problem(event.where, "This event has no annotation.", whole)
            impact = event.values.get("impact", "")
            if impact and impact.lower() not in SEVERITY:
                message = f"{impact[:40]!r} is not a severity."
                yield Problem(event.where, message, f"Known: {', '.join(SEVERITY)}.")


def _findings(item: _Item, dataset: str, tool: Tool, notes: Notes) -> Iterator[Finding]:
    for event in item.events:
        impact = event.values.get("impact", "")
        if not impact:
            message = "This event has no impact."
            notes.note(event.where, message, "It is treated as a warning.")
        yield Finding(
            event.values.get("tag") or "annotation", "failed",
            SEVERITY.get(impact.lower(), "warning"), event.values["annotation"], dataset,
            item.path, 1, impact, tool.name, tool.version, tool.vocabulary,
        )  # fmt: skip
    conclusion = item.values.get("conclusion", "")
    for section, verdict in _SECTION.findall(conclusion) or [("QA_conclusion", conclusion)]:
        passed = verdict == "PASS"
        if passed or (verdict == "FAIL" and not item.events):
            yield Finding(
                section, "passed" if passed else "failed", "note" if passed else "error",
                "" if passed else "The section failed, but no event is listed.", dataset,
                item.path, 1, verdict, tool.name, tool.version, tool.vocabulary,
            )  # fmt: skip
    if (status := item.values.get("status", "0")) != "0":
        notes.note(item.where, f"The status of {item.path[:200]} is {status[:40]}: QA stopped.")


def _dataset(path: str, base: str) -> str:
    """The dataset whose data lie in this directory, or ""; `base` is the first part of its id."""
    parts = [part for part in path.split("/") if part]
    for begin in reversed(range(len(parts))):
        if not base or parts[begin] == base:
            parsed = drs.parse_dataset_id(".".join(parts[begin:]))
            if isinstance(parsed, drs.DatasetId):
                return str(parsed)
    return ""


READERS = (Reader("qa-dkrz-log", "quality", "log file of QA-DKRZ", _looks_like, _read),)
