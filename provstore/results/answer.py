"""Answers: columns and rows, with the same types of cells for every engine.

In: cells of a few Python types. Out: the same as CSV, JSON, a data frame or an HTML table. It
knows no engine and no question.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from provstore.results.cell_values import Cell as Cell
from provstore.results.cell_values import Iri as Iri
from provstore.results.cell_values import Json, json_cell
from provstore.results.delimited_text import csv_text
from provstore.results.html_table import Shortener, html_table

if TYPE_CHECKING:
    from provstore.results.data_frame import AnswerFrame


@dataclass(frozen=True)
class Answer:
    """A table. Two answers are the same if their `csv` is the same.

    `cut` is true if a limit left out further rows; `notes` are remarks for the reader. `asked` is
    the question, `seconds` the time it took, and `short` the function that shortens IRIs.
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
        """Make an answer of mappings, which all have the same keys; each becomes a row."""
        columns = tuple(mappings[0]) if mappings else ()
        return cls(columns, tuple(tuple(mapping.values()) for mapping in mappings))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def csv(self, *, raw: bool = True) -> str:
        """Return the answer as CSV (RFC 4180, lines end with LF); a missing value is empty.

        Unless `raw`, a text that a spreadsheet would take for a formula begins with an apostrophe.
        """
        return csv_text(self.columns, self.rows, raw=raw)

    def records(self) -> list[dict[str, Json]]:
        """Return one mapping per row, ready for JSON; times and durations as ISO 8601 texts."""
        return [{name: json_cell(cell) for name, cell in row.items()} for row in self]

    def to_pandas(self) -> "AnswerFrame":
        """Return a data frame with typed columns (pip install "provstore[pandas]")."""
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
        """Return the remarks that a reader needs besides the rows."""
        cut = f"The answer was cut: there are more rows than the limit ({len(self.rows)})."
        return [*([cut] if self.cut else []), *self.notes]
