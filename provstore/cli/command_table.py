"""The commands by their names; a module is loaded when one of its commands is asked for.

In: a name. Out: the command, as Typer makes it. It does not know what a command does.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info

from provstore.cli.options import app
from provstore.cli.plain_values import PlainCommand, plain_parameters

_MODULES = {
    "query_commands": ("ask", "cypher", "sparql", "lineage", "impact"),
    "board_command": ("board",),
    "form_commands": ("form",),
    "search_command": ("search",),
    "intake_commands": (
        "init", "submit", "report", "start", "finish", "import", "check", "formats",
        "convert",
    ),
    "store_commands": (
        "export", "status", "history", "rebuild", "verify", "checkpoint", "tour",
    ),
    "person_commands": ("redact", "amend"),
    "backup_commands": ("backup", "restore", "repair", "upgrade", "permissions"),
}  # fmt: skip
"""The commands of each module, in the order in which `--help` lists them."""
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


class _Commands(Mapping[str, TyperCommand]):
    """All commands; each of them is made when it is first looked up."""

    def __init__(self) -> None:
        self._made: dict[str, TyperCommand] = {}

    def __getitem__(self, name: str) -> TyperCommand:
        if name not in self._made:
            self._made[name] = _command(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in _HOMES

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


class CommandTable(TyperGroup):
    """The program: the group of all commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = cast(Any, _Commands())  # what Typer asks it for needs no more

    def get_params(self, ctx: Any) -> Any:
        """Return its parameters, and `--help`."""
        return plain_parameters(super().get_params(ctx))


def _command(name: str) -> TyperCommand:
    import_module(f"provstore.cli.{_HOMES[name]}")  # KeyError: there is no such command
    (entry,) = (
        entry
        for entry in app.registered_commands
        if name == (entry.name or (entry.callback and entry.callback.__name__))
    )
    entry.cls = PlainCommand
    command = get_command_from_info(entry, pretty_exceptions_short=True, rich_markup_mode=None)
    return cast(TyperCommand, command)
