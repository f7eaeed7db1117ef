import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from provstore.storage.sqlite_files import (
    EMPTY,
    FileKind,
    begin_writing,
    connect,
    create_schema,
    enable_write_ahead,
    is_busy,
    is_malformed,
    is_open_for_reading,
    read_kind,
)

KIND = FileKind(0x74657374, 3)
SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (position INTEGER);
INSERT INTO mark SELECT 0 WHERE NOT EXISTS (SELECT * FROM mark)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.sqlite"


@pytest.mark.parametrize("ahead", [True, False])
def test_whoever_opens_a_new_file_at_the_same_time_finds_it_whole(
    tmp_path: Path, ahead: bool
) -> None:
    """Also the one who comes while another is making it."""
    found: list[object] = []

    def first_look(path: Path, gate: threading.Barrier) -> None:
        with closing(connect(path, 30)) as db:
            gate.wait()
            try:
                if ahead:
                    enable_write_ahead(db, 30)
                found.append(
                    (create_schema(db, KIND, SCHEMA), db.execute("SELECT * FROM mark").fetchall())
                )
            except sqlite3.Error as error:  # what went wrong in a thread is shown by the test
                found.append(error)

    for number in range(40):
        args = (tmp_path / f"{number}.sqlite", threading.Barrier(8))
        threads = [threading.Thread(target=first_look, args=args) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert found == [(KIND, [(0,)])] * 320


def test_a_file_that_is_something_already_is_left_as_it_is(path: Path) -> None:
    with closing(connect(path, 1)) as db:
        create_schema(db, FileKind(1, 1), "CREATE TABLE theirs (x)")
        assert create_schema(db, KIND, SCHEMA) == read_kind(db) == FileKind(1, 1)
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_tables_of_nobody_are_not_taken_for_a_new_file(path: Path) -> None:
    with closing(connect(path, 1)) as db:
        assert read_kind(db) == EMPTY
        db.execute("CREATE TABLE nobodys (x)")
        assert read_kind(db) not in (EMPTY, KIND)
        assert create_schema(db, KIND, SCHEMA) not in (EMPTY, KIND)


def test_a_schema_that_fails_leaves_a_new_file(path: Path) -> None:
    with closing(connect(path, 1)) as db, pytest.raises(sqlite3.Error):
        create_schema(db, KIND, SCHEMA + "; CREATE TABLE mark (twice)")
    with closing(connect(path, 1)) as db:
        assert read_kind(db) == EMPTY


def test_a_file_in_use_is_told_from_one_of_no_use(path: Path) -> None:
    with closing(connect(path, 0)) as one, closing(connect(path, 0)) as other:
        create_schema(one, KIND, SCHEMA)
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.Error) as in_use:
            enable_write_ahead(other, 0)
    path.write_bytes(b"this is no database " * 1000)
    with closing(connect(path, 0)) as db, pytest.raises(sqlite3.Error) as of_no_use:
        read_kind(db)
    assert is_busy(in_use.value)
    assert not is_busy(of_no_use.value)
    assert not is_busy(None)


def test_a_file_that_was_opened_for_reading_is_noticed_before_anything_is_written(
    path: Path,
) -> None:
    """`BEGIN IMMEDIATE` alone succeeds there."""
    with closing(connect(path, 1)) as db:
        create_schema(db, KIND, SCHEMA)
        begin_writing(db)
        db.execute("INSERT INTO mark VALUES (1)")
        db.execute("COMMIT")
    address = f"{path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as reader:
        with pytest.raises(sqlite3.OperationalError) as caught:
            begin_writing(reader)
        assert is_open_for_reading(caught.value)
        assert not reader.in_transaction
        assert reader.execute("SELECT count(*) FROM mark").fetchone() == (2,)


def test_an_error_whose_text_is_damaged_is_an_error_of_sqlite(tmp_path: Path) -> None:
    """SQLite quotes the damaged schema, and Python cannot read what it quotes."""
    path = tmp_path / "file.sqlite"
    with closing(connect(path, 1)) as db:
        db.execute("CREATE TABLE somewhat (column_of_a_table TEXT)")
    content = path.read_bytes()
    path.write_bytes(
        content.replace(b"CREATE TABLE somewhat", b"CREATE \xde\xad\xbe\xef\xde\xad somewhat"[:21])
    )
    with closing(connect(path, 1)) as db, pytest.raises(sqlite3.DatabaseError) as caught:
        db.execute("SELECT * FROM somewhat")
    assert is_malformed(caught.value)
