"""JSON read strictly. In: bytes, hostile until read. Out: plain values, or `BadDocument`.

Refuses what parsers let pass silently: duplicate keys, NaN, huge numbers, depth, size.
"""

import json
import re
from itertools import accumulate
from typing import Any

from provstore.errors import BadDocument, Problem

DEPTH = 64
SIZE = 16 << 20
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_STEP = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}


class Number(str):
    """A JSON number, in the digits it was written with."""

    __slots__ = ()


def strict_json(
    data: bytes, name: str, limit: int = SIZE, *, keep_numbers: bool = False
) -> object:
    """The value that the text holds. Raises `BadDocument`."""
    if len(data) > limit:
        raise BadDocument(name, [Problem("", f"{len(data)} bytes are more than {limit}.")])
    brackets = _STRING.sub(b"", data).translate(None, bytes(set(range(256)) - set(_STEP)))
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEPTH:
        raise BadDocument(name, [Problem("", f"This is nested deeper than {DEPTH} levels.")])
    problems: list[Problem] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(found)
        if len(result) < len(found):
            keys = [key for key, _ in found]
            for key in sorted({key for key in keys if keys.count(key) > 1}):
                problems.append(Problem("", f"The key {key!r} stands twice in one object."))
        return result

    def number(text: str) -> Any:
        if len(text) > 64:
            problems.append(Problem("", f"The number {text[:20]}… has {len(text)} digits."))
        return Number(text) if keep_numbers else float(text) if "." in text else int(text[:64])

    def constant(text: str) -> Any:
        problems.append(Problem("", f"{text} is no JSON number."))

    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=constant,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise BadDocument(name, [Problem("", f"This is not JSON: {error}.")]) from None
    if problems:
        raise BadDocument(name, problems)
    return value
