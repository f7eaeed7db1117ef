"""The questions of `queries/`: read, checked, and bound to parameters, but not run.

In: folders `<theme>/<question>/{question.md, question.cypher, question.rq, expected.csv}` and
values from people. Out: `Question` and typed parameters. It knows no engine.
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
"""The beginning of the last line of the prose of a card."""

RESERVED_NAMES = frozenset(
    {"check", "csv", "folder", "format", "from", "help", "in", "json", "language", "new", "store",
     "table"}
)  # fmt: skip
"""Names that parameters cannot have, because `ask` and the board use them."""

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
"""What determines the run time, if it is more than the rows of the answer: the `cost` of a card,
and the words for it in the prose of the card."""

_NEW_ADVICE = "Begin a question: provstore ask NAME --new --from DIR"
_CARD = {
    "question": str, "columns": list, "ordered": bool, "cost": str, "synonyms": list,
    "parameters": dict,
}  # fmt: skip
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FILES = ("question.md", "question.cypher", "question.rq", "expected.csv")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question; its kind is `iri`, `text`, `number` or `time`."""

    name: str
    kind: str
    help: str
    example: str

    def read(self, value: object) -> Cell:
        """Convert a value to the kind of this parameter.

        Raises:
            BadParameter: the value is of another kind.

        """
        try:
            return PARAMETER_KINDS[self.kind](value)
        except (ValueError, TypeError) as error:
            raise BadParameter(
                f"{self.name} is {self.help[:1].lower()}{self.help[1:].rstrip('.')}: "
                f"{value!r} is not {_ARTICLES[self.kind]}.",
                f"Example: {self.example}.",
                code="PS-PARAMETER-KIND",
            ) from error


@dataclass(frozen=True)
class Question:
    """One question in two languages, with its expected answer on the example data."""

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
    """A word of `COSTS`; "" if the run time depends only on the rows of the answer."""
    synonyms: tuple[str, ...] = ()
    """Other ways in which people ask it; `question_search` finds the question by them."""

    def answer(self) -> Answer:
        """The expected answer on the example data, from `expected.csv`: every cell is a text."""
        head, *rows = [row for row in csv.reader(self.expected.splitlines(keepends=True)) if row]
        return Answer(tuple(head), tuple(map(tuple, rows)))

    def lines(self, answer: Answer) -> list[str]:
        """Return the lines of an answer for comparison: in order if the card has an order."""
        head, *rows = answer.csv().splitlines(keepends=True)
        return [head, *(rows if self.ordered else sorted(rows))]

    def bind(self, values: Mapping[str, object]) -> dict[str, Cell]:
        """Convert the parameters to their kinds.

        Raises:
            UnknownName: the question has no such parameter; suggests similar names.
            BadParameter: a parameter is missing or of another kind.

        """
        for name in values:
            if name not in self.parameters:
                raise UnknownName(
                    f"parameter of {self.name}", name, self.parameters, code="PS-NAME-PARAMETER"
                )
        missing = [parameter for name, parameter in self.parameters.items() if name not in values]
        if missing:
            wanted = ", ".join(
                f"--{parameter.name} ({parameter.help.rstrip('.')})" for parameter in missing
            )
            raise BadParameter(
                f"{self.name} needs {wanted}.",
                f"For example: --{missing[0].name} {missing[0].example}",
                code="PS-PARAMETER-MISSING",
            )
        return {name: parameter.read(values[name]) for name, parameter in self.parameters.items()}


class Questions(Mapping[str, Question]):
    """All questions of a folder by name; each is read on first use.

    Raises:
        UnknownName: no question has this name; suggests similar names.
        BadQuestion: the folder does not exist, or a question is ambiguous or faulty.

    """

    def __init__(self, directory: Traversable | Path) -> None:
        self._folders: dict[str, tuple[str, Traversable | Path]] = {}
        if not directory.is_dir():
            raise BadQuestion(
                f"The folder of questions {directory} does not exist.",
                _NEW_ADVICE,
                code="PS-QUESTION-NO-FOLDER",
            )
        for theme in _folders(directory):
            for folder in _folders(theme):
                if not folder.joinpath(_FILES[0]).is_file():
                    continue
                if folder.name in self._folders:
                    other = self._folders[folder.name][0]
                    raise BadQuestion(
                        f"The question {folder.name} is both in {other} and in {theme.name}.",
                        code="PS-QUESTION-TWICE",
                    )
                self._folders[folder.name] = (theme.name, folder)

    def __getitem__(self, name: str) -> Question:
        if name not in self._folders:
            raise UnknownName("question", name, self._folders, code="PS-NAME-QUESTION")
        theme, folder = self._folders[name]
        return read_question(folder, theme)

    def __contains__(self, name: object) -> bool:
        return name in self._folders

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


