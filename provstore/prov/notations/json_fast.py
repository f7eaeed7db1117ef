"""Fast JSON reader: the value if orjson certainly reads the same as `json_strict`, else `DOUBT`.

It may return `DOUBT` for any input: `json_strict` then reads the input and explains faults. No I/O.
"""

import re
from itertools import chain
from typing import Any, Final

import orjson

DOUBT: Final = object()
"""The result for input that `json_strict` must read."""

_PLAIN = {dict, list, bool, type(None)}
_NUMBER = re.compile(rb'"\s*:\s*[-\d]')
HEAD = 1 << 16
"""The number of bytes to search for a number first: a document with numbers is not read in vain."""


def read_json(data: bytes, depth: int) -> object:
    """Return the value, or `DOUBT` for bad syntax, numbers, repeated keys, or too many levels.

    orjson refuses invalid JSON, including half surrogates. But it drops all but the last of equal
    keys, and does not keep numbers as they were written. So this function counts the strings in the
    bytes (by their quotes) and in the value: if a key was dropped, the counts differ.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return DOUBT
    return value if 2 * count_texts(value, depth) == _quotes(data) else DOUBT


def read_and_write_json(data: bytes) -> tuple[Any, bytes]:
    """Return the value and its canonical text, or `DOUBT`; the caller must still count its texts.

    Without escapes, the number of quotes in the canonical text shows whether a key was dropped.
    """
    if b"\\" in data or _NUMBER.search(data, 0, HEAD):
        return DOUBT, b""
    try:
        value = orjson.loads(data)
        text = canonical_json(value)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return DOUBT, b""
    return (value, text) if text.count(b'"') == data.count(b'"') else (DOUBT, b"")


def canonical_json(value: object) -> bytes:
    """Write canonical JSON: keys sorted, no space between tokens, no needless escapes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def count_texts(value: object, depth: int) -> int:
    """Count the strings in a value; -1 if it has a number or more than `depth` levels."""
    count = 0
    inside: list[Any] = [value]
    for _ in range(depth + 1):
        others = [item for item in inside if type(item) is not str]
        if not _PLAIN.issuperset(map(type, others)):
            return -1
        dicts = [item for item in others if type(item) is dict]
        lists = [item for item in others if type(item) is list]
        count += len(inside) - len(others) + sum(map(len, dicts))
        if not dicts and not lists:
            return count
        inside = [*chain.from_iterable(map(dict.values, dicts)), *chain.from_iterable(lists)]
    return -1


def _quotes(data: bytes) -> int:
    """Count the quotes that begin or end a string; escaped quotes do not count."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    return data.count(b'"')
