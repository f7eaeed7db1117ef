"""The only truth: all bundles in order, append-only, each row hashed with the row before it.

In: bundles as text, one transaction at a time. Out: entries, in order. It knows neither PROV nor
views: content is plain text. When `writing` ends, the new entries survive a power failure.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Self

from provstore.errors import DamagedStore, Problem, Refused, StoreReplaced, StoreUnavailable
from provstore.ingest.personal_values import (
    PRINCIPAL,
    Concealer,
    PersonalValue,
    references,
    restore,
)
from provstore.prov.model.utc_time import utc_now
from provstore.storage.atomic_files import (
    SHARED,
    flush_directory,
    flush_file,
    write_atomically,
)
from provstore.storage.file_errors import file_errors, unavailable
from provstore.storage.journal_entries import (
    GENESIS,
    START,
    Damage,
    Entry,
    Position,
    Witness,
    Witnesses,
    base_of_report,
    chain_hash,
    fault_of_row,
    fault_of_values,
    sha256_of_text,
)
from provstore.storage.journal_tables import KIND, SELECT, JournalTables, schema, schema_names
from provstore.storage.personal_data import SYSTEM, PersonalData, RandomSource
from provstore.storage.principal import principal as current_principal
from provstore.storage.settings import BACKUP_FILE, FILE_NAME, is_read_only
from provstore.storage.sqlite_files import (
    advice_on,
    begin_writing,
    connect,
    connect_read_only,
    connect_to_damaged,
    create_schema,
    enable_write_ahead,
    forget_freed,
    is_busy,
    is_malformed,
    is_open_for_reading,
    read_kind,
)

__all__ = [
    "GENESIS", "KIND", "START", "Damage", "Entry", "Journal", "Position", "chain_hash",
    "sha256_of_text",
]  # fmt: skip

MISSING = "There is no entry at this position."
UNCHAINED = "It does not fit the chain: its chain hash, or another field of its row, changed."
WAIT_SECONDS = 30.0
SMALLEST_ENTRY = 64
"""Bytes: three hashes alone take more."""
DAMAGE_FILE = "damage.json"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_OF_LENGTH = "(SELECT max(ingest) FROM entry WHERE length(ingest) = ?1 + {} AND ingest >= ?2 AND ingest < ?3)"  # noqa: E501 - a row
_LAST = f"SELECT coalesce({', '.join(map(_OF_LENGTH.format, range(13, 4, -1)))})"
_NEXT = "SELECT min(position) FROM entry WHERE position > ?"
_LAST_POSITIONS = (  # the row of another table, where pages were swapped, has no chain hash
    "SELECT position FROM entry WHERE position <= ? AND typeof(chain) = 'text' "
    "ORDER BY position DESC LIMIT 1",
    "SELECT max(position) FROM entry INDEXED BY entry_ingest WHERE ingest >= '' AND position <= ?",
)
_INGESTS_BETWEEN = (  # by position: a few new rows, not the whole index of names
    "SELECT DISTINCT ingest FROM entry NOT INDEXED "
    "WHERE position > ? AND position <= ? AND ingest > '' ORDER BY ingest"
)
_WHERE_SAME = "WHERE fingerprint = ?1 OR bundle = ?2 ORDER BY fingerprint = ?1 DESC"
_WHERE_AT = "WHERE position = ?"
_ANY_REPORT = "SELECT bundle, ingest FROM entry INDEXED BY entry_ingest WHERE ingest > '' LIMIT 1"
_WHERE_OF_INGEST = "WHERE ingest = ? AND position > ? ORDER BY position"
_WHERE_BETWEEN = "WHERE position > ? AND position <= ? ORDER BY position"
_PLACES = "SELECT ingest, position, chain FROM entry " + _WHERE_BETWEEN  # noqa: S608
_SCAN = "NOT INDEXED WHERE +position > ? AND +position <= ?"  # the sign: not by position


class Journal:
    """An open journal file. Safe to use from several threads and several processes at once.

    Raises:
        StoreUnavailable: the file is missing, not a journal, incomplete, or of a newer version.

    """

    def __init__(
        self,
        path: Path,
        witnesses: Witnesses = tuple,
        *,
        read_only: bool | None = None,
        random: RandomSource = SYSTEM,
    ) -> None:
        with file_errors(path, "read"):
            is_there = path.is_file()
        if not is_there:
            raise StoreUnavailable(f"There is no journal at {path}.", "Create one: provstore init.")
        self.path = path
        self._witnesses = witnesses
        self._lock = threading.RLock()
        # text, and made once: they are looked up twice with each report
        self._places = tuple(map(str, (path, path.parent, path.with_name(FILE_NAME))))
        self._in_place = _identities(self._places)
        self.read_only = is_read_only(path.parent, path) if read_only is None else read_only
        self._snapshot: object = None
        self._personal: PersonalData | None = None
        self._is_malformed = self._is_failing = self._knows_damage = False
        self._db = self._connect_anew()
        self._is_checked, self._seen, self._random = False, START, random
        try:
            self.format = self._check_kind()
            self.check_in_place()
        except BaseException:
            self._db.close()
            raise

    @classmethod
    def create(cls, path: Path, random: RandomSource = SYSTEM) -> Self:
        """Open the journal at this path; if there is none, create an empty one atomically.

        Raises:
            StoreUnavailable: the file is not a journal, or cannot be created.

        """
        with closing(_connect(path)) as db:
            try:
                create_schema(db, KIND, schema(KIND.format))
            except sqlite3.DatabaseError as error:
                raise StoreUnavailable(
                    f"A journal cannot be created at {path}: {error}."
                ) from error
        flush_directory(path.parent)
        return cls(path, random=random)

    def _connect_anew(self) -> sqlite3.Connection:
        """Connect; if the file is malformed, also the second time, to read what is left of it."""
        connect = self._connect_read_only if self.read_only else partial(_connect, self.path)
        try:
            return connect()
        except StoreUnavailable as first:
            if not is_malformed(first.__cause__):
                raise
        try:
            return connect()
        except StoreUnavailable as error:
            if not is_malformed(error.__cause__):
                raise
            return self._connect_to_damaged(error)

    def _reconnect_if_failing(self) -> None:
        """After an error of the disk, begin anew with what the disk has."""
        if not self._is_failing or self._is_malformed:
            return
        with suppress(sqlite3.ProgrammingError):  # closed already: the last attempt failed
            if self._db.in_transaction:
                return
            self._db.close()
        self._db = self._connect_anew()
        self._is_failing = self._is_checked = False  # it is checked before the next entry

    def _check_kind(self) -> int:
        try:
            application, version = read_kind(self._db)
        except sqlite3.DatabaseError as error:
            message = f"{self.path} is not a journal, or cannot be read: {error}."
            raise StoreUnavailable(message) from error
        if application != KIND.application:
            raise StoreUnavailable(f"{self.path} is not a journal of provstore.")
        if version > KIND.format:
            raise StoreUnavailable(
                f"{self.path} was written by a newer provstore (format {version}; this version "
                f"reads format {KIND.format}).",
                "Update provstore.",
            )
        return version

    @property
    def personal(self) -> PersonalData:
        """The personal values; a journal of format 1 has none."""
        if self._personal is None or self._personal.db is not self._db:
            self._personal = PersonalData(self._db, self._random)
        return self._personal

    def _connect_read_only(self) -> sqlite3.Connection:
        state = _state_of_files(self.path)
        try:
            db, is_snapshot = connect_read_only(self.path, WAIT_SECONDS)
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(
                f"{self.path} is not a journal, or cannot be read: {error}."
            ) from error
        self._snapshot = state if is_snapshot else None
        return db

    def _connect_to_damaged(self, unavailable: StoreUnavailable) -> sqlite3.Connection:
        """Connect to read what is left; the survey names what is not."""
        self._is_malformed = True
        try:
            return connect_to_damaged(self.path, WAIT_SECONDS)
        except sqlite3.DatabaseError:
            advice = "Put the entries back: provstore repair --from BACKUP."
            raise StoreUnavailable(unavailable.message, advice) from unavailable

    def reconnect(self) -> bool:
        """Open the file anew, so that what follows is read from the disk; return whether it was.

        Raises:
            StoreUnavailable: it cannot be opened any more.

        """
        with self._lock:
            before, self._is_failing = self._db, True
            self._reconnect_if_failing()
            return self._db is not before

    def close(self) -> None:
        """Close the file."""
        self._is_failing = False
        self._db.close()

    # ------------------------------------------------------------------------------- writing

    @contextmanager
    def locked(self) -> Iterator[sqlite3.Connection]:
        """Lock out other writers; what was not committed at the end is undone.

        Raises:
            StoreUnavailable: another process is writing, or the file cannot be written.

        """
        if self._is_malformed:
            raise self._damaged([Problem("/journal", "The file is malformed.")])
        with self._lock:
            self._reconnect_if_failing()
            try:
                self._begin_writing()
            except sqlite3.DatabaseError as error:
                raise self._unusable(error, "cannot be written now") from error
            try:
                yield self._db
            except sqlite3.DatabaseError as error:
                raise self._unusable(error, "cannot be written now") from error
            finally:
                if self._db.in_transaction:
                    with suppress(sqlite3.DatabaseError):  # then the next one begins anew
                        self._db.execute("ROLLBACK")

    def _begin_writing(self) -> None:
        try:
            begin_writing(self._db)
        except sqlite3.OperationalError as error:
            if not is_open_for_reading(error):
                raise
            self._is_failing = True
            self._reconnect_if_failing()
            begin_writing(self._db)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Lock out other writers for one transaction: all that is appended is kept, or nothing.

        Raises:
            StoreUnavailable: another process is writing, or the file cannot be written.
            StoreReplaced: the store was moved or replaced while it was open.
            DamagedStore: the journal is damaged, or has lost entries.

        """
        self.check_writable()
        self.check_in_place()
        with self.locked() as db:
            self.personal.begin()
            self._check_before_writing()
            yield
            self.check_in_place()
            db.execute("COMMIT")

    def write_log(self) -> None:
        """Write the log that SQLite keeps beside the file into it, as far as nobody reads there."""
        with self._lock, suppress(sqlite3.DatabaseError):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def forget_freed(self) -> None:
        """Write the file and its log anew, so that nothing that was deleted is left in them.

        Raises:
            StoreUnavailable: others use the file all the time.

        """
        with self._lock:
            try:
                forget_freed(self._db)
            except sqlite3.DatabaseError as error:
                raise self._unusable(error, "cannot be written now") from error

    def check_writable(self) -> None:
        """Check that entries can be added to this journal at all.

        Raises:
            StoreUnavailable: it belongs to a backup, has an earlier format, or this process may
                not write it.

        """
        directory = self.path.parent
        if not self.read_only and self.format == KIND.format:
            return
        if not self.read_only:
            raise StoreUnavailable(
                f"The journal of the store in {directory} has format {self.format}, which can be "
                "read but takes no more reports. Nothing was recorded.",
                f"Upgrade it once: provstore upgrade --store {directory}",
            )
        if (directory / BACKUP_FILE).exists():
            raise StoreUnavailable(
                f"{directory} is a backup, which is read-only. Nothing was recorded.",
                f"Restore it as a store: provstore restore {directory} DIR.",
            )
        raise StoreUnavailable(
            f"The store in {directory} can only be read: its medium is read-only, or you have no "
            "permission to write there. Nothing was recorded."
        )

    def check_in_place(self) -> None:
        """Refuse if the open file is not the one at its path any more.

        An entry that is recorded in a file which nobody will open again is lost.

        Raises:
            StoreReplaced: the store was moved or replaced while it was open.

        """
        if not self._in_place.items() <= _identities(self._places).items():
            raise StoreReplaced(
                f"The store in {self.path.parent} was moved or replaced while it was open. "
                "Nothing was recorded.",
                "Open it again, and send this again.",
            )

    def _check_before_writing(self) -> None:
        """Record nothing in a journal that is known to be damaged, or to have lost entries."""
        with file_errors(self.damage_file, "read"):
            is_damaged = self.damage_file.exists()
        if is_damaged:
            raise self._damaged([Problem("/journal", "Damage was found earlier.")])
        last = self.head()
        if self.position_at(self._seen.position) != self._seen:
            fault = f"Entry {self._seen.position} was there before, but is lost or changed now."
            raise self._damaged([Problem("/journal", fault)])
        self._seen = last
        if self._is_checked:
            return
        self._make_durable()
        before = None
        for row in self.rows(max(last.position - 2, 0), last.position):
            fault = row.reason if isinstance(row, Damage) else fault_of_row(row)
            if not fault and before and isinstance(row, Entry):
                fault = "" if row.chain == chain_hash(before.chain, row) else UNCHAINED
            if fault:
                raise self._damaged([Damage(row.position, fault).problem()])
            before = row if isinstance(row, Entry) else None
        for witness in self._witnesses():
            if not self.has(witness.position):
                raise self._damaged([witness.problem(last)])
        self._is_checked = True

    def _make_durable(self) -> None:
        """Make durable what this process found: whoever wrote it may have been stopped before.

        A report that is sent again is acknowledged by an entry which another process wrote.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        with file_errors(self.path, "written"):
            if log.exists():
                flush_file(log)
            flush_directory(self.path.parent)

    @property
    def damage_file(self) -> Path:
        """The file that says that damage was found; nothing is recorded while it is there."""
        return self.path.with_name(DAMAGE_FILE)

    def known_damage(self) -> str:
        """Return what was found when the journal was marked as damaged; "" if it is not."""
        try:
            return "".join(
                f"\n  - {text}" for text in json.loads(self.damage_file.read_bytes())["problems"]
            )
        except FileNotFoundError:
            return ""
        except (OSError, ValueError, LookupError, TypeError):
            return f"\n  - The file {self.damage_file} marks it as damaged."

    def mark_damaged(self, problems: Sequence[Problem]) -> None:
        """Record that the journal is damaged, so that nothing is added to it; or that it is not."""
        if self.read_only:  # it takes no entries, whatever is found
            return
        with suppress(OSError):
            write_damage(self.path.parent, problems)

    def contradicted_by(self, witness: Witness) -> DamagedStore:
        """Return the error that something outside the journal knows another entry of it."""
        return self._damaged([witness.problem(self.head())])

    def _damaged(self, problems: Sequence[Problem]) -> DamagedStore:
        """Return the error for damage that was found, and remember it."""
        self._knows_damage = True
        with suppress(OSError):
            if not self.damage_file.exists():
                self.mark_damaged(problems)
        message = f"The journal of the store in {self.path.parent} is damaged: {problems[0]}"
        advice = "See all damage: provstore verify. Then: provstore repair --from BACKUP."
        return DamagedStore(message, problems, advice)

    def append(
        self,
        bundle: str,
        fingerprint: str,
        ingest: str,
        content: str,
        concealer: Concealer | None = None,
    ) -> tuple[Entry, bool]:
        """Record a bundle, within `writing`; return its entry as stored, and whether it is new.

        The same input (by fingerprint) adds nothing again; the earlier entry is returned. `content`
        refers to the personal values that the concealer of this bundle has.

        Raises:
            Refused: the journal has a bundle of that name with other content.

        """
        keyed = self.personal.keyed_hash(fingerprint)
        for known in self._entries(_WHERE_SAME, keyed, bundle):
            if known.fingerprint == keyed:
                return known, False
            raise Refused(
                f"The bundle {bundle} already exists with other content.",
                "Bundles are never overwritten. Use another name for the new bundle.",
            )
        last = self.head()
        concealer = concealer or self.personal.concealer(bundle)
        principal = concealer.principal(current_principal())
        entry = Entry(
            last.position + 1,
            bundle,
            keyed,
            ingest,
            utc_now("microseconds"),
            principal,
            len(concealer.values),
            content,
            sha256_of_text(content),
            "",
        )
        entry = entry._replace(chain=chain_hash(last.chain, entry))
        JournalTables(self._db, self.format).add(entry, concealer.values)
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

    def first_chain(self) -> str:
        """Return the chain hash of the first entry, as it was before an upgrade."""
        with self._reading():
            former = self.personal.former_chain(1) if self.format > 1 else None
        return former or (self.position_at(1) or START).chain

    def has(self, place: Position) -> bool:
        """Whether the journal has this entry, under its present hash or the one before an upgrade.

        A former hash that a redaction deleted cannot be compared any more; it counts as known.
        """
        if self.position_at(place.position) == place:
            return True
        with self._reading():
            former = self.personal.former_chain(place.position) if self.format > 1 else None
        return former in ("", place.chain)

    def entry_of_input(self, fingerprint: str) -> Entry | None:
        """Return the entry made from the input with this fingerprint, if any."""
        with self._reading():
            known = fingerprint if self.format == 1 else self.personal.keyed_hash(fingerprint)
        return next(self._entries("WHERE fingerprint = ?", known), None)

    def entry_of_bundle(self, iri: str) -> Entry | None:
        """Return the entry of this bundle, if any."""
        return next(self._entries("WHERE bundle = ?", iri), None)

    def last_replacement(self) -> int:
        """Return the position of the last act that replaced values; 0 without any."""
        with self._reading():
            return self.personal.last_replacement() if self.format > 1 else 0

    def has_replaced(self) -> bool:
        """Whether any value is said to be replaced, or an act to have replaced one."""
        with self._reading():
            return self.format > 1 and self.personal.has_replaced()

    def replacements(self) -> Mapping[int, str]:
        """Return what is still to be done, or "", by the positions of acts that replaced values."""
        with self._reading():
            return self.personal.replacements() if self.format > 1 else {}

    def acts(self) -> list[Entry]:
        """Return the entries about the journal itself: no reports, nothing that others wrote.

        The whole text of what others wrote is one personal value, so it begins with a mark.
        """
        if self.format == 1:
            return []
        return list(self._entries("WHERE ingest = '' AND substr(content, 1, 1) = '{' ORDER BY 1"))

    def note_work(self, position: int, work: str) -> None:
        """Note what is left to be done for such an act; "" if nothing is.

        Raises:
            StoreUnavailable: the file cannot be written.

        """
        with self.locked() as db:
            self.personal.note_work(position, work)
            db.execute("COMMIT")

    def of_ingest(self, name: str, after: int = 0) -> list[Entry]:
        """Return the entries of an ingest after a position, in order; none if it does not exist."""
        return list(self._entries(_WHERE_OF_INGEST, name, after))

    def has_ingest(self, name: str) -> bool:
        """Whether an ingest of that name exists."""
        with self._reading() as db:
            query = "SELECT 1 FROM entry WHERE ingest = ? LIMIT 1"
            return bool(name) and db.execute(query, (name,)).fetchone() is not None

    def last_number(self, series: str) -> int:
        """Return the highest number of the ingests `<series>-0001`, `-0002`, …; 0 if none exist."""
        with self._reading() as db:
            row = db.execute(_LAST, (len(series), f"{series}-0", f"{series}-:")).fetchone()
        return int(row[0].removeprefix(f"{series}-")) if row[0] else 0

    def ingests(self) -> list[str]:
        """Return the names of all ingests, sorted."""
        with self._reading() as db:
            rows = db.execute("SELECT DISTINCT ingest FROM entry WHERE ingest > ''")
            return sorted(str(name) for (name,) in rows)

    def base(self) -> str:
        """Return the base that the reports were named with; "" if there are none."""
        with self._reading() as db:
            row = db.execute(_ANY_REPORT).fetchone()
        return base_of_report(*row) if row else ""

    def ingests_between(self, after: int, upto: int) -> list[str]:
        """Return the ingests with an entry after one position and up to another."""
        with self._reading() as db:
            return [str(name) for (name,) in db.execute(_INGESTS_BETWEEN, (after, upto))]

    def after(self, position: int, upto: int | None = None) -> Iterator[Entry]:
        """Yield the entries after a position, in order, without loading the whole journal."""
        last = self.head().position if upto is None else upto
        for start in range(position, last, 1000):
            yield from self._entries(_WHERE_BETWEEN, start, min(start + 1000, last))

    def places(self, after: int, last: int) -> Iterator[tuple[str, Position]]:
        """Yield the ingest and the place of each entry after a position, up to another one."""
        for start in range(after, last, 1000):
            with self._reading() as db:
                rows = db.execute(_PLACES, (start, min(start + 1000, last))).fetchall()
            for ingest, position, chain in rows:
                yield ingest, Position(position, chain)

    def rows(self, after: int, upto: int) -> list[Entry | Damage]:
        """Return every row after a position, as stored; for one that cannot be read, the reason.

        Nothing is compared here: `journal_survey` does that.
        """
        with self._lock:
            try:
                rows = self._db.execute(self._select + _WHERE_BETWEEN, (after, upto)).fetchall()
                entries: list[Entry | Damage] = [*map(Entry._make, rows)]
            except sqlite3.DatabaseError:
                return [self._row(position) for position in range(after + 1, upto + 1)]
        if len(entries) == upto - after:
            return entries
        # A row whose position is damaged can hide those behind it from a search for positions, but
        # not from one look-up each, or at least not from a scan of the whole table.
        by_position, last = {entry.position: entry for entry in entries}, self.last_position()
        positions = range(after + 1, upto + 1)
        rows = [by_position.get(at) or (self._row(at) if at <= last else None) for at in positions]
        hidden = any(isinstance(row, Damage) for row in rows)
        scanned = self._scanned(after, upto) if hidden else {}
        return [
            row if isinstance(row, Entry) else scanned.get(at) or row or Damage(at, MISSING)
            for at, row in zip(positions, rows, strict=True)
        ]

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
        faults += filter(None, [self.fault_of_secret()])
        return faults or (["SQLite cannot read its schema."] if self._is_malformed else [])

    def fault_of_secret(self) -> str:
        """Return what is wrong with the secret of the keyed hashes, or ""."""
        with self._lock:
            try:
                return self.personal.fault_of_secret() if self.format > 1 else ""
            except sqlite3.DatabaseError as error:
                return f"The secret of the fingerprints cannot be read: {error}."

    # -------------------------------------------------------------------------------- within

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Read under the lock; what SQLite raises becomes an error of ours."""
        with self._lock:
            with file_errors(self.path, "read"):
                if self._snapshot and self._snapshot != _state_of_files(self.path):
                    self._is_failing = True
            self._reconnect_if_failing()
            try:
                yield self._db
            except sqlite3.DatabaseError as error:
                raise self._unusable(error, "cannot be read now") from error

    def _unusable(self, error: sqlite3.DatabaseError, fault: str) -> StoreUnavailable:
        """Return the error for one of SQLite's: the file is damaged, or cannot be used now."""
        if isinstance(error, sqlite3.ProgrammingError):
            advice = f"Open it again: provstore.open({str(self.path.parent)!r})."
            return StoreUnavailable("This store was closed.", advice)
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in _DAMAGE and self._is_damage_certain():
            return self._damaged([Problem("/journal", f"{error}.")])
        self._is_failing = self._is_failing or not is_busy(error)
        recorded = " Nothing was recorded." if "written" in fault else ""
        return StoreUnavailable(f"{self.path} {fault}: {error}.{recorded}", advice_on(error))

    def _is_damage_certain(self) -> bool:
        """Whether a new connection finds damage, too; SQLite also says so if a read failed once."""
        if self._is_malformed or self._knows_damage:
            return True
        try:
            with closing(connect_read_only(self.path, WAIT_SECONDS)[0]) as db:
                if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                    return True
                return self.format > 1 and bool(PersonalData(db, self._random).fault_of_secret())
        except sqlite3.DatabaseError as error:
            return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _DAMAGE

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

    @property
    def _select(self) -> str:
        return SELECT[self.format]

    def _entries(self, where: str, *values: object) -> Iterator[Entry]:
        with self._reading() as db:
            rows = db.execute(self._select + where, values).fetchall()
        return self.restored(map(self._sound, map(Entry._make, rows)))

    def restored(self, stored: Iterable[Entry]) -> Iterator[Entry]:
        """Yield entries as people read them: with the personal values in their places.

        Raises:
            DamagedStore: a value is missing, or is not what was recorded.

        """
        entries = [*stored]
        if not any(entry.personal for entry in entries):
            return iter(entries)
        with self._reading():
            values = self.personal.values(entry.position for entry in entries)
        return (self._restore(entry, values.get(entry.position, ())) for entry in entries)

    def _restore(self, entry: Entry, values: Sequence[PersonalValue]) -> Entry:
        marks = references(entry.content)
        if fault := fault_of_values(entry, values, marks):
            raise self._damaged([Damage(entry.position, fault).problem()])
        principal = next((value.value for value in values if value.kind == PRINCIPAL), "")
        return entry._replace(principal=principal, content=restore(entry.content, values, marks))

    def _sound(self, entry: Entry) -> Entry:
        """Return an entry whose content is what was recorded.

        Raises:
            DamagedStore: it is not.

        """
        if fault := fault_of_row(entry):
            raise self._damaged([Damage(entry.position, fault).problem()])
        return entry

    def _read_position(self, query: str, *values: object) -> Position:
        with self._reading() as db:
            row = db.execute(query, values).fetchone()
        return Position(*row) if row else START


