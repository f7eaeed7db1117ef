"""What is known so far: kept whole or not at all, and never worth more than the time it saves."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from provstore.audit import consistency_results
from provstore.audit.consistency_results import Findings, number, visit
from provstore.storage.journal import Mark


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "findings.sqlite"


def _fill(known: Findings) -> None:
    known.begin("rules")
    known.learn(1, [(number("e"), 3), (number("e"), 3), (number("a"), 4)])
    known.learn(2, [(number("e"), 3)])
    known.found([1, 2], [["one"], ["other"]])
    known.mark = Mark(2, "seal")


def _told(known: Findings) -> tuple[object, ...]:
    return known.rules, known.mark, sorted(known.rows()), sorted(known.all())


def test_what_was_kept_is_there_at_the_next_visit(path: Path) -> None:
    visit(path, _fill)
    rules, mark, rows, found = visit(path, _told)
    assert (rules, mark, found) == ("rules", (2, "seal"), [["one"], ["other"]])
    e, a = number("e"), number("a")
    assert rows == sorted([(e, 3, 1), (e, 3, 2), (a, 4, 1)])
    assert visit(path, lambda known: sorted(known.holders(e, 3))) == [1, 2]
    assert visit(path, lambda known: known.holders(e, 4)) == []


def test_a_new_file_knows_nothing(path: Path) -> None:
    assert visit(path, _told) == ("", (0, ""), [], [])


def test_rows_come_sorted(path: Path) -> None:
    def work(known: Findings) -> list[tuple[int, int, int]]:
        for position in (3, 1, 2):
            known.learn(position, [(number(f"n{n}"), n % 5) for n in range(20)])
        return list(known.rows())

    rows = visit(path, work)
    assert rows == sorted(rows)
    assert len(rows) == 60


def test_findings_take_the_place_of_all_that_were_found_in_the_same_bundles(path: Path) -> None:
    def work(known: Findings) -> list[list[str]]:
        for position in (1, 2, 3):
            known.found([position], [[f"in {position}"]])
        known.found([2, 3], [["in both"]])
        return sorted(known.all())

    assert visit(path, work) == [["in 1"], ["in both"]]
    visit(path, lambda known: known.found([3, 2], []))
    assert visit(path, Findings.all) == [["in 1"]]


def test_who_begins_anew_knows_nothing_any_more(path: Path) -> None:
    visit(path, _fill)
    visit(path, lambda known: known.begin("others"))
    assert visit(path, _told) == ("others", (0, ""), [], [])


def test_a_visit_that_fails_leaves_everything_as_it_was(path: Path) -> None:
    visit(path, _fill)
    before = visit(path, _told)

    def work(known: Findings) -> None:
        known.begin("others")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        visit(path, work)
    assert visit(path, _told) == before


@pytest.mark.parametrize("damage", ["text", "middle", "empty", "format", "finding"])
def test_a_damaged_file_is_made_anew(path: Path, damage: str) -> None:
    visit(path, _fill)
    if damage == "text":
        path.write_text("this is no database, but long enough to be taken for one" * 99)
    elif damage == "middle":
        path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 16384)
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        with closing(sqlite3.connect(path)) as db:
            change = {"format": "PRAGMA user_version = 999",
                      "finding": "UPDATE finding SET content = 'no JSON'"}  # fmt: skip
            db.execute(change[damage])
            db.commit()
    assert visit(path, _told) == ("", (0, ""), [], [])
    visit(path, _fill)
    assert visit(path, _told)[0] == "rules"


def test_the_file_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE letter (text)")
    before = path.read_bytes()
    visit(path, _fill)
    assert visit(path, _told) == ("", (0, ""), [], [])
    assert path.read_bytes() == before


def test_where_nothing_can_be_kept_work_is_done_all_the_same(path: Path) -> None:
    path.mkdir()
    assert visit(path, lambda known: (_fill(known), _told(known))[1])[0] == "rules"
    missing = path.parent / "nowhere" / "findings.sqlite"
    assert visit(missing, lambda known: (_fill(known), _told(known))[1])[0] == "rules"
    assert not missing.exists()


def test_a_file_in_use_is_not_waited_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency_results, "WAIT_SECONDS", 0.05)
    visit(path, _fill)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert visit(path, _told) == ("", (0, ""), [], [])
    assert visit(path, _told)[0] == "rules"


def test_a_fault_of_the_work_itself_is_not_hidden(path: Path) -> None:
    def work(_: Findings) -> None:
        raise ValueError("a fault")

    with pytest.raises(ValueError, match="a fault"):
        visit(path, work)


def test_any_name_has_a_number() -> None:
    names = ["", "a", "b", "ü", "\ud800", "http://example.org/" + "x" * 9999]
    assert len({number(name) for name in names}) == len(names)
    assert all(-(2**63) <= number(name) < 2**63 for name in names)
