"""The cells of an answer: a few Python types, each with one spelling for every engine.

In: a cell. Out: its text or its JSON. It knows neither tables nor engines.
"""

import json
import re
from datetime import datetime, timedelta
from typing import TypeAlias

from provstore.prov.model.utc_time import utc_text


class Iri(str):
    """A text that is an IRI; required for parameters, optional for the cells of an answer."""

    __slots__ = ()


Cell: TypeAlias = (
    "str | int | float | bool | datetime | timedelta | list[Cell] | dict[str, Cell] | None"
)
"""IRIs and texts are `str`; times have a zone if the source has one. Lists and mappings occur only
in answers to free queries that return whole nodes, relationships or paths."""

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d+)?)S)?)?")


def text(cell: Cell) -> str:
    """Return a cell as text: one spelling for one value, for every engine."""
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
    """Return a cell ready for JSON; times and durations as ISO 8601 texts."""
    if isinstance(cell, list):
        return [json_cell(part) for part in cell]
    if isinstance(cell, dict):
        return {name: json_cell(part) for name, part in cell.items()}
    return text(cell) if isinstance(cell, datetime | timedelta) else cell


def time_text(moment: datetime) -> str:
    """Return a time as ISO 8601, in UTC if its zone is known."""
    if moment.tzinfo is None:
        return moment.isoformat()
    return utc_text(moment)


def duration_text(duration: timedelta) -> str:
    """Return a duration as ISO 8601 in days, hours, minutes, seconds: `P1DT2H30M`, `PT0S`."""
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
    """Read an ISO 8601 duration without years and months.

    Raises:
        ValueError: the text is not such a duration.

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
