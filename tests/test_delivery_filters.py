"""Filters, order and pages: what is left, how it is counted, and how to see more again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provstore.errors import BadParameter, UnknownName
from provstore.web.delivery_filters import MAX_CHOICES, PER_PAGE, Selection, select
from provstore.web.delivery_table import Delivery

NOW = datetime.now(UTC)


def delivery(number: int, days: float = 0, **more: Any) -> Delivery:
    values = {
        "name": f"cordex-{number:04}", "title": f"T{number}", "dataset": "d", "project": "cordex",
        "provider": "Ada", "organisation": "O", "people": frozenset({"Ada"}), "status": "open",
        "step": "submission", "run": 1, "outcome": "ok", "next": "review", "awaits": "reviewer",
        "since": NOW - timedelta(days=days), "busy": (),
    }  # fmt: skip
    return Delivery(**{**values, **more})


ROWS = [
    delivery(1, 8),
    delivery(2, 40, people=frozenset({"Ada", "Bo"})),
    delivery(3, 1, project="cmip6", next="quality", title="a"),
    delivery(4, 400, next="", status="closed", provider="Zoe"),
    delivery(5, 2, next="", status="closed"),
]


def names(selection: Selection) -> str:
    return "".join(each.name[-1] for each in selection.deliveries)


def counts(selection: Selection, name: str) -> dict[str, int]:
    (wanted,) = (each for each in selection.filters if each.name == name)
    return {choice.value: choice.count for choice in wanted.choices}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "21354"), ({"group": "review"}, "21"), ({"group": "closed"}, "54"),
        ({"project": "cmip6"}, "3"), ({"person": "Bo"}, "2"), ({"age": "8"}, "214"),
        ({"age": "30", "group": "review"}, "2"), ({"sort": "oldest"}, "42153"),
        ({"sort": "newest"}, "35124"), ({"sort": "title"}, "31245"),
        ({"sort": "provider"}, "12354"), ({"person": "Nobody"}, ""),
    ],
)  # fmt: skip
def test_what_is_shown_and_in_which_order(parameters: dict[str, str], expected: str) -> None:
    assert names(select(ROWS, parameters)) == expected


def test_a_count_is_what_choosing_it_would_leave() -> None:
    for parameters in (
        {},
        {"project": "cordex"},
        {"age": "7"},
        {"person": "Bo", "group": "review"},
    ):
        selection = select(ROWS, parameters)
        for name in ("group", "project", "person", "age"):
            for value, count in counts(selection, name).items():
                assert select(ROWS, {**parameters, name: value}).total == count, (name, value)


def test_an_empty_result_names_what_to_leave_out() -> None:
    selection = select(ROWS, {"person": "Bo", "project": "cmip6"})
    assert selection.widenings == (
        ("Project cmip6", 1, {"person": "Bo"}),
        ("Person Bo", 1, {"project": "cmip6"}),
    )
    assert select(ROWS, {"person": "Bo"}).widenings == ()


def test_pages_cut_and_a_page_beyond_is_the_last() -> None:
    many = [delivery(number, number) for number in range(PER_PAGE * 2 + 1)]
    sizes = [
        len(select(many, {"page": page}).deliveries) for page in ("", "2", "3", "99", "x", "²")
    ]
    assert sizes == [PER_PAGE, PER_PAGE, 1, 1, PER_PAGE, PER_PAGE]


def test_a_filter_of_many_people_shows_the_busiest_and_the_chosen() -> None:
    many = [delivery(n, people=frozenset({f"P{n}", "Ada"})) for n in range(MAX_CHOICES + 50)]
    shown = counts(select(many, {}), "person")
    assert len(shown) == MAX_CHOICES
    assert shown["Ada"] == len(many)
    assert counts(select(many, {"person": f"P{MAX_CHOICES + 49}"}), "person")


def test_nonsense_is_refused_with_advice() -> None:
    with pytest.raises(UnknownName, match="reviw"):
        select(ROWS, {"group": "reviw"})
    with pytest.raises(UnknownName, match="order"):
        select(ROWS, {"sort": "size"})
    for age in ("-1", "x", "1.5", "99999", "²"):
        with pytest.raises(BadParameter, match="number of days"):
            select(ROWS, {"age": age})
