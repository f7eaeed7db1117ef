"""The fields of a form, and problems of answers in the words of their fields.

In: a schema with all references resolved; faults of answers. Out: a tree of `Field`; problems for
people. Pure; knows no files.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from provstore.errors import Problem, similar_names
from provstore.projects.form_rules import BETWEEN_FIELDS, Fault, Path, quote_answer
from provstore.prov.notations.json_strict import pointer

UNANSWERED = "not answered yet."
"""The end of every message about a field without an answer."""
_SHOWN = 40  # a longer list of choices is unreadable in a message
_KINDS = {"object": "group", "array": "list", "integer": "whole number", "boolean": "yes or no"}


@dataclass(frozen=True)
class Field:
    """One field. `parts` are the fields of a group, or the single field that is a row of a list.

    `kind` is `text`, `time`, `choice`, `number`, `whole number`, `yes or no`, `list` or `group`;
    `pointer` leads to its answer inside the answers, with `-` for any row of a list. `titles` are
    the labels of `choices`; `vocabulary` is the vocabulary that the choices come from, with its
    version; `unit` is the unit of a number; a `long` text has several lines. `personal` tells that
    an answer can be redacted: `name`, `email`, `orcid` of a person, or `text` that may name one.
    """

    name: str
    pointer: str
    label: str
    help: str
    required: bool
    kind: str
    choices: tuple[Any, ...] = ()
    examples: tuple[Any, ...] = ()
    shape: str = ""
    parts: tuple["Field", ...] = ()
    titles: tuple[str, ...] = ()
    unit: str = ""
    vocabulary: str = ""
    long: bool = False
    personal: str = ""

    @cached_property
    def has_personal(self) -> bool:
        """Whether an answer to it, or to a part of it, can be redacted."""
        return bool(self.personal) or any(part.has_personal for part in self.parts)

    def inside(self, path: Path) -> "Field | None":
        """Return the field that a path into the answer leads to."""
        if not path:
            return self
        matching = [part for part in self.parts if self.kind == "list" or part.name == path[0]]
        return matching[0].inside(path[1:]) if matching else None

    def each(self, give: Callable[["Field"], Any]) -> dict[str, Any]:
        """Map each part of a group by its name to what `give` returns for it."""
        return {part.name: give(part) for part in self.parts}

    def record(self) -> dict[str, Any]:
        """Return the properties of the field as a row."""
        choices = ", ".join(map(str, self.choices[:_SHOWN]))
        if len(self.choices) > _SHOWN:
            choices = f"{len(self.choices)} terms of {self.vocabulary}"
        row = {"name": self.name, "label": self.label, "kind": self.kind}
        return {**row, "required": self.required, "choices": choices, "help": self.help}

    def example(self) -> Any:
        """Return a valid answer; for a group, with all of its parts."""
        return self.each(Field.example) if self.kind == "group" else self.examples[0]

    def empty(self) -> Any:
        """Return the value that stands for no answer yet."""
        return self.each(Field.empty) if self.kind == "group" else None


def read_field(
    schema: Mapping[str, Any], name: str = "", where: str = "", *, required: bool = True
) -> Field:
    """Read a field with all its parts from its schema.

    Raises:
        LookupError: texts or examples are missing, or `order` and `properties` differ.

    """
    kind = str(schema.get("type", "string"))
    if kind == "string":
        kind = "time" if schema.get("format") == "date-time" else "text"
    titles = _choices(schema)
    choices = tuple(titles)
    inside, needed = schema.get("properties", {}), schema.get("required", ())
    placed = [
        field_name for section in schema.get("sections", ()) for field_name in section["fields"]
    ]
    order = placed or schema.get("order", tuple(inside))
    if sorted(order) != sorted(inside):
        raise LookupError(f"order and properties of {name!r} name different fields")
    parts = [
        read_field(inside[part], part, pointer(where, part), required=part in needed)
        for part in order
    ]
    if kind == "array":
        parts = [read_field(schema["items"], "-", f"{where}/-")]
    examples = tuple(schema.get("examples", ())) or choices[:1]
    if not examples and kind != "object":
        raise LookupError(f"{where} has no examples")
    return Field(
        name,
        where,
        schema["title"],
        schema["description"],
        required,
        "choice" if choices else _KINDS.get(kind, kind),
        choices,
        examples,
        schema.get("shape", ""),
        tuple(parts),
        tuple(titles.values()),
        schema.get("unit", ""),
        schema.get("vocabulary", ""),
        schema.get("long", False),
        schema.get("personal", ""),
    )


def _choices(schema: Mapping[str, Any]) -> dict[Any, str]:
    """Return the choices, each with its title; a choice without a title is its own."""
    if "oneOf" in schema:
        return {choice["const"]: choice["title"] for choice in schema["oneOf"]}
    terms = schema.get("terms", {})
    chosen = schema.get("enum", [schema[word] for word in ("const",) if word in schema])
    return {choice: terms.get(choice, {}).get("title") or str(choice) for choice in chosen}


def explain_fault(root: Field, fault: Fault, answers: Any) -> Iterator[tuple[Path, Problem]]:
    """Turn a fault of these answers into problems in plain words, with places in a filled form."""
    path, asked = fault.path, root.inside(fault.path)
    if asked is None:
        parent = root.inside(path[:-1]) or root
        names = {part.label: part.name for part in parent.parts} | parent.each(lambda p: p.name)
        message = f"{quote_answer(path[-1])} {fault.words}"
        yield path, Problem(_where(path), message, suggest(path[-1], names) or "Remove it.")
    elif fault.keyword == "required":
        for step in path[:-1]:
            answers = answers[step]
        yield from _unanswered(asked, answers.get(asked.name), path)
    elif fault.keyword == "not":
        yield path, Problem(_where(path), f"{asked.label}: {fault.words}", "Remove it.")
    else:
        mend = "Correct one of the two."
        if fault.keyword not in BETWEEN_FIELDS:
            mend = _mend(asked, _at(answers, path))
        yield path, Problem(_where(path), f"{asked.label}: {fault.words}", mend)


def suggest(word: object, known: Mapping[str, str]) -> str:
    """Suggest the known word that was probably meant; `known` maps each word to its name."""
    matches = similar_names(str(word), known, 1)
    return f"Did you mean {quote_answer(known[matches[0]])}?" if matches else ""


def _unanswered(asked: Field, answer: object, path: Path) -> Iterator[tuple[Path, Problem]]:
    """Report a missing group as a whole, but name the missing parts of a group that is there."""
    needed = [part for part in asked.parts if part.required]
    if asked.kind == "group" and needed and isinstance(answer, dict):
        for part in needed:
            yield from _unanswered(part, answer.get(part.name), (*path, part.name))
    else:
        yield path, Problem(_where(path), f"{asked.label}: {UNANSWERED}", _mend(asked, None))


def _mend(asked: Field, value: object) -> str:
    """Describe a correct answer; `value` is the wrong one, or None if there is none."""
    if asked.choices:
        choices = [str(choice) for choice in asked.choices]
        guess = "" if value is None else suggest(value, {choice: choice for choice in choices})
        rest = f"Choose one of {', '.join(choices)}." if choices[1:] else f"Write {choices[0]}."
        if len(choices) > _SHOWN:
            rest = f"Choose one of the {len(choices)} terms of {asked.vocabulary}."
        return f"{guess} {rest}".lstrip()
    if not asked.examples:
        return asked.help
    example = asked.examples[0]
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
    if asked.shape:
        return f"Write {asked.shape}, as in {text}."
    looks = f"Example: {text.removesuffix('.')}."
    return f"{asked.help} {looks}" if value is None else looks


def _at(answers: Any, path: Path) -> object:
    for step in path:
        answers = answers[step]
    return answers


def _where(path: Path) -> str:
    """Return the place in a filled form; characters that cannot be printed are replaced."""
    return pointer("/answers", *path).encode("utf-8", "replace").decode()
