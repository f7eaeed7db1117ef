"""The rim of Cypher: which texts are let through, and what the driver's values are as cells.

In: a query, a parameter, a value of the driver. Out: the same, safe and plain. It opens nothing.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from neo4j import graph, time

from provstore.errors import BadQuery
from provstore.results.cell_values import Cell, Iri, time_text

_WORD = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\$(?P<parameter>\w+)
        |(?P<word>\w+)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_REFUSED = {
    ("LOAD", "CSV"): "files and other servers",
    ("TERMINATE", "TRANSACTION"): "the work of others",
    ("TERMINATE", "TRANSACTIONS"): "the work of others",
}
"""What engines allow in a transaction that may only read, and we do not."""


_PLAIN = frozenset({str, int, float, bool, type(None)})


def refuse_outside_access(text: str) -> None:
    """Let a query through that stays within this graph.

    Raises:
        BadQuery: it would touch more than the graph.

    """
    for variant in {text, _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)}:
        words = [token["word"].upper() for token in _WORD.finditer(variant) if token["word"]]
        for pair in pairwise(words):
            if pair in _REFUSED:
                message = f"{' '.join(pair)} is refused: a query here does not touch "
                raise BadQuery(f"{message}{_REFUSED[pair]}.", "Leave that clause out.")


def parameter_names(text: str) -> list[str]:
    """The parameters that a query wants, in their order."""
    names = (token["parameter"] for token in _WORD.finditer(text) if token["parameter"])
    return list(dict.fromkeys(names))


def encode_parameter(value: Cell) -> Cell:
    """A parameter as both engines keep it whole: an IRI is a text there, and so is a time."""
    if isinstance(value, datetime):
        return time_text(value)  # the built-in engine drops the zone of a time that it is given
    if isinstance(value, list):
        return [encode_parameter(part) for part in value]
    return str(value) if isinstance(value, Iri) else value


def read_row(row: tuple[Any, ...]) -> tuple[Cell, ...]:
    """A row of the driver; most hold nothing but what is a cell already."""
    return tuple(row) if _PLAIN.issuperset(map(type, row)) else tuple(map(read_value, row))


def read_value(value: Any) -> Cell:
    """What the driver gives as the cell that it is; nodes and paths as plain structures."""
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
    """A plan, line by line: as the engine draws it, or each operator below what it feeds."""
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
    """The engine's message without its wrapping; a mark below a line of the query stays there."""
    message = str(getattr(error, "message", None) or error)
    return "\n".join(line.rstrip() for line in message.strip().splitlines() if line.strip())
