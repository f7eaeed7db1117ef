"""What is known so far: kept whole or not at all, and never worth more than the time it saves."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from provstore.audit import known_violations
from provstore.audit.known_violations import ConsistencyResults, name_number, update_results
from provstore.storage.journal import Position


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "findings.sqlite"


def _fill(known: ConsistencyResults) -> None:
    known.begin("rules")
    known.learn(1, [(name_number("e"), 3), (name_number("e"), 3), (name_number("a"), 4)])
    known.learn(2, [(name_number("e"), 3)])
    known.replace([1, 2], [["one"], ["other"]])
    known.position = Position(2, "seal")


def _told(known: ConsistencyResults) -> tuple[object, ...]:
    return known.rules, known.position, sorted(known.rows()), sorted(known.all())


def test_what_was_kept_is_there_at_the_next_visit(path: Path) -> None:
    update_results(path, _fill)
    rules, mark, rows, found = update_results(path, _told)
    assert (rules, mark, found) == ("rules", (2, "seal"), [["one"], ["other"]])
    e, a = name_number("e"), name_number("a")
    assert rows == sorted([(e, 3, 1), (e, 3, 2), (a, 4, 1)])
    assert update_results(path, lambda known: sorted(known.holders(e, 3))) == [1, 2]
    assert update_results(path, lambda known: known.holders(e, 4)) == []


def test_a_new_file_knows_nothing(path: Path) -> None:
    assert update_results(path, _told) == ("", (0, ""), [], [])


def test_rows_come_sorted(path: Path) -> None:
    def work(known: ConsistencyResults) -> list[tuple[int, int, int]]:
        for position in (3, 1, 2):
            known.learn(position, [(name_number(f"n{n}"), n % 5) for n in range(20)])
        return list(known.rows())

    rows = update_results(path, work)
    assert rows == sorted(rows)
    assert len(rows) == 60


def test_findings_take_the_place_of_all_that_were_found_in_the_same_bundles(path: Path) -> None:
    def work(known: ConsistencyResults) -> list[list[str]]:
        for position in (1, 2, 3):
            known.replace([position], [[f"in {position}"]])
        known.replace([2, 3], [["in both"]])
        return sorted(known.all())

    assert update_results(path, work) == [["in 1"], ["in both"]]
    update_results(path, lambda known: known.replace([3, 2], []))
    assert update_results(path, ConsistencyResults.all) == [["in 1"]]


def test_who_begins_anew_knows_nothing_any_more(path: Path) -> None:
    update_results(path, _fill)
    update_results(path, lambda known: known.begin("others"))
    assert update_results(path, _told) == ("others", (0, ""), [], [])


def test_a_visit_that_fails_leaves_everything_as_it_was(path: Path) -> None:
    update_results(path, _fill)
    before = update_results(path, _told)

    def work(known: ConsistencyResults) -> None:
        known.begin("others")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update_results(path, work)
    assert update_results(path, _told) == before


@pytest.mark.parametrize("damage", ["text", "middle", "empty", "format", "finding"])
def test_a_damaged_file_is_made_anew(path: Path, damage: str) -> None:
    update_results(path, _fill)
    if damage == "text":
        path.write_text("this is no database, but long enough to be taken for one" * 99)
    elif damage == "middle":
        path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 16384)
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        with closing(sqlite3.connect(path)) as db:
            change = {
                "format": "PRAGMA user_version = 999",
                "finding": "UPDATE finding SET content = 'no JSON'",
            }
            db.execute(change[damage])
            db.commit()
    assert update_results(path, _told) == ("", (0, ""), [], [])
    update_results(path, _fill)
    assert update_results(path, _told)[0] == "rules"


def test_the_file_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE letter (text)")
    before = path.read_bytes()
    update_results(path, _fill)
    assert update_results(path, _told) == ("", (0, ""), [], [])
    assert path.read_bytes() == before


def test_where_nothing_can_be_kept_work_is_done_all_the_same(path: Path) -> None:
    path.mkdir()
    assert update_results(path, lambda known: (_fill(known), _told(known))[1])[0] == "rules"
    missing = path.parent / "nowhere" / "findings.sqlite"
    assert update_results(missing, lambda known: (_fill(known), _told(known))[1])[0] == "rules"
    assert not missing.exists()


def test_a_file_in_use_is_not_waited_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_violations, "WAIT_SECONDS", 0.05)
    update_results(path, _fill)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert update_results(path, _told) == ("", (0, ""), [], [])
    assert update_results(path, _told)[0] == "rules"


def test_a_fault_of_the_work_itself_is_not_hidden(path: Path) -> None:
    def work(_: ConsistencyResults) -> None:
        raise ValueError("a fault")

    with pytest.raises(ValueError, match="a fault"):
        update_results(path, work)


def test_any_name_has_a_number() -> None:
    names = ["", "a", "b", "ü", "\ud800", "http://example.org/" + "x" * 9999]
    assert len({name_number(name) for name in names}) == len(names)
    assert all(-(2**63) <= name_number(name) < 2**63 for name in names)
