"""The command line: arguments in, calls to `ProvStore`, data on stdout and messages on stderr.

It knows no rule of the house itself; what goes wrong is said, and turned into an exit code, by
`__main__`.
"""

from typing import Annotated

import typer

from provstore.cli.options import app

# In the order in which `--help` lists the commands.
# isort: off
from provstore.cli import (
    query_commands,
    board_command,
    form_commands,
    search_command,
    intake_commands,
    store_commands,
)

# isort: on

__all__ = [
    "app", "board_command", "form_commands", "intake_commands", "query_commands", "search_command",
    "store_commands",
]  # fmt: skip


@app.callback(invoke_without_command=True)
def _provstore(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A data centre's memory of every data delivery."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"provstore {version_of('provstore')}")
        raise typer.Exit
