"""Columns and rows: what every view answers, in the same kinds of cells whatever the engine.

In: cells of a few Python kinds. Out: the same as CSV, JSON, a data frame or a table in a
notebook. Knows no engine and no question.
"""

import csv
import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeAlias

if TYPE_CHECKING:
    import pandas


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


@dataclass(frozen=True)
class Answer:
    """A table. Two answers say the same when their `csv` is the same.

    `cut` says that there were more rows than a limit allowed; `notes` what else should be known.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> Self:
        """The answer whose rows are these mappings, all with the same keys."""
        columns = tuple(records[0]) if records else ()
        return cls(columns, tuple(tuple(one.values()) for one in records))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def csv(self) -> str:
        """RFC 4180 with plain line ends; an absent value is an empty cell."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([text(cell) for cell in row] for row in self.rows)
        return out.getvalue()

    def records(self) -> list[dict[str, Json]]:
        """One mapping per row, ready for JSON: times and durations as their ISO 8601 texts."""
        return [{name: _json(cell) for name, cell in row.items()} for row in self]

    def to_pandas(self) -> "pandas.DataFrame":
        """The answer as a data frame (pip install "provstore[pandas]")."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=list(self.columns))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{html.escape(text(cell))}</td>' for cell in row)}</tr>"
            for row in self.rows
        )
        below = "".join(f"<p>{html.escape(note)}</p>" for note in self.remarks())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"

    def remarks(self) -> list[str]:
        """What a reader should be told besides the rows."""
        cut = f"There are more rows than these {len(self.rows)}: the limit was reached."
        return [*([cut] if self.cut else []), *self.notes]


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
        return json.dumps(_json(cell), ensure_ascii=False)
    return str(cell)


def _json(cell: Cell) -> Json:
    if isinstance(cell, list):
        return [_json(part) for part in cell]
    if isinstance(cell, dict):
        return {name: _json(part) for name, part in cell.items()}
    return text(cell) if isinstance(cell, datetime | timedelta) else cell


def time_text(moment: datetime) -> str:
    """ISO 8601, in UTC where the zone is known."""
    if moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


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
    found = _DURATION.fullmatch(written)
    if not found:
        raise ValueError(f"{written!r} is not a duration in days, hours, minutes and seconds")
    sign, days, hours, minutes, seconds = found.groups()
    duration = timedelta(
        days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0),
        seconds=float(seconds or 0),
    )  # fmt: skip
    return -duration if sign else duration
