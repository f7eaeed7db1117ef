"""What a report is: one agent's answers to one form, in its place in the life of an ingest.

In: answers and what came before. Out: a frozen `Report`. Pure; knows no PROV.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provstore.ingest import workflow


@dataclass(frozen=True)
class Report:
    """One agent's answers to one form, for one run of one step of one ingest."""

    ingest: str
    step: str
    run: int
    sequence: int
    form: str
    version: str
    answers: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        """How the run ended; a submission that was taken is `ok`."""
        return str(self.answers.get("outcome", "ok"))

    @property
    def move(self) -> workflow.Run:
        """The step and how it ended, as the workflow wants them."""
        return self.step, self.outcome


def following(
    earlier: Sequence[Report], ingest: str, step: str, form: str, version: str,
    answers: Mapping[str, Any],
) -> Report:  # fmt: skip
    """The report that these answers make after the earlier ones.

    Raises:
        Refused: the step may not come now.
        UnknownName: there is no such step.

    """
    workflow.check_move(ingest, [past.move for past in earlier], step)
    run = 1 + sum(past.step == step for past in earlier)
    return Report(ingest, step, run, len(earlier) + 1, form, version, answers)


def state(reports: Sequence[Report]) -> workflow.State:
    """Where the ingest of these reports stands; there is at least one."""
    *before, last = (report.move for report in reports)
    return workflow.after(*last, before)
