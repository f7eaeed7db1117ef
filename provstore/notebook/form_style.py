"""The style sheet of forms, and functions that make HTML from escaped texts.

In: texts of forms and of people. Out: HTML. Every text passes through `escape`.
"""

from collections.abc import Iterable, Mapping
from html import escape as escape
from itertools import count
from typing import Any

import ipywidgets as w

from provstore.errors import Problem
from provstore.projects.form_fields import UNANSWERED

_number = count(1)

STYLE = """
.pv-form { max-width: 46rem; margin: 0 auto; padding: 0 1rem 4rem; box-sizing: border-box;
  overflow: visible; font: 16px/1.5 system-ui, "Segoe UI", "Liberation Sans", sans-serif;
  color: #1b1f24; --jp-widgets-font-size: 16px; --jp-widgets-inline-height: 2.5rem;
  --jp-widgets-input-border-color: #6b7480; --jp-widgets-color: #1b1f24; }
.pv-form .jupyter-widgets { margin-left: 0; margin-right: 0; overflow: visible; }
.pv-form .widget-html, .pv-form .widget-html-content { height: auto; line-height: 1.5;
  width: 100%; font-size: 16px; overflow-wrap: anywhere; }
.pv-form h1 { font-size: 1.75rem; line-height: 1.25; margin: 1.5rem 0 .5rem; font-weight: 650; }
.pv-form h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.25rem 0 .25rem; font-weight: 650;
  padding-top: 1.25rem; border-top: 1px solid #d5dae0; }
.pv-form h3 { font-size: 1.05rem; margin: 1rem 0 0; font-weight: 650; }
.pv-form p { margin: .25rem 0 .5rem; }
.pv-form a, .pv-link button { color: #0b57a4; }
.pv-quiet { color: #4d5661; }
.pv-hidden { display: none !important; }
.pv-field { margin: .75rem 0 .25rem !important; }
.pv-form .widget-inline-hbox { flex-direction: column; align-items: stretch; height: auto;
  width: 100%; }
.pv-form .widget-inline-hbox .widget-label { width: auto; max-width: none; text-align: left;
  white-space: normal; height: auto; line-height: 1.4; font-weight: 600; color: #1b1f24;
  margin: 0 0 .25rem; font-size: 16px; overflow: visible; }
.pv-form input[type=text], .pv-form textarea, .pv-form select { box-sizing: border-box;
  width: 100% !important; max-width: 100%; border: 1px solid #6b7480 !important;
  border-radius: 4px; padding: .4rem .6rem !important; font: inherit !important;
  color: #1b1f24 !important; background-color: #fff; min-height: 2.5rem; height: auto;
  flex: none; }
.pv-form select { background-position: right .5rem center; padding-right: 2rem !important; }
.pv-form textarea { resize: vertical; line-height: 1.45; }
.pv-form ::placeholder { color: #66707b !important; opacity: 1; }
.pv-form input:focus-visible, .pv-form textarea:focus-visible, .pv-form select:focus-visible,
.pv-form button:focus-visible { outline: 3px solid #0b57a4 !important; outline-offset: 1px; }
.pv-note { margin-top: .25rem; font-size: 15px; color: #4d5661; }
.pv-note p { margin: 0; }
.pv-error { color: #a3150f; font-weight: 600; }
.pv-error::before { content: "\\25B2\\00A0"; font-size: .8em; }
.pv-wrong { border-left: 4px solid #a3150f; padding-left: .75rem !important; }
.pv-wrong > * > input[type=text], .pv-wrong > * > textarea, .pv-wrong > * > select {
  border-color: #a3150f !important; }
.pv-group { border-left: 2px solid #d5dae0; padding-left: 1rem !important; }
.pv-bar { display: flex; flex-flow: row wrap; gap: .5rem; }
.pv-form .pv-bar { margin-top: 1rem; align-items: center; }
.pv-form .jupyter-button { height: auto; min-height: 2.5rem; width: auto; padding: .4rem 1rem;
  font: inherit; font-size: 16px; line-height: 1.3; border-radius: 4px; margin: 0;
  border: 1px solid #6b7480; background: #fff; color: #1b1f24; box-shadow: none;
  white-space: normal; text-align: left; }
.pv-form .jupyter-button:hover { background: #eef2f6; box-shadow: none; }
.pv-form .jupyter-button.pv-main { background: #0b57a4; border-color: #0b57a4; color: #fff;
  font-weight: 600; }
.pv-form .jupyter-button.pv-main:hover { background: #084480; }
.pv-form .jupyter-button.pv-small { min-height: 2rem; padding: .15rem .6rem; font-size: 15px;
  align-self: flex-start; margin-top: .25rem; }
.pv-form .jupyter-button.pv-link { border: 0; background: none; min-height: 0; color: #a3150f;
  padding: .25rem 0; text-decoration: underline; }
.pv-summary { border: 2px solid #a3150f; border-radius: 4px; padding: .75rem 1rem !important;
  margin: 1.5rem 0 0 !important; }
.pv-summary h3 { margin: 0 0 .25rem; }
.pv-said { border: 2px solid #4d5661; border-radius: 4px; padding: .25rem 1rem; margin-top: 1rem;
  white-space: pre-wrap; }
.pv-said-well { border-color: #1c6b33; }
.pv-said-ill { border-color: #a3150f; }
.pv-status { position: sticky; bottom: 0; background: #fffffff2; border-top: 1px solid #d5dae0;
  padding: .4rem 0; font-size: 15px; z-index: 2; }
.pv-choices .widget-checkbox { width: auto; min-height: 2rem; }
.pv-choices .widget-checkbox .widget-label { display: none; }
.pv-choices .widget-checkbox label.widget-label-basic { display: flex; align-items: center;
  gap: .5rem; font-weight: 400; height: auto; white-space: normal; margin: 0; }
.pv-choices input[type=checkbox] { width: 1.15rem; height: 1.15rem; margin: 0; flex: none; }
.pv-choices .pv-bar { gap: 0 1.5rem; margin-top: 0; }
.pv-label { font-weight: 600; }
.pv-scroll { overflow: auto; max-height: 26rem; border: 1px solid #d5dae0; border-radius: 4px;
  margin-top: .5rem; }
.pv-form table { border-collapse: collapse; width: 100%; font-size: 15px; margin: 0; }
.pv-form th, .pv-form td { text-align: left; vertical-align: top; padding: .3rem .6rem;
  border-bottom: 1px solid #e3e7eb; white-space: pre-wrap; overflow-wrap: anywhere; }
.pv-form thead th { position: sticky; top: 0; background: #f3f5f8; white-space: normal; }
.pv-form td.pv-bad { background: #fdecea; color: #a3150f; font-weight: 600; }
.pv-answers th { width: 38%; font-weight: 600; }
@media (max-width: 500px) {
  .pv-form { padding: 0 .75rem 3rem; }
  .pv-group { padding-left: .6rem !important; }
  .pv-answers tr, .pv-answers th, .pv-answers td { display: block; width: auto; }
  .pv-answers th { border-bottom: 0; padding-bottom: 0; }
}
"""


