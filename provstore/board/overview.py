"""The pages about everything: how all ingests stand, and what a search finds.

In: a desk and what the address says. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from provstore.board.desk import Desk
from provstore.board.page import Page
from provstore.errors import UnknownName
from provstore.ingest.workflow import ENDS, ROLES, STEPS

SHOWN = 25
"""Ingests of each group that are shown beside the other groups."""

PER_PAGE = 100
"""Ingests on a page of one group alone."""

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
    busy = {row["ingest"] for row in begun}
    now = datetime.now(UTC)
    rows = [
        {
            **row,
            "name": desk.names.short(str(row["ingest"])),
            "dataset": facts_of.get(row["ingest"], {}).get("dataset", ""),
            "days": _days(row["since"], now),
        }
        for row in states
    ]
    wanted, page = said.get("group", ""), _number(said.get("page", "1"))
    if wanted and wanted not in (*STEPS, *ENDS):
        raise UnknownName("group", wanted, [*STEPS, *ENDS])
    groups = _groups(rows, PER_PAGE if wanted else SHOWN, wanted, page)
    for group in groups:
        for row in group.rows:
            row["busy"] = _at_work(desk, row["name"]) if row["ingest"] in busy else ()
    shown = [row["name"] for group in groups for row in group.rows]
    values = {
        "groups": groups, "wanted": wanted, "number": page, "total": len(rows),
        "pages": -(-groups[0].total // PER_PAGE) if wanted and groups else 1,
        "picture": desk.store.behind.board(asked[0].answer, asked[2].answer) if rows else None,
        "open": sum(row["status"] == "open" for row in rows),
    }  # fmt: skip
    title = f"Waiting for {wanted}" if wanted in STEPS else wanted.capitalize() or "All deliveries"
    return Page(
        "board.html", title, values, asked, asked[0].answer, lambda: desk.last_bundles(shown)
    )


def _at_work(desk: Desk, ingest: str) -> tuple[tuple[str, str, str], ...]:
    """Step, person and time of what is under way, by the name of the person."""
    return desk.store.ingest(ingest).status().under_way


def _groups(rows: list[dict[str, Any]], most: int, wanted: str, page: int) -> list[Group]:
    found = []
    for name in [wanted] if wanted else (*STEPS, *ENDS):
        held = [row for row in rows if (row["next"] or row["status"]) == name]
        # Who waits longest comes first; of what has ended, the latest.
        held.sort(key=lambda row: row["since"], reverse=name in ENDS)
        start = (page - 1) * most
        awaits = ROLES[STEPS[name].role] if name in STEPS else ""
        if held:
            found.append(Group(name, awaits, tuple(held[start : start + most]), len(held)))
    return found


def _days(since: Any, now: datetime) -> int:
    return (now - since).days if isinstance(since, datetime) else 0


def _number(written: str) -> int:
    return max(1, int(written)) if written.isascii() and written.isdecimal() else 1
