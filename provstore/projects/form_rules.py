"""The rules for answers: the keywords and formats of form files, each with its message.

In: the schema of a form and the answers. Out: every fault with its path and a message for people.
Pure.

A form file uses a profile of JSON Schema 2020-12 (`form_profile.PROFILE`), which this file applies.
Some rules are stricter than JSON Schema, because the record must last: a pattern does not accept a
line break at the end, 3.0 is not a whole number, and every format is checked. All other verdicts
are compared with the package `jsonschema` in the tests; that package takes seconds to load where
its optional formats are installed.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import Any

from provstore.errors import Problem
from provstore.projects import drs
from provstore.projects.answer_formats import FORMATS, instant
from provstore.prov.model.code_points import describe, unfit_character

Path = tuple[str | int, ...]
_Faults = Iterator[tuple[Path, str]]
_Rule = Callable[[Any, Any, Any], _Faults]


@dataclass(frozen=True)
class Fault:
    """One wrong answer: the path to it, the keyword that it breaks, and what is wrong."""

    path: Path
    keyword: str
    words: str


def faults_of_answers(
    schema: Mapping[str, Any], answers: object, path: Path = ()
) -> Iterator[Fault]:
    """Yield every fault of the answers, in the order of keywords; the schema has no references."""
    for keyword, asked in schema.items():
        if rule := _RULES.get(keyword):
            for inside, words in rule(asked, answers, schema):
                yield Fault((*path, *inside), keyword, words)
        elif parts := _APPLICATORS.get(keyword):
            for step, inner, answer in parts(asked, answers, schema):
                yield from faults_of_answers(inner, answer, (*path, *step))


def quote_answer(answer: object) -> str:
    """Quote an answer for a sentence, shortened if it is long."""
    if isinstance(answer, (dict, list)):
        return _kind(answer)
    text = repr(answer) if isinstance(answer, str) else json.dumps(answer)
    return text if len(text) <= 80 else f"{text[:77]}..."


# --- rules: in, the value of a keyword and an answer; out, the faults with their paths -----------

_KINDS: Mapping[str, tuple[str, type | tuple[type, ...]]] = MappingProxyType(
    {
        "object": ("a group of answers", dict),
        "array": ("a list", list),
        "string": ("a text", str),
        "boolean": ("true or false", bool),
        "integer": ("a whole number", int),
        "number": ("a number", (int, float)),
        "null": ("nothing", type(None)),
    }
)


def _type(wanted: str | list[str], answer: Any, _schema: object) -> _Faults:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(answer, kind) for kind in kinds):
        asked = " or ".join(_KINDS[kind][0] for kind in kinds)
        yield (), f"expected {asked}, not {_kind(answer)}."
    elif isinstance(answer, str) and (unfit := unfit_character(answer)):
        message = f"contains the character {describe(unfit)}, which is not allowed in a text"
        yield (), f"{quote_answer(answer)} {message}."
    elif _is(answer, "number") and not (isfinite(answer) and abs(answer) < 2**63):
        yield (), f"{quote_answer(answer)} is too large a number."


def _required(names: Sequence[str], answers: Any, _schema: object) -> _Faults:
    if isinstance(answers, dict):
        yield from (((name,), "not answered yet.") for name in names if name not in answers)


def _additional(allowed: object, answers: Any, schema: Mapping[str, Any]) -> _Faults:
    if isinstance(answers, dict) and allowed is False:
        known = schema.get("properties", {})
        yield from (((name,), "is not a field here.") for name in answers if name not in known)


def _pattern(pattern: str, answer: Any, _schema: object) -> _Faults:
    if isinstance(answer, str) and not re.search(anchor_end(pattern), answer):
        yield (
            (),
            f"{quote_answer(answer)} is not in the expected form."
            if answer.strip()
            else "it is empty.",
        )


def _format(name: str, answer: Any, _schema: object) -> _Faults:
    if isinstance(answer, str) and (fault := FORMATS[name](answer)):
        yield (), f"{quote_answer(answer)} {fault}." if answer.strip() else "it is empty."


def _unique(wanted: bool, answer: Any, _schema: object) -> _Faults:
    seen: dict[str, int] = {}
    for row, each in enumerate(answer if wanted and isinstance(answer, list) else ()):
        first = seen.setdefault(json.dumps(each, sort_keys=True), row)
        if first != row:
            yield (row,), f"it is the same as row {first + 1}."


def _ascending(chains: Sequence[Sequence[str]], answers: Any, schema: Mapping[str, Any]) -> _Faults:
    """Our own keyword: these fields must not decrease, in time or in number."""
    if not isinstance(answers, dict):
        return
    for low, high in (pair for chain in chains for pair in pairwise(chain)):
        start, end = answers.get(low), answers.get(high)
        title = schema["properties"][low]["title"]
        times = instant(start), instant(end)
        if times[0] and times[1] and times[1] < times[0]:
            yield (high,), f"{quote_answer(end)} is before {title}, which is {quote_answer(start)}."
        if isinstance(start, int) and isinstance(end, int) and end < start:
            yield (high,), f"{end} is less than {title}, which is {start}."


def _facets(names: Sequence[str], answers: Any, schema: Mapping[str, Any]) -> _Faults:
    """Our own keyword: the parts of the dataset id, in this order, must equal the answers."""
    dataset = answers.get("dataset") if isinstance(answers, dict) else None
    pattern = schema["properties"]["dataset"].get("pattern", "")
    if not isinstance(dataset, str) or any(_pattern(pattern, dataset, {})):
        return  # that fault comes first
    for name, part in zip(names, dataset.split("."), strict=False):
        answer = answers.get(name)
        several = [answer] if isinstance(answer, str) else answer
        if isinstance(several, list) and part not in several:
            yield (name,), f"the dataset id has {part!r} instead."


def _belongs(pairs: Sequence[Sequence[str]], answers: Any, schema: Mapping[str, Any]) -> _Faults:
    """Our own keyword: a chosen term must belong to the term chosen from another vocabulary."""
    for name, to in pairs if isinstance(answers, dict) else ():
        asked = schema["properties"][name]
        term = answers.get(name)
        known = asked.get("terms", {}).get(term, {}) if isinstance(term, str) else {}
        chosen = answers.get(to)
        if to in known and isinstance(chosen, str) and chosen not in known[to]:
            title = schema["properties"][to]["title"]
            owners = ", ".join(known[to])
            belonging = f"{quote_answer(answers[name])} belongs to {owners}"
            yield (name,), f"{belonging}, but {title} is {quote_answer(chosen)}."


def _named(files: Mapping[str, str], answers: Any, schema: Mapping[str, Any]) -> _Faults:
    """Our own keyword: a file name must follow the rules of its project and equal the answers.

    If a field has several answers, the name must have one of them. Facets without a field are free.
    """
    for name, start in files.items() if isinstance(answers, dict) else ():
        text, project = answers.get(name), drs.project_of(start)
        if not isinstance(text, str) or project is None:
            continue
        facets = drs.parse_file_name(text, project)
        if isinstance(facets, Problem):
            yield (name,), facets.what
            continue
        for facet, value in facets.items():
            answer = answers.get(facet)
            several = [answer] if isinstance(answer, str) else answer
            if facet in schema["properties"] and isinstance(several, list) and value not in several:
                title = schema["properties"][facet]["title"]
                yield (
                    (name,),
                    f"it has {value!r}, but {title} is {', '.join(map(quote_answer, several))}.",
                )


def _forbidden(wanted: object, _answer: object, _schema: object) -> _Faults:
    if wanted == {}:
        yield (), "this field is not asked with the other answers given."


def _choice(choices: Sequence[object], answer: Any, _schema: object) -> _Faults:
    if not any(_equal(answer, choice) for choice in choices):
        yield (), f"{quote_answer(answer)} is not one of the choices."


def _titled_choice(choices: Sequence[Mapping[str, Any]], answer: Any, schema: object) -> _Faults:
    return _choice([choice["const"] for choice in choices], answer, schema)


def _const(wanted: object, answer: Any, _schema: object) -> _Faults:
    if not _equal(answer, wanted):
        yield (), f"{quote_answer(answer)} cannot be chosen here."


def _limit(kind: str, fits: Callable[[Any, Any], bool], words: str) -> _Rule:
    def rule(limit: Any, answer: Any, _schema: object) -> _Faults:
        if _is(answer, kind) and not fits(answer, limit):
            yield (), words.format(answer=quote_answer(answer), limit=limit)

    return rule


def _is_multiple(answer: float, of: float) -> bool:
    return float(answer / of).is_integer()


_RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        "type": _type,
        "required": _required,
        "additionalProperties": _additional,
        "pattern": _pattern,
        "format": _format,
        "uniqueItems": _unique,
        "ascending": _ascending,
        "facets": _facets,
        "belongs": _belongs,
        "named": _named,
        "not": _forbidden,
        "enum": _choice,
        "oneOf": _titled_choice,
        "const": _const,
        "minLength": _limit(
            "string",
            lambda text, limit: len(text) >= limit,
            "{answer} is too short; it needs at least {limit} characters.",
        ),
        "maxLength": _limit(
            "string",
            lambda text, limit: len(text) <= limit,
            "it is too long; at most {limit} characters are allowed.",
        ),
        "minItems": _limit(
            "array",
            lambda rows, limit: len(rows) >= limit,
            "too few rows; at least {limit} needed.",
        ),
        "maxItems": _limit(
            "array",
            lambda rows, limit: len(rows) <= limit,
            "too many rows; at most {limit} allowed.",
        ),
        "minimum": _limit(
            "number", operator.ge, "{answer} is too small; it must be at least {limit}."
        ),
        "maximum": _limit(
            "number", operator.le, "{answer} is too large; it must be at most {limit}."
        ),
        "exclusiveMinimum": _limit(
            "number", operator.gt, "{answer} is too small; it must be more than {limit}."
        ),
        "exclusiveMaximum": _limit(
            "number", operator.lt, "{answer} is too large; it must be less than {limit}."
        ),
        "multipleOf": _limit("number", _is_multiple, "{answer} is not a multiple of {limit}."),
    }
)
"""The keywords that judge an answer."""
BETWEEN_FIELDS = frozenset({"ascending", "facets", "belongs", "named"})
"""The keywords that compare several answers."""


# --- applicators: keywords that apply schemas to parts of an answer (JSON Schema Core, 10) -------

_Parts = Iterator[tuple[Path, Mapping[str, Any], Any]]


def _properties(schemas: Mapping[str, Mapping[str, Any]], answers: Any, _schema: object) -> _Parts:
    if isinstance(answers, dict):
        yield from (
            ((name,), inner, answers[name]) for name, inner in schemas.items() if name in answers
        )


def _items(inner: Mapping[str, Any], answers: Any, _schema: object) -> _Parts:
    if isinstance(answers, list):
        yield from (((row,), inner, answer) for row, answer in enumerate(answers))


def _all_of(schemas: Sequence[Mapping[str, Any]], answer: Any, _schema: object) -> _Parts:
    yield from (((), inner, answer) for inner in schemas)


def _condition(test: Mapping[str, Any], answer: Any, schema: Mapping[str, Any]) -> _Parts:
    holds = next(faults_of_answers(test, answer), None) is None
    yield (), schema.get("then" if holds else "else", {}), answer


_APPLICATORS: Mapping[str, Callable[[Any, Any, Any], _Parts]] = MappingProxyType(
    {"properties": _properties, "items": _items, "allOf": _all_of, "if": _condition}
)


def _equal(first: object, second: object) -> bool:
    return first == second and isinstance(first, bool) == isinstance(second, bool)


def _is(answer: object, kind: str) -> bool:
    is_so = isinstance(answer, _KINDS[kind][1])
    return is_so and (kind == "boolean" or not isinstance(answer, bool))


def _kind(answer: object) -> str:
    return next(words for kind, (words, _) in _KINDS.items() if _is(answer, kind))


def anchor_end(pattern: str) -> str:
    """Let `$` match the end only, as in JSON Schema; in Python a line break may follow."""
    return re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda match: match[1] or r"\Z", pattern)
