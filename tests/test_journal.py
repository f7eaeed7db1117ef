"""The journal keeps what it was given, in order, and says where it was tampered with."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import DamagedStore, Refused, StoreReplaced, StoreUnavailable
from provstore.storage import journal_file
from provstore.storage.journal import START, Journal, Position
from provstore.storage.journal_entries import Entry, Witness, chain_hash
from provstore.storage.journal_survey import journal_problems
from tests.torture.sqlite_pages import page_classes, page_size


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.create(tmp_path / "journal.sqlite")


def fill(journal: Journal, count: int, ingest: str = "cordex-0001") -> None:
    for number in range(count):
        with journal.writing():
            journal.append(
                f"http://example.org/{number}", f"print-{number}", ingest, f"{{{number}}}"
            )


def test_a_secret_that_was_undone_with_the_first_entry_is_not_used(journal: Journal) -> None:
    """Else a journal that is opened again knows none of its inputs."""
    with suppress(InterruptedError), journal.writing():
        for number in range(2):
            journal.append(f"http://example.org/{number}", f"print-{number}", "", "{}")
        raise InterruptedError
    fill(journal, 1)
    journal.close()
    again = Journal(journal.path)
    assert again.file_faults() == []
    assert again.entry_of_input("print-0") is not None


def test_entries_come_back_in_order_and_whole(journal: Journal) -> None:
    fill(journal, 3)
    entries = list(journal.after(0))
    assert [entry.position for entry in entries] == [1, 2, 3]
    assert [entry.content for entry in entries] == ["{0}", "{1}", "{2}"]
    assert list(journal.after(1, 2)) == entries[1:2]
    assert journal_problems(journal)[1] == []


def test_the_same_input_again_adds_nothing(journal: Journal) -> None:
    fill(journal, 1)
    with journal.writing():
        entry, new = journal.append("http://example.org/0", "print-0", "cordex-0001", "{0}")
    assert not new
    assert entry == next(journal.after(0))
    assert journal.head().position == 1


def test_a_bundle_of_the_same_name_with_other_content_is_refused(journal: Journal) -> None:
    fill(journal, 1)
    with pytest.raises(Refused, match="already exists with other content"), journal.writing():
        journal.append("http://example.org/0", "print-other", "cordex-0001", "{9}")
    assert [entry.content for entry in journal.after(0)] == ["{0}"]


def test_what_fails_within_a_transaction_is_not_kept(journal: Journal) -> None:
    def fail() -> None:
        with journal.writing():
            journal.append("http://example.org/0", "print-0", "", "{}")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert journal.head() == START


def test_entries_can_neither_be_changed_nor_removed(journal: Journal, tmp_path: Path) -> None:
    fill(journal, 1)
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        for text in ("UPDATE entry SET content = 'x'", "DELETE FROM entry"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(text)


FORGERIES = {
    "content": ("UPDATE entry SET content = 'x' WHERE position = 2", 2, "content changed"),
    "recorded": ("UPDATE entry SET recorded = 'x' WHERE position = 2", 2, "does not fit"),
    "ingest": ("UPDATE entry SET ingest = 'x' WHERE position = 3", 3, "does not fit"),
    "fingerprint": ("UPDATE entry SET fingerprint = 'x' WHERE position = 3", 3, "does not fit"),
    "sha256": ("UPDATE entry SET sha256 = 'x' WHERE position = 3", 3, "recorded SHA-256 changed"),
    "removed": ("DELETE FROM entry WHERE position = 2", 2, "no entry at this position"),
    "chain of the first": ("UPDATE entry SET chain = 'x' WHERE position = 1", 1, "does not fit"),
    "chain": ("UPDATE entry SET chain = 'x' WHERE position = 3", 3, "does not fit"),
    "not text": (
        "UPDATE entry SET content = CAST('x' AS BLOB) WHERE position = 2",
        2,
        "another type",
    ),
    "value": ("UPDATE personal SET value = 'os:eve' WHERE position = 2", 2, "personal value"),
    "salt": ("UPDATE personal SET salt = 'x' WHERE position = 2", 2, "values is of another type"),
    "no value": ("DELETE FROM personal WHERE position = 2", 2, "refers to 1 personal values"),
}


def forge(path: Path, *statements: str) -> None:
    """Change a journal as somebody could who writes the file."""
    with sqlite3.connect(path) as db:
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        kept = db.execute(triggers).fetchall()
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE type = 'table'")
        db.execute("PRAGMA writable_schema=OFF")
    with sqlite3.connect(path) as db:
        for name, _ in kept:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for _, text in kept:
            db.execute(text)


@pytest.mark.parametrize("name", FORGERIES)
def test_verify_names_the_damaged_entry_and_no_other(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    statement, position, words = FORGERIES[name]
    fill(journal, 4)
    journal.close()
    forge(tmp_path / "journal.sqlite", statement)
    _, problems = journal_problems(Journal(tmp_path / "journal.sqlite"))
    assert [problem.where for problem in problems] == [f"/journal/{position}"]
    assert words in problems[0].what


@pytest.mark.parametrize("name", ["content", "sha256", "not text"])
def test_reading_compares_the_content_with_its_hash(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    statement, position, _ = FORGERIES[name]
    fill(journal, 4)
    journal.close()
    forge(tmp_path / "journal.sqlite", statement)
    with pytest.raises(DamagedStore, match=f"/journal/{position}") as caught:
        list(Journal(tmp_path / "journal.sqlite").after(0))
    assert [problem.where for problem in caught.value.problems] == [f"/journal/{position}"]


def test_a_journal_that_is_known_to_be_damaged_takes_nothing(
    journal: Journal, tmp_path: Path
) -> None:
    """Whoever reads the damaged entry finds it; from then on nobody writes, until it is sound."""
    path = tmp_path / "journal.sqlite"
    fill(journal, 4)
    journal.close()
    forge(path, FORGERIES["content"][0])
    other = Journal(path)
    with pytest.raises(DamagedStore):
        list(Journal(path).after(0))
    with pytest.raises(DamagedStore, match="damaged"):
        fill(other, 5)
    assert other.head().position == 4
    forge(path, "UPDATE entry SET content = '{1}' WHERE position = 2")
    other.mark_damaged(journal_problems(other)[1])
    fill(other, 5)
    assert other.head().position == 5


def test_a_damaged_last_entry_is_noticed_before_anything_is_added(
    journal: Journal, tmp_path: Path
) -> None:
    fill(journal, 4)
    journal.close()
    forge(tmp_path / "journal.sqlite", "UPDATE entry SET content = 'x' WHERE position = 4")
    again = Journal(tmp_path / "journal.sqlite")
    with pytest.raises(DamagedStore, match="/journal/4"):
        fill(again, 5)


def test_a_journal_that_lost_what_this_process_saw_takes_nothing(
    journal: Journal, tmp_path: Path
) -> None:
    fill(journal, 4)
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute("DROP TRIGGER entry_is_never_removed")
        db.execute("DELETE FROM entry WHERE position > 2")
    with pytest.raises(DamagedStore, match="Entry 3 was there before, but is lost or changed now"):
        fill(journal, 5)


@pytest.mark.parametrize("name", ["INDEX entry_ingest", "TRIGGER entry_is_never_changed"])
def test_a_journal_without_its_indexes_and_guards_is_damaged(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    fill(journal, 3)
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute(f"DROP {name}")
    _, problems = journal_problems(journal)
    assert [problem.where for problem in problems] == ["/journal"]
    assert f"{name.split()[1]} is missing" in problems[0].what


MOVES = {
    "one row": ("UPDATE entry SET position = 700 WHERE position = 5",),
    "the first": ("UPDATE entry SET position = 700 WHERE position = 1",),
    "two that follow": ("UPDATE entry SET position = position + 700 WHERE position IN (5, 6)",),
    "two apart": ("UPDATE entry SET position = position + 700 WHERE position IN (3, 7)",),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_row_that_was_moved_is_named_and_nothing_before_its_new_place(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    fill(journal, 10)
    head = journal.head()
    forge(tmp_path / "journal.sqlite", "CREATE TABLE filler (x)", *MOVES[name])
    forge(tmp_path / "journal.sqlite", "INSERT INTO filler VALUES (zeroblob(90000))")
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        moved = [at for (at,) in db.execute("SELECT position FROM entry WHERE position > 10")]
    last, problems = journal_problems(journal)
    assert last == head
    named = {int(problem.where.split("/")[2]) for problem in problems}
    places = [problem for problem in problems if "its position changed" in problem.what]
    assert [problem.where for problem in places] == [f"/journal/{at}" for at in moved]
    assert named - {*moved} == {*range(1, 11)} - {
        entry.position for entry in journal.rows(0, 10) if isinstance(entry, Entry)
    }


def test_the_first_write_of_a_process_sees_that_the_last_row_does_not_follow(
    journal: Journal, tmp_path: Path
) -> None:
    fill(journal, 5)
    forge(tmp_path / "journal.sqlite", "UPDATE entry SET position = 90 WHERE position = 3")
    with pytest.raises(DamagedStore):
        fill(Journal(tmp_path / "journal.sqlite"), 6)


def test_what_a_witness_knows_otherwise_is_named(journal: Journal) -> None:
    fill(journal, 3)
    head = journal.head()
    outside = [
        Witness("a checkpoint", head),
        Witness("the outbox", Position(5, "f" * 64)),
        Witness("a copy", Position(2, "e" * 64)),
    ]
    _, problems = journal_problems(journal, outside)
    assert [(problem.where, problem.what) for problem in problems] == [
        ("/journal/2", "a copy has a different entry here."),
        (
            "/journal/4",
            "The journal ends at entry 3, but the outbox names 5: entries 4 to 5 are missing.",
        ),
    ]


@pytest.mark.parametrize("act", ["moved", "replaced", "deleted", "settings"])
def test_nothing_is_recorded_in_a_store_that_is_not_the_one_that_was_opened(
    tmp_path: Path, act: str
) -> None:
    """An entry in a file that nobody opens again is lost, so it is not acknowledged."""
    place = tmp_path / "store"
    place.mkdir()
    (place / "provstore.toml").write_text("format = 1")
    journal = Journal.create(place / "journal.sqlite")
    fill(journal, 1)
    shutil.copytree(place, tmp_path / "backup")
    if act == "settings":
        (place / "provstore.toml").rename(place / "old.toml")
    else:
        place.rename(tmp_path / "elsewhere")
    if act == "replaced":
        (tmp_path / "backup").rename(place)
    if act == "deleted":
        shutil.rmtree(tmp_path / "elsewhere")
    with pytest.raises(StoreReplaced, match="moved or replaced"):
        fill(journal, 2)


def test_a_store_that_is_replaced_while_an_entry_is_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    journal = Journal.create(tmp_path / "store" / "journal.sqlite")

    def replace() -> None:
        with journal.writing():
            journal.append("http://example.org/0", "print-0", "", "{}")
            (tmp_path / "store").rename(tmp_path / "elsewhere")

    with pytest.raises(StoreReplaced):
        replace()
    journal.close()
    assert Journal(tmp_path / "elsewhere" / "journal.sqlite").head() == START


def test_the_next_number_of_a_series_counts_past_its_digits(journal: Journal) -> None:
    assert journal.last_number("cordex") == 0
    for name in ("cordex-0009", "cordex-9999", "cordex-10000", "cordex-cmip6-20000", "cor-30000"):
        with journal.writing():
            journal.append(f"http://example.org/{name}", name, name, "{}")
    assert journal.last_number("cordex") == 10000
    assert journal.last_number("cordex-cmip6") == 20000


def test_two_processes_can_append_at_once(journal: Journal, tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from provstore.storage.journal import Journal
        journal = Journal(Path(sys.argv[1]))
        for number in range(40):
            with journal.writing():
                name = f"{sys.argv[2]}-{number}"
                journal.append(f"http://example.org/{name}", name, name, "{}")
        """
    )
    path = str(tmp_path / "journal.sqlite")
    writers = [subprocess.Popen([sys.executable, "-c", program, path, who]) for who in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert journal.head().position == 80
    assert journal_problems(journal)[1] == []


def test_an_acknowledged_entry_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from provstore.storage.journal import Journal
        journal = Journal(Path(sys.argv[1]))
        for number in range(100000):
            with journal.writing():
                name = f"http://example.org/{number}"
                entry, _ = journal.append(name, name, "", "x" * 5000)
            print(entry.position, flush=True)
        """
    )
    path = tmp_path / "journal.sqlite"
    Journal.create(path).close()
    for _ in range(5):
        before = Journal(path).head().position
        work = program.replace("range(100000)", f"range({before}, 100000)")
        writer = subprocess.Popen(
            [sys.executable, "-c", work, path],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.wait()
        journal = Journal(path)
        assert journal.head().position >= max([*acknowledged, *map(int, rest)])
        assert journal_problems(journal)[1] == []
        journal.close()


def test_every_commit_is_synchronous(journal: Journal) -> None:
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a journal of provstore"),
        (b"no database at all, only words" * 99, "not a journal"),
    ],
)
def test_what_is_no_journal_is_said_to_be_none(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match=words):
        Journal(path)


def test_where_no_file_can_be_made_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        Journal.create(tmp_path)
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        Journal.create(tmp_path / "nowhere" / "journal.sqlite")


def test_what_is_made_again_is_what_was_there(journal: Journal) -> None:
    fill(journal, 2)
    assert Journal.create(journal.path).head() == journal.head()


def test_a_journal_that_was_hardly_begun_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.touch()
    fill(Journal.create(path), 1)
    assert Journal(path).head().position == 1


def test_a_journal_of_a_newer_version_is_not_touched(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnavailable, match="newer provstore"):
        Journal(tmp_path / "journal.sqlite")


@pytest.mark.parametrize("number", [0, -7])
def test_a_journal_whose_header_has_no_format_is_damaged(
    journal: Journal, tmp_path: Path, number: int
) -> None:
    journal.close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute(f"PRAGMA user_version = {number}")
    with pytest.raises(StoreUnavailable, match=f"its header gives format {number}.*repair"):
        Journal(tmp_path / "journal.sqlite")


@pytest.mark.parametrize("position", [5000, 2**62])
def test_a_row_at_an_impossible_position_costs_no_line_for_each_before_it(
    journal: Journal, tmp_path: Path, position: int
) -> None:
    fill(journal, 200)
    journal.close()
    forge(tmp_path / "journal.sqlite", f"UPDATE entry SET position = {position} WHERE position = 9")
    _, problems = journal_problems(Journal(tmp_path / "journal.sqlite"))
    assert "/journal/9" in [problem.where for problem in problems]
    assert len(problems) <= 4


@given(
    st.tuples(
        st.integers(min_value=1), *[st.text()] * 5, st.integers(min_value=0), *[st.text()] * 3
    ),
    st.text(),
)
def test_the_chain_hash_is_that_of_the_row_as_json(row: tuple[Any, ...], before: str) -> None:
    """Journals were written so, and must verify for ever; format 1 had no principal."""
    entry = Entry._make(row)
    since_format_2 = [entry.principal, entry.personal] if entry.principal else []
    text = json.dumps([before, *entry[:5], *since_format_2, entry.sha256], ensure_ascii=False)
    assert chain_hash(before, entry) == sha256(text.encode()).hexdigest()


def test_a_schema_that_sqlite_cannot_read_is_named_although_all_entries_are_sound(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    fill(journal, 3)
    journal.close()
    data = path.read_bytes()
    assert b"CREATE TRIGGER" in data
    path.write_bytes(data.replace(b"CREATE TRIGGER", b"CREATE TRIGG7_"))
    journal = Journal(path)
    head, problems = journal_problems(journal)
    journal.close()
    assert head.position == 3
    assert [str(problem) for problem in problems] == [
        "/journal: The file is damaged: SQLite cannot read its schema."
    ]


def test_a_row_whose_position_is_damaged_hides_none_behind_it(tmp_path: Path) -> None:
    """A scan stops at a position that is too high; those behind it are still there."""
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    fill(journal, 30)
    journal.close()
    data = bytearray(path.read_bytes())
    (place,) = [
        place
        for place, position in _positions(path)
        if position == 6 and b"http://example.org/5" in data[place : place + 100]
    ]
    data[place] = 127
    path.write_bytes(data)
    journal = Journal(path)
    _, problems = journal_problems(journal)
    journal.close()
    assert {problem.where for problem in problems} == {"/journal", "/journal/6"}


def _positions(path: Path) -> Iterator[tuple[int, int]]:
    """Where the file has the number of each row (below 128: one byte), entries first."""
    data = path.read_bytes()
    for page, kind in page_classes(path).items():
        start = (page - 1) * page_size(data)
        if kind != "leaf-table":
            continue
        for pointer in range(int.from_bytes(data[start + 3 : start + 5], "big")):
            at = start + 8 + 2 * pointer
            cell = start + int.from_bytes(data[at : at + 2], "big")
            while data[cell] & 0x80:  # the length of the row
                cell += 1
            yield cell + 1, data[cell + 1]


def test_a_connection_that_can_only_read_is_made_anew(journal: Journal) -> None:
    """SQLite opens a file for reading, without an error, if it cannot be opened for writing."""
    fill(journal, 1)
    journal._db.close()
    journal._db = sqlite3.connect(
        f"{journal.path.as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    with journal.writing():
        journal.append("b:2", "f2", "cordex-0001", "content")
    assert journal.head().position == 2


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR])
def test_an_error_of_reading_that_does_not_come_again_is_no_damage(
    journal: Journal, code: int
) -> None:
    """SQLite calls a file malformed if a read failed once."""
    fill(journal, 2)
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = code
    with pytest.raises(StoreUnavailable, match="then try again") as caught, journal._reading():
        raise error
    assert not isinstance(caught.value, DamagedStore)
    assert not journal.damage_file.exists()
    before = journal._db
    assert journal.head().position == 2
    assert journal._db is not before
    with journal.writing():
        journal.append("b:3", "f3", "cordex-0001", "content")


def test_a_journal_that_cannot_be_opened_again_works_once_it_can(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(journal, 1)

    def fail(_: Path) -> sqlite3.Connection:
        raise StoreUnavailable("No space left on device")

    journal._is_failing = True
    with monkeypatch.context() as broken:
        broken.setattr(journal_file, "connect_journal", fail)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="No space"):
                journal.head()
    assert journal.head().position == 1
    journal.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        journal.head()
