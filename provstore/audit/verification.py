"""Verifies a whole store: its journal, attachments, settings and outbox; and a backup as well.

In: a directory and its open journal. Out: the last sound position, problems of the journal, other
problems, and notes. It changes nothing and asks no view.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from provstore.errors import Problem, StoreUnavailable
from provstore.storage.attachments import Attachments
from provstore.storage.backup_manifest import Manifest
from provstore.storage.journal import Entry, Journal, Position
from provstore.storage.journal_entries import Witness, Witnesses
from provstore.storage.journal_survey import journal_problems
from provstore.storage.outbox import Outbox
from provstore.storage.settings import read_settings

_FILE_IN_ANSWERS = re.compile(r'\\"sha256\\":\\"([0-9a-f]{64})\\"')
"""A file that the answers name (`sealed_package.files_in_answers`), as it stands in an entry.

The answers are JSON within JSON; reading both again would take most of the time.
"""


@dataclass(frozen=True)
class Verification:
    """What was found: damage of the journal, of other files, and what nothing can tell."""

    head: Position
    of_journal: tuple[Problem, ...]
    of_files: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong."""
        return self.of_journal + self.of_files


@dataclass
class _Inspector:
    """Collects from the entries what other files must agree with."""

    base: str | None = None
    files: dict[str, int] = field(default_factory=dict)

    def inspect(self, entry: Entry) -> None:
        """See one entry: the base of its names, and the files that its answers name."""
        if not entry.ingest:
            return
        if self.base is None:
            self.base = entry.bundle.partition(f"ingest/{entry.ingest}/")[0]
        if "sha256" in entry.content:
            for checksum in _FILE_IN_ANSWERS.findall(entry.content):
                self.files.setdefault(checksum, entry.position)


def verify_store(journal: Journal, witnesses: Witnesses | None = None) -> Verification:
    """Verify the store that a journal belongs to."""
    directory = journal.path.parent
    inspector = _Inspector()
    vouching = outside_witnesses(directory) if witnesses is None else witnesses()
    head, of_journal = journal_problems(journal, vouching, inspector.inspect)
    of_files = [
        *_problems_of_settings(directory, inspector.base),
        *_problems_of_attachments(directory),
        *_problems_of_outbox(directory),
        *_problems_of_backup(directory),
    ]
    notes = _notes_on_attachments(directory, inspector.files)
    return Verification(head, tuple(of_journal), tuple(of_files), tuple(notes))


def outside_witnesses(directory: Path) -> Iterator[Witness]:
    """Yield what knows entries of a journal and lies beside it."""
    yield from Outbox(directory / "outbox").witnesses()
    try:
        manifest = Manifest.read(directory)
    except StoreUnavailable:
        return  # a problem of its own
    if manifest:
        yield manifest.witness()


def _problems_of_settings(directory: Path, base: str | None) -> Iterator[Problem]:
    try:
        settings = read_settings(directory)
    except StoreUnavailable as error:
        yield Problem("/provstore.toml", error.message, error.advice)
        return
    if base is not None and base != settings.base:
        fault = f"base is {settings.base!r}, but the reports were named with {base!r}."
        yield Problem("/provstore.toml", fault)


def _problems_of_attachments(directory: Path) -> Iterator[Problem]:
    attachments = Attachments(directory / "attachments")
    heal = "Send it again, or: provstore repair --from BACKUP."
    for checksum in attachments.damaged():
        yield Problem(f"/attachments/{checksum}", "Its content changed.", heal)
    for checksum in attachments.lost():
        yield Problem(f"/attachments/{checksum}", "It was stored and is missing.", heal)


def _notes_on_attachments(directory: Path, files: dict[str, int]) -> Iterator[Problem]:
    attachments = Attachments(directory / "attachments")
    lost = {*attachments.lost()}
    for checksum, position in files.items():
        if checksum not in lost and not attachments.has(checksum):
            text = f"Entry {position} names this file, but it is not stored."
            yield Problem(f"/attachments/{checksum}", text, "Send a package that contains it.")


def _problems_of_outbox(directory: Path) -> Iterator[Problem]:
    if fault := Outbox(directory / "outbox").fault():
        yield Problem("/outbox/position", fault)


def _problems_of_backup(directory: Path) -> Iterator[Problem]:
    try:
        manifest = Manifest.read(directory)
    except StoreUnavailable as error:
        yield Problem("/backup.json", error.message)
        return
    if manifest:
        yield from manifest.problems(directory)
