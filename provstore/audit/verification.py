"""Verifies a whole store: its journal, attachments, settings and outbox; and a backup as well.

In: an open journal. Out: the last sound position, problems of the journal, other problems, notes.
It changes nothing.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from provstore.audit.former_chain import FormerChain, follow_former_chain
from provstore.audit.people_check import people_problems
from provstore.audit.replacement_check import acts_of, deleted_attachments, replacement_problems
from provstore.audit.settled_people import SettledPeople
from provstore.errors import Problem, StoreUnavailable
from provstore.ingest.ingest_iris import IngestIris
from provstore.storage.attachments import Attachments
from provstore.storage.backup_manifest import Manifest
from provstore.storage.checkpoint_evidence import Comparison
from provstore.storage.entry_bundle import is_named_in_content
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Journal, Position
from provstore.storage.journal_entries import Witness, base_of_report
from provstore.storage.journal_survey import journal_problems
from provstore.storage.outbox import Outbox
from provstore.storage.settings import read_settings
from provstore.storage.sound_batches import SoundEntry

_FILE = b'\\"sha256\\":\\"'
_FILES = re.compile(re.escape(_FILE) + rb'([0-9a-f]{64})\\"')
"""A file that the answers name (`sealed_package.files_in_answers`), as it stands in an entry.

The answers are JSON within JSON; reading both again would take most of the time.
"""


@dataclass(frozen=True)
class Verification:
    """What was found: damage of the journal, of other files, and what nothing can tell.

    `unsent` has the SHA-256 of files that entries name, and that are not known to have been stored.
    """

    head: Position
    of_journal: tuple[Problem, ...]
    of_files: tuple[Problem, ...]
    notes: tuple[str, ...]
    unsent: tuple[str, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong."""
        return self.of_journal + self.of_files


@dataclass
class _Inspector:
    """Collects from the entries what other files must agree with."""

    base: str = ""
    files: dict[str, int] = field(default_factory=dict)
    misplaced: list[Problem] = field(default_factory=list)
    people: SettledPeople = field(default_factory=SettledPeople)

    def inspect(self, entry: SoundEntry) -> None:
        """See one entry: its bundle, the base of its names, and the files that its answers name."""
        if not is_named_in_content(entry.bundle, entry.content):
            fault = f"Its content is not that of the bundle {entry.bundle}."
            self.misplaced.append(Problem(f"/journal/{entry.position}", fault))
        self.people.inspect(entry)
        if not entry.ingest:
            return
        self.base = self.base or base_of_report(entry.bundle, entry.ingest)
        if _FILE in entry.content:
            for checksum in _FILES.findall(entry.content):
                self.files.setdefault(checksum.decode(), entry.position)


def verify_store(journal: Journal, witnesses: Iterable[Witness] | None = None) -> Verification:
    """Verify the store that a journal belongs to; `witnesses` know entries of it."""
    directory = journal.path.parent
    inspector = _Inspector()
    known = outside_witnesses(journal) if witnesses is None else witnesses
    known = [*known, *_manifest_witness(directory)]
    head, of_journal = journal_problems(journal, known, inspector.inspect)
    if of_journal and journal.reconnect():  # a disk that failed once may not fail twice
        inspector = _Inspector()
        head, of_journal = journal_problems(journal, known, inspector.inspect)
    former, deleted = FormerChain(0, 0, ()), frozenset[str]()
    if not of_journal:
        former, acts = follow_former_chain(journal), acts_of(journal)
        of_journal += [*replacement_problems(journal, acts), *former.problems]
        of_journal += [] if of_journal else people_problems(journal, inspector.people)
        deleted = frozenset() if of_journal else deleted_attachments(acts)
    of_files = [
        *_problems_of_settings(directory, inspector.base),
        *_problems_of_attachments(directory, deleted),
        *_problems_of_backup(directory),
        *(() if of_journal else _problems_of_outbox(journal)),
    ]
    unsent = [name for name in _unsent(directory, inspector.files) if name not in deleted]
    notes = [
        f"/attachments/{checksum}: Entry {inspector.files[checksum]} names this file, but it is "
        "not stored. Send a package that contains it."
        for checksum in unsent
    ]
    notes += filter(None, [*_notes_on_outbox(directory), former.note()])
    notes += _notes_on_acts(journal)
    of_journal += inspector.misplaced
    return Verification(head, tuple(of_journal), tuple(of_files), tuple(notes), tuple(unsent))


