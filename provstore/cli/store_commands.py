"""Commands about the whole: export, state, views, proof, the tour."""

from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore.cli.console import (
    print_data,
    print_or_draw,
    print_receipt,
    write_picture,
    write_text,
)
from provstore.cli.options import (
    AsCsv,
    AsJson,
    AsTable,
    Directory,
    Html,
    Output,
    Svg,
    ViewName,
    app,
)
from provstore.prov.notations.notation_registry import Notation


@app.command()
def export(
    iri: Annotated[str | None, typer.Argument(help="An ingest, a bundle or a thing.")] = None,
    notation: Annotated[Notation, typer.Option("--format", help="The format.")] = "turtle",
    output: Output = None,
    directory: Directory = None,
) -> None:
    """Write the whole store, or one part of it, as PROV."""
    with provstore.open(directory) as store:
        write_text(store.export(iri, notation), output)


@app.command()
def status(
    ingest: Annotated[str | None, typer.Argument(help="Without: the whole store.")] = None,
    svg: Svg = None,
    html: Html = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say how the store is, and which view is behind; or where an ingest stands.

    Drawn, it is the board of all ingests, or the life of the one.
    """
    with provstore.open(directory) as store:
        if svg or html:
            write_picture(store.ingest(ingest).draw() if ingest else store.board(), svg, html)
            return
        print_receipt(store.ingest(ingest).status() if ingest else store.status(), as_json)


@app.command()
def history(
    ingest: Annotated[str, typer.Argument(help="For example cordex-0001.")],
    svg: Svg = None,
    html: Html = None,
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """List what was reported on an ingest, or draw it as a timeline with its loops."""
    with provstore.open(directory) as store:
        opened_ingest = store.ingest(ingest)
        print_or_draw(
            opened_ingest.history,
            opened_ingest.draw,
            svg,
            html,
            as_json=as_json,
            as_csv=as_csv,
            as_table=as_table,
        )


@app.command()
def rebuild(
    view: Annotated[ViewName | None, typer.Argument(help="Without: all.")] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Make a view anew from the journal."""
    with provstore.open(directory) as store:
        views = store.rebuild(view)
        print_data({"rebuilt": views}, f"Made anew: {', '.join(views)}.", as_json)


@app.command()
def verify(
    ingest: Annotated[
        str, typer.Argument(help="With --provenance: of this ingest alone.", show_default=False)
    ] = "",
    provenance: Annotated[
        bool, typer.Option("--provenance", help="Also check all bundles together (W3C PROV).")
    ] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Walk the journal from its first entry to its last and say whether all is as written."""
    with provstore.open(directory) as store:
        verification = store.verify(ingest, provenance=provenance)
        print_receipt(verification, as_json)
        if verification.problems:
            raise typer.Exit(1)


@app.command()
def tour(
    keep: Annotated[Path | None, typer.Option(help="Leave the store there to play with.")] = None,
) -> None:
    """See the whole story on example data, in a scratch directory."""
    from provstore.cli.tour import tour as run_tour

    run_tour(keep)
