"""What the command line takes without Typer's judgement is what Typer would have taken."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.core import TyperCommand
from typer.main import get_command
from typer.testing import CliRunner

from provstore.cli import app
from provstore.cli.plain_values import JUDGE, PlainCommand, plain_value
from tests.properties import examples

ROOT: Any = get_command(app)
KINDS: tuple[Any, ...] = (str, int, Path, Literal["cypher", "both"], list[Path], list[str])


def judged(kind: Any, value: Any) -> Any:
    """What Typer itself makes of a value that can be left out; a refusal is `JUDGE`."""
    try:
        return option(kind).process_value(None, value)
    except typer.BadParameter:
        return JUDGE


@cache
def option(kind: Any) -> Any:
    def command(value: Any = None) -> None: ...

    command.__annotations__["value"] = kind | None
    program = typer.Typer(add_completion=False)
    program.command()(command)
    (made,) = get_command(program).params
    return made


@pytest.mark.parametrize("kind", KINDS, ids=str)
@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
@examples(40)
def test_a_plain_value_is_what_typer_makes_of_it(kind: Any, text: str) -> None:
    for each in (text, "both", "20", "/", str(Path(__file__))):
        value = (each, "x") if kind in (list[Path], list[str]) else each
        assert plain_value(kind, value) in (judged(kind, value), JUDGE)


def test_only_values_that_are_plain_are_taken() -> None:
    assert plain_value(int, "20") is JUDGE
    assert plain_value(Literal["cypher"], "Cypher") is JUDGE
    assert plain_value(list[int], ("1",)) is JUDGE
    assert plain_value(str, None) is JUDGE


def test_no_parameter_asks_for_more_than_its_kind() -> None:
    """A rule of a parameter, such as a path that must exist, is kept by Typer only."""
    for command in ROOT.commands.values():
        for parameter in command.params:
            info = parameter.type_descriptor.parameter_info
            rules = ("exists", "writable", "resolve_path", "allow_dash", "parser", "path_type")
            assert not any(getattr(info, rule, None) for rule in rules), parameter
            assert info.file_okay, parameter
            assert info.dir_okay, parameter
            assert parameter.callback is None, parameter


@pytest.mark.parametrize("words", [["search", "--limit", "x"], ["search", "--limit", "0"],
                                   ["convert", "a", "--to", "poem"], ["check"],
                                   ["ask", "--in", "Cypher"]], ids=" ".join)  # fmt: skip
def test_what_is_wrong_is_explained_as_typer_explains_it(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = CliRunner().invoke(app, words)
    monkeypatch.setattr(PlainCommand, "get_params", TyperCommand.get_params)
    judged = CliRunner().invoke(app, words)
    assert (here.exit_code, here.output) == (judged.exit_code, judged.output)
    assert here.exit_code == 2


def test_what_a_parameter_calls_is_called() -> None:
    """`--help` is a parameter that prints and stops."""
    for words in (["--help"], ["-h"], ["check", "--help"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0
        assert "Show this message and exit." in done.output
