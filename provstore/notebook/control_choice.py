"""Which control shows which field: one table, asked from the first row on.

In: a field. Out: its control. It knows the kinds of fields, no field in particular.
"""

from collections.abc import Callable
from functools import partial

from provstore.notebook.controls import (
    FEW,
    MANY,
    Choice,
    Control,
    Line,
    Lines,
    Say,
    Search,
    Ticks,
    Time,
)
from provstore.notebook.file_controls import Attach, Files
from provstore.notebook.group_controls import Group, Make, Rows
from provstore.notebook.table_controls import Table
from provstore.projects.form_fields import Field


def maker(attach: Attach) -> Make:
    """Give what makes controls; contents of files are kept by `attach`."""

    def make(field: Field, where: str, say: Say) -> Control:
        return next(made(field, where, say) for fits, made in rows if fits(field))

    rows: tuple[tuple[Callable[[Field], bool], Make], ...] = (
        (lambda one: one.kind == "group", partial(Group, make=make)),
        (_is_files, partial(Files, attach=attach)),
        (_is_table, partial(Table, make=make)),
        (lambda one: one.kind == "list" and bool(one.parts[0].parts), partial(Rows, make=make)),
        (lambda one: one.kind == "list" and 0 < len(one.parts[0].choices) <= FEW, Ticks),
        (lambda one: one.kind == "list" or one.long, Lines),
        (lambda one: len(one.choices) > MANY, Search),
        (lambda one: bool(one.choices) or one.kind == "yes or no", Choice),
        (lambda one: one.kind == "time", Time),
        (lambda _: True, Line),
    )
    return make


def _is_files(field: Field) -> bool:
    names = {part.name for part in field.parts[0].parts} if field.kind == "list" else set()
    return {"name", "sha256"} <= names


def _is_table(field: Field) -> bool:
    cells = field.parts[0].parts if field.kind == "list" else ()
    return bool(cells) and not any(cell.parts for cell in cells)
