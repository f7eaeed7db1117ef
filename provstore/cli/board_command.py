"""The command that serves the board: one read-only site for people who open no notebook."""

from typing import Annotated

import typer

import provstore
from provstore.cli.console import print_message
from provstore.cli.options import Directory, app
from provstore.errors import Refused


@app.command()
def board(
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 0,
    host: Annotated[
        str, typer.Option(help="Where to listen; elsewhere than here it takes a token.")
    ] = "127.0.0.1",
    token: Annotated[
        str,
        typer.Option(
            envvar="PROVSTORE_BOARD_TOKEN",
            show_envvar=True,
            show_default=False,
            help="What a visitor must know.",
        ),
    ] = "",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address.")
    ] = False,
    directory: Directory = None,
) -> None:
    """Serve the store as pages to search and read, until Ctrl-C."""
    try:
        from provstore.web.board_server import serve
    except ImportError as error:
        advice = 'Install it: pip install "provstore[board]"'
        raise Refused(f"To serve the board takes {error.name}.", advice) from error

    def announce(address: str) -> None:
        print_message("The board is at the address below; Ctrl-C ends it.")
        typer.echo(address)

    with provstore.open(directory) as store:
        serve(store, announce, host=host, port=port, token=token, browser=not no_browser)
