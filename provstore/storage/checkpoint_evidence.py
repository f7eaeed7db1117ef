"""What checkpoints say about a journal: which entries they vouch for, and what contradicts it.

In: an open journal, the settings of its store, and files of checkpoints. Out: witnesses, positions,
faults of the checkpoints, notes. It writes nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from provstore.errors import DamagedStore, Problem, StoreUnavailable
from provstore.storage.checkpoint_files import Checkpoint, FileContent
from provstore.storage.checkpoint_places import Places, Source, reason
from provstore.storage.checkpoint_signatures import Signatures, check_signatures
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import START, Position, Witness
from provstore.storage.settings import Settings

Value = TypeVar("Value")


class Evidence(NamedTuple):
    """What all checkpoints say about a journal.

    `vouched` is the highest position that a checkpoint vouches for, `outside` the highest of those
    outside the store's directory, and `signed` of those whose signature was checked. `faults` are
    faults of the checkpoints, not of the journal.
    """

    witnesses: tuple[Witness, ...] = ()
    vouched: int = 0
    outside: int = 0
    signed: int = 0
    faults: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class _Found(NamedTuple):
    """All checkpoints of a store, each with the files that have it."""

    sources: Mapping[Checkpoint, Sequence[Source]]
    faults: Sequence[Problem]
    notes: Sequence[str]

    def binding(self) -> list[Checkpoint]:
        """Return those that are not only about a copy of the store."""
        return [each for each, files in self.sources.items() if not all(f.copy for f in files)]

    def is_outside(self, checkpoint: Checkpoint) -> bool:
        """Tell whether a file outside the store's directory has a checkpoint."""
        return any(source.is_outside for source in self.sources[checkpoint])


