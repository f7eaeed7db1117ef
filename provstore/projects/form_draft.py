"""A form that is being filled in: the answers so far, what is still wrong, what has changed.

In: a `Form`, answers of any kind, what a person sets. Out: the text of a filled form file. Knows no
screen and no disk, so command line, notebook and web page share it.

`None` is *not answered*, and nothing else is: neither "" nor 0 nor false. Wrong answers and answers
to questions that nobody asked are kept and reported, never dropped or mended in silence.
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

_ANSWERS = "/answers"  # where a filled form file has them


@dataclass(frozen=True)
class Progress:
    """How many of the answers that are needed now are there, right or wrong."""

    answered: int
    required: int


@dataclass(frozen=True)
class Change:
    """An answer that differs from an earlier one; "" where there was or is none."""

    where: str
    label: str
    before: str
    after: str


class Draft:
    """Answers to a form while a person gives them; places are JSON Pointers into the answers."""

    def __init__(self, form: Form, answers: Mapping[str, Any] | None = None) -> None:
        self.form = form
        self.answers: dict[str, Any] = deepcopy(dict(answers or {}))
        self.touched: set[str] = set()
        self.checked = False

    # ------------------------------------------------------------------------------- answering

    def get(self, where: str) -> Any:
        """The answer at a place, or None if there is none yet."""
        answer: Any = self.answers
        for step in _steps(where):
            answer = _member(answer, step)
        return answer

    def set(self, where: str, answer: Any) -> None:
        """Give an answer; None takes it back. `-` as last step adds a row to a list."""
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
                inside = [] if is_row else {}  # a person says a part of it, so it has parts
                _put(holder, step, inside)
            holder = inside
        _put(holder, last, deepcopy(answer))

    def unset(self, where: str) -> None:
        """Take an answer back, or remove a row of a list."""
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
            if inside or isinstance(holder, list):  # an empty row keeps its place
                return
            del holder[step]

    # ------------------------------------------------------------------------------- judging

    def check(self) -> Mapping[str, Problem]:
        """From now on every problem counts, also of what was not touched yet; gives them all."""
        self.checked = True
        return self.problems()

    def problems(self, *, shown: bool = False) -> Mapping[str, Problem]:
        """What is wrong, by place and in the order of the form, in plain words.

        With `shown` only what a person should see now: of what was touched, until `check`.
        """
        whole = self.form.problems(_with_groups(self.form.fields, self.answers))
        problems = {problem.where.removeprefix(_ANSWERS): problem for problem in whole}
        if not shown or self.checked:
            return problems
        return {where: problem for where, problem in problems.items() if self._is_touched(where)}

    def _is_touched(self, where: str) -> bool:
        return any(where == place or where.startswith(f"{place}/") for place in self.touched)

    def progress(self) -> Progress:
        """How far it is filled in."""
        _, names = self.form.asked(self.answers)
        asked = (replace(field, required=field.name in names) for field in self.form.fields)
        needed = list(_needed(tuple(asked), self.answers))
        return Progress(sum(answer is not None for answer in needed), len(needed))

    def text(self) -> str:
        """The filled form file."""
        return self.form.text(self.answers)

    def changes(self, earlier: Mapping[str, Any]) -> tuple[Change, ...]:
        """What differs from earlier answers, by the labels of the fields, in their order."""
        return tuple(_changes(self.form.fields, "", earlier, self.answers, ""))


def _steps(where: str) -> list[str]:
    """The steps of a JSON Pointer (RFC 6901).

    Raises:
        ValueError: it is none, or leads nowhere.

    """
    empty, *steps = where.split("/")
    if empty or not steps:
        raise ValueError(f"{where!r} is no place in the answers")
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
    """The answers with an empty group wherever a needed one is absent, so its parts are named."""
    if not isinstance(answers, dict):
        return answers
    whole = dict(answers)
    for field in fields:
        if field.kind == "group" and (field.required or answers.get(field.name)):
            absent = answers.get(field.name) is None
            whole[field.name] = _with_groups(field.parts, {} if absent else answers[field.name])
    return whole


def _needed(fields: tuple[Field, ...], answers: Any) -> Iterator[Any]:
    """The answers, or None, to all that must be answered."""
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
    """An answer in words for people: rows of a list on lines, parts of a row with their labels."""
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