def write_damage(directory: Path, problems: Sequence[Problem]) -> None:
    """Record that the journal in a directory is damaged; or, without problems, that it is not.

    Raises:
        OSError: it cannot be recorded.

    """
    file = directory / DAMAGE_FILE
    if problems:
        text = json.dumps({"found": utc_now(), "problems": [*map(str, problems)]}, indent=1)
        write_atomically(file, text.encode(), SHARED)
    else:
        file.unlink(missing_ok=True)


def _identities(places: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return device and inode of files and directories, as far as they are there now.

    Raises:
        StoreUnavailable: the system cannot tell.

    """
    identities = {}
    for place in places:
        try:
            status = os.stat(place)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise unavailable(Path(place), "read", error) from error
        identities[place] = (status.st_dev, status.st_ino)
    return identities


def _state_of_files(path: Path) -> list[tuple[int, int]]:
    """Return size and time of a file and of its log; they change when somebody writes."""
    places = [place for place in (path, path.with_name(path.name + "-wal")) if place.exists()]
    return [(status.st_size, status.st_mtime_ns) for status in map(Path.stat, places)]


def _connect(path: Path) -> sqlite3.Connection:
    try:
        db = connect(path, WAIT_SECONDS)
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(f"{path} cannot be opened: {error}.") from error
    try:
        enable_write_ahead(db, WAIT_SECONDS)
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA secure_delete=ON")  # what is replaced is overwritten at once
    except sqlite3.DatabaseError as error:
        db.close()
        raise StoreUnavailable(f"{path} is not a journal, or is locked: {error}.") from error
    return db
