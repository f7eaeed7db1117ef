"""The commands for a whole store: export, status, history, rebuild, verify, checkpoint, tour."""

import json
from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore.cli.completion_names import complete_ingest
from provstore.cli.console import (
    FALLBACK_WIDTH,
    RowFormat,
    print_data,
    print_message,
    print_or_draw,
    print_receipt,
    terminal_width,
    write_picture,
    write_text,
)
from provstore.cli.options import (
    FORMAT,
    FORMATS,
    AsJson,
    Directory,
    Html,
    IngestName,
    Output,
    Svg,
    ViewName,
    app,
    prints_rows,
)
from provstore.cli.progress_display import show_progress
from provstore.errors import Problem, Refused
from provstore.prov.notations import Notation
from provstore.results.text_lists import history_lines
from provstore.storage import settings

INEXPRESSIBLE = "PS-REFUSED-INEXPRESSIBLE"


@app.command()
def export(
    iri: Annotated[str | None, typer.Argument(help="An ingest, a bundle or an element.")] = None,
    notation: Annotated[
        Notation, typer.Option("--format", metavar=FORMAT, help=f"Format to write: {FORMATS}.")
    ] = "turtle",
    sound: Annotated[
        bool,
        typer.Option("--sound", help="Leave out damaged bundles, and list them on stderr."),
    ] = False,
    expressible: Annotated[
        bool,
        typer.Option(
            "--expressible",
            help="Leave out bundles that the format cannot express, and list them on stderr.",
        ),
    ] = False,
    output: Output = None,
    directory: Directory = None,
) -> None:
    """Export the store, or a part of it, as PROV.

    A damaged store is exported only with --sound.
    """
    left_out: list[Problem] = []
    with provstore.open(directory) as store:
        text = store.export(
            iri, notation, sound=sound, expressible=expressible, left_out=left_out.append
        )
        try:
            write_text(text, output)
        except Refused as error:
            if error.code == INEXPRESSIBLE:
                error.advice = f"{error.advice} Or leave such bundles out: --expressible."
            raise
    for problem in left_out:
        print_message(f"note: left out: {problem}")


@app.command()
def status(
    ingest: Annotated[
        str | None,
        typer.Argument(help="Without it, the whole store.", autocompletion=complete_ingest),
    ] = None,
    svg: Svg = None,
    html: Html = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show the state of the store or of an ingest.

    The picture (--svg, --html) is a board of all ingests, or the ingest's timeline.
    """
    with provstore.open(directory) as store:
        if svg or html:
            write_picture(store.ingest(ingest).draw() if ingest else store.board(), svg, html)
            return
        print_receipt(store.ingest(ingest).status() if ingest else store.status(), as_json)


@app.command()
@prints_rows
def history(
    ingest: IngestName,
    svg: Svg = None,
    html: Html = None,
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """List an ingest's reports, or draw them as a timeline."""
    with provstore.open(directory) as store:
        opened_ingest = store.ingest(ingest)
        if rows.is_table and not (rows.table or svg or html):
            lines = history_lines(opened_ingest.history(), terminal_width() or FALLBACK_WIDTH)
            print_data(None, "\n".join(lines), as_json=False)
        else:
            print_or_draw(opened_ingest.history, opened_ingest.draw, svg, html, rows)


@app.command()
def rebuild(
    view: Annotated[ViewName | None, typer.Argument(help="Without it, all views.")] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Rebuild views from the journal."""
    with provstore.open(directory) as store:
        views = store.rebuild(view)
        print_data({"rebuilt": views}, f"Rebuilt: {', '.join(views)}.", as_json)


@app.command()
def verify(
    ingest: Annotated[
        str,
        typer.Argument(
            help="With --provenance: check only this ingest.",
            show_default=False,
            autocompletion=complete_ingest,
        ),
    ] = "",
    provenance: Annotated[
        bool,
        typer.Option("--provenance", help="Also check all bundles against W3C PROV-CONSTRAINTS."),
    ] = False,
    views: Annotated[
        bool, typer.Option("--views", help="Also compare the views with the journal.")
    ] = False,
    public_key: Annotated[
        Path | None,
        typer.Option(
            "--public-key", metavar="FILE", help="Check signatures of checkpoints with this key."
        ),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Verify that no entry of the journal has changed.

    The hash chain is recomputed from the first entry to the last, and compared
    with all checkpoints. Attachments, settings and the outbox are checked, too.
    A backup is verified like a store.
    """
    with provstore.open(directory) as store:
        with show_progress("verifying"):
            verification = store.verify(
                ingest, provenance=provenance, views=views, public_key=public_key
            )
        print_receipt(verification, as_json)
        if verification.problems:
            raise typer.Exit(1)


@app.command()
def checkpoint(
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", metavar="FILE", help="Make a key for signing, and stop."),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Record the last entry of the journal outside of it.

    A checkpoint is written next to the journal, and to the places in
    [checkpoints] in provstore.toml.
    """
    if new_key:
        _make_key(new_key.resolve(), directory, as_json)
        return
    with provstore.open(directory) as store:
        print_receipt(store.checkpoint(), as_json)


def _make_key(file: Path, directory: Path | None, as_json: bool) -> None:
    from provstore.storage import signing

    store = settings.store_directory(directory).resolve()
    if store in file.parents:
        raise Refused(
            f"{file} lies inside the store {store}.",
            "Keep the key elsewhere: whoever can change the store must not be able to sign.",
        )
    public_key = signing.new_key(file)
    lines = [f"Wrote {file}. Add to provstore.toml:", "", "[checkpoints]"]
    lines += [f"key = {json.dumps(str(file))}", f'public_key = "{public_key}"']
    key = {"key": str(file), "public_key": public_key, "id": signing.key_id(public_key)}
    print_data(key, "\n".join(lines), as_json)


@app.command()
def tour(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the example store in this new directory.")
    ] = None,
) -> None:
    """Run an example from the first form to the last query.

    It uses a temporary store.
    """
    from provstore.cli.tour import tour as run_tour

    run_tour(keep)
