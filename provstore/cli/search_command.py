"""The command that searches: words in, what holds them out."""

from typing import Annotated

import typer

import provstore
from provstore.cli.console import print_answer, print_message, print_receipt
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
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Find things by the words in names, titles, comments, findings and ids; the best first."""
    with provstore.open(directory) as store:
        query = " ".join(words or ())
        results = store.search(query, kind=kind, step=step, project=project, limit=limit)
    if as_json and not (as_csv or as_table):
        print_receipt(results, as_json)
    elif results.hits or as_csv:
        print_answer(results.answer(), as_json=as_json, as_csv=as_csv, as_table=as_table)
        print_message(_facet_lines(results))
    else:
        print_message("\n".join(["Nothing was found.", *results.remarks()]))


def _facet_lines(results: SearchResult) -> str:
    """How much there is of what: a line for each facet, the most first."""
    return "\n".join(
        f"{name:<8} {', '.join(f'{value} {count}' for value, count in counts.items())}"
        for name, counts in results.facets.items()
        if counts
    )