def outside_witnesses(journal: Journal) -> Iterator[Witness]:
    """Yield what knows entries of a journal and lies outside it: followers and checkpoints."""
    directory = journal.path.parent
    yield from follower_witnesses(directory, with_views=not journal.read_only)
    with suppress(StoreUnavailable):  # faulty settings are a problem of their own
        yield from Comparison(read_settings(directory), journal).evidence().witnesses


def follower_witnesses(directory: Path, *, with_views: bool) -> Iterator[Witness]:
    """Yield how far the outbox and the search view of a store have followed its journal.

    Views of what cannot be written are in a cache, where they may be those of a former store.
    """
    yield from Outbox(directory / "outbox").witnesses()
    if with_views:
        from provstore.views.search import SearchView  # here: other commands start without it

        with closing(SearchView(directory / "search.sqlite", {})) as view:
            yield from view.witnesses()


def _manifest_witness(directory: Path) -> Iterator[Witness]:
    with suppress(StoreUnavailable):  # a faulty manifest is a problem of its own
        if manifest := Manifest.read(directory):
            yield manifest.witness()


def _problems_of_settings(directory: Path, base: str) -> Iterator[Problem]:
    try:
        settings = read_settings(directory)
    except StoreUnavailable as error:
        yield Problem("/provstore.toml", error.message, error.advice)
        return
    if base and base != settings.base:
        fault = f"base is {settings.base!r}, but the reports were named with {base!r}."
        yield Problem("/provstore.toml", fault, "Put the former base back.")


def _problems_of_attachments(directory: Path, deleted: frozenset[str]) -> Iterator[Problem]:
    attachments = Attachments(directory / "attachments")
    heal = "Send it again, or: provstore repair --from BACKUP."
    for checksum in attachments.damaged():
        yield Problem(f"/attachments/{checksum}", "Its content changed.", heal)
    for checksum in sorted({*attachments.lost()} - deleted):
        yield Problem(f"/attachments/{checksum}", "It was stored and is missing.", heal)


def _unsent(directory: Path, checksums: Iterable[str]) -> list[str]:
    attachments = Attachments(directory / "attachments")
    lost = {*attachments.lost()}
    return [
        checksum for checksum in checksums if checksum not in lost and not attachments.has(checksum)
    ]


def _problems_of_outbox(journal: Journal) -> Iterator[Problem]:
    directory = journal.path.parent
    with suppress(StoreUnavailable):  # faulty settings are a problem of their own
        reports = IngestReports(journal, IngestIris(read_settings(directory).base))
        yield from Outbox(directory / "outbox").problems(journal, reports)


def _notes_on_outbox(directory: Path) -> Iterator[str]:
    if fault := Outbox(directory / "outbox").fault():
        yield f"/outbox/position: {fault}"  # it loses no message, and mends itself


def _notes_on_acts(journal: Journal) -> Iterator[str]:
    with suppress(StoreUnavailable):
        for position, work in journal.replacements().items():
            if work:
                yield (
                    f"/journal/{position}: What this act replaced may be left in views, messages, "
                    "drafts or free pages. The next opening of the store removes it."
                )


def _problems_of_backup(directory: Path) -> Iterator[Problem]:
    try:
        manifest = Manifest.read(directory)
    except StoreUnavailable as error:
        yield Problem("/backup.json", error.message)
        return
    if manifest:
        yield from manifest.problems(directory)
