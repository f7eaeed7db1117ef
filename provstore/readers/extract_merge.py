"""Merge several files of one step: a result, lists of checked files, results of single files.

In: `Extract`s. Out: one `Extract` with all of their content, and with conclusions from it: the file
of each result of esgf-qa, and passed checks of tools that list failures only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from provstore.errors import BadInput, Problem
from provstore.ingest.extracts import (
    DatasetVersion,
    Erratum,
    Extract,
    File,
    Finding,
    Resource,
    Tool,
)
from provstore.readers.common import Notes, summarise_findings, versioned_id

_IN_FULL, _SUMMARY, _LISTING = "esgf-qa", "esgf-qa-cluster", "esgf-qa-files"
_OF_A_FILE = ("esgf-qa-tests", "esgf-qa-attributes")


def merge_extracts(extracts: Sequence[Extract]) -> Extract:
    """Merge the extracts for one report.

    Raises:
        BadInput: there are no extracts, or they belong to several steps.

    """
    steps = {extract.step for extract in extracts}
    if len(steps) != 1:
        each = (
            "; ".join(f"{extract.sources[0].name}: {extract.step}" for extract in extracts)
            or "no files given"
        )
        name = extracts[0].sources[0].name if extracts else "the files"
        raise BadInput(
            name,
            [
                Problem(
                    "",
                    f"All files of a report must belong to one step ({each}).",
                    "Submit them separately.",
                )
            ],
            code="PS-INPUT-SEVERAL-STEPS",
        )
    if len(extracts) == 1:
        return extracts[0]
    notes = Notes()
    for extract in extracts:
        notes.add(*extract.notes)
    known = _files_by_result_name(extracts)
    parts = [_with_file(extract, known, notes) for extract in extracts]
    findings = dict.fromkeys(finding for extract in parts for finding in extract.findings)
    findings |= dict.fromkeys(_passed(parts, notes))
    all_findings = tuple(findings)
    resources = _with_affected(
        dict.fromkeys(resource for extract in parts for resource in extract.resources)
    )
    answers = _answers(parts, notes)
    if short := summarise_findings(all_findings):
        answers["findings"] = short
    return Extract(
        " + ".join(dict.fromkeys(extract.reader for extract in parts)),
        steps.pop(),
        tuple(source for extract in parts for source in extract.sources),
        MappingProxyType(answers),
        all_findings,
        tuple(resources),
        notes.all(),
        tuple(dict.fromkeys(kept for extract in parts for kept in extract.kept)),
    )


def derive_passed(
    tools: Sequence[Tool], files: Sequence[File], findings: Sequence[Finding]
) -> Iterator[Finding]:
    """Derive which checker has no finding on which file; checks that broke have not passed."""
    reported = {
        (finding.check.partition("]")[0].removeprefix("["), finding.file) for finding in findings
    }
    for tool in tools:
        for file in files:
            if tool.label and (tool.label, file.path) not in reported:
                yield Finding(
                    f"[{tool.label}]",
                    "passed",
                    "note",
                    "",
                    file.dataset,
                    file.path,
                    1,
                    "",
                    tool.name,
                    tool.version,
                    tool.vocabulary,
                    derived=True,
                )


def _passed(extracts: Sequence[Extract], notes: Notes) -> Iterator[Finding]:
    files = [
        t
        for extract in extracts
        for t in extract.resources
        if isinstance(t, File) and t.path and t.dataset
    ]
    for extract in extracts:
        tools = [resource for resource in extract.resources if isinstance(resource, Tool)]
        if extract.reader == _IN_FULL and files:
            unique = [*dict.fromkeys(files)]
            derived = [*derive_passed(tools, unique, extract.findings)]
            if derived:
                message = (
                    f"{len(derived)} passed results were derived: the tool lists failures only."
                )
                notes.note("", message)
            yield from derived
        elif extract.reader == _SUMMARY and files:
            notes.note(
                "", "Passed checks cannot be derived from a summary.", "Submit the full result."
            )


def _files_by_result_name(extracts: Sequence[Extract]) -> Mapping[str, Sequence[File]]:
    """Map the name of each single-file result to the files that it may belong to."""
    files = {
        t.path: t
        for extract in extracts
        for t in extract.resources
        if isinstance(t, File) and t.path
    }
    known: dict[str, list[File]] = {}
    for extract in extracts:
        for where, result in extract.kept if extract.reader == _LISTING else ():
            if not where.endswith("/result_file"):
                continue
            path = where.split("/")[1].replace("~1", "/").replace("~0", "~")
            known.setdefault(result.rpartition("/")[2], []).append(files[path])
    return known


def _with_file(extract: Extract, known: Mapping[str, Sequence[File]], notes: Notes) -> Extract:
    """Add its file to a single-file result, if the list names exactly one."""
    if extract.reader not in _OF_A_FILE:
        return extract
    name = extract.sources[0].name
    files = [f for listed in known if name.endswith(listed) for f in known[listed]]
    if len(files) != 1:
        why = f"{len(files)} files have a result with this name" if files else "no list names it"
        notes.note("", f"The file that {name} belongs to is unknown: {why}.")
        return extract
    (file,) = files
    findings = (replace(each, file=file.path, dataset=file.dataset) for each in extract.findings)
    resources = (
        replace(file, tracking_id=each.tracking_id) if isinstance(each, File) else each
        for each in extract.resources
    )
    return replace(extract, findings=tuple(findings), resources=tuple(resources))


def _with_affected(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Name the versions of an issue that a file beside it lists, if it is the only issue."""
    resources = tuple(resources)
    issues = [each for each in resources if isinstance(each, Erratum)]
    versions = (each for each in resources if isinstance(each, DatasetVersion))
    affected = tuple(versioned_id(each.dataset, each.version) for each in versions)
    for each in resources:
        if isinstance(each, Erratum) and each.title and not each.affected and len(issues) == 1:
            yield replace(each, affected=affected)
        else:
            yield each


def _answers(extracts: Sequence[Extract], notes: Notes) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for extract in extracts:
        for key, value in extract.answers.items():
            before = answers.setdefault(key, value)
            if isinstance(before, dict) and isinstance(value, dict):
                answers[key] = {**value, **before}
            elif before != value and key != "findings":
                message = (
                    f"{extract.sources[0].name} has {key} {value!r}, another file has {before!r}."
                )
                notes.note("", message, "The first value is used.")
    return answers