@dataclass(frozen=True)
class Comparison:
    """Compares the journal of a store with its checkpoints."""

    settings: Settings
    journal: Journal

    def store_id(self) -> str:
        """Return the id of the store; an older one has it from its base and its first entry."""
        if self.settings.id:
            return self.settings.id
        first = START.chain
        with suppress(StoreUnavailable):
            first = self.journal.first_chain()
        return hashlib.sha256(f"{self.settings.base} {first}".encode()).hexdigest()[:16]

    def places(self) -> Places:
        """Return where the checkpoints of the store lie."""
        return Places(self.settings, self.store_id())

    def agrees(self, checkpoint: Checkpoint) -> bool:
        """Tell whether the journal has the entry that a checkpoint knows."""
        with suppress(StoreUnavailable):  # what cannot be read is named by the survey
            return self.journal.has(checkpoint.place)
        return False

    def last_witnesses(self, own: Iterable[Checkpoint]) -> Iterator[Witness]:
        """Yield the last entry that each file knows; `own` are checkpoints beside the journal.

        Raises:
            DamagedStore: the settings are older than a checkpoint.

        """
        known = [*own, *self._last_checkpoints()]
        if problem := self._generation_problem(known):
            raise DamagedStore(
                f"{problem.where}: {problem.what}",
                [problem],
                problem.mend,
                code="PS-DAMAGED-CHECKPOINT",
            )
        superseded = _superseded(known, self.settings.generation, self.journal.head())
        yield from (_witness(checkpoint) for checkpoint in known if checkpoint not in superseded)

    def _last_checkpoints(self) -> Iterator[Checkpoint]:
        places = self.places()
        for source in places.sources()[0]:
            with suppress(OSError):
                content = (
                    source.read() if source.has_other_id else FileContent(_each(source.last()))
                )
                if not source.copy:
                    yield from self._of_store(places.store, source, content)[-1:]

    def _of_store(self, store: str, source: Source, content: FileContent) -> tuple[Checkpoint, ...]:
        """Return the checkpoints of a file that are about this store.

        A journal that lost all its entries is known by its base. If the id of the store was
        changed, the store is known by an entry that both have.
        """
        if source.has_other_id:
            return content.checkpoints if any(map(self.agrees, content.checkpoints)) else ()
        base = self.settings.base
        return tuple(
            each for each in content.checkpoints if each.store == store or each.base == base
        )

    # ------------------------------------------------------------------------------ all of them

    def evidence(self, public_key: str = "") -> Evidence:
        """Return what all checkpoints that can be found say about the journal.

        Signatures are checked with `public_key`, else with the key that the settings name.
        """
        files = self._find()
        binding, head = files.binding(), START
        signatures = check_signatures(binding, self.settings.checkpoints, public_key)
        with suppress(StoreUnavailable):  # what cannot be read is named by the survey
            head = self.journal.head()
        superseded = _superseded(binding, self.settings.generation, head)
        ignored = superseded | signatures.wrong
        sound = {each for each in files.sources if each not in ignored and self.agrees(each)}
        against = sorted({*binding} - ignored - sound, key=_by_position)
        copied = [each for each in files.sources if each not in {*binding, *sound}]
        agreeing = [each for each in sound if against and each.position < against[0].position]
        listed = [*sorted(agreeing, key=_by_position)[-1:], *against[:1], *against[1:][-1:]]
        return Evidence(
            tuple(map(_witness, listed)),
            _highest(sound),
            _highest(filter(files.is_outside, sound)),
            _highest(sound & signatures.right),
            (
                *files.faults,
                *_wrong(files, signatures),
                *_each(self._generation_problem(binding)),
            ),
            (
                *files.notes,
                *_on_copies(files, copied),
                *self._on_lost(superseded),
                *signatures.notes,
            ),
        )

    def _find(self) -> _Found:
        places = self.places()
        files: dict[Checkpoint, list[Source]] = {}
        faults: list[Problem] = []
        sources, notes = places.sources()
        for source in sources:
            try:
                content = source.read()
            except OSError as error:
                notes.append(f"{source.file.path} cannot be read: {reason(error)}.")
                continue
            faults += _faults(source, content)
            if content.is_torn:
                notes.append(f"A line of {source.file.path} is torn; it is ignored.")
            for checkpoint in self._of_store(places.store, source, content):
                files.setdefault(checkpoint, []).append(source)
        notes += places.missing_notes()
        if files and not any(
            source.file == places.own for each in files.values() for source in each
        ):
            notes.append(f"There are no checkpoints in {places.own.path}, only elsewhere.")
        return _Found(files, faults, notes)

    def _generation_problem(self, known: Iterable[Checkpoint]) -> Problem | None:
        newest = max((checkpoint.generation for checkpoint in known), default=1)
        if newest <= self.settings.generation:
            return None
        fault = f"It is {self.settings.generation}, but a checkpoint is of generation {newest}."
        mend = f"Put this line at the beginning of provstore.toml: generation = {newest}"
        return Problem("/settings/generation", fault, mend)

    def _on_lost(self, superseded: Iterable[Checkpoint]) -> Iterator[str]:
        if lost := _highest(superseded):
            yield (
                f"Checkpoints of an earlier generation know entries up to {lost} that were lost "
                f"when this store was restored. It is now in generation {self.settings.generation}."
            )


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


def _wrong(files: _Found, signatures: Signatures) -> Iterator[Problem]:
    for checkpoint, (source, *_) in files.sources.items():
        if checkpoint in signatures.wrong:
            fault = f"The signature in {source.file.path} is not that of key {signatures.key}."
            yield Problem(f"/checkpoints/{checkpoint.position}", fault)


def _on_copies(files: _Found, others: Iterable[Checkpoint]) -> Iterator[str]:
    upto: dict[str, int] = {}
    for checkpoint in others:
        for copy in (source.copy for source in files.sources[checkpoint] if source.copy):
            upto[copy] = max(upto.get(copy, 0), checkpoint.position)
    for copy, position in sorted(upto.items()):
        yield (
            f"A copy of this store in {copy} has, or had, other entries (up to {position}). "
            "Both give the same names to different deliveries."
        )


def _faults(source: Source, content: FileContent) -> Iterator[Problem]:
    path = source.file.path
    for number in content.faulty_lines:
        yield Problem(f"/checkpoints/{path.name}", f"Line {number} of {path} is not a checkpoint.")


def _witness(checkpoint: Checkpoint) -> Witness:
    return Witness(f"the checkpoint of {checkpoint.time}", checkpoint.place)


def _highest(checkpoints: Iterable[Checkpoint]) -> int:
    return max((checkpoint.position for checkpoint in checkpoints), default=0)


def _each(value: Value | None) -> tuple[Value, ...]:
    return () if value is None else (value,)


def _by_position(checkpoint: Checkpoint) -> int:
    return checkpoint.position
