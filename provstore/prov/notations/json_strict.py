"""Strict JSON reader: bytes in, one JSON value out, or all faults. No I/O.

Stricter than the standard library: only UTF-8 without a byte order mark, limits of size and depth,
no key twice, no NaN, no number or text that a reader would have to change. Knows neither PROV nor
forms.
"""

import json
import re
from collections.abc import Callable, Iterator
from math import isinf
from typing import Any

from provstore.errors import BadDocument, Problem
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.notations import json_fast
from provstore.prov.notations.json_text import (
    MAX_DEPTH,
    TOO_DEEP,
    decode_json_text,
    obvious_problem,
)

MAX_BYTES = 16 << 20
MAX_DIGITS = 1000  # Python itself stops at 4300; nobody measures anything with so many


_Read = Callable[[str], object]
_Numbers = tuple[_Read, _Read, _Read]
"""How whole numbers, fractions, and the words that are no numbers are read."""


class Number(str):
    """A JSON number as it was written: `1.50` stays `1.50`. A text of a document is never one."""

    __slots__ = ()


def strict_json(
    data: bytes, name: str, limit: int = MAX_BYTES, *, keep_numbers: bool = False
) -> object:
    """Parse `data`; `keep_numbers` gives each number as a `Number`, else as int or float.

    Raises:
        BadDocument: the input has faults; all are listed. `name` stands for the input in the
            message.

    """
    if obvious_problem(data, limit) is None:
        with gc_paused():
            value = json_fast.read_json(data, MAX_DEPTH)
        if value is not json_fast.DOUBT:
            return value
    return _strictly(data, name, limit, _AS_WRITTEN if keep_numbers else _NATIVE)


def fast_json(data: bytes, limit: int = MAX_BYTES) -> tuple[Any, bytes] | None:
    """The value and its canonical text, or None: `strict_json` must be asked.

    The promise of `strict_json` holds for it only if `is_plain` says so of each part that the
    caller did not find to be text, at most eight levels below the top.
    """
    if obvious_problem(data, limit) is not None:
        return None
    value, text = json_fast.read_and_write_json(data)
    return None if value is json_fast.DOUBT else (value, text)


def is_plain(part: object) -> bool:
    """Whether there is no number in this part of a value, and nothing that is too deep."""
    return json_fast.count_texts(part, MAX_DEPTH - 8) >= 0


def _strictly(data: bytes, name: str, limit: int, numbers: _Numbers) -> object:
    """What `strict_json` says of data that gives reason to doubt; it would say it of any."""
    text = decode_json_text(data, name, limit)
    problems: tuple[Problem, ...] = ()
    try:
        try:
            with gc_paused():
                value = _parse(text, _unique_keys, numbers)
            # Half of a surrogate pair is a legal escape, but a text that nobody can store as UTF-8.
            # This is only a hint, since a whole pair begins so too: the second pass looks closely.
            suspect = "\\ud" in text or "\\uD" in text
        except _FaultError:
            value, suspect = None, True
        if suspect:  # it also meets what the first pass, which stopped, did not: bad syntax
            problems = tuple(_faults(text, numbers))
    except json.JSONDecodeError as error:
        raise BadDocument(name, [_syntax(error, text)]) from None
    except RecursionError:  # unbalanced brackets can hide depth from the count
        raise BadDocument(name, [TOO_DEEP]) from None
    if problems:
        raise BadDocument(name, problems)
    return value


def pointer(where: str, *steps: str | int) -> str:
    """`where` followed by `steps`, as a JSON Pointer (RFC 6901)."""
    return where + "".join(f"/{str(s).replace('~', '~0').replace('/', '~1')}" for s in steps)


# --- what is wrong with the syntax ---------------------------------------------------------------

_SYNTAX_MESSAGES = (  # how the standard library begins its message, and what we say
    ("Expecting value", "expected a value here"),
    ("Expecting ',' delimiter", "expected a comma or a closing bracket here"),
    ("Expecting ':' delimiter", "expected a colon here"),
    ("Expecting property name", "expected a name in double quotes here"),
    ("Illegal trailing comma", "there is an extra comma"),
    ("Extra data", "there is extra text after the end of the value"),
    ("Invalid control character", "a text contains a line break or control character"),
    ("Invalid", "JSON does not allow this character after a backslash"),
)


