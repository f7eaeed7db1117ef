"""Summaries of QA-DKRZ: `<experiment>.json` as qa_summary.py writes it, or written by hand.

In: JSON with `QA_conclusion` and annotations. Out: a finding for each annotation and, where the
parts of the path (DRS_0, DRS_1, …) are those of a known project, for each of its datasets.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import DatasetVersion, ExtractParts, Finding, Resource, Tool
from provstore.projects import data_identifiers, drs
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import (
    HandledMembers,
    Notes,
    handled,
    quality_answers,
    unhandled_values,
)
from provstore.readers.document_shapes import (
    any_of,
    check_shape,
    list_of,
    nonblank,
    object_of,
    one_of,
    text,
)
from provstore.readers.input_checks import missing_keys
from provstore.readers.reader import Reader

TOOL = "QA-DKRZ"
SEVERITY: Mapping[str, str] = {
    "note": "note", "notice": "note", "info": "note",
    "warning": "warning", "l1": "warning",
    "error": "error", "fatal": "error", "l2": "error", "l3": "error", "l4": "error",
}  # fmt: skip
"""Levels of check lists: L1 notifies, L2 locks the variable, L3 and L4 stop."""


def _severity(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or value.lower() not in SEVERITY:
        texts = ", ".join(SEVERITY)
        yield Problem(where, f"{str(value)[:40]!r} is not a severity.", f"Known: {texts}.")


_TEXTS = any_of(list_of(nonblank), text)
_ANNOTATION = object_of(
    {},
    {"severity": _severity, "scope": _TEXTS, "variable": _TEXTS, "annotation": nonblank,
     "caption": nonblank, "comment": text, "example": text, "tag": text},
)  # fmt: skip
_SUMMARY = object_of(
    {"QA_conclusion": one_of("PASS", "FAIL", "pass", "fail")},
    {"annotation": list_of(_ANNOTATION), "project": text, "data_path": _TEXTS, "selection": _TEXTS,
     "QA_logfile": text},
)  # fmt: skip
_HANDLED: HandledMembers = {
    **handled("QA_conclusion"),
    "annotation": {
        "*": handled(
            "severity", "scope", "variable", "annotation", "caption", "comment", "example", "tag"
        )
    },
}


def _looks_like(input_file: InputFile) -> str:
    return missing_keys(input_file, "QA_conclusion")


def _read(input_file: InputFile) -> ExtractParts:
    document: Any = check_shape(_SUMMARY, input_file.document, input_file.name)
    notes = Notes()
    findings = tuple(
        finding
        for index, each in enumerate(document.get("annotation", []))
        for finding in _of_datasets(each, f"/annotation/{index}", document, notes)
    )
    if not findings:
        result = "passed" if document["QA_conclusion"].upper() == "PASS" else "failed"
        severity = "note" if result == "passed" else "error"
        conclusion = document["QA_conclusion"]
        findings = (
            Finding("QA_conclusion", result, severity, conclusion, level=conclusion, tool=TOOL),
        )
    notes.note("", "A summary of QA-DKRZ gives neither its version nor the checked files.")
    kept = tuple(unhandled_values(document, _HANDLED))
    named = dict.fromkeys(finding.dataset for finding in findings if finding.dataset)
    resources: tuple[Resource, ...] = (Tool(TOOL), *map(_version, named))
    answers = quality_answers(
        {"name": TOOL}, findings, comment=f"QA_conclusion: {document['QA_conclusion']}"
    )
    return ExtractParts(answers, findings, resources, notes.all(), kept)


_PART = re.compile(r"DRS_\d{1,3}")
_MAX_DATASETS = 10_000


def _of_datasets(
    each: Mapping[str, Any], where: str, document: Any, notes: Notes
) -> Iterator[Finding]:
    """Yield the finding of an annotation, once for each of its datasets."""
    parts = _parts(document) | _parts(each)
    values = [_values(parts[key]) for key in sorted(parts, key=lambda key: int(key[4:]))]
    several = [options for options in values if len(options) > 1]
    number = math.prod(map(len, values))
    finding = _finding(each, where, document, notes)
    if not values or "*" in (option for options in values for option in options):
        yield finding
        return
    chosen = islice(product(*values), min(number, _MAX_DATASETS))
    parsed = [drs.parse_dataset_id(".".join(names)) for names in chosen]
    datasets = [str(name) for name in parsed if isinstance(name, drs.DatasetId)]
    if len(several) > 1 or len(datasets) < number:
        if len(several) > 1:
            message = "The annotation lists several values of several parts of the path."
            notes.note(where, message, "Its datasets are in the log of QA-DKRZ; submit that.")
        yield finding
        return
    scoped = {key: value for key, value in each.items() if not _PART.fullmatch(key)}
    finding = _finding(scoped, where, document, Notes())
    yield from (replace(finding, dataset=name) for name in datasets)


def _parts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if _PART.fullmatch(key)}


def _values(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _finding(each: Mapping[str, Any], where: str, document: Any, notes: Notes) -> Finding:
    level = each.get("severity", "")
    if not level:
        notes.note(where, "This annotation has no severity.", "It is treated as a warning.")
    texts = [
        str(each[key]) for key in ("annotation", "caption", "comment", "example") if each.get(key)
    ]
    scope = {key: value for key, value in each.items() if key.startswith("DRS_") or key in _SCOPE}
    if scope:
        chosen = [f"{key}={_joined(value)}" for key, value in sorted(scope.items())]
        texts.append(f"({', '.join(chosen)})")
    return Finding(
        str(each.get("tag") or each.get("caption") or "annotation"),
        "failed",
        SEVERITY.get(level.lower(), "warning"),
        " ".join(texts) or "(no words)",
        level=level,
        tool=TOOL,
        vocabulary=str(document.get("project", "")),
    )


def _version(dataset: str) -> DatasetVersion:
    split = data_identifiers.split_version(dataset)
    return DatasetVersion(*split) if isinstance(split, tuple) else DatasetVersion(dataset)


_SCOPE = {"scope", "variable"}


def _joined(value: Any) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


READERS = (Reader("qa-dkrz", "quality", "summary of QA-DKRZ", _looks_like, _read),)
