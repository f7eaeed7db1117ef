"""Bytes in, the JSON value out where orjson surely reads what the strict reader reads, else doubt.

It may doubt whatever it likes, since `json_strict` then looks closely and explains. No I/O.
"""

from itertools import chain
from typing import Any, Final

import orjson

DOUBT: Final = object()
"""What `read` gives instead of a value that must be looked at more closely."""

_PLAIN = {dict, list, bool, type(None)}


def read(data: bytes, depth: int) -> object:
    """The value, or `DOUBT`: bad syntax, a number, a key that came twice, more than `depth` levels.

    orjson refuses what no reader takes, half surrogates among it, but keeps the last of equal keys
    and no number as it was written. A key that is lost takes its quotes along: hence all texts are
    counted, in the bytes and in the value.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return DOUBT
    texts = 0
    inside: list[Any] = [value]
    for _ in range(depth + 1):
        others = [one for one in inside if type(one) is not str]
        if not _PLAIN.issuperset(map(type, others)):
            return DOUBT
        dicts = [one for one in others if type(one) is dict]
        lists = [one for one in others if type(one) is list]
        texts += len(inside) - len(others) + sum(map(len, dicts))
        if not dicts and not lists:
            return value if 2 * texts == _quotes(data) else DOUBT
        inside = [*chain.from_iterable(map(dict.values, dicts)), *chain.from_iterable(lists)]
    return DOUBT


def _quotes(data: bytes) -> int:
    """How many quotes open or close a text; escapes are told apart as they follow each other."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    return data.count(b'"')
