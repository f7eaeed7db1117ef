"""Spelling hidden from a library that would change it, and put back as it was."""

import json
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.prov.notations.spelling_guard import SpellingGuard
from tests.strategies import texts

TIMES = ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.10+01:00", "2026-03-01T24:00:00", "_as0", "9")


@given(st.lists(st.sampled_from(TIMES) | texts).map("".join))
def test_whatever_is_hidden_comes_back(text: str) -> None:
    guard = SpellingGuard(text, "provn")
    assert guard.restore(guard.text) == text


@pytest.mark.parametrize("text", ["&#95;as0", "&#57;999-01-01", "blank&#48;:x", "_as&#x30;"])
def test_nothing_that_a_reference_of_xml_means_is_taken_for_a_stand_in(text: str) -> None:
    guard = SpellingGuard(text, "provxml")
    assert guard.restore(unescape(text)) == unescape(text)


@given(st.recursive(
    st.sampled_from(["_:x", "_:", "a", "_"]),
    lambda part: st.lists(part) | st.dictionaries(st.sampled_from(["_:k", "k"]), part),
))  # fmt: skip
def test_blank_names_are_hidden_and_come_back(part: object) -> None:
    text = json.dumps(part)
    guard = SpellingGuard(text, "provjsonld")
    hidden = json.dumps(guard.hide_blank_names(part))
    assert '"_:' not in hidden
    assert guard.restore(hidden) == text


def test_a_library_does_not_see_how_a_time_was_written() -> None:
    guard = SpellingGuard("2026-03-01T09:00:00.10+01:00", "provn")
    assert guard.text.endswith("T00:00:00")
    assert ".10" not in guard.text


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("provn", 'entity(e, [k="007" %% xsd:int])'),
        ("provxml", '<k xsi:type="xsd:int">007</k>'),
        ("provjson", '{"$":"007","type":"xsd:int"}'),
        ("provjsonld", '{"@value":"007","@type":"xsd:int"}'),
    ],
)
def test_a_datatype_that_would_be_rewritten_is_one_that_nobody_knows(
    notation: str, text: str
) -> None:
    guard = SpellingGuard(text, notation)
    assert "xsd:int_as0" in guard.text
    assert guard.restore(guard.text) == text
