"""Backs up a store while others write to it, and makes a store of a backup.

In: directories. Out: a backup, which is a store that takes nothing; or a store. The journal comes
first and the attachments after it, so that a backup has every file that its entries name.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, NoReturn

from provstore.audit.replacement_check import acts_of, deleted_attachments
from provstore.audit.verification import outside_witnesses, verify_store
from provstore.errors import DamagedStore, Problem, Refused, StoreUnavailable
from provstore.prov.model.utc_time import utc_now
from provstore.results.receipts import BackupResult, RestoreResult
from provstore.storage import settings
from provstore.storage.atomic_files import (
    SHARED,
    create_file,
    flush_directory,
    flush_file,
    lock_file,
    make_directory,
    write_atomically,
)
from provstore.storage.attachments import Attachments
from provstore.storage.backup_manifest import SMALL_FILES, UNFINISHED, Manifest
from provstore.storage.journal import Entry, Journal, Position
from provstore.storage.journal_entries import Damage
from provstore.storage.journal_file import WAIT_SECONDS
from provstore.storage.journal_survey import journal_problems, survey
from provstore.storage.journal_tables import JournalTables
from provstore.storage.sqlite_files import connect, forget_freed, is_write_error

if TYPE_CHECKING:
    from tqdm import tqdm

JOURNAL = "journal.sqlite"
PAGES = 2000
"""So many pages are copied together."""


def backup(directory: Path, destination: Path) -> BackupResult:
    """Back up a store into a new directory, or add to its backup what is new since then.

    Others may write meanwhile: the backup has the journal as it was at one moment, with all that
    was acknowledged before this call. On return it survives a power failure.

    Raises:
        Refused: the destination has other files, the backup of another store, or is in the store.
        DamagedStore: the store or the earlier backup is damaged; lists the problems. The earlier
            backup is as it was.
        StoreUnavailable: there is no store, or the destination cannot be written.

    """
    base = settings.read_settings(directory).base
    try:
        is_new = _check_destination(directory, destination, base)
        with _unfinished(destination):
            return _back_up(directory, destination, base, is_new=is_new)
    except OSError as error:
        raise StoreUnavailable(
            f"{destination} cannot be written: {error}.", code="PS-STORE-UNWRITABLE"
        ) from error


def _back_up(directory: Path, destination: Path, base: str, *, is_new: bool) -> BackupResult:
    # Read before the journal: then they speak of no entry that the copy does not have.
    small = {name: read_small(directory, name) for name in SMALL_FILES}
    with closing(Journal(directory / JOURNAL)) as journal:
        if is_new:
            head, copied = _copy(journal, destination / JOURNAL)
            new = head.position
        else:
            head, new, copied = _append(journal, destination / JOURNAL)
        redacted = deleted_attachments(acts_of(journal))
    attachments = Attachments(destination / "attachments")
    attachments.forget(redacted)
    sizes, problems = _copy_attachments(Attachments(directory / "attachments"), attachments)
    copied += sum(write_small(destination, name, content) for name, content in small.items())
    Manifest(
        base,
        *head,
        utc_now(),
        len(attachments.checksums()),
        {name: sha256(data).hexdigest() for name, data in small.items() if data is not None},
    ).write(destination)
    return BackupResult(
        str(destination), *head, new, len(sizes), copied + sum(sizes), tuple(problems)
    )


def restore(source: Path, directory: Path) -> RestoreResult:
    """Make a store of a backup, in a new or an empty directory; then the store begins new names.

    The backup is verified before, and the store after. On return the store survives a power
    failure. It has no views; they are made when they are asked.

    Raises:
        Refused: the directory is not empty.
        DamagedStore: the backup is damaged; lists all problems.
        StoreUnavailable: there is no backup, it cannot be read, or the directory cannot be
            written.

    """
    manifest = Manifest.read(source)
    if manifest is None:
        advice = "Make one: provstore backup DEST."
        raise StoreUnavailable(
            f"There is no backup in {source}.", advice, code="PS-STORE-NO-BACKUP"
        )
    try:
        _check_sound(source, f"The backup in {source} is damaged. Nothing was restored:")
    except OSError as error:
        raise StoreUnavailable(
            f"The backup in {source} cannot be read: {error}.", code="PS-STORE-UNREADABLE"
        ) from error
    if _files_in(directory) and not (directory / UNFINISHED).exists():
        raise Refused(
            f"{directory} is not empty. Nothing was changed.",
            "Restore into a new directory, then rename it.",
            code="PS-REFUSED-NOT-EMPTY",
        )
    try:
        with _unfinished(directory):
            head, attachments = _restore(source, directory)
    except OSError as error:
        raise StoreUnavailable(
            f"{directory} cannot be written: {error}.", code="PS-STORE-UNWRITABLE"
        ) from error
    return RestoreResult(str(directory), *head, attachments, manifest.time)


def _restore(source: Path, directory: Path) -> tuple[Position, int]:
    """Copy what a backup has; the journal comes last, so that nobody writes before it is whole."""
    for ending in ("-wal", "-shm", "-journal", ""):  # an earlier attempt was interrupted
        (directory / f"{JOURNAL}{ending}").unlink(missing_ok=True)
    attachments = Attachments(directory / "attachments")
    _copy_attachments(Attachments(source / "attachments"), attachments)
    for name in SMALL_FILES:
        write_small(directory, name, read_small(source, name))
    settings.begin_generation(directory)
    with closing(Journal(source / JOURNAL)) as journal:
        head, _ = _copy(journal, directory / JOURNAL)
    _check_sound(directory, f"The restored store in {directory} differs from the backup:")
    return head, len(attachments.checksums())


# ----------------------------------------------------------------------------- what may be written


def _check_destination(directory: Path, destination: Path, base: str) -> bool:
    """Check that a store can be backed up there; return whether the backup is a new one."""
    store, place = directory.resolve(), destination.resolve()
    if place == store or store in place.parents or place in store.parents:
        raise Refused(
            f"{destination} is the store, contains it, or lies inside it.",
            "Name another directory.",
            code="PS-REFUSED-BACKUP-PLACE",
        )
    manifest = Manifest.read(destination)
    if manifest is None:
        if _files_in(destination) and not (destination / UNFINISHED).exists():
            raise Refused(
                f"{destination} has other files, and is not a backup.", code="PS-REFUSED-NOT-EMPTY"
            )
        return True
    if manifest.base != base:
        raise Refused(
            f"{destination} is the backup of a store with the base {manifest.base}.",
            code="PS-REFUSED-BACKUP-OF-OTHER",
        )
    return False


def _files_in(directory: Path) -> list[Path]:
    return [*directory.iterdir()] if directory.exists() else []


def _check_sound(directory: Path, message: str) -> None:
    """Verify the store or backup in a directory.

    Raises:
        DamagedStore: it is damaged; lists all problems.

    """
    with closing(Journal(directory / JOURNAL)) as journal:
        if faults := verify_store(journal).problems:
            raise DamagedStore(message + _list_of(faults), faults, code="PS-DAMAGED-BACKUP")


def _list_of(problems: Iterable[Problem]) -> str:
    return "".join(f"\n  - {problem}" for problem in problems)


# ------------------------------------------------------------------------------------ the journal


def _copy(journal: Journal, target: Path) -> tuple[Position, int]:
    """Copy a journal as it is at one moment, and verify the copy; return its head and its size.

    Raises:
        DamagedStore: the journal is damaged; lists all problems.

    """
    half = target.with_name(f".{token_hex(8)}")
    witnesses = [*outside_witnesses(journal)]
    try:
        with closing(connect(half, WAIT_SECONDS)) as db, journal.snapshot() as source:
            with progress("journal", " pages") as bar:
                source.backup(
                    db, pages=PAGES, progress=lambda _, left, total: show(bar, total - left, total)
                )
            db.execute("PRAGMA journal_mode=DELETE")  # one file, which a read-only medium can have
        with closing(Journal(half, read_only=True)) as copied:
            head, problems = journal_problems(copied, witnesses)
        if problems:
            raise damaged_store(journal, problems)
        flush_file(half)
        written = half.stat().st_size
        half.replace(target)
        flush_directory(target.parent)
    except sqlite3.DatabaseError as error:
        if is_write_error(error):
            raise StoreUnavailable(
                f"{target} cannot be written: {error}.", code="PS-STORE-UNWRITABLE"
            ) from error
        raise damaged_store(journal, [Problem("/journal", f"{error}.")]) from error
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            half.with_name(half.name + ending).unlink(missing_ok=True)
    return head, written


def _append(journal: Journal, target: Path) -> tuple[Position, int, int]:
    """Add to a copy of a journal what is new; return its head, and how much was new.

    Raises:
        Refused: the copy has entries that the journal does not have.
        DamagedStore: the journal or the copy is damaged; lists the problems.

    """
    with closing(Journal(target, read_only=True)) as copied:
        at = start = copied.head()
    if journal.position_at(at.position) != at:
        raise Refused(
            f"{target.parent} has entries that the store does not have (up to {at.position}). "
            "Nothing was changed.",
            "If the store was restored, back it up into a new directory. Otherwise, list what "
            "is lost: provstore verify.",
            code="PS-REFUSED-BACKUP-NEWER",
        )
    if lost := [*_contradictions(journal)]:
        raise damaged_store(journal, lost)
    size = 0
    try:
        with closing(connect(target, WAIT_SECONDS)) as db, progress("journal", " bundles") as bar:
            bar.total = journal.head().position - at.position
            db.execute("PRAGMA synchronous=EXTRA")
            db.execute("PRAGMA secure_delete=ON")
            db.execute("BEGIN IMMEDIATE")
            tables = JournalTables(db, journal.format)
            for entry in _sound_entries(journal, at):
                values = journal.values_of([entry]).get(entry.position, ())
                tables.add(entry, values)
                at = Position(entry.position, entry.chain)
                size += sum(len(str(part).encode()) for part in (*entry, *chain(*values)))
                bar.update()
            with journal.snapshot() as source:
                tables.take_people(source)
                is_replaced = tables.take_replacements(source, start.position)
            db.execute("COMMIT")
            if is_replaced:
                forget_freed(db)
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(
            f"{target} cannot be written, or is damaged: {error}.",
            "If it is damaged, back up into a new directory.",
            code="PS-STORE-UNWRITABLE",
        ) from error
    return at, at.position - start.position, size


def _contradictions(journal: Journal) -> Iterator[Problem]:
    """Yield what lies beside a journal and knows other entries than it has."""
    for witness in outside_witnesses(journal):
        if not journal.has(witness.position):
            yield witness.problem(journal.head())


def _sound_entries(journal: Journal, after: Position) -> Iterator[Entry]:
    """Yield the entries after a position.

    Raises:
        DamagedStore: entries are damaged; lists all of them.

    """
    rows = survey(journal, after)
    for row in rows:
        if isinstance(row, Damage):
            others = (other.problem() for other in rows if isinstance(other, Damage))
            raise damaged_store(journal, [row.problem(), *others])
        yield row


def damaged_store(journal: Journal, problems: Iterable[Problem]) -> DamagedStore:
    """Return the error that lists all damage of a journal."""
    faults = [*problems]
    message = f"The store in {journal.path.parent} is damaged. Nothing was backed up:"
    return DamagedStore(
        message + _list_of(faults),
        faults,
        "Repair it: provstore repair.",
        code="PS-DAMAGED-ENTRIES",
    )


# -------------------------------------------------------------------------------- the other files


def _copy_attachments(source: Attachments, target: Attachments) -> tuple[list[int], list[Problem]]:
    """Copy the attachments that are not there yet; return their sizes, and which are damaged."""
    sizes, problems = [], []
    with progress("attachments", " files") as bar:
        checksums = source.checksums()
        bar.total = len(checksums)
        for checksum in checksums:
            bar.update()
            if target.has(checksum) and target.size(checksum) == source.size(checksum):
                continue
            content = source.read(checksum)
            if sha256(content).hexdigest() == checksum:
                target.keep([content])
                sizes.append(len(content))
            elif not target.has(checksum):
                problems.append(Problem(f"/attachments/{checksum}", "Its content changed."))
    problems += [
        Problem(f"/attachments/{checksum}", "It was stored and is missing.")
        for checksum in source.lost()
        if not target.has(checksum)
    ]
    if target.list_file.exists():
        flush_file(target.list_file)
    return sizes, problems


def read_small(directory: Path, name: str) -> bytes | None:
    """Return the content of a small file; None if the store has none of that name.

    Lines are added to a list while it is read, so an unfinished last one is left out.
    """
    try:
        content = (directory / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if name.endswith(".jsonl"):
        return content[: content.rfind(b"\n") + 1]
    return content


def write_small(directory: Path, name: str, content: bytes | None) -> int:
    """Write a small file if it changed; return its size."""
    place = directory / name
    if content is None:
        place.unlink(missing_ok=True)
        return 0
    if place.is_file() and place.read_bytes() == content:
        return 0
    write_atomically(place, content, SHARED)
    return len(content)


@contextmanager
def _unfinished(directory: Path) -> Iterator[None]:
    """Create a directory with the mark that it is written to; only success removes the mark.

    Raises:
        Refused: somebody else is writing there.

    """
    make_directory(directory)
    mark = directory / UNFINISHED
    with os.fdopen(create_file(mark, os.O_WRONLY | os.O_APPEND, SHARED), "ab") as file:
        if not lock_file(file.fileno()):
            raise Refused(
                f"Another command is writing to {directory}.",
                "Wait until it ends.",
                code="PS-REFUSED-OTHER-WRITER",
            )
        os.fsync(file.fileno())
        flush_directory(directory)
        yield
        mark.unlink()
        flush_directory(directory)


@contextmanager
def progress(name: str, unit: str) -> "Iterator[tqdm[NoReturn]]":
    """Show progress on a terminal from the first second on."""
    from tqdm.auto import tqdm  # imported here: the import takes longer than most backups

    with tqdm(desc=name, unit=unit, disable=None, leave=False, delay=1) as bar:
        yield bar


def show(bar: "tqdm[NoReturn]", done: int, total: int) -> None:
    """Show how much of a total is done."""
    bar.total = total
    bar.update(done - bar.n)
