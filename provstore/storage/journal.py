"""The only truth: all bundles in order, append-only, each row hashed with the row before it.

In: bundles as text, one transaction at a time. Out: entries, in order. It knows neither PROV nor
views: content is plain text. When `writing` ends, the new entries survive a power failure.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, Self

from provstore.errors import Problem, Refused, StoreUnavailable
from provstore.prov.model.utc_time import utc_now
from provstore.storage.atomic_files import flush_directory
from provstore.storage.sqlite_files import (
    FileKind,
    connect,
    create_schema,
    enable_write_ahead,
    read_kind,
)

KIND = FileKind(0x70726F76, 1)  # "prov" and the format
WAIT_SECONDS = 30.0
GENESIS = "0" * 64

_LAST = "SELECT max(ingest) FROM entry WHERE length(ingest) = ? AND ingest >= ? AND ingest < ?"
_OF_INGEST = "SELECT * FROM entry WHERE ingest = ? AND position > ? ORDER BY position"
_BETWEEN = "SELECT * FROM entry WHERE position > ? AND position <= ? ORDER BY position"


class Entry(NamedTuple):
    """One row: a bundle and the time it was recorded, protected by the hash `chain`."""

    position: int
    bundle: str
    fingerprint: str
    ingest: str
    recorded: str
    content: str
    sha256: str
    chain: str


class Position(NamedTuple):
    """A place in the journal: the number of an entry and its chain hash."""

    position: int
    chain: str


START = Position(0, GENESIS)


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def chain_hash(before: str, entry: Entry) -> str:
    """Return the chain hash of an entry: over the previous chain hash and its whole row."""
    return sha256_of_text(json.dumps([before, *entry[:5], entry.sha256], ensure_ascii=False))


class Journal:
    """An open journal file. Safe to use from several threads and several processes at once.

    Raises:
        StoreUnavailable: the file is missing, not a journal, incomplete, or of a newer version.

    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise StoreUnavailable(f"There is no journal at {path}.", "Create one: provstore init.")
        self.path = path
        self._lock = threading.RLock()
        self._db = _connect(path)
        try:
            self._check_kind()
        except BaseException:
            self._db.close()
            raise

    @classmethod
    def create(cls, path: Path) -> Self:
        """Open the journal at this path; if there is none, create an empty one atomically.

        Raises:
            StoreUnavailable: the file is not a journal, or cannot be created.

        """
        schema = files("provstore.storage").joinpath("journal.sql").read_text(encoding="utf-8")
        with closing(_connect(path)) as db:
            try:
                create_schema(db, KIND, schema)
            except sqlite3.DatabaseError as error:
                raise StoreUnavailable(
                    f"A journal cannot be created at {path}: {error}."
                ) from error
        flush_directory(path.parent)
        return cls(path)

    def _check_kind(self) -> None:
        try:
            application, version = read_kind(self._db)
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(f"{self.path} is not a journal: {error}.") from error
        if application != KIND.application:
            raise StoreUnavailable(f"{self.path} is not a journal of provstore.")
        if version > KIND.format:
            raise StoreUnavailable(
                f"{self.path} was written by a newer provstore (format {version}; this version "
                f"reads format {KIND.format}).",
                "Update provstore.",
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # ------------------------------------------------------------------------------- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Lock out other writers for one transaction: all that is appended is kept, or nothing.

        Raises:
            StoreUnavailable: another process is writing, or the file cannot be written.

        """
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise StoreUnavailable(
                    f"{self.path} cannot be written now: {error}.", "Try again in a moment."
                ) from error
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise StoreUnavailable(
                        f"{self.path}: {error}. Nothing was recorded."
                    ) from error
                raise

    def append(
        self, bundle: str, fingerprint: str, ingest: str, content: str
    ) -> tuple[Entry, bool]:
        """Record a bundle, within `writing`; return its entry, and whether it is new.

        The same input (by fingerprint) adds nothing again; the earlier entry is returned.

        Raises:
            Refused: the journal has a bundle of that name with other content.

        """
        if known := self.entry_of_input(fingerprint):
            return known, False
        if self.entry_of_bundle(bundle):
            raise Refused(
                f"The bundle {bundle} already exists with other content.",
                "Bundles are never overwritten. Use another name for the new bundle.",
            )
        last = self.head()
        recorded = utc_now("microseconds")
        entry = Entry(
            last.position + 1,
            bundle,
            fingerprint,
            ingest,
            recorded,
            content,
            sha256_of_text(content),
            "",
        )
        entry = entry._replace(chain=chain_hash(last.chain, entry))
        self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry)
        return entry, True

    # ------------------------------------------------------------------------------- reading

    def head(self) -> Position:
        """Return the position of the last entry; `START` if the journal is empty."""
        return self._read_position(
            "SELECT position, chain FROM entry ORDER BY position DESC LIMIT 1"
        )

    def position_at(self, position: int) -> Position | None:
        """Return the position with its chain hash; None if the journal is shorter."""
        if position == 0:
            return START
        place = self._read_position(
            "SELECT position, chain FROM entry WHERE position = ?", position
        )
        return None if place == START else place

    def entry_of_input(self, fingerprint: str) -> Entry | None:
        """Return the entry made from the input with this fingerprint, if any."""
        return next(self._entries("SELECT * FROM entry WHERE fingerprint = ?", fingerprint), None)

    def entry_of_bundle(self, iri: str) -> Entry | None:
        """Return the entry of this bundle, if any."""
        return next(self._entries("SELECT * FROM entry WHERE bundle = ?", iri), None)

    def of_ingest(self, name: str, after: int = 0) -> list[Entry]:
        """Return the entries of an ingest after a position, in order; none if it does not exist."""
        return list(self._entries(_OF_INGEST, name, after))

    def has_ingest(self, name: str) -> bool:
        """Whether an ingest of that name exists."""
        with self._lock:
            query = "SELECT 1 FROM entry WHERE ingest = ? LIMIT 1"
            return bool(name) and self._execute(query, (name,)).fetchone() is not None

    def last_number(self, series: str) -> int:
        """Return the highest number of the ingests `<series>-0001`, `-0002`, …; 0 if none exist."""
        for length in range(len(series) + 13, len(series) + 4, -1):
            with self._lock:
                row = self._db.execute(_LAST, (length, f"{series}-0", f"{series}-:")).fetchone()
            if row[0]:
                return int(row[0].removeprefix(f"{series}-"))
        return 0

    def ingests(self) -> list[str]:
        """Return the names of all ingests, sorted."""
        with self._lock:
            rows = self._db.execute("SELECT DISTINCT ingest FROM entry WHERE ingest > ''")
            return sorted(name for (name,) in rows)

    def after(self, position: int, upto: int | None = None) -> Iterator[Entry]:
        """Yield the entries after a position, in order, without loading the whole journal."""
        last = self.head().position if upto is None else upto
        for start in range(position, last, 1000):
            yield from self._entries(_BETWEEN, start, min(start + 1000, last))

    def verify(self) -> list[Problem]:
        """Check the file and the whole chain; return every mismatch as a problem."""
        problems: list[Problem] = []
        with self._lock:
            for (text,) in self._db.execute("PRAGMA quick_check").fetchall():
                if text != "ok":
                    problems.append(Problem("/journal", f"The file is damaged: {text}."))
        before, expected = GENESIS, 1
        try:
            for entry in self.after(0):
                where = f"/journal/{entry.position}"
                if entry.position != expected:
                    problems.append(Problem(where, f"Entry {expected} is missing before this one."))
                if (computed := sha256_of_text(entry.content)) != entry.sha256:
                    message = (
                        f"The content of {entry.bundle} has changed: its SHA-256 is {computed}, "
                    )
                    problems.append(Problem(where, message + f"recorded was {entry.sha256}."))
                if (computed := chain_hash(before, entry)) != entry.chain:
                    message = f"The chain breaks here: computed {computed}, recorded {entry.chain}."
                    problems.append(Problem(where, message))
                before, expected = entry.chain, entry.position + 1
        except sqlite3.DatabaseError as error:
            problems.append(
                Problem(
                    f"/journal/{expected}", f"The file cannot be read from this entry on: {error}."
                )
            )
        return problems

    # -------------------------------------------------------------------------------- within

    def _entries(self, query: str, *values: object) -> Iterator[Entry]:
        with self._lock:
            return map(Entry._make, self._execute(query, values).fetchall())

    def _read_position(self, query: str, *values: object) -> Position:
        with self._lock:
            row = self._execute(query, values).fetchone()
        return Position(*row) if row else START

    def _execute(self, query: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            return self._db.execute(query, values)
        except sqlite3.ProgrammingError as error:
            advice = f"Open it again: provstore.open({str(self.path.parent)!r})."
            raise StoreUnavailable("This store was closed.", advice) from error


def _connect(path: Path) -> sqlite3.Connection:
    try:
        db = connect(path, WAIT_SECONDS)
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(f"{path} cannot be opened: {error}.") from error
    try:
        enable_write_ahead(db, WAIT_SECONDS)
        db.execute("PRAGMA synchronous=FULL")
    except sqlite3.DatabaseError as error:
        db.close()
        raise StoreUnavailable(f"{path} is not a journal, or is locked: {error}.") from error
    return db
