"""The result of esgf-qa (formerly cc-qa) for a whole delivery, in full or clustered.

In: JSON of esgf-qa 0.6.0 or earlier. Out: findings. The result lists failures only; passed checks
are derived (`merge_extracts`) from the map of datasets that esgf-qa writes next to it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, Finding, Tool
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import (
    Datasets,
    Notes,
    handled,
    quality_answers,
    time_with_zone,
    unhandled_values,
)
from provstore.readers.document_shapes import (
    Shape,
    any_of,
    any_value,
    check_shape,
    list_of,
    mapping_of,
    nonblank,
    object_of,
    text,
)
from provstore.readers.input_checks import missing_keys
from provstore.readers.reader import Reader

WEIGHTS: Mapping[str, str] = {"3": "error", "2": "warning", "1": "note"}
"""Weights of compliance-checker: required, recommended, suggested."""
SUITE = "esgf-qa"
_COUNT = re.compile(r"(.+) \(([0-9]+) files? affected\)")
_EXAMPLE = re.compile(r"(?:e\.g\. )?'(.*)'")
_CHECKER = re.compile(r"(\S+) (\S+) \((\S+) (\S+)\)")
_LABEL = re.compile(r"\[([^\]]+)\] ?")


def _digits(value: str, where: str) -> int | Problem:
    if value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return Problem(where, f"{value[:40]!r} is not a whole number.")


def _a_count(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or isinstance(_digits(value, where), Problem):
        yield Problem(where, f"{str(value)[:40]!r} is wrong here.", "Expected a number in quotes.")


def _weight(value: Any, where: str) -> Iterator[Problem]:
    if value not in WEIGHTS:
        yield Problem(where, f"{value[:40]!r} is not a weight.", "Weights are 3, 2 and 1.")


def _summary(dataset: Shape, file: Shape) -> Shape:
    tests = mapping_of(mapping_of(mapping_of(list_of(file, 1), dataset, 1), nonblank, 1), _label)
    info = object_of(
        {
            "id": text,
            "date": text,
            "files": _a_count,
            "datasets": _a_count,
            "cc_version": text,
            "checkers": any_of(list_of(text), text),
        },
        {"parent_dir": text, "inter_ds_con_checks_ref": any_value},
    )
    return object_of({"info": info}, {"error": tests, "fail": mapping_of(tests, _weight)})


def _label(value: Any, where: str) -> Iterator[Problem]:
    if not _LABEL.match(value):
        message = f"The check {value[:80]!r} does not name its checker."
        yield Problem(where, message, "Expected [checker] at the beginning.")


def _counted(value: Any, where: str) -> Iterator[Problem]:
    match = _COUNT.fullmatch(value)
    if not match or isinstance(_digits(match[2], where), Problem):
        yield Problem(
            where,
            f"{value[:80]!r} does not have a number of files.",
            "Expected (n files affected) at the end.",
        )


def _quoted(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not _EXAMPLE.fullmatch(value):
        yield Problem(
            where, f"{str(value)[:80]!r} is not a file name in quotes.", "Expected e.g. 'path'."
        )


_WHOLE = _summary(nonblank, nonblank)
_CLUSTERED = _summary(_counted, _quoted)


def _first_dataset(document: dict[str, Any]) -> str:
    """Return the first dataset with a result, or ""."""
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


def _is_summary(input_file: InputFile) -> str:
    why = missing_keys(input_file, "info")
    if not why and isinstance(input_file.document, dict):
        info, known = input_file.document["info"], input_file.document.keys() & {"error", "fail"}
        if not known:
            return "it has neither 'error' nor 'fail'"
        if isinstance(info, dict) and not info.keys() & {"cc_version", "checkers", "datasets"}:
            return "its 'info' names no checkers"
    return why


def _is_whole(input_file: InputFile) -> str:
    why = _is_summary(input_file)
    if not why and isinstance(input_file.document, dict):
        clustered = _COUNT.fullmatch(_first_dataset(input_file.document))
        return "its datasets are counts of affected files: it is clustered" if clustered else ""
    return why


def _is_clustered(input_file: InputFile) -> str:
    why = _is_summary(input_file)
    if not why and isinstance(input_file.document, dict):
        clustered = _COUNT.fullmatch(_first_dataset(input_file.document))
        return "" if clustered else "its datasets are not counts of affected files"
    return why


def _read_whole(input_file: InputFile) -> ExtractParts:
    return _read(check_shape(_WHOLE, input_file.document, input_file.name), clustered=False)


def _read_clustered(input_file: InputFile) -> ExtractParts:
    return _read(check_shape(_CLUSTERED, input_file.document, input_file.name), clustered=True)


def _read(document: Any, *, clustered: bool) -> ExtractParts:
    notes, info = Notes(), document["info"]
    datasets = Datasets(notes)
    tools = {tool.label: tool for tool in _checkers(info, notes)}
    rows = _rows(document)
    findings = tuple(_findings(rows, tools, datasets, clustered=clustered))
    checked = int(info["files"])
    failed = len({finding.file for finding in findings if finding.result == "failed"})
    answers = {"checked_files": checked, "ended": time_with_zone(info["date"], "/info/date", notes)}
    if clustered:
        notes.note(
            "",
            "This result is a summary: it names one example file per group.",
            "To record every file, submit the full result.",
        )
    else:
        if failed > checked:
            notes.note("/info/files", f"{failed} files failed, but only {checked} were checked.")
        answers["failed_files"] = failed
    notes.note(
        "/info", "The result does not give the version of esgf-qa.", "Give it in your answers."
    )
    answers = quality_answers({"name": SUITE}, findings, **answers)
    kept = tuple(unhandled_values(document, handled("error", "fail")))
    return ExtractParts(answers, findings, tuple(tools.values()), notes.all(), kept)


def _rows(document: Any) -> Iterator[tuple[str, str, str, str, Any]]:
    """Yield for each check its pointer, level, result and name, and its content by dataset."""
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
        label_match = _LABEL.match(name)
        label = label_match[1] if label_match else ""
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
                        name,
                        result,
                        severity,
                        message,
                        dataset,
                        example[1] if example else file,
                        number,
                        level,
                        tool.name,
                        tool.version,
                        tool.vocabulary,
                    )


def _checkers(info: Mapping[str, Any], notes: Notes) -> Iterator[Tool]:
    """The tools of a run: `CF-Conventions cf:1.6 (compliance-checker 6.1.0)`."""
    checkers = info["checkers"]
    if isinstance(checkers, str):  # before esgf-qa 0.6.0
        checkers = [part.strip() for part in checkers.split(",") if part.strip()]
    for index, checker in enumerate(checkers):
        match = _CHECKER.fullmatch(checker)
        if match:
            yield Tool(match[3], match[4], match[2], match[1])
        else:
            yield Tool("compliance-checker", info["cc_version"], checker, checker.split(":")[0])
            message = f"The checker {checker[:80]!r} does not name its program."
            notes.note(
                f"/info/checkers/{index}",
                message,
                "It is treated as a checker of compliance-checker.",
            )


READERS = (
    Reader("esgf-qa", "quality", "full result of esgf-qa", _is_whole, _read_whole),
    Reader(
        "esgf-qa-cluster", "quality", "clustered result of esgf-qa", _is_clustered, _read_clustered
    ),
)
