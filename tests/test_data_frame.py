"""An answer as a data frame: typed, whole, and shown with short names."""

import pickle
from datetime import UTC, datetime, timedelta, timezone

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.results.cell_values import Cell, Iri
from provstore.results.data_frame import AnswerFrame, data_frame

TIME = datetime(2026, 3, 2, 10, 0, 0, 250, tzinfo=timezone(timedelta(hours=1)))
NAMED = "https://provstore.example/a"


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([TIME, None], "datetime64[us, UTC]"),
        (
            [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)],
            "datetime64[us, UTC]",
        ),
        ([datetime(2026, 3, 2), None], "datetime64[us]"),
        ([timedelta(days=1, microseconds=1), None], "timedelta64[us]"),
        ([1, None, 2**63 - 1], "Int64"),
        ([1, None, 0.5], "float64"),
        ([True, None], "boolean"),
        ([NAMED, None], "object"),
        ([1, "one"], "object"),
        ([True, 1], "object"),
        ([2**63, 1], "object"),
        ([2**60 + 1, 0.5], "object"),
        ([[1, 2], {"a": 1}], "object"),
        ([None, None], "object"),
        ([TIME, datetime(2026, 3, 2)], "object"),
        ([timedelta(1), "P1M"], "object"),
    ],
)
def test_a_column_has_the_type_that_holds_all_its_cells_exactly(
    cells: list[Cell], dtype: str
) -> None:
    made = data_frame(["a"], [[cell] for cell in cells])
    assert str(made["a"].dtype) == dtype
    for held, cell in zip(made["a"], cells, strict=True):
        assert pandas.isna(held) if cell is None else held == cell


@given(st.lists(st.lists(st.none() | st.integers() | st.floats(allow_nan=False) | st.text()
                         | st.booleans() | st.timedeltas(), min_size=2, max_size=2)))  # fmt: skip
def test_whatever_the_cells_are_the_frame_holds_and_shows_them_all(rows: list[list[Cell]]) -> None:
    made = data_frame(["a", "a"], rows)
    assert made.shape == (len(rows), 2)
    for told, row in zip(made.itertuples(index=False, name=None), rows, strict=True):
        for held, cell in zip(told, row, strict=True):
            assert (cell is None and pandas.isna(held)) or held == cell
    assert (made._repr_html_() or "").count("<td") == 2 * min(len(rows), 100)


def test_a_value_is_written_as_everywhere_else() -> None:
    shown = data_frame(["a", "b", "c"], [[True, 3, 0.5], [None, None, 2.0]])._repr_html_() or ""
    for written in (">true<", ">3<", ">0.5<", ">2<", "<td></td>"):
        assert written in shown


def test_iris_stay_iris_so_that_they_can_be_parameters() -> None:
    made = data_frame(["a", "b"], [[NAMED, "a text"], [Iri("urn:x"), NAMED]])
    assert [type(one) for one in made["a"]] == [Iri, Iri]
    assert not any(isinstance(one, Iri) for one in made["b"])


def test_what_is_selected_keeps_short_names_and_is_no_longer_the_answer() -> None:
    made = data_frame(["a", "n"], [[NAMED, 1], [NAMED, 2]], short=str.upper, caption=["Which?"])
    assert "Which?" in (made._repr_html_() or "")
    part = made[made["n"] > 1]
    assert isinstance(part, AnswerFrame)
    assert NAMED.upper() in (part._repr_html_() or "")
    assert "Which?" not in (part._repr_html_() or "")
    assert "1 row" in (part._repr_html_() or "")


def test_a_frame_with_an_index_that_means_something_is_shown_as_pandas_does() -> None:
    made = data_frame(["a", "n"], [["x", 1], ["x", 2]])
    assert 'class="dataframe"' in (made.groupby("a").sum()._repr_html_() or "")
    assert 'class="dataframe"' in (made.describe()._repr_html_() or "")


def test_a_frame_can_be_kept_and_computed_with() -> None:
    made = data_frame(["n", "d"], [[1, timedelta(hours=1)], [None, timedelta(hours=3)]])
    assert made["d"].mean() == timedelta(hours=2)
    assert made["n"].sum() == 1
    pandas.testing.assert_frame_equal(pickle.loads(pickle.dumps(made)), made)
