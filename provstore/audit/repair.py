"""Repairs a damaged store from backups: entries by position and hash, attachments by SHA-256.

In: the directory of a store, and backups or copies of its journal. Out: what was put back, and what
is still wrong. No entry is invented or dropped; the damaged journal is kept beside the new one.
"""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from provstore.audit.acts_check import is_replacing_act
from provstore.audit.backup import JOURNAL, progress
from provstore.audit.mending import Copy, Replaced, mend
from provstore.audit.people_check import PeopleCheck
from provstore.audit.people_mending import has_secret_of, mended_people
from provstore.audit.replacement_check import acts_of, deleted_attachments
from provstore.audit.verification import Verification, outside_witnesses, verify_store
from provstore.errors import DamagedStore, Problem, Refused, StoreUnavailable
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.journal_acts import replaced_values
from provstore.ingest.personal_values import PersonalValue
from provstore.prov.model.utc_time import utc_now
from provstore.results.receipts import RepairResult
from provstore.storage import settings
from provstore.storage.atomic_files import SHARED, flush_directory, flush_file, write_atomically
from provstore.storage.attachments import Attachments
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Entry, Journal
from provstore.storage.journal_entries import Damage, fault_of_row
from provstore.storage.journal_file import WAIT_SECONDS, write_damage
from provstore.storage.journal_survey import journal_problems
from provstore.storage.journal_tables import KIND, JournalTables
from provstore.storage.outbox import Outbox
from provstore.storage.settings import BACKUP_FILE, FILE_NAME
from provstore.storage.sqlite_files import connect

_BATCH = 500
KEPT = "journal.damaged-"
"""So begins the name of a damaged journal that was replaced."""


@dataclass
class _Work:
    """What has been done so far."""

    entries: list[int] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    damaged_journal: str = ""
    problems: list[Problem] = field(default_factory=list)


def repair(directory: Path, sources: Iterable[Path] = ()) -> RepairResult:
    """Put back what is damaged or missing, as far as the sources have it.

    A source is a backup, another copy of the store, or a copy of its journal alone. Without any,
    indexes are made anew. While entries are missing, the store stays marked as damaged.

    Raises:
        Refused: the directory is a backup.
        StoreUnavailable: there is nothing to repair, a source cannot be read, or the store cannot
            be written.

    """
    if (directory / BACKUP_FILE).exists():
        raise Refused(
            f"{directory} is a backup.",
            "Back up the store again, in a new directory.",
            code="PS-REFUSED-BACKUP-PLACE",
        )
    places = [*sources]
    if not (directory / JOURNAL).exists() and not (directory / FILE_NAME).exists():
        raise StoreUnavailable(f"There is no store in {directory}.", code="PS-STORE-MISSING")
    work = _Work()
    try:
        with ExitStack() as stack:
            copies = [stack.enter_context(closing(_open(place))) for place in places]
            former = sorted(directory.glob(f"{KEPT}*.sqlite"))
            for place in former:
                with suppress(StoreUnavailable):
                    copies.append(stack.enter_context(closing(Journal(place, read_only=True))))
            _repair_settings(directory, places, work)
            _repair_journal(directory, copies, work)
            work.problems += _differences(directory, copies)
        verification = _repair_other_files(directory, places, work)
        write_damage(directory, verification.of_journal)
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreUnavailable(
            f"{directory} cannot be written: {error}.", code="PS-STORE-UNWRITABLE"
        ) from error
    return RepairResult(
        tuple(work.entries),
        tuple(work.attachments),
        tuple(work.files),
        work.damaged_journal,
        (*verification.problems, *work.problems),
    )


def _open(source: Path) -> Journal:
    return Journal(source / JOURNAL if source.is_dir() else source, read_only=True)


# ------------------------------------------------------------------------------------ the journal


