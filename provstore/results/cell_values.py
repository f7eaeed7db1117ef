"""The values in an answer's cells: a few Python kinds, each with one spelling whatever the engine.

In: a cell. Out: its text, its JSON. Knows neither tables nor engines.
"""

import json
import re
from datetime import datetime, timedelta
from typing import TypeAlias

from provstore.prov.model.utc_time import utc_text


class Iri(str):
    """A text that is an IRI; a parameter must say so, an answer's cell may."""

    __slots__ = ()


Cell: TypeAlias = (
    "str | int | float | bool | datetime | timedelta | list[Cell] | dict[str, Cell] | None"
)
"""IRIs and texts are `str`; times know their zone where one was given. Lists and mappings only
come out of free queries that ask for whole nodes, relationships or paths."""

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d+)?)S)?)?")


def text(cell: Cell) -> str:
    """A cell as text: one spelling for one value, whichever engine gave it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return time_text(cell)
    if isinstance(cell, timedelta):
        return duration_text(cell)
    if isinstance(cell, list | dict):
        return json.dumps(json_cell(cell), ensure_ascii=False)
    return str(cell)


def json_cell(cell: Cell) -> Json:
    """A cell ready for JSON: times and durations as their ISO 8601 texts."""
    if isinstance(cell, list):
        return [json_cell(part) for part in cell]
    if isinstance(cell, dict):
        return {name: json_cell(part) for name, part in cell.items()}
    return text(cell) if isinstance(cell, datetime | timedelta) else cell


def time_text(moment: datetime) -> str:
    """ISO 8601, in UTC where the zone is known."""
    if moment.tzinfo is None:
        return moment.isoformat()
    return utc_text(moment)


def duration_text(duration: timedelta) -> str:
    """ISO 8601 with days, hours, minutes and seconds: `P1DT2H30M`, `PT0S`."""
    sign, rest = ("-", -duration) if duration < timedelta() else ("", duration)
    minutes, seconds = divmod(rest.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{rest.microseconds:06}".rstrip("0") if rest.microseconds else ""
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else ""]
    parts.append(f"{seconds}{fraction}S" if seconds or fraction else "")
    clock = "".join(parts)
    days = f"{rest.days}D" if rest.days else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


def read_duration(written: str) -> timedelta:
    """An ISO 8601 duration without years and months.

    Raises:
        ValueError: it is not one.

    """
    match = _DURATION.fullmatch(written)
    if not match:
        raise ValueError(f"{written!r} is not a duration in days, hours, minutes and seconds")
    sign, days, hours, minutes, seconds = match.groups()
    duration = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=float(seconds or 0),
    )
    return -duration if sign else duration
