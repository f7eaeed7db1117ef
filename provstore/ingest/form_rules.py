"""When an answer is wrong: the keywords and formats of form files, each with its words.

In: a form's schema and the answers. Out: every fault with its place, as it would be said to a
person. jsonschema walks through the schema; none of its own messages leave this module. Pure.

The rules that jsonschema has too are written anew where it is too lenient for a record that
lasts: it lets `v20260302` and a line break pass as `v20260302`, takes 3.0 for a whole number,
and skips every format whose checking library happens to be missing.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import Any

Path = tuple[str | int, ...]
_Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True)
class Fault:
    """One wrong answer: the path to it, the keyword that it breaks, and what is wrong."""

    path: Path
    keyword: str
    words: str


def faults(schema: Mapping[str, Any], answers: object) -> Iterator[Fault]:
    """Every fault of the answers, as it is found; the schema refers to nothing outside itself."""
    for error in _validator()(schema).iter_errors(answers):
        keyword = str(error.validator)
        if keyword in _RULES:
            words = error.message
        else:
            words = _WORDS.get(keyword, "this answer does not fit the form.")
            words = words.format(answer=shown(error.instance), limit=error.validator_value)
        yield Fault(tuple(error.absolute_path), keyword, words)


def faults_of_schema(schema: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a schema itself, for those who write forms."""
    from jsonschema import Draft202012Validator  # it takes long to load, and few need it

    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
        yield f"{error.json_path}: {error.message}"
    for part in _schemas(schema):
        asked = part.get("format")
        if isinstance(asked, str) and asked not in FORMATS:
            yield f"There is no format {asked!r}; there is {', '.join(FORMATS)}."
        try:
            re.compile(_to_the_end(str(part.get("pattern", ""))))
        except re.error as error:
            yield f"The pattern {part['pattern']!r} cannot be read: {error}."
    for name in (name for chain in schema.get("ascending", ()) for name in chain):
        if name not in schema["properties"]:
            yield f"ascending names {name!r}, which is no field."


def shown(answer: object) -> str:
    """An answer as it is quoted in a sentence."""
    if isinstance(answer, (dict, list)):
        return _kind(answer)
    text = repr(answer) if isinstance(answer, str) else json.dumps(answer)
    return text if len(text) <= 80 else f"{text[:77]}..."


# --- formats: a text in, what is wrong with it out, "" for nothing ------------------------------

_TIME = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?", re.ASCII)
_ZONE = re.compile(r"Z|[+-]([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\W_](-*[^\W_])*(\.[^\W_](-*[^\W_])*)+")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
_ORCID = re.compile(r"https://orcid\.org/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.ASCII)
_ROR = re.compile(r"https://ror\.org/(0[a-hj-km-np-tv-z0-9]{6})([0-9]{2})")
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: without i, l, o and u


def instant(text: object) -> datetime | None:
    """The instant that a time with its zone names, or None if it is no such time."""
    time = _TIME.match(text) if isinstance(text, str) else None
    if time is None or not _ZONE.fullmatch(time.string, time.end()):
        return None
    try:
        return datetime.fromisoformat(time.string).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or before the year 1 in UTC
        return None


def _time(text: str) -> str:
    if instant(text):
        return ""
    return "has no time zone" if _TIME.fullmatch(text) else "is not a date and time with its zone"


def _email(text: str) -> str:
    fits = len(text) <= 254 and _EMAIL.fullmatch(text)
    return "" if fits else "is not an e-mail address"


def _uri(text: str) -> str:
    return "" if _ADDRESS.fullmatch(text) else "is not a web address"


def _orcid(text: str) -> str:
    if not (match := _ORCID.fullmatch(text)):
        return "is not an ORCID"
    digits = match[1].replace("-", "")
    total = 0
    for digit in digits[:-1]:  # ISO 7064 mod 11-2
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "" if digits[-1] == "0123456789X"[check] else f"is not an ORCID: {_TYPO}"


def _ror(text: str) -> str:
    if not (match := _ROR.fullmatch(text)):
        return "is not a ROR"
    number = 0
    for letter in match[1]:
        number = number * 32 + _BASE32.index(letter)
    check = 98 - number * 100 % 97  # ISO/IEC 7064 mod 97-10
    return "" if int(match[2]) == check else f"is not a ROR: {_TYPO}"


_TYPO = "its check digits do not fit, so a character is mistyped"
FORMATS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"date-time": _time, "email": _email, "uri": _uri, "orcid": _orcid, "ror": _ror}
)

# --- rules: what a keyword asks and an answer in, the faults with their paths out ----------------

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


def _type(wanted: str | list[str], answer: Any, _schema: object) -> _Found:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(answer, kind) for kind in kinds):
        asked = " or ".join(_KINDS[kind][0] for kind in kinds)
        yield (), f"{asked} is asked for, not {_kind(answer)}."
    elif isinstance(answer, str) and (unfit := _UNFIT.search(answer)):
        what = f"holds the character U+{ord(unfit[0]):04X}, which is no part of any text"
        yield (), f"{shown(answer)} {what}."
    elif _is(answer, "number") and not (isfinite(answer) and abs(answer) < 2**63):
        yield (), f"{shown(answer)} is too large a number."


def _required(names: Sequence[str], answers: Any, _schema: object) -> _Found:
    if isinstance(answers, dict):
        yield from (((name,), "not answered yet.") for name in names if name not in answers)


