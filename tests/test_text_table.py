"""A table fits its terminal, breaks no word, and nothing in it can command the terminal."""

import re
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from provstore.results.cell_values import Cell
from provstore.results.text_table import shortened_name, text_table

COLUMNS = ("ingest", "dataset", "outcome", "awaits", "since", "comment", "number")
ROWS: list[tuple[Cell, ...]] = [
    ("cordex-0001", "cordex.output.EUR-11.EXAMPLE.MPI-M-MPI-ESM-LR.rcp85.r1i1p1.v1.v20260202",
     "action-required", "transfer_manager", datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
     "Thirty files of the first year are missing.", 12),
    ("cordex-0002", None, "ok", "archivist", datetime(2026, 3, 2, tzinfo=UTC), "日本語の注釈", 7),
]  # fmt: skip


@pytest.mark.parametrize("width", range(40, 240, 5))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(width: int) -> None:
    lines, _ = text_table(COLUMNS, ROWS, width=width)
    assert max(map(cell_len, lines)) <= width
    words = set("\n".join(lines).split())
    assert {"Thirty", "files", "missing.", "cordex-0001", "archivist"} <= words


def test_without_a_width_every_value_is_whole_and_a_row_is_a_line() -> None:
    lines, is_shortened = text_table(COLUMNS, ROWS)
    assert len(lines) == 4
    assert not is_shortened
    assert str(ROWS[0][1]) in lines[2]


def test_what_is_shortened_is_reported() -> None:
    assert text_table(["name"], [("a." * 50,)], width=40)[1]


def test_a_narrow_terminal_gets_a_list_of_cells() -> None:
    lines, _ = text_table(COLUMNS, ROWS, width=50)
    assert lines[0] == "ingest   cordex-0001"


def test_iris_are_short_unless_whole_values_are_wanted() -> None:
    iri = "https://doi.org/10.5072/x"
    assert text_table(["thing"], [(iri,)])[0][2] == "doi:10.5072/x"
    assert text_table(["thing"], [(iri,)], short=None)[0][2] == iri


def test_control_characters_are_visible() -> None:
    hostile = "\x1b[31mred\x07 \x9b2J \u202eevil\u2066 a\rb"
    text = "\n".join(text_table([hostile], [(hostile,)])[0])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert r"\x1b[31mred\x07" in text


def test_columns_are_aligned_by_cells_of_the_terminal() -> None:
    _, _, wide, narrow = text_table(["a", "b"], [("日本", "x"), ("abcd", "x")])[0]
    assert cell_len(wide) == cell_len(narrow)


def test_a_long_name_keeps_its_end() -> None:
    assert shortened_name("a.b.c", 9) == "a.b.c"
    assert shortened_name("x" * 30, 10) == "…" + "x" * 9


def test_no_columns_are_no_table() -> None:
    assert text_table([], []) == ([], False)
