"""One ingest: start and finish its steps, report, correct, and see its history.

In: the name of an ingest, and the intake. Out: receipts, its state, its history. It has no state of
its own, so that two such objects never disagree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from provstore.commands.input_sources import Source, read_source
from provstore.commands.intake import Intake
from provstore.errors import Refused
from provstore.ingest import correction
from provstore.ingest.report import Report, current_state, started_runs
from provstore.pictures import style
from provstore.projects import workflow
from provstore.projects.forms import Form, looks_like_form
from provstore.prov.model.utc_time import utc_now
from provstore.results.answer import Answer
from provstore.results.receipts import IngestStatus, Receipt

if TYPE_CHECKING:
    from provstore.pictures.timeline import Timeline


Taken = TypeVar("Taken")


class Take(Protocol):
    """The access of an ingest to the intake of its store."""

    def __call__(self, act: Callable[[Intake], Taken], /) -> Taken:
        """Call `act` with the intake, and return its result."""


@dataclass(frozen=True)
class Ingest:
    """An ingest, from `store.ingest("cordex-0001")`; in a notebook it shows its history.

    In the examples, `ingest` has just been submitted, and `review` contains answers to the form of
    its next step.
    """

    name: str
    take: Take

    def start(self, step: str, by: Mapping[str, Any] | Source, at: str = "") -> Receipt:
        """Record that someone is working on a step now, or since `at` (a time with its zone).

        `by` has the details of a person that forms ask for (`name`, `email`, `organisation`, and
        optionally `orcid`). It may also be a JSON file with these, or a filled form `start`.

        >>> person = review["agent"]
        >>> receipt = ingest.start("review", person, at="2026-03-03T08:00:00Z")
        >>> receipt.step, receipt.run, receipt.outcome
        ('review', 1, 'started')

        Raises:
            UnknownName: no such step; suggests similar names.
            BadForm: the person or the time does not fit the form; lists every problem.
            BadDocument: the file is not JSON.
            Refused: the step is not allowed now, or has already been started.

        """
        document: Any = by if isinstance(by, Mapping) else read_source(by).read_json()
        filled = document.get("answers") if looks_like_form(document) else None
        answers = filled if isinstance(filled, Mapping) else {"agent": document}
        moment = {"started": at} if at else {}
        return self.take(lambda intake: intake.start(self.name, step, {**answers, **moment}))

    def finish(
        self, step: str = "", *reports: Source, report: Source | None = None, **answers: Any
    ) -> Receipt:
        """Report on a step that was started; the agent and the starting time are already known.

        `reports` (or `report`) are one filled form, or files written by tools. `answers` add what
        these lack. Name the step if several are under way.

        >>> _ = ingest.start("review", review["agent"])
        >>> ingest.finish(outcome="ok").next
        'transfer'

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            Refused: the step has not been started, or the form belongs to another step.

        """
        sources = [*map(read_source, reports if report is None else (*reports, report))]
        step = step or self._under_way()
        return self.take(lambda intake: intake.finish(self.name, step, sources, answers))

    def _under_way(self) -> str:
        begun = [*started_runs(self._reports())]
        if len(begun) != 1:
            message = f"Steps of {self.name} under way: {', '.join(begun) or 'none'}."
            mend = "Name the one that is finished." if begun else "Start one, or report on it."
            raise Refused(message, mend)
        return begun[0]

    def report(self, step: str, *reports: Source, **answers: Any) -> Receipt:
        """Record a complete report on the next run of a step.

        `reports` are one filled form, or files written by tools. `answers` add what these lack;
        without a file, they are the whole report.

        >>> ingest.report("review", **review).outcome
        'ok'

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            Refused: the step is not allowed now, or the form belongs to another step.

        """
        sources = [*map(read_source, reports)]
        return self.take(lambda intake: intake.report(self.name, step, sources, answers))

    def _reports(self) -> Sequence[Report]:
        return self.take(lambda intake: intake.reports.of_ingest(self.name))

    def _forms(self) -> Mapping[str, Form]:
        return self.take(lambda intake: intake.forms)

    def answers(self) -> dict[str, Any]:
        """Return the provider's answers, with all revisions applied.

        >>> ingest.answers()["agent"]["name"]
        'Ada Example'
        """
        reports = self._reports()
        return correction.current_answers(self._forms()[reports[0].form], reports)

    def correct(
        self,
        answers: Mapping[str, Any],
        reason: str,
        by: Mapping[str, Any] | None = None,
        started: str = "",
    ) -> Receipt:
        """Correct the provider's answers; the differences are recorded as a revision.

        `by` is the person who corrects, by default the provider; `started` is a time with its zone.

        >>> answers = ingest.answers() | {"comment": "The files are in two folders."}
        >>> receipt = ingest.correct(answers, "One folder was not mentioned.")
        >>> receipt.step, receipt.next
        ('revision', 'review')

        Raises:
            BadForm: the answers do not fit their form; lists every problem.
            Refused: the answers have not changed, or a revision is not allowed now.

        """
        reports = self._reports()
        form = self._forms()[reports[0].form]
        form.check(answers)
        revised = correction.revision_answers(form, reports, answers, utc_now()) | {
            "reason": reason
        }
        revised |= {"agent": by} if by else {}
        revised |= {"started": started} if started else {}
        version = self._forms()[correction.REVISION].version
        filled = {"form": correction.REVISION, "version": version, "answers": revised}
        return self.report(correction.REVISION, filled)

    def status(self) -> IngestStatus:
        """Return its state: the steps allowed now, who must act, and who is working on what.

        >>> status = ingest.status()
        >>> status.next, status.awaits
        ('review', 'reviewer')
        """
        reports = self._reports()
        standing = current_state(reports)
        busy = tuple(
            (step, begun.answers["agent"]["name"], begun.answers["started"])
            for step, begun in started_runs(reports).items()
        )
        may = workflow.allowed_steps([report.move for report in reports])
        return IngestStatus(self.name, standing.status, standing.next, standing.awaits, may, busy)

    def history(self) -> Answer:
        """Return a row for each report, in order.

        >>> [row["step"] for row in ingest.history().records()]
        ['submission']
        """
        return Answer.of([_row(report) for report in self._reports()])

    def draw(self) -> "Timeline":
        """Draw its history: a lane for each step, a column for each run.

        >>> ingest.draw().svg()[:4]
        '<svg'
        """
        from provstore.pictures.timeline import Timeline

        status = self.status()
        return Timeline(
            self.name, tuple(self.history().records()), status.status, status.next, status.awaits
        )

    def _repr_html_(self) -> str:
        rows = "".join(_line(row) for row in self.history().records())
        return f"<div><h4>{escape(str(self.status()))}</h4><ol>{rows}</ol></div>"


def _line(row: Mapping[str, Any]) -> str:
    step, run, outcome, person, begun = (
        escape(str(row[key])) for key in ("step", "run", "outcome", "person", "started")
    )
    colour, _ = style.OUTCOMES[row["outcome"]]
    ended = f'<b style="color:{colour}">{outcome}</b>'
    by = f'<span style="color:{style.QUIET}">{begun}, {person}</span>'
    return f"<li>{step} {run}: {ended} {by}</li>"


def _row(report: Report) -> dict[str, Any]:
    answers = report.answers
    return {
        "sequence": report.sequence,
        "step": report.step,
        "run": report.run,
        "outcome": report.outcome,
        "person": answers["agent"]["name"],
        "started": answers["started"],
        "ended": answers.get("ended", ""),
        "comment": answers.get("comment", ""),
        "reason": answers.get("description" if report.step == "erratum" else "reason", ""),
    }