def _syntax(error: json.JSONDecodeError, text: str) -> Problem:
    if error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()):
        fault = f"The input ends too early, in line {text.count(chr(10)) + 1}; it may be cut short."
        return Problem("", fault, "Send the complete file.")
    message = next(
        (w for begin, w in _SYNTAX_MESSAGES if error.msg.startswith(begin)), "this is not JSON"
    )
    return Problem("", f"Not JSON: line {error.lineno}, column {error.colno}: {message}.")


# --- from text to values -------------------------------------------------------------------------
# The quick pass only notices that something is wrong; the second one, run when it did, says where.

_PairsHook = Callable[[list[tuple[str, Any]]], object]


class _FaultError(Exception):
    """Something that must be refused; the quick pass stops at it."""


class _Fault:
    """Stands in the tree of the second pass where a value cannot be taken, and says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Pairs(list[tuple[str, Any]]):
    """An object in the second pass, with its keys as often as they were written."""


def _parse(text: str, each: _PairsHook, numbers: _Numbers) -> object:
    integer, fraction, constant = numbers
    return json.loads(
        text,
        object_pairs_hook=each,
        parse_int=integer,
        parse_float=fraction,
        parse_constant=constant,
    )


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _FaultError
    return value


def _digits(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise _FaultError(f"A number has {len(text):,} digits; at most {MAX_DIGITS:,} are allowed.")


def _kept_integer(text: str) -> Number:
    _digits(text)
    return Number(text)


def _kept_fraction(text: str) -> Number:
    _fraction(text)
    return Number(text)


def _integer(text: str) -> int:
    _digits(text)
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise _FaultError(f"The whole number {_short(text)} does not fit in 64 bits.")
    return value


def _fraction(text: str) -> float:
    _digits(text)
    value = float(text)
    if isinf(value):
        raise _FaultError(f"The number {_short(text)} is too large for 64-bit readers.")
    return value


def _constant(text: str) -> object:
    raise _FaultError(f"{text} is not a JSON number.")


_NATIVE: _Numbers = (_integer, _fraction, _constant)
_AS_WRITTEN: _Numbers = (_kept_integer, _kept_fraction, _constant)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _or_fault(read: _Read) -> _Read:
    def or_fault(text: str) -> object:
        try:
            return read(text)
        except _FaultError as error:
            return _Fault(str(error))

    return or_fault


_HALF_SURROGATE = re.compile("[\ud800-\udfff]")


def _faults(text: str, numbers: _Numbers) -> Iterator[Problem]:
    """Every fault of a well-formed text with its place, in the order of the document."""
    integer, fraction, constant = map(_or_fault, numbers)
    waiting = [("", _parse(text, _Pairs, (integer, fraction, constant)))]
    while waiting:
        where, value = waiting.pop()
        inside: list[tuple[str, object]] = []
        if isinstance(value, _Fault):
            yield Problem(where, value.reason)
        elif isinstance(value, str) and _HALF_SURROGATE.search(value):
            yield Problem(where, "This text is damaged: it has half of a surrogate pair.")
        elif isinstance(value, _Pairs):
            yield from _bad_keys(where, value)
            inside = [(pointer(where, _printable(key)), each) for key, each in value]
        elif isinstance(value, list):
            inside = [(pointer(where, i), each) for i, each in enumerate(value)]
        waiting.extend(reversed(inside))


def _bad_keys(where: str, pairs: _Pairs) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for key, _value in pairs:
        seen[key] = seen.get(key, 0) + 1
    for key, times in seen.items():
        place = pointer(where, _printable(key))
        if times > 1:
            yield Problem(
                place, f"The key {_printable(key)!r} occurs {times} times in this object."
            )
        if _HALF_SURROGATE.search(key):
            yield Problem(place, "This key is damaged: it has half of a surrogate pair.")


def _printable(key: str) -> str:
    return key.encode("utf-8", "replace").decode()
