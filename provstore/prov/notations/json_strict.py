"""Strict JSON reader: bytes in, one JSON value out, or all faults. No I/O.

Stricter than the standard library: only UTF-8 without a byte order mark, limits of size and depth,
no repeated keys, no NaN, no number or string that a reader would have to change. It knows neither
PROV nor forms.
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
MAX_DIGITS = 1000  # Python itself stops at 4300; no measurement has so many


_Read = Callable[[str], object]
_Numbers = tuple[_Read, _Read, _Read]
"""The functions that read whole numbers, fractions, and words such as NaN."""


class Number(str):
    """A JSON number as it was written: `1.50` stays `1.50`. Strings are never of this type."""

    __slots__ = ()


def strict_json(
    data: bytes, name: str, limit: int = MAX_BYTES, *, keep_numbers: bool = False
) -> object:
    """Parse `data`; numbers become int or float or, with `keep_numbers`, `Number`.

    Raises:
        BadDocument: the input has faults; lists all of them. The message calls the input `name`.

    """
    if obvious_problem(data, limit) is None:
        with gc_paused():
            value = json_fast.read_json(data, MAX_DEPTH)
        if value is not json_fast.DOUBT:
            return value
    return _strictly(data, name, limit, _AS_WRITTEN if keep_numbers else _NATIVE)


def fast_json(data: bytes, limit: int = MAX_BYTES) -> tuple[Any, bytes] | None:
    """Return the value and its canonical text, or None: then `strict_json` must read the input.

    The value is as strict as that of `strict_json` only if `is_plain` is true of each part that
    the caller has not found to be a string. These parts are at most eight levels below the top.
    """
    if obvious_problem(data, limit) is not None:
        return None
    value, text = json_fast.read_and_write_json(data)
    return None if value is json_fast.DOUBT else (value, text)


def is_plain(part: object) -> bool:
    """Return whether this part of a value has no numbers and is not nested too deeply."""
    return json_fast.count_texts(part, MAX_DEPTH - 8) >= 0


def _strictly(data: bytes, name: str, limit: int, numbers: _Numbers) -> object:
    """Read any data strictly; `strict_json` calls this only if the fast reader is not certain."""
    text = decode_json_text(data, name, limit)
    problems: tuple[Problem, ...] = ()
    try:
        try:
            with gc_paused():
                value = _parse(text, _unique_keys, numbers)
            # Half of a surrogate pair is a legal escape, but cannot be stored as UTF-8. A whole
            # pair begins in the same way, so this is only a hint: the second pass decides.
            suspect = "\\ud" in text or "\\uD" in text
        except _FaultError:
            value, suspect = None, True
        if suspect:  # the first pass stopped early; this one may still find bad syntax
            problems = tuple(_faults(text, numbers))
    except json.JSONDecodeError as error:
        raise BadDocument(name, [_syntax(error, text)], code="PS-DOCUMENT-NO-JSON") from None
    except RecursionError:  # unbalanced brackets can hide depth from the count
        raise BadDocument(name, [TOO_DEEP], code="PS-DOCUMENT-TOO-DEEP") from None
    if problems:
        raise BadDocument(name, problems, code="PS-DOCUMENT-LOSSY-JSON")
    return value


def pointer(where: str, *steps: str | int) -> str:
    """Append `steps` to the JSON Pointer `where` (RFC 6901)."""
    return where + "".join(f"/{str(s).replace('~', '~0').replace('/', '~1')}" for s in steps)


# --- syntax errors -------------------------------------------------------------------------------

_SYNTAX_MESSAGES = (  # the beginning of the standard library's message, and our message
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
# The first pass is fast and only detects faults; if there are any, the second pass locates them.

_PairsHook = Callable[[list[tuple[str, Any]]], object]


class _FaultError(Exception):
    """A fault in the document; the first pass stops at it."""


class _Fault:
    """In the tree of the second pass, the reason for a refusal in place of the refused value."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Pairs(list[tuple[str, Any]]):
    """An object in the second pass; repeated keys are kept."""


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
    """Yield every fault of a well-formed text with its place, in the order of the document."""
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
