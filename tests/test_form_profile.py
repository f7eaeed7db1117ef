"""The profile of form files: what lint refuses, and which fields are asked."""

import json
from itertools import product
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from provstore.projects.form_profile import asked_fields, faults_of_schema
from provstore.projects.forms import Form, load_forms
from provstore.storage.settings import shipped

FORMS = load_forms(shipped("forms"))
CONDITIONAL = [form for form in FORMS.values() if "allOf" in form.schema]


def schema(**more: object) -> dict[str, Any]:
    text = {"title": "A", "description": "A.", "type": "string", "examples": ["x"]}
    return {"type": "object", "properties": {"a": text, "b": text}, **more}


X = {"const": "x", "title": "The first"}


def choice(*of: dict[str, Any]) -> dict[str, Any]:
    text = {"title": "A", "description": "A.", "type": "string", "examples": ["x"]}
    return schema(properties={"a": {**text, "oneOf": list(of)}})


def rule(**more: object) -> dict[str, Any]:
    when = {"required": ["a"], "properties": {"a": {"const": "x"}}}
    return schema(allOf=[{"if": when, "then": {"required": ["b"]}, **more}])


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_every_form_keeps_to_the_profile(form: Form) -> None:
    assert not list(faults_of_schema(form.schema))


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        (schema(anyOf=[{}]), "Forms must not use the keyword 'anyOf'."),
        (
            choice({"type": "integer"}),
            "Each choice in `oneOf` must have a `const` and a `title` and nothing else.",
        ),
        (choice(X, X), "A `oneOf` has the same `const` twice; neither could be chosen."),
        (
            schema(oneOf=[X]),
            "A `oneOf` needs the type of a text or a number, and no `enum` beside it.",
        ),
        (schema(dependentRequired={}), "Forms must not use the keyword 'dependentRequired'."),
        (schema(ascending=[["a", "c"]]), "ascending names 'c', which is not a field."),
        (schema(belongs=[["c", "a"]]), "belongs names 'c', which is not a field."),
        (rule(then={"required": ["c"]}), "A condition names 'c', which is not a field."),
        (
            rule(then={"properties": {"b": {"minLength": 3}}}),
            "The consequence of a condition must be `required`, or fields with `not: {}`.",
        ),
        (
            rule(**{"if": {"properties": {"a": {"const": "x"}}}}),
            "The `required` of a condition must list exactly the fields of its `properties`.",
        ),
        (
            rule(**{"if": {"required": ["a"], "properties": {"a": {"pattern": "x"}}}}),
            "A condition must compare each field with one `const` or one `enum`.",
        ),
        (rule(title="?"), "A condition must consist of `if`, `then` and `else` only."),
    ],
)
def test_what_the_profile_does_not_carry_is_named(faulty: dict[str, Any], fault: str) -> None:
    assert fault in list(faults_of_schema(faulty))


@pytest.mark.parametrize("form", CONDITIONAL, ids=lambda form: form.name)
def test_asked_says_what_json_schema_says_of_every_combination_of_choices(form: Form) -> None:
    """A field that is not asked is refused when it is there; one that is needed, when it is not."""
    tested = {
        name: [*test.get("enum", ()), *(test[k] for k in ("const",) if k in test), None, "other!"]
        for one in form.schema["allOf"]
        for name, test in one["if"]["properties"].items()
    }
    conditions = Draft202012Validator({"allOf": form.schema["allOf"]})
    names = [field.name for field in form.fields if field.name not in tested]
    for values in product(*tested.values()):
        chosen = {name: value for name, value in zip(tested, values, strict=True) if value}
        open_now, needed = asked_fields(form.schema, chosen)
        needed -= {field.name for field in form.fields if field.required}
        closed = set(names) - open_now
        whole = {**chosen, **dict.fromkeys(needed, 1)}
        assert conditions.is_valid(whole), json.dumps(chosen)
        assert not any(conditions.is_valid({**whole, name: 1}) for name in closed)
        for name in needed - set(tested):
            assert not conditions.is_valid({k: v for k, v in whole.items() if k != name})
