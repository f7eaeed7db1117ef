"""The table of commands names every command that there is, each where it is."""

import importlib
import pkgutil
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from provstore import cli
from provstore.cli import app, command_table

ROOT: Any = get_command(app)


def test_the_table_names_the_commands_that_the_modules_have() -> None:
    """In the order of the modules and in the order in which each module defines them."""
    for module in pkgutil.iter_modules(cli.__path__, "provstore.cli."):
        importlib.import_module(module.name)
    defined: dict[str, list[str]] = {}
    for entry in app.registered_commands:
        assert entry.callback
        module = entry.callback.__module__.rpartition(".")[2]
        defined.setdefault(module, []).append(entry.name or entry.callback.__name__)
    assert {name: tuple(commands) for name, commands in defined.items()} == command_table._MODULES
    assert [*ROOT.commands] == [name for names in command_table._MODULES.values() for name in names]
    assert len(ROOT.commands) == len(app.registered_commands)


def test_each_command_bears_its_name() -> None:
    for name, command in ROOT.commands.items():
        assert command.name == name
        assert ROOT.commands[name] is command


def test_a_command_that_is_not_there_is_refused_with_similar_names() -> None:
    done = CliRunner().invoke(app, ["sumbit"])
    assert done.exit_code == 2
    assert "No such command 'sumbit'" in done.output
    assert "submit" in done.output


def test_a_shell_completes_names_and_options() -> None:
    assert "submit" in completed("su")
    assert completed("--h") == {"--help"}
    assert "--json" in completed("check --j")


def completed(words: str) -> set[str]:
    """What a shell would offer after these words."""
    *before, last = words.split(" ")
    context = ROOT.make_context("provstore", [*before], resilient_parsing=True)
    command = ROOT
    for word in before:
        command = ROOT.commands[word]
        context = command.make_context(word, [], parent=context, resilient_parsing=True)
    return {item.value for item in command.shell_complete(context, last)}
