"""Errata: an issue as the errata service accepts it, and version chains as it returns them.

In: an issue (create, update, propose, moderate: the four body schemas of esdoc-errata-ws), bare or
under `issue`, with its datasets or without (the errata client takes them from a text file beside
it); that text file; or the version chains of a PID. Out: the erratum with its versions; revisions.
"""

import re
from collections.abc import Iterator
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import DatasetVersion, Erratum, ExtractParts, Resource, Revision
from provstore.projects import data_identifiers, drs
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import (
    Datasets,
    Notes,
    canonical_pid,
    handled,
    leaf_values,
    unhandled_values,
    versioned_id,
)
from provstore.readers.document_shapes import (
    Shape,
    check_shape,
    integer,
    list_of,
    nonblank,
    object_of,
    one_of,
    optional,
    parsed_by,
    text,
    tuple_of,
)
from provstore.readers.input_checks import NO_OBJECT, numbered_lines, raise_problems
from provstore.readers.reader import Reader

PROJECTS = ("cmip5", "cmip6", "cordex", "input4mips")
SEVERITIES = ("low", "medium", "high", "critical")
STATUS = ("new", "onhold", "wontfix", "resolved")
MODERATION = ("accepted", "in-review", "not-required", "rejected")
_UID = re.compile(data_identifiers.UUID, re.ASCII)
_MATERIAL = re.compile(r"\.(jpg|gif|png|tiff)$")


def _matching(pattern: re.Pattern[str], expected: str) -> Shape:
    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not pattern.search(value):
            yield Problem(where, f"{str(value)[:80]!r} is wrong here.", f"Expected {expected}.")

    return faults


