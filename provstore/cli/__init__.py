"""The command line: parses arguments, calls `ProvStore`, prints data to stdout, messages to stderr.

It contains no rules of its own. `__main__` prints errors and turns them into exit codes.
"""

from typing import Annotated

import typer

from provstore.cli.command_table import CommandTable
from provstore.cli.first_steps import how_to_begin
from provstore.cli.options import app
from provstore.storage import settings

__all__ = ["app"]


@app.callback(cls=CommandTable, invoke_without_command=True)
def _provstore(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """A data centre's memory of every data delivery."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"provstore {version_of('provstore')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(how_to_begin(settings.store_directory(None)))
