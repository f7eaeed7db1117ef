"""The board: each ingest once, in the column of the step that it waits for, or of its end."""

from typing import Any

from provstore.pictures.ingest_board import MAX_CARDS, IngestBoard
from tests.test_svg_document import parsed, words


def row(name: str, **more: Any) -> dict[str, Any]:
    return {
        "ingest": name,
        "status": "open",
        "step": "review",
        "run": 1,
        "outcome": "ok",
        "next": "transfer",
        "awaits": "transfer_manager",
        "since": "2026-03-01T00:00:00Z",
        **more,
    }


ENDED = {"status": "closed", "next": None, "awaits": None, "step": "archival"}


def test_each_ingest_stands_where_it_waits_or_where_it_ended() -> None:
    board = IngestBoard((row("a"), row("b", **ENDED), row("c", next="quality")), str)
    held = {name: [one["ingest"] for one in rows] for name, rows in board.columns.items() if rows}
    assert held == {"transfer": ["a"], "quality": ["c"], "closed": ["b"]}
    assert board.about == "3 ingests, 2 waiting for action"
    shown = words(parsed(board.svg()))
    assert "transfer manager must act" in shown
    assert "no action needed" in shown


def test_whoever_waits_longest_stands_first() -> None:
    board = IngestBoard((row("new", since="2026-03-09"), row("old", since="2026-01-01")), str)
    assert [one["ingest"] for one in board.columns["transfer"]] == ["old", "new"]


def test_who_is_at_it_is_named_instead_of_the_date() -> None:
    assert "in progress: Ada" in words(parsed(IngestBoard((row("a"),), str, {"a": "Ada"}).svg()))


def test_a_long_column_is_cut_and_says_so() -> None:
    board = IngestBoard(tuple(row(f"i{n}") for n in range(MAX_CARDS + 7)), str)
    assert "and 7 more" in words(parsed(board.svg()))
    assert board.height <= 900


def test_an_empty_board_and_hostile_names_are_fine() -> None:
    parsed(IngestBoard((), str).svg())
    parsed(IngestBoard((row("<script>]]>\x00"),), str, {}).svg())
