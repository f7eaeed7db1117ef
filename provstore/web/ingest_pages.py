"""The pages of a delivery and of a dataset.

In: `PageQueries` and a name. Out: `Page`. It knows neither HTML nor HTTP.
"""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from provstore.errors import UnknownName
from provstore.ingest.provider_message import message
from provstore.ingest.report import Report
from provstore.pictures.timeline import Timeline
from provstore.projects.workflow import ROLES, STEPS, meaning
from provstore.results.cell_values import text
from provstore.results.receipts import IngestStatus
from provstore.web.page import Page, days_since
from provstore.web.page_queries import PageQueries

INGEST_QUESTIONS = (
    "history-of-an-ingest", "how-long-each-step-took", "findings-of-an-ingest",
    "what-an-ingest-brought",
)  # fmt: skip
MAX_COLUMNS = 6
"""The number of runs beside each other in a picture of a history."""

DATASET_QUESTIONS = (
    "versions-of-a-dataset", "ingests-of-a-dataset", "names-and-copies-of-a-dataset",
    "errata-of-a-dataset",
)  # fmt: skip


def ingest_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show a delivery: its state, history, findings, data and messages.

    Raises:
        UnknownName: there is no such ingest; suggests similar names.

    """
    name = parameters["_name"]
    reports = queries.store.reports(name)
    iri = queries.store.iri(name)
    asked = tuple(queries.ask(question, {"ingest": iri}) for question in INGEST_QUESTIONS)
    history, durations, findings, brought = (list(question.answer) for question in asked)
    status = queries.store.ingest(name).status()
    delivery = queries.deliveries()[name]
    dataset_name = delivery.dataset
    rows = _timeline_rows(queries, reports, history, durations)
    since = rows[-1]["ended"] if rows else None
    values = {
        "name": name,
        "iri": iri,
        "status": status,
        "role": ROLES.get(status.awaits, ""),
        "delivery": delivery,
        "commands": _next_commands(name, status),
        "dataset": dataset_name,
        "dataset_iri": queries.store.iri(dataset_name),
        "provider": reports[0].answers["agent"],
        "since": since,
        "days": days_since(since),
        "timeline": rows,
        "others": len(history) - len(rows),
        "pictures": _pictures(queries.store.ingest(name).draw()),
        "found": findings,
        "brought": brought,
        "severities": _count_severities(findings),
        "messages": [message(reports[: number + 1]) for number in range(len(reports))],
    }
    return Page(
        "ingest.html",
        delivery.title,
        values,
        asked,
        asked[0].answer,
        lambda: queries.bundles(name),
    )


def _next_commands(name: str, status: IngestStatus) -> list[str]:
    """Return the commands for the next step: one that makes its form, and one that sends it."""
    if not status.next:
        return []
    form, begun = STEPS[status.next].forms[0], [step for step, _, _ in status.under_way]
    file = f"{status.next}.json"
    act = "finish" if status.next in begun else "report"
    return [
        shlex.join(["provstore", "form", form, "--blank"]) + f" > {file}",
        shlex.join(["provstore", act, name, status.next, file]),
    ]


def _pictures(timeline: Timeline) -> list[Timeline]:
    """Cut a long timeline into pieces that fit a page; each begins with the last run before it."""
    last = len(timeline.rows) + bool(timeline.next) - 1
    starts = range(0, max(1, last), MAX_COLUMNS - 1)
    pieces = []
    for start in starts:
        rows = timeline.rows[start : start + MAX_COLUMNS]
        ends = start + MAX_COLUMNS > last
        expected = (timeline.next, timeline.awaits) if ends else ("", "")
        pieces.append(replace(timeline, rows=rows, next=expected[0], awaits=expected[1]))
    return pieces


def _count_severities(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Count the findings of each severity, the most severe first."""
    counts = Counter(str(row["severity"]) for row in findings)
    ranks = {name: rank for rank, name in enumerate(("error", "warning", "note"))}
    return sorted(counts.items(), key=lambda pair: (ranks.get(pair[0], -1), pair[0]))


def _timeline_rows(
    queries: PageQueries,
    reports: Sequence[Report],
    history: Sequence[Mapping[str, Any]],
    duration_rows: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return the rows that a report in this store confirms, with the person and the meaning."""
    report_of = {
        (report.step, str(report.run), report.outcome): report
        for report in reports
        if not report.begins
    }
    durations = {(row["step"], text(row["run"])): row["duration"] for row in duration_rows}
    rows = []
    for row in history:
        run_key = (text(row["step"]), text(row["run"]))
        if report := report_of.pop((*run_key, text(row["outcome"])), None):
            agent, run = report.answers["agent"], f"{report.ingest}/{report.step}/{report.run}"
            rows.append(
                {
                    **row,
                    "who": agent["name"],
                    "where": agent["organisation"]["name"],
                    "duration": durations.get(run_key),
                    "report": queries.store.iri(f"{run}/report"),
                    "bundle": queries.store.iri(f"{run}/bundle"),
                    "back": report.outcome in _SENT_BACK,
                    "meaning": meaning(*report.move).words,
                }
            )
    return rows


_SENT_BACK = ("action-required",)


def dataset_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show a dataset: its versions, errata, handles, DOIs, copies and deliveries.

    Raises:
        UnknownName: the store knows nothing about it.

    """
    iri = queries.iri(parameters.get("iri", ""))
    asked = tuple(queries.ask(question, {"dataset": iri}) for question in DATASET_QUESTIONS)
    versions, ingests, others, errata = (list(question.answer) for question in asked)
    if not any((versions, ingests, others, errata)):
        raise UnknownName("dataset", queries.names.short(iri), queries.datasets())
    values = {
        "iri": iri,
        "versions": _merge_rows(versions),
        "ingests": ingests,
        "others": others,
        "errata": errata,
    }
    iris = [iri, *dict.fromkeys(str(row["version"]) for row in versions)]
    return Page(
        "dataset.html",
        queries.names.short(iri),
        values,
        asked,
        asked[0].answer,
        lambda: queries.bundles_about(iris),
    )


_LIST_COLUMNS = ("replaces", "replaced_by", "archived_as")


def _merge_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Merge the rows of each version into one row."""
    merged: dict[Any, dict[str, Any]] = {}
    for row in rows:
        version = merged.setdefault(row["version"], {**row, **{k: [] for k in _LIST_COLUMNS}})
        for key in _LIST_COLUMNS:
            if row[key] and row[key] not in version[key]:
                version[key].append(row[key])
    for version in merged.values():
        version["current"] = not version["replaced_by"] and not version["withdrawn"]
    return list(merged.values())
