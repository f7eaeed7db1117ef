"""The pages about one delivery and about one dataset.

In: a desk and a name. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from provstore.errors import UnknownName
from provstore.ingest.message import message
from provstore.ingest.report import Report
from provstore.projects.workflow import ROLES, meaning
from provstore.results.answer import Iri
from provstore.results.values import text
from provstore.web.page import Page, days
from provstore.web.page_queries import Desk

OF_AN_INGEST = (
    "history-of-an-ingest", "how-long-each-step-took", "findings-of-an-ingest",
    "what-an-ingest-brought",
)  # fmt: skip
OF_A_DATASET = (
    "versions-of-a-dataset", "ingests-of-a-dataset", "names-and-copies-of-a-dataset",
    "errata-of-a-dataset",
)  # fmt: skip


def ingest(desk: Desk, said: Mapping[str, str]) -> Page:
    """One delivery: where it stands, what happened, what was found, what was told.

    Raises:
        UnknownName: there is no such ingest; names the near ones.

    """
    name = said["_name"]
    reports = desk.store.reports(name)
    iri = Iri(desk.store.names.ingest(name))
    asked = tuple(desk.ask(one, {"ingest": iri}) for one in OF_AN_INGEST)
    history, took, found, brought = (list(one.answer) for one in asked)
    status = desk.store.ingest(name).status()
    dataset_named = str(reports[0].answers.get("dataset", ""))
    rows = _timeline(desk, reports, history, took)
    since = rows[-1]["ended"] if rows else None
    values = {
        "name": name, "iri": iri, "status": status, "role": ROLES.get(status.awaits, ""),
        "dataset": dataset_named, "dataset_iri": desk.store.names.thing(dataset_named),
        "provider": reports[0].answers["agent"],
        "since": since, "days": days(since), "timeline": rows,
        "others": len(history) - len(rows), "picture": desk.store.ingest(name).draw(),
        "found": found, "brought": brought,
        "severities": _severities(found),
        "messages": [message(reports[: number + 1]) for number in range(len(reports))],
    }  # fmt: skip
    return Page("ingest.html", name, values, asked, asked[0].answer, lambda: desk.bundles(name))


def _severities(found: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """How many findings there are of each severity, the gravest first."""
    counted = Counter(str(row["severity"]) for row in found)
    known = {name: place for place, name in enumerate(("error", "warning", "note"))}
    return sorted(counted.items(), key=lambda pair: (known.get(pair[0], -1), pair[0]))


def _timeline(
    desk: Desk,
    reports: Sequence[Report],
    history: Sequence[Mapping[str, Any]],
    took: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The rows that reports of ours stand behind, each with who made it and what it meant."""
    known = {(one.step, str(one.run), one.outcome): one for one in reports if not one.begins}
    durations = {(row["step"], text(row["run"])): row["duration"] for row in took}
    rows = []
    for row in history:
        place = (text(row["step"]), text(row["run"]))
        if report := known.pop((*place, text(row["outcome"])), None):
            agent, run = report.answers["agent"], (report.ingest, report.step, report.run)
            rows.append({
                **row, "who": agent["name"], "where": agent["organisation"]["name"],
                "duration": durations.get(place), "report": desk.store.names.report(*run),
                "bundle": desk.store.names.bundle(*run), "back": report.outcome in _BACK,
                "meaning": meaning(*report.move).words,
            })  # fmt: skip
    return rows


_BACK = ("action-required",)


def dataset(desk: Desk, said: Mapping[str, str]) -> Page:
    """One dataset: its versions, where they lie and what they are called, what is wrong with them.

    Raises:
        UnknownName: nothing is known of it.

    """
    iri = desk.iri(said.get("iri", ""))
    asked = tuple(desk.ask(one, {"dataset": iri}) for one in OF_A_DATASET)
    versions, ingests, others, errata = (list(one.answer) for one in asked)
    if not any((versions, ingests, others, errata)):
        raise UnknownName("dataset", desk.names.short(iri), desk.datasets())
    values = {
        "iri": iri, "versions": _whole(versions), "ingests": ingests, "others": others,
        "errata": errata,
    }  # fmt: skip
    things = [iri, *dict.fromkeys(str(row["version"]) for row in versions)]
    return Page(
        "dataset.html", desk.names.short(iri), values, asked, asked[0].answer,
        lambda: desk.about(things),
    )  # fmt: skip


_MANY = ("replaces", "replaced_by", "archived_as")


def _whole(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for each version: what the question tells in several rows is put together."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        held = found.setdefault(row["version"], {**row, **{k: [] for k in _MANY}})
        for key in _MANY:
            if row[key] and row[key] not in held[key]:
                held[key].append(row[key])
    for held in found.values():
        held["current"] = not held["replaced_by"] and not held["withdrawn"]
    return list(found.values())
