"""Lists of many rows: pasted or uploaded as a table, shown as one table, changed row by row.

In: a list's field, its place, whom to tell. Out: a control. However many rows there are, it takes
the same few widgets: a hundred rows of widgets would take a browser a quarter of a minute.
"""

from typing import Any

import ipywidgets as w

from provstore.errors import BadTable
from provstore.ingest.draft import told
from provstore.ingest.form_fields import Field
from provstore.ingest.tables import columns_of, read_table
from provstore.notebook import look
from provstore.notebook.controls import Control, Make, Problems, Say

SHOWN = 500
_NEW = "a new row"


class Table(Control):
    """A list whose rows are groups without groups or lists in them."""

    def __init__(self, field: Field, where: str, say: Say, make: Make) -> None:
        super().__init__(field, where, say)
        self._columns = columns_of(field)
        self._rows: list[Any] = []
        self._problems: Problems = {}
        self._row: dict[str, Any] = {}
        star = " *" if field.required else ""
        head = f"<h3>{look.escape(field.label + star)}</h3>"
        head += f'<p class="pv-quiet">{look.escape(field.help)}</p>'
        self._shown, self._note = look.html(""), look.html("")
        self._which = w.Dropdown(description="Row to fill in", options=[_NEW], value=_NEW)
        self._which.observe(lambda _: self._choose(), "value")
        self._cells = [make(column, f"/{name}", self._cell) for name, column in self._columns.items()]
        put = look.button(f"Put this row into {field.label}")
        put.on_click(lambda _: self._put())
        self._remove = look.button("Remove this row")
        self._remove.on_click(lambda _: self._drop())
        one = look.box(
            self._which, *(cell.box for cell in self._cells),
            look.box(put, self._remove, classes=["pv-bar"]), classes=["pv-group"],
        )  # fmt: skip
        self._paste = w.Textarea(
            description=f"Paste a table into {field.label}", rows=5, continuous_update=False,
            placeholder=",".join(self._columns),
        )  # fmt: skip
        take = look.button("Take these rows instead of all above")
        take.on_click(lambda _: self._take(self._paste.value))
        self._file = w.FileUpload(description=f"Choose a CSV file for {field.label}")
        self._file.accept = ".csv,.tsv,.txt"
        self._file.observe(self._uploaded, "value")
        help_ = (
            "CSV, or cells copied from a spreadsheet; the first row names the columns: "
            f"{', '.join(self._columns)}."
        )
        many = look.box(
            self._paste, look.html(look.note(help_, (), look.new_id())),
            look.box(take, self._file, classes=["pv-bar"]), classes=["pv-group"],
        )  # fmt: skip
        self._open = w.ToggleButtons(
            description="How to fill it in", options=["Row by row", "As a table"]
        )
        self._open.observe(lambda _: self._way(), "value")
        self._one, self._many = one, many
        self.box = look.box(look.html(head), self._shown, self._note, self._open, one, many)
        self._way()
        self._render()

    def show(self, answer: Any) -> None:
        rows = answer if isinstance(answer, list) else []
        if rows != self._rows:
            self._rows = list(rows)
            self._which.options = [_NEW, *(f"row {n}" for n in range(1, len(rows) + 1))]
            self._render()

    def tell(self, problems: Problems) -> None:
        inside = f"{self.where}/"
        mine = {
            at: p for at, p in problems.items() if at == self.where or at.startswith(inside)
        }
        if mine != self._problems:
            self._problems = mine
            self._render()

    def focus(self, where: str) -> None:
        row = where.removeprefix(self.where).lstrip("/").partition("/")[0]
        if row.isdecimal() and int(row) < len(self._rows):
            self._open.value = "Row by row"
            self._which.value = f"row {int(row) + 1}"
        self._which.focus()

    def _way(self) -> None:
        look.show(self._one, self._open.value == "Row by row")
        look.show(self._many, self._open.value == "As a table")

    def _render(self) -> None:
        cells = [
            [self._said(number, name, column) for name, column in self._columns.items()]
            for number in range(min(len(self._rows), SHOWN))
        ]
        labels = [column.label for column in self._columns.values()]
        self._shown.value = look.table(labels, cells, self.field.label) if cells else (
            '<p class="pv-quiet">No rows yet.</p>'
        )
        said = [f"{len(self._rows)} rows."] if len(self._rows) > SHOWN else []
        count = f"{len(self._rows)} row{'s' if len(self._rows) != 1 else ''}. " if cells else ""
        del said
        self._note.value = look.note(count, list(self._problems.values())[:10], look.new_id())
        (self.box.add_class if self._problems else self.box.remove_class)("pv-wrong")

    def _said(self, number: int, name: str, column: Field) -> tuple[str, str]:
        row = self._rows[number]
        fault = self._problems.get(f"{self.where}/{number}/{name}")
        answer = row.get(name) if isinstance(row, dict) else row
        return told(column, answer), f"{fault.what} {fault.mend}" if fault else ""
