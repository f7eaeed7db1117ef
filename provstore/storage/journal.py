"""The only truth: all bundles in order, append-only, each row hashed with the row before it.

In: bundles as text, one transaction at a time. Out: entries, in order. It knows neither PROV nor
views: content is plain text. When `writing` ends, the new entries survive a power failure.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

from provstore.errors import Problem, Refused, StoreUnavailable
from provstore.ingest.personal_values import Concealer
from provstore.prov.model.utc_time import utc_now
from provstore.storage.atomic_files import flush_directory, flush_file
from provstore.storage.file_errors import file_errors
from provstore.storage.journal_entries import (
    GENESIS,
    START,
    UNCHAINED,
    Damage,
    Entry,
    Position,
    chain_hash,
    fault_of_row,
    sha256_of_text,
)
from provstore.storage.journal_file import connect_journal
from provstore.storage.journal_reader import JournalReader
from provstore.storage.journal_tables import KIND, JournalTables, schema
from provstore.storage.personal_data import SYSTEM, RandomSource
from provstore.storage.principal import principal as current_principal
from provstore.storage.settings import BACKUP_FILE
from provstore.storage.sqlite_files import (
    begin_writing,
    create_schema,
    forget_freed,
    is_open_for_reading,
)

__all__ = [
    "GENESIS", "KIND", "START", "Damage", "Entry", "Journal", "Position", "chain_hash",
    "sha256_of_text",
]  # fmt: skip

_WHERE_SAME = "WHERE fingerprint = ?1 OR bundle = ?2 ORDER BY fingerprint = ?1 DESC"


class Journal(JournalReader):
    """An open journal file. Safe to use from several threads and several processes at once.

    Raises:
        StoreUnavailable: the file is missing, not a journal, incomplete, or of a newer version.

    """

    @classmethod
    def create(cls, path: Path, random: RandomSource = SYSTEM) -> Self:
        """Open the journal at this path; if there is none, create an empty one atomically.

        Raises:
            StoreUnavailable: the file is not a journal, or cannot be created.

        """
        with closing(connect_journal(path)) as db:
            try:
                create_schema(db, KIND, schema(KIND.format))
            except sqlite3.DatabaseError as error:
                raise StoreUnavailable(
                    f"A journal cannot be created at {path}: {error}.", code="PS-STORE-UNWRITABLE"
                ) from error
        flush_directory(path.parent)
        return cls(path, random=random)

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
                code="PS-STORE-FORMER-FORMAT",
            )
        if (directory / BACKUP_FILE).exists():
            raise StoreUnavailable(
                f"{directory} is a backup, which is read-only. Nothing was recorded.",
                f"Restore it as a store: provstore restore {directory} DIR.",
                code="PS-STORE-IS-BACKUP",
            )
        raise StoreUnavailable(
            f"The store in {directory} can only be read: its medium is read-only, or you have no "
            "permission to write there. Nothing was recorded.",
            code="PS-STORE-READ-ONLY",
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
                code="PS-REFUSED-BUNDLE-EXISTS",
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

    def note_work(self, position: int, work: str) -> None:
        """Note what is left to be done for such an act; "" if nothing is.

        Raises:
            StoreUnavailable: the file cannot be written.

        """
        with self.locked() as db:
            self.personal.note_work(position, work)
            db.execute("COMMIT")
