"""The SQLite file of the search view: transactions, locking and errors.

In: a path. Out: connections, each used by one caller at a time, within a transaction. It knows no
documents and no queries.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NoReturn

from provstore.errors import ViewUnavailable
from provstore.storage.sqlite_files import (
    FileKind,
    begin_writing,
    connect,
    create_schema,
    enable_write_ahead,
    is_busy,
    is_open_for_reading,
)

KIND = FileKind(0x70727673, 1)  # "prvs" and the format
WAIT_SECONDS = 30.0

_TABLES = ("mark", "bundle", "facets", "thing", "said")
_INSERT_START = "INSERT INTO mark SELECT 0, '', 0, 0 WHERE NOT EXISTS (SELECT * FROM mark)"
"""The position of an empty view."""


class ConnectionPool:
    """The open connections of a file: only as many as are used at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read a single state of the file, even while others write.

        Raises:
            ViewUnavailable: the file cannot be read.

        """
        with self._within(lambda db: db.execute("BEGIN")) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write within the block, atomically.

        Raises:
            ViewUnavailable: the file cannot be written, or another process keeps it locked.

        """
        with self._within(begin_writing) as db:
            yield db

    def clear(self) -> None:
        """Delete all data, for every process that has the file open; remove an unusable file."""
        try:
            with self.writing() as db:
                for table in _TABLES:
                    db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
                db.execute("INSERT INTO words(words) VALUES ('delete-all')")
                db.execute(_INSERT_START)
        except ViewUnavailable as error:
            if is_busy(error.__cause__):
                raise
            self.close()
            try:
                for end in ("-wal", "-shm", ""):  # SQLite would replay a leftover log in a new file
                    self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            except OSError as reason:
                raise self._unusable(reason.strerror or str(reason)) from reason

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    @contextmanager
    def _within(
        self, begin: Callable[[sqlite3.Connection], object]
    ) -> Iterator[sqlite3.Connection]:
        db = None
        try:
            with self._lock:
                db = self._idle.pop() if self._idle else None
            db = db or self._opened()
            try:
                begin(db)
            except sqlite3.OperationalError as error:
                if not is_open_for_reading(error):
                    raise
                self.close()  # what these connections share may be open for reading only, too
                db.close()
                db = self._opened()
                begin(db)
            yield db
            db.execute("COMMIT")
        except BaseException as error:
            if db is not None:
                db.close()  # rolls back
            if isinstance(error, sqlite3.DatabaseError):
                raise self._unusable(str(error)) from error
            raise
        with self._lock:
            self._idle.append(db)

    def _opened(self) -> sqlite3.Connection:
        db = connect(self.path, WAIT_SECONDS)
        try:
            enable_write_ahead(db, WAIT_SECONDS)
            # NORMAL keeps the file consistent; entries lost in a power cut are loaded again.
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("PRAGMA cache_size=-16000")
            if create_schema(db, KIND, _schema()) != KIND:
                self._refuse("it comes from another version or another program")
        except BaseException:
            db.close()
            raise
        return db

    def _refuse(self, reason: str) -> NoReturn:
        raise self._unusable(reason)

    def _unusable(self, reason: str) -> ViewUnavailable:
        return ViewUnavailable(
            f"The search view cannot be used: {self.path}: {reason}.",
            "Rebuild it: provstore rebuild search",
        )


@cache
def _schema() -> str:
    schema = files("provstore.views.search").joinpath("schema.sql")
    return f"{schema.read_text(encoding='utf-8')} {_INSERT_START}"
