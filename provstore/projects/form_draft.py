"""A form that is being filled in: the answers so far, their problems, and what has changed.

In: a `Form`, answers of any kind, and what a person enters. Out: the text of a filled form file. It
knows no screen and no disk; command line, notebook and web page share it.

Only `None` means *not answered*; "", 0 and false are answers. Wrong answers and answers to unknown
fields are kept and reported, never dropped or corrected silently.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from provstore.errors import Problem
from provstore.projects.form_fields import Field
from provstore.projects.forms import Form
from provstore.projects.typed_answers import format_answer

_ANSWERS = "/answers"  # the place of the answers in a filled form file


@dataclass(frozen=True)
class Progress:
    """How many of the required answers are given, right or wrong."""

    answered: int
    required: int


@dataclass(frozen=True)
class Change:
    """An answer that differs from an earlier one; "" stands for no answer."""

    where: str
    label: str
    before: str
    after: str


class Draft:
    """Answers to a form while a person fills it in; places are JSON Pointers into the answers."""

    def __init__(self, form: Form, answers: Mapping[str, Any] | None = None) -> None:
        self.form = form
        self.answers: dict[str, Any] = deepcopy(dict(answers or {}))
        self.touched: set[str] = set()
        self.checked = False

    # ------------------------------------------------------------------------------- answering

    def get(self, where: str) -> Any:
        """Return the answer at a place, or None if there is none yet."""
        answer: Any = self.answers
        for step in _steps(where):
            answer = _member(answer, step)
        return answer

    def set(self, where: str, answer: Any) -> None:
        """Set an answer; None removes it. `-` as the last step adds a row to a list."""
        *parents, last = _steps(where)
        self.touched.add(where.removesuffix("/-"))
        if answer is None:
            self._remove(parents, last)
            return
        holder: Any = self.answers
        for step, after in pairwise([*parents, last]):
            inside = _member(holder, step)
            is_row = after == "-" or after.isdecimal()
            if not isinstance(inside, (dict, list) if is_row else dict):
                inside = [] if is_row else {}  # a part of it is answered: make it a group
                _put(holder, step, inside)
            holder = inside
        _put(holder, last, deepcopy(answer))

    def unset(self, where: str) -> None:
        """Remove an answer or a row of a list."""
        self.set(where, None)

    def add_row(self, where: str, row: Any) -> None:
        """Append a row to a list."""
        self.set(f"{where}/-", row)

    def _remove(self, parents: list[str], last: str) -> None:
        holders = [self.answers]
        for step in parents:
            holders.append(_member(holders[-1], step))
        if _member(holders[-1], last) is None and not isinstance(holders[-1], dict):
            return
        if isinstance(holders[-1], list):
            del holders[-1][int(last)]
        else:
            holders[-1].pop(last, None)
        for step, holder, inside in zip(
            parents[::-1], holders[-2::-1], holders[:0:-1], strict=True
        ):
            if inside or isinstance(holder, list):  # the other rows keep their places
                return
            del holder[step]

    # ------------------------------------------------------------------------------- judging

    def check(self) -> Mapping[str, Problem]:
        """Return all problems; from now on, problems of untouched fields are shown too."""
        self.checked = True
        return self.problems()

    def problems(self, *, shown: bool = False) -> Mapping[str, Problem]:
        """Return the problems by place, in the order of the form, in plain words.

        With `shown`, only those that a person should see now; before `check`, these are the
        problems of touched fields.
        """
        whole = self.form.problems(_with_groups(self.form.fields, self.answers))
        problems = {problem.where.removeprefix(_ANSWERS): problem for problem in whole}
        if not shown or self.checked:
            return problems
        return {where: problem for where, problem in problems.items() if self._is_touched(where)}

    def _is_touched(self, where: str) -> bool:
        return any(where == place or where.startswith(f"{place}/") for place in self.touched)

    def progress(self) -> Progress:
        """Return how much is filled in."""
        _, names = self.form.asked(self.answers)
        asked = (replace(field, required=field.name in names) for field in self.form.fields)
        needed = list(_needed(tuple(asked), self.answers))
        return Progress(sum(answer is not None for answer in needed), len(needed))

    def text(self) -> str:
        """Return the text of the filled form file."""
        return self.form.text(self.answers)

    def changes(self, earlier: Mapping[str, Any]) -> tuple[Change, ...]:
        """List the differences from earlier answers, by label, in the order of the fields."""
        return tuple(_changes(self.form.fields, "", earlier, self.answers, ""))


def _steps(where: str) -> list[str]:
    """Split a JSON Pointer (RFC 6901) into its steps.

    Raises:
        ValueError: the text is not a JSON Pointer.

    """
    empty, *steps = where.split("/")
    if empty or not steps:
        raise ValueError(f"{where!r} is not a place in the answers")
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def _member(holder: Any, step: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(step)
    is_row = isinstance(holder, list) and step.isdecimal() and int(step) < len(holder)
    return holder[int(step)] if is_row else None


def _put(holder: Any, step: str, answer: Any) -> None:
    if isinstance(holder, dict):
        holder[step] = answer
    elif step == "-" or int(step) == len(holder):
        holder.append(answer)
    else:
        holder[int(step)] = answer


def _with_groups(fields: tuple[Field, ...], answers: Any) -> Any:
    """Add an empty group where a required one is absent, so that problems name its parts."""
    if not isinstance(answers, dict):
        return answers
    whole = dict(answers)
    for field in fields:
        if field.kind == "group" and (field.required or answers.get(field.name)):
            absent = answers.get(field.name) is None
            whole[field.name] = _with_groups(field.parts, {} if absent else answers[field.name])
    return whole


def _needed(fields: tuple[Field, ...], answers: Any) -> Iterator[Any]:
    """Return the answers, or None, to all required fields."""
    for field in fields:
        answer = _member(answers, field.name)
        if field.kind == "group" and (field.required or answer):
            yield from _needed(field.parts, answer)
        elif field.required:
            yield answer


def _changes(
    fields: tuple[Field, ...], where: str, earlier: Any, later: Any, inside: str
) -> Iterator[Change]:
    named = {field.name: field for field in fields}
    others = [name for each in (earlier, later) if isinstance(each, dict) for name in each]
    for name in dict.fromkeys([*named, *others]):
        before, after = _member(earlier, name), _member(later, name)
        field, place = named.get(name), f"{where}/{name.replace('~', '~0').replace('/', '~1')}"
        label = f"{inside}{field.label if field else name}"
        if field and field.kind == "group" and (_is_group(before) and _is_group(after)):
            yield from _changes(field.parts, place, before, after, f"{label}: ")
        elif json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
            yield Change(place, label, answer_text(field, before), answer_text(field, after))


def _is_group(answer: object) -> bool:
    return answer is None or isinstance(answer, dict)


def answer_text(field: Field | None, answer: Any) -> str:
    """Write an answer for people: one row of a list per line, parts of a row with their labels."""
    if isinstance(answer, list):
        row = field.parts[0] if field and field.kind == "list" else None
        return "\n".join(answer_text(row, each) for each in answer)
    if isinstance(answer, dict):
        parts = {part.name: part for part in field.parts} if field else {}
        answered = (
            (parts.get(name), name, each) for name, each in answer.items() if each is not None
        )
        return "; ".join(
            f"{part.label if part else name}: {answer_text(part, each)}"
            for part, name, each in answered
        )
    if field is None and not isinstance(answer, (str, type(None))):
        return json.dumps(answer, ensure_ascii=False)
    return format_answer(field, answer) if field else answer or ""
