"""Typed and chosen texts as answers, and back.

In: a field and a text. Out: an answer of the kind of the field, or else the text itself, so that a
check can report it. Nothing is guessed or lost. Pure.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from provstore.projects.form_fields import Field

YES_NO: Mapping[str, bool] = MappingProxyType({"yes": True, "no": False})

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def parse_answer(field: Field, text: str) -> Any:
    """Read an answer from a text; an empty text gives `None`, not answered.

    Space around a single line is removed; a text of several lines stays as it is.
    """
    plain = text if "\n" in text else text.strip()
    if not plain:
        return None
    if field.kind == "list":
        return parse_lines(field, text)
    if field.choices:
        return {format_answer(field, choice): choice for choice in field.choices}.get(plain, plain)
    if field.kind == "yes or no":
        return YES_NO.get(plain.casefold(), plain)
    if field.kind == "whole number":
        return int(plain) if _WHOLE.fullmatch(plain) else plain
    if field.kind == "number":
        return json.loads(plain) if _NUMBER.fullmatch(plain) else plain
    return plain


def parse_lines(field: Field, text: str) -> list[Any] | None:
    """Read the rows of a list from a text with one row per line; empty lines are skipped."""
    rows = [parse_answer(field.parts[0], line) for line in text.splitlines()]
    return [row for row in rows if row is not None] or None


def format_answer(field: Field, answer: Any) -> str:
    """Write an answer as a person would type it; the inverse of `parse_answer`."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, list) and field.parts:
        return "\n".join(format_answer(field.parts[0], each) for each in answer)
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
