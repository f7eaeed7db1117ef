"""Renders a table as HTML: short names for IRIs, and a caption of one line.

In: columns, rows of cells, captions. Out: HTML in which all text is escaped. It knows neither
answers nor data frames nor prefixes: the caller passes the function that shortens IRIs.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import islice, repeat

from provstore.results.cell_values import Cell, Iri, text

Shortener = Callable[[str], str]

ROWS_SHOWN = 100
"""The rows shown of a long table; the rest is only counted."""
CHARACTERS_SHOWN = 1000
"""The characters shown of a long cell."""

_WEB = re.compile(r"https?://[^\s\"<>]+")

# The doubled class makes these rules more specific than the table styles of JupyterLab.
STYLE = """<style>
.pv-answer .pv-rows { max-height: 34em; max-width: 100%; overflow: auto; margin: .2em 0 .4em;
  width: fit-content; }
.pv-answer.pv-answer table { border-collapse: separate; border-spacing: 0; margin: 0; }
.pv-answer p { margin: .2em 0; font-size: .92em; }
.pv-answer .pv-asked { color: var(--jp-ui-font-color2, #595959); }
.pv-answer.pv-answer table th, .pv-answer.pv-answer table td { text-align: left;
  vertical-align: top; padding: .25em 1.2em .25em 0; white-space: pre; background: none; }
.pv-answer.pv-answer table td.pv-long { white-space: pre-wrap; overflow-wrap: break-word;
  max-width: 36em; }
.pv-answer.pv-answer table tbody td { border-bottom: 1px solid var(--jp-border-color2, #e0e0e0); }
.pv-answer.pv-answer table thead th { position: sticky; top: 0; font-weight: 600;
  border-bottom: 1px solid currentColor; background: var(--jp-layout-color0, #fff); }
.pv-answer.pv-answer table td.pv-number, .pv-answer.pv-answer table th.pv-number {
  text-align: right; font-variant-numeric: tabular-nums; }
.pv-answer span[title] { cursor: help; }
</style>"""


def is_iri(cell: object) -> bool:
    """Whether a cell is an IRI, or a text that is only a web address."""
    return isinstance(cell, Iri) or (isinstance(cell, str) and _WEB.fullmatch(cell) is not None)


def html_table(
    columns: Iterable[str],
    rows: Iterable[Sequence[Cell]],
    count: int,
    *,
    short: Shortener = str,
    caption: Iterable[str] = (),
    remarks: Iterable[str] = (),
) -> str:
    """Render the first of `count` rows, with `caption` in one line above and `remarks` below."""
    names, shown = list(columns), list(islice(rows, ROWS_SHOWN))
    numeric = [_is_numeric([row[at] for row in shown]) for at in range(len(names))]
    head = "".join(
        f'<th scope="col"{_NUMBER if number else ""}>{escape(name)}</th>'
        for name, number in zip(names, numeric, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_cell, row, numeric, repeat(short)))}</tr>" for row in shown)
    rest = f"the first {ROWS_SHOWN} are shown" if count > len(shown) else ""
    above = escape(" · ".join(filter(None, [*caption, row_count_text(count), rest])))
    paragraphs = "".join(f"<p>{escape(remark)}</p>" for remark in remarks)
    table = ""
    if names:  # focusable, so that the keyboard can scroll it
        table = (
            f'<div class="pv-rows" tabindex="0" role="region" aria-label="{row_count_text(count)}">'
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )
    return (
        f'{STYLE}<div class="{_CLASSES}"><p class="pv-asked">{above}</p>{table}{paragraphs}</div>'
    )


def row_count_text(count: int) -> str:
    """`no rows`, `1 row`, `1,204 rows`."""
    return f"{count:,} row{'' if count == 1 else 's'}" if count else "no rows"


_CLASSES = "pv-answer tex2jax_ignore mathjax_ignore"
"""MathJax must not read dollar signs in cells and queries as formulas."""
CHARACTERS_UNBROKEN = 36
"""Shorter texts never wrap: times, names of ingests and steps."""
_LONG = ' class="pv-long"'
_NUMBER = ' class="pv-number"'


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_numeric(cells: Sequence[Cell]) -> bool:
    present = [cell for cell in cells if cell is not None]
    return bool(present) and all(map(_is_number, present))


def _cell(cell: Cell, number: bool, short: Shortener) -> str:
    full = text(cell)
    shown = short(full) if is_iri(cell) else full
    if len(shown) > CHARACTERS_SHOWN:
        shown = f"{shown[:CHARACTERS_SHOWN]}… ({len(full):,} characters)"
    inside = escape(shown)
    if shown != full and is_iri(cell):
        inside = f'<span title="{escape(full)}">{inside}</span>'
    kind = _NUMBER if number else _LONG if len(shown) > CHARACTERS_UNBROKEN else ""
    return f"<td{kind}>{inside}</td>"
