"""Our files that SQLite keeps: how one is opened, whose it is, and how a new one begins.

In: a path, and what the file is to be. Out: a connection. Whoever opens a file while somebody else
is making it finds nothing or all of it. It knows no table.
"""

import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_HEADER_FIELDS = ("application_id", "user_version")


class FileKind(NamedTuple):
    """What a file says in its header: the program that it belongs to, and its format."""

    application: int
    format: int


EMPTY = FileKind(0, 0)


def connect(path: Path | str, wait: float) -> sqlite3.Connection:
    """A connection for any thread, one at a time; it begins no transaction by itself.

    `wait` is how many seconds it waits for others.
    """
    return sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)


def enable_write_ahead(db: sqlite3.Connection, wait: float) -> None:
    """Let others read while somebody writes, in this file from now on.

    SQLite refuses all but one of those who change a file so at once, and waits for none of them
    although it does so elsewhere: it holds a lock that the others wait for.
    """
    until = time.monotonic() + wait
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def create_schema(db: sqlite3.Connection, kind: FileKind, schema: str) -> FileKind:
    """Make an empty file one of that kind, in one transaction; say what it is then.

    All statements of `schema` are without effect where somebody else was quicker.
    """
    if (existing := read_kind(db)) != EMPTY:
        return existing
    db.executescript(
        f"BEGIN IMMEDIATE; {schema}; PRAGMA application_id={kind.application}; "
        f"PRAGMA user_version={kind.format}; COMMIT;"
    )
    return read_kind(db)


def read_kind(db: sqlite3.Connection) -> FileKind:
    """What a file is; `EMPTY` if it is new. One with tables of nobody's is of no known kind."""
    db.execute("BEGIN")  # one moment, whoever makes it meanwhile
    kind = FileKind(*(db.execute(f"PRAGMA {field}").fetchone()[0] for field in _HEADER_FIELDS))
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    db.execute("COMMIT")
    return FileKind(-1, -1) if kind == EMPTY and tables else kind


def is_busy(error: BaseException | None) -> bool:
    """Whether it is only that somebody else uses the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY
