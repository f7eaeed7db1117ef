"""What a form asks, and whether the answers that came fit it.

In: a folder of form files (JSON Schema 2020-12), and filled forms, hostile until checked. Out: a
`Form`, a `Filled` form, or `BadForm` with every problem in plain words. Knows no PROV and no store.

In a filled form `null` means *not answered*. Apart from that, an answer is taken as it stands or
refused; none is ever changed.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from itertools import islice
from types import MappingProxyType
from typing import Any

from provstore.errors import BadDocument, BadForm, BadInput, Problem, UnknownName
from provstore.ingest import form_rules, workflow
from provstore.ingest.form_rules import Fault, Path, shown
from provstore.prov.json_strict import pointer, strict_json

MAX_BYTES = 5 << 20
MAX_PROBLEMS = 1000  # nobody reads more, and a hostile file could have millions

_KINDS = {"object": "group", "array": "list", "integer": "whole number", "boolean": "yes or no"}
_ENVELOPE = {"form": "form", "version": "version", "answers": "answers"}


@dataclass(frozen=True)
class Field:
    """One question. `parts` are the questions of a group, or the one question of a list's rows.

    `kind` is `text`, `time`, `choice`, `number`, `whole number`, `yes or no`, `list` or `group`;
    `pointer` leads to its answer inside the answers, with `-` for any row of a list.
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

    def inside(self, path: Path) -> "Field | None":
        """Give the question that a path into the answer leads to."""
        if not path:
            return self
        here = [part for part in self.parts if self.kind == "list" or part.name == path[0]]
        return here[0].inside(path[1:]) if here else None

    def each(self, give: Callable[["Field"], Any]) -> dict[str, Any]:
        """Give each part of a group what `give` has for it."""
        return {part.name: give(part) for part in self.parts}

    def example(self) -> Any:
        """Give an answer that is taken; that to a group has all of its parts."""
        return self.each(Field.example) if self.kind == "group" else self.examples[0]

    def empty(self) -> Any:
        """Give what stands for no answer yet."""
        return self.each(Field.empty) if self.kind == "group" else None


@dataclass(frozen=True)
class Form:
    """What one step asks of one agent; `fields` in the order in which they are asked."""

    name: str
    version: str
    title: str
    description: str
    step: str
    fields: tuple[Field, ...]
    schema: Mapping[str, Any] = field(repr=False, compare=False)

    def check(self, answers: object, name: str = "") -> None:
        """Let the answers pass, or say everything that is wrong with them.

        Raises:
            BadForm: with all problems; `name` is what the answers are called in the message.

        """
        if problems := self.problems(answers):
            raise BadForm(name or f"form {self.name}", problems)

    def problems(self, answers: object) -> tuple[Problem, ...]:
        """Give everything that is wrong with the answers, in the order of the form."""
        try:  # from Python anything at all can come
            json.dumps(answers, sort_keys=True)
            given = answers_given(answers)
        except (TypeError, ValueError, RecursionError):
            return (Problem("/answers", "The answers are nothing that JSON can hold."),)
        found: dict[Path, Problem] = {}  # the first at each place: the others follow from it
        for fault in islice(form_rules.faults(self.schema, given), MAX_PROBLEMS):
            for path, problem in _explain(self._root, fault, answers):
                found.setdefault(path, problem)
        rank = {part.name: place for place, part in enumerate(self.fields)}
        return tuple(found[p] for p in sorted(found, key=lambda p: rank.get(p and p[0], len(rank))))

    def blank(self) -> str:
        """Give a filled form file to start from: every question, none answered."""
        return self.text(self._root.empty())

    def example(self) -> dict[str, Any]:
        """Give answers that pass, one to every question."""
        return self._root.each(Field.example)

    def text(self, answers: object) -> str:
        """Give the text of a filled form file with these answers, unchecked."""
        filled = {"form": self.name, "version": self.version, "answers": answers}
        return json.dumps(filled, indent=2, ensure_ascii=False) + "\n"

    def lint(self) -> tuple[str, ...]:
        """Give what those who write forms should mend in this one."""
        faults = tuple(form_rules.faults_of_schema(self.schema))
        return faults or tuple(map(str, self.problems(self.example())))

    @property
    def _root(self) -> Field:
        return Field("", "", self.title, self.description, True, "group", parts=self.fields)


