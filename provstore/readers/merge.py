"""Several files of one step as one: a result, the list of what was checked, results of each file.

In: `Read`s. Out: one `Read` that holds all of them, and what follows from having them together:
which file a result of esgf-qa is about, and what passed although the tool lists only failures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from provstore.errors import BadInput, Problem
from provstore.ingest.extracts import File, Finding, Read, Tool
from provstore.readers.common import Notes, in_short

_IN_FULL, _SUMMARY, _LISTING = "esgf-qa", "esgf-qa-cluster", "esgf-qa-files"
_OF_A_FILE = ("esgf-qa-tests", "esgf-qa-attributes")


def together(reads: Sequence[Read]) -> Read:
    """Unite what was read for one report.

    Raises:
        BadInput: there is nothing, or it belongs to several steps.

    """
    steps = {one.step for one in reads}
    if len(steps) != 1:
        each = "; ".join(f"{one.sources[0].name}: {one.step}" for one in reads) or "there is none"
        name = reads[0].sources[0].name if reads else "the files"
        raise BadInput(name, [Problem("", f"One report is of one step ({each}).", "Split them.")])
    if len(reads) == 1:
        return reads[0]
    notes = Notes()
    for one in reads:
        notes.add(*one.notes)
    known = _about(reads)
    parts = [_named(one, known, notes) for one in reads]
    findings = dict.fromkeys(finding for one in parts for finding in one.findings)
    findings |= dict.fromkeys(_passed(parts, notes))
    told = tuple(findings)
    answers = _answers(parts, notes)
    if short := in_short(told):
        answers["findings"] = short
    return Read(
        " + ".join(dict.fromkeys(one.reader for one in parts)),
        steps.pop(),
        tuple(source for one in parts for source in one.sources),
        MappingProxyType(answers),
        told,
        tuple(dict.fromkeys(thing for one in parts for thing in one.things)),
        notes.all(),
        tuple(dict.fromkeys(kept for one in parts for kept in one.kept)),
    )


def passed(
    tools: Sequence[Tool], files: Sequence[File], findings: Sequence[Finding]
) -> Iterator[Finding]:
    """Derive which checker had nothing to say of which file; a check that broke has not passed."""
    said = {(one.check.partition("]")[0].removeprefix("["), one.file) for one in findings}
    for tool in tools:
        for file in files:
            if tool.label and (tool.label, file.path) not in said:
                yield Finding(
                    f"[{tool.label}]", "passed", "note", "", file.dataset, file.path, 1, "",
                    tool.name, tool.version, tool.vocabulary, derived=True,
                )  # fmt: skip


def _passed(reads: Sequence[Read], notes: Notes) -> Iterator[Finding]:
    files = [t for one in reads for t in one.things if isinstance(t, File) and t.path and t.dataset]
    for one in reads:
        tools = [thing for thing in one.things if isinstance(thing, Tool)]
        if one.reader == _IN_FULL and files:
            unique = [*dict.fromkeys(files)]
            derived = [*passed(tools, unique, one.findings)]
            if derived:
                what = f"{len(derived)} results are derived: what the tool did not list has passed."
                notes.say("", what)
            yield from derived
        elif one.reader == _SUMMARY and files:
            notes.say("", "What passed cannot be derived from a summary.", "Use the full result.")


def _about(reads: Sequence[Read]) -> Mapping[str, Sequence[File]]:
    """By the name of a result of one file, the files that it may be about."""
    files = {t.path: t for one in reads for t in one.things if isinstance(t, File) and t.path}
    known: dict[str, list[File]] = {}
    for one in reads:
        for where, result in one.kept if one.reader == _LISTING else ():
            if not where.endswith("/result_file"):
                continue
            path = where.split("/")[1].replace("~1", "/").replace("~0", "~")
            known.setdefault(result.rpartition("/")[2], []).append(files[path])
    return known


def _named(one: Read, known: Mapping[str, Sequence[File]], notes: Notes) -> Read:
    """A result of one file with the file that it is about, if the list leaves no doubt."""
    if one.reader not in _OF_A_FILE:
        return one
    name = one.sources[0].name
    files = [f for listed in known if name.endswith(listed) for f in known[listed]]
    if len(files) != 1:
        why = f"{len(files)} files have a result of that name" if files else "no list names it"
        notes.say("", f"Which file {name} is about cannot be told: {why}.")
        return one
    (file,) = files
    findings = (replace(each, file=file.path, dataset=file.dataset) for each in one.findings)
    things = (
        replace(file, tracking_id=each.tracking_id) if isinstance(each, File) else each
        for each in one.things
    )
    return replace(one, findings=tuple(findings), things=tuple(things))


def _answers(reads: Sequence[Read], notes: Notes) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for one in reads:
        for key, value in one.answers.items():
            before = answers.setdefault(key, value)
            if isinstance(before, dict) and isinstance(value, dict):
                answers[key] = {**value, **before}
            elif before != value and key != "findings":
                what = f"{one.sources[0].name} says {key} {value!r}, another file {before!r}."
                notes.say("", what, "The first one is taken.")
    return answers
