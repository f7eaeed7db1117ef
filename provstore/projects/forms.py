"""The forms of a data centre, and the check of answers against them.

In: a folder of form files (JSON Schema 2020-12), and filled forms, not trusted until checked. Out:
a `Form`, a `FilledForm`, or `BadForm` with every problem in plain words. Knows no PROV, no store.

In a filled form `null` means *not answered*. Every other answer is accepted unchanged or refused.
"""

import json
import pathlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from provstore.errors import BadDocument, BadForm, BadInput, Problem, UnknownName
from provstore.projects import form_profile, form_rules, workflow
from provstore.projects.form_definitions import FormDefinitions
from provstore.projects.form_fields import Field, explain_fault, read_field, suggest
from provstore.projects.form_rules import Path, quote_answer
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import pointer

__all__ = [
    "Field", "FilledForm", "Form", "drop_unanswered", "load_forms", "looks_like_form",
    "read_filled_form",
]  # fmt: skip

GENERATION = re.compile(r"-g[1-9][0-9]*$")
"""The end of a series of ingests that began after a restore; no form has a name that ends so."""

MAX_BYTES = 5_000_000
MAX_PROBLEMS = 1000  # people read no more, and a hostile file could have millions


@dataclass(frozen=True)
class Section:
    """Fields that are asked together, as names."""

    title: str
    description: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """The questions of one step to one agent; `fields` are in the order in which they are asked."""

    name: str
    version: str
    title: str
    description: str
    step: str
    fields: tuple[Field, ...]
    schema: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections of the form; a form without sections has one with all fields."""
        sections = self.schema.get("sections") or [{"title": self.title, "fields": self._names}]
        return tuple(
            Section(section["title"], section.get("description", ""), tuple(section["fields"]))
            for section in sections
        )

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.fields)

    @property
    def vocabularies(self) -> tuple[str, ...]:
        """The vocabularies that the answers are checked against, each with its version."""
        asked = [*self.fields, *(part for field in self.fields for part in field.parts)]
        return tuple(sorted({part.vocabulary for part in asked if part.vocabulary}))

    @property
    def formerly(self) -> Mapping[str, Mapping[str, str]]:
        """Earlier versions whose answers are accepted, each with old and new names of fields."""
        return dict(self.schema.get("formerly", {}))

    def asked(self, answers: Mapping[str, Any]) -> tuple[set[str], set[str]]:
        """Return the fields that are asked with these answers, and those that are required."""
        return form_profile.asked_fields(self.schema, answers)

    def check(self, answers: object, name: str = "") -> None:
        """Accept the answers, or refuse them with all their problems.

        Raises:
            BadForm: the answers have problems; all are listed. `name` stands for the answers in the
                message.

        """
        if problems := self.problems(answers):
            raise BadForm(name or f"form {self.name}", problems, code="PS-FORM-ANSWERS")

    def problems(self, answers: object) -> tuple[Problem, ...]:
        """Return all problems of the answers, in the order of the form."""
        try:  # Python callers can pass any object
            json.dumps(answers, sort_keys=True)
            answered = drop_unanswered(answers)
        except (TypeError, ValueError, RecursionError):
            return (Problem("/answers", "The answers cannot be written as JSON."),)
        problems: dict[Path, Problem] = {}  # only the first at each place: others follow from it
        for fault in islice(form_rules.faults_of_answers(self.schema, answered), MAX_PROBLEMS):
            for path, problem in explain_fault(self._root, fault, answers):
                problems.setdefault(path, problem)
        rank = {part.name: place for place, part in enumerate(self.fields)}
        order = sorted(problems, key=lambda path: rank.get(str(path[0]), len(rank)) if path else -1)
        return tuple(problems[path] for path in order)

    def blank(self) -> str:
        """Return the text of a form file to start from: all fields, none answered."""
        return self.text(self._root.empty())

    def example(self) -> dict[str, Any]:
        """Return valid answers to all fields that are asked with them."""
        answers = self._root.each(Field.example)
        while surplus := answers.keys() - self.asked(answers)[0]:
            answers = {name: each for name, each in answers.items() if name not in surplus}
        return answers

    def text(self, answers: object) -> str:
        """Return the text of a filled form file with these answers, unchecked."""
        filled = {"form": self.name, "version": self.version, "answers": answers}
        return json.dumps(filled, indent=2, ensure_ascii=False) + "\n"

    def lint(self) -> tuple[str, ...]:
        """Return the faults that the author of this form should mend."""
        faults = (*form_profile.faults_of_schema(self.schema), *self._unsorted())
        return faults or tuple(map(str, self.problems(self.example())))

    def _unsorted(self) -> Iterator[str]:
        placed = [name for section in self.sections for name in section.fields]
        for name in sorted({*placed} ^ {*self._names}):
            yield f"The sections and the fields of the form differ in {name!r}."

    @property
    def _root(self) -> Field:
        return Field("", "", self.title, self.description, True, "group", parts=self.fields)


@dataclass(frozen=True)
class FilledForm:
    """A form with answers that passed its check; fields without an answer are left out."""

    form: Form
    answers: Mapping[str, Any]
    notes: tuple[Problem, ...] = ()
    """Remarks on valid answers."""


class _Forms(Mapping[str, Form]):
    """Forms by their names; a form is read when it is first looked up."""

    def __init__(self, definitions: FormDefinitions) -> None:
        for name, file in definitions.files.items():
            _check_name(name, file)
        self._definitions = definitions
        self._read: dict[str, Form] = {}

    def __getitem__(self, name: str) -> Form:
        if name not in self._read:
            self._read[name] = self._form(name, self._definitions.files[name])
        return self._read[name]

    def _form(self, name: str, file: pathlib.Path) -> Form:
        try:
            return _form(name, self._definitions.read(name))
        except (LookupError, RecursionError, AttributeError, TypeError) as error:
            problem = Problem("", f"This is not a form: {type(error).__name__}: {error}.")
            raise BadInput(str(file), [problem], code="PS-INPUT-FORM-FILE") from error

    def __contains__(self, name: object) -> bool:
        return name in self._definitions.files

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions.files)

    def __len__(self) -> int:
        return len(self._definitions.files)


def load_forms(directory: pathlib.Path) -> Mapping[str, Form]:
    """Find every `<name>/form.json`, and the shared definitions in the files beside these folders.

    A form is read when it is first looked up, so that nobody waits for the others. A look-up raises
    `BadInput` if the file is not a form.

    Raises:
        BadInput: the name of a folder cannot be the name of a form.

    """
    return _Forms(FormDefinitions(directory))


def read_filled_form(data: bytes, name: str, forms: Mapping[str, Form]) -> FilledForm:
    """Read a filled form file, which errors call `name`, as `check_filled_form` does."""
    return check_filled_form(read_form_document(InputFile(data, name)), name, forms)


def read_form_document(input_file: InputFile) -> object:
    """Read the JSON value of a filled form.

    Raises:
        BadForm: there is none, or it is longer than `MAX_BYTES`; lists every problem.

    """
    try:
        return input_file.read_json(MAX_BYTES)
    except BadDocument as error:
        raise BadForm(input_file.name, error.problems, code="PS-FORM-NO-JSON") from None


def check_filled_form(document: object, name: str, forms: Mapping[str, Form]) -> FilledForm:
    """Check a JSON document as a filled form.

    Raises:
        BadForm: with all problems; `name` is what the document is called in the message.

    """
    if not isinstance(document, dict):
        raise BadForm(
            name,
            [Problem("", "A filled form must be a JSON object in braces.", _HOW)],
            code="PS-FORM-NO-OBJECT",
        )
    form = forms.get(str(document.get("form")))
    notes: tuple[Problem, ...] = ()
    if form and document.get("version") in form.formerly:
        document, notes = _of_today(document, form)
    problems = list(_envelope(document, forms))
    if form and "answers" in document:
        problems += form.problems(document["answers"])
    if form is None or problems:
        raise BadForm(name, problems, code="PS-FORM-ANSWERS")
    return FilledForm(form, drop_unanswered(document["answers"]), notes)


def _of_today(
    document: Mapping[str, Any], form: Form
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Rename answers to an earlier version to the current names of fields; also return a note.

    Where the form now asks for a list and once asked for a single answer, it becomes a list of one.
    """
    version, answers = document["version"], document.get("answers")
    renamed = form.formerly[version]
    if isinstance(answers, dict) and not answers.keys() & set(renamed.values()):
        answers = {renamed.get(key, key): each for key, each in answers.items()}
    if isinstance(answers, dict):
        several = {part.name for part in form.fields if part.kind == "list"}
        answers = {
            key: [each] if key in several and isinstance(each, (dict, str)) else each
            for key, each in answers.items()
        }
    message = f"These answers to version {version} of form {form.name} were read as version"
    note = Problem("/version", f"{message} {form.version}.")
    return {**document, "version": form.version, "answers": answers}, (note,)


