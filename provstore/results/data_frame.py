"""Converts an answer to a pandas data frame with typed columns, displayed like an answer.

In: columns and rows of cells. Out: an `AnswerFrame`, a subclass of `pandas.DataFrame`. A selection
from it keeps the short names of IRIs, but drops the caption and the remarks.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pandas

from provstore.results.cell_values import Cell, Iri
from provstore.results.html_table import Shortener, html_table, is_iri

LARGEST_EXACT = 2**53
"""Floats represent every whole number exactly up to this limit."""


class AnswerFrame(pandas.DataFrame):
    """A data frame that displays short names of IRIs, and the full IRI on hover."""

    _metadata: ClassVar[list[str]] = ["pv_short"]
    _internal_names: ClassVar[list[str]] = [
        *pandas.DataFrame._internal_names,  # type: ignore[attr-defined]
        "pv_caption",
        "pv_remarks",
    ]
    _internal_names_set: ClassVar[set[str]] = set(_internal_names)
    pv_short: Shortener = str
    pv_caption: tuple[str, ...] = ()
    pv_remarks: tuple[str, ...] = ()

    @property
    def _constructor(self) -> type["AnswerFrame"]:
        return AnswerFrame

    def _repr_html_(self) -> str | None:
        plain = self.columns.nlevels == 1 and self.index.nlevels == 1 and self.index.name is None
        if not plain or not pandas.api.types.is_integer_dtype(self.index.dtype):
            shown: str | None = pandas.DataFrame(self)._repr_html_()  # type: ignore[operator]
            return shown
        rows = (
            [_cell_of(value) for value in row] for row in self.itertuples(index=False, name=None)
        )
        return html_table(
            map(str, self.columns),
            rows,
            len(self),
            short=self.pv_short,
            caption=self.pv_caption,
            remarks=self.pv_remarks,
        )


def data_frame(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    short: Shortener = str,
    caption: Iterable[str] = (),
    remarks: Iterable[str] = (),
) -> AnswerFrame:
    """Make a data frame of these rows; a column gets a type if all its cells have that type.

    Times become `datetime64[us, UTC]`, durations `timedelta64[us]`, whole numbers `Int64`, other
    numbers `float64`, truth values `boolean`, IRIs `Iri`. Mixed columns are unchanged.
    """
    series = [_typed_series([row[at] for row in rows]) for at in range(len(columns))]
    made = AnswerFrame(dict(enumerate(series)))
    made.columns = pandas.Index(columns, dtype=object)
    made.pv_short, made.pv_caption, made.pv_remarks = short, tuple(caption), tuple(remarks)
    return made


def _typed_series(cells: list[Cell]) -> "pandas.Series[Any]":
    present = [cell for cell in cells if cell is not None]
    for fits, dtype in _TYPES:
        if present and all(map(fits, present)):
            try:
                return pandas.Series(cells, dtype=dtype)
            except (ValueError, OverflowError):  # outside the range of the pandas type
                break
    if present and all(map(is_iri, present)):
        return pandas.Series([cell if cell is None else Iri(cell) for cell in cells], dtype=object)
    if present and all(isinstance(cell, str) for cell in present):
        return pandas.Series(cells)
    return pandas.Series(cells, dtype=object)


def _is_whole(cell: object) -> bool:
    return isinstance(cell, int) and not isinstance(cell, bool) and -(2**63) <= cell < 2**63


def _is_real(cell: object) -> bool:
    return isinstance(cell, float) or (_is_whole(cell) and abs(cell) <= LARGEST_EXACT)  # type: ignore[arg-type]


_TYPES: tuple[tuple[Callable[[object], bool], str], ...] = (
    (lambda cell: isinstance(cell, bool), "boolean"),
    (_is_whole, "Int64"),
    (_is_real, "float64"),
    (lambda cell: isinstance(cell, datetime) and cell.tzinfo is not None, "datetime64[us, UTC]"),
    (lambda cell: isinstance(cell, datetime) and cell.tzinfo is None, "datetime64[us]"),
    (lambda cell: isinstance(cell, timedelta), "timedelta64[us]"),
)


def _cell_of(value: Any) -> Cell:
    """Return the cell that a value came from; a missing value of pandas is None."""
    if isinstance(value, list | dict):
        return value
    if pandas.isna(value):
        return None
    cell: Cell = value.item() if hasattr(value, "item") else value  # numpy has its own scalar types
    return cell