def create_question(directory: Path, name: str, template: Traversable) -> Path:
    """Copy the template to `directory/<theme>/<name>` and return this folder.

    `name` may include a theme, as in `own/which-are-late`; the default theme is `own`.

    Raises:
        BadQuestion: the name is not valid, or the question exists already.

    """
    theme, own = name.split("/") if name.count("/") == 1 else ("own", name)
    if not (_NAME.fullmatch(theme) and _NAME.fullmatch(own)):
        advice = "Write a name such as which-are-late or own/which-are-late."
        raise BadQuestion(f"{name!r} cannot name a question.", advice, code="PS-QUESTION-NAME")
    folder = directory / theme / own
    if directory.is_dir() and own in Questions(directory):
        raise BadQuestion(
            f"The question {own} already exists in {directory}.", code="PS-QUESTION-EXISTS"
        )
    try:
        folder.mkdir(parents=True)
        for file in _FILES:
            (folder / file).write_bytes(template.joinpath(file).read_bytes())
    except OSError as error:
        raise BadQuestion(
            f"{folder} cannot be written: {error}.", code="PS-QUESTION-UNWRITABLE"
        ) from error
    return folder


def read_question(folder: Traversable | Path, theme: str) -> Question:
    """Read the question in one folder.

    Raises:
        BadQuestion: a file is missing, or the card is faulty.

    """
    missing = [name for name in _FILES if not folder.joinpath(name).is_file()]
    if missing:
        raise BadQuestion(
            f"{folder.name} lacks {', '.join(missing)}.", code="PS-QUESTION-INCOMPLETE"
        )
    try:
        page, cypher, sparql, expected = (
            folder.joinpath(name).read_text(encoding="utf-8") for name in _FILES
        )
    except (UnicodeDecodeError, OSError) as error:
        raise BadQuestion(
            f"{folder.name} cannot be read: {error}.", code="PS-QUESTION-UNREADABLE"
        ) from error
    card, why = _card(folder.name, page)
    parameters = {
        name: _parameter(folder.name, name, table)
        for name, table in card.get("parameters", {}).items()
    }
    for name in parameters:
        if name in RESERVED_NAMES or not (name.isidentifier() and name.isascii()):
            raise BadQuestion(
                f"{folder.name}: a parameter cannot have the name {name}.",
                code="PS-QUESTION-PARAMETER",
            )
        for language, text in (("Cypher", cypher), ("SPARQL", sparql)):
            if not re.search(rf"\${name}\b", text):
                raise BadQuestion(
                    f"{folder.name}: the {language} does not use ${name}.",
                    code="PS-QUESTION-PARAMETER",
                )
    if not expected.strip():
        raise BadQuestion(
            f"{folder.name}: expected.csv is empty; its first line must have the columns.",
            code="PS-QUESTION-EXPECTED",
        )
    columns = tuple(map(str, card["columns"]))
    if columns[: len(parameters)] != tuple(parameters):
        raise BadQuestion(
            f"{folder.name}: the first columns of expected.csv must be the parameters, in order.",
            code="PS-QUESTION-EXPECTED",
        )
    if (cost := card.get("cost", "")) and cost not in COSTS:
        raise BadQuestion(
            f"{folder.name}: the cost must be one of {', '.join(COSTS)}.", code="PS-QUESTION-CARD"
        )
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
        tuple(card.get("synonyms", ())),
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
        raise BadQuestion(
            f"{name}: question.md must begin with a card between two lines {FENCE}.",
            code="PS-QUESTION-CARD",
        )
    try:
        card = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise BadQuestion(
            f"{name}: the card is not TOML: {error}.", code="PS-QUESTION-CARD"
        ) from error
    faults = [f"{key} is not known" for key in card if key not in _CARD]
    faults += [f"{key} is missing" for key in ("question", "columns") if key not in card]
    faults += [
        f"{key} is not of the type {_CARD[key].__name__}"
        for key, value in card.items()
        if key in _CARD and not isinstance(value, _CARD[key])
    ]
    synonyms = card.get("synonyms", [])
    if isinstance(synonyms, list) and not all(isinstance(text, str) for text in synonyms):
        faults.append("synonyms are not all texts")
    if faults:
        raise BadQuestion(f"{name}: {'; '.join(faults)}.", code="PS-QUESTION-CARD")
    return card, why.strip()


def _parameter(question: str, name: str, table: Any) -> Parameter:
    if not isinstance(table, dict) or table.keys() != {"kind", "help", "example"}:
        raise BadQuestion(
            f"{question}: parameter {name} must have kind, help and example and nothing else.",
            code="PS-QUESTION-PARAMETER",
        )
    if table["kind"] not in PARAMETER_KINDS:
        raise BadQuestion(
            f"{question}: the kind of {name} must be one of {', '.join(PARAMETER_KINDS)}.",
            code="PS-QUESTION-PARAMETER",
        )
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
    "time": "a time with a zone",
}
