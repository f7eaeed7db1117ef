"""Where checkpoints of a store lie: beside its journal, with the account, and in places.

In: the settings of a store, and its id. Out: files, and notes on places that cannot be used. It
compares nothing, and knows no journal. Outside the store, nothing is waited for longer than
`PATIENCE`.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from provstore.storage.account_checkpoints import AccountCheckpoints
from provstore.storage.checkpoint_files import (
    Checkpoint,
    CheckpointFile,
    FileContent,
    State,
    missing_lines,
)
from provstore.storage.checkpoint_thinning import MOST, thinned
from provstore.storage.settings import Settings

PATIENCE = 2.0
"""So many seconds a place may take to answer before it counts as unreachable."""

Result = TypeVar("Result")


class Source(NamedTuple):
    """A file of checkpoints that can be read.

    `is_outside` tells whether it lies outside the store's directory, `copy` in which directory the
    copy of the store is that it is about, and `has_other_id` whether it is about a store that had
    another id and was in the same directory. `state` is that of a file outside when it was listed.
    """

    file: CheckpointFile
    is_outside: bool = False
    copy: str = ""
    has_other_id: bool = False
    state: State = ()

    def read(self) -> FileContent:
        """Return all that is in the file.

        Raises:
            OSError: it cannot be read.

        """
        return within(PATIENCE, self.file.read) if self.is_outside else self.file.read()

    def last(self) -> Checkpoint | None:
        """Return the last checkpoint in the file.

        Raises:
            OSError: it cannot be read.

        """
        if self.is_outside and self.file.is_known(self.state):
            return self.file.known_last()
        return within(PATIENCE, self.file.last) if self.is_outside else self.file.last()


class Places:
    """The places of one store; each of them may be out of reach at any time."""

    def __init__(self, settings: Settings, store: str) -> None:
        self.store = store
        self.own = CheckpointFile(settings.checkpoint_file)
        self._places = settings.checkpoints.places
        # A backup says nothing about what the store has got since, and the store not about it.
        self._account = (
            None if settings.is_backup else AccountCheckpoints.of(store, settings.directory)
        )

    def sources(self) -> tuple[list[Source], list[str]]:
        """Return all files that may have checkpoints of this store, and what cannot be reached."""
        sources, notes = [Source(self.own)], []
        if self._account:
            try:
                sources += within(PATIENCE, partial(_sources_of, self._account))
            except OSError as error:
                notes.append(self._account_note(error))
        for place in self._places:
            try:
                sources += within(PATIENCE, partial(_sources_in, place))
            except OSError as error:
                notes.append(_unreachable(place, error))
        return sources, notes

    def add(self, lines: bytes) -> tuple[list[Path], list[str]]:
        """Add to each place what it lacks of some lines; return the files, and what failed."""
        files, notes = [], []
        if self._account:
            try:
                files.append(within(PATIENCE, partial(_add, self._account.prepare, lines)))
            except OSError as error:
                notes.append(self._account_note(error))
        for place in self._places:
            try:
                files.append(within(PATIENCE, partial(_add, partial(self._file, place), lines)))
            except OSError as error:
                notes.append(_unreachable(place, error))
        return files, notes

    def missing_notes(self) -> Iterator[str]:
        """Yield which of the named places that can be reached lack the last checkpoint."""
        with suppress(OSError):
            if not (own := self.own.last()):
                return
            for place in self._places:
                with suppress(OSError):
                    within(PATIENCE, partial(_names_in, place))
                    last = within(PATIENCE, self._file(place).last)
                    position = last.position if last else 0
                    if position < own.position:
                        yield (
                            f"{place} has checkpoints up to entry {position}, not to "
                            f"{own.position}. The next checkpoint adds what is missing."
                        )

    def _file(self, place: Path) -> CheckpointFile:
        return CheckpointFile(place / f"provstore-{self.store}.jsonl")

    def _account_note(self, error: OSError) -> str:
        folder = self._account.folder if self._account else ""
        return f"No checkpoints can be kept in {folder}: {reason(error)}."


def _sources_of(account: AccountCheckpoints) -> list[Source]:
    sources = [
        Source(file, is_outside=True, copy="" if binding else str(directory), state=file.state())
        for file, directory, binding in account.files_of_store()
    ]
    others = account.files_of_directory()
    return sources + [Source(file, is_outside=True, has_other_id=True) for file in others]


def _sources_in(place: Path) -> list[Source]:
    files = map(CheckpointFile, _names_in(place))
    return [Source(file, is_outside=True, state=file.state()) for file in files]


def _add(prepare: Callable[[], CheckpointFile], lines: bytes) -> Path:
    file = prepare()
    file.add(partial(missing_lines, lines), thinned, MOST)
    return file.path


def _names_in(place: Path) -> list[Path]:
    """Return the files of checkpoints in a place, which must exist.

    A place is never made: where a disk is not mounted, it would be made on the wrong one.
    """
    return sorted(path for path in place.iterdir() if path.match("provstore-*.jsonl"))


def _unreachable(place: Path, error: OSError) -> str:
    return f"{place} cannot be reached: {reason(error)}. The next checkpoint adds what is missing."


def reason(error: OSError) -> str:
    """Return in words what the operating system said."""
    return error.strerror or str(error)


def within(seconds: float, act: Callable[[], Result]) -> Result:
    """Return what `act` returns; do not wait longer for it, because a network disk may hang.

    Raises:
        OSError: it failed, or took too long.

    """
    if seconds == math.inf:
        return act()
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
