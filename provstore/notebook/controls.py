"""The controls for single fields: each shows a field, its answer and its problems.

In: a field, its place in the answers, and a callback. Out: controls that pass a person's answers to
the callback. They store no answers: the draft does.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets as w

from provstore.errors import Problem
from provstore.notebook import form_style
from provstore.projects.form_fields import Field
from provstore.projects.typed_answers import format_answer, parse_answer
from provstore.prov.model.utc_time import utc_now

OnAnswer = Callable[[str, Any], None]
Problems = Mapping[str, Problem]

UNANSWERED = "\u2014 choose \u2014"
MAX_TICKED, MAX_LISTED = 12, 30
"""The most choices shown as checkboxes, and as a drop-down list; longer lists get a search."""


class Control:
    """The control of a field; `box` is its widget, `where` its place in the answers."""

    box: w.Box

    def __init__(self, field: Field, where: str, on_answer: OnAnswer) -> None:
        self.field, self.where, self._on_answer = field, where, on_answer
        self.needed = field.required

    @property
    def label(self) -> str:
        """The label, with an asterisk if an answer is required."""
        return f"{self.field.label} *" if self.needed else self.field.label

    def need(self, needed: bool) -> None:
        """Set whether an answer is required now; that depends on other answers."""
        if needed != self.needed:
            self.needed = needed
            self.relabel()

    def relabel(self) -> None:
        """Update the label."""
        raise NotImplementedError

    def show(self, answer: Any) -> None:
        """Show an answer, without calling the callback."""
        raise NotImplementedError

    def show_problems(self, problems: Problems) -> None:
        """Show the problems of this field and of its parts."""
        raise NotImplementedError

    def focus(self, where: str, /) -> None:
        """Move the focus to a place in this field."""
        raise NotImplementedError

    def own_problems(self, problems: Problems) -> list[Problem]:
        """Return the problems of this field and of its parts."""
        prefix = self.where + "/"
        return [p for at, p in problems.items() if at == self.where or at.startswith(prefix)]


class Input(Control):
    """An input with its label, its help text and the problems of its answer."""

    def __init__(self, field: Field, where: str, on_answer: OnAnswer) -> None:
        super().__init__(field, where, on_answer)
        self._quiet = False
        self._note = form_style.html("")
        self._name = form_style.new_element_id()
        self.input = self._make_input()
        self.input.observe(self._changed, "value")
        self.box = form_style.box(
            self.input, *self._extra_widgets(), self._note, classes=["pv-field"]
        )
        self.show_problems({})

    def relabel(self) -> None:
        """Update the label."""
        self.input.description = self.label

    def show(self, answer: Any) -> None:
        """Show an answer, without calling the callback."""
        self._quiet = True
        try:
            self._write_answer(answer)
        finally:
            self._quiet = False

    def show_problems(self, problems: Problems) -> None:
        """Show the help text and the problems."""
        own = self.own_problems(problems)
        help_ = self.field.help
        if self.field.shape:
            help_ += f" Write {self.field.shape}."
        self._note.value = form_style.input_note(help_, own[:5], self._name)
        form_style.set_class(self.box, "pv-wrong", bool(own))

    def focus(self, _where: str, /) -> None:
        """Move the focus to the input, whatever the place in the answer."""
        self.input.focus()

    def _changed(self, _: object) -> None:
        if not self._quiet:
            self._on_answer(self.where, self._read_answer())

    def _extra_widgets(self) -> Iterable[w.Widget]:
        return ()

    def _make_input(self) -> w.DOMWidget:
        raise NotImplementedError

    def _read_answer(self) -> Any:
        return parse_answer(self.field, self.input.value)

    def _write_answer(self, answer: Any) -> None:
        self.input.value = format_answer(self.field, answer)


class Line(Input):
    """A text of one line; also for numbers and times, so that wrong input stays as typed."""

    def _make_input(self) -> w.DOMWidget:
        example = format_answer(self.field, self.field.examples[0]) if self.field.examples else ""
        return w.Text(
            description=self.label,
            placeholder=f"for example {example}" if example else "",
            continuous_update=False,
        )


class Time(Line):
    """A date and time as text, and a button that fills in the current time."""

    def _extra_widgets(self) -> Iterable[w.Widget]:
        now = form_style.button(f"{self.field.label}: now", "pv-small")
        now.on_click(lambda _: self._write_now())
        return (now,)

    def _write_now(self) -> None:
        self.input.value = utc_now()


class Lines(Input):
    """A long text, or a list with one item per line."""

    def _make_input(self) -> w.DOMWidget:
        example = format_answer(self.field, self.field.examples[0]) if self.field.examples else ""
        return w.Textarea(
            description=self.label,
            placeholder=f"for example\n{example}" if example else "",
            continuous_update=False,
            rows=4,
        )


class Choice(Input):
    """A drop-down list of a few choices, with none preselected; a wrong answer is kept in it."""

    def _make_input(self) -> w.DOMWidget:
        return w.Dropdown(description=self.label, options=self._options(None), value=None)

    def _options(self, answer: Any) -> list[tuple[str, Any]]:
        options = [(choice_text(self.field, choice), choice) for choice in self._choices()]
        if answer is not None and not any(same_answer(answer, choice) for _, choice in options):
            options.append(
                (f"{format_answer(self.field, answer)} (not one of the choices)", answer)
            )
        return [(UNANSWERED, None), *options]

    def _choices(self) -> tuple[Any, ...]:
        return (True, False) if self.field.kind == "yes or no" else self.field.choices

    def _read_answer(self) -> Any:
        return self.input.value

    def _write_answer(self, answer: Any) -> None:
        options = self._options(answer)
        if list(self.input.options) != options:
            self.input.options = options
        self.input.index = next(
            i for i, (_, option) in enumerate(options) if same_answer(option, answer)
        )


class Search(Input):
    """A search in many choices by a part of the name or title; other input is kept."""

    def _make_input(self) -> w.DOMWidget:
        self._choice_of = {choice_text(self.field, choice): choice for choice in self.field.choices}
        return w.Combobox(
            description=self.label,
            placeholder="type to search",
            continuous_update=False,
            options=list(self._choice_of),
            ensure_option=False,
        )

    def _read_answer(self) -> Any:
        typed = self.input.value.strip()
        return self._choice_of.get(typed, parse_answer(self.field, typed))

    def _write_answer(self, answer: Any) -> None:
        text_of = {choice: shown for shown, choice in self._choice_of.items()}
        spelling = format_answer(self.field, answer)
        self.input.value = text_of.get(spelling, spelling)


class Ticks(Control):
    """A checkbox for each of a few choices; wrong answers keep checkboxes of their own."""

    def __init__(self, field: Field, where: str, on_answer: OnAnswer) -> None:
        super().__init__(field, where, on_answer)
        self._quiet = False
        self._name = form_style.new_element_id()
        self._head, self._note = form_style.html(""), form_style.html("")
        self._boxes: list[tuple[Any, w.Checkbox]] = []
        self._bar = form_style.box(classes=["pv-bar"])
        self.box = form_style.box(
            self._head, self._bar, self._note, classes=["pv-field", "pv-choices"]
        )
        self._make_boxes(())
        self.relabel()
        self.show_problems({})

    def relabel(self) -> None:
        """Update the label."""
        self._head.value = f'<div class="pv-label">{form_style.escape(self.label)}</div>'

    def _make_boxes(self, more: Iterable[Any]) -> None:
        self._boxes = []
        for choice in (*self.field.parts[0].choices, *more):
            box = w.Checkbox(description=choice_text(self.field.parts[0], choice), indent=False)
            box.observe(self._changed, "value")
            self._boxes.append((choice, box))
        self._bar.children = [box for _, box in self._boxes]

    def show(self, answer: Any) -> None:
        """Tick the chosen answers."""
        answers = answer if isinstance(answer, list) else [] if answer is None else [answer]
        known = self.field.parts[0].choices
        unknown = [
            chosen for chosen in answers if not any(same_answer(chosen, choice) for choice in known)
        ]
        self._quiet = True
        try:
            if unknown or len(self._boxes) != len(known):
                self._make_boxes(unknown)
            for choice, box in self._boxes:
                box.value = any(same_answer(chosen, choice) for chosen in answers)
        finally:
            self._quiet = False

    def show_problems(self, problems: Problems) -> None:
        """Show the help text and the problems."""
        own = self.own_problems(problems)
        self._note.value = form_style.input_note(self.field.help, own, self._name)
        form_style.set_class(self.box, "pv-wrong", bool(own))

    def focus(self, _where: str, /) -> None:
        """Move the focus to the first checkbox."""
        self._boxes[0][1].focus()

    def _changed(self, _: object) -> None:
        if not self._quiet:
            self._on_answer(
                self.where, [choice for choice, box in self._boxes if box.value] or None
            )


def choice_text(field: Field, choice: Any) -> str:
    """Return a choice as displayed: its value, and its title if it has one."""
    spelling = format_answer(field, choice)
    title = dict(zip(field.choices, field.titles, strict=True)).get(choice, spelling)
    return spelling if title in (spelling, str(choice)) else f"{spelling} \u2013 {title}"


def same_answer(answer: Any, other: Any) -> bool:
    """Return whether two answers are the same; 1 differs from true, and 0 from false."""
    return type(answer) is type(other) and bool(answer == other)
