"""A table for people: every text stays text, IRIs are short, nothing is cut in silence."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from provstore.results.cell_values import Iri
from provstore.results.html_table import CHARACTERS_SHOWN, ROWS_SHOWN, html_table

HOSTILE = """<img src=x onerror=alert(1)>"'&$x$"""


def shorten(iri: str) -> str:
    return iri.replace("https://provstore.example/", "centre:")


def test_no_cell_column_or_word_is_markup() -> None:
    rows = [[HOSTILE, Iri(f"https://provstore.example/{HOSTILE}"), [HOSTILE], {HOSTILE: HOSTILE}]]
    shown = html_table([HOSTILE] * 4, rows, 1, short=shorten, caption=[HOSTILE], remarks=[HOSTILE])
    assert "<img" not in shown
    assert 'x"' not in shown.replace('scope="col"', "")


@given(st.text())
def test_whatever_a_text_is_the_table_around_it_stays_whole(text: str) -> None:
    shown = html_table(["a"], [[text], [Iri(text)]], 2, short=shorten)
    assert (shown.count("<td"), shown.count("</td>"), shown.count("<tr>")) == (2, 2, 3)


def test_an_iri_is_short_and_the_full_one_is_there_on_hover() -> None:
    iri = "https://provstore.example/ingest/cordex-0001"
    shown = html_table(["a", "b"], [[iri, f"See {iri}"]], 1, short=shorten)
    assert f'<span title="{iri}">centre:ingest/cordex-0001</span>' in shown
    assert f">See {iri}</td>" in shown


def test_dollars_are_no_formulas() -> None:
    assert "mathjax_ignore" in html_table(["plan"], [["uri = $thing, $other"]], 1)


def test_only_a_column_of_numbers_stands_right() -> None:
    shown = html_table(["n", "mixed"], [[1, 2], [None, "two"], [3.5, None]], 3)
    assert shown.count('class="pv-number"') == 4  # the heading and three cells


def test_what_is_not_shown_is_counted() -> None:
    many = html_table(["n"], [[n] for n in range(ROWS_SHOWN + 1)], ROWS_SHOWN + 1)
    assert f"{ROWS_SHOWN + 1} rows · the first {ROWS_SHOWN} are shown" in many
    assert many.count("<td") == ROWS_SHOWN
    assert f"({CHARACTERS_SHOWN + 1:,} characters)" in html_table(
        ["a"], [["x" * (CHARACTERS_SHOWN + 1)]], 1
    )
    assert "no rows" in html_table([], [], 0)


def test_a_time_is_written_as_everywhere_else() -> None:
    assert "<td>2026-03-02T00:00:00Z</td>" in html_table(
        ["t"], [[datetime(2026, 3, 2, tzinfo=UTC)]], 1
    )
