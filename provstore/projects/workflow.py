"""The workflow of a delivery as one table: the order of steps, their roles and their outcomes.

In: the history of an ingest. Out: the steps that may or must come next. No I/O; knows no texts of
forms and no PROV.
"""

# Rule 1: STEPS has every fact about the order of steps, roles and outcomes. The code below, the
#         diagram in README and the checks of forms and ontology read it.
# Rule 2: this file knows names only: not the fields of a form, nor how a report becomes PROV.
# Rule 3: nothing here has state. The state of an ingest follows from its history alone.
#
# How it works. A *history* is the list of runs of an ingest so far, each a pair (step, outcome).
# The *place* of an ingest is its last run that was not a note. A note moves nothing: an erratum
# that leaves the data as they are is a note. A step may come next if it may follow the place, and
# if the step that it needs (an erratum or a retraction needs a publication) has passed once. A run
# that was only started is a note, too, so it blocks nobody else. Repeated runs and loops need no
# special rule: `quality` may follow `quality`, and `revision` leads to `review`.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from provstore.errors import Refused, UnknownName

Run = tuple[str, str]  # the step, and its outcome

PASSED = ("ok", "warning")  # outcomes with which a step counts as done
OUTCOMES = ("ok", "warning", "action-required", "rejected", "withdrawn")
ANY = "any"  # the step of a form that no single step has: a command of its own asks for it
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "start": "provstore start INGEST STEP --by FILE",
        "redaction": "provstore redact PERSON --by FILE --reason TEXT",
        "amendment": "provstore amend PERSON --by FILE --reason TEXT",
    }
)
"""What to run instead of sending one of these forms."""
STARTED = "started"  # no outcome yet: the run has begun; like a note, this moves nothing
OPEN = "open"
ENDS = ("closed", "rejected", "withdrawn")

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "provider": "the data provider",
        "reviewer": "the reviewer",
        "transfer_manager": "the transfer manager",
        "quality_manager": "the quality manager",
        "publisher": "the publisher",
        "archivist": "the archivist",
        "data_manager": "the data manager",
    }
)


@dataclass(frozen=True)
class Meaning:
    """The meaning of an outcome: the step that must come next, or the end (one of ENDS).

    With neither, it is a note: the state of the ingest does not change.
    """

    words: str
    next: str = ""
    end: str = ""


_BEGUN = Meaning("work on this step has begun")


@dataclass(frozen=True)
class Step:
    """One row: the forms and the role of a step, the steps it may follow, its outcomes."""

    name: str
    forms: tuple[str, ...]
    role: str
    follows: Mapping[str, tuple[str, ...]]  # step -> outcomes of it that this step may follow
    outcomes: Mapping[str, Meaning]
    needs: str = ""  # a step that must have passed before

    @property
    def activity(self) -> str:
        """The class of its runs, as a local name in our ontology."""
        return self.name.capitalize()

    @property
    def report(self) -> str:
        """The class of its reports, as a local name in our ontology."""
        return f"{self.activity}Report"


@dataclass(frozen=True)
class State:
    """The state of an ingest: `open` with the next step and the role that must act, or an end."""

    status: str
    awaits: str = ""
    next: str = ""


_DONE = PASSED
_AGAIN = ("action-required",)
_GOES_ON = (*_DONE, *_AGAIN)
_ENDED = (*_DONE, "rejected")
_ANY_PLACE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "submission": ("ok",),
        "review": OUTCOMES,
        "transfer": OUTCOMES,
        "quality": OUTCOMES,
        "publication": OUTCOMES,
        "archival": OUTCOMES,
        "revision": OUTCOMES,
        "reopening": _DONE,
        "erratum": _AGAIN,
        "retraction": _AGAIN,  # retracted data need no further corrections
    }
)

