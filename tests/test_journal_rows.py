"""What is at each position of a damaged file is named, and nothing else."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from provstore.storage.journal import Journal
from provstore.storage.journal_entries import Damage, Entry
from provstore.storage.journal_survey import journal_problems
from tests.people import ADA, delivery, store_in

SIZE = 512
INTERIOR, LEAF = 5, 13
"""The kinds of the pages of a table."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A journal with small pages, closed."""
    with store_in(tmp_path) as store:
        for number in range(12):
            delivery(store, ADA, title=f"Data {number}")
        place = store.directory / "journal.sqlite"
    with closing(sqlite3.connect(place)) as db:
        db.executescript(
            f"PRAGMA journal_mode=DELETE; PRAGMA page_size={SIZE}; VACUUM; PRAGMA journal_mode=WAL;"
        )
    return place


def page_of(data: bytes, number: int) -> bytes:
    return data[(number - 1) * SIZE : number * SIZE]


def root(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as db:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return int(db.execute(query, (table,)).fetchone()[0])


def last_leaf(data: bytes, number: int) -> int:
    """The last leaf of the table whose root this page is."""
    while page_of(data, number)[0] == INTERIOR:
        number = int.from_bytes(page_of(data, number)[8:12], "big")
    assert page_of(data, number)[0] == LEAF
    return number


def problems(file: Path) -> dict[str, list[str]]:
    """What is wrong, by its place."""
    named: dict[str, list[str]] = {}
    with closing(Journal(file)) as journal:
        for problem in journal_problems(journal)[1]:
            named.setdefault(problem.where, []).append(problem.what)
    return named


def test_rows_of_another_table_are_taken_for_no_entries(file: Path) -> None:
    """Two pages were swapped; the rows of people have the numbers of sound entries.

    The entries that are lost are the last ones; an index still knows them.
    """
    data = file.read_bytes()
    person, entry = root(file, "person"), last_leaf(data, root(file, "entry"))
    swapped = bytearray(data)
    swapped[(person - 1) * SIZE : person * SIZE] = page_of(data, entry)
    swapped[(entry - 1) * SIZE : entry * SIZE] = page_of(data, person)
    file.write_bytes(swapped)
    with closing(Journal(file)) as journal:
        rows = journal.rows(0, 12)
    lost = {row.position for row in rows if isinstance(row, Damage)}
    assert lost
    assert 1 not in lost
    assert all(row.is_readable for row in rows if isinstance(row, Entry))
    assert {where for where in problems(file) if where.count("/") == 2} == {
        f"/journal/{position}" for position in lost
    }


@pytest.mark.parametrize("column", ["bundle      TEXT", "salt        BLOB"])
def test_a_changed_name_of_a_column_is_a_fault_of_the_file_and_of_no_entry(
    file: Path, column: str
) -> None:
    data = file.read_bytes()
    changed = data.replace(column.encode(), f"x{column[1:]}".encode(), 1)
    assert changed != data
    file.write_bytes(changed)
    named = problems(file)
    assert [*named] == ["/journal"]
    table = "entry" if column.startswith("bundle") else "personal"
    assert f"The file is damaged: The columns of the table {table} changed." in named["/journal"]
