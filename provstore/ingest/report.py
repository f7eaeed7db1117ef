"""A report: the answers of one agent to one form, with its place in the life of an ingest.

In: answers and the earlier reports. Out: a frozen `Report`. Pure; knows no PROV.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from provstore.errors import BadForm, Problem, Refused
from provstore.projects import workflow

START = "start"
"""The form that reports the start of a run."""


@dataclass(frozen=True)
class Report:
    """The answers of one agent to one form, for one run of one step of one ingest.

    `sequence` counts the reports of an ingest from 1; a start has the number of the report before.
    """

    ingest: str
    step: str
    run: int
    sequence: int
    form: str
    version: str
    answers: Mapping[str, Any]
    vocabularies: tuple[str, ...] = ()
    """The vocabularies that the answers were checked against, each with its version."""

    @property
    def begins(self) -> bool:
        """Whether it only reports the start of a run."""
        return self.form == START

    @property
    def outcome(self) -> str:
        """The outcome of the run; an accepted submission is `ok`."""
        return workflow.STARTED if self.begins else str(self.answers.get("outcome", "ok"))

    @property
    def move(self) -> workflow.Run:
        """The step and its outcome, as the workflow needs them."""
        return self.step, self.outcome


def next_report(
    earlier: Sequence[Report],
    ingest: str,
    step: str,
    form: str,
    version: str,
    answers: Mapping[str, Any],
    vocabularies: tuple[str, ...] = (),
) -> Report:
    """Make the next report from these answers and the earlier reports.

    Raises:
        Refused: the step may not come now, or it was started already and is not finished.
        BadForm: the step was started at a different time than in these answers.
        UnknownName: no step has this name.

    """
    workflow.check_move(ingest, [past.move for past in earlier], step)
    done = [past for past in earlier if not past.begins]
    run = next_run(earlier, step)
    begun = started_runs(earlier).get(step)
    if begun and form == START:
        agent_name, started = begun.answers["agent"]["name"], begun.answers["started"]
        message = f"{step} {run} of {ingest} was started by {agent_name} at {started}."
        raise Refused(
            message,
            f"Finish it: provstore finish {ingest} {step} FILE",
            code="PS-REFUSED-ALREADY-STARTED",
        )
    if begun and _moment(answers) != _moment(begun.answers):
        message = f"Started: the run was started at {begun.answers['started']}."
        mend = "Enter that time, or leave the field empty and use provstore finish."
        raise BadForm(
            f"{step} of {ingest}",
            [Problem("/answers/started", message, mend)],
            code="PS-FORM-OTHER-START",
        )
    sequence = len(done) + (form != START)
    return Report(ingest, step, run, sequence, form, version, answers, vocabularies)


def next_run(earlier: Sequence[Report], step: str) -> int:
    """Return the number of the next run, or of the run that has begun."""
    return 1 + sum(past.step == step for past in earlier if not past.begins)


def _moment(answers: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(answers["started"])


def started_runs(reports: Sequence[Report]) -> Mapping[str, Report]:
    """Return the steps that are started but not finished, each with its start."""
    begun: dict[str, Report] = {}
    for report in reports:
        begun.pop(report.step, None)
        if report.begins:
            begun[report.step] = report
    return begun


def last_finished_run(reports: Sequence[Report], step: str) -> tuple[Report, Report] | None:
    """Return start and end of the last run of a step that was started before it was finished."""
    runs = [report for report in reports if report.step == step]
    pairs = [(begun, done) for begun, done in pairwise(runs) if begun.begins and not done.begins]
    return pairs[-1] if pairs else None


def current_state(reports: Sequence[Report]) -> workflow.State:
    """Return the state of an ingest from its reports, of which there is at least one."""
    *before, last = (report.move for report in reports)
    return workflow.state_after(*last, before)
