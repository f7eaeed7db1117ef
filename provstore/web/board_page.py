"""The start page: the state of all ingests.

In: `PageQueries` and the parameters of the address. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provstore.errors import UnknownName
from provstore.pictures.picture import Picture
from provstore.projects.workflow import ENDS, OUTCOMES, ROLES, STEPS
from provstore.results.answer import Answer
from provstore.results.cell_values import text
from provstore.web.page import Page, days_since
from provstore.web.page_queries import PageQueries

MAX_PER_GROUP = 25
"""The number of ingests shown for each group when all groups are on one page."""

PER_PAGE = 100
"""The number of ingests on a page of a single group."""

OTHERS = "otherwise"
GROUPS = (*STEPS, *ENDS, OTHERS)
"""The steps that ingests wait for, the ends they reach, and states known from imports only."""

QUESTIONS = ("state-of-every-ingest", "final-disposition", "started-and-never-finished")


@dataclass(frozen=True)
class Group:
    """The ingests that wait for the same step, or have reached the same end."""

    name: str
    awaits: str
    rows: tuple[dict[str, Any], ...]
    total: int


def board_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show every ingest by its next step, with the role that must act and the waiting time.

    Raises:
        UnknownName: there is no such group; suggests similar names.

    """
    asked = tuple(queries.ask(name) for name in QUESTIONS)
    states, facts, started = (list(question.answer) for question in asked)
    facts_of = {row["ingest"]: row for row in facts}
    busy, own_ingests = {row["ingest"] for row in started}, set(queries.store.ingests())
    rows = [
        {
            **row,
            "name": (name := queries.names.short(text(row["ingest"]))),
            "group": _group_name(row) if name in own_ingests else OTHERS,
            "dataset": facts_of.get(row["ingest"], {}).get("dataset", ""),
            "days": days_since(row["since"]),
        }
        for row in states
    ]
    wanted, page = parameters.get("group", ""), _page_number(parameters.get("page", "1"))
    if wanted and wanted not in GROUPS:
        raise UnknownName("group", wanted, GROUPS)
    groups = _make_groups(rows, PER_PAGE if wanted else MAX_PER_GROUP, wanted, page)
    for group in groups:
        for row in group.rows:
            at_work = row["ingest"] in busy and row["name"] in own_ingests
            row["busy"] = _runs_under_way(queries, row["name"]) if at_work else ()
    shown = [row["name"] for group in groups for row in group.rows if row["name"] in own_ingests]
    values = {
        "groups": groups,
        "wanted": wanted,
        "number": page,
        "total": len(rows),
        "others": OTHERS,
        "pages": -(-groups[0].total // PER_PAGE) if wanted and groups else 1,
        "picture": _draw_board(queries, rows, asked[0].answer, asked[2].answer) if rows else None,
        "open": sum(row["status"] == "open" for row in rows),
    }
    headings = {"": "All deliveries", OTHERS: "Other states"}
    headings |= {step: f"Waiting for {step}" for step in STEPS}
    title = headings.get(wanted, wanted.capitalize())
    return Page(
        "board.html", title, values, asked, asked[0].answer, lambda: queries.last_bundles(shown)
    )


def _runs_under_way(queries: PageQueries, ingest: str) -> tuple[tuple[str, str, str], ...]:
    """Return step, person and time of each run under way, sorted by person."""
    return queries.store.ingest(ingest).status().under_way


def _draw_board(
    queries: PageQueries, rows: Sequence[Mapping[str, Any]], states: Answer, started: Answer
) -> Picture:
    """Draw the board, without ingests whose state only imported bundles report."""
    pairs = zip(states.rows, rows, strict=True)
    own_states = tuple(state for state, row in pairs if row["group"] != OTHERS)
    return queries.store.board(Answer(states.columns, own_states), started)


def _group_name(row: Mapping[str, Any]) -> str:
    """Return what an ingest waits for or how it ended; `OTHERS` if no report led to its state."""
    name = text(row["next"]) or text(row["status"])
    return name if name in GROUPS and row["outcome"] in OUTCOMES else OTHERS


def _make_groups(rows: list[dict[str, Any]], limit: int, wanted: str, page: int) -> list[Group]:
    groups = []
    for name in [wanted] if wanted else GROUPS:
        group_rows = [row for row in rows if row["group"] == name]
        # The longest wait comes first; of ended ingests, the latest.
        group_rows.sort(key=lambda row: text(row["since"]), reverse=name in ENDS)
        start = (page - 1) * limit
        awaits = ROLES[STEPS[name].role] if name in STEPS else ""
        if group_rows:
            groups.append(
                Group(name, awaits, tuple(group_rows[start : start + limit]), len(group_rows))
            )
    return groups


def _page_number(written: str) -> int:
    return max(1, int(written)) if written.isascii() and written.isdecimal() else 1