def drop_unanswered(answers: Any) -> Any:
    """Return the answers without nulls, and without groups that contain only nulls."""
    if isinstance(answers, list):
        return [drop_unanswered(each) for each in answers]
    if not isinstance(answers, dict):
        return answers
    answered = {name: drop_unanswered(each) for name, each in answers.items()}
    return {name: each for name, each in answered.items() if each is not None and each != {}}


def looks_like_form(document: object) -> bool:
    """Tell whether a JSON document is meant to be a filled form; no PROV document has its keys."""
    return isinstance(document, dict) and bool({"form", "answers"} & document.keys())


def _check_name(name: str, file: pathlib.Path) -> None:
    """Refuse a form whose ingests would be called like those of another form after a restore."""
    if generation := GENERATION.search(name):
        problem = Problem(
            "",
            f"The name {name!r} ends in {generation[0]!r}, like the names that ingests of the form "
            f"{name[: generation.start()]!r} get after a restore.",
            "Give its folder another name.",
        )
        raise BadInput(str(file), [problem], code="PS-INPUT-FORM-NAME")


def _form(name: str, schema: Mapping[str, Any]) -> Form:
    if schema["step"] not in (*workflow.STEPS, workflow.ANY):
        raise LookupError(f"unknown step {schema['step']!r}")
    if unknown := sorted(form_profile.unknown_keywords(schema)):
        raise LookupError(f"forms must not use the keyword {', '.join(map(repr, unknown))}")
    words = (schema["version"], schema["title"], schema["description"])
    return Form(name, *words, schema["step"], read_field(schema).parts, schema)


_ENVELOPE = {key: key for key in ("form", "version", "answers")}
_HOW = "Start from a blank form: provstore form NAME --blank."


def _envelope(document: Mapping[str, Any], forms: Mapping[str, Form]) -> Iterator[Problem]:
    """Yield the problems of a filled form outside of its answers."""
    for key in islice((key for key in document if key not in _ENVELOPE), MAX_PROBLEMS):
        message = f"{quote_answer(key)} does not belong in a filled form."
        yield Problem(pointer("", key), message, suggest(key, _ENVELOPE) or "Remove it.")
    for key in _ENVELOPE:
        if key not in document:
            yield Problem(pointer("", key), f"A filled form must have the key {key}.", _HOW)
    name, version = document.get("form"), document.get("version")
    form = forms.get(str(name))
    if form is None and "form" in document:
        unknown = UnknownName("form", str(name)[:80], forms, code="PS-NAME-FORM")
        yield Problem("/form", unknown.message, unknown.advice)
    if form and "version" in document and version != form.version:
        message = f"These are answers to version {quote_answer(version)} of form {form.name}."
        yield Problem(
            "/version", message, f"The current one is {quote_answer(form.version)}. {_HOW}"
        )
