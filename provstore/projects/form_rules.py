"""The rules for answers: the keywords and formats of form files, each with its message.

In: the schema of a form and the answers. Out: every fault with its path and a message for people.
jsonschema walks through the schema; none of its own messages leave this module. Pure.

Some rules of jsonschema are replaced because they are too lenient for a lasting record: jsonschema
accepts `v20260302` with a line break after it, takes 3.0 for a whole number, and skips each format
whose checking library is not installed.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import Any

from provstore.errors import Problem
from provstore.projects import drs
from provstore.projects.answer_formats import FORMATS, instant

Path = tuple[str | int, ...]
_Faults = Iterator[tuple[Path, str]]


@dataclass(frozen=True)
class Fault:
    """One wrong answer: the path to it, the keyword that it breaks, and what is wrong."""

    path: Path
    keyword: str
    words: str


def faults_of_answers(schema: Mapping[str, Any], answers: object) -> Iterator[Fault]:
    """Yield every fault of the answers; the schema must not refer to anything outside itself."""
    for error in _validator()(schema).iter_errors(answers):
        keyword = str(error.validator)
        if keyword in _RULES:
            words = error.message
        else:
            words = _WORDS.get(keyword, "this answer does not fit the form.")
            words = words.format(answer=quote_answer(error.instance), limit=error.validator_value)
        yield Fault(tuple(error.absolute_path), keyword, words)


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
# Control characters other than line breaks and tabs, and halves of pairs: RDF/XML cannot hold them.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _type(wanted: str | list[str], answer: Any, _schema: object) -> _Faults:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(answer, kind) for kind in kinds):
        asked = " or ".join(_KINDS[kind][0] for kind in kinds)
        yield (), f"expected {asked}, not {_kind(answer)}."
    elif isinstance(answer, str) and (unfit := _UNFIT.search(answer)):
        message = f"contains the character U+{ord(unfit[0]):04X}, which is not allowed in a text"
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


_RULES: Mapping[str, Callable[[Any, Any, Any], _Faults]] = MappingProxyType(
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
    }
)
BETWEEN_FIELDS = frozenset({"ascending", "facets", "belongs", "named"})
"""The keywords that compare several answers."""

_WORDS: Mapping[str, str] = MappingProxyType(  # for the keywords that jsonschema checks
    {
        "enum": "{answer} is not one of the choices.",
        "oneOf": "{answer} is not one of the choices.",
        "const": "{answer} cannot be chosen here.",
        "minLength": "{answer} is too short; it needs at least {limit} characters.",
        "maxLength": "it is too long; at most {limit} characters are allowed.",
        "minItems": "too few rows; at least {limit} needed.",
        "maxItems": "too many rows; at most {limit} allowed.",
        "minimum": "{answer} is too small; it must be at least {limit}.",
        "maximum": "{answer} is too large; it must be at most {limit}.",
        "exclusiveMinimum": "{answer} is too small; it must be more than {limit}.",
        "exclusiveMaximum": "{answer} is too large; it must be less than {limit}.",
        "multipleOf": "{answer} is not a multiple of {limit}.",
    }
)


@cache
def _validator() -> Callable[[Mapping[str, Any]], Any]:
    from jsonschema import Draft202012Validator, ValidationError  # takes a second to load
    from jsonschema.validators import extend

    def keyword(rule: Callable[[Any, Any, Any], _Faults]) -> Callable[..., Iterator[Any]]:
        def errors(_validator: object, asked: Any, answer: Any, schema: Any) -> Iterator[Any]:
            for path, words in rule(asked, answer, schema):
                yield ValidationError(words, path=path)

        return errors

    rules = {name: keyword(rule) for name, rule in _RULES.items()}
    typed: Callable[..., Callable[[Mapping[str, Any]], Any]] = extend  # its stub is untyped
    return typed(Draft202012Validator, rules)


def _is(answer: object, kind: str) -> bool:
    is_so = isinstance(answer, _KINDS[kind][1])
    return is_so and (kind == "boolean" or not isinstance(answer, bool))


def _kind(answer: object) -> str:
    return next(words for kind, (words, _) in _KINDS.items() if _is(answer, kind))


def anchor_end(pattern: str) -> str:
    """Let `$` match the end only, as in JSON Schema; in Python a line break may follow."""
    return re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda match: match[1] or r"\Z", pattern)