def _repair_journal(directory: Path, copies: Sequence[Journal], work: _Work) -> None:
    path = directory / JOURNAL
    with ExitStack() as stack:
        own = None
        try:
            own = stack.enter_context(closing(Journal(path)))
            own.check_writable()
            problems = verify_store(own).of_journal
        except StoreUnavailable as error:
            if own:
                raise
            problems = (Problem("/journal", error.message),)
        if own and not problems:
            return
        write_damage(directory, problems)  # from here on, nobody who looks for it adds anything
        if own:
            with suppress(DamagedStore):  # a file that cannot be locked cannot be written either
                own.write_log()
                stack.enter_context(own.locked())
        half = path.with_name(f".{token_hex(8)}")
        try:
            doubted = {int(at) for problem in problems if (at := problem.where[9:]).isdecimal()}
            ends_with_own = _write_mended(half, own, copies, work, doubted)
            if work.entries or work.files or own is None or own.file_faults():
                if path.exists():
                    half.chmod(path.stat().st_mode & 0o777)
                flush_file(half)
                _swap(path, half, work)
                if not ends_with_own:
                    settings.begin_generation(
                        directory
                    )  # entries after the last one may be lost, with their names
        finally:
            for ending in ("", "-journal"):
                half.with_name(half.name + ending).unlink(missing_ok=True)


def _write_mended(
    half: Path,
    own: Journal | None,
    copies: Sequence[Journal],
    work: _Work,
    doubted: Collection[int],
) -> bool:
    """Write the mended journal; return whether it ends with an entry of the damaged one."""
    source = Copy("the store", own) if own else None
    others = [Copy(str(copy.path), copy) for copy in copies]
    witnesses = [*outside_witnesses(own)] if own else []
    known = [journal for journal in (own, *copies) if journal]
    newest = max((journal.format for journal in known), default=KIND.format)
    replaced, acts = _acts(known)
    sealed = [each for each in known if each.format == newest and not each.fault_of_secret()]
    fitting = [each for each in sealed if newest > 1 and has_secret_of(each, acts)]
    check = PeopleCheck(fitting[0].personal) if fitting else None
    ends_with_own = False
    with closing(connect(half, WAIT_SECONDS)) as db, progress("repairing", " bundles") as bar:
        tables = JournalTables(db, newest)
        tables.create()
        db.execute("BEGIN")
        for mended in mend(source, others, witnesses, replaced, doubted):
            bar.update()
            row, is_new = mended.row, mended.is_new
            if row:
                values = mended.values
                if check and mended.is_sound and mended.position in doubted:
                    values = check.mended(row, values)
                    is_new = is_new or values != [*mended.values]
                _add(tables, row, values, work)
                ends_with_own = not mended.is_new
            if is_new:
                work.entries.append(mended.position)
        for journal in known:
            with suppress(StoreUnavailable), journal.snapshot() as people:
                tables.take_people(people)
                break
        for journal in [*fitting, *sealed][:1]:
            with journal.snapshot() as people:
                tables.take_people(people, only_secret=True)
            if journal is not own:
                work.files.append(f"{JOURNAL} (secret)")
        db.execute("COMMIT")
        if fitting:
            _mend_people(half, [each for each in fitting if each is not own], db, work)
    return ends_with_own


def _add(tables: JournalTables, row: Entry, values: Sequence[PersonalValue], work: _Work) -> None:
    try:
        tables.add(row, values)
    except sqlite3.IntegrityError as error:
        text = f"Its row cannot be kept: {error}. It is in the damaged journal."
        work.problems.append(Problem(f"/journal/{row.position}", text))


def _mend_people(
    half: Path, copies: Sequence[Journal], db: sqlite3.Connection, work: _Work
) -> None:
    """Write the tables of people anew if they do not fit the entries, which are all sound."""
    with closing(Journal(half, read_only=True)) as journal:
        is_sound = not journal_problems(journal)[1]
        people = mended_people(journal, copies) if is_sound else None
    if people:
        db.execute("BEGIN")
        JournalTables(db, KIND.format).put_people(people.people, people.redacted, people.work)
        db.execute("COMMIT")
        work.files.append(f"{JOURNAL} (people)")


