"""Writes rows as CSV for spreadsheets and as tab-separated lines for `cut`, `awk` and `grep`.

In: columns and rows of cells. Out: text. It knows no stream.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace

from provstore.results.cell_values import Cell, text
from provstore.results.terminal_text import visible_line

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, raw: bool = True) -> str:
    """Return rows as CSV (RFC 4180, lines end with LF); a missing value is empty.

    Unless `raw`, a text that a spreadsheet would take for a formula begins with an apostrophe.

    >>> csv_text(["a"], [["=1+1"], [-1]], raw=False).split()
    ['a', "'=1+1", '-1']
    """
    lines: list[str] = []
    # With this end of line, the writer quotes both of its characters; then it is replaced.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    disarm = text if raw else _disarmed
    writer.writerow(map(disarm, columns))
    writer.writerows([disarm(cell) for cell in row] for row in rows)
    return "".join(f"{line[:-2]}\n" for line in lines)


def tab_separated_lines(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, raw: bool = False
) -> Iterator[str]:
    r"""Yield a line of names, then a line for each row, cells separated by tabs.

    Within a cell, a backslash, tab, line feed or carriage return is written as `\\`, `\t`, `\n`,
    `\r`. Unless `raw`, other hidden characters are written as escapes, too.

    >>> [*tab_separated_lines(["name", "text"], [["a", "two\nlines"]])]
    ['name\ttext', 'a\ttwo\\nlines']
    """
    for row in (columns, *rows):
        yield "\t".join(_field(cell, raw) for cell in row)


def _disarmed(cell: Cell) -> str:
    written = text(cell)
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA_BEGINS)
    return f"'{written}" if is_formula else written


def _field(cell: Cell, raw: bool) -> str:
    written = text(cell).replace("\\", "\\\\")
    if raw:
        return written.replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return visible_line(written)
