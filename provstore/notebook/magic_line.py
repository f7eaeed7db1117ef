"""What is written after `%ask`, `%%cypher` and `%%sparql`: options and names, read without IPython.

In: a line, and the variables that a person has. Out: an `Order` and cells for parameters. A value
is bound to its name and never becomes part of a query.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provstore.errors import BadParameter, UnknownName
from provstore.results.values import Cell

Variables = Mapping[str, Any]
Evaluate = Callable[[str], object]

_PIECE = r"""(?:'[^']*'|"[^"]*"|[^\s'"])+"""
_TO = re.compile(r"\s*>>\s*(?P<name>[^\s>]+)\s*\Z")
_OPTION = re.compile(rf"\s*(?P<option>--?[A-Za-z][\w-]*)(?:[\s=]+(?P<value>{_PIECE}))?")
_WORDS = re.compile(rf"\s*({_PIECE})")
_WHOLE = 2**63


@dataclass
class Order:
    """What is wanted: `text` is what remains, `given` the values of `-p`, `said` other options."""

    text: str
    to: str = ""
    given: dict[str, object] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)


def order(line: str, evaluate: Evaluate) -> Order:
    """Read `[-p NAME=VARIABLE]… [-o NAME] QUERY [>> NAME]`.

    Raises:
        BadParameter: an option is not known or lacks its value.

    """
    line, to = _target(line)
    made = Order("", to)
    while found := _OPTION.match(line):
        _take(made, found["option"], found["value"], evaluate)
        line = line[found.end() :]
    made.text = line.strip()
    return made


def question(line: str, evaluate: Evaluate) -> Order:
    """Read `NAME [--PARAMETER VALUE]… [-p NAME=VARIABLE]… [-o NAME] [>> NAME]`.

    Raises:
        BadParameter: a word is out of place, or an option lacks its value.

    """
    line, to = _target(line)
    made = Order("", to)
    while line.strip():
        if found := _OPTION.match(line):
            option, value = found["option"], found["value"]
            if option.startswith("--") and value is not None:
                made.said[option[2:].replace("-", "_")] = unquoted(value)
            else:
                _take(made, option, value, evaluate)
        elif (found := _WORDS.match(line)) and not made.text:
            made.text = found[1]
        else:
            raise BadParameter(
                f"{line.strip()!r} is out of place.", "Write NAME --PARAMETER VALUE."
            )
        line = line[found.end() :]
    return made


def parameters(
    wanted: Iterable[str], given: Mapping[str, object], variables: Variables, *, strict: bool
) -> Iterator[tuple[str, Cell]]:
    """The parameters of a query: what is given, else the variables of their names.

    With `strict`, each that is wanted must be there; else what is not is none.

    Raises:
        UnknownName: there is no such variable, or none of that name is wanted; names the near ones.
        BadParameter: a value is of a kind that no engine takes.

    """
    wanted = list(wanted)
    for name in given:
        if name not in wanted:
            raise UnknownName("parameter of this query", name, wanted)
    for name in wanted:
        if name in given or name in variables:
            yield name, as_cell(name, given[name] if name in given else variables[name])
        elif strict:
            mine = [one for one in variables if not one.startswith("_")]
            raise UnknownName("Python variable", name, mine)


def as_cell(name: str, value: Any) -> Cell:
    """A Python value, or one of numpy or pandas, as a parameter.

    Raises:
        BadParameter: no engine takes it.

    """
    if hasattr(value, "tolist"):
        value = value.tolist()  # numpy's numbers and arrays, and columns of pandas
    if isinstance(value, list | tuple | set | frozenset):
        return [as_cell(name, one) for one in value]
    if not isinstance(value, str | int | float | datetime):
        raise BadParameter(
            f"${name} cannot be of the kind {type(value).__name__}.",
            "It is a text, an IRI, a number or a time with its zone.",
        )
    if value != value:
        raise BadParameter(f"${name} is missing: {value}.")
    if isinstance(value, int) and not -_WHOLE <= value < _WHOLE:
        raise BadParameter(f"${name} is a number beyond 64 bits: {value}.")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadParameter(f"${name} is a time without its zone: {value}.", "Give it one.")
        return datetime.fromisoformat(value.isoformat())  # pandas has times of its own
    return value


def _target(line: str) -> tuple[str, str]:
    found = _TO.search(line)
    return (line[: found.start()], _name(found["name"])) if found else (line, "")


def _take(made: Order, option: str, value: str | None, evaluate: Evaluate) -> None:
    if option not in ("-p", "-o"):
        if value is None and option.startswith("--"):
            raise BadParameter(f"{option} lacks its value.", f"Write {option} VALUE.")
        raise BadParameter(f"There is no option {option}.", "There are -p NAME=VARIABLE, -o NAME.")
    if value is None:
        raise BadParameter(f"{option} lacks its value.", "Write -p NAME=VARIABLE or -o NAME.")
    if option == "-o":
        made.to = _name(value)
        return
    name, equals, expression = value.partition("=")
    if not equals or not name.isidentifier():
        raise BadParameter(f"-p {value} gives no parameter.", "Write -p NAME=VARIABLE.")
    try:
        made.given[name] = evaluate(expression)
    except Exception as error:
        raise BadParameter(f"-p {value}: {type(error).__name__}: {error}.") from error


def _name(word: str) -> str:
    if not word.isidentifier():
        raise BadParameter(f"{word!r} cannot name the result.", "It is a Python name: >> result")
    return word


def unquoted(value: str) -> str:
    """A word without the quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
