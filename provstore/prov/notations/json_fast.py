"""Fast JSON reader: the value if orjson certainly reads the same as `json_strict`, else `DOUBT`.

It may doubt any input, since `json_strict` then reads it closely and explains. No I/O.
"""

import re
from itertools import chain
from typing import Any, Final

import orjson

DOUBT: Final = object()
"""The result of `read_json` for input that must be read more closely."""

_PLAIN = {dict, list, bool, type(None)}
_NUMBER = re.compile(rb'"\s*:\s*[-\d]')
HEAD = 1 << 16
"""Bytes in which numbers mostly show, so that nothing is read in vain where they are usual."""


def read_json(data: bytes, depth: int) -> object:
    """The value, or `DOUBT`: bad syntax, a number, a key that came twice, more than `depth` levels.

    orjson refuses what no reader takes, half surrogates among it, but keeps the last of equal keys
    and no number as it was written. A key that is lost takes its quotes along: hence all texts are
    counted, in the bytes and in the value.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return DOUBT
    return value if 2 * count_texts(value, depth) == _quotes(data) else DOUBT


def read_and_write_json(data: bytes) -> tuple[Any, bytes]:
    """The value and its canonical text, or `DOUBT` and nothing; the caller asks `count_texts`.

    Where nothing is escaped, the quotes of that text tell as well whether a key is lost.
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
    """Canonical JSON text: the keys in order, nothing between the tokens, no needless escapes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def count_texts(value: object, depth: int) -> int:
    """How many texts it holds; -1 where there is a number, too, or more than `depth` levels."""
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
    """How many quotes open or close a text; escapes are told apart as they follow each other."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    return data.count(b'"')
