"""The command that serves the board, a read-only website for people who use no notebook."""

from pathlib import Path
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
        str, typer.Option(help="Address to listen on; other than localhost, visitors need a token.")
    ] = "127.0.0.1",
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the secret that visitors must give; or set PROVSTORE_BOARD_TOKEN."
        ),
    ] = None,
    host_name: Annotated[
        list[str] | None,
        typer.Option(help="Name by which visitors reach the board, e.g. a proxy's; repeatable."),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address; open no browser.")
    ] = False,
    directory: Directory = None,
) -> None:
    """Serve the board: read-only web pages of the store.

    Press Ctrl-C to stop.
    """
    try:
        from provstore.web.access_token import read_token
        from provstore.web.board_server import TOKEN_VARIABLE, serve
    except ImportError as error:
        advice = 'Install it: pip install "provstore[board]"'
        raise Refused(f"The board needs {error.name}.", advice) from error

    token = read_token(token_file, TOKEN_VARIABLE)

    def announce(address: str) -> None:
        once = " Visitors add ?token= and the token once." if token else ""
        print_message(f"The board is at the address below.{once} Press Ctrl-C to stop it.")
        typer.echo(address)

    with provstore.open(directory) as store:
        serve(
            store,
            announce,
            host=host,
            port=port,
            token=token,
            names=host_name or (),
            browser=not no_browser,
        )
