"""Words of a picture: nothing hides in them, and they fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.pictures.label_text import (
    counted,
    markup,
    plain,
    plural,
    shorten,
    split_name,
    text_width,
    wrap,
)
from tests.drawings import HOSTILE

texts = st.text() | st.sampled_from(HOSTILE)


@given(texts)
def test_every_character_is_seen_and_the_same_text_stays_the_same(text: str) -> None:
    seen = plain(text)
    assert all(character.isprintable() or character.isspace() for character in seen)
    assert "\n" not in seen
    assert plain(seen) == seen


def test_marks_that_turn_the_reading_order_stand_as_their_code() -> None:
    assert plain("a\u202eb\x00") == "a[U+202E]b[U+0000]"


@given(texts)
def test_no_text_is_markup(text: str) -> None:
    assert not set('<>"') & set(markup(text).replace("&#x27;", "'"))


@given(texts.map(plain), st.floats(6, 40))
def test_a_text_is_made_short_at_its_middle(text: str, width: float) -> None:
    short = shorten(text, width)
    assert text_width(short) <= width + 1e-6
    assert short == text or "…" in short


@given(texts.map(plain), st.floats(12, 40))
def test_two_lines_are_enough(text: str, width: float) -> None:
    lines = wrap(text, width)
    assert len(lines) <= 2
    assert all(text_width(line) <= width + 1e-6 for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("quality report 1 of cordex-0001", ("quality report 1 of", "cordex-0001")),
        ("short", ("short",)),
        ("", ("",)),
    ],
)
def test_lines_end_where_words_end(text: str, lines: tuple[str, ...]) -> None:
    assert wrap(text, 23) == lines


def test_counts_and_sorts_are_said_as_people_say_them() -> None:
    assert [counted(1, "entity"), counted(5, "entity"), counted(1200, "file")] == [
        "1 entity",
        "5 entities",
        "1\u202f200 files",
    ]
    assert [split_name("DatasetVersion"), split_name("File"), split_name("NCFile")] == [
        "dataset version",
        "file",
        "NC file",
    ]
    assert [plural("copy"), plural("day"), plural("class")] == ["copies", "days", "classes"]
