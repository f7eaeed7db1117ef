"""The file of a journal: opened, opened again after an error, compared with what is at its path.

In: a path. Out: a connection under a lock; what SQLite raises as errors of ours; a mark beside the
file if it is damaged. It knows of entries only that others witness them.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from provstore.errors import DamagedStore, Problem, StoreReplaced, StoreUnavailable
from provstore.prov.model.utc_time import utc_now
from provstore.storage.atomic_files import SHARED, write_atomically
from provstore.storage.file_errors import file_errors, unavailable
from provstore.storage.journal_entries import START, Witnesses
from provstore.storage.journal_tables import KIND
from provstore.storage.personal_data import SYSTEM, PersonalData, RandomSource
from provstore.storage.settings import FILE_NAME, is_read_only
from provstore.storage.sqlite_files import (
    advice_on,
    connect,
    connect_read_only,
    connect_to_damaged,
    enable_write_ahead,
    is_busy,
    is_malformed,
    read_kind,
)

WAIT_SECONDS = 30.0
DAMAGE_FILE = "damage.json"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class JournalFile:
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
            raise StoreUnavailable(
                f"There is no journal at {path}.",
                "Create one: provstore init.",
                code="PS-STORE-MISSING",
            )
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

    def _connect_anew(self) -> sqlite3.Connection:
        """Connect; if the file is malformed, also the second time, to read what is left of it."""
        connect = self._connect_read_only if self.read_only else partial(connect_journal, self.path)
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
            raise StoreUnavailable(message, code="PS-STORE-NO-JOURNAL") from error
        if application != KIND.application:
            raise StoreUnavailable(
                f"{self.path} is not a journal of provstore.", code="PS-STORE-NO-JOURNAL"
            )
        if version < 1:
            raise StoreUnavailable(
                f"{self.path} is damaged: its header gives format {version}, and the first is 1.",
                "Restore the store from its backup, or repair it: provstore repair --from BACKUP",
                code="PS-STORE-NO-JOURNAL",
            )
        if version > KIND.format:
            raise StoreUnavailable(
                f"{self.path} was written by a newer provstore (format {version}; this version "
                f"reads format {KIND.format}).",
                "Update provstore.",
                code="PS-STORE-NEWER",
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
                f"{self.path} is not a journal, or cannot be read: {error}.",
                code="PS-STORE-NO-JOURNAL",
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
            raise StoreUnavailable(
                unavailable.message, advice, code="PS-STORE-JOURNAL-FAILED"
            ) from unavailable

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
                code="PS-REPLACED-WHILE-OPEN",
            )

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

    def _damaged(self, problems: Sequence[Problem]) -> DamagedStore:
        """Return the error for damage that was found, and remember it."""
        self._knows_damage = True
        with suppress(OSError):
            if not self.damage_file.exists():
                self.mark_damaged(problems)
        message = f"The journal of the store in {self.path.parent} is damaged: {problems[0]}"
        advice = "See all damage: provstore verify. Then: provstore repair --from BACKUP."
        return DamagedStore(message, problems, advice, code="PS-DAMAGED-ENTRIES")

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
            return StoreUnavailable("This store was closed.", advice, code="PS-STORE-CLOSED")
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in _DAMAGE and self._is_damage_certain():
            return self._damaged([Problem("/journal", f"{error}.")])
        self._is_failing = self._is_failing or not is_busy(error)
        recorded = " Nothing was recorded." if "written" in fault else ""
        return StoreUnavailable(
            f"{self.path} {fault}: {error}.{recorded}",
            advice_on(error),
            code="PS-STORE-JOURNAL-FAILED",
        )

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


def connect_journal(path: Path) -> sqlite3.Connection:
    """Connect to a journal to read and write it; a commit survives a power failure.

    Raises:
        StoreUnavailable: the file cannot be opened, is not a journal, or is locked.

    """
    try:
        db = connect(path, WAIT_SECONDS)
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(
            f"{path} cannot be opened: {error}.", code="PS-STORE-UNREADABLE"
        ) from error
    try:
        enable_write_ahead(db, WAIT_SECONDS)
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA secure_delete=ON")  # what is replaced is overwritten at once
    except sqlite3.DatabaseError as error:
        db.close()
        raise StoreUnavailable(
            f"{path} is not a journal, or is locked: {error}.", code="PS-STORE-NO-JOURNAL"
        ) from error
    return db
