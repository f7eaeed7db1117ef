"""One spelling for one value, whichever engine gave it."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.results.cell_values import Cell, duration_text, read_duration, text


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (3.0, "3"),
        (0.1, "0.1"),
        (datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1))), "2026-03-02T09:00:00Z"),
        (datetime(2026, 3, 2, 10), "2026-03-02T10:00:00"),
        (timedelta(days=1, hours=2, minutes=30), "P1DT2H30M"),
        (timedelta(0), "PT0S"),
        ([1, "a"], '[1, "a"]'),
        ({"n": timedelta(hours=1)}, '{"n": "PT1H"}'),
    ],
)
def test_a_value_has_one_spelling(cell: Cell, written: str) -> None:
    assert text(cell) == written


@given(st.timedeltas(min_value=timedelta(-9999), max_value=timedelta(9999)))
def test_a_duration_can_be_read_back(duration: timedelta) -> None:
    assert read_duration(duration_text(duration)) == duration
