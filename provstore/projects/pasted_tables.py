"""Pasted tables (CSV, or cells copied from a spreadsheet) as rows of a list, and back.

In: the field of a list whose rows are groups without nested groups, and a text. Out: its rows, with
wrong cells as they were typed, or `BadTable` with every fault by row and column. Pure.
"""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from provstore.errors import BadTable, Problem
from provstore.projects.form_fields import Field, suggest
from provstore.projects.form_rules import quote_answer
from provstore.projects.typed_answers import format_answer, parse_answer

MAX_ROWS = 10_000
_SEPARATORS = "\t;,"


def columns_of(field: Field) -> Mapping[str, Field]:
    """Return the columns of a list field by name."""
    return {part.name: part for part in field.parts[0].parts}


def read_table(field: Field, text: str) -> list[dict[str, Any]]:
    """Read a table whose first line has names or labels of columns; empty cells are no answers.

    Raises:
        BadTable: a column is unknown or occurs twice, a row is too long, or a quote is not closed.

    """
    separator = _separator(field, text)
    reader = csv.reader(StringIO(text.removeprefix("\ufeff")), delimiter=separator, strict=True)
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        fault = Problem(f"line {reader.line_num}", f"This line cannot be read: {error}.")
        raise BadTable(field.label, [fault], code="PS-TABLE-UNREADABLE") from None
    if not lines:
        raise BadTable(
            field.label, [Problem("", "The table is empty.", _how(field))], code="PS-TABLE-EMPTY"
        )
    header, *rows = lines
    matched = [_column(field, title) for title in header]
    problems = [*_faults_of_header(field, header, matched), *_faults_of_rows(len(header), rows)]
    if problems:
        raise BadTable(field.label, problems, code="PS-TABLE-COLUMNS")
    columns = [column for column in matched if column]
    return [_row(columns, line) for line in rows]


def write_table(field: Field, rows: object) -> str:
    """Write rows as CSV, with the names of the columns in the first line."""
    columns = columns_of(field)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows if isinstance(rows, list) else []:
        cells = row if isinstance(row, dict) else {}
        writer.writerow(format_answer(column, cells.get(name)) for name, column in columns.items())
    return out.getvalue()


def _row(columns: list[Field], line: list[str]) -> dict[str, Any]:
    cells = {
        column.name: parse_answer(column, cell) for column, cell in zip(columns, line, strict=False)
    }
    return {name: answer for name, answer in cells.items() if answer is not None}


def _names(field: Field) -> dict[str, Field]:
    columns = columns_of(field).values()
    return {spelling.casefold(): c for c in columns for spelling in (c.label, c.name)}


def _column(field: Field, title: str) -> Field | None:
    return _names(field).get(title.strip().casefold())


def _separator(field: Field, text: str) -> str:
    """Return the separator that gives most known columns in the first line; by default a tab."""
    first = text.removeprefix("\ufeff").lstrip("\r\n").split("\n", 1)[0]

    def known(separator: str) -> int:
        cells = first.replace('"', "").split(separator)
        return sum(_column(field, cell) is not None for cell in cells)

    return max(_SEPARATORS, key=lambda each: (known(each), first.count(each)))


def _faults_of_header(
    field: Field, header: list[str], columns: list[Field | None]
) -> Iterator[Problem]:
    names = {spelling: column.name for spelling, column in _names(field).items()}
    for place, (title, column) in enumerate(zip(header, columns, strict=True), start=1):
        where = f"row 1, column {place}"
        if column is None:
            message = f"{quote_answer(title)} is not a column of this table."
            yield Problem(where, message, suggest(title, names) or _how(field))
        elif column in columns[: place - 1]:
            yield Problem(where, f"The column {column.label} occurs twice.", "Remove one of them.")


def _faults_of_rows(width: int, rows: list[list[str]]) -> Iterator[Problem]:
    if len(rows) > MAX_ROWS:
        message = f"The table has {len(rows)} rows; at most {MAX_ROWS} are allowed."
        yield Problem("", message, "Send long lists as a file.")
    for place, line in enumerate(rows[:MAX_ROWS], start=2):
        if any(cell.strip() for cell in line[width:]):
            message = f"This row has {len(line)} cells, but the first row has {width}."
            yield Problem(f"row {place}, column {width + 1}", message, _QUOTE)


_QUOTE = "Put a cell that contains a separator in double quotes."


def _how(field: Field) -> str:
    return f"The first row must name columns: {', '.join(columns_of(field))}."
