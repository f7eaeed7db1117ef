"""A form without a browser: its widgets found by their labels, as a person finds them."""

from collections.abc import Iterator
from typing import Any

import ipywidgets as w

from provstore.notebook.form_widget import FormWidget


class Screen:
    """What is shown of a form now."""

    def __init__(self, form: FormWidget) -> None:
        self.form = form

    def widgets(self, inside: w.Widget | None = None) -> Iterator[w.Widget]:
        """All widgets that are not hidden, in their order."""
        widget = self.form.box if inside is None else inside
        if "pv-hidden" in widget._dom_classes:
            return
        yield widget
        for child in getattr(widget, "children", ()):
            yield from self.widgets(child)

    def labels(self) -> list[str]:
        """What has a label that belongs to it."""
        return [
            widget.description for widget in self.widgets() if getattr(widget, "description", "")
        ]

    def find(self, label: str) -> w.Widget:
        """The first widget with this label, with or without its star."""
        found = (
            widget
            for widget in self.widgets()
            if getattr(widget, "description", "").removesuffix(" *") == label
        )
        return next(found)

    def type(self, label: str, value: Any) -> None:
        """Put a value in."""
        self.find(label).value = value

    def click(self, label: str) -> None:
        """Press a button."""
        self.find(label).click()

    def html(self) -> str:
        """All that is shown as HTML, but for the style sheet."""
        shown = (widget.value for widget in self.widgets() if isinstance(widget, w.HTML))
        return "\n".join(each for each in shown if not each.startswith("<style"))


def fill_in(screen: Screen, answers: dict[str, Any]) -> None:
    """Answer a form through its widgets, as far as each answer has one of its own."""
    form = screen.form.destination.form
    for field in form.fields:
        if field.name in answers and field.name in screen.form._controls:
            screen.form._set_answer(f"/{field.name}", answers[field.name])
