"""The result of esgf-qa (formerly cc-qa) for a whole delivery, in full or clustered.

In: JSON as esgf-qa 0.6.0 and earlier ones write it. Out: findings. Only failures are listed, so
what passed has to be derived (`together`) from the map of datasets that is written beside it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import Finding, Told, Tool
from provstore.readers.common import Datasets, Notes, besides, quality, time, wholly
from provstore.readers.document_shapes import (
    Shape,
    anything,
    check,
    either,
    fields,
    filled,
    items,
    table,
    text,
)
from provstore.readers.input_file import Given, lacks
from provstore.readers.reader import Reader

WEIGHTS: Mapping[str, str] = {"3": "error", "2": "warning", "1": "note"}
"""compliance-checker: required, recommended, suggested."""
SUITE = "esgf-qa"
_COUNT = re.compile(r"(.+) \(([0-9]+) files? affected\)")
_EXAMPLE = re.compile(r"(?:e\.g\. )?'(.*)'")
_CHECKER = re.compile(r"(\S+) (\S+) \((\S+) (\S+)\)")
_LABEL = re.compile(r"\[([^\]]+)\] ?")


def _digits(value: str, where: str) -> int | Problem:
    if value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return Problem(where, f"{value[:40]!r} is no whole number.")


def _a_count(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or isinstance(_digits(value, where), Problem):
        yield Problem(where, f"{str(value)[:40]!r} stands here.", "It must be a number in quotes.")


def _weight(value: Any, where: str) -> Iterator[Problem]:
    if value not in WEIGHTS:
        yield Problem(where, f"{value[:40]!r} is no weight.", "Weights are 3, 2 and 1.")


def _summary(dataset: Shape, file: Shape) -> Shape:
    tests = table(table(table(items(file, 1), dataset, 1), filled, 1), _label)
    info = fields(
        {"id": text, "date": text, "files": _a_count, "datasets": _a_count, "cc_version": text,
         "checkers": either(items(text), text)},
        {"parent_dir": text, "inter_ds_con_checks_ref": anything},
    )  # fmt: skip
    return fields({"info": info}, {"error": tests, "fail": table(tests, _weight)})


def _label(value: Any, where: str) -> Iterator[Problem]:
    if not _LABEL.match(value):
        what = f"The check {value[:80]!r} does not say its checker."
        yield Problem(where, what, "It must begin with [checker].")


def _counted(value: Any, where: str) -> Iterator[Problem]:
    found = _COUNT.fullmatch(value)
    if not found or isinstance(_digits(found[2], where), Problem):
        yield Problem(where, f"{value[:80]!r} does not say how many files it stands for.",
                      "It must end in (n files affected).")  # fmt: skip


def _quoted(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not _EXAMPLE.fullmatch(value):
        yield Problem(where, f"{str(value)[:80]!r} is no file in quotes.", "Write e.g. 'path'.")


_WHOLE = _summary(filled, filled)
_CLUSTERED = _summary(_counted, _quoted)


def _first_dataset(document: dict[str, Any]) -> str:
    """The first dataset that anything is said of, or ""."""
    value: Any = [document.get("error"), document.get("fail")]
    while True:
        if isinstance(value, list):
            value = next((each for each in value if each), None)
        if not isinstance(value, dict) or not value:
            return ""
        name, inner = next(iter(value.items()))
        if isinstance(inner, list):
            return str(name)
        value = [each for each in value.values() if isinstance(each, dict)] or inner


def _is_summary(given: Given) -> str:
    why = lacks(given, "info")
    if not why and isinstance(given.document, dict):
        info, known = given.document["info"], given.document.keys() & {"error", "fail"}
        if not known:
            return "it has neither 'error' nor 'fail'"
        if isinstance(info, dict) and not info.keys() & {"cc_version", "checkers", "datasets"}:
            return "its 'info' names no checkers"
    return why


def _is_whole(given: Given) -> str:
    why = _is_summary(given)
    if not why and isinstance(given.document, dict):
        clustered = _COUNT.fullmatch(_first_dataset(given.document))
        return "its datasets are counts of affected files: it is clustered" if clustered else ""
    return why


def _is_clustered(given: Given) -> str:
    why = _is_summary(given)
    if not why and isinstance(given.document, dict):
        clustered = _COUNT.fullmatch(_first_dataset(given.document))
        return "" if clustered else "its datasets are no counts of affected files"
    return why


def _tell_whole(given: Given) -> Told:
    return _tell(check(_WHOLE, given.document, given.name), clustered=False)


def _tell_clustered(given: Given) -> Told:
    return _tell(check(_CLUSTERED, given.document, given.name), clustered=True)


def _tell(document: Any, *, clustered: bool) -> Told:
    notes, info = Notes(), document["info"]
    datasets = Datasets(notes)
    tools = {tool.label: tool for tool in _checkers(info, notes)}
    rows = _rows(document)
    findings = tuple(_findings(rows, tools, datasets, clustered=clustered))
    checked = int(info["files"])
    failed = len({one.file for one in findings if one.result == "failed"})
    answers = {"checked_files": checked, "ended": time(info["date"], "/info/date", notes)}
    if clustered:
        notes.say("", "This is a summary: it shows one file of each group as an example.",
                  "Hand in the full result to know every file.")  # fmt: skip
    else:
        if failed > checked:
            notes.say("/info/files", f"{failed} files failed, but only {checked} were checked.")
        answers["failed_files"] = failed
    notes.say("/info", "The result does not say the version of esgf-qa.", "Answer it.")
    answers = quality({"name": SUITE}, findings, **answers)
    kept = tuple(besides(document, wholly("error", "fail")))
    return Told(answers, findings, tuple(tools.values()), notes.all(), kept)


def _rows(document: Any) -> Iterator[tuple[str, str, str, str, Any]]:
    """The pointer, level and result of each check, its name, and what it says of which datasets."""
    for name, messages in document.get("error", {}).items():
        yield "/error", "error", "broken", name, messages
    for weight, tests in document.get("fail", {}).items():
        for name, messages in tests.items():
            yield f"/fail/{weight}", weight, "failed", name, messages


def _findings(
    rows: Iterator[tuple[str, str, str, str, Any]],
    tools: Mapping[str, Tool],
    datasets: Datasets,
    *,
    clustered: bool,
) -> Iterator[Finding]:
    for where, level, result, name, messages in rows:
        found = _LABEL.match(name)
        label = found[1] if found else ""
        tool = tools.get(label) or Tool(SUITE, "", "", label)
        severity = WEIGHTS.get(level, "warning")
        for message, by_dataset in messages.items():
            for key, files in by_dataset.items():
                dataset, number = (key, 1)
                if clustered and (match := _COUNT.fullmatch(key)):
                    dataset, number = match[1], int(match[2])
                dataset = datasets.name(dataset, where)
                for file in files:
                    example = _EXAMPLE.fullmatch(file) if clustered else None
                    yield Finding(
                        name, result, severity, message, dataset, example[1] if example else file,
                        number, level, tool.name, tool.version, tool.vocabulary,
                    )  # fmt: skip


def _checkers(info: Mapping[str, Any], notes: Notes) -> Iterator[Tool]:
    """The tools of a run: `CF-Conventions cf:1.6 (compliance-checker 6.1.0)`."""
    told = info["checkers"]
    if isinstance(told, str):  # before esgf-qa 0.6.0
        told = [part.strip() for part in told.split(",") if part.strip()]
    for index, words in enumerate(told):
        found = _CHECKER.fullmatch(words)
        if found:
            yield Tool(found[3], found[4], found[2], found[1])
        else:
            yield Tool("compliance-checker", info["cc_version"], words, words.split(":")[0])
            what = f"The checker {words[:80]!r} does not say its program."
            notes.say(
                f"/info/checkers/{index}", what, "It is taken as one of compliance-checker's."
            )


READERS = (
    Reader("esgf-qa", "quality", "full result of esgf-qa", _is_whole, _tell_whole),
    Reader(
        "esgf-qa-cluster", "quality", "clustered result of esgf-qa", _is_clustered, _tell_clustered
    ),
)
