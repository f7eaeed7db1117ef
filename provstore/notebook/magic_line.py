"""Parses the lines of `%ask`, `%%cypher` and `%%sparql`, without IPython.

In: a line, and the user's variables. Out: a `ParsedLine`, and values for parameters. A value is
bound to its name and never becomes part of a query.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provstore.errors import BadParameter, UnknownName
from provstore.results.cell_values import Cell

Variables = Mapping[str, Any]
Evaluate = Callable[[str], object]

_VALUE_PATTERN = r"""(?:'[^']*'|"[^"]*"|[^\s'"])+"""
_TARGET_PATTERN = re.compile(r"\s*>>\s*(?P<name>[^\s>]+)\s*\Z")
_OPTION_PATTERN = re.compile(
    rf"\s*(?P<option>--?[A-Za-z][\w-]*)(?:[\s=]+(?P<value>{_VALUE_PATTERN}))?"
)
_TEXT_PATTERN = re.compile(rf"\s*({_VALUE_PATTERN})")
_INTEGER_LIMIT = 2**63


@dataclass
class ParsedLine:
    """A parsed line: `values` from `-p`, the other `options`, and the remaining `text`."""

    text: str
    target: str = ""
    values: dict[str, object] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


def parse_query_line(line: str, evaluate: Evaluate) -> ParsedLine:
    """Read `[-p NAME=VARIABLE]… [-o NAME] QUERY [>> NAME]`.

    Raises:
        BadParameter: an option is unknown or has no value.

    """
    line, target = _split_target(line)
    parsed = ParsedLine("", target)
    while match := _OPTION_PATTERN.match(line):
        _set_option(parsed, match["option"], match["value"], evaluate)
        line = line[match.end() :]
    parsed.text = line.strip()
    return parsed


def parse_question_line(line: str, evaluate: Evaluate) -> ParsedLine:
    """Read `NAME|WORDS [--PARAMETER VALUE]… [-p NAME=VARIABLE]… [-o NAME] [>> NAME]`.

    Raises:
        BadParameter: a word is in the wrong place, or an option has no value.

    """
    line, target = _split_target(line)
    parsed = ParsedLine("", target)
    while line.strip():
        if match := _OPTION_PATTERN.match(line):
            option, value = match["option"], match["value"]
            if option.startswith("--") and value is not None:
                parsed.options[option[2:].replace("-", "_")] = unquote(value)
            else:
                _set_option(parsed, option, value, evaluate)
        elif (match := _TEXT_PATTERN.match(line)) and not parsed.options:
            parsed.text = f"{parsed.text} {match[1]}".lstrip()
        else:
            raise BadParameter(
                f"Unexpected text: {line.strip()!r}.", "Write NAME --PARAMETER VALUE."
            )
        line = line[match.end() :]
    return parsed


def bind_parameters(
    wanted: Iterable[str], values: Mapping[str, object], variables: Variables, *, strict: bool
) -> Iterator[tuple[str, Cell]]:
    """Yield a query's parameters: from `values`, else from the variables of the same names.

    With `strict`, every parameter needs a value; otherwise, those without one are left out.

    Raises:
        UnknownName: there is no such variable or parameter; suggests similar names.
        BadParameter: no engine accepts values of this type.

    """
    wanted = list(wanted)
    for name in values:
        if name not in wanted:
            raise UnknownName("parameter of this query", name, wanted)
    for name in wanted:
        if name in values or name in variables:
            yield name, to_cell(name, values[name] if name in values else variables[name])
        elif strict:
            public = [variable for variable in variables if not variable.startswith("_")]
            raise UnknownName("Python variable", name, public)


def to_cell(name: str, value: Any) -> Cell:
    """Convert a value of Python, numpy or pandas to a parameter.

    Raises:
        BadParameter: no engine accepts the value.

    """
    if hasattr(value, "tolist"):
        value = value.tolist()  # numbers and arrays of numpy, columns of pandas
    if isinstance(value, list | tuple | set | frozenset):
        return [to_cell(name, item) for item in value]
    if not isinstance(value, str | int | float | datetime):
        raise BadParameter(
            f"${name} cannot be of type {type(value).__name__}.",
            "Use a text, an IRI, a number, or a time with a time zone.",
        )
    if value != value:
        raise BadParameter(f"${name} has no value: {value}.")
    if isinstance(value, int) and not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
        raise BadParameter(f"${name} does not fit in 64 bits: {value}.")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            message = f"${name} is a time without a time zone: {value}."
            raise BadParameter(message, "Set its tzinfo, for example to datetime.UTC.")
        return datetime.fromisoformat(value.isoformat())  # pandas has its own type of time
    return value


def _split_target(line: str) -> tuple[str, str]:
    match = _TARGET_PATTERN.search(line)
    return (line[: match.start()], _check_name(match["name"])) if match else (line, "")


def _set_option(parsed: ParsedLine, option: str, value: str | None, evaluate: Evaluate) -> None:
    if option not in ("-p", "-o"):
        if value is None and option.startswith("--"):
            raise BadParameter(f"{option} needs a value.", f"Write {option} VALUE.")
        raise BadParameter(f"Unknown option: {option}.", "Known: -p NAME=VARIABLE, -o NAME.")
    if value is None:
        raise BadParameter(f"{option} needs a value.", "Write -p NAME=VARIABLE or -o NAME.")
    if option == "-o":
        parsed.target = _check_name(value)
        return
    name, equals, expression = value.partition("=")
    if not equals or not name.isidentifier():
        raise BadParameter(f"-p {value} sets no parameter.", "Write -p NAME=VARIABLE.")
    try:
        parsed.values[name] = evaluate(expression)
    except Exception as error:
        raise BadParameter(f"-p {value}: {type(error).__name__}: {error}.") from error


def _check_name(word: str) -> str:
    if not word.isidentifier():
        raise BadParameter(
            f"{word!r} is not a Python name.", "Name the result like this: >> result"
        )
    return word


def unquote(value: str) -> str:
    """Remove the quotes around a word."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
