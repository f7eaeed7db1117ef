"""A draft keeps what people say exactly as they say it, and tells what is wrong in plain words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.projects.form_draft import Draft
from provstore.projects.forms import Form, load_forms, read_filled_form
from provstore.storage.settings import shipped

FORMS = load_forms(shipped("forms"))
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
names = st.text(alphabet="ab~/-0 é", max_size=3)
answers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def quality() -> Draft:
    return Draft(FORMS["quality"])


def pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


@each_form
def test_a_draft_that_is_filled_in_field_by_field_is_a_form_that_is_taken(form: Form) -> None:
    draft = Draft(form)
    for name, answer in form.example().items():
        draft.set(f"/{name}", answer)
    assert not draft.check()
    assert read_filled_form(draft.text().encode(), "x", FORMS).answers == form.example()
    progress = draft.progress()
    assert progress.answered == progress.required > 0


def test_unanswered_is_not_empty_nor_nought_nor_false() -> None:
    draft = quality()
    assert draft.get("/comment") is None
    for answer in ("", 0, False, [], {}):
        draft.set("/comment", answer)
        assert draft.get("/comment") == answer
        assert type(draft.get("/comment")) is type(answer)
    draft.unset("/comment")
    assert draft.answers == {}


@given(st.dictionaries(names, answers, max_size=4))
def test_any_answers_at_all_are_kept_as_they_came(given_: dict[str, Any]) -> None:
    draft = Draft(FORMS["review"], given_)
    draft.check()
    draft.progress()
    draft.changes({})
    assert json.loads(draft.text())["answers"] == given_


@given(st.dictionaries(names, answers, max_size=4), names, answers.filter(lambda a: a is not None))
def test_what_is_set_is_got_and_nothing_else_changes(
    given_: dict[str, Any], name: str, answer: object
) -> None:
    draft = Draft(FORMS["review"], given_)
    draft.set(pointer(name), answer)
    assert draft.get(pointer(name)) == answer
    assert draft.answers == given_ | {name: answer}
    draft.unset(pointer(name))
    assert draft.answers == {key: value for key, value in given_.items() if key != name}


def test_the_answers_that_were_handed_in_stay_as_they_are() -> None:
    earlier = {"agent": {"name": "Ada Example"}}
    Draft(FORMS["review"], earlier).set("/agent/name", "Bea Example")
    assert earlier == {"agent": {"name": "Ada Example"}}


def test_taking_back_the_last_answer_of_a_group_takes_the_group_back() -> None:
    draft = quality()
    draft.set("/agent/organisation/name", "Example Climate Institute")
    assert draft.answers == {"agent": {"organisation": {"name": "Example Climate Institute"}}}
    draft.unset("/agent/organisation/name")
    assert draft.answers == {}


def test_rows_are_added_changed_and_removed() -> None:
    draft = quality()
    draft.add_row("/findings", {"severity": "note", "message": "a"})
    draft.set("/findings/-/message", "b")
    draft.set("/findings/0/message", "c")
    assert draft.get("/findings/1/message") == "b"
    draft.unset("/findings/0")
    assert draft.get("/findings") == [{"message": "b"}]
    draft.unset("/findings/0")
    assert draft.answers == {}
    draft.unset("/findings/7")
    assert draft.answers == {}


def test_wrong_text_is_kept_and_named_once_it_was_touched() -> None:
    draft = quality()
    assert draft.problems(shown=True) == {}
    draft.set("/checked_files", "many")
    assert list(draft.problems(shown=True)) == ["/checked_files"]
    assert draft.problems()["/checked_files"].what.startswith("Files checked: ")
    assert draft.get("/checked_files") == "many"


def test_what_was_not_touched_is_named_only_when_the_form_was_checked() -> None:
    draft = quality()
    draft.set("/agent/name", "Ada Example")
    assert draft.problems(shown=True) == {}
    everything = draft.check()
    assert everything == draft.problems(shown=True)
    assert "/agent/email" in everything


def test_every_needed_part_of_an_absent_group_is_named_at_its_own_place() -> None:
    assert {"/agent/name", "/agent/email", "/agent/organisation/name"} <= set(quality().check())


def test_a_text_where_a_group_belongs_is_kept_until_a_person_says_a_part() -> None:
    draft = Draft(FORMS["quality"], {"agent": "Ada"})
    assert "/agent" in draft.problems()
    assert draft.get("/agent/name") is None
    assert draft.answers == {"agent": "Ada"}
    draft.set("/agent/name", "Ada Example")
    assert draft.answers == {"agent": {"name": "Ada Example"}}


@pytest.mark.parametrize("where", ["", "agent", "agent/name"])
def test_what_is_no_place_is_refused(where: str) -> None:
    with pytest.raises(ValueError, match="not a place"):
        quality().get(where)


def test_progress_counts_the_answers_that_are_needed() -> None:
    draft = quality()
    before = draft.progress()
    draft.set("/agent/name", "Ada Example")
    draft.set("/comment", "Nothing needs this.")
    after = draft.progress()
    assert (before.answered, after.answered) == (0, 1)
    assert after.required == before.required


def test_changes_are_told_by_label_with_what_was_and_what_is() -> None:
    earlier = {
        "agent": {"name": "Ada Example", "email": "ada@example.org"},
        "checked_files": 3,
        "surprise": 1,
    }
    draft = Draft(FORMS["quality"], earlier)
    assert draft.changes(earlier) == ()
    draft.set("/agent/email", "office@example.org")
    draft.set("/checked_files", 0)
    draft.add_row("/findings", {"severity": "note", "message": "New."})
    draft.unset("/surprise")
    told = {change.label: (change.before, change.after) for change in draft.changes(earlier)}
    assert told == {
        "Quality manager: E-mail": ("ada@example.org", "office@example.org"),
        "Files checked": ("3", "0"),
        "Findings": ("", "Severity: note; Message: New."),
        "surprise": ("1", ""),
    }


def test_progress_counts_what_is_needed_with_the_answers_given() -> None:
    draft = Draft(FORMS["cordex-cmip6"])
    before = draft.progress().required
    draft.set("/submission_type", "new_version")  # needs replaces, erratum, reason and data_path
    assert draft.progress().required == before + 4
