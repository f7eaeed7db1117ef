"""Filters, order and pages for a list of deliveries, all from the parameters of an address.

In: deliveries and parameters. Out: the deliveries to show, the choices of each filter with their
counts, and what would widen an empty result. It knows neither HTML nor where deliveries come from.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from provstore.errors import BadParameter, UnknownName
from provstore.projects.workflow import ENDS, STEPS
from provstore.web.delivery_table import Delivery

GROUPS = (*STEPS, *ENDS)
"""The steps that deliveries wait for, and the ends they reach."""

AGES = (7, 14, 30, 90, 365)
"""The choices of the filter by age, in days."""

MAX_AGE = 36_500

MAX_CHOICES = 200
"""The maximum number of choices of a filter: those with the most deliveries."""

PER_PAGE = 50
"""The number of deliveries on a page."""


@dataclass(frozen=True)
class Choice:
    """A value of a filter, how it is shown, and how many deliveries it would leave."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Filter:
    """A filter: its parameter, its title, its choices, and the chosen value or ""."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    chosen: str


@dataclass(frozen=True)
class Selection:
    """The deliveries of one page, in order, out of `total` that the filters leave."""

    deliveries: tuple[Delivery, ...]
    matching: tuple[Delivery, ...]
    filters: tuple[Filter, ...]
    order: str
    page: int
    pages: int
    widenings: tuple[tuple[str, int, Mapping[str, str]], ...]
    """For an empty result: each filter's title, and the number and address without it."""

    @property
    def total(self) -> int:
        """The number of deliveries that the filters leave."""
        return len(self.matching)


def _days(delivery: Delivery) -> int:
    return (datetime.now(UTC) - delivery.since).days


def _by_step(delivery: Delivery) -> tuple[Any, ...]:
    # The longest wait comes first; of ended deliveries, the latest.
    seconds = delivery.since.timestamp()
    return GROUPS.index(delivery.group), -seconds if delivery.group in ENDS else seconds


ORDERS: Mapping[str, tuple[str, Callable[[Delivery], Any]]] = MappingProxyType(
    {
        "step": ("step", _by_step),
        "oldest": ("longest without a report", lambda delivery: delivery.since),
        "newest": ("latest report", lambda delivery: -delivery.since.timestamp()),
        "title": ("title", lambda delivery: delivery.title.casefold()),
        "provider": ("provider", lambda delivery: delivery.provider.casefold()),
        "project": ("project", lambda delivery: delivery.project),
    }
)
"""The orders of a list: how each is shown, and by what it sorts."""

_VALUES: Mapping[str, tuple[str, Callable[[Delivery], Iterable[str]]]] = MappingProxyType(
    {
        "group": ("Step", lambda delivery: (delivery.group,)),
        "project": ("Project", lambda delivery: (delivery.project,)),
        "person": ("Person", lambda delivery: delivery.people),
        "age": ("Age", lambda delivery: (str(age) for age in AGES if _days(delivery) >= age)),
    }
)
"""The filters: how each is shown, and the values of a delivery."""


_CHOICE_ORDERS: Mapping[str, Callable[[str], Any]] = {"group": GROUPS.index, "age": int}


def select(deliveries: Iterable[Delivery], parameters: Mapping[str, str]) -> Selection:
    """Filter, sort and cut deliveries as an address asks.

    Raises:
        UnknownName: there is no such step or order; suggests similar names.
        BadParameter: the age is not a number of days.

    """
    chosen = {name: parameters.get(name, "").strip()[:400] for name in _VALUES}
    order = parameters.get("sort", "") or "step"
    if chosen["group"] and chosen["group"] not in GROUPS:
        raise UnknownName("group", chosen["group"], GROUPS)
    if order not in ORDERS:
        raise UnknownName("order", order, ORDERS)
    if chosen["age"] and not _is_age(chosen["age"]):
        message = f"The age {chosen['age']!r} is not a number of days."
        raise BadParameter(message, f"Give a whole number up to {MAX_AGE}.")
    rows = [(delivery, _passes(delivery, chosen)) for delivery in deliveries]
    matching = [delivery for delivery, passed in rows if all(passed.values())]
    matching.sort(key=ORDERS[order][1])  # equal ones stay in the order of their names
    pages = max(1, -(-len(matching) // PER_PAGE))
    page = min(pages, _page_number(parameters.get("page", "")))
    without = {
        name: [
            row for row, passed in rows if all(passed[other] for other in passed if other != name)
        ]
        for name in _VALUES
    }
    active = {name: value for name, value in chosen.items() if value}
    widenings = [
        (f"{_VALUES[name][0]} {value}", len(without[name]), _without(active, name))
        for name, value in active.items()
        if without[name]
    ]
    return Selection(
        tuple(matching[(page - 1) * PER_PAGE : page * PER_PAGE]),
        tuple(matching),
        tuple(_filter(name, without[name], chosen[name]) for name in _VALUES),
        order,
        page,
        pages,
        () if matching else tuple(widenings),
    )


def _passes(delivery: Delivery, chosen: Mapping[str, str]) -> dict[str, bool]:
    """Return, for each filter, whether it lets a delivery through."""
    passed = {
        name: not chosen[name] or chosen[name] in values(delivery)
        for name, (_, values) in _VALUES.items()
        if name != "age"
    }
    old_enough = not chosen["age"] or _days(delivery) >= int(chosen["age"])
    return {**passed, "age": old_enough}


def _filter(name: str, deliveries: Sequence[Delivery], chosen: str) -> Filter:
    title, values = _VALUES[name]
    counts = Counter(value for delivery in deliveries for value in values(delivery))
    if chosen and chosen not in counts:
        old = timedelta(days=int(chosen)) if name == "age" else None
        counts[chosen] = sum(_days(delivery) >= old.days for delivery in deliveries) if old else 0
    kept = dict(counts.most_common(MAX_CHOICES))
    if chosen:
        kept[chosen] = counts[chosen]
    order = _CHOICE_ORDERS.get(name, str.casefold)
    choices = (Choice(value, _label(name, value), kept[value]) for value in sorted(kept, key=order))
    return Filter(name, title, tuple(choices), chosen)


def _label(name: str, value: str) -> str:
    if name == "age":
        return f"{value} days or more"
    return f"waiting for {value}" if name == "group" and value in STEPS else value


def _without(active: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: value for other, value in active.items() if other != name}


def _is_age(written: str) -> bool:
    return (
        written.isascii() and written.isdecimal() and len(written) < 6 and int(written) <= MAX_AGE
    )


def _page_number(written: str) -> int:
    short = written.isascii() and written.isdecimal() and len(written) < 10
    return max(1, int(written)) if short else 1
