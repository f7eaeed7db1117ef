"""Checks Cypher queries, and converts parameters and results.

In: a query, a parameter, a value of the driver. Out: a checked query, an encoded parameter, a cell.
It opens no connection.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from provstore.errors import BadQuery
from provstore.results.cell_values import Cell, Iri, time_text
from provstore.views.graph.bolt_driver import graph, time

_WORD = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\$(?P<parameter>\w+)
        |(?P<word>\w+)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_REFUSED = {
    ("LOAD", "CSV"): "files and other servers",
    ("TERMINATE", "TRANSACTION"): "other transactions",
    ("TERMINATE", "TRANSACTIONS"): "other transactions",
}
"""The clauses that engines allow in a read-only transaction and provstore does not."""


_PLAIN = frozenset({str, int, float, bool, type(None)})


def refuse_outside_access(text: str) -> None:
    """Refuse a query that accesses more than this graph.

    Raises:
        BadQuery: the query has a clause that accesses files, other servers or other transactions.

    """
    for variant in {text, _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)}:
        words = [token["word"].upper() for token in _WORD.finditer(variant) if token["word"]]
        for pair in pairwise(words):
            if pair in _REFUSED:
                message = f"{' '.join(pair)} is not allowed: a query must not access "
                raise BadQuery(f"{message}{_REFUSED[pair]}.", "Remove this clause.")


def parameter_names(text: str) -> list[str]:
    """Return the parameters of a query, in order of appearance."""
    names = (token["parameter"] for token in _WORD.finditer(text) if token["parameter"])
    return list(dict.fromkeys(names))


def encode_parameter(value: Cell) -> Cell:
    """Encode a parameter for both engines: IRIs and times become texts."""
    if isinstance(value, datetime):
        return time_text(value)  # the built-in engine would drop the time zone
    if isinstance(value, list):
        return [encode_parameter(part) for part in value]
    return str(value) if isinstance(value, Iri) else value


def read_row(row: tuple[Any, ...]) -> tuple[Cell, ...]:
    """Convert a row of the driver; most rows need no conversion."""
    return tuple(row) if _PLAIN.issuperset(map(type, row)) else tuple(map(read_value, row))


def read_value(value: Any) -> Cell:
    """Convert a value of the driver to a cell; nodes and paths become plain structures."""
    if isinstance(value, time.DateTime):
        return value.to_native()
    if isinstance(value, time.Duration):
        return _duration(value)
    if isinstance(value, time.Date | time.Time):
        return str(value.iso_format())
    if isinstance(value, graph.Node):
        return {"labels": [*sorted(value.labels)], **{k: read_value(v) for k, v in value.items()}}
    if isinstance(value, graph.Relationship):
        return {"type": value.type, **{k: read_value(v) for k, v in value.items()}}
    if isinstance(value, graph.Path):
        pairs = zip(value.nodes, [*value.relationships, None], strict=True)
        return [read_value(part) for pair in pairs for part in pair if part is not None]
    if isinstance(value, list):
        return [read_value(part) for part in value]
    if isinstance(value, dict):
        return {str(k): read_value(v) for k, v in value.items()}
    return cast("Cell", value)


def _duration(value: time.Duration) -> Cell:
    if value.months:
        return value.iso_format()
    return timedelta(days=value.days, seconds=value.seconds, microseconds=value.nanoseconds / 1000)


def plan_lines(plan: Mapping[str, Any]) -> list[str]:
    """Format a plan line by line: as drawn by the engine, or as a tree of operators."""
    drawn = plan.get("args", {}).get("string-representation")
    return str(drawn).strip().splitlines() if drawn else list(_operators(plan, 0))


def _operators(plan: Mapping[str, Any], depth: int) -> Iterator[str]:
    arguments = plan.get("args", {})
    name = str(plan.get("operatorType", "")).partition("@")[0]
    rows = f" (about {arguments['EstimatedRows']:g} rows)" if "EstimatedRows" in arguments else ""
    yield f"{'  ' * depth}{name} {arguments.get('Details', '')}".rstrip() + rows
    for child in plan.get("children", ()):
        yield from _operators(child, depth + 1)


def plain_message(error: Exception) -> str:
    """Return the engine's message without blank lines; a mark below a line of the query is kept."""
    message = str(getattr(error, "message", None) or error)
    return "\n".join(line.rstrip() for line in message.strip().splitlines() if line.strip())
