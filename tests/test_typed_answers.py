"""What is typed becomes the answer that it says, or stays the text that it is."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.projects.form_fields import Field
from provstore.projects.typed_answers import format_answer, parse_answer


def field(kind: str, *choices: object, parts: tuple[Field, ...] = ()) -> Field:
    return Field("f", "/f", "F", "Help.", True, kind, choices, ("x",), "", parts)


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("text", " a b ", "a b"),
        ("text", "a\n b \n", "a\n b \n"),
        ("text", "", None),
        ("text", "  ", None),
        ("whole number", " 12 ", 12),
        ("whole number", "0", 0),
        ("whole number", "-3", -3),
        *[("whole number", wrong, wrong) for wrong in ("12.0", "1e3", "1 000", "012", "twelve")],
        ("whole number", "\u0661\u0662", "\u0661\u0662"),
        ("number", "1.5", 1.5),
        ("number", "2", 2),
        *[("number", wrong, wrong) for wrong in ("1,5", "NaN", "Infinity", ".5", "0x1")],
        ("yes or no", "Yes", True),
        ("yes or no", "no", False),
        ("yes or no", "maybe", "maybe"),
        ("time", "yesterday", "yesterday"),
    ],
)
def test_a_typed_text_is_the_answer_of_its_kind_or_stays_a_text(
    kind: str, text: str, answer: object
) -> None:
    found = parse_answer(field(kind), text)
    assert found == answer
    assert type(found) is type(answer)


def test_a_choice_is_found_by_how_it_is_spelled_and_no_other_is_guessed() -> None:
    sizes = field("choice", 1, "1x", True)
    assert parse_answer(sizes, "1") == 1
    assert parse_answer(sizes, "1x") == "1x"
    assert parse_answer(sizes, "yes") is True
    assert parse_answer(sizes, "1X") == "1X"


def test_a_list_is_typed_one_per_line() -> None:
    numbers = dataclasses.replace(field("list"), parts=(field("whole number"),))
    assert parse_answer(numbers, "1\n\n two \r\n3\n") == [1, "two", 3]
    assert parse_answer(numbers, " \n ") is None
    assert format_answer(numbers, [1, "two"]) == "1\ntwo"


@given(st.integers(-(10**18), 10**18))
def test_a_whole_number_comes_back(number: int) -> None:
    kind = field("whole number")
    assert parse_answer(kind, format_answer(kind, number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back(number: float) -> None:
    kind = field("number")
    assert parse_answer(kind, format_answer(kind, number)) == number
