"""The controls for groups of fields and for lists of groups; they contain other controls.

In: a group or a list of groups, its place, a callback, and a function that makes the inner
controls. Out: controls.
"""

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as w

from provstore.notebook import form_style
from provstore.notebook.controls import Control, OnAnswer, Problems
from provstore.projects.form_fields import Field

MakeControl = Callable[[Field, str, OnAnswer], Control]


class Group(Control):
    """A group of fields below a heading."""

    def __init__(self, field: Field, where: str, on_answer: OnAnswer, make: MakeControl) -> None:
        super().__init__(field, where, on_answer)
        self.parts = [
            make(part, f"{where}/{_escaped(part.name)}", on_answer) for part in field.parts
        ]
        self._head, self._note = form_style.html(""), form_style.html("")
        children = [self._head, self._note, *(part.box for part in self.parts)]
        self.box = form_style.box(*children, classes=["pv-group"])
        self.relabel()

    def relabel(self) -> None:
        """Update the heading."""
        self._head.value = form_style.heading(self.label, self.field.help)

    def show(self, answer: Any) -> None:
        """Show the parts of an answer."""
        answers = answer if isinstance(answer, dict) else {}
        for part in self.parts:
            part.show(answers.get(part.field.name))

    def show_problems(self, problems: Problems) -> None:
        """Show the problems of the group and of each part."""
        for part in self.parts:
            part.show_problems(problems)
        self._note.value = form_style.problems_note(
            [p for at, p in problems.items() if at == self.where]
        )

    def focus(self, where: str, /) -> None:
        """Move the focus to the part at this place."""
        find_part(self.parts, where).focus(where)


class Rows(Control):
    """A list of a few groups, each shown with all its fields; `Table` shows longer lists."""

    def __init__(self, field: Field, where: str, on_answer: OnAnswer, make: MakeControl) -> None:
        super().__init__(field, where, on_answer)
        self._make = make
        self._rows: list[Control] = []
        self._answers: list[Any] = []
        self._problems: Problems = {}
        self._head, self._note = form_style.html(""), form_style.html("")
        self._list = form_style.box()
        self._add = form_style.button(f"Add: {field.parts[0].label}", "pv-small")
        self._add.on_click(lambda _: self._on_answer(self.where, [*self._answers, {}]))
        self.box = form_style.box(self._head, self._list, self._add, self._note)
        self.relabel()

    def relabel(self) -> None:
        """Update the heading."""
        self._head.value = form_style.heading(self.label, self.field.help)

    def show(self, answer: Any) -> None:
        """Show a group for each row."""
        self._answers = answer if isinstance(answer, list) else []
        if len(self._rows) != len(self._answers):
            self._rows = [
                self._make(self.field.parts[0], f"{self.where}/{number}", self._on_answer)
                for number in range(len(self._answers))
            ]
            self._list.children = [self._row(number) for number in range(len(self._rows))]
        for row, row_answer in zip(self._rows, self._answers, strict=True):
            row.show(row_answer)

    def _row(self, number: int) -> w.Widget:
        label = self.field.parts[0].label
        remove = form_style.button(f"Remove {label} {number + 1}", "pv-small")
        remove.on_click(lambda _: self._on_answer(f"{self.where}/{number}", None))
        return form_style.box(self._rows[number].box, remove)

    def show_problems(self, problems: Problems) -> None:
        """Show the problems of the list and of each row."""
        for row in self._rows:
            row.show_problems(problems)
        self._note.value = form_style.problems_note(
            [p for at, p in problems.items() if at == self.where]
        )

    def focus(self, where: str, /) -> None:
        """Move the focus to the row at this place, or to the button that adds a row."""
        if where != self.where and self._rows:
            find_part(self._rows, where).focus(where)
        else:
            self._add.focus()


def find_part(parts: Iterable[Control], where: str) -> Control:
    """Return the control at a place, or the first control if none matches."""
    listed = list(parts)
    containing = (
        part for part in listed if where == part.where or where.startswith(f"{part.where}/")
    )
    return next(containing, listed[0])


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
