"""The profile of JSON Schema for form files, its check, and which fields of a form are asked.

In: a schema with all references resolved, and answers. Out: faults for authors of forms, names of
fields. Pure; knows no labels of fields and no files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provstore.projects.answer_formats import FORMATS
from provstore.projects.form_rules import anchor_end


def faults_of_schema(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the faults of the schema itself, for authors of forms."""
    from jsonschema import Draft202012Validator  # loads slowly, and few callers need it

    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
        yield f"{error.json_path}: {error.message}"
    for part in _schemas(schema):
        yield from _faults_of_choice(part)
        yield from _faults_of_personal(part)
        asked = part.get("format")
        if isinstance(asked, str) and asked not in FORMATS:
            yield f"There is no format {asked!r}. Known: {', '.join(FORMATS)}."
        try:
            re.compile(anchor_end(str(part.get("pattern", ""))))
        except re.error as error:
            yield f"The pattern {part['pattern']!r} cannot be read: {error}."
    chains = {word: schema.get(word, ()) for word in ("ascending", "belongs")}
    chains["formerly"] = [list(renamed.values()) for renamed in schema.get("formerly", {}).values()]
    for keyword, rows in chains.items():
        for name in (name for chain in rows for name in chain):
            if name not in schema["properties"]:
                yield f"{keyword} names {name!r}, which is not a field."
    yield from (
        f"Forms must not use the keyword {word!r}." for word in sorted(unknown_keywords(schema))
    )
    yield from _faults_of_conditions(schema)


PROFILE = frozenset(
    {
        "$schema", "$id", "title", "description", "version", "step", "type", "sections", "order",
        "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
        "uniqueItems", "enum", "const", "pattern", "format", "minLength", "maxLength", "minimum",
        "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "examples", "shape",
        "unit", "long", "personal", "vocabulary", "terms", "allOf", "if", "then", "else", "not",
        "oneOf",
        "ascending", "facets", "belongs", "named", "formerly",
    }
)  # fmt: skip
"""The keywords that a form file may use: those of JSON Schema that are checked, and our own.
All others are refused."""

PERSONAL = ("name", "email", "orcid", "text")
"""The kinds of personal answers: parts of a person, or a text in which people may be named."""


def unknown_keywords(part: Any) -> set[str]:
    """Return the keywords of a schema that are not in the profile."""
    if not isinstance(part, Mapping):
        return set()
    unknown = set(part) - PROFILE
    for word in ("items", "if", "then", "else", "not"):
        unknown |= unknown_keywords(part.get(word))
    for inner in (*part.get("properties", {}).values(), *part.get("allOf", ())):
        unknown |= unknown_keywords(inner)
    return unknown


def _faults_of_conditions(schema: Mapping[str, Any]) -> Iterator[str]:
    """Check that conditions have the shape that `asked_fields` understands."""
    known = set(schema.get("properties", {}))
    for rule in schema.get("allOf", ()):
        test = rule.get("if", {})
        fields = test.get("properties", {})
        plain = all(set(subschema) in ({"const"}, {"enum"}) for subschema in fields.values())
        if set(test) != {"required", "properties"} or set(test["required"]) != set(fields):
            yield "The `required` of a condition must list exactly the fields of its `properties`."
        elif not plain:
            yield "A condition must compare each field with one `const` or one `enum`."
        for branch in (rule.get("then", {}), rule.get("else", {})):
            closed = branch.get("properties", {})
            if set(branch) - {"required", "properties"} or any(
                subschema != {"not": {}} for subschema in closed.values()
            ):
                yield "The consequence of a condition must be `required`, or fields with `not: {}`."
            for name in sorted({*fields, *closed, *branch.get("required", ())} - known):
                yield f"A condition names {name!r}, which is not a field."
        if set(rule) - {"if", "then", "else"}:
            yield "A condition must consist of `if`, `then` and `else` only."


def _faults_of_choice(field: Mapping[str, Any]) -> Iterator[str]:
    """Check that `oneOf` is a choice with titles, so that people see what they choose."""
    choices = field.get("oneOf", [])
    if not all(
        isinstance(choice, Mapping) and set(choice) == {"const", "title"} for choice in choices
    ):
        yield "Each choice in `oneOf` must have a `const` and a `title` and nothing else."
    elif len({choice["const"] for choice in choices}) < len(choices):
        yield "A `oneOf` has the same `const` twice; neither could be chosen."
    if choices and (field.get("type") in ("object", "array", None) or "enum" in field):
        yield "A `oneOf` needs the type of a text or a number, and no `enum` beside it."


def _faults_of_personal(field: Mapping[str, Any]) -> Iterator[str]:
    """Check that `personal` stands at a text, with a word that is known."""
    kind = field.get("personal")
    if isinstance(kind, str) and kind not in PERSONAL:
        yield f"`personal` is {kind!r}. Known: {', '.join(PERSONAL)}."
    elif isinstance(kind, str) and field.get("type") != "string":
        yield "Only a field of the type `string` can be `personal`."


def asked_fields(
    schema: Mapping[str, Any], answers: Mapping[str, Any]
) -> tuple[set[str], set[str]]:
    """Return the fields that are asked with these answers, and those of them that are required.

    A condition reads: `if` some fields have certain values, `then` other fields are `required`,
    `else` these are not asked (`not: {}`); see JSON Schema 2020-12, 10.2.2.
    """
    open_now, needed = set(schema.get("properties", {})), set(schema.get("required", ()))
    for rule in schema.get("allOf", ()):
        tests = rule.get("if", {}).get("properties", {})
        holds = all(_holds(test, answers.get(name)) for name, test in tests.items())
        branch = rule.get("then" if holds else "else", {})
        needed |= set(branch.get("required", ()))
        open_now -= {name for name, part in branch.get("properties", {}).items() if "not" in part}
    return open_now, needed & open_now


def _holds(test: Mapping[str, Any], answer: object) -> bool:
    return answer in test["enum"] if "enum" in test else answer == test.get("const")


def _schemas(part: object) -> Iterator[Mapping[str, Any]]:
    inside: Iterable[object] = part if isinstance(part, list) else ()
    if isinstance(part, Mapping):
        yield part
        inside = part.values()
    for inner in inside:
        yield from _schemas(inner)
