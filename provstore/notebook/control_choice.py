"""Chooses the control for a field: a table whose first matching row applies.

In: a field. Out: its control. It knows the kinds of fields, but no particular field.
"""

from collections.abc import Callable
from functools import partial

from provstore.notebook.controls import (
    MAX_LISTED,
    MAX_TICKED,
    Choice,
    Control,
    Line,
    Lines,
    OnAnswer,
    Search,
    Ticks,
    Time,
)
from provstore.notebook.file_controls import Attach, Files
from provstore.notebook.group_controls import Group, MakeControl, Rows
from provstore.notebook.table_controls import Table
from provstore.projects.form_fields import Field


def make_controls(attach: Attach) -> MakeControl:
    """Return a function that makes controls; `attach` stores the contents of files."""

    def make(field: Field, where: str, on_answer: OnAnswer) -> Control:
        return next(
            make_control(field, where, on_answer)
            for matches, make_control in rows
            if matches(field)
        )

    rows: tuple[tuple[Callable[[Field], bool], MakeControl], ...] = (
        (lambda field: field.kind == "group", partial(Group, make=make)),
        (_is_files, partial(Files, attach=attach)),
        (_is_table, partial(Table, make=make)),
        (
            lambda field: field.kind == "list" and bool(field.parts[0].parts),
            partial(Rows, make=make),
        ),
        (
            lambda field: field.kind == "list" and 0 < len(field.parts[0].choices) <= MAX_TICKED,
            Ticks,
        ),
        (lambda field: field.kind == "list" or field.long, Lines),
        (lambda field: len(field.choices) > MAX_LISTED, Search),
        (lambda field: bool(field.choices) or field.kind == "yes or no", Choice),
        (lambda field: field.kind == "time", Time),
        (lambda _: True, Line),
    )
    return make


def _is_files(field: Field) -> bool:
    names = {part.name for part in field.parts[0].parts} if field.kind == "list" else set()
    return {"name", "sha256"} <= names


def _is_table(field: Field) -> bool:
    columns = field.parts[0].parts if field.kind == "list" else ()
    return bool(columns) and not any(column.parts for column in columns)
