"""The control for files: stores their contents with the draft, and lists names and checksums.

In: a list field, its place, a callback, and a function that stores contents. Out: a control.
"""

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from provstore.errors import Problem, ProvstoreError
from provstore.ingest.sealed_package import MAX_ATTACHMENT, fault_of_name
from provstore.notebook import form_style
from provstore.notebook.controls import Control, OnAnswer, Problems
from provstore.projects.form_fields import Field

Attach = Callable[[bytes], str]
"""Stores a content and returns its SHA-256."""


class Files(Control):
    """A list of files, each with its name, size and checksum."""

    def __init__(self, field: Field, where: str, on_answer: OnAnswer, attach: Attach) -> None:
        super().__init__(field, where, on_answer)
        self._attach = attach
        self._files: list[Any] = []
        self._faults: list[Problem] = []
        self._problems: Problems = {}
        self._head, self._note = form_style.html(""), form_style.html("")
        self._list = form_style.box()
        self._choose = w.FileUpload(description=f"Add to {field.label.lower()}", multiple=True)
        self._choose.observe(lambda _: self._chosen(), "value")
        self.box = form_style.box(self._head, self._list, self._choose, self._note)
        self.relabel()

    def relabel(self) -> None:
        """Update the heading."""
        self._head.value = form_style.heading(self.label, self.field.help)

    def show(self, answer: Any) -> None:
        """Show a line for each file."""
        files = answer if isinstance(answer, list) else []
        if files != self._files:
            self._files = list(files)
            self._list.children = [self._line(at, file) for at, file in enumerate(files)]

    def show_problems(self, problems: Problems) -> None:
        """Show the problems, including those of files that were refused."""
        self._problems = problems
        own = [*self._faults, *self.own_problems(problems)]
        self._note.value = form_style.problems_note(own)
        form_style.set_class(self.box, "pv-wrong", bool(own))

    def focus(self, _where: str, /) -> None:
        """Move the focus to the button, whatever the file."""
        self._choose.focus()

    def _line(self, at: int, file: Any) -> w.Widget:
        details = file if isinstance(file, dict) else {}
        name = str(details.get("name", file))
        size = f" ({details['bytes']:,} bytes)" if isinstance(details.get("bytes"), int) else ""
        remove = form_style.button(f"Remove {name}", "pv-small")
        remove.on_click(lambda _: self._drop(at))
        content = f"{form_style.escape(name)}<span class='pv-quiet'>{size}</span>"
        return form_style.box(form_style.html(content), remove)

    def _drop(self, at: int) -> None:
        self._on_answer(self.where, [file for n, file in enumerate(self._files) if n != at] or None)

    def _chosen(self) -> None:
        if not self._choose.value:  # this method has just cleared it
            return
        files, self._faults = list(self._files), []
        for file in self._choose.value:
            name, content = str(file["name"]), bytes(file["content"])
            try:
                files = [kept for kept in files if not _has_name(kept, name)]
                files.append(self._taken(name, content))
            except ProvstoreError as error:
                self._faults.append(Problem(self.where, error.message, error.advice))
        self._choose.value = ()
        if files != self._files:
            self._on_answer(self.where, files)
        self.show_problems(self._problems)

    def _taken(self, name: str, content: bytes) -> dict[str, Any]:
        fault = fault_of_name(name)
        if len(content) > MAX_ATTACHMENT:
            fault = f"The file is larger than {MAX_ATTACHMENT >> 20} MiB."
        if fault:
            raise ProvstoreError(f"{name}: {fault}", "Choose another file.")
        return {"name": name, "sha256": self._attach(content), "bytes": len(content)}


def _has_name(file: Any, name: str) -> bool:
    return isinstance(file, dict) and file.get("name") == name
