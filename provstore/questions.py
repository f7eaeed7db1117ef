"""The questions of `queries/`: read, checked, and bound to parameters. It asks nobody.

In: folders `<theme>/<question>/{question.md, question.cypher, question.rq, expected.csv}` and the
values that people give. Out: `Question` and typed parameters. It knows no engine.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from provstore.answer import Cell, Iri
from provstore.errors import BadParameter, BadQuestion, UnknownName
from provstore.prov.names import encode, is_absolute

FENCE = "+++"
_CARD = {"question": str, "columns": list, "ordered": bool, "parameters": dict}
_FILES = ("question.md", "question.cypher", "question.rq", "expected.csv")


@dataclass(frozen=True)
class Parameter:
    """What a question wants to know first: its kind is `iri`, `text`, `number` or `time`."""

    name: str
    kind: str
    help: str
    example: str

    def read(self, value: object) -> Cell:
        """The value as this kind of cell.

        Raises:
            BadParameter: it is of another kind.

        """
        try:
            return KINDS[self.kind](value)
        except (ValueError, TypeError) as error:
            raise BadParameter(
                f"{self.name} is {self.help[:1].lower()}{self.help[1:].rstrip('.')}: "
                f"{value!r} is not {_ARTICLES[self.kind]}.",
                f"It looks like {self.example}.",
            ) from error


@dataclass(frozen=True)
class Question:
    """One question in two languages, with what it must answer on the example data."""

    name: str
    theme: str
    question: str
    columns: tuple[str, ...]
    ordered: bool
    parameters: Mapping[str, Parameter]
    why: str
    cypher: str
    sparql: str
    expected: str

    def bind(self, values: Mapping[str, object]) -> dict[str, Cell]:
        """The parameters, each as the cell that it must be.

        Raises:
            UnknownName: there is no such parameter; names the near ones.
            BadParameter: one is missing, or of another kind.

        """
        for name in values:
            if name not in self.parameters:
                raise UnknownName(f"parameter of {self.name}", name, self.parameters)
        missing = [one for name, one in self.parameters.items() if name not in values]
        if missing:
            wanted = ", ".join(f"--{one.name} ({one.help.rstrip('.')})" for one in missing)
            raise BadParameter(
                f"{self.name} needs {wanted}.",
                f"For example: --{missing[0].name} {missing[0].example}",
            )
        return {name: one.read(values[name]) for name, one in self.parameters.items()}


class Questions(Mapping[str, Question]):
    """All questions of a folder by their names; each is read when it is wanted.

    Raises:
        UnknownName: there is no question of that name; names the near ones.
        BadQuestion: its folder is incomplete or contradicts itself.

    """

    def __init__(self, directory: Traversable | Path) -> None:
        self._folders = {
            folder.name: (theme.name, folder)
            for theme in sorted(directory.iterdir(), key=lambda one: one.name)
            if theme.is_dir()
            for folder in sorted(theme.iterdir(), key=lambda one: one.name)
            if folder.is_dir() and folder.joinpath(_FILES[0]).is_file()
        }

    def __getitem__(self, name: str) -> Question:
        if name not in self._folders:
            raise UnknownName("question", name, self._folders)
        theme, folder = self._folders[name]
        return read(folder, theme)

    def __contains__(self, name: object) -> bool:
        return name in self._folders

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


def read(folder: Traversable | Path, theme: str) -> Question:
    """The question of one folder.

    Raises:
        BadQuestion: a file is missing, or the card is not what it should be.

    """
    missing = [name for name in _FILES if not folder.joinpath(name).is_file()]
    if missing:
        raise BadQuestion(f"{folder.name} lacks {', '.join(missing)}.")
    page, cypher, sparql, expected = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in _FILES
    )
    card, why = _card(folder.name, page)
    parameters = {
        name: _parameter(folder.name, name, said)
        for name, said in card.get("parameters", {}).items()
    }
    for name in parameters:
        for language, text in (("Cypher", cypher), ("SPARQL", sparql)):
            if f"${name}" not in text:
                raise BadQuestion(f"{folder.name}: the {language} does not use ${name}.")
    columns = tuple(map(str, card["columns"]))
    if columns[: len(parameters)] != tuple(parameters):
        raise BadQuestion(f"{folder.name}: an answer begins with the parameters, in their order.")
    return Question(
        folder.name, theme, card["question"], columns, card.get("ordered", True),
        parameters, why, cypher, sparql, expected,
    )  # fmt: skip


def _card(name: str, page: str) -> tuple[dict[str, Any], str]:
    before, fence, rest = page.partition(FENCE + "\n")
    written, second, why = rest.partition("\n" + FENCE + "\n")
    if before.strip() or not fence or not second:
        raise BadQuestion(f"{name}: question.md begins with a card between two lines {FENCE}.")
    try:
        card = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise BadQuestion(f"{name}: the card is not TOML: {error}.") from error
    faults = [f"{key} is not known" for key in card if key not in _CARD]
    faults += [f"{key} is missing" for key in ("question", "columns") if key not in card]
    faults += [
        f"{key} is not of the type {_CARD[key].__name__}"
        for key, value in card.items()
        if key in _CARD and not isinstance(value, _CARD[key])
    ]
    if faults:
        raise BadQuestion(f"{name}: {'; '.join(faults)}.")
    return card, why.strip()


def _parameter(question: str, name: str, said: Any) -> Parameter:
    if not isinstance(said, dict) or said.keys() != {"kind", "help", "example"}:
        raise BadQuestion(f"{question}: parameter {name} needs kind, help and example, no more.")
    if said["kind"] not in KINDS:
        raise BadQuestion(f"{question}: {name} is of a kind out of {', '.join(KINDS)}.")
    return Parameter(name, said["kind"], said["help"], str(said["example"]))


def _iri(value: object) -> Cell:
    if not isinstance(value, str) or not is_absolute(value) or encode(value) != value:
        raise ValueError(value)
    return Iri(value)


def _text(value: object) -> Cell:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: object) -> Cell:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(value)
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(value)
    return int(number) if number.is_integer() else number


def _time(value: object) -> Cell:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)


KINDS: Mapping[str, Callable[[object], Cell]] = {
    "iri": _iri,
    "text": _text,
    "number": _number,
    "time": _time,
}
_ARTICLES = {
    "iri": "an IRI",
    "text": "a text",
    "number": "a number",
    "time": "a time with its zone",
}
