"""The command for forms: lists, shows, prints, checks and serves them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from provstore.cli.completion_names import complete_form, complete_ingest
from provstore.cli.console import RowFormat, print_answer, print_data, print_message
from provstore.cli.options import Directory, app, prints_rows
from provstore.errors import Refused, UnknownName
from provstore.projects.forms import load_forms
from provstore.projects.workflow import check_has_step
from provstore.results.answer import Answer
from provstore.storage import settings

_ONLY_SERVING = "With --serve: "


@app.command()
@prints_rows
def form(
    name: Annotated[
        str | None,
        typer.Argument(
            help="Name of a form; without it, list all forms.", autocompletion=complete_form
        ),
    ] = None,
    blank: Annotated[
        bool, typer.Option("--blank", help="Print the form blank, to fill in.")
    ] = False,
    lint: Annotated[
        bool, typer.Option("--lint", help="List the faults in the form's definition.")
    ] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the form as a web page to fill in.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help=f"{_ONLY_SERVING}open no browser.")
    ] = False,
    port: Annotated[
        int, typer.Option(help=f"{_ONLY_SERVING}port to listen on; 0 picks a free one.")
    ] = 0,
    ingest: Annotated[
        str,
        typer.Option(
            help=f"{_ONLY_SERVING}the ingest to report on or to correct.",
            autocompletion=complete_ingest,
        ),
    ] = "",
    package: Annotated[
        Path | None,
        typer.Option(help=f"{_ONLY_SERVING}write packages to this folder; needs no store."),
    ] = None,
    user_header: Annotated[
        str, typer.Option(help=f"{_ONLY_SERVING}HTTP header in which a proxy names the user.")
    ] = "",
    host_name: Annotated[
        list[str] | None,
        typer.Option(help=f"{_ONLY_SERVING}name of a proxy by which visitors come; repeatable."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help=f"{_ONLY_SERVING}file with the secret that visitors must give; "
            "or set PROVSTORE_FORM_TOKEN."
        ),
    ] = None,
    base_url: Annotated[
        str, typer.Option(help=f"{_ONLY_SERVING}path prefix behind a proxy.")
    ] = "/",
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """List, show, print, check or serve forms."""
    forms = load_forms(settings.shipped("forms"))
    if name is None:
        listing = [
            {
                "name": listed.name,
                "step": listed.step,
                "version": listed.version,
                "title": listed.title,
            }
            for listed in forms.values()
        ]
        print_answer(Answer.of(listing), rows)
        return
    if name not in forms:
        raise UnknownName("form", name, forms)
    if serve:
        check_has_step(name)
        store_directory = settings.store_directory(directory)
        if package is None:
            settings.read_settings(store_directory)  # a missing store is an error now, not later
        _serve(
            {
                "form": name,
                "store": "" if package else str(store_directory.resolve()),
                "ingest": ingest,
                "folder": str((package or Path()).resolve()),
                "user_header": user_header,
            },
            token_file,
            port=port,
            names=host_name or (),
            base_url=base_url,
            browser=not no_browser,
        )
    elif lint:
        faults = forms[name].lint()
        lines = faults or (f"Form {name} conforms to the form profile, and its examples pass.",)
        print_data(
            [{"form": name, "fault": fault} for fault in faults], "\n".join(lines), rows.json
        )
        raise typer.Exit(code=bool(faults))
    elif blank:
        typer.echo(forms[name].blank(), nl=False)
    else:
        print_answer(Answer.of([field.record() for field in forms[name].fields]), rows)


def _serve(served: dict[str, str], token_file: Path | None, **options: Any) -> None:
    try:
        from provstore.notebook.form_server import TOKEN_VARIABLE, serve
        from provstore.notebook.visitor_form import ServedForm
        from provstore.web.access_token import read_token
    except ImportError as error:
        advice = 'Install it: pip install "provstore[notebook]"'
        raise Refused(f"Serving a form needs {error.name}.", advice) from error

    def announce(address: str) -> None:
        print_message(
            f"The form {served['form']} is at the address below. Press Ctrl-C to stop it."
        )
        typer.echo(address)

    token = read_token(token_file, TOKEN_VARIABLE)
    serve(ServedForm(**served), announce, token=token, **options)
