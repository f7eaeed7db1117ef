"""The life of a delivery: what may come when, what every outcome means, and that loops end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import Refused, UnknownName
from provstore.projects.forms import load_forms
from provstore.projects.workflow import (
    ANY,
    COMMANDS,
    ENDS,
    FIRST,
    OPEN,
    OUTCOMES,
    PASSED,
    ROLES,
    STARTED,
    STEPS,
    Run,
    State,
    allowed_steps,
    check_move,
    last_move,
    meaning,
    mermaid,
    state_after,
    step_named,
)
from provstore.storage.settings import shipped

CLEAN = [
    (step, "ok")
    for step in ("submission", "review", "transfer", "quality", "publication", "archival")
]


def walk(*steps: str) -> list[Run]:
    """The runs of these steps, each of which may come; `quality:warning` has another outcome."""
    history: list[Run] = []
    for step in steps:
        name, _, outcome = step.partition(":")
        check_move("cordex-0001", history, name)
        assert outcome in STEPS[name].outcomes or not outcome
        history.append((name, outcome or "ok"))
    return history


# --- the table -----------------------------------------------------------------------------------


def test_the_forms_and_the_table_name_each_other() -> None:
    forms = load_forms(shipped("forms"))
    assert {name: form.step for name, form in forms.items()} == {
        **dict.fromkeys(COMMANDS, ANY),
        **{name: step.name for step in STEPS.values() for name in step.forms},
    }
    for step in STEPS.values():
        for name in step.forms:
            asked = {field.name: field.choices for field in forms[name].fields}
            assert asked.get("outcome", ("ok",)) == tuple(step.outcomes), name


def test_every_name_in_the_table_is_known() -> None:
    for name, step in STEPS.items():
        assert name == step.name
        assert step.role in ROLES
        assert set(step.outcomes) <= set(OUTCOMES)
        assert step.needs in {"", *STEPS}
        for before, outcomes in step.follows.items():
            assert before in STEPS
            assert set(outcomes) <= set(OUTCOMES)
        for what in step.outcomes.values():
            assert what.next in {"", *STEPS}
            assert what.end in {"", *ENDS}
            assert not (what.next and what.end)
    assert set(ROLES) == {step.role for step in STEPS.values()}


def test_what_an_outcome_calls_for_may_really_follow() -> None:
    for step in STEPS.values():
        for outcome, what in step.outcomes.items():
            if what.next:
                assert outcome in STEPS[what.next].follows[step.name], (step.name, outcome)


def test_every_step_can_be_reached_and_only_the_submission_begins() -> None:
    assert [step.name for step in STEPS.values() if not step.follows] == [FIRST]
    reached = {what.next for step in STEPS.values() for what in step.outcomes.values()}
    by_choice = {step.name for step in STEPS.values() if step.needs} | {"reopening"}
    assert reached | by_choice | {FIRST} == {*STEPS, ""}


def test_the_picture_shows_every_step_role_end_and_outcome() -> None:
    picture = mermaid()
    for word in (*STEPS, *ENDS, *(ROLES[step.role] for step in STEPS.values())):
        assert word in picture
    for step in STEPS.values():
        for outcome, what in step.outcomes.items():
            arrows = [line for line in picture.splitlines() if f" {step.name} -->" in line]
            called = what.next or what.end
            assert not called or any(outcome in a and a.endswith(called) for a in arrows)


# --- the ways ------------------------------------------------------------------------------------


def test_the_clean_way_leads_from_submission_to_archival() -> None:
    assert walk(*(step for step, _ in CLEAN)) == CLEAN
    for index, (step, outcome) in enumerate(CLEAN[:-1]):
        following = CLEAN[index + 1][0]
        assert state_after(step, outcome) == State(OPEN, STEPS[following].role, following)
    assert state_after("archival", "ok") == State("closed")


def test_a_failed_check_leads_through_a_revision_back_to_review() -> None:
    back = walk("submission", "review", "transfer", "quality:action-required", "revision")
    assert state_after(*back[-1], back[:-1]) == State(OPEN, "reviewer", "review")
    walk(
        "submission",
        "review:action-required",
        "revision:warning",
        "review",
        "transfer",
        "quality:action-required",
        "revision",
        "review",
        "transfer:action-required",
        "transfer",
        "quality:action-required",
        "quality:warning",
        "publication:action-required",
        "publication",
        "archival:action-required",
        "archival",
        "erratum:action-required",
        "revision",
        "review",
        "transfer",
        "quality",
        "publication",
        "archival",
        "retraction",
    )


def test_a_note_moves_nothing() -> None:
    published = CLEAN[:5]
    noted = [*published, ("erratum", "ok")]
    assert last_move(noted) == ("publication", "ok")
    assert allowed_steps(noted) == allowed_steps(published)
    assert state_after("erratum", "ok", published) == state_after("publication", "ok")
    assert state_after("erratum", "ok", CLEAN) == State("closed")
    assert state_after("retraction", "warning", CLEAN) == State("closed")
    assert state_after("retraction", "warning") == State("closed")


def test_nothing_may_come_after_the_end_of_what_was_never_public() -> None:
    """But that it is opened again, with a reason, and reviewed anew."""
    assert allowed_steps(walk("submission", "review:rejected")) == ("reopening",)
    assert state_after("review", "rejected") == State("rejected")
    taken_back = walk("submission", "review:action-required", "revision:withdrawn")
    assert allowed_steps(taken_back) == ("reopening",)
    assert state_after(*taken_back[-1]) == State("withdrawn")
    assert allowed_steps([*CLEAN, ("retraction", "ok")]) == ("reopening",)
    again = walk("submission", "review:rejected", "reopening", "review")
    assert state_after(*again[-1]) == State(OPEN, "transfer_manager", "transfer")


def test_a_run_that_was_only_started_moves_nothing() -> None:
    for length in range(1, len(CLEAN) + 1):
        for step in STEPS:
            begun = [*CLEAN[:length], (step, STARTED)]
            assert allowed_steps(begun) == allowed_steps(CLEAN[:length])
            assert state_after(step, STARTED, CLEAN[:length]) == state_after(*CLEAN[length - 1])


@pytest.mark.parametrize("late", ["review:rejected", "review:action-required|revision:withdrawn"])
def test_what_was_published_can_be_taken_back_even_when_its_revision_failed(late: str) -> None:
    steps = [step for step, _ in CLEAN]
    assert "retraction" in allowed_steps(walk(*steps, "revision", *late.split("|")))


def test_what_was_never_published_needs_no_erratum() -> None:
    for length in range(1, 5):
        assert not {"erratum", "retraction"} & {*allowed_steps(CLEAN[:length])}
    failed = walk("submission", "review", "transfer", "quality", "publication:action-required")
    assert not {"erratum", "retraction"} & {*allowed_steps(failed)}
    assert {"erratum", "retraction"} <= {*allowed_steps(CLEAN[:5])}


def test_a_refusal_says_where_the_ingest_stands_and_what_may_come() -> None:
    with pytest.raises(Refused) as caught:
        check_move("cordex-0001", CLEAN[:2], "publication")
    assert caught.value.message == (
        "publication is not allowed now: the last run of cordex-0001 is review/1 "
        "(ok: the data can be sent). Allowed now: transfer or revision."
    )
    assert caught.value.advice == (
        "publication can follow quality (ok or warning) or publication (action-required)."
    )
    with pytest.raises(Refused, match=r"has not begun. Allowed now: submission"):
        check_move("cordex-0001", [], "review")
    with pytest.raises(Refused, match=r"Allowed now: reopening\."):
        check_move("cordex-0001", [("submission", "ok"), ("review", "rejected")], "transfer")
    with pytest.raises(Refused, match=r"report a revision"):
        check_move("cordex-0001", CLEAN, "submission")
    with pytest.raises(Refused, match=r"only follow a publication that has passed"):
        check_move("cordex-0001", CLEAN[:3], "erratum")


def test_the_run_in_a_refusal_is_counted() -> None:
    history = walk("submission", "review", "transfer:action-required", "transfer")
    with pytest.raises(Refused, match="transfer/2"):
        check_move("cordex-0001", history, "review")


def test_a_step_or_outcome_that_is_not_there_names_the_near_ones() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'quality'"):
        step_named("qualty")
    with pytest.raises(UnknownName, match="Did you mean 'quality'"):
        check_move("cordex-0001", [], "qualty")
    with pytest.raises(UnknownName, match="outcome of transfer"):
        meaning("transfer", "rejected")


# --- laws ----------------------------------------------------------------------------------------


@st.composite
def walks(draw: st.DrawFn) -> list[Run]:
    """Any legal life of an ingest, of up to thirty runs."""
    history: list[Run] = []
    for _ in range(draw(st.integers(1, 30))):
        if not (now := allowed_steps(history)):
            break
        step = draw(st.sampled_from(now))
        history.append((step, draw(st.sampled_from(sorted(STEPS[step].outcomes)))))
    return history


@given(walks())
def test_an_open_ingest_always_has_somebody_who_can_go_on(history: list[Run]) -> None:
    state = state_after(*history[-1], history[:-1])
    now = allowed_steps(history)
    if state.status == OPEN:
        assert state.next in now
        assert state.awaits == STEPS[state.next].role
    else:
        assert state.status in ENDS
        assert (state.awaits, state.next) == ("", "")
    assert now
    published = ("publication", "ok") in history or ("publication", "warning") in history
    assert published or not {"erratum", "retraction"} & {*now}


@given(walks())
def test_what_is_allowed_is_what_check_move_lets_pass(history: list[Run]) -> None:
    for step in STEPS:
        if step in allowed_steps(history):
            check_move("x-0001", history, step)
        else:
            with pytest.raises(Refused) as caught:
                check_move("x-0001", history, step)
            assert str(caught.value).endswith(".")


@given(walks())
def test_an_open_ingest_can_always_be_brought_to_an_end(history: list[Run]) -> None:
    for _ in range(len(STEPS)):
        state = state_after(*history[-1], history[:-1])
        if state.status != OPEN:
            return
        history = [*history, (state.next, "ok")]
        assert history[-1][1] in PASSED
    assert state_after(*history[-1], history[:-1]).status in ENDS
