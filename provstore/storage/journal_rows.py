"""The rows of a journal as they are stored, sound or not; and what is wrong with its file.

In: positions. Out: rows, personal values, or why they cannot be read. It compares no hash.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from provstore.ingest.personal_values import PersonalValue
from provstore.storage.file_errors import file_errors
from provstore.storage.journal_entries import MISSING, Damage, Entry, StoredEntry, StoredValue
from provstore.storage.journal_file import JournalFile
from provstore.storage.journal_tables import (
    BETWEEN,
    SELECT,
    SELECT_BYTES,
    SELECT_VALUES,
    columns_of,
    schema_columns,
    schema_names,
)

SMALLEST_ENTRY = 64
"""Bytes: three hashes alone take more."""
_NEXT = "SELECT min(position) FROM entry WHERE position > ?"
_LAST_POSITIONS = (  # the row of another table, where pages were swapped, has no chain hash
    "SELECT position FROM entry WHERE position <= ? AND typeof(chain) = 'text' "
    "ORDER BY position DESC LIMIT 1",
    "SELECT max(position) FROM entry INDEXED BY entry_ingest WHERE ingest >= '' AND position <= ?",
)
_INDEXED = (
    "SELECT min(position), max(position), count(DISTINCT position) "
    "FROM entry INDEXED BY entry_ingest WHERE ingest >= ''"
)
_WHERE_AT = "WHERE position = ?"
_SCAN = "NOT INDEXED WHERE +position > ? AND +position <= ?"  # the sign: not by position


class JournalRows(JournalFile):
    """What is at each position of a journal; a damaged file may have anything."""

    def rows(self, after: int, upto: int) -> list[Entry | Damage]:
        """Return every row after a position, as stored; for one that cannot be read, the reason.

        Nothing is compared here: `journal_survey` does that.
        """
        with self._lock:
            try:
                rows = self._db.execute(self._select + BETWEEN, (after, upto)).fetchall()
            except sqlite3.DatabaseError:
                return [self._row(position) for position in range(after + 1, upto + 1)]
        positions = range(after + 1, upto + 1)
        readable = [entry for entry in map(Entry._make, rows) if entry.is_readable]
        if [entry.position for entry in readable] == [*positions]:
            return [*readable]
        # A row whose position is damaged can hide those behind it from a search for positions, but
        # not from one look-up each, or at least not from a scan of the whole table. Where pages
        # were swapped, rows of another table have positions, too; they are no entries.
        by_position = {entry.position: entry for entry in readable}
        last = self.last_position()
        rows = [by_position.get(at) or (self._row(at) if at <= last else None) for at in positions]
        hidden = any(isinstance(row, Damage) for row in rows)
        scanned = self._scanned(after, upto) if hidden else {}
        return [
            row if isinstance(row, Entry) else scanned.get(at) or row or Damage(at, MISSING)
            for at, row in zip(positions, rows, strict=True)
        ]

    def stored(self, positions: Sequence[int]) -> list[Entry]:
        """Return the rows at these positions, as stored; a row that cannot be read is left out."""
        if not positions:
            return []
        first, last = positions[0], positions[-1]
        if last - first < len(positions):  # all of them
            rows = self.rows(first - 1, last)
        else:
            rows = [row for at in positions if (row := self._row(at))]
        return [row for row in rows if isinstance(row, Entry)]

    def stored_bytes(self, after: int, upto: int) -> tuple[list[StoredEntry], list[StoredValue]]:
        """Return the rows after a position and their personal values, both by position.

        Raises:
            sqlite3.DatabaseError: any of them cannot be read.

        """
        between, values = (after, upto), list[StoredValue]()
        with self._lock:
            rows = self._db.execute(SELECT_BYTES[self.format] + BETWEEN, between).fetchall()
            if self.format > 1:
                values = self._db.execute(SELECT_VALUES + BETWEEN, between).fetchall()
        return rows, values

    def _scanned(self, after: int, upto: int) -> dict[int, Entry]:
        """Return the rows at these positions that a scan of the whole table finds."""
        by_position: dict[int, Entry] = {}
        with self._lock, suppress(sqlite3.DatabaseError):
            for row in self._db.execute(self._select + _SCAN, (after, upto)):
                by_position[row[0]] = Entry._make(row)
        return by_position

    def _row(self, position: int) -> Entry | Damage:
        try:
            row = self._db.execute(self._select + _WHERE_AT, (position,)).fetchone()
        except sqlite3.DatabaseError as error:
            return Damage(position, f"It cannot be read: {error}.")
        return Entry._make(row) if row else Damage(position, MISSING)

    def values_of(self, stored: Iterable[Entry]) -> Mapping[int, Sequence[PersonalValue]]:
        """Return the personal values of stored entries, as far as they can be read."""
        positions = [entry.position for entry in stored if entry.personal]
        with self._lock:
            try:
                return self.personal.values(positions) if positions else {}
            except sqlite3.DatabaseError:
                readable: dict[int, Sequence[PersonalValue]] = {}
                for position in positions:
                    with suppress(sqlite3.DatabaseError):
                        readable |= self.personal.values([position])
                return readable

    def last_position(self) -> int:
        """Return the highest position that the table or one of its indexes knows.

        More entries than fit into the file cannot be missing: then a position is damaged.
        """
        most, positions = self.most_entries(), [0]
        for query in _LAST_POSITIONS:
            with self._lock, suppress(sqlite3.DatabaseError):
                rows = self._db.execute(query, (most,))
                positions += [row[0] for row in rows if isinstance(row[0], int)]
        return max(positions)

    def is_indexed(self, last: int) -> bool:
        """Whether an index knows each position up to this one, and none beyond it."""
        with self._lock, suppress(sqlite3.DatabaseError):
            row = self._db.execute(_INDEXED).fetchone()
            return bool(row == (1, last, last))
        return False

    def most_entries(self) -> int:
        """Return how many entries the file has room for."""
        log = self.path.with_name(f"{self.path.name}-wal")
        with file_errors(self.path, "read"):
            size = sum(place.stat().st_size for place in (self.path, log) if place.is_file())
        return size // SMALLEST_ENTRY

    def next_position(self, after: int) -> int | None:
        """Return the position of the next row; None if there is none, or none that can be read."""
        with self._lock, suppress(sqlite3.DatabaseError):
            row = self._db.execute(_NEXT, (after,)).fetchone()
            return row[0] if isinstance(row[0], int) else None
        return None

    def file_faults(self) -> list[str]:
        """Return what is wrong with the file: its pages, its indexes, tables that are missing."""
        with self._lock:
            try:
                rows = self._db.execute("PRAGMA integrity_check(1000)").fetchall()
                names = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master")}
            except sqlite3.DatabaseError as error:
                return [f"{error}."]
        faults = [line for (text,) in rows if text != "ok" for line in str(text).splitlines()]
        missing = sorted(schema_names(self.format) - names)
        faults += [f"{name} is missing." for name in missing]
        faults += [f"The columns of the table {name} changed." for name in self.changed_tables()]
        faults += filter(None, [self.fault_of_secret()])
        return faults or (["SQLite cannot read its schema."] if self._is_malformed else [])

    def changed_tables(self) -> list[str]:
        """Return the tables whose columns are called otherwise than when they were made."""
        expected = schema_columns(self.format)
        with self._lock:
            try:
                columns = columns_of(self._db)
            except sqlite3.DatabaseError:
                return []  # what cannot be read is named otherwise
        return [name for name in columns if columns[name] != expected.get(name, columns[name])]

    def fault_of_secret(self) -> str:
        """Return what is wrong with the secret of the keyed hashes, or ""."""
        with self._lock:
            try:
                return self.personal.fault_of_secret() if self.format > 1 else ""
            except sqlite3.DatabaseError as error:
                return f"The secret of the fingerprints cannot be read: {error}."

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read the file as it is now, while others write to it.

        Raises:
            StoreUnavailable: it cannot be read.

        """
        with self._reading() as db:
            if db.in_transaction:  # this process writes it: it stays as it is
                yield db
                return
            db.execute("BEGIN")
            try:
                db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # begins to read
                yield db
            finally:
                db.execute("ROLLBACK")

    @property
    def _select(self) -> str:
        return SELECT[self.format]
