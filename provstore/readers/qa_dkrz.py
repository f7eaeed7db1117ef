"""Summaries of QA-DKRZ: `<experiment>.json` as qa_summary.py writes it, or written by hand.

In: JSON with `QA_conclusion` and annotations. Out: a finding for each annotation. No real file is
public; the layout follows the program and the tests of dkrz_forms.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, Finding, Tool
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
        _finding(each, f"/annotation/{index}", document, notes)
        for index, each in enumerate(document.get("annotation", []))
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
    answers = quality_answers(
        {"name": TOOL}, findings, comment=f"QA_conclusion: {document['QA_conclusion']}"
    )
    return ExtractParts(answers, findings, (Tool(TOOL),), notes.all(), kept)


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


_SCOPE = {"scope", "variable"}


def _joined(value: Any) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


READERS = (Reader("qa-dkrz", "quality", "summary of QA-DKRZ", _looks_like, _read),)