def _additional(allowed: object, answers: Any, schema: Mapping[str, Any]) -> _Found:
    if isinstance(answers, dict) and allowed is False:
        known = schema.get("properties", {})
        yield from (((name,), "is not a field here.") for name in answers if name not in known)


def _pattern(pattern: str, answer: Any, _schema: object) -> _Found:
    if isinstance(answer, str) and not re.search(_to_the_end(pattern), answer):
        yield (), f"{shown(answer)} does not fit." if answer.strip() else "it is empty."


def _format(name: str, answer: Any, _schema: object) -> _Found:
    if isinstance(answer, str) and (fault := FORMATS[name](answer)):
        yield (), f"{shown(answer)} {fault}." if answer.strip() else "it is empty."


def _unique(wanted: bool, answer: Any, _schema: object) -> _Found:
    seen: dict[str, int] = {}
    for row, each in enumerate(answer if wanted and isinstance(answer, list) else ()):
        first = seen.setdefault(json.dumps(each, sort_keys=True), row)
        if first != row:
            yield (row,), f"it is the same as row {first + 1}."


def _ascending(chains: Sequence[Sequence[str]], answers: Any, schema: Mapping[str, Any]) -> _Found:
    """Our own keyword: the answers to these fields do not go back, in time or in number."""
    if not isinstance(answers, dict):
        return
    for low, high in (pair for chain in chains for pair in pairwise(chain)):
        start, end = answers.get(low), answers.get(high)
        title = schema["properties"][low]["title"]
        times = instant(start), instant(end)
        if times[0] and times[1] and times[1] < times[0]:
            yield (high,), f"{shown(end)} is before {title}, which is {shown(start)}."
        if isinstance(start, int) and isinstance(end, int) and end < start:
            yield (high,), f"{end} is less than {title}, which is {start}."


def _facets(names: Sequence[str], answers: Any, schema: Mapping[str, Any]) -> _Found:
    """Our own keyword: the parts of the dataset's id, in this order, say what the answers say."""
    dataset = answers.get("dataset") if isinstance(answers, dict) else None
    pattern = schema["properties"]["dataset"].get("pattern", "")
    if not isinstance(dataset, str) or any(_pattern(pattern, dataset, {})):
        return  # that is the fault to mend first
    for name, part in zip(names, dataset.split("."), strict=False):
        said = answers.get(name)
        several = [said] if isinstance(said, str) else said
        if isinstance(several, list) and part not in several:
            yield (name,), f"the id of the dataset says {part!r} here."


_RULES: Mapping[str, Callable[[Any, Any, Any], _Found]] = MappingProxyType(
    {
        "type": _type,
        "required": _required,
        "additionalProperties": _additional,
        "pattern": _pattern,
        "format": _format,
        "uniqueItems": _unique,
        "ascending": _ascending,
        "facets": _facets,
    }
)
BETWEEN_FIELDS = frozenset({"ascending", "facets"})
"""The keywords that hold answers against one another."""

_WORDS: Mapping[str, str] = MappingProxyType(  # for those that jsonschema judges
    {
        "enum": "{answer} is not one of the choices.",
        "const": "{answer} cannot be chosen here.",
        "minLength": "{answer} is too short; it takes {limit} characters.",
        "maxLength": "it is too long; at most {limit} characters are taken.",
        "minItems": "too few rows; there must be at least {limit}.",
        "maxItems": "too many rows; there may be at most {limit}.",
        "minimum": "{answer} is too small; it must be at least {limit}.",
        "maximum": "{answer} is too large; it must be at most {limit}.",
        "exclusiveMinimum": "{answer} is too small; it must be more than {limit}.",
        "exclusiveMaximum": "{answer} is too large; it must be less than {limit}.",
        "multipleOf": "{answer} is not a multiple of {limit}.",
    }
)


@cache
def _validator() -> Callable[[Mapping[str, Any]], Any]:
    from jsonschema import Draft202012Validator, ValidationError  # a second, when all is installed
    from jsonschema.validators import extend

    def keyword(rule: Callable[[Any, Any, Any], _Found]) -> Callable[..., Iterator[Any]]:
        def errors(_validator: object, asked: Any, answer: Any, schema: Any) -> Iterator[Any]:
            for path, words in rule(asked, answer, schema):
                yield ValidationError(words, path=path)

        return errors

    rules = {name: keyword(rule) for name, rule in _RULES.items()}
    typed: Callable[..., Callable[[Mapping[str, Any]], Any]] = extend  # its stub has no types
    return typed(Draft202012Validator, rules)


def _is(answer: object, kind: str) -> bool:
    is_so = isinstance(answer, _KINDS[kind][1])
    return is_so and (kind == "boolean" or not isinstance(answer, bool))


def _kind(answer: object) -> str:
    return next(words for kind, (words, _) in _KINDS.items() if _is(answer, kind))


def _to_the_end(pattern: str) -> str:
    """Let `$` mean the end, as JSON Schema has it: in Python a line break may follow."""
    return re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda found: found[1] or r"\Z", pattern)


def _schemas(part: object) -> Iterator[Mapping[str, Any]]:
    inside: Iterable[object] = part if isinstance(part, list) else ()
    if isinstance(part, Mapping):
        yield part
        inside = part.values()
    for inner in inside:
        yield from _schemas(inner)