def _acts(journals: Iterable[Journal]) -> tuple[Replaced, list[Entry]]:
    """Return the last act that replaced each value, and the acts, as far as a journal has them."""
    replaced: dict[tuple[int, str], tuple[int, str]] = {}
    acts: dict[int, Entry] = {}
    for journal in journals:
        for start in range(0, journal.last_position() if journal.format > 1 else 0, _BATCH):
            for row in journal.rows(start, min(start + _BATCH, journal.last_position())):
                if isinstance(row, Damage) or fault_of_row(row) or not is_replacing_act(row):
                    continue
                acts[row.position] = row
                for position, reference, now in replaced_values(bundle_of(row)):
                    key = position, reference
                    replaced[key] = max((row.position, now), replaced.get(key, (0, "")))
    return replaced, [*acts.values()]


def _swap(path: Path, half: Path, work: _Work) -> None:
    """Give the new journal its name; the damaged one keeps another, with its log.

    A log of the damaged journal must never be taken for one of the new journal, so it goes first.
    If this is interrupted, the next repair finds all entries in the kept files.
    """
    if path.exists():
        stamp = utc_now().replace("-", "").replace(":", "")
        kept = path.with_name(f"{KEPT}{stamp}-{token_hex(2)}.sqlite")
        for ending in ("-wal", ""):
            if (file := path.with_name(path.name + ending)).exists():
                os.link(file, kept.with_name(kept.name + ending))
        flush_directory(path.parent)
        work.damaged_journal = str(kept)
    for ending in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    flush_directory(path.parent)
    half.replace(path)
    flush_directory(path.parent)


def _differences(directory: Path, copies: Sequence[Journal]) -> Iterator[Problem]:
    """Yield each copy that has another last entry than the journal at that position."""
    with closing(Journal(directory / JOURNAL)) as own:
        for copy in copies:
            if copy.path.name.startswith(KEPT):
                continue
            try:
                head = copy.head()
                if own.position_at(head.position) not in (None, head):
                    text = f"{copy.path} has a different entry. It is not a copy of this journal."
                    yield Problem(f"/journal/{head.position}", text)
            except StoreUnavailable as error:
                yield Problem("/journal", error.message)


# -------------------------------------------------------------------------------- the other files


def _repair_settings(directory: Path, sources: Iterable[Path], work: _Work) -> None:
    """Put back settings that cannot be read; the faulty file is kept."""
    file = directory / FILE_NAME
    try:
        settings.read_settings(directory)
    except StoreUnavailable:
        for source in sources:
            with suppress(StoreUnavailable):
                settings.read_settings(source)
                if file.exists():
                    write_atomically(
                        file.with_name(f"provstore.damaged-{token_hex(2)}.toml"),
                        file.read_bytes(),
                        SHARED,
                    )
                write_atomically(file, (source / FILE_NAME).read_bytes(), SHARED)
                work.files.append(FILE_NAME)
                return


def _repair_other_files(directory: Path, sources: Iterable[Path], work: _Work) -> Verification:
    """Put back attachments, and messages in the outbox; without its position it begins again."""
    with closing(Journal(directory / JOURNAL)) as journal:
        verification = verify_store(journal)
        attachments = Attachments(directory / "attachments")
        acts = [] if verification.of_journal else acts_of(journal)
        deleted = deleted_attachments(acts)
        lost = [name for name in attachments.lost() if name not in deleted]
        for name in (*attachments.damaged(), *lost, *verification.unsent):
            for source in sources:
                backed_up = Attachments(source / "attachments")
                if backed_up.is_sound(name):
                    attachments.keep([backed_up.read(name)])
                    work.attachments.append(name)
                    break
        outbox = Outbox(directory / "outbox")
        if outbox.fault():
            (directory / "outbox" / "position").unlink()  # all messages are written again
            work.files.append("outbox/position")
        if not verification.of_journal:
            base = settings.read_settings(directory).base
            reports = IngestReports(journal, IngestIris(base))
            work.files += [f"outbox/{name}" for name in outbox.mend(journal, reports)]
        return verify_store(journal)