def html(content: str, *classes: str) -> w.HTML:
    """Make a widget that shows HTML; the caller has escaped the texts in it."""
    widget = w.HTML(content)
    for class_name in classes:
        widget.add_class(class_name)
    return widget


def button(label: str, *classes: str) -> w.Button:
    """Make a button with a label."""
    widget = w.Button(description=label)
    for class_name in classes:
        widget.add_class(class_name)
    return widget


def box(*children: w.Widget, classes: Iterable[str] = ()) -> w.VBox:
    """Stack widgets vertically."""
    widget = w.VBox(children)
    for class_name in classes:
        widget.add_class(class_name)
    return widget


def set_visible(widget: w.DOMWidget, visible: bool) -> None:
    """Show a widget, or hide it so that it takes no space."""
    set_class(widget, "pv-hidden", not visible)


def set_class(widget: w.DOMWidget, name: str, on: bool) -> None:
    """Add or remove a widget's class; send nothing if that changes nothing."""
    if on != (name in widget._dom_classes):
        (widget.add_class if on else widget.remove_class)(name)


def heading(label: str, help_: str, level: int = 3) -> str:
    """Return a heading with a help text below it."""
    return f'<h{level}>{escape(label)}</h{level}><p class="pv-quiet">{escape(help_)}</p>'


def new_element_id() -> str:
    """Return a new id for an element of the page."""
    return f"pv-{next(_number)}"


def input_note(help_: str, problems: Iterable[Problem], name: str) -> str:
    """Return the note below an input: the help text and the problems."""
    errors = "".join(
        f'<p class="pv-error">{escape(_brief_text(problem))}</p>' for problem in problems
    )
    return f'<div class="pv-note" id="{name}"><p>{escape(help_)}</p>{errors}</div>'


def _brief_text(problem: Problem) -> str:
    """Shorten a problem that is shown beside its label, help text and example."""
    if problem.what.endswith(UNANSWERED):
        return "Not answered yet."
    return f"{problem.what} {problem.mend}".strip()


def problems_note(problems: Iterable[Problem]) -> str:
    """Return the problems as a note, or an empty string if there are none."""
    listed = list(problems)
    return input_note("", listed, new_element_id()) if listed else ""


def table(columns: Iterable[str], rows: Iterable[Iterable[tuple[str, str]]], name: str) -> str:
    """Return a table; each cell is a pair of its text and its problem."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{number}</th>' + "".join(_cell(*cell) for cell in row) + "</tr>"
        for number, row in enumerate(rows, start=1)
    )
    return (
        f'<div class="pv-scroll" tabindex="0" role="region" aria-label="{escape(name)}">'
        f'<table><thead><tr><th scope="col">Row</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(text: str, fault: str) -> str:
    if not fault:
        return f"<td>{escape(text)}</td>"
    return f'<td class="pv-bad" title="{escape(fault)}">{escape(text) or "&mdash;"}</td>'


def answer_table(answers: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Return a table of labels and answers."""
    rows: Any = answers.items() if isinstance(answers, Mapping) else answers
    body = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(answer)}</td></tr>'
        for label, answer in rows
    )
    return f'<table class="pv-answers"><tbody>{body}</tbody></table>'
