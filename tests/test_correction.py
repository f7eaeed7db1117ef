"""Corrections: the rows of a revision say exactly what is different, and can be applied."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.ingest.correction import corrected_answers, revision_rows
from provstore.projects.forms import Form, load_forms
from provstore.storage.settings import shipped

FORMS = load_forms(shipped("forms"))
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
CORDEX = FORMS["cordex-cmip6"]


@st.composite
def answer_sets(draw: st.DrawFn) -> dict[str, Any]:
    """Answers that pass one by one: any of the examples of each field, or none."""
    names = draw(st.lists(st.sampled_from([field.name for field in CORDEX.fields]), unique=True))
    fields = {field.name: field for field in CORDEX.fields}
    answers = {name: draw(st.sampled_from(fields[name].examples)) for name in names}
    if "agent" in answers:
        answers["agent"] = {**answers["agent"], "name": draw(st.text(min_size=1, max_size=4))}
    if "comment" in answers:
        answers["comment"] = draw(st.text(min_size=1))
    return answers


@given(answer_sets(), answer_sets())
def test_the_rows_of_a_revision_make_the_later_answers_of_the_earlier(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert corrected_answers(CORDEX, earlier, revision_rows(CORDEX, earlier, later)) == later


@each_form
def test_the_same_answers_are_no_change(form: Form) -> None:
    assert revision_rows(form, form.example(), form.example()) == []


def test_a_change_is_named_by_its_place_with_the_text_before_and_after() -> None:
    earlier = CORDEX.example()
    agent = {**earlier["agent"], "email": "ada@climate.example.org"}
    later = {**earlier, "agent": agent, "frequency": ["day"], "comment": None}
    assert revision_rows(CORDEX, earlier, later) == [
        {"field": "/agent/email", "before": "ada@example.org", "after": "ada@climate.example.org"},
        {"field": "/frequency", "before": '["mon","day"]', "after": '["day"]'},
        {"field": "/comment", "before": "The data came in two batches."},
    ]


def test_rows_in_words_of_people_correct_a_text_and_otherwise_change_no_answer() -> None:
    said = [
        {"field": "data_path", "after": "hpc.example.org:/new"},
        {"field": "the units of pr", "after": "mm/s"},
        {"field": "frequency", "after": "monthly only"},
    ]
    after = corrected_answers(CORDEX, CORDEX.example(), said)
    assert after == {**CORDEX.example(), "data_path": "hpc.example.org:/new"}
