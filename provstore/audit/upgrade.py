"""Upgrades the journal of a store from format 1, in which personal values stood in the chain.

In: the directory of a store. Out: a journal of the present format with the same entries in the same
order, and one more: the upgrade, with the last chain hash of the former journal. The text of each
former entry becomes one personal value, so that all of it can be redacted.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_hex

from provstore.audit.verification import verify_store
from provstore.errors import DamagedStore, Problem, ProvstoreError, Refused, StoreUnavailable
from provstore.ingest.former_report import people_in
from provstore.ingest.ingest_iris import IngestIris, former_person
from provstore.ingest.journal_acts import UPGRADE, act_bundle_iri, upgrade_bundle
from provstore.ingest.personal_values import CHAIN, Concealer, person_key
from provstore.ingest.report_from_json import report_from_json
from provstore.prov.model.utc_time import utc_now
from provstore.prov.notations import provjson
from provstore.results.receipts import UpgradeResult
from provstore.storage import settings
from provstore.storage.atomic_files import flush_directory, flush_file
from provstore.storage.checkpoints import Checkpoints
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import START, Entry, Position, chain_hash, sha256_of_text
from provstore.storage.journal_file import WAIT_SECONDS
from provstore.storage.journal_survey import journal_problems
from provstore.storage.journal_tables import KIND, JournalTables
from provstore.storage.outbox import Outbox
from provstore.storage.personal_data import PersonalData, RandomSource
from provstore.storage.principal import principal as account
from provstore.storage.sqlite_files import connect, remove_halves
from provstore.views.view_removal import remove_views

JOURNAL = "journal.sqlite"


def upgrade(directory: Path) -> UpgradeResult:
    """Bring the journal of a store into the present format. Nobody else may have it open.

    The new journal is read back and compared with the former one before it takes its place. If this
    is interrupted, the former journal is still there, and the next call begins again.

    Raises:
        Refused: the journal has the present format already, or the directory is a backup.
        DamagedStore: the journal is damaged; lists all problems.
        StoreUnavailable: there is no store, it is in use, or it cannot be written.

    """
    config = settings.read_settings(directory)
    path, iris = directory / JOURNAL, IngestIris(config.base)
    if (directory / settings.BACKUP_FILE).exists():
        raise Refused(
            f"{directory} is a backup. Nothing was changed.",
            "Upgrade the store itself.",
            code="PS-REFUSED-BACKUP-PLACE",
        )
    with closing(Journal(path)) as former:
        if former.format == KIND.format:
            raise Refused(
                f"The journal in {directory} has format {KIND.format} already.",
                code="PS-REFUSED-UPGRADED-ALREADY",
            )
        if problems := verify_store(former).of_journal:
            listed = "".join(f"\n  - {problem}" for problem in problems)
            raise DamagedStore(
                f"The journal in {directory} is damaged. Nothing was changed:{listed}",
                problems,
                "Repair it: provstore repair --from BACKUP.",
                code="PS-DAMAGED-UPGRADE",
            )
    half = path.with_name(f".{token_hex(8)}")
    try:
        with closing(_sole_connection(path)) as lock, closing(Journal(path, read_only=True)) as own:
            remove_halves(directory)  # of an upgrade that was stopped
            old, new = own.head(), _write(half, own, iris, RandomSource(config.predictable))
            _compare(half, own, old)
            flush_file(half)
            half.chmod(path.stat().st_mode & 0o777)
            half.replace(path)
            flush_directory(directory)
            lock.rollback()
        with closing(Journal(path, read_only=True)) as journal:
            Outbox(directory / "outbox").begin_again(journal)
            with suppress(ProvstoreError):  # it can be written at any time
                Checkpoints(config, journal).write()
        views_in_use = remove_views(config.views)
    except OSError as error:
        raise StoreUnavailable(
            f"{directory} cannot be written: {error}.", code="PS-STORE-UNWRITABLE"
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(
            f"{path} cannot be upgraded now: {error}. Nothing was changed.",
            "Close the store everywhere else, and try again.",
            code="PS-STORE-BUSY",
        ) from error
    finally:
        for ending in ("", "-journal"):
            half.with_name(half.name + ending).unlink(missing_ok=True)
    notes = tuple(map(str, views_in_use.values()))
    return UpgradeResult(str(directory), *new, *old, notes)


def _sole_connection(path: Path) -> sqlite3.Connection:
    """Connect and lock out everybody else; the log is written into the file and is gone.

    A log of the former journal must never be taken for one of the new journal.
    """
    db = connect(path, WAIT_SECONDS)
    try:
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("BEGIN IMMEDIATE")
    except BaseException:
        db.close()
        raise
    return db


def _write(half: Path, former: Journal, iris: IngestIris, random: RandomSource) -> Position:
    """Write all entries and the upgrade into a new file; return the new head."""
    old, head = former.head(), START
    with closing(connect(half, WAIT_SECONDS)) as db:
        tables, personal = JournalTables(db, KIND.format), PersonalData(db, random)
        tables.create()
        db.execute("BEGIN")
        for entry in former.after(0):
            if entry.ingest:
                _keep_people(personal, entry, iris)
            concealer = personal.concealer(entry.bundle)
            content = concealer.document(entry.content) + concealer.former(
                entry.fingerprint, entry.chain
            )
            principal = concealer.principal("")
            head = _add(tables, personal, head, entry, content, principal, concealer)
        position = head.position + 1
        bundle_iri = act_bundle_iri(UPGRADE, position, iris)
        concealer, now = personal.concealer(bundle_iri), utc_now("microseconds")
        chain = concealer.conceal(old.chain, CHAIN)
        bundle = upgrade_bundle(position, now, (former.format, old.position, chain), iris)
        act = Entry(position, bundle_iri, bundle_iri, "", now, "", 0, "", "", "")
        content, principal = provjson.dump(bundle), concealer.principal(account())
        head = _add(tables, personal, head, act, content, principal, concealer)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode=DELETE")
    return head


def _add(
    tables: JournalTables,
    personal: PersonalData,
    head: Position,
    entry: Entry,
    content: str,
    principal: str,
    concealer: Concealer,
) -> Position:
    """Add an entry with another content and chain it; return the new head."""
    row = entry._replace(
        fingerprint=personal.keyed_hash(entry.fingerprint),
        principal=principal,
        personal=len(concealer.values),
        content=content,
        sha256=sha256_of_text(content),
    )
    row = row._replace(chain=chain_hash(head.chain, row))
    tables.add(row, concealer.values)
    return Position(row.position, row.chain)


def _keep_people(personal: PersonalData, entry: Entry, iris: IngestIris) -> None:
    """Let whoever a report names keep the name that they have in the former entries."""
    for named in people_in(report_from_json(entry.content, entry.bundle, iris).answers):
        personal.find_person(person_key(*named), former_person(*named))


def _compare(half: Path, former: Journal, old: Position) -> None:
    """Read the new journal back.

    Raises:
        DamagedStore: it is not what was to be written.

    """
    with closing(Journal(half, read_only=True)) as journal:
        problems = [*journal_problems(journal)[1]]
        for before, after in zip(former.after(0), journal.after(0, old.position), strict=True):
            if (before.content, *before[:2]) != (after.content, *after[:2]):
                fault = "It reads back in another way than it was written."
                problems.append(Problem(f"/journal/{before.position}", fault))
    if problems:
        raise DamagedStore(
            f"The upgrade failed. Nothing was changed: {problems[0]}",
            problems,
            code="PS-DAMAGED-UPGRADE",
        )