@dataclass(frozen=True)
class Filled:
    """A form with answers that passed its check, without the questions that were left open."""

    form: Form
    answers: Mapping[str, Any]


def load_forms(directory: Traversable) -> Mapping[str, Form]:
    """Read every `<name>/form.json`, and what they share from the files beside the folders.

    Raises:
        BadInput: a file is no form.

    """
    from referencing import Registry  # only here: not everybody who checks a name needs it
    from referencing.jsonschema import DRAFT202012

    entries = sorted(directory.iterdir(), key=lambda entry: entry.name)
    shared = [_definition(entry) for entry in entries if entry.name.endswith(".json")]
    files = {entry.name: entry / "form.json" for entry in entries if entry.is_dir()}
    known = [(common["$id"], DRAFT202012.create_resource(common)) for common in shared]
    registry: Registry[Any] = Registry().with_resources(known)  # it retrieves nothing from outside
    forms = {}
    for name, file in files.items():
        if file.is_file():  # other folders may hold vocabularies
            raw = _definition(file)
            try:
                schema = _resolved(raw, registry.resolver(raw["$id"]))
                forms[name] = _form(name, schema)
            except (LookupError, RecursionError, AttributeError, TypeError) as error:
                what = f"This is no form: {type(error).__name__} {error}."
                raise BadInput(str(file), [Problem("", what)]) from error
    return MappingProxyType(forms)


def read_filled(data: bytes, name: str, forms: Mapping[str, Form]) -> Filled:
    """Read a filled form file.

    Raises:
        BadForm: with all problems; `name` is what the file is called in the message.

    """
    try:
        document = strict_json(data, name, MAX_BYTES)
    except BadDocument as error:
        raise BadForm(name, error.problems) from None
    if not isinstance(document, dict):
        raise BadForm(name, [Problem("", "A filled form is an object in braces.", _HOW)])
    problems = list(_envelope(document, forms))
    form = forms.get(str(document.get("form")))
    if form and "answers" in document:
        problems += form.problems(document["answers"])
    if form is None or problems:
        raise BadForm(name, problems)
    return Filled(form, answers_given(document["answers"]))


def answers_given(answers: Any) -> Any:
    """Give the answers without the members that are null, and without groups that hold no other."""
    if isinstance(answers, list):
        return [answers_given(each) for each in answers]
    if not isinstance(answers, dict):
        return answers
    given = {name: answers_given(each) for name, each in answers.items()}
    return {name: each for name, each in given.items() if each is not None and each != {}}


def looks_like_form(document: object) -> bool:
    """Say whether a JSON document is meant to be a filled form; no PROV document has such keys."""
    return isinstance(document, dict) and not _ENVELOPE.keys().isdisjoint({*document} - {"version"})


# --- from form files to forms --------------------------------------------------------------------


def _definition(file: Traversable) -> dict[str, Any]:
    document = strict_json(file.read_bytes(), str(file))
    wanted = ("$id", "title", "description", "version")
    if not isinstance(document, dict) or not all(isinstance(document.get(k), str) for k in wanted):
        raise BadInput(str(file), [Problem("", f"A form file needs {', '.join(wanted)} as texts.")])
    return document


def _resolved(schema: Any, resolver: Any) -> Any:
    """Put in place what is referred to; words and rules beside a reference replace those in it."""
    if isinstance(schema, list):
        return [_resolved(each, resolver) for each in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: _resolved(each, resolver) for key, each in schema.items() if key != "$ref"}
    if "$ref" not in schema:
        return own
    found = resolver.lookup(schema["$ref"])
    return {**_resolved(found.contents, found.resolver), **own}


def _form(name: str, schema: Mapping[str, Any]) -> Form:
    if set(schema["order"]) != set(schema["properties"]):
        raise LookupError("order and properties name different questions")
    words = (schema["version"], schema["title"], schema["description"])
    step = workflow.step_named(schema["step"]).name
    root = _field(name, "", schema, True)
    return Form(name, *words, step, root.parts, schema)


