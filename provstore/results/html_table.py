"""A table as HTML that is calm to read: short names for IRIs, one small line on where it is from.

In: columns and rows of cells, words. Out: HTML in which every text stays text. It knows neither
answers nor data frames, and no prefix: whoever has them hands in how an IRI is shortened.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import islice, repeat

from provstore.results.values import Cell, Iri, text

Short = Callable[[str], str]

SHOWN = 100
"""Rows that are shown of a long table; the others are counted."""
CHARACTERS = 1000
"""Characters that are shown of a long cell."""

_WEB = re.compile(r"https?://[^\s\"<>]+")

# Twice the class, so that it weighs more than what JupyterLab says of every table.
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
    """Whether a cell is an IRI, or a text that is nothing but a web address."""
    return isinstance(cell, Iri) or (isinstance(cell, str) and _WEB.fullmatch(cell) is not None)


def html_table(
    columns: Iterable[str], rows: Iterable[Sequence[Cell]], count: int,
    *, short: Short = str, said: Iterable[str] = (), below: Iterable[str] = (),
) -> str:  # fmt: skip
    """The first of `count` rows; above them a line of what is `said`, below them remarks."""
    names, held = list(columns), list(islice(rows, SHOWN))
    numeric = [_is_numeric([row[at] for row in held]) for at in range(len(names))]
    head = "".join(
        f'<th scope="col"{_NUMBER if number else ""}>{escape(name)}</th>'
        for name, number in zip(names, numeric, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_cell, row, numeric, repeat(short)))}</tr>" for row in held)
    rest = f"the first {SHOWN} are shown" if count > len(held) else ""
    above = escape(" · ".join(filter(None, [*said, rows_in_words(count), rest])))
    remarks = "".join(f"<p>{escape(one)}</p>" for one in below)
    table = ""
    if names:  # one that is scrolled can be scrolled by keyboard, too
        table = (
            f'<div class="pv-rows" tabindex="0" role="region" aria-label="{rows_in_words(count)}">'
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )
    return f'{STYLE}<div class="{_CLASSES}"><p class="pv-asked">{above}</p>{table}{remarks}</div>'


def rows_in_words(count: int) -> str:
    """`no rows`, `1 row`, `1,204 rows`."""
    return f"{count:,} row{'' if count == 1 else 's'}" if count else "no rows"


_CLASSES = "pv-answer tex2jax_ignore mathjax_ignore"
"""Dollars in cells and queries are dollars: MathJax must not take them for formulas."""
LINE = 36
"""Characters that are never broken into lines: times, names of ingests and steps."""
_LONG = ' class="pv-long"'
_NUMBER = ' class="pv-number"'


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_numeric(cells: Sequence[Cell]) -> bool:
    told = [cell for cell in cells if cell is not None]
    return bool(told) and all(map(_is_number, told))


def _cell(cell: Cell, number: bool, short: Short) -> str:
    full = text(cell)
    shown = short(full) if is_iri(cell) else full
    if len(shown) > CHARACTERS:
        shown = f"{shown[:CHARACTERS]}… ({len(full):,} characters)"
    inside = escape(shown)
    if shown != full and is_iri(cell):
        inside = f'<span title="{escape(full)}">{inside}</span>'
    kind = _NUMBER if number else _LONG if len(shown) > LINE else ""
    return f"<td{kind}>{inside}</td>"
