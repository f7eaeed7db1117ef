"""A row for each delivery: what it is, who brings it, and what it waits for.

In: the reports in the journal, each read once. Out: rows in the order of their names. Only our own
reports count; what imported bundles claim about a delivery is not read. It knows no pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import Report, current_state, started_runs
from provstore.ingest.report_from_json import report_from_json
from provstore.store import ProvStore

_KEPT_ANSWERS = ("agent", "started", "ended", "outcome")
_LONGEST_TITLE = 300


@dataclass(frozen=True)
class Delivery:
    """A delivery, by its reports.

    `project` is the form of its submission, `people` are all who have reported on it, `group` is
    the step that it waits for or its end, and `since` is the time of its last report in UTC. `busy`
    has step, person and start of each run under way.
    """

    name: str
    title: str
    dataset: str
    project: str
    provider: str
    organisation: str
    people: frozenset[str]
    status: str
    step: str
    run: int
    outcome: str
    next: str
    awaits: str
    since: datetime
    busy: tuple[tuple[str, str, str], ...]

    @property
    def group(self) -> str:
        """The step that it waits for, or its end."""
        return self.next or self.status


class DeliveryTable:
    """The deliveries of a store, for use from several threads; it follows the journal.

    Reading costs as much as there are new entries. The first reading costs the whole journal.
    """

    def __init__(self, store: ProvStore) -> None:
        self._store, self._iris = store, IngestIris(store.base)
        self._lock = Lock()
        self._position = 0
        self._reports: dict[str, list[Report]] = {}
        self._rows: dict[str, Delivery] = {}

    def rows(self) -> Mapping[str, Delivery]:
        """Return the deliveries by name, as of now; the mapping does not change later."""
        with self._lock:
            if self._store.position().position != self._position:
                self._follow()
            return self._rows

    def _follow(self) -> None:
        """Read what is new; an act may have replaced names, so that all is read again."""
        changed: dict[str, None] = {}
        position = self._position
        for entry in self._store.entries(after=position):
            position = entry.position
            if entry.ingest:
                report = report_from_json(entry.content, entry.bundle, self._iris)
                self._reports.setdefault(entry.ingest, []).append(_without_most(report))
                changed[entry.ingest] = None
            elif entry.bundle.startswith(self._store.base) and self._position:
                self._position, self._reports, self._rows = 0, {}, {}
                self._follow()
                return
        rows = {**self._rows, **{name: _delivery(self._reports[name]) for name in changed}}
        self._rows = {name: rows[name] for name in sorted(rows)}
        self._position = position


def _without_most(report: Report) -> Report:
    """Return a report with the answers that the table needs; of others there may be megabytes."""
    wanted = (*_KEPT_ANSWERS, "title", "dataset") if report.sequence == 1 else _KEPT_ANSWERS
    answers = {key: value for key, value in report.answers.items() if key in wanted}
    return replace(report, answers=answers, vocabularies=())


def _delivery(reports: list[Report]) -> Delivery:
    first, state = reports[0], current_state(reports)
    last = [report for report in reports if not report.begins][-1]
    provider: Mapping[str, Any] = first.answers["agent"]
    dataset = str(first.answers.get("dataset", ""))
    title = str(first.answers.get("title", "")) or dataset or first.ingest
    return Delivery(
        name=first.ingest,
        title=title[:_LONGEST_TITLE],
        dataset=dataset,
        project=first.form,
        provider=provider["name"],
        organisation=provider["organisation"]["name"],
        people=frozenset(str(report.answers["agent"]["name"]) for report in reports),
        status=state.status,
        step=last.step,
        run=last.run,
        outcome=last.outcome,
        next=state.next,
        awaits=state.awaits,
        since=_moment(last.answers["ended"]),
        busy=tuple(
            (step, begun.answers["agent"]["name"], begun.answers["started"])
            for step, begun in started_runs(reports).items()
        ),
    )


def _moment(written: str) -> datetime:
    time = datetime.fromisoformat(written)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
