"""The questions of `queries/`: read, checked, and bound to parameters. It asks nobody.

In: folders `<theme>/<question>/{question.md, question.cypher, question.rq, expected.csv}` and the
values that people give. Out: `Question` and typed parameters. It knows no engine.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from provstore.errors import BadParameter, BadQuestion, UnknownName
from provstore.prov.model.iris import encode_iri, is_absolute
from provstore.results.answer import Answer, Cell, Iri

FENCE = "+++"
EMPTY_ANSWER = "An empty answer means "
"""How the last line of a card's prose begins."""

RESERVED_NAMES = frozenset(
    {"check", "csv", "folder", "format", "from", "help", "in", "json", "language", "new", "store",
     "table"}
)  # fmt: skip
"""What cannot name a parameter: `ask` and the board have their own use for these words."""

COSTS: Mapping[str, str] = {
    "archive copies": "every archive copy",
    "copies": "every copy",
    "corrections": "every correction",
    "errata": "every erratum",
    "findings": "every finding",
    "generations": "every generation",
    "ingests": "every ingest",
    "lineage": "lineage",
    "names": "every name",
    "publications": "every publication",
    "quality reports": "every quality report",
    "reports": "every report",
    "retractions": "every retraction",
    "reviews": "every review",
    "runs": "all that was done",
    "starts": "every start",
    "submissions": "every submission",
}
"""What time follows where that is more than the rows of the answer: `cost` in a card, and how the
card's prose names it where it says why."""

_NEW_ADVICE = "Begin one: provstore ask NAME --new --from DIR"
_CARD = {"question": str, "columns": list, "ordered": bool, "cost": str, "parameters": dict}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
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
            return PARAMETER_KINDS[self.kind](value)
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
    cost: str = ""
    """A word out of `COSTS`; "" where time follows the rows of the answer."""

    def answer(self) -> Answer:
        """What it must answer on the example, read from `expected.csv`: every cell is a text."""
        head, *rows = [row for row in csv.reader(self.expected.splitlines(keepends=True)) if row]
        return Answer(tuple(head), tuple(map(tuple, rows)))

    def lines(self, answer: Answer) -> list[str]:
        """The lines of an answer as they are compared: in their order, if the card has one."""
        head, *rows = answer.csv().splitlines(keepends=True)
        return [head, *(rows if self.ordered else sorted(rows))]

    def bind(self, values: Mapping[str, object]) -> dict[str, Cell]:
        """The parameters, each as the cell that it must be.

        Raises:
            UnknownName: there is no such parameter; names the near ones.
            BadParameter: one is missing, or of another kind.

        """
        for name in values:
            if name not in self.parameters:
                raise UnknownName(f"parameter of {self.name}", name, self.parameters)
        missing = [parameter for name, parameter in self.parameters.items() if name not in values]
        if missing:
            wanted = ", ".join(
                f"--{parameter.name} ({parameter.help.rstrip('.')})" for parameter in missing
            )
            raise BadParameter(
                f"{self.name} needs {wanted}.",
                f"For example: --{missing[0].name} {missing[0].example}",
            )
        return {name: parameter.read(values[name]) for name, parameter in self.parameters.items()}


class Questions(Mapping[str, Question]):
    """All questions of a folder by their names; each is read when it is wanted.

    Raises:
        UnknownName: there is no question of that name; names the near ones.
        BadQuestion: there is no such folder, two have one name, or one contradicts itself.

    """

    def __init__(self, directory: Traversable | Path) -> None:
        self._folders: dict[str, tuple[str, Traversable | Path]] = {}
        if not directory.is_dir():
            raise BadQuestion(f"There is no folder of questions {directory}.", _NEW_ADVICE)
        for theme in _folders(directory):
            for folder in _folders(theme):
                if not folder.joinpath(_FILES[0]).is_file():
                    continue
                if folder.name in self._folders:
                    other = self._folders[folder.name][0]
                    raise BadQuestion(f"{folder.name} is in {other} and in {theme.name}.")
                self._folders[folder.name] = (theme.name, folder)

    def __getitem__(self, name: str) -> Question:
        if name not in self._folders:
            raise UnknownName("question", name, self._folders)
        theme, folder = self._folders[name]
        return read_question(folder, theme)

    def __contains__(self, name: object) -> bool:
        return name in self._folders

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