# One row per step: name, forms, role; steps it may follow; meanings of outcomes; needed step.
_ROWS = (
    Step("submission",
        ("generic", "cordex", "cordex-cmip6", "cmip6", "cmip7", "esgf-replication",
         "cmip-data-pool", "archival-request"), "provider",
        {},
        {"ok": Meaning("the delivery is announced", next="review")}),
    Step("review", ("review",), "reviewer",
        {"submission": ("ok",), "revision": _DONE, "reopening": _DONE},
        {"ok": Meaning("the data can be sent", next="transfer"),
         "warning": Meaning("the data can be sent, with reservations", next="transfer"),
         "action-required": Meaning("the answers must be corrected", next="revision"),
         "rejected": Meaning("the delivery is not accepted", end="rejected")}),
    Step("transfer", ("transfer",), "transfer_manager",
        {"review": _DONE, "transfer": _AGAIN, "quality": _AGAIN},
        {"ok": Meaning("all files have arrived", next="quality"),
         "warning": Meaning("the files have arrived, with remarks", next="quality"),
         "action-required": Meaning("files are missing or damaged", next="transfer")}),
    Step("quality", ("quality",), "quality_manager",
        {"transfer": _DONE, "quality": (*_DONE, *_AGAIN)},
        {"ok": Meaning("the data can be published", next="publication"),
         "warning": Meaning("the data can be published, with findings", next="publication"),
         "action-required": Meaning("the data must be corrected", next="revision"),
         "rejected": Meaning("the data cannot be corrected", end="rejected")}),
    Step("publication", ("publication",), "publisher",
        {"quality": _DONE, "publication": _AGAIN},
        {"ok": Meaning("the version is public", next="archival"),
         "warning": Meaning("the version is public, with remarks", next="archival"),
         "action-required": Meaning("the publication failed", next="publication")}),
    Step("archival", ("archival",), "archivist",
        {"publication": _DONE, "archival": _AGAIN},
        {"ok": Meaning("the version is archived", end="closed"),
         "warning": Meaning("the version is archived, with remarks", end="closed"),
         "action-required": Meaning("the archive copy is incomplete", next="archival"),
         "rejected": Meaning("the version is public but will not be archived", end="closed")}),
    Step("revision", ("revision",), "provider",
        {"submission": ("ok",), "review": _GOES_ON, "transfer": _GOES_ON, "quality": _GOES_ON,
         "publication": _GOES_ON, "archival": OUTCOMES, "revision": _DONE, "reopening": _DONE,
         "erratum": _AGAIN},
        {"ok": Meaning("all requested corrections are made", next="review"),
         "warning": Meaning("some of the requested corrections are made", next="review"),
         "withdrawn": Meaning("the provider withdraws the delivery", end="withdrawn")}),
    Step("reopening", ("reopening",), "data_manager",
        {"review": ("rejected",), "quality": ("rejected",), "archival": _ENDED,
         "revision": ("withdrawn",), "retraction": ("ok",)},
        {"ok": Meaning("the delivery is reopened for review", next="review")}),
    Step("erratum", ("erratum",), "data_manager",
        _ANY_PLACE,
        {"ok": Meaning("the fault is published; the data stay as they are"),
         "action-required": Meaning("the data must be corrected", next="revision")},
        needs="publication"),
    Step("retraction", ("retraction",), "data_manager",
        _ANY_PLACE,
        {"ok": Meaning("no data of this delivery are public any more", end="withdrawn"),
         "warning": Meaning("this version is retracted; another one stays public"),
         "action-required": Meaning("copies are still public", next="retraction")},
        needs="publication"),
)  # fmt: skip

STEPS: Mapping[str, Step] = MappingProxyType({row.name: row for row in _ROWS})
FIRST = "submission"


def step_named(name: str) -> Step:
    """Return the row of a step.

    Raises:
        UnknownName: no step has this name; the error suggests similar names.

    """
    if name not in STEPS:
        raise UnknownName("step", name, STEPS, code="PS-NAME-STEP")
    return STEPS[name]


def check_has_step(form: str) -> None:
    """Check that a form belongs to a step, so that it can be sent.

    >>> check_has_step("review")

    Raises:
        Refused: it does not; names the command that asks for its answers.

    """
    if form in COMMANDS:
        raise Refused(
            f"The form {form} belongs to no step.",
            f"Run: {COMMANDS[form]}",
            code="PS-REFUSED-FORM-WITHOUT-STEP",
        )


