"""The command that searches: words in, what holds them out."""

from typing import Annotated

import typer

import provstore
from provstore.cli.console import say, show_answer, show_reply
from provstore.cli.options import AsCsv, AsJson, AsTable, Directory, app
from provstore.results.search_results import SearchResult

Words = Annotated[
    list[str] | None,
    typer.Argument(help="Words, 'begin*', '\"a phrase\"'. Without: all.", show_default=False),
]


@app.command()
def search(
    words: Words = None,
    kind: Annotated[str, typer.Option(help="Only this kind, for example Finding.")] = "",
    step: Annotated[str, typer.Option(help="Only what this step names.")] = "",
    project: Annotated[str, typer.Option(help="Only this project, for example cordex.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many hits.")] = 20,
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Find things by the words in names, titles, comments, findings and ids; the best first."""
    with provstore.open(store) as held:
        asked = " ".join(words or ())
        found = held.search(asked, kind=kind, step=step, project=project, limit=limit)
    if as_json and not (as_csv or as_table):
        show_reply(found, as_json)
    elif found.hits or as_csv:
        show_answer(found.answer(), as_json=as_json, as_csv=as_csv, as_table=as_table)
        say(_facets(found))
    else:
        say("\n".join(["Nothing was found.", *found.remarks()]))


def _facets(found: SearchResult) -> str:
    """How much there is of what: a line for each facet, the most first."""
    return "\n".join(
        f"{name:<8} {', '.join(f'{value} {many}' for value, many in counts.items())}"
        for name, counts in found.facets.items()
        if counts
    )
