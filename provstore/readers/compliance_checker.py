"""Results of the IOOS compliance checker: one file (`json`), or several (`json_new`).

In: JSON as compliance-checker 6.x writes it, or an earlier one that names neither its version nor
the time. Out: a finding for each check, the passed ones too. A check that broke is not in the file.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.ingest.extracts import File, Finding, Thing, Told, Tool
from provstore.prov.notations.json_strict import pointer
from provstore.readers.common import Notes, Taken, besides, quality, time, wholly
from provstore.readers.document_shapes import (
    Shape,
    check,
    count,
    either,
    fields,
    filled,
    items,
    number,
    row,
    table,
    text,
    whole,
)
from provstore.readers.esgf_qa import WEIGHTS
from provstore.readers.input_file import NO_OBJECT, Given
from provstore.readers.reader import Reader

TOOL = "compliance-checker"
_LISTS = ("high_priorities", "medium_priorities", "low_priorities")
_COUNTS = {"high_count": 3, "medium_count": 2, "low_count": 1}
_MARKS = {"scored_points", "possible_points", "all_priorities", "high_priorities"}


def _result(value: Any, where: str) -> Iterator[Any]:
    """A check; its children are checks too (the document's depth is limited)."""
    yield from _RESULT(value, where)


_RESULT: Shape = fields(
    {"name": either(filled, items(filled, 1)), "weight": whole, "value": row(number, number)},
    {"msgs": items(text), "children": items(_result)},
)
_RUN = fields(
    {"scored_points": number, "possible_points": number, "source_name": text},
    {
        "testname": text, "cc_version": text, "report_timestamp": text, "cc_spec_version": text,
        "cc_url": text, "scoreheader": table(text), "all_priorities": items(_result),
        **dict.fromkeys(_LISTS, items(_result)), **dict.fromkeys(_COUNTS, count),
    },
)  # fmt: skip
_OF_A_CHECK: dict[str, Taken] = {**wholly("name", "weight", "value", "msgs")}
_OF_A_CHECK["children"] = {"*": _OF_A_CHECK}
_OF_A_RUN: Taken = {key: {"*": _OF_A_CHECK} for key in ("all_priorities", *_LISTS)}
_OF_RUNS: Taken = {"*": {"*": _OF_A_RUN}}
_ONE_FILE, _SEVERAL = table(_RUN, filled, 1), table(table(_RUN, filled, 1), filled, 1)


def _looks_like(given: Given) -> str:
    if not isinstance(given.document, dict) or not given.document:
        return NO_OBJECT
    return "" if _runs_are(given.document) or _is_several(given.document) else (
        "none of its members holds scored_points and priorities"
    )  # fmt: skip


def _runs_are(value: object) -> bool:
    return isinstance(value, dict) and any(
        isinstance(each, dict) and len(_MARKS & each.keys()) >= 2 for each in value.values()
    )


def _is_several(value: Mapping[str, Any]) -> bool:
    return any(_runs_are(each) for each in value.values())


def _tell(given: Given) -> Told:
    document: Any = given.document
    notes = Notes()
    if _runs_are(document):
        check(_ONE_FILE, document, given.name)
        runs = [("", name, run) for name, run in document.items()]
    else:
        check(_SEVERAL, document, given.name)
        runs = [
            (pointer("", f), name, run) for f, by in document.items() for name, run in by.items()
        ]
    findings: list[Finding] = []
    tools: dict[Tool, None] = {}
    files: dict[str, None] = {}
    ended = ""
    for where, name, run in runs:
        here = pointer(where, name)
        tool = Tool(TOOL, run.get("cc_version", ""), run.get("testname", name), name)
        found = [*_findings(run, tool, here, notes)]
        _compare_counts(run, found, here, notes)
        findings += found
        tools[tool], files[run["source_name"]] = None, None
        if "report_timestamp" in run:
            stamp = time(run["report_timestamp"], f"{here}/report_timestamp", notes)
            ended = max(ended, stamp)
        else:
            notes.say(here, "It says neither when it was made nor by which version.", "Answer it.")
    failed = {one.file for one in findings if one.result == "failed"}
    versions = {tool.version for tool in tools}
    if len(versions) > 1:
        notes.say("", f"The results are of several versions: {', '.join(sorted(versions))}.")
    version = versions.pop() if len(versions) == 1 else ""
    answers = quality(
        {"name": TOOL, "version": version}, findings,
        checked_files=len(files), failed_files=len(failed), ended=ended,
    )  # fmt: skip
    things: tuple[Thing, ...] = (*tools, *(File(f.rpartition("/")[2], f) for f in files))
    notes.say("", "A check that broke is not in such a file: what is absent has not passed.")
    kept = tuple(besides(document, {"*": _OF_A_RUN} if _runs_are(document) else _OF_RUNS))
    return Told(answers, tuple(findings), things, notes.all(), kept)


def _findings(run: Mapping[str, Any], tool: Tool, where: str, notes: Notes) -> Iterator[Finding]:
    parts = [each for key in _LISTS for each in run.get(key, ())]
    results = run.get("all_priorities", parts)
    if parts and len(parts) != len(results):
        what = f"It lists {len(results)} checks in all, and {len(parts)} by priority."
        notes.say(f"{where}/all_priorities", what)
    waiting = [*reversed(results)]
    while waiting:
        result = waiting.pop()
        children = result.get("children") or []
        waiting += reversed(children)
        score, of = result["value"]
        messages = result.get("msgs") or []
        failed = bool(messages) or score < of
        if failed and children and not messages:
            continue  # the children say what failed
        name = result["name"]
        level = str(result["weight"])
        said = messages or ([f"It scored {score} of {of} points."] if failed else [""])
        for message in said:
            yield Finding(
                name if isinstance(name, str) else " / ".join(name),
                "failed" if failed else "passed", WEIGHTS.get(level, "note"), message,
                "", run["source_name"], 1, level, tool.name, tool.version, tool.vocabulary,
            )  # fmt: skip


def _compare_counts(
    run: Mapping[str, Any], findings: list[Finding], where: str, notes: Notes
) -> None:
    for key, weight in _COUNTS.items():
        failed = {
            one.check for one in findings if one.level == str(weight) if one.result == "failed"
        }
        if key in run and bool(run[key]) != bool(failed):
            what = f"It counts {run[key]} checks that failed, and lists {len(failed)}."
            notes.say(f"{where}/{key}", what)


READERS = (Reader(TOOL, "quality", "result of compliance-checker", _looks_like, _tell),)
