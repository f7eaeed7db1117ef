"""The pages about everything: how all ingests stand, and what a search finds.

In: a desk and what the address says. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provstore.errors import UnknownName
from provstore.pictures.picture import Picture
from provstore.projects.workflow import ENDS, OUTCOMES, ROLES, STEPS
from provstore.results.answer import Answer
from provstore.results.values import text
from provstore.web.page import Page, days
from provstore.web.page_queries import Desk

SHOWN = 25
"""Ingests of each group that are shown beside the other groups."""

PER_PAGE = 100
"""Ingests on a page of one group alone."""

OTHERS = "otherwise"
GROUPS = (*STEPS, *ENDS, OTHERS)
"""Steps that ingests wait for, how they end, and what only bundles of others say of ingests."""

QUESTIONS = ("state-of-every-ingest", "final-disposition", "started-and-never-finished")


@dataclass(frozen=True)
class Group:
    """The ingests that wait for the same step, or came to the same end."""

    name: str
    awaits: str
    rows: tuple[dict[str, Any], ...]
    total: int


def board(desk: Desk, said: Mapping[str, str]) -> Page:
    """How every ingest stands, by the step that comes next: who must act, waiting since when.

    Raises:
        UnknownName: there is no such group; names the near ones.

    """
    asked = tuple(desk.ask(name) for name in QUESTIONS)
    states, facts, begun = (list(one.answer) for one in asked)
    facts_of = {row["ingest"]: row for row in facts}
    busy, ours = {row["ingest"] for row in begun}, set(desk.store.journal.ingests())
    rows = [
        {
            **row,
            "name": (name := desk.names.short(text(row["ingest"]))),
            "group": _group(row) if name in ours else OTHERS,
            "dataset": facts_of.get(row["ingest"], {}).get("dataset", ""),
            "days": days(row["since"]),
        }
        for row in states
    ]
    wanted, page = said.get("group", ""), _number(said.get("page", "1"))
    if wanted and wanted not in GROUPS:
        raise UnknownName("group", wanted, GROUPS)
    groups = _groups(rows, PER_PAGE if wanted else SHOWN, wanted, page)
    for group in groups:
        for row in group.rows:
            at_work = row["ingest"] in busy and row["name"] in ours
            row["busy"] = _at_work(desk, row["name"]) if at_work else ()
    shown = [row["name"] for group in groups for row in group.rows if row["name"] in ours]
    values = {
        "groups": groups, "wanted": wanted, "number": page, "total": len(rows), "others": OTHERS,
        "pages": -(-groups[0].total // PER_PAGE) if wanted and groups else 1,
        "picture": _picture(desk, rows, asked[0].answer, asked[2].answer) if rows else None,
        "open": sum(row["status"] == "open" for row in rows),
    }  # fmt: skip
    title = f"Waiting for {wanted}" if wanted in STEPS else wanted.capitalize() or "All deliveries"
    return Page(
        "board.html", title, values, asked, asked[0].answer, lambda: desk.last_bundles(shown)
    )


def _at_work(desk: Desk, ingest: str) -> tuple[tuple[str, str, str], ...]:
    """Step, person and time of what is under way, by the name of the person."""
    return desk.store.ingest(ingest).status().under_way


def _picture(
    desk: Desk, rows: Sequence[Mapping[str, Any]], states: Answer, begun: Answer
) -> Picture:
    """The board as a picture, of those ingests whose state is one that our reports leave."""
    pairs = zip(states.rows, rows, strict=True)
    known = tuple(row for row, said in pairs if said["group"] != OTHERS)
    return desk.store.behind.draw_board(Answer(states.columns, known), begun)


def _group(row: Mapping[str, Any]) -> str:
    """What an ingest waits for, or how it ended; what no report of ours leaves is told apart."""
    name = text(row["next"]) or text(row["status"])
    return name if name in GROUPS and row["outcome"] in OUTCOMES else OTHERS


def _groups(rows: list[dict[str, Any]], most: int, wanted: str, page: int) -> list[Group]:
    found = []
    for name in [wanted] if wanted else GROUPS:
        held = [row for row in rows if row["group"] == name]
        # Who waits longest comes first; of what has ended, the latest.
        held.sort(key=lambda row: text(row["since"]), reverse=name in ENDS)
        start = (page - 1) * most
        awaits = ROLES[STEPS[name].role] if name in STEPS else ""
        if held:
            found.append(Group(name, awaits, tuple(held[start : start + most]), len(held)))
    return found


def _number(written: str) -> int:
    return max(1, int(written)) if written.isascii() and written.isdecimal() else 1
