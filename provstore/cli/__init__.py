"""The command line: parses arguments, calls `ProvStore`, prints data to stdout, messages to stderr.

It contains no rules of its own. `__main__` prints errors and turns them into exit codes.
"""

from typing import Annotated

import typer

from provstore.cli.command_table import CommandTable
from provstore.cli.options import app

__all__ = ["app"]


@app.callback(cls=CommandTable, invoke_without_command=True)
def _provstore(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """A data centre's memory of every data delivery."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"provstore {version_of('provstore')}")
        raise typer.Exit
