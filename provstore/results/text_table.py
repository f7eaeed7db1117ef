"""Lays out rows as a table of plain text that fits a terminal.

In: columns, rows of cells, a width. Out: lines. Texts wrap between words; a long name loses its
middle; if that is not enough, each row becomes a list of its cells. Cells are never markup.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from provstore.results.cell_values import Cell, text
from provstore.results.html_table import is_iri
from provstore.results.short_names import short_name
from provstore.results.terminal_text import visible, visible_line

CUT = "…"
"""Stands for the middle of a long name."""
_NARROWEST_NAME, _NARROWEST_TEXT, _UNCUT = 20, 18, 12
"""Cells of at most `_UNCUT` characters are never cut or wrapped."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::[\d.]+)?(?:Z|[+-]\d\d:\d\d)")
_PIECE = re.compile(r"[^./:#_-]*[./:#_-]*")
_CODE = re.compile(r"[^\W\d]+(?:[_-][^\W\d]+)*")
_CODE_PART = re.compile(r"[^_-]*[_-]|[^_-]+")
_LAYOUTS = (("  ", r"\1 \2"), ("  ", r"\1"), (" ", r"\1"))
"""What is tried until a table fits: the gap between columns, and how times are written."""


@dataclass(frozen=True)
class _Column:
    """A column: its name, its cells as text, and how they may be narrowed."""

    name: str
    cells: tuple[str, ...]
    kind: str

    @property
    def natural(self) -> int:
        return max(map(cell_len, (self.name, *self.cells)))

    @property
    def narrowest(self) -> int:
        head = max(map(cell_len, _code_lines(self.name)))
        cells = max(map(cell_len, self.cells), default=0)
        if self.kind == "code":
            parts = (line for cell in self.cells for line in _code_lines(cell))
            cells = max(map(cell_len, parts), default=0)
        elif self.kind in ("text", "name") and cells > _UNCUT:
            cells = min(cells, _NARROWEST_TEXT if self.kind == "text" else _NARROWEST_NAME)
        return max(head, cells)


def text_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    width: int | None = None,
    short: Callable[[str], str] | None = str,
) -> tuple[list[str], bool]:
    r"""Return the lines of a table, and whether a name or a time in it was shortened to fit.

    Without `width`, nothing is narrowed; with `short=None`, no IRI is shortened.

    >>> lines, _ = text_table(["ingest", "runs"], [["cordex-0001", 12]])
    >>> print("\n".join(lines))
    ingest       runs
    -----------  ----
    cordex-0001    12
    """
    if not columns:
        return [], False
    made = [_column(name, [row[at] for row in rows], short) for at, name in enumerate(columns)]
    gap = _LAYOUTS[0][0]
    if width is None or _total([column.natural for column in made], gap) <= width:
        return [*_grid(made, [column.natural for column in made], gap)], False
    for gap, time_format in _LAYOUTS:
        narrow = [_with_times(column, time_format) for column in made]
        if _total([column.narrowest for column in narrow], gap) <= width:
            widths = _fitting_widths(narrow, width - len(gap) * (len(made) - 1))
            return [*_grid(narrow, widths, gap)], any(map(_is_shortened, made, narrow, widths))
    head = max(cell_len(column.name) for column in made)
    cut = any(
        cell_len(word) > max(width - head - 2, 8)
        for column in made
        for cell in column.cells
        for word in cell.split()
    )
    return [*_records(made, width)], cut


def _column(name: str, cells: Sequence[Cell], short: Callable[[str], str] | None) -> _Column:
    shown = tuple(_shown(cell, short) for cell in cells)
    present = [cell for cell in cells if cell is not None]
    kind = "name"
    if present and all(type(cell) in (int, float) for cell in present):
        kind = "number"
    elif any(shown) and all(not cell or _TIME.fullmatch(cell) for cell in shown):
        kind = "time"
    elif any(" " in cell for cell in shown):
        kind = "text"
    elif all(not cell or _CODE.fullmatch(cell) for cell in shown):
        kind = "code"
    return _Column(visible_line(name), shown, kind)


def _shown(cell: Cell, short: Callable[[str], str] | None) -> str:
    written = text(cell)
    if short is not None and is_iri(cell):
        written = short_name(written, short)
    return " ".join(visible(written).split())


def _total(widths: Sequence[int], gap: str) -> int:
    return sum(widths) + len(gap) * (len(widths) - 1)


def _with_times(column: _Column, time_format: str) -> _Column:
    if column.kind != "time":
        return column
    return replace(column, cells=tuple(_TIME.sub(time_format, cell) for cell in column.cells))


