"""The journal keeps what it was given, in order, and says where it was tampered with."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from provstore.errors import Refused, StoreUnavailable
from provstore.storage.journal import START, Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.create(tmp_path / "journal.sqlite")


def fill(journal: Journal, count: int, ingest: str = "cordex-0001") -> None:
    for number in range(count):
        with journal.writing():
            journal.append(
                f"http://example.org/{number}", f"print-{number}", ingest, f"{{{number}}}"
            )


def test_entries_come_back_in_order_and_whole(journal: Journal) -> None:
    fill(journal, 3)
    entries = list(journal.after(0))
    assert [entry.position for entry in entries] == [1, 2, 3]
    assert [entry.content for entry in entries] == ["{0}", "{1}", "{2}"]
    assert list(journal.after(1, 2)) == entries[1:2]
    assert journal.verify() == []


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


@pytest.mark.parametrize(
    ("forgery", "where", "words"),
    [
        ("UPDATE entry SET content = 'x' WHERE position = 2", "/journal/2", "content"),
        ("UPDATE entry SET recorded = 'x' WHERE position = 2", "/journal/2", "chain breaks"),
        ("UPDATE entry SET ingest = 'x' WHERE position = 3", "/journal/3", "chain breaks"),
        ("UPDATE entry SET fingerprint = 'x' WHERE position = 3", "/journal/3", "chain breaks"),
        ("DELETE FROM entry WHERE position = 2", "/journal/3", "Entry 2 is missing"),
        ("UPDATE entry SET chain = 'x' WHERE position = 1", "/journal/1", "chain breaks"),
    ],
)
def test_verify_says_where_the_chain_breaks(
    journal: Journal, tmp_path: Path, forgery: str, where: str, words: str
) -> None:
    fill(journal, 4)
    journal.close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute("DROP TRIGGER entry_is_never_changed")
        db.execute("DROP TRIGGER entry_is_never_removed")
        db.execute(forgery)
    problems = Journal(tmp_path / "journal.sqlite").verify()
    assert problems[0].where == where
    assert any(words in problem.what for problem in problems)


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
    assert journal.verify() == []


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
        assert journal.verify() == []
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
