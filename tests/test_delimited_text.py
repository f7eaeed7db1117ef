"""CSV is safe in a spreadsheet unless raw; a line of a pipe is a row, whatever is in it."""

import csv
import io

from provstore.results.delimited_text import csv_text, tab_separated_lines


def test_a_text_that_looks_like_a_formula_is_disarmed_and_a_number_is_not() -> None:
    rows = [["=1+1"], ["+1"], ["-x"], ["@SUM"], ["\tx"], ["\rx"], [-1], [-1.5], ["a-b"]]
    read = [row[0] for row in csv.reader(io.StringIO(csv_text(["a"], rows, raw=False), newline=""))]
    assert read[1:] == ["'=1+1", "'+1", "'-x", "'@SUM", "'\tx", "'\rx", "-1", "-1.5", "a-b"]


def test_raw_csv_is_faithful() -> None:
    assert csv_text(["a"], [["=1+1"]]) == "a\n=1+1\n"


def test_a_row_is_a_line_and_a_cell_a_field() -> None:
    head, row = tab_separated_lines(["a", "b"], [["x\ty\nz\\", "\x1b[0m"]])
    assert head == "a\tb"
    assert row.split("\t") == ["x\\ty\\nz\\\\", "\\x1b[0m"]


def test_raw_lines_keep_control_characters_but_no_breaks() -> None:
    _, row = tab_separated_lines(["a"], [["\x1b\n\t"]], raw=True)
    assert row == "\x1b\\n\\t"