def create_question(directory: Path, name: str, template: Traversable) -> Path:
    """Begin a question: `directory/<theme>/<name>` as a copy of the template; gives its folder.

    `name` may say its theme, `own/which-are-late`; else the theme is `own`.

    Raises:
        BadQuestion: the name is none, or there is such a question already.

    """
    theme, own = name.split("/") if name.count("/") == 1 else ("own", name)
    if not (_NAME.fullmatch(theme) and _NAME.fullmatch(own)):
        advice = "It looks like which-are-late, or own/which-are-late."
        raise BadQuestion(f"{name!r} cannot name a question.", advice)
    folder = directory / theme / own
    if directory.is_dir() and own in Questions(directory):
        raise BadQuestion(f"There is a question {own} in {directory} already.")
    try:
        folder.mkdir(parents=True)
        for file in _FILES:
            (folder / file).write_bytes(template.joinpath(file).read_bytes())
    except OSError as error:
        raise BadQuestion(f"{folder} cannot be written: {error}.") from error
    return folder


def read_question(folder: Traversable | Path, theme: str) -> Question:
    """The question of one folder.

    Raises:
        BadQuestion: a file is missing, or the card is not what it should be.

    """
    missing = [name for name in _FILES if not folder.joinpath(name).is_file()]
    if missing:
        raise BadQuestion(f"{folder.name} lacks {', '.join(missing)}.")
    try:
        page, cypher, sparql, expected = (
            folder.joinpath(name).read_text(encoding="utf-8") for name in _FILES
        )
    except (UnicodeDecodeError, OSError) as error:
        raise BadQuestion(f"{folder.name} cannot be read: {error}.") from error
    card, why = _card(folder.name, page)
    parameters = {
        name: _parameter(folder.name, name, table)
        for name, table in card.get("parameters", {}).items()
    }
    for name in parameters:
        if name in RESERVED_NAMES or not (name.isidentifier() and name.isascii()):
            raise BadQuestion(f"{folder.name}: a parameter cannot be called {name}.")
        for language, text in (("Cypher", cypher), ("SPARQL", sparql)):
            if not re.search(rf"\${name}\b", text):
                raise BadQuestion(f"{folder.name}: the {language} does not use ${name}.")
    if not expected.strip():
        raise BadQuestion(f"{folder.name}: expected.csv is empty; its first line are the columns.")
    columns = tuple(map(str, card["columns"]))
    if columns[: len(parameters)] != tuple(parameters):
        raise BadQuestion(f"{folder.name}: an answer begins with the parameters, in their order.")
    if (cost := card.get("cost", "")) and cost not in COSTS:
        raise BadQuestion(f"{folder.name}: the cost is one out of {', '.join(COSTS)}.")
    return Question(
        folder.name,
        theme,
        card["question"],
        columns,
        card.get("ordered", True),
        parameters,
        why,
        cypher,
        sparql,
        expected,
        cost,
    )


def _folders(directory: Traversable | Path) -> list[Traversable | Path]:
    return sorted(
        (folder for folder in directory.iterdir() if folder.is_dir()),
        key=lambda folder: folder.name,
    )


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


def _parameter(question: str, name: str, table: Any) -> Parameter:
    if not isinstance(table, dict) or table.keys() != {"kind", "help", "example"}:
        raise BadQuestion(f"{question}: parameter {name} needs kind, help and example, no more.")
    if table["kind"] not in PARAMETER_KINDS:
        raise BadQuestion(f"{question}: {name} is of a kind out of {', '.join(PARAMETER_KINDS)}.")
    return Parameter(name, table["kind"], table["help"], str(table["example"]))


def _iri(value: object) -> Cell:
    if not isinstance(value, str) or not is_absolute(value) or encode_iri(value) != value:
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


PARAMETER_KINDS: Mapping[str, Callable[[object], Cell]] = {
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
