"""Commands about the whole: export, state, views, proof, the tour."""

from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore.cli.console import show, show_or_draw, show_picture, show_reply, write
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
from provstore.prov.notations.registry import Notation


@app.command()
def export(
    iri: Annotated[str | None, typer.Argument(help="An ingest, a bundle or a thing.")] = None,
    notation: Annotated[Notation, typer.Option("--format", help="The format.")] = "turtle",
    output: Output = None,
    store: Directory = None,
) -> None:
    """Write the whole store, or one part of it, as PROV."""
    with provstore.open(store) as held:
        write(held.export(iri, notation), output)


@app.command()
def status(
    ingest: Annotated[str | None, typer.Argument(help="Without: the whole store.")] = None,
    svg: Svg = None,
    html: Html = None,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say how the store is, and which view is behind; or where an ingest stands.

    Drawn, it is the board of all ingests, or the life of the one.
    """
    with provstore.open(store) as held:
        if svg or html:
            show_picture(held.ingest(ingest).draw() if ingest else held.board(), svg, html)
            return
        show_reply(held.ingest(ingest).status() if ingest else held.status(), as_json)


@app.command()
def history(
    ingest: Annotated[str, typer.Argument(help="For example cordex-0001.")],
    svg: Svg = None,
    html: Html = None,
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """List what was reported on an ingest, or draw it as a timeline with its loops."""
    with provstore.open(store) as held:
        one = held.ingest(ingest)
        show_or_draw(one.history, one.draw, svg, html,
                     as_json=as_json, as_csv=as_csv, as_table=as_table)  # fmt: skip


@app.command()
def rebuild(
    view: Annotated[ViewName | None, typer.Argument(help="Without: all.")] = None,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Make a view anew from the journal."""
    with provstore.open(store) as held:
        done = held.rebuild(view)
        show({"rebuilt": done}, f"Made anew: {', '.join(done)}.", as_json)


@app.command()
def verify(
    ingest: Annotated[
        str, typer.Argument(help="With --provenance: of this ingest alone.", show_default=False)
    ] = "",
    provenance: Annotated[
        bool, typer.Option("--provenance", help="Also check all bundles together (W3C PROV).")
    ] = False,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Walk the journal from its first entry to its last and say whether all is as written."""
    with provstore.open(store) as held:
        found = held.verify(ingest, provenance=provenance)
        show_reply(found, as_json)
        if found.problems:
            raise typer.Exit(1)


@app.command()
def tour(
    keep: Annotated[Path | None, typer.Option(help="Leave the store there to play with.")] = None,
) -> None:
    """See the whole story on example data, in a scratch directory."""
    from provstore.cli.tour import tour as show

    show(keep)
