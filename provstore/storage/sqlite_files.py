"""Opens SQLite files, checks that they belong to provstore, and creates new ones.

In: a path, and the kind of the file. Out: a connection. A process that opens a file while another
creates it sees an empty file or the complete one. It knows no table.
"""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from provstore.storage.atomic_files import SHARED, create_file

MAGIC = b"SQLite format 3\0"
"""So every SQLite file begins."""

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_HEADER_FIELDS = ("application_id", "user_version")
_ADVICE = {
    sqlite3.SQLITE_FULL: "Free some space on its disk, then try again.",
    sqlite3.SQLITE_IOERR: "Check the disk and its connection, then try again.",
    sqlite3.SQLITE_CORRUPT: "Check the disk and its connection, then try again.",
    sqlite3.SQLITE_READONLY: "Give this account permission to write, then try again.",
}
"""What to do, by the code of the error; SQLite calls a file malformed if a read failed once."""


class FileKind(NamedTuple):
    """The header of a file: the program that it belongs to, and its format."""

    application: int
    format: int


EMPTY = FileKind(0, 0)


class Connection(sqlite3.Connection):
    """A connection that reports every damage of its file as an error of SQLite.

    If SQLite quotes damaged text in an error, Python cannot read its message, and raises
    UnicodeDecodeError instead.
    """

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        """Run a statement; see `sqlite3.Connection.execute`."""
        try:
            return super().execute(statement, values)
        except UnicodeDecodeError as error:
            malformed = sqlite3.DatabaseError("database disk image is malformed")
            malformed.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise malformed from error


def connect(path: Path | str, wait: float) -> sqlite3.Connection:
    """Connect, for use by any one thread at a time; no transaction begins by itself.

    `wait` is the number of seconds to wait for locks. A new file is for its owner, or for the group
    that its directory was made for; SQLite gives the same permissions to its log.
    """
    if isinstance(path, Path):
        with suppress(OSError):  # SQLite says what is wrong
            if not path.exists():
                os.close(create_file(path, os.O_RDWR, SHARED))
    return _connect(path, wait)


def connect_read_only(path: Path, wait: float) -> tuple[sqlite3.Connection, bool]:
    """Connect to a file that is not to be written; return whether it is read as a snapshot.

    A file with a write-ahead log is read together with a third file, `-shm`. Where that cannot be
    created, the log is read into memory; without a log, the file is read as it is. Such a snapshot
    does not show what others write later.

    Raises:
        sqlite3.DatabaseError: the file cannot be read.

    """
    address = path.absolute().as_uri()
    try:
        return _connect_for_reading(f"{address}?mode=ro", wait), False
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise
    if _has_content(path, "-journal"):  # a writer was interrupted: what it wrote is undone first
        with closing(connect(path, wait)) as db:
            db.execute("SELECT count(*) FROM sqlite_master")
        return _connect_for_reading(f"{address}?mode=ro", wait), False
    if not _has_content(path, "-wal"):
        return _connect_for_reading(f"{address}?mode=ro&immutable=1", wait), True
    # In exclusive mode the index of the log is in memory; without locks, none has to be written.
    return _connect_for_reading(f"{address}?mode=ro&vfs=unix-none", wait, "EXCLUSIVE"), True


def connect_to_damaged(path: Path, wait: float) -> sqlite3.Connection:
    """Connect to a file that SQLite takes for malformed, to read what is left of it.

    Raises:
        sqlite3.DatabaseError: nothing can be read.

    """
    db = _connect(f"{path.absolute().as_uri()}?mode=ro", wait, uri=True)
    try:
        db.execute("PRAGMA writable_schema=ON")  # reads also a file that was cut off
        db.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        db.close()
        raise
    return db


def is_malformed(error: BaseException | None) -> bool:
    """Whether the content of a file is damaged, or could not be read this time."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT


def _connect(place: Path | str, wait: float, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        place,
        timeout=wait,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
        uri=uri,
    )


def _connect_for_reading(address: str, wait: float, mode: str = "NORMAL") -> sqlite3.Connection:
    db = _connect(address, wait, uri=True)
    try:
        db.execute(f"PRAGMA locking_mode={mode}")
        db.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        db.close()
        raise
    return db


def _has_content(path: Path, ending: str) -> bool:
    file = path.with_name(path.name + ending)
    return file.is_file() and file.stat().st_size > 0


def begin_writing(db: sqlite3.Connection) -> None:
    """Begin a transaction that writes; others that write wait.

    A file that cannot be opened for writing at that moment is opened for reading, without an error;
    `BEGIN IMMEDIATE` then begins to read. The statement after it writes nothing, but fails there.

    Raises:
        sqlite3.OperationalError: another connection writes, or the file cannot be written; if
            `is_open_for_reading`, a new connection may be able to.

    """
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("PRAGMA incremental_vacuum").fetchall()
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def is_open_for_reading(error: BaseException | None) -> bool:
    """Whether the error means that this connection can only read the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY


def enable_write_ahead(db: sqlite3.Connection, wait: float) -> None:
    """Switch a file to write-ahead logging, so that readers and a writer do not block each other.

    When several connections switch a file at once, SQLite refuses all but one without waiting,
    so this function waits and tries again.
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


def forget_freed(db: sqlite3.Connection) -> None:
    """Write a file and its log anew, so that nothing that was deleted is left in them.

    Raises:
        sqlite3.OperationalError: others are reading or writing the file.

    """
    db.execute("VACUUM")
    busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("the log is in use")


def remove_halves(directory: Path) -> None:
    """Remove new files that never got their name, because whoever wrote them was stopped.

    Raises:
        OSError: they cannot be removed.

    """
    for half in directory.glob(f".{'[0-9a-f]' * 16}"):
        with half.open("rb") as file:
            is_half = file.read(len(MAGIC)) == MAGIC
        if is_half:
            half.unlink(missing_ok=True)
            half.with_name(f"{half.name}-journal").unlink(missing_ok=True)


def create_schema(db: sqlite3.Connection, kind: FileKind, schema: str) -> FileKind:
    """Turn an empty file into this kind, in one transaction; return the kind it then has.

    The statements of `schema` have no effect if another process was faster.
    """
    if (existing := read_kind(db)) != EMPTY:
        return existing
    db.executescript(
        f"BEGIN IMMEDIATE; {schema}; PRAGMA application_id={kind.application}; "
        f"PRAGMA user_version={kind.format}; COMMIT;"
    )
    return read_kind(db)


def read_kind(db: sqlite3.Connection) -> FileKind:
    """Return the kind of a file: `EMPTY` if it is new, (-1, -1) if it has tables but no header."""
    db.execute("BEGIN")  # read in one transaction: another process may be creating the file
    kind = FileKind(*(db.execute(f"PRAGMA {field}").fetchone()[0] for field in _HEADER_FIELDS))
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    db.execute("COMMIT")
    return FileKind(-1, -1) if kind == EMPTY and tables else kind


def is_busy(error: BaseException | None) -> bool:
    """Whether the error only means that another connection is using the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY


def advice_on(error: BaseException | None) -> str:
    """Return what to do about an error of SQLite that is no damage."""
    if is_busy(error):
        return "Try again in a moment."
    return _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "Try again later.")


def is_write_error(error: BaseException | None) -> bool:
    """Whether the disk is full or cannot be written; the file itself may be sound."""
    codes = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (*codes, sqlite3.SQLITE_CANTOPEN)
