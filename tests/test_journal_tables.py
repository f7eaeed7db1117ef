"""Rows, values and people go into another file as they are stored."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from provstore.storage.journal import Journal
from provstore.storage.journal_tables import (
    KIND,
    SELECT,
    JournalTables,
    schema_names,
)
from provstore.storage.sqlite_files import connect, read_kind
from tests.people import ADA, BEN, DI, delivery, files_with, review, store_in


def copy(journal: Journal, target: Path, upto: int) -> None:
    """Copy entries, values and people into a new file."""
    with closing(connect(target, 1)) as db:
        tables = JournalTables(db, journal.format)
        tables.create()
        for entry in journal.rows(0, upto):
            assert not isinstance(entry, tuple) or hasattr(entry, "chain")
            tables.add(entry, journal.values_of([entry]).get(entry.position, ()))  # type: ignore[arg-type, list-item, union-attr]
        with journal.snapshot() as source:
            tables.take_people(source)
        db.commit()


@pytest.mark.parametrize("number", [1, 2])
def test_each_format_has_its_tables_and_its_number(number: int, tmp_path: Path) -> None:
    with closing(connect(tmp_path / "new", 1)) as db:
        JournalTables(db, number).create()
        assert read_kind(db) == (KIND.application, number)
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        assert names == schema_names(number)
        assert not db.execute(SELECT[number]).fetchall()
    assert ("personal" in names) == (number == 2)


def test_a_copy_has_the_same_entries_values_and_people(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        ingest = delivery(store, ADA)
        review(store, ingest, BEN, "Fine.")
        store.amend("ada@example.org", by=DI, reason="She wrote.", name="Ada New")
        journal = store._journal
        copy(journal, tmp_path / "copy", 3)
        with closing(Journal(tmp_path / "copy", read_only=True)) as other:
            assert [*other.after(0)] == [*journal.after(0)]
            assert other.replacements() == journal.replacements()
            tables = ("person", "secret", "redacted_person", "personal")
            for table in tables:
                query = f"SELECT * FROM {table} ORDER BY 1, 2"
                with journal.snapshot() as one, other.snapshot() as two:
                    assert one.execute(query).fetchall() == two.execute(query).fetchall()


def test_values_that_later_acts_replaced_are_taken_over(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        copy(store._journal, tmp_path / "copy", 1)
        store.redact("ada@example.org", by=DI, reason="The person asked for it.")
        with closing(connect(tmp_path / "copy", 1)) as db, store._journal.snapshot() as source:
            db.execute("PRAGMA secure_delete=ON")
            tables = JournalTables(db, 2)
            assert tables.take_replacements(source, 1)
            assert not tables.take_replacements(source, 2)
            assert tables.take_replacements(source, 1)  # again: they are the same
            query = "SELECT * FROM personal WHERE position = 1 ORDER BY reference"
            assert db.execute(query).fetchall() == source.execute(query).fetchall()
            db.commit()
        (tmp_path / "only").mkdir()
        (tmp_path / "copy").rename(tmp_path / "only" / "copy")
        assert not files_with(tmp_path / "only", "Ada Example", "ada@example.org")


def test_a_row_with_the_name_of_another_is_refused(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        (row,) = store._journal.rows(0, 1)
        with closing(connect(tmp_path / "copy", 1)) as db:
            tables = JournalTables(db, 2)
            tables.create()
            tables.add(row, ())  # type: ignore[arg-type]
            with pytest.raises(sqlite3.IntegrityError):
                tables.add(row._replace(position=2), ())  # type: ignore[union-attr]
