"""Results of the IOOS compliance checker: one file (`json`), or several (`json_new`).

In: JSON of compliance-checker 6.x, or of an earlier version without version and time. Out: a
finding for each check, passed or failed. The file does not list checks that broke.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.ingest.extracts import ExtractParts, File, Finding, Resource, Tool
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import pointer
from provstore.readers.common import (
    HandledMembers,
    Notes,
    handled,
    quality_answers,
    time_with_zone,
    unhandled_values,
)
from provstore.readers.document_shapes import (
    Shape,
    any_of,
    check_shape,
    integer,
    list_of,
    mapping_of,
    natural,
    nonblank,
    number,
    object_of,
    text,
    tuple_of,
)
from provstore.readers.esgf_qa import WEIGHTS
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader

TOOL = "compliance-checker"
_LISTS = ("high_priorities", "medium_priorities", "low_priorities")
_COUNTS = {"high_count": 3, "medium_count": 2, "low_count": 1}
_MARKS = {"scored_points", "possible_points", "all_priorities", "high_priorities"}


def _result(value: Any, where: str) -> Iterator[Any]:
    """A check; its children are checks too (the depth of the document is limited)."""
    yield from _RESULT(value, where)


_RESULT: Shape = object_of(
    {
        "name": any_of(nonblank, list_of(nonblank, 1)),
        "weight": integer,
        "value": tuple_of(number, number),
    },
    {"msgs": list_of(text), "children": list_of(_result)},
)
_RUN = object_of(
    {"scored_points": number, "possible_points": number, "source_name": text},
    {
        "testname": text, "cc_version": text, "report_timestamp": text, "cc_spec_version": text,
        "cc_url": text, "scoreheader": mapping_of(text), "all_priorities": list_of(_result),
        **dict.fromkeys(_LISTS, list_of(_result)), **dict.fromkeys(_COUNTS, natural),
    },
)  # fmt: skip
_OF_A_CHECK: dict[str, HandledMembers] = {**handled("name", "weight", "value", "msgs")}
_OF_A_CHECK["children"] = {"*": _OF_A_CHECK}
_OF_A_RUN: HandledMembers = {key: {"*": _OF_A_CHECK} for key in ("all_priorities", *_LISTS)}
_OF_RUNS: HandledMembers = {"*": {"*": _OF_A_RUN}}
_ONE_FILE, _SEVERAL = (
    mapping_of(_RUN, nonblank, 1),
    mapping_of(mapping_of(_RUN, nonblank, 1), nonblank, 1),
)


def _looks_like(input_file: InputFile) -> str:
    if not isinstance(input_file.document, dict) or not input_file.document:
        return NO_OBJECT
    return (
        ""
        if _runs_are(input_file.document) or _is_several(input_file.document)
        else ("none of its members has scored_points and priorities")
    )


def _runs_are(value: object) -> bool:
    return isinstance(value, dict) and any(
        isinstance(each, dict) and len(_MARKS & each.keys()) >= 2 for each in value.values()
    )


def _is_several(value: Mapping[str, Any]) -> bool:
    return any(_runs_are(each) for each in value.values())


def _read(input_file: InputFile) -> ExtractParts:
    document: Any = input_file.document
    notes = Notes()
    if _runs_are(document):
        check_shape(_ONE_FILE, document, input_file.name)
        runs = [("", name, run) for name, run in document.items()]
    else:
        check_shape(_SEVERAL, document, input_file.name)
        runs = [
            (pointer("", f), name, run) for f, by in document.items() for name, run in by.items()
        ]
    findings: list[Finding] = []
    tools: dict[Tool, None] = {}
    files: dict[str, None] = {}
    ended = ""
    for where, name, run in runs:
        run_pointer = pointer(where, name)
        tool = Tool(TOOL, run.get("cc_version", ""), run.get("testname", name), name)
        run_findings = [*_findings(run, tool, run_pointer, notes)]
        _compare_counts(run, run_findings, run_pointer, notes)
        findings += run_findings
        tools[tool], files[run["source_name"]] = None, None
        if "report_timestamp" in run:
            stamp = time_with_zone(
                run["report_timestamp"], f"{run_pointer}/report_timestamp", notes
            )
            ended = max(ended, stamp)
        else:
            notes.note(
                run_pointer,
                "The result has neither a time nor a version of the tool.",
                "Give both in your answers.",
            )
    failed = {finding.file for finding in findings if finding.result == "failed"}
    versions = {tool.version for tool in tools}
    if len(versions) > 1:
        notes.note("", f"The results are of several versions: {', '.join(sorted(versions))}.")
    version = versions.pop() if len(versions) == 1 else ""
    answers = quality_answers(
        {"name": TOOL, "version": version},
        findings,
        checked_files=len(files),
        failed_files=len(failed),
        ended=ended,
    )
    resources: tuple[Resource, ...] = (*tools, *(File(f.rpartition("/")[2], f) for f in files))
    notes.note(
        "",
        "Checks that broke are not listed, so a missing check has not passed.",
    )
    kept = tuple(unhandled_values(document, {"*": _OF_A_RUN} if _runs_are(document) else _OF_RUNS))
    return ExtractParts(answers, tuple(findings), resources, notes.all(), kept)


def _findings(run: Mapping[str, Any], tool: Tool, where: str, notes: Notes) -> Iterator[Finding]:
    parts = [each for key in _LISTS for each in run.get(key, ())]
    results = run.get("all_priorities", parts)
    if parts and len(parts) != len(results):
        note = f"The result lists {len(results)} checks in all, but {len(parts)} by priority."
        notes.note(f"{where}/all_priorities", note)
    waiting = [*reversed(results)]
    while waiting:
        result = waiting.pop()
        children = result.get("children") or []
        waiting += reversed(children)
        score, of = result["value"]
        messages = result.get("msgs") or []
        failed = bool(messages) or score < of
        if failed and children and not messages:
            continue  # the children have the failures
        name = result["name"]
        level = str(result["weight"])
        texts = messages or ([f"It scored {score} of {of} points."] if failed else [""])
        for message in texts:
            yield Finding(
                name if isinstance(name, str) else " / ".join(name),
                "failed" if failed else "passed",
                WEIGHTS.get(level, "note"),
                message,
                "",
                run["source_name"],
                1,
                level,
                tool.name,
                tool.version,
                tool.vocabulary,
            )


def _compare_counts(
    run: Mapping[str, Any], findings: list[Finding], where: str, notes: Notes
) -> None:
    for key, weight in _COUNTS.items():
        failed = {
            finding.check
            for finding in findings
            if finding.level == str(weight)
            if finding.result == "failed"
        }
        if key in run and bool(run[key]) != bool(failed):
            message = f"The result counts {run[key]} failed checks, but lists {len(failed)}."
            notes.note(f"{where}/{key}", message)


READERS = (Reader(TOOL, "quality", "result of compliance-checker", _looks_like, _read),)
