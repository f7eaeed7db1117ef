"""Checkpoints: which entry was at a position, written beside the journal and to other places.

In: a journal, and the settings of its store. Out: lines in files; what these files know about the
journal. Whoever cuts entries off a journal, or changes one and seals all that follow again, is
noticed up to the last checkpoint that they cannot change.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from provstore.errors import DamagedStore, Problem, ProvstoreError, Refused, StoreUnavailable
from provstore.ingest.ingest_series import highest_numbers
from provstore.prov.model.utc_time import utc_now
from provstore.storage.checkpoint_evidence import Comparison, Evidence
from provstore.storage.checkpoint_files import Checkpoint, CheckpointFile, last_of
from provstore.storage.checkpoint_places import reason
from provstore.storage.checkpoint_thinning import MOST, thinned
from provstore.storage.delayed_writing import DelayedWriting
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import START, Position, Witness
from provstore.storage.settings import Settings
from provstore.storage.signing import Signer, key_id, read_signer


class Written(NamedTuple):
    """A checkpoint that was written, or was there already; and what could not be done."""

    checkpoint: Checkpoint
    is_new: bool
    files: tuple[Path, ...]
    notes: tuple[str, ...]


@dataclass
class Checkpoints:
    """The checkpoints of one open store; safe to use from several threads and processes."""

    settings: Settings
    journal: Journal
    writing: DelayedWriting = field(init=False)
    """Writes a checkpoint a moment after entries were added."""
    _requests: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.writing = DelayedWriting(self._write_quietly)

    # ------------------------------------------------------------------------------- comparing

    def before_writing(self) -> Iterator[Witness]:
        """Yield the last entry that each file knows; a process compares them before it writes.

        In the first transaction after a restore, record with which entry the new generation begins.

        Raises:
            DamagedStore: the settings are older than a checkpoint.
            StoreUnavailable: the files beside the journal cannot be used.

        """
        own = self._own_checkpoints() if self.settings.generation > 1 else ()
        yield from self._comparison.last_witnesses(own)
        if self.settings.generation > 1 and not any(map(self._is_current, own)):
            self._add(self._make(self.journal.head()))

    def evidence(self, public_key: str = "") -> Evidence:
        """Return what all checkpoints that can be found say about the journal.

        Signatures are checked with `public_key`, else with the key that the settings name.
        """
        return self._comparison.evidence(public_key)

    def place_notes(self) -> list[str]:
        """Return which places cannot be reached, or lack checkpoints."""
        places = self._comparison.places()
        return [*places.sources()[1], *places.missing_notes()]

    def last_position(self) -> int:
        """Return the position of the last checkpoint beside the journal; 0 without any."""
        with suppress(OSError):
            if last := self._own_file.last():
                return last.position
        return 0

    # --------------------------------------------------------------------------------- writing

    def write(self) -> Written:
        """Write a checkpoint at the last entry, signed if there is a key.

        Raises:
            DamagedStore: the journal contradicts an earlier checkpoint; none is written.
            Refused: the journal is empty, or the key cannot be used.
            StoreUnavailable: it cannot be written beside the journal.

        """
        key = self.settings.checkpoints.key
        return self._write(read_signer(key) if key else None)

    def request(self) -> None:
        """Have a checkpoint written soon, after something was recorded. It never fails.

        The first checkpoint of a store is written at once, and one after every so many records.
        What cannot be written is written with the next.
        """
        is_first = self._requests == 0 and not self.last_position()
        self._requests += 1
        is_full = self._requests % self.settings.checkpoints.every == 0
        self.writing.request(at_once=is_first or is_full)

    def _write_quietly(self) -> None:
        signer = None
        with suppress(Refused):  # unsigned is better than none; `verify` says so
            if key := self.settings.checkpoints.key:
                signer = read_signer(key)
        with suppress(ProvstoreError, OSError):
            self._write(signer)

    def _write(self, signer: Signer | None) -> Written:
        self.journal.check_in_place()
        head = self.journal.head()
        if head == START and self.settings.generation == 1:
            raise Refused(
                "The journal is empty: there is no entry to record.",
                code="PS-REFUSED-EMPTY-JOURNAL",
            )
        if self.journal.damage_file.exists():
            self._refuse(Problem("/journal", "Damage was found earlier."))
        own = self._own_checkpoints() if self.settings.generation > 1 else ()
        for witness in self._comparison.last_witnesses(own):
            if not self.journal.has(witness.position):
                self._refuse(witness.problem(self.journal.head()))
        return self._add(self._make(head, signer))

    def _refuse(self, problem: Problem) -> None:
        if not self.journal.damage_file.exists():
            self.journal.mark_damaged([problem])
        message = f"No checkpoint is written, because the journal is damaged: {problem}"
        raise DamagedStore(
            message, [problem], "See all damage: provstore verify.", code="PS-DAMAGED-CHECKPOINT"
        )

    def _make(self, head: Position, signer: Signer | None = None) -> Checkpoint:
        last = None
        with suppress(OSError):  # `_add` says what is wrong with the file
            last = self._own_file.last()
        if last and (last.position > head.position or not self._comparison.agrees(last)):
            last = None  # of an earlier generation
        since, ingests = (last.position, dict(last.ingests)) if last else (0, {})
        new = highest_numbers(self.journal.ingests_between(since, head.position))
        generation, base = self.settings.generation, self.settings.base
        id_ = self._comparison.store_id()
        checkpoint = Checkpoint(id_, base, generation, *head, utc_now(), {**ingests, **new})
        return checkpoint.signed(key_id(signer.public_key), signer.sign) if signer else checkpoint

    def _add(self, checkpoint: Checkpoint) -> Written:
        """Append a checkpoint beside the journal, and what is missing to every place."""

        def make(lines: bytes) -> bytes:
            last = last_of(lines)
            return b"" if last and last.order >= checkpoint.order else checkpoint.line()

        own = self._own_file
        try:
            is_new = own.add(make, thinned, MOST)
            lines = own.path.read_bytes()
        except OSError as error:
            raise StoreUnavailable(
                f"{own.path} cannot be written: {reason(error)}.", code="PS-STORE-UNWRITABLE"
            ) from error
        files, notes = self._comparison.places().add(lines)
        return Written(last_of(lines) or checkpoint, is_new, (own.path, *files), tuple(notes))

    # --------------------------------------------------------------------------------- within

    @property
    def _comparison(self) -> Comparison:
        return Comparison(self.settings, self.journal)

    @property
    def _own_file(self) -> CheckpointFile:
        return CheckpointFile(self.settings.checkpoint_file)

    def _own_checkpoints(self) -> tuple[Checkpoint, ...]:
        try:
            return self._own_file.read().checkpoints
        except OSError as error:
            path = self._own_file.path
            raise StoreUnavailable(
                f"{path} cannot be read: {reason(error)}.", code="PS-STORE-UNREADABLE"
            ) from error

    def _is_current(self, checkpoint: Checkpoint) -> bool:
        return checkpoint.generation == self.settings.generation
