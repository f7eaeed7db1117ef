"""Lays out histories and search hits as lists for a terminal: a line for each, texts below it.

In: an answer or hits, and a width. Out: lines. It knows no stream.
"""

from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len

from provstore.results.answer import Answer
from provstore.results.cell_values import text
from provstore.results.search_results import Hit
from provstore.results.short_names import short_name
from provstore.results.terminal_text import visible
from provstore.results.text_table import padded, shortened_name, wrapped

INDENT = " " * 4
_BELOW = ("comment", "reason")


def history_lines(history: Answer, width: int) -> Iterator[str]:
    r"""Yield a line for each report: number, step, run, outcome, day, person; then its texts.

    >>> report = {"sequence": 1, "step": "review", "run": 2, "outcome": "ok", "person": "Ada",
    ...           "ended": "2026-01-12T10:00:00Z", "comment": "All good.", "reason": ""}
    >>> print("\n".join(history_lines(Answer.of([report]), 80)))
     1  review 2  ok  2026-01-12  Ada
        All good.
    """
    reports = [{name: visible(text(cell)) for name, cell in row.items()} for row in history]
    steps = [f"{report['step']} {report['run']}" for report in reports]
    widest = max(map(cell_len, steps), default=0)
    outcomes = max((cell_len(report["outcome"]) for report in reports), default=0)
    for step, report in zip(steps, reports, strict=True):
        day = report["ended"][:10] or f"began {report['started'][:10]}"
        parts = [f"{report['sequence']:>2}", padded(step, widest)]
        parts += [padded(report["outcome"], outcomes), day, report["person"]]
        yield "  ".join(parts).rstrip()
        for name in _BELOW:
            if report[name]:
                label = f"{name}: " if name == "reason" else ""
                yield from _indented(label + report[name], width)


def hit_lines(hits: Sequence[Hit], width: int, short: Callable[[str], str]) -> Iterator[str]:
    """Yield the kind and title of each hit; below it its name, its place and the matching text."""
    for hit in hits:
        title = visible(hit.title)
        yield f"{hit.kind}  {shortened_name(title, max(width - len(hit.kind) - 2, 8))}"
        name = visible(short_name(hit.iri, short))
        place = " ".join(filter(None, (hit.ingest, hit.step)))
        beside = [part for part in ("" if name == title else name, place) if part]
        yield from _indented(", ".join(beside), width)
        if hit.match not in ("", hit.title):
            yield from _indented(f"{hit.where}: {visible(hit.match)}", width)


def _indented(paragraph: str, width: int) -> Iterator[str]:
    if paragraph:
        yield from (INDENT + line for line in wrapped(paragraph, max(width - len(INDENT), 8)))