def _is_shortened(before: _Column, after: _Column, width: int) -> bool:
    if after.kind == "code":
        return False
    words = (word for cell in after.cells for word in _words(cell, after.kind))
    return before.cells != after.cells or any(cell_len(word) > width for word in words)


def _words(cell: str, kind: str) -> list[str]:
    return cell.split() if kind == "text" else [cell]


def _fitting_widths(columns: Sequence[_Column], room: int) -> list[int]:
    """Take from the widest columns until all fit."""
    level = max(column.natural for column in columns)
    while True:
        widths = [min(column.natural, max(column.narrowest, level)) for column in columns]
        if sum(widths) <= room:
            break
        level -= 1
    for at, column in enumerate(columns):  # what is left over
        more = min(column.natural - widths[at], room - sum(widths))
        widths[at] += max(more, 0)
    return widths


def _grid(columns: Sequence[_Column], widths: Sequence[int], gap: str) -> Iterator[str]:
    heads = [_code_lines(column.name, width) for column, width in zip(columns, widths, strict=True)]
    rule = [["-" * width] for width in widths]
    yield from _row_lines(heads, columns, widths, gap)
    yield from _row_lines(rule, columns, widths, gap)
    for row in zip(*(column.cells for column in columns), strict=True):
        cells = [
            _cell_lines(cell, column, width)
            for cell, column, width in zip(row, columns, widths, strict=True)
        ]
        yield from _row_lines(cells, columns, widths, gap)


def _row_lines(
    cells: Sequence[Sequence[str]], columns: Sequence[_Column], widths: Sequence[int], gap: str
) -> Iterator[str]:
    for line in range(max(map(len, cells))):
        parts = [
            padded(cell[line] if line < len(cell) else "", width, right=column.kind == "number")
            for cell, column, width in zip(cells, columns, widths, strict=True)
        ]
        yield gap.join(parts).rstrip()


def _records(columns: Sequence[_Column], width: int) -> Iterator[str]:
    """Yield each row as a list of its cells, one below the other, with an empty line between."""
    head = max(cell_len(column.name) for column in columns)
    room = max(width - head - 2, 8)
    for number, row in enumerate(zip(*(column.cells for column in columns), strict=True)):
        if number:
            yield ""
        for column, cell in zip(columns, row, strict=True):
            first, *others = wrapped(cell, room)
            yield f"{padded(column.name, head)}  {first}".rstrip()
            yield from (f"{' ' * head}  {line}" for line in others)


def _code_lines(code: str, width: int = 0) -> list[str]:
    """Break a name such as `action-required` after hyphens and underscores, if it is too wide."""
    if width and cell_len(code) <= width:
        return [code]
    lines = [""]
    for part in _CODE_PART.findall(code):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return lines


def _cell_lines(cell: str, column: _Column, width: int) -> list[str]:
    if column.kind == "text":
        return wrapped(cell, width)
    return _code_lines(cell, width) if column.kind == "code" else [shortened_name(cell, width)]


def wrapped(cell: str, width: int) -> list[str]:
    """Wrap a text between words; a word that is too long loses its middle."""
    lines = [""]
    for word in (shortened_name(word, width) for word in cell.split()):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def shortened_name(name: str, width: int) -> str:
    """Take the middle out of a name that is too long; its end, which tells it apart, stays longest.

    >>> shortened_name("cordex.output.EUR-11.EXAMPLE.rcp85.v1.v20260202", 28)
    'cordex.…rcp85.v1.v20260202'
    """
    if cell_len(name) <= width:
        return name
    pieces = [piece for piece in _PIECE.findall(name) if piece]
    head, tail = pieces[0], _last_pieces(pieces[1:], width - 1 - cell_len(pieces[0]))
    if cell_len(tail) < width // 2:
        head, tail = "", _last_pieces(pieces, width - 1)
    return f"{head}{CUT}{tail or _last_characters(name, width - 1)}"


def _last_pieces(pieces: Sequence[str], room: int) -> str:
    tail = ""
    for piece in reversed(pieces):
        if cell_len(piece + tail) > room:
            break
        tail = piece + tail
    return tail


def _last_characters(name: str, room: int) -> str:
    at = len(name)
    while at and cell_len(name[at - 1 :]) <= room:
        at -= 1
    return name[at:]


def padded(cell: str, width: int, *, right: bool = False) -> str:
    """Fill a cell with spaces to a width in columns of a terminal."""
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space
