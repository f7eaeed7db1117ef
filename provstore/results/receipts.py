"""What a store says back: receipts, import reports, verdicts and its own state.

Frozen values with documented, stable names: `--json` prints them as they are. No I/O.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from provstore.errors import Problem


@dataclass(frozen=True)
class Reply:
    """Anything that can be printed as JSON."""

    def record(self) -> dict[str, Any]:
        """The names and values of this reply, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Receipt(Reply):
    """A report that was written down, or had been before (`new` is false then).

    `reader` says which format of tools it was made of, "" for a form; `notes` what it remarked.
    """

    ingest: str
    step: str
    run: int
    outcome: str
    status: str
    next: str
    awaits: str
    bundle: str
    position: int
    new: bool
    reader: str = ""
    notes: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        was = "is written down" if self.new else "was written down before; nothing was added"
        state = f"It is {self.status}."
        if self.next:
            state = f"Next: {self.next}, by the {self.awaits.replace('_', ' ')}."
        summary = f"{self.ingest}: {self.step} {self.run} ({self.outcome}) {was}. {state}"
        lines = [summary, f"  read as {self.reader}"] if self.reader else [summary]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


@dataclass(frozen=True)
class IngestStatus(Reply):
    """Where an ingest stands; `under_way` holds step, person and time of what is not finished."""

    ingest: str
    status: str
    next: str
    awaits: str
    allowed: tuple[str, ...]
    under_way: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        next_step = (
            f"next is {self.next}, by the {self.awaits.replace('_', ' ')}" if self.next else ""
        )
        busy = [f"{person} is at {step} since {since}" for step, person, since in self.under_way]
        return f"{self.ingest} is {'; '.join([self.status, *filter(None, [next_step]), *busy])}."


@dataclass(frozen=True)
class ImportReceipt(Reply):
    """A document that was taken: each bundle, how much it says, and what was noticed."""

    name: str
    bundles: tuple["ImportedBundle", ...]
    notes: tuple[Problem, ...]

    def __str__(self) -> str:
        lines = [f"{self.name}: {len(self.bundles)} bundle{'s' if len(self.bundles) != 1 else ''}"]
        lines += [
            f"  {bundle.bundle} ({bundle.elements} elements, {bundle.relations} relations"
            f"{'' if bundle.new else '; known before, nothing was added'})"
            for bundle in self.bundles
        ]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


@dataclass(frozen=True)
class ImportedBundle:
    """One bundle of an imported document."""

    bundle: str
    elements: int
    relations: int
    position: int
    new: bool


@dataclass(frozen=True)
class CheckResult(Reply):
    """What a file is, whether it can be taken, and all that stands against it.

    `violations` tells the problems of provenance once more, part by part: constraint, title, link,
    statements, the circle of events in words, and the same as Mermaid text.
    """

    file: str
    kind: str
    reader: str
    verdict: str
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    violations: tuple[Mapping[str, Any], ...] = ()

    def __str__(self) -> str:
        kind = f"{self.kind} ({self.reader})" if self.reader else self.kind
        lines = [f"{self.file}: {kind}, {self.verdict}"]
        lines += [f"  - {problem}" for problem in self.problems]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


@dataclass(frozen=True)
class QuestionVerdict(Reply):
    """Whether a question answers as its card says: `right`, or `wrong` with all that is."""

    question: str
    verdict: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.question}: {self.verdict}", *(f"  - {p}" for p in self.problems)])


@dataclass(frozen=True)
class ViewState:
    """How far a view is; `state` is `up to date`, `behind`, `down` or `foreign`."""

    name: str
    engine: str
    state: str
    position: int | None
    behind: int | None
    message: str = ""


@dataclass(frozen=True)
class StoreStatus(Reply):
    """A store in figures."""

    directory: str
    base: str
    bundles: int
    seal: str
    ingests: int
    views: tuple[ViewState, ...]

    def __str__(self) -> str:
        lines = [
            f"store    {self.directory}",
            f"base     {self.base}",
            f"journal  {self.bundles} bundles of {self.ingests} ingests, seal {self.seal[:16]}",
        ]
        for view in self.views:
            lag = f", {view.behind} behind" if view.behind else ""
            lines.append(
                f"{view.name:<8} {view.state}{lag} ({view.engine}) {view.message}".rstrip()
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class VerifyResult(Reply):
    """Whether everything written down is as it was; `seal` names this state of the journal."""

    bundles: int
    seal: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        if not self.problems:
            return f"All {self.bundles} bundles are as they were written. Seal: {self.seal}"
        return "\n".join(
            ["The store is damaged:", *(f"  - {problem}" for problem in self.problems)]
        )
