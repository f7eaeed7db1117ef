"""Options and parameters of a magic: what is read, what is refused, and with which advice."""

from datetime import UTC, datetime
from typing import Any

import numpy
import pandas
import pytest

from provstore.errors import BadParameter, UnknownName
from provstore.notebook.magic_line import (
    bind_parameters,
    parse_query_line,
    parse_question_line,
    to_cell,
)
from provstore.results.cell_values import Iri

HERE = {"city": "Hamburg", "numbers": [1, 2]}


def evaluate(text: str) -> object:
    return eval(text, {}, dict(HERE))


def test_options_stand_before_the_query_and_the_target_behind_it() -> None:
    read = parse_query_line("-p a=city -p b='x y' -o got MATCH (n) RETURN n", evaluate)
    assert (read.values, read.target, read.text) == (
        {"a": "Hamburg", "b": "x y"},
        "got",
        "MATCH (n) RETURN n",
    )
    read = parse_query_line("-p a=numbers[1] >> got", evaluate)
    assert (read.values, read.target, read.text) == ({"a": 2}, "got", "")


def test_a_question_has_parameters_options_and_a_target() -> None:
    read = parse_question_line(
        "who --thing 'a b' --in both -p other=city --days=3 >> got", evaluate
    )
    assert (read.text, read.target) == ("who", "got")
    assert read.options == {"thing": "a b", "in": "both", "days": "3"}
    assert read.values == {"other": "Hamburg"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-x 3", "Unknown option: -x"),
        ("-p", "needs a value"),
        ("-p a", "sets no parameter"),
        ("-p a=nothing", "NameError"),
        ("-o 3a", "is not a Python name"),
        (">> a.b", "is not a Python name"),
        ("--thing", "needs a value"),
        ("who --thing x what", "Unexpected text"),
        ("who 'open", "Unexpected text"),
    ],
)
def test_a_slip_is_named(line: str, why: str) -> None:
    with pytest.raises(BadParameter, match=why):
        parse_question_line(line, evaluate)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (numpy.int64(3), 3),
        (numpy.bool_(True), True),
        (pandas.Timestamp("2026-03-02T10:00Z"), datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (pandas.Series([1, 2]), [1, 2]),
        (("a", Iri("urn:x")), ["a", "urn:x"]),
        (Iri("urn:x"), Iri("urn:x")),
    ],
)
def test_values_of_numpy_and_pandas_are_parameters_too(value: Any, cell: object) -> None:
    read = to_cell("x", value)
    assert read == cell
    assert type(read) is type(cell)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (datetime(2026, 3, 2), "without a time zone"),
        (2**63, "fit in 64 bits"),
        (object(), "of type object"),
        (None, "of type NoneType"),
        ([[1], object()], "of type object"),
        (pandas.DataFrame({"a": [1]}), "of type DataFrame"),
        (pandas.NaT, "has no value"),
        (float("nan"), "has no value"),
    ],
)
def test_what_no_engine_takes_is_refused(value: object, why: str) -> None:
    with pytest.raises(BadParameter, match=why):
        to_cell("x", value)


def test_a_parameter_is_what_is_given_or_else_the_variable_of_its_name() -> None:
    found = dict(bind_parameters(["city", "x"], {"x": 1}, HERE, strict=True))
    assert found == {"city": "Hamburg", "x": 1}
    assert dict(bind_parameters(["y"], {}, HERE, strict=False)) == {}
    with pytest.raises(UnknownName, match="Did you mean 'city'"):
        dict(bind_parameters(["citty"], {}, HERE, strict=True))
    with pytest.raises(UnknownName, match="parameter of this query"):
        dict(bind_parameters(["city"], {"ciy": 1}, HERE, strict=True))
