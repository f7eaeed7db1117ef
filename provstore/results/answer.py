"""Columns and rows: what every view answers, in the same kinds of cells whatever the engine.

In: cells of a few Python kinds. Out: the same as CSV, JSON, a data frame or a table in a
notebook. Knows no engine and no question.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from provstore.results.cell_values import Cell as Cell
from provstore.results.cell_values import Iri as Iri
from provstore.results.cell_values import Json, json_cell, text
from provstore.results.html_table import Shortener, html_table

if TYPE_CHECKING:
    from provstore.results.data_frame import AnswerFrame


@dataclass(frozen=True)
class Answer:
    """A table. Two answers say the same when their `csv` is the same.

    `cut` says that there were more rows than a limit allowed; `notes` what else should be known.
    `asked` and `seconds` say what it answers and how long that took; `short` names IRIs shortly.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: bool = False
    notes: tuple[str, ...] = ()
    asked: str = field(default="", compare=False, repr=False)
    seconds: float | None = field(default=None, compare=False, repr=False)
    short: Shortener = field(default=str, compare=False, repr=False)

    @classmethod
    def of(cls, mappings: Sequence[Mapping[str, Any]]) -> Self:
        """The answer whose rows are these mappings, all with the same keys."""
        columns = tuple(mappings[0]) if mappings else ()
        return cls(columns, tuple(tuple(mapping.values()) for mapping in mappings))

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
        return [{name: json_cell(cell) for name, cell in row.items()} for row in self]

    def to_pandas(self) -> "AnswerFrame":
        """The answer as a data frame with typed columns (pip install "provstore[pandas]")."""
        from provstore.results.data_frame import data_frame

        caption, remarks = self._caption(), self.remarks()
        return data_frame(
            self.columns, self.rows, short=self.short, caption=caption, remarks=remarks
        )

    def _repr_html_(self) -> str:
        return html_table(
            self.columns,
            self.rows,
            len(self),
            short=self.short,
            caption=self._caption(),
            remarks=self.remarks(),
        )

    def _caption(self) -> list[str]:
        if self.seconds is None:
            return [self.asked]
        took = f"{1000 * self.seconds:.0f} ms" if self.seconds < 1 else f"{self.seconds:.1f} s"
        return [self.asked, took]

    def remarks(self) -> list[str]:
        """What a reader should be told besides the rows."""
        cut = f"There are more rows than these {len(self.rows)}: the limit was reached."
        return [*([cut] if self.cut else []), *self.notes]
