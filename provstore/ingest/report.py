"""What a report is: one agent's answers to one form, in its place in the life of an ingest.

In: answers and what came before. Out: a frozen `Report`. Pure; knows no PROV.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provstore.errors import BadForm, Problem, Refused
from provstore.projects import workflow

START = "start"
"""The form with which a run begins before there is anything to report."""


@dataclass(frozen=True)
class Report:
    """One agent's answers to one form, for one run of one step of one ingest.

    `sequence` counts the reports of an ingest from 1; a start has that of the report before it.
    """

    ingest: str
    step: str
    run: int
    sequence: int
    form: str
    version: str
    answers: Mapping[str, Any]
    vocabularies: tuple[str, ...] = ()
    """Those that judged the answers, each with its version."""

    @property
    def begins(self) -> bool:
        """Whether it only says that somebody is at this run now."""
        return self.form == START

    @property
    def outcome(self) -> str:
        """How the run ended; a submission that was taken is `ok`."""
        return workflow.STARTED if self.begins else str(self.answers.get("outcome", "ok"))

    @property
    def move(self) -> workflow.Run:
        """The step and how it ended, as the workflow wants them."""
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
    """The report that these answers make after the earlier ones.

    Raises:
        Refused: the step may not come now, or it is to be started again before it was finished.
        BadForm: the step was started at another time than these answers say.
        UnknownName: there is no such step.

    """
    workflow.check_move(ingest, [past.move for past in earlier], step)
    done = [past for past in earlier if not past.begins]
    run = next_run(earlier, step)
    begun = started_runs(earlier).get(step)
    if begun and form == START:
        agent_name, started = begun.answers["agent"]["name"], begun.answers["started"]
        message = f"{step} {run} of {ingest} was started by {agent_name} at {started}."
        raise Refused(message, f"Finish it: provstore finish {ingest} {step} FILE")
    if begun and _moment(answers) != _moment(begun.answers):
        message = f"Started: the run was started at {begun.answers['started']}."
        mend = "Give that time, or leave it out and finish the step."
        raise BadForm(f"{step} of {ingest}", [Problem("/answers/started", message, mend)])
    sequence = len(done) + (form != START)
    return Report(ingest, step, run, sequence, form, version, answers, vocabularies)


def next_run(earlier: Sequence[Report], step: str) -> int:
    """The number of the run that comes next, or that somebody is at."""
    return 1 + sum(past.step == step for past in earlier if not past.begins)


def _moment(answers: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(answers["started"])


def started_runs(reports: Sequence[Report]) -> Mapping[str, Report]:
    """The steps that somebody has started and nobody has finished, each with its start."""
    begun: dict[str, Report] = {}
    for report in reports:
        begun.pop(report.step, None)
        if report.begins:
            begun[report.step] = report
    return begun


def current_state(reports: Sequence[Report]) -> workflow.State:
    """Where the ingest of these reports stands; there is at least one."""
    *before, last = (report.move for report in reports)
    return workflow.state_after(*last, before)