def _uid(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not _UID.fullmatch(value):
        yield Problem(where, f"{str(value)[:80]!r} is wrong here.", "Expected a UUID.")


def _some(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not value:
        yield Problem(where, f"{str(value)[:80]!r} is wrong here.", "Expected a text.")


_WRITTEN = dict.fromkeys(
    [f"{event}{by}" for event in ("created", "updated", "closed") for by in ("By", "Date")],
    optional(text),
)
"""Keys that the service itself adds; requests do not have them."""
_ISSUE = object_of(
    {"description": _some,
     "materials": list_of(_matching(_MATERIAL, "a picture"), unique=True),
     "project": one_of(*PROJECTS),
     "severity": one_of(*SEVERITIES), "status": one_of(*STATUS), "title": _some, "uid": _uid,
     "urls": list_of(text, unique=True)},
    {"datasets": list_of(_some, 1, unique=True), "moderationStatus": one_of(*MODERATION),
     "userEmail": _some, **_WRITTEN}, closed=True,
)  # fmt: skip
_MODERATED = object_of({"moderationStatus": one_of(*MODERATION), "uid": _uid}, closed=True)


def _is_issue(input_file: InputFile) -> str:
    issue = _issue(input_file)
    if not isinstance(issue, dict):
        return NO_OBJECT
    if "uid" in issue and issue.keys() & {"moderationStatus", "severity", "datasets", "materials"}:
        return ""
    if {"title", "description", "project", "severity"} <= issue.keys():
        return ""
    return "it has no 'uid' with a severity, datasets or a moderation status"


def _issue(input_file: InputFile) -> Any:
    document = input_file.document
    return document.get("issue", document) if isinstance(document, dict) else document


def _read_issue(input_file: InputFile) -> ExtractParts:
    issue = _issue(input_file)
    if issue.keys() <= {"uid", "moderationStatus"}:
        check_shape(_MODERATED, issue, input_file.name)
        erratum = Erratum(issue["uid"], moderation=issue["moderationStatus"])
        return ExtractParts({"uid": erratum.uid}, (), (erratum,))
    check_shape(_ISSUE, issue, input_file.name)
    notes = Notes()
    datasets = Datasets(notes)
    named = [
        datasets.split(dataset, f"/datasets/{i}")
        for i, dataset in enumerate(issue.get("datasets", ()))
    ]
    if not named:
        message = "The issue names no datasets: the errata client takes them from a file beside it."
        notes.note("/datasets", message, "Submit that file together with the issue.")
    for index, (name, version) in enumerate(named):
        if not version:
            message = f"{name[:200]} has no version, so the issue would affect all its versions."
            notes.note(f"/datasets/{index}", message, "Name the affected versions.")
    affected = tuple(dict.fromkeys(versioned_id(*dataset) for dataset in named))
    answers: dict[str, Any] = {key: issue[key] for key in ("uid", "title", "severity")}
    answers["description"] = issue["description"]
    whole_names = [pair for pair in dict.fromkeys(named) if pair[1]]
    if whole_names:
        answers["affected"] = [{"dataset": name, "version": date} for name, date in whole_names]
    if len(issue["title"]) > 300:
        del answers["title"]
        notes.note(
            "/title", "The title is too long for an answer.", "Shorten it to 300 characters."
        )
    answers = {key: value for key, value in answers.items() if not _blank(value)}
    erratum = Erratum(
        issue["uid"],
        affected,
        issue["title"],
        issue["description"],
        issue["severity"],
        issue["status"],
        issue.get("moderationStatus", ""),
        issue["project"],
        tuple(issue["urls"]),
        tuple(issue["materials"]),
    )
    versions = (DatasetVersion(*dataset) for dataset in dict.fromkeys(named))
    own = handled("datasets", "description", "materials", "moderationStatus", "project")
    own = {**own, **handled("severity", "status", "title", "uid", "urls")}
    taken = own if issue is input_file.document else {"issue": own}
    kept = tuple(unhandled_values(input_file.document, taken))
    return ExtractParts(answers, (), (erratum, *versions), notes.all(), kept)


def _blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


# --- datasets of an issue, in the file beside it --------------------------------------------------


def _are_datasets(input_file: InputFile) -> str:
    lines = [line for _, line in numbered_lines(input_file)][:3]
    if lines and all(isinstance(drs.parse_dataset_id(line), drs.DatasetId) for line in lines):
        return ""
    return "its first lines are not dataset ids"


def _read_datasets(input_file: InputFile) -> ExtractParts:
    notes, problems = Notes(), list[Problem]()
    datasets, named = Datasets(notes), dict[tuple[str, str], str]()
    for where, line in numbered_lines(input_file):
        parsed = drs.parse_dataset_id(line, where)
        if isinstance(parsed, Problem):
            problems.append(parsed)
            continue
        before = named.setdefault(datasets.split(line, where), where)
        if before != where:
            notes.note(where, f"The dataset already occurs in {before}.")
        if not parsed.version:
            message = f"{parsed.dataset[:200]} has no version, so all its versions are affected."
            notes.note(where, message, "Name the affected versions.")
    raise_problems(input_file, problems)
    affected = [{"dataset": name, "version": date} for name, date in named if date]
    resources = tuple(DatasetVersion(*dataset) for dataset in named)
    return ExtractParts({"affected": affected} if affected else {}, (), resources, notes.all())


# --- version chains of a PID ---------------------------------------------------------------------


def _bit(value: Any, where: str) -> Iterator[Problem]:
    if value not in (0, 1):
        yield Problem(where, f"{str(value)[:40]!r} is wrong here.", "Expected 0 or 1.")


_LINK = tuple_of(
    optional(_uid), nonblank, parsed_by(data_identifiers.parse_version), integer, _bit, _bit, _bit
)
_CHAIN = tuple_of(parsed_by(data_identifiers.parse_handle), list_of(_LINK, 1), integer)
_CHAINS = object_of({"errata": list_of(_CHAIN, 1)})


def _are_chains(input_file: InputFile) -> str:
    document = input_file.document
    if not isinstance(document, dict):
        return NO_OBJECT
    return "" if isinstance(document.get("errata"), list) else "it has no list 'errata'"


def _read_chains(input_file: InputFile) -> ExtractParts:
    document = check_shape(_CHAINS, input_file.document, input_file.name)
    notes = Notes()
    datasets = Datasets(notes)
    resources: dict[Resource, None] = {}
    for index, (pid, chain, _) in enumerate(document["errata"]):
        where = f"/errata/{index}"
        for resource in _chain(pid, chain, where, datasets, notes):
            resources[resource] = None
    return ExtractParts({}, (), tuple(resources), notes.all(), tuple(leaf_values(document)))


def _chain(
    pid: str, chain: list[Any], where: str, datasets: Datasets, notes: Notes
) -> Iterator[Resource]:
    links = sorted(chain, key=lambda link: link[3])
    orders = [link[3] for link in links]
    if len({*orders}) < len(orders) or 0 not in orders:
        notes.note(
            f"{where}/1",
            f"The order of the versions is {orders}; it must have 0, and each number once.",
        )
    previous: tuple[str, str] = ("", "")
    for link in links:
        uid, dataset, written, order, first, latest, _ = link
        name, version = datasets.split(
            dataset, f"{where}/1", str(data_identifiers.parse_version(written))
        )
        if bool(first) != (link is links[0]):
            notes.note(f"{where}/1", f"{version} is{'' if first else ' not'} called the first.")
        own = canonical_pid(pid) if order == 0 else ""
        if own:
            datasets.check_pid(versioned_id(name, version), own, [], f"{where}/0")
        yield DatasetVersion(name, version, own, latest=bool(latest))
        if uid:
            yield Erratum(uid, (versioned_id(name, version),))
        if previous[0] == name:
            yield Revision(name, version, previous[1])
        previous = (name, version)


READERS = (
    Reader("errata-issue", "erratum", "issue of the errata service", _is_issue, _read_issue),
    Reader(
        "errata-datasets",
        "erratum",
        "datasets of an issue of the errata service",
        _are_datasets,
        _read_datasets,
    ),
    Reader("version-chain", "erratum", "version chain of a PID", _are_chains, _read_chains),
)
