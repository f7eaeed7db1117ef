"""The command line: parses arguments, calls `ProvStore`, prints data to stdout, messages to stderr.

It contains no rules of its own. `__main__` prints errors and turns them into exit codes.
"""

from typing import Annotated

import typer

# `--help` lists the commands in this order:
# isort: off
from provstore.cli import query_commands
from provstore.cli import board_command
from provstore.cli import form_commands
from provstore.cli import search_command
from provstore.cli import intake_commands
from provstore.cli import store_commands
from provstore.cli import person_commands
from provstore.cli import backup_commands

# isort: on
from provstore.cli.options import app

__all__ = [
    "app", "backup_commands", "board_command", "form_commands", "intake_commands",
    "person_commands", "query_commands", "search_command", "store_commands",
]  # fmt: skip


@app.callback(invoke_without_command=True)
def _provstore(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """A data centre's memory of every data delivery."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"provstore {version_of('provstore')}")
        raise typer.Exit
