"""Errata: an issue as the errata service takes it, and the version chains that it answers.

In: an issue (create, update, propose, moderate: the four body schemas of esdoc-errata-ws), bare or
under `issue`; or the chains of a PID. Out: the erratum with every version it names; revisions.
"""

import re
from collections.abc import Iterator
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import DatasetVersion, Erratum, Revision, Thing, Told
from provstore.projects import identifiers
from provstore.readers.common import Datasets, Notes, besides, joined, leaves, pid_of, wholly
from provstore.readers.document_shapes import (
    Shape,
    among,
    check,
    fields,
    filled,
    items,
    optional,
    row,
    spelt,
    text,
    whole,
)
from provstore.readers.input_file import NO_OBJECT, Given
from provstore.readers.reader import Reader

PROJECTS = ("cmip5", "cmip6", "cordex", "input4mips")
SEVERITIES = ("low", "medium", "high", "critical")
STATUS = ("new", "onhold", "wontfix", "resolved")
MODERATION = ("accepted", "in-review", "not-required", "rejected")
_UID = re.compile(identifiers.UUID, re.ASCII)
_MATERIAL = re.compile(r"\.(jpg|gif|png|tiff)$")


def _matching(pattern: re.Pattern[str], words: str) -> Shape:
    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not pattern.search(value):
            yield Problem(where, f"{str(value)[:80]!r} stands here.", f"It must be {words}.")

    return faults


def _uid(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not _UID.fullmatch(value):
        yield Problem(where, f"{str(value)[:80]!r} stands here.", "It must be a UUID.")


def _some(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not value:
        yield Problem(where, f"{str(value)[:80]!r} stands here.", "It must be a text.")


_WRITTEN = dict.fromkeys(
    [f"{what}{by}" for what in ("created", "updated", "closed") for by in ("By", "Date")],
    optional(text),
)
"""What the service itself adds; no request has it."""
_ISSUE = fields(
    {"datasets": items(_some, 1, unique=True), "description": _some,
     "materials": items(_matching(_MATERIAL, "a picture"), unique=True),
     "project": among(*PROJECTS),
     "severity": among(*SEVERITIES), "status": among(*STATUS), "title": _some, "uid": _uid,
     "urls": items(text, unique=True)},
    {"moderationStatus": among(*MODERATION), "userEmail": _some, **_WRITTEN}, closed=True,
)  # fmt: skip
_MODERATED = fields({"moderationStatus": among(*MODERATION), "uid": _uid}, closed=True)


def _is_issue(given: Given) -> str:
    issue = _issue(given)
    if not isinstance(issue, dict):
        return NO_OBJECT
    if "uid" in issue and issue.keys() & {"moderationStatus", "severity", "datasets", "materials"}:
        return ""
    return "it has no 'uid' with a severity, datasets or a moderation status"


def _issue(given: Given) -> Any:
    document = given.document
    return document.get("issue", document) if isinstance(document, dict) else document


def _tell_issue(given: Given) -> Told:
    issue = _issue(given)
    if issue.keys() <= {"uid", "moderationStatus"}:
        check(_MODERATED, issue, given.name)
        erratum = Erratum(issue["uid"], moderation=issue["moderationStatus"])
        return Told({"uid": erratum.uid}, (), (erratum,))
    check(_ISSUE, issue, given.name)
    notes = Notes()
    datasets = Datasets(notes)
    named = [datasets.meet(one, f"/datasets/{i}") for i, one in enumerate(issue["datasets"])]
    for index, (name, version) in enumerate(named):
        if not version:
            what = f"{name[:200]} has no version: all its versions would be affected."
            notes.say(f"/datasets/{index}", what, "Name the versions.")
    affected = tuple(dict.fromkeys(joined(*one) for one in named))
    answers: dict[str, Any] = {key: issue[key] for key in ("uid", "title", "severity")}
    answers["description"] = issue["description"]
    whole_names = [pair for pair in dict.fromkeys(named) if pair[1]]
    if whole_names:
        answers["affected"] = [{"dataset": name, "version": date} for name, date in whole_names]
    if len(issue["title"]) > 300:
        del answers["title"]
        notes.say("/title", "The title is longer than an answer may be.", "Shorten it to 300.")
    answers = {key: value for key, value in answers.items() if not _blank(value)}
    erratum = Erratum(
        issue["uid"], affected, issue["title"], issue["description"], issue["severity"],
        issue["status"], issue.get("moderationStatus", ""), issue["project"],
        tuple(issue["urls"]), tuple(issue["materials"]),
    )  # fmt: skip
    versions = (DatasetVersion(*one) for one in dict.fromkeys(named))
    own = wholly("datasets", "description", "materials", "moderationStatus", "project")
    own = {**own, **wholly("severity", "status", "title", "uid", "urls")}
    taken = own if issue is given.document else {"issue": own}
    kept = tuple(besides(given.document, taken))
    return Told(answers, (), (erratum, *versions), notes.all(), kept)


def _blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


# --- version chains of a PID ---------------------------------------------------------------------


def _bit(value: Any, where: str) -> Iterator[Problem]:
    if value not in (0, 1):
        yield Problem(where, f"{str(value)[:40]!r} stands here.", "It must be 0 or 1.")


_LINK = row(optional(_uid), filled, spelt(identifiers.version), whole, _bit, _bit, _bit)
_CHAIN = row(spelt(identifiers.handle), items(_LINK, 1), whole)
_CHAINS = fields({"errata": items(_CHAIN, 1)})


def _are_chains(given: Given) -> str:
    document = given.document
    if not isinstance(document, dict):
        return NO_OBJECT
    return "" if isinstance(document.get("errata"), list) else "it has no list 'errata'"


def _tell_chains(given: Given) -> Told:
    document = check(_CHAINS, given.document, given.name)
    notes = Notes()
    datasets = Datasets(notes)
    things: dict[Thing, None] = {}
    for index, (pid, chain, _) in enumerate(document["errata"]):
        where = f"/errata/{index}"
        for thing in _chain(pid, chain, where, datasets, notes):
            things[thing] = None
    return Told({}, (), tuple(things), notes.all(), tuple(leaves(document)))


def _chain(
    pid: str, chain: list[Any], where: str, datasets: Datasets, notes: Notes
) -> Iterator[Thing]:
    links = sorted(chain, key=lambda link: link[3])
    orders = [link[3] for link in links]
    if len({*orders}) < len(orders) or 0 not in orders:
        notes.say(
            f"{where}/1", f"The order of the versions is {orders}: it must name 0, and each once."
        )
    previous: tuple[str, str] = ("", "")
    for link in links:
        uid, dataset, written, order, first, latest, _ = link
        name, version = datasets.meet(dataset, f"{where}/1", str(identifiers.version(written)))
        if bool(first) != (link is links[0]):
            notes.say(f"{where}/1", f"{version} is{'' if first else ' not'} called the first.")
        own = pid_of(pid) if order == 0 else ""
        if own:
            datasets.check_pid(joined(name, version), own, [], f"{where}/0")
        yield DatasetVersion(name, version, own, latest=bool(latest))
        if uid:
            yield Erratum(uid, (joined(name, version),))
        if previous[0] == name:
            yield Revision(name, version, previous[1])
        previous = (name, version)


READERS = (
    Reader("errata-issue", "erratum", "issue of the errata service", _is_issue, _tell_issue),
    Reader("version-chain", "erratum", "version chain of a PID", _are_chains, _tell_chains),
)
