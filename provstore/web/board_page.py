"""The start page: the state of all deliveries.

In: `PageQueries` and the parameters of the address. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from provstore.pictures.ingest_board import IngestBoard
from provstore.projects.workflow import ROLES, STEPS
from provstore.results.answer import Answer, Cell
from provstore.results.cell_values import text
from provstore.web.delivery_filters import ORDERS, Selection, select
from provstore.web.delivery_table import Delivery
from provstore.web.page import Page, days_since
from provstore.web.page_queries import PageQueries

MAX_CARDS = 3
"""The number of deliveries in a column of the picture; the list has all."""

QUESTIONS = ("state-of-every-ingest", "final-disposition", "started-and-never-finished")
COLUMNS = (
    "ingest", "title", "project", "provider", "organisation", "dataset", "status", "step", "run",
    "outcome", "next", "awaits", "since",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """Deliveries that stand together on a page: those that wait for the same, or all of them."""

    name: str
    heading: str
    duty: str
    deliveries: tuple[Delivery, ...]


def board_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show every delivery with its next step, with the role that must act and the waiting time.

    Raises:
        UnknownName: there is no such group or order; suggests similar names.
        BadParameter: the age is not a number of days.

    """
    deliveries = queries.deliveries()
    selection = select(deliveries.values(), parameters)
    chosen = {each.name: each.chosen for each in selection.filters if each.chosen}
    values = {
        "selection": selection,
        "sections": _sections(selection),
        "chosen": chosen,
        "asked": chosen | ({"sort": selection.order} if selection.order != "step" else {}),
        "orders": {name: label for name, (label, _) in ORDERS.items()},
        "days": days_since,
        "total": len(deliveries),
        "open": sum(bool(delivery.next) for delivery in deliveries.values()),
        "picture": _draw(selection.matching) if selection.matching else None,
    }
    shown = [delivery.name for delivery in selection.deliveries]
    return Page(
        "board.html",
        _title(selection),
        values,
        rows=_rows(queries, selection.matching),
        about=lambda: queries.last_bundles(shown),
        related=tuple(queries.questions[name] for name in QUESTIONS),
    )


def _sections(selection: Selection) -> list[Section]:
    if selection.order != "step":
        label = ORDERS[selection.order][0]
        return [Section("list", f"By {label}", "", selection.deliveries)]
    return [
        Section(
            name,
            f"Waiting for {name}" if name in STEPS else name.capitalize(),
            f"{ROLES[STEPS[name].role]} must act." if name in STEPS else "",
            tuple(rows),
        )
        for name, rows in groupby(selection.deliveries, key=lambda delivery: delivery.group)
    ]


def _title(selection: Selection) -> str:
    group = selection.filters[0].chosen
    if group in STEPS:
        return f"Waiting for {group}"
    return group.capitalize() or "All deliveries"


def _rows(queries: PageQueries, deliveries: Sequence[Delivery]) -> Answer:
    values = [
        (queries.store.iri(delivery.name), *(getattr(delivery, name) for name in COLUMNS[1:]))
        for delivery in deliveries
    ]
    return Answer(COLUMNS, tuple(values))


def _draw(deliveries: Sequence[Delivery]) -> IngestBoard:
    rows: tuple[Mapping[str, Cell], ...] = tuple(
        {
            "ingest": delivery.name,
            "status": delivery.status,
            "step": delivery.step,
            "run": delivery.run,
            "outcome": delivery.outcome,
            "next": delivery.next,
            "awaits": delivery.awaits,
            "since": text(delivery.since),
        }
        for delivery in deliveries
    )
    busy = {
        delivery.name: person
        for delivery in deliveries
        for step, person, _ in delivery.busy
        if step == delivery.next
    }
    return IngestBoard(rows, str, busy, "Deliveries by step", MAX_CARDS)
