"""The control for lists with many rows: pasted or uploaded as a table, and edited row by row.

In: a list field, its place, a callback. Out: a control. The number of widgets does not depend on
the number of rows: a browser needs 15 seconds for a hundred rows of widgets.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w

from provstore.errors import BadTable, Problem
from provstore.notebook import form_style
from provstore.notebook.controls import Control, OnAnswer, Problems
from provstore.notebook.group_controls import MakeControl
from provstore.projects.form_draft import answer_text
from provstore.projects.form_fields import Field
from provstore.projects.pasted_tables import columns_of, read_table

MAX_SHOWN_ROWS = 500
"""The number of rows that are shown; further rows are only counted."""
_NEW_ROW = "a new row"


class Table(Control):
    """A list of groups that contain no groups or lists themselves."""

    def __init__(self, field: Field, where: str, on_answer: OnAnswer, make: MakeControl) -> None:
        super().__init__(field, where, on_answer)
        self._columns = columns_of(field)
        self._rows: list[Any] = []
        self._problems: Problems = {}
        self._head, self._shown, self._note = (
            form_style.html(""),
            form_style.html(""),
            form_style.html(""),
        )
        self._row = _RowEditor(field, self._columns, make, self._put, self._drop)
        self._paste = _PasteEditor(field, self._columns, self._take)
        editors = {"Row by row": self._row.box, "Paste or upload a table": self._paste.box}
        self._open = w.ToggleButtons(options=[*editors], tooltips=[field.help] * len(editors))
        self._open.observe(lambda change: self._show_editor(editors, change["new"]), "value")
        self.box = form_style.box(
            self._head, self._shown, self._note, self._open, *editors.values()
        )
        self._show_editor(editors, self._open.value)
        self.relabel()
        self._render()

    def relabel(self) -> None:
        """Update the heading."""
        self._head.value = form_style.heading(self.label, self.field.help)

    def show(self, answer: Any) -> None:
        """Show all rows."""
        rows = answer if isinstance(answer, list) else []
        if rows != self._rows:
            self._rows = list(rows)
            self._row.choices(len(rows))
            self._render()

    def show_problems(self, problems: Problems) -> None:
        """Mark the wrong cells."""
        prefix = f"{self.where}/"
        own = {at: p for at, p in problems.items() if at == self.where or at.startswith(prefix)}
        if own != self._problems:
            self._problems = own
            self._render()

    def focus(self, where: str, /) -> None:
        """Move the focus to the row at this place."""
        row = where.removeprefix(self.where).lstrip("/").partition("/")[0]
        self._open.value = "Row by row"
        self._row.choose(int(row) if row.isdecimal() and int(row) < len(self._rows) else None)

    def _put(self, number: int | None, row: dict[str, Any]) -> None:
        rows = [*self._rows, row] if number is None else list(self._rows)
        if number is not None:
            rows[number] = row
        self._on_answer(self.where, rows)

    def _drop(self, number: int) -> None:
        self._on_answer(self.where, [r for at, r in enumerate(self._rows) if at != number] or None)

    def _take(self, rows: list[dict[str, Any]]) -> None:
        self._on_answer(self.where, rows or None)

    def _show_editor(self, editors: dict[str, w.Box], chosen: str) -> None:
        for name, box in editors.items():
            form_style.set_visible(box, name == chosen)

    def _render(self) -> None:
        rows = [
            [self._cell(number, row, name) for name in self._columns]
            for number, row in enumerate(self._rows[:MAX_SHOWN_ROWS])
        ]
        labels = [column.label for column in self._columns.values()]
        table = form_style.table(labels, rows, self.field.label)
        self._shown.value = table if rows else '<p class="pv-quiet">No rows yet.</p>'
        count, plural = len(self._rows), "" if len(self._rows) == 1 else "s"
        shown = f"; the first {MAX_SHOWN_ROWS} are shown" if count > MAX_SHOWN_ROWS else ""
        summary = f"{count} row{plural}{shown}." if count else ""
        self._note.value = form_style.input_note(
            summary, list(self._problems.values())[:10], form_style.new_element_id()
        )
        form_style.set_class(self.box, "pv-wrong", bool(self._problems))
        self._row.rows = self._rows

    def _cell(self, number: int, row: Any, name: str) -> tuple[str, str]:
        fault = self._problems.get(f"{self.where}/{number}/{name}")
        answer = row.get(name) if isinstance(row, dict) else row
        return answer_text(
            self._columns[name], answer
        ), f"{fault.what} {fault.mend}" if fault else ""


class _RowEditor:
    """The editor of one row; a button writes the row to the table."""

    def __init__(
        self,
        field: Field,
        columns: Any,
        make: MakeControl,
        put: Callable[[int | None, dict[str, Any]], None],
        drop: Callable[[int], None],
    ) -> None:
        self.rows: list[Any] = []
        self._row: dict[str, Any] = {}
        self._put, self._drop = put, drop
        label = field.parts[0].label
        self._row_choice = w.Dropdown(
            description=f"{field.label}: row to edit", options=[_NEW_ROW], value=_NEW_ROW
        )
        self._row_choice.observe(lambda _: self._chosen(), "value")
        self._cells = {
            name: make(column, f"/{name}", self._set_answer) for name, column in columns.items()
        }
        done = form_style.button(f"Save this {label.lower()} to the table")
        done.on_click(lambda _: self._put_row())
        self._remove = form_style.button(f"Remove this {label.lower()}")
        self._remove.on_click(lambda _: self._remove_row())
        self.box = form_style.box(
            form_style.box(self._row_choice, classes=["pv-field"]),
            *(cell.box for cell in self._cells.values()),
            form_style.box(done, self._remove, classes=["pv-bar"]),
            classes=["pv-group"],
        )
        form_style.set_visible(self._remove, False)

    def choices(self, count: int) -> None:
        """Offer this many rows to choose from."""
        options = [_NEW_ROW, *(f"row {number}" for number in range(1, count + 1))]
        if list(self._row_choice.options) != options:
            self._row_choice.options = options

    def choose(self, number: int | None) -> None:
        """Show this row, or a new row, and move the focus to it."""
        self._row_choice.value = _NEW_ROW if number is None else f"row {number + 1}"
        next(iter(self._cells.values())).focus("")

    @property
    def _number(self) -> int | None:
        chosen = self._row_choice.value
        return None if chosen in (None, _NEW_ROW) else int(chosen.removeprefix("row ")) - 1

    def _chosen(self) -> None:
        number = self._number
        row = self.rows[number] if number is not None and number < len(self.rows) else {}
        self._row = dict(row) if isinstance(row, dict) else {}
        for name, cell in self._cells.items():
            cell.show(self._row.get(name))
        form_style.set_visible(self._remove, number is not None)

    def _set_answer(self, where: str, answer: Any) -> None:
        self._row = {**self._row, where[1:]: answer}

    def _put_row(self) -> None:
        row = {name: answer for name, answer in self._row.items() if answer is not None}
        if row:
            self._put(self._number, row)
            self._row_choice.value = _NEW_ROW
            self._chosen()

    def _remove_row(self) -> None:
        if self._number is not None:
            self._drop(self._number)
            self._chosen()


class _PasteEditor:
    """The editor for a table as text or file; if the table has problems, no row is accepted."""

    def __init__(
        self, field: Field, columns: Any, take: Callable[[list[dict[str, Any]]], None]
    ) -> None:
        self._field, self._take = field, take
        self._text = w.Textarea(
            description=f"{field.label} as a table",
            rows=6,
            continuous_update=False,
            placeholder=",".join(columns),
        )
        self._note = form_style.html("")
        button = form_style.button("Replace all rows above")
        button.on_click(lambda _: self._read(self._text.value))
        self._file = w.FileUpload(description=f"Choose a CSV file for {field.label.lower()}")
        self._file.accept = ".csv,.tsv,.txt"
        self._file.observe(lambda _: self._read_upload(), "value")
        self._help = (
            "CSV, or cells copied from a spreadsheet. The first row names the columns: "
            f"{', '.join(columns)}."
        )
        self.box = form_style.box(
            form_style.box(self._text, self._note, classes=["pv-field"]),
            form_style.box(button, self._file, classes=["pv-bar"]),
            classes=["pv-group"],
        )
        self._note.value = form_style.input_note(self._help, (), form_style.new_element_id())

    def _read_upload(self) -> None:
        for file in self._file.value:
            self._read(bytes(file["content"]).decode("utf-8", "replace"))
        self._file.value = ()

    def _read(self, text: str) -> None:
        problems: tuple[Problem, ...] = ()
        try:
            rows = read_table(self._field, text)
        except BadTable as error:
            problems = error.problems
        else:
            self._take(rows)
            self._text.value = ""
        listed = [replace(p, what=f"{p.where}: {p.what}") if p.where else p for p in problems[:10]]
        self._note.value = form_style.input_note(self._help, listed, form_style.new_element_id())
        form_style.set_class(self.box, "pv-wrong", bool(problems))