def meaning(step: str, outcome: str) -> Meaning:
    """Return the meaning of an `outcome` of `step`.

    Raises:
        UnknownName: no step has this name, or the step has no such outcome.

    """
    outcomes = step_named(step).outcomes
    if outcome == STARTED:
        return _BEGUN
    if outcome not in outcomes:
        raise UnknownName(f"outcome of {step}", outcome, outcomes, code="PS-NAME-OUTCOME")
    return outcomes[outcome]


def last_move(history: Sequence[Run]) -> Run | None:
    """Return the last run that was not a note."""
    return next((run for run in reversed(history) if not _is_note(meaning(*run))), None)


def allowed_steps(history: Sequence[Run]) -> tuple[str, ...]:
    """Return the steps that may come next, in the order of the table."""
    last = last_move(history)
    if last is None:
        return (FIRST,)
    step, outcome = last
    passed = {name for name, ended in history if ended in PASSED}
    return tuple(
        row.name
        for row in _ROWS
        if outcome in row.follows.get(step, ()) and (not row.needs or row.needs in passed)
    )


def state_after(step: str, outcome: str, history: Sequence[Run] = ()) -> State:
    """Return the state of an ingest after `step` has ended with `outcome`.

    `history`, the runs before it, matters only if this run is a note.
    """
    effect = meaning(step, outcome)
    if _is_note(effect):
        before = last_move(history)
        # Only published data can get a note, so a note without a history leaves nothing to do.
        return State("closed") if before is None else state_after(*before)
    if effect.end:
        return State(effect.end)
    return State(OPEN, STEPS[effect.next].role, effect.next)


def check_move(ingest: str, history: Sequence[Run], step: str) -> None:
    """Check that `step` may be the next run of `ingest`.

    Raises:
        UnknownName: no step has this name.
        Refused: it may not come now; the message lists the steps that may.

    """
    row = step_named(step)
    now = allowed_steps(history)
    if step not in now:
        advice = f"Allowed now: {_either(now)}."
        raise Refused(
            f"{step} is not allowed now: {_where(ingest, history)} {advice}",
            _when(row),
            code="PS-REFUSED-OUT-OF-TURN",
        )


def mermaid() -> str:
    """Draw the table: solid arrows to steps that must come next, dotted to others allowed."""
    lines = ["flowchart TD"]
    lines += [f'    {row.name}["{row.name}<br/>{ROLES[row.role]}"]' for row in _ROWS]
    lines += [f"    {end}(({end}))" for end in ENDS]
    for row in _ROWS:
        lines += [
            f"    {row.name} -->|{' / '.join(o)}| {to}"
            for to, o in _outcomes_by_target(row).items()
        ]
    for row in _ROWS:
        lines += [f"    {step} -.-> {row.name}" for step in _optional_predecessors(row)]
    return "\n".join(lines) + "\n"


def _is_note(effect: Meaning) -> bool:
    return not effect.next and not effect.end


def _outcomes_by_target(row: Step) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for outcome, effect in row.outcomes.items():
        if not _is_note(effect):
            targets.setdefault(effect.next or effect.end, []).append(outcome)
    return targets


def _optional_predecessors(row: Step) -> list[str]:
    """Return the steps that this step may follow although none of their outcomes requires it."""
    if row.needs:
        return [row.needs]
    return [step for step in row.follows if row.name not in _outcomes_by_target(STEPS[step])]


def _where(ingest: str, history: Sequence[Run]) -> str:
    if not history:
        return f"{ingest} has not begun."
    step, outcome = history[-1]
    run = sum(name == step for name, _ in history)
    return f"the last run of {ingest} is {step}/{run} ({outcome}: {meaning(step, outcome).words})."


def _when(row: Step) -> str:
    if row.needs:
        return f"{row.name} can only follow a {row.needs} that has passed."
    if not row.follows:
        return f"A {row.name} only begins an ingest; to change a delivery, report a revision."
    places = [f"{step} ({_either(outcomes)})" for step, outcomes in row.follows.items()]
    return f"{row.name} can follow {_either(places)}."


def _either(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
