"""The command that searches the store for words."""

from dataclasses import replace
from typing import Annotated

import typer

import provstore
from provstore.cli.console import (
    FALLBACK_WIDTH,
    RowFormat,
    print_answer,
    print_data,
    print_message,
    print_receipt,
    terminal_width,
)
from provstore.cli.options import Directory, app, prints_rows
from provstore.prov.model.iris import Prefixes
from provstore.results.search_results import SearchResult
from provstore.results.text_lists import hit_lines

Words = Annotated[
    list[str] | None,
    typer.Argument(
        help="Words, 'prefix*' or '\"a phrase\"'; without them, list everything.",
        show_default=False,
    ),
]


@app.command()
@prints_rows
def search(
    words: Words = None,
    kind: Annotated[str, typer.Option(help="Only hits of this kind, such as Finding.")] = "",
    step: Annotated[str, typer.Option(help="Only hits of this step, such as quality.")] = "",
    project: Annotated[str, typer.Option(help="Only hits of this project, such as cordex.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of hits.")] = 20,
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """Search names, titles, comments, findings and ids.

    The best hits come first.
    """
    with provstore.open(directory) as store:
        query = " ".join(words or ())
        results = store.search(query, kind=kind, step=step, project=project, limit=limit)
        short = Prefixes(store.prefixes).short
    if rows.json:
        print_receipt(results, rows.json)
    elif results.hits and rows.is_table and not rows.table:
        lines = hit_lines(results.hits, terminal_width() or FALLBACK_WIDTH, short)
        print_data(None, "\n".join(lines), as_json=False)
        print_message(
            "\n".join([*(f"note: {note}" for note in results.remarks()), _facet_lines(results)])
        )
    elif results.hits or rows.csv:
        print_answer(replace(results.answer(), short=short), rows)
        print_message(_facet_lines(results))
    else:
        print_message("\n".join(["No hits.", *results.remarks()]))


def _facet_lines(results: SearchResult) -> str:
    """Format the number of hits for each value: a line for each facet, the largest number first."""
    return "\n".join(
        f"{name:<8} {', '.join(f'{value} {count}' for value, count in counts.items())}"
        for name, counts in results.facets.items()
        if counts
    )
