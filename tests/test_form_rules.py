"""Our walk through a form's schema finds what `jsonschema` finds, where our rules are not stricter.

The judge is `jsonschema`'s Draft 2020-12 validator, with those of our rules put in its place that
JSON Schema lacks or that are stricter on purpose.
"""

import copy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from provstore.projects import form_rules
from provstore.projects.form_profile import PROFILE
from provstore.projects.forms import Form, load_forms
from provstore.storage.settings import shipped
from tests.properties import examples

OURS = ("type", "required", "additionalProperties", "pattern", "format", "uniqueItems", "not")
"""Rules of JSON Schema that are stricter here, or name their place more closely."""
FORMS = load_forms(shipped("forms"))


@cache
def judge() -> Callable[[Mapping[str, Any]], Any]:
    def keyword(rule: Callable[[Any, Any, Any], Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def errors(_validator: object, asked: Any, answer: Any, schema: Any) -> Iterator[Any]:
            for path, words in rule(asked, answer, schema):
                yield ValidationError(words, path=path)

        return errors

    replaced = (*OURS, *form_rules.BETWEEN_FIELDS)
    typed: Callable[..., Callable[[Mapping[str, Any]], Any]] = extend
    return typed(
        Draft202012Validator, {name: keyword(form_rules._RULES[name]) for name in replaced}
    )


def assert_agree(schema: Mapping[str, Any], answers: object) -> int:
    ours = [(fault.path, fault.keyword) for fault in form_rules.faults_of_answers(schema, answers)]
    theirs = [
        (tuple(error.absolute_path), error.validator)
        for error in judge()(schema).iter_errors(answers)
    ]
    assert ours == theirs
    return len(ours)


WRONG = [None, True, 0, -1, 3.5, 10**6, "", "x", "ok", "warning", " ", "a" * 3000, [], [1, 1], {}]


def places(answers: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in the answers."""
    yield path
    inside = answers.items() if isinstance(answers, dict) else ()
    rows = enumerate(answers) if isinstance(answers, list) else ()
    for step, each in (*inside, *rows):
        yield from places(each, (*path, step))


def changed(answers: Any, path: tuple[Any, ...], value: object) -> Any:
    """A copy of the answers with another value at one place."""
    if not path:
        return value
    copied = copy.copy(answers)
    copied[path[0]] = changed(answers[path[0]], path[1:], value)
    return copied


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
@examples(25)
@given(data=st.data())
def test_the_verdict_on_wrong_answers_to_every_form_is_that_of_jsonschema(
    form: Form, data: st.DataObject
) -> None:
    answers: Any = form.example()
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.sampled_from([*places(answers)]))
        answers = changed(answers, place, data.draw(st.sampled_from(WRONG)))
    if isinstance(answers, dict) and answers and data.draw(st.booleans()):
        answers.pop(data.draw(st.sampled_from([*answers])))
    assert_agree(form.schema, answers)


@pytest.mark.parametrize(
    ("schema", "answer", "faults"),
    [
        ({"enum": [1, "a"]}, True, 1),
        ({"enum": [1, "a"]}, 1, 0),
        ({"const": 0}, False, 1),
        ({"oneOf": [{"const": "a", "title": "A"}]}, "b", 1),
        ({"minLength": 2}, "é", 1),
        ({"maxLength": 2}, "abc", 1),
        ({"minLength": 2}, 1, 0),
        ({"minItems": 1}, [], 1),
        ({"maxItems": 1}, [1, 2], 1),
        ({"minimum": 1}, 0, 1),
        ({"minimum": 1}, True, 0),
        ({"maximum": 1}, 1.5, 1),
        ({"exclusiveMinimum": 1}, 1, 1),
        ({"exclusiveMaximum": 1}, 1, 1),
        ({"multipleOf": 3}, 7, 1),
        ({"multipleOf": 0.5}, 7.5, 0),
        ({"items": {"minimum": 1}}, [0, 1, 0], 2),
        ({"properties": {"a": {"properties": {"b": {"const": 1}}}}}, {"a": {"b": 2}}, 1),
        (
            {
                "allOf": [
                    {
                        "if": {"required": ["a"], "properties": {"a": {"const": 1}}},
                        "then": {"required": ["b"]},
                        "else": {"properties": {"b": {"not": {}}}},
                    }
                ]
            },
            {"a": 2, "b": 1},
            1,
        ),
    ],
)
def test_a_keyword_judges_as_jsonschema_does(
    schema: Mapping[str, Any], answer: object, faults: int
) -> None:
    assert assert_agree(schema, answer) == faults


def test_every_keyword_of_the_profile_that_can_judge_does() -> None:
    judging = {*Draft202012Validator.VALIDATORS} & PROFILE
    assert judging <= form_rules._RULES.keys() | form_rules._APPLICATORS.keys()


CHECK = """
import sys
from provstore import projects
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped
form = load_forms(shipped("forms"))["generic"]
form.check(form.example())
print(sorted({name.partition(".")[0] for name in sys.modules} & {"jsonschema", "rfc3987_syntax"}))
"""


def test_checking_a_form_does_not_load_jsonschema_with_its_slow_formats() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
