"""The command that serves the board, a read-only website for people who use no notebook."""

from typing import Annotated

import typer

import provstore
from provstore.cli.console import print_message
from provstore.cli.options import Directory, app
from provstore.errors import Refused


@app.command()
def board(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on; one other than localhost needs --token.")
    ] = "127.0.0.1",
    token: Annotated[
        str,
        typer.Option(
            envvar="PROVSTORE_BOARD_TOKEN",
            show_envvar=True,
            show_default=False,
            help="Secret that visitors must give.",
        ),
    ] = "",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address; open no browser.")
    ] = False,
    directory: Directory = None,
) -> None:
    """Serve the board: read-only web pages of the store.

    Press Ctrl-C to stop.
    """
    try:
        from provstore.web.board_server import serve
    except ImportError as error:
        advice = 'Install it: pip install "provstore[board]"'
        raise Refused(f"The board needs {error.name}.", advice) from error

    def announce(address: str) -> None:
        print_message("The board is at the address below. Press Ctrl-C to stop it.")
        typer.echo(address)

    with provstore.open(directory) as store:
        serve(store, announce, host=host, port=port, token=token, browser=not no_browser)