def _field(name: str, where: str, schema: Mapping[str, Any], required: bool) -> Field:
    kind = _KINDS.get(schema.get("type", ""), schema.get("type", "text"))
    choices = tuple(schema.get("enum", ())) or ((schema["const"],) if "const" in schema else ())
    if kind == "string":
        kind = "time" if schema.get("format") == "date-time" else "text"
    parts: list[Field] = []
    if kind == "list":
        parts = [_field("-", f"{where}/-", schema["items"], True)]
    for part in schema.get("order", schema.get("properties", ())):
        needed = part in schema.get("required", ())
        parts.append(_field(part, pointer(where, part), schema["properties"][part], needed))
    examples = tuple(schema.get("examples", ())) or choices[:1]
    if not examples and not parts:
        raise LookupError(f"{where} has no examples")
    return Field(
        name, where, schema["title"], schema["description"], required,
        "choice" if choices else kind, choices, examples, schema.get("shape", ""), tuple(parts),
    )  # fmt: skip


# --- from faults to words ------------------------------------------------------------------------

_HOW = "Start from a blank form: provstore form NAME --blank."


def _envelope(document: Mapping[str, Any], forms: Mapping[str, Form]) -> Iterator[Problem]:
    """What is wrong with a filled form file apart from its answers."""
    for key in islice((key for key in document if key not in _ENVELOPE), MAX_PROBLEMS):
        what = f"{shown(key)} does not belong in a filled form."
        yield Problem(pointer("", key), what, _near(key, _ENVELOPE) or "Answers go into answers.")
    for key in _ENVELOPE:
        if key not in document:
            yield Problem(pointer("", key), f"A filled form says its {key}.", _HOW)
    name, version = document.get("form"), document.get("version")
    form = forms.get(name) if isinstance(name, str) else None
    if form is None and name is not None:
        unknown = UnknownName("form", str(name)[:80], forms)
        yield Problem("/form", unknown.message, unknown.advice)
    if form and version is not None and version != form.version:
        what = f"This is version {shown(version)} of form {form.name}."
        yield Problem("/version", what, f"The current one is {shown(form.version)}. {_HOW}")


def _explain(root: Field, fault: Fault, answers: Any) -> Iterator[tuple[Path, Problem]]:
    path, asked = fault.path, root.inside(fault.path)
    if asked is None:
        parent = root.inside(path[:-1]) or root
        names = {part.label: part.name for part in parent.parts} | parent.each(lambda p: p.name)
        what, mend = f"{shown(path[-1])} {fault.words}", _near(path[-1], names) or "Leave it out."
    elif fault.keyword == "required":
        for each in path:
            answers = answers.get(each) if isinstance(answers, dict) else answers[each]
        yield from _unanswered(asked, answers, path)
        return
    else:
        what, mend = f"{asked.label}: {fault.words}", _mend(asked, path, answers)
    yield path, Problem(_where(path), what, mend)


def _unanswered(asked: Field, answer: object, path: Path) -> Iterator[tuple[Path, Problem]]:
    """Name a group that is absent, or the parts of one that was begun."""
    needed = [part for part in asked.parts if part.required and isinstance(answer, dict)]
    if asked.kind == "group" and needed and isinstance(answer, dict):
        for part in needed:
            yield from _unanswered(part, answer.get(part.name), (*path, part.name))
    else:
        yield (
            path,
            Problem(_where(path), f"{asked.label}: not answered yet.", _mend(asked, path, "")),
        )


def _where(path: Path) -> str:
    return pointer("/answers", *path)


def _near(name: object, names: Iterable[str]) -> str:
    """Point at what resembles a name that is not known; a label leads to the name behind it."""
    known = names if isinstance(names, Mapping) else {one: one for one in names}
    near = get_close_matches(str(name), known, n=1, cutoff=0.6)
    return f"Did you mean {shown(known[near[0]])}?" if near else ""


def _mend(asked: Field, path: Path, answers: Any) -> str:
    """What to write instead: the nearest choice, all choices, a shape, or an example."""
    answer = answers
    for step in path if answers else ():
        known = answer.get(step) if isinstance(answer, dict) else None
        answer = answer[step] if isinstance(answer, list) and isinstance(step, int) else known
    if asked.choices:
        near = get_close_matches(str(answer), map(str, asked.choices), n=1) if answer else []
        if near:
            return f"Did you mean {shown(near[0])}?"
        return f"Choose one of {', '.join(map(str, asked.choices[:20]))}."
    if asked.kind == "group":
        return asked.help
    shape = f"Write {asked.shape}. " if asked.shape else ""
    return f"{shape}It looks like {shown(asked.examples[0])}." if asked.examples else asked.help
