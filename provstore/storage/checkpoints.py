"""Checkpoints: which entry was at a position, written beside the journal and to other places.

In: a journal, and the settings of its store. Out: lines in files; what these files know about the
journal. Whoever cuts entries off a journal, or changes one and seals all that follow again, is
noticed up to the last checkpoint that they cannot change.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from provstore.errors import DamagedStore, Problem, ProvstoreError, Refused, StoreUnavailable
from provstore.ingest.ingest_series import highest_numbers
from provstore.ingest.journal_acts import former_journal
from provstore.prov.model.utc_time import utc_now
from provstore.storage.checkpoint_files import (
    Checkpoint,
    CheckpointFile,
    FileContent,
    last_of,
    missing_lines,
)
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import START, Position, Witness
from provstore.storage.settings import Settings
from provstore.storage.signing import Signer, is_signature, key_id, read_signer

PATIENCE = 2.0
"""So many seconds a place may take to answer before it counts as unreachable."""

Result = TypeVar("Result")


class Written(NamedTuple):
    """A checkpoint that was written, or was there already; and what could not be done."""

    checkpoint: Checkpoint
    is_new: bool
    files: tuple[Path, ...]
    notes: tuple[str, ...]


class Evidence(NamedTuple):
    """What all checkpoints say about a journal.

    `vouched` is the highest position that a checkpoint vouches for, `signed` the highest of those
    whose signature was checked. `faults` are faults of the checkpoints, not of the journal.
    """

    witnesses: tuple[Witness, ...]
    vouched: int
    signed: int
    faults: tuple[Problem, ...]
    notes: tuple[str, ...]


@dataclass
class Checkpoints:
    """The checkpoints of one open store; safe to use from several threads and processes."""

    settings: Settings
    journal: Journal
    _writer: threading.Thread | None = field(default=None, init=False)
    _last: int = field(default=-1, init=False)

    # ------------------------------------------------------------------------------- comparing

    def before_writing(self) -> Iterator[Witness]:
        """Yield the last entry that each file knows; a process compares them before it writes.

        In the first transaction after a restore, record with which entry the new generation begins.

        Raises:
            DamagedStore: the settings are older than a checkpoint.
            StoreUnavailable: the files beside the journal cannot be used.

        """
        own = self._own_checkpoints() if self.settings.generation > 1 else ()
        yield from self._last_witnesses(own)
        if self.settings.generation > 1 and not any(map(self._is_current, own)):
            self._add(self._make(self.journal.head()))

    def _last_witnesses(self, own: Iterable[Checkpoint]) -> Iterator[Witness]:
        known = [*own, *self._last_checkpoints()]
        if problem := self._generation_problem(known):
            raise DamagedStore(f"{problem.where}: {problem.what}", [problem], problem.mend)
        superseded = _superseded(known, self.settings.generation, self.journal.head())
        superseded |= self._before_upgrade(known)
        yield from (_witness(checkpoint) for checkpoint in known if checkpoint not in superseded)

    def evidence(self) -> Evidence:
        """Return what all checkpoints that can be found say about the journal."""
        sources: dict[Checkpoint, str] = {}
        faults: list[Problem] = []
        notes: list[str] = []
        files, unreachable = self._files()
        for file in files:
            try:
                content = _within(PATIENCE, file.read)
            except OSError as error:
                notes.append(f"{file.path} cannot be read: {_reason(error)}.")
                continue
            faults += _faults(file.path, content)
            if content.is_torn:
                notes.append(f"The last line of {file.path} is torn; it is ignored.")
            for checkpoint in content.checkpoints:
                sources.setdefault(checkpoint, str(file.path))
        notes += [*unreachable, *self._places_behind()]
        known = [checkpoint for checkpoint in sources if checkpoint.base == self.settings.base]
        if known and not self.last_position():
            notes.append(f"There are no checkpoints in {self._own_file.path}, only elsewhere.")
        generation, head = self.settings.generation, START
        with suppress(StoreUnavailable):  # what cannot be read is named by the survey
            head = self.journal.head()
        superseded = _superseded(known, generation, head)
        valid, signed, more_faults, more_notes = self._check_signatures(known, sources)
        former = self._before_upgrade(valid)
        compared = [each for each in valid if each not in superseded and each not in former]
        sound = {checkpoint for checkpoint in compared if self._agrees(checkpoint)}
        against = sorted(
            (checkpoint for checkpoint in compared if checkpoint not in sound), key=_by_position
        )
        lost = max((checkpoint.position for checkpoint in superseded), default=0)
        if lost:
            notes.append(
                f"Checkpoints of an earlier generation know entries up to {lost} that were lost "
                f"when this store was restored. It is now in generation {generation}."
            )
        if problem := self._generation_problem(known):
            faults.append(problem)
        return Evidence(
            tuple(map(_witness, [*against[:1], *against[1:][-1:]])),
            max((checkpoint.position for checkpoint in sound), default=0),
            max((checkpoint.position for checkpoint in sound if checkpoint in signed), default=0),
            (*faults, *more_faults),
            (*notes, *more_notes),
        )

    def place_notes(self) -> list[str]:
        """Return which places cannot be reached, or lack checkpoints."""
        return [*self._files()[1], *self._places_behind()]

    def last_position(self) -> int:
        """Return the position of the last checkpoint beside the journal; 0 without any."""
        with suppress(OSError):
            if last := self._own_file.last():
                return last.position
        return 0

    def _agrees(self, checkpoint: Checkpoint) -> bool:
        with suppress(StoreUnavailable):  # what cannot be read is named by the survey
            return self.journal.position_at(checkpoint.position) == checkpoint.place
        return False

    def _before_upgrade(self, known: Iterable[Checkpoint]) -> frozenset[Checkpoint]:
        """Return the checkpoints of the journal that this one was made of by an upgrade.

        The last of them must agree with what the upgrade says of that journal.
        """
        with suppress(StoreUnavailable):  # what cannot be read is named by the survey
            own = self._store_id()
            others = [checkpoint for checkpoint in known if checkpoint.store != own]
            bundles = map(bundle_of, self.journal.acts()) if others else ()
            if former := next(filter(None, map(former_journal, bundles)), None):
                last = Position(*former)
                return frozenset(
                    checkpoint for checkpoint in others
                    if checkpoint.position < last.position or checkpoint.place == last
                )  # fmt: skip
        return frozenset()

    def _generation_problem(self, known: Iterable[Checkpoint]) -> Problem | None:
        newest = max((checkpoint.generation for checkpoint in known), default=1)
        if newest <= self.settings.generation:
            return None
        fault = f"It is {self.settings.generation}, but a checkpoint is of generation {newest}."
        mend = f"Put this line at the beginning of provstore.toml: generation = {newest}"
        return Problem("/settings/generation", fault, mend)

    def _check_signatures(
        self, known: list[Checkpoint], sources: dict[Checkpoint, str]
    ) -> tuple[list[Checkpoint], set[Checkpoint], list[Problem], list[str]]:
        """Return those without a wrong signature, those with a right one, faults and notes."""
        notes: list[str] = []
        faults: list[Problem] = []
        right, wrong = set[Checkpoint](), set[Checkpoint]()
        unsigned = sum(not checkpoint.signature for checkpoint in known)
        if unsigned == len(known):
            notes += ["The checkpoints are not signed."] if known else []
            return known, right, faults, notes
        try:
            public_key = self._public_key()
            current = key_id(public_key) if public_key else ""
            for checkpoint in known:
                if checkpoint.signature and checkpoint.key == current:
                    is_right = is_signature(
                        checkpoint.signature, checkpoint.signed_bytes(), public_key
                    )
                    (right if is_right else wrong).add(checkpoint)
        except Refused as error:
            notes.append(f"The signatures were not checked: {error.message}")
            return known, right, faults, notes
        if not public_key:
            notes.append("The signatures were not checked: no public_key is in provstore.toml.")
        elif others := len(known) - unsigned - len(right) - len(wrong):
            notes.append(f"{others} checkpoints are signed by another key than {current}.")
        faults = [
            Problem(
                f"/checkpoints/{checkpoint.position}",
                f"The signature in {sources[checkpoint]} is not that of key {current}.",
            )
            for checkpoint in known
            if checkpoint in wrong
        ]
        return [checkpoint for checkpoint in known if checkpoint not in wrong], right, faults, notes

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

    def write_if_due(self) -> None:
        """Write a checkpoint in the background if so many entries are new. It never fails.

        What cannot be written now is written with the next.
        """
        with suppress(ProvstoreError, OSError):
            if self._last < 0:
                self._last = self.last_position()
            is_due = self.journal.head().position - self._last >= self.settings.checkpoints.every
            if is_due and not (self._writer and self._writer.is_alive()):
                self._writer = threading.Thread(target=self._write_quietly, daemon=True)
                self._writer.start()

    def wait(self) -> None:
        """Wait a moment until a checkpoint that is being written is there."""
        if self._writer:
            self._writer.join(PATIENCE * (1 + len(self.settings.checkpoints.places)))

    def _write_quietly(self) -> None:
        signer = None
        with suppress(Refused):  # unsigned is better than none; `verify` says so
            if key := self.settings.checkpoints.key:
                signer = read_signer(key)
        with suppress(ProvstoreError, OSError):
            self._last = self._write(signer).checkpoint.position

    def _write(self, signer: Signer | None) -> Written:
        head = self.journal.head()
        if head == START and self.settings.generation == 1:
            raise Refused("The journal is empty: a checkpoint would say nothing.")
        if self.journal.damage_file.exists():
            self._refuse(Problem("/journal", "Damage was found earlier."))
        own = self._own_checkpoints() if self.settings.generation > 1 else ()
        for witness in self._last_witnesses(own):
            if self.journal.position_at(witness.position.position) != witness.position:
                self._refuse(witness.problem(self.journal.head()))
        return self._add(self._make(head, signer))

    def _refuse(self, problem: Problem) -> None:
        if not self.journal.damage_file.exists():
            self.journal.mark_damaged([problem])
        message = f"No checkpoint is written, because the journal is damaged: {problem}"
        raise DamagedStore(message, [problem], "See all damage: provstore verify.")

    def _make(self, head: Position, signer: Signer | None = None) -> Checkpoint:
        last = None
        with suppress(OSError):  # `_add` says what is wrong with the file
            last = self._own_file.last()
        if last and (last.position > head.position or not self._agrees(last)):
            last = None  # of an earlier generation
        since, ingests = (last.position, dict(last.ingests)) if last else (0, {})
        new = highest_numbers(self.journal.ingests_between(since, head.position))
        generation, base = self.settings.generation, self.settings.base
        id_ = self._store_id()
        checkpoint = Checkpoint(id_, base, generation, *head, utc_now(), {**ingests, **new})
        return checkpoint.signed(key_id(signer.public_key), signer.sign) if signer else checkpoint

    def _add(self, checkpoint: Checkpoint) -> Written:
        """Append a checkpoint beside the journal, and what is missing to every place."""

        def make(lines: bytes) -> bytes:
            last = last_of(lines)
            is_covered = (
                last is not None
                and (last.generation, last.position) >= (checkpoint.generation, checkpoint.position)
                and (bool(last.signature) or not checkpoint.signature)
            )
            return b"" if is_covered else checkpoint.line()

        own = self._own_file
        try:
            is_new = own.add(make)
            lines = own.path.read_bytes()
        except OSError as error:
            raise StoreUnavailable(f"{own.path} cannot be written: {_reason(error)}.") from error
        files, notes = [own.path], []
        for place in self.settings.checkpoints.places:
            file = CheckpointFile(place / f"provstore-{checkpoint.store}.jsonl")
            try:
                _within(PATIENCE, partial(file.add, partial(missing_lines, lines)))
                files.append(file.path)
            except OSError as error:
                notes.append(_unreachable(place, error))
        return Written(last_of(lines) or checkpoint, is_new, tuple(files), tuple(notes))

    # --------------------------------------------------------------------------------- within

    @property
    def _own_file(self) -> CheckpointFile:
        return CheckpointFile(self.settings.checkpoint_file)

    def _own_checkpoints(self) -> tuple[Checkpoint, ...]:
        try:
            return self._own_file.read().checkpoints
        except OSError as error:
            path = self._own_file.path
            raise StoreUnavailable(f"{path} cannot be read: {_reason(error)}.") from error

    def _last_checkpoints(self) -> Iterator[Checkpoint]:
        """Yield the last checkpoint of every file that is a file of this store."""
        for file in self._files()[0]:
            with suppress(OSError):
                last = _within(PATIENCE, file.last)
                if last and last.base == self.settings.base:
                    yield last

    def _files(self) -> tuple[list[CheckpointFile], list[str]]:
        """Return all files that may have checkpoints of this store, and what cannot be reached."""
        files, notes = [self._own_file], []
        for place in self.settings.checkpoints.places:
            try:
                names = _within(PATIENCE, partial(_names_in, place))
                files += [CheckpointFile(path) for path in sorted(names)]
            except OSError as error:
                notes.append(_unreachable(place, error))
        return files, notes

    def _places_behind(self) -> Iterator[str]:
        """Yield which places that can be reached lack the last checkpoint."""
        with suppress(OSError, StoreUnavailable):
            if not (own := self._own_file.last()):
                return
            for place in self.settings.checkpoints.places:
                with suppress(OSError):
                    _within(PATIENCE, partial(_names_in, place))
                    file = CheckpointFile(place / f"provstore-{own.store}.jsonl")
                    last = _within(PATIENCE, file.last)
                    position = last.position if last else 0
                    if position < own.position:
                        yield (
                            f"{place} has checkpoints up to entry {position}, not to "
                            f"{own.position}. The next checkpoint adds what is missing."
                        )

    def _store_id(self) -> str:
        """Return the name of the journal: from the base, and the hash of its first entry."""
        first = self.journal.position_at(1) or START
        return hashlib.sha256(f"{self.settings.base} {first.chain}".encode()).hexdigest()[:16]

    def _public_key(self) -> str:
        """Return the key that checks signatures; "" if none is known."""
        settings = self.settings.checkpoints
        if settings.public_key or not settings.key:
            return settings.public_key
        return read_signer(settings.key).public_key

    def _is_current(self, checkpoint: Checkpoint) -> bool:
        return checkpoint.generation == self.settings.generation


def _superseded(
    known: Iterable[Checkpoint], generation: int, head: Position
) -> frozenset[Checkpoint]:
    """Return the checkpoints whose entries were lost before a later generation began.

    A generation begins with its first checkpoint; if it has none yet, with the entry that is the
    last one now, because its first transaction writes one.
    """
    known = list(known)
    begins = {generation: head.position}
    for current in {checkpoint.generation for checkpoint in known if checkpoint.generation > 1}:
        begins[current] = min(
            checkpoint.position for checkpoint in known if checkpoint.generation == current
        )
    return frozenset(
        checkpoint
        for checkpoint in known
        for later, begin in begins.items()
        if checkpoint.generation < later and checkpoint.position > begin
    )


def _witness(checkpoint: Checkpoint) -> Witness:
    return Witness(f"the checkpoint of {checkpoint.time}", checkpoint.place)


def _by_position(checkpoint: Checkpoint) -> int:
    return checkpoint.position


def _faults(path: Path, content: FileContent) -> Iterator[Problem]:
    for number in content.faulty_lines:
        yield Problem(f"/checkpoints/{path.name}", f"Line {number} of {path} is not a checkpoint.")


def _names_in(place: Path) -> list[Path]:
    """Return the files of checkpoints in a place, which must exist.

    A place is never made: where a disk is not mounted, it would be made on the wrong one.
    """
    return [path for path in place.iterdir() if path.match("provstore-*.jsonl")]


def _unreachable(place: Path, error: OSError) -> str:
    return f"{place} cannot be reached: {_reason(error)}. The next checkpoint adds what is missing."


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _within(seconds: float, act: Callable[[], Result]) -> Result:
    """Return what `act` returns; do not wait longer for it, because a network disk may hang.

    Raises:
        OSError: it failed, or took too long.

    """
    results: list[Result] = []
    errors: list[OSError] = []

    def run() -> None:
        try:
            results.append(act())
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return results[0]
