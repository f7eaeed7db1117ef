"""Checkpoints as values, and the files that they are appended to: one JSON object a line.

In: a path. Out: the checkpoints in a file, and what cannot be read there. It knows no journal.
"""

import json
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from provstore.storage.atomic_files import SHARED, atomic_file, create_file, flush_directory
from provstore.storage.journal_entries import Position

if sys.platform != "win32":
    import fcntl

State = tuple[int, ...]
"""Device, inode, size, and when a file was changed; () if it cannot be read."""

_TAIL = 65_536
_SETTLED = 100_000_000
"""Nanoseconds after which no other change of a file can have the same time."""
_TEXTS = {
    "store": re.compile(r"[0-9a-f]{16}"),
    "base": re.compile(r"\S+"),
    "chain": re.compile(r"[0-9a-f]{64}"),
    "time": re.compile(r"[0-9TZ:.-]+"),
    "key": re.compile(r"(?:[0-9a-f]{16})?"),
    "signature": re.compile(r"[A-Za-z0-9+/=]*"),
}
"""What the texts are made of: they become parts of messages and of names of files."""

_SIGNED_AS = b"provstore checkpoint 1\n"
"""What is signed begins with this, so that no signature can be used for anything else."""


@dataclass(frozen=True)
class Checkpoint:
    """Which entry was at a position of a journal, and when that was recorded.

    `store` names the journal by its first entry, `ingests` gives the highest number of each series
    of ingests, and `key` is the id of the key that signed; both are "" if it is unsigned.
    """

    store: str
    base: str
    generation: int
    position: int
    chain: str
    time: str
    ingests: Mapping[str, int] = field(default_factory=dict, hash=False)
    key: str = ""
    signature: str = ""

    @property
    def place(self) -> Position:
        """The position in the journal."""
        return Position(self.position, self.chain)

    @property
    def order(self) -> tuple[int, int, bool]:
        """What goes up from line to line of a file: at one entry, the signed one is the newer."""
        return self.generation, self.position, bool(self.signature)

    def line(self) -> bytes:
        """Return the line of a file."""
        return _json(asdict(self)) + b"\n"

    def signed_bytes(self) -> bytes:
        """Return what the signature is made of: all fields but the signature itself."""
        record = asdict(self)
        del record["signature"]
        return _SIGNED_AS + _json(record)

    def signed(self, key: str, sign: Callable[[bytes], str]) -> "Checkpoint":
        """Return this checkpoint with a signature."""
        unsigned = replace(self, key=key)
        return replace(unsigned, signature=sign(unsigned.signed_bytes()))


_LAST: dict[Path, tuple[State, Checkpoint | None]] = {}
"""The last checkpoints that this process read, with the states of their files."""

Keep = Callable[[Sequence[Checkpoint]], Iterable[Checkpoint]]


class FileContent(NamedTuple):
    """The checkpoints in a file; the numbers of lines that are none; whether any is torn."""

    checkpoints: tuple[Checkpoint, ...] = ()
    faulty_lines: tuple[int, ...] = ()
    is_torn: bool = False


@dataclass(frozen=True)
class CheckpointFile:
    """A file of checkpoints. One process at a time adds lines, or leaves out old ones."""

    path: Path

    def read(self) -> FileContent:
        """Return all that is in the file; nothing if there is none.

        Raises:
            OSError: it cannot be read.

        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return FileContent()
        whole = _whole_lines(content)
        lines = whole.split(b"\n")[:-1]
        checkpoints = [parse_line(line) for line in lines]
        torn = {number for number, line in enumerate(lines, 1) if b"\0" in line}
        faulty = {number for number, known in enumerate(checkpoints, 1) if known is None} - torn
        is_torn = len(whole) < len(content) or bool(torn)
        return FileContent(tuple(filter(None, checkpoints)), tuple(sorted(faulty)), is_torn)

    def state(self) -> State:
        """Return what changes whenever the file does; () if it cannot be opened.

        The file is opened for it, so that a network disk asks again.
        """
        with suppress(OSError), self.path.open("rb") as file:
            return _state(file)
        return ()

    def is_known(self, state: State) -> bool:
        """Whether this process has read the last checkpoint of the file in this state."""
        return state != () and self.path in _LAST and _LAST[self.path][0] == state

    def last(self) -> Checkpoint | None:
        """Return the last checkpoint of the file, without reading the whole file.

        What did not change since this process read it is not read again.

        Raises:
            OSError: it cannot be read.

        """
        try:
            with self.path.open("rb") as file:
                state = _state(file)
                if self.is_known(state):
                    return self.known_last()
                checkpoint = self._read_last(file)
                if time.time_ns() - max(state[-2:]) > _SETTLED and state == _state(file):
                    _LAST[self.path] = state, checkpoint
                return checkpoint
        except FileNotFoundError:
            return None

    def known_last(self) -> Checkpoint | None:
        """Return the last checkpoint that this process read, if the file `is_known`."""
        return _LAST[self.path][1]

    @staticmethod
    def _read_last(file: IO[bytes]) -> Checkpoint | None:
        start = file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
        if start and not (checkpoint := last_of(file.read())):
            file.seek(start := 0)
        return checkpoint if start else last_of(file.read())

    def add(self, make: Callable[[bytes], bytes], keep: Keep = tuple, most: int = 1 << 62) -> bool:
        """Append the lines that `make` makes of the whole lines there are; return whether it did.

        A torn last line is removed. If there are more than `most` lines then, those that `keep`
        leaves out go, too. On return the file survives a power failure.

        Raises:
            OSError: the file cannot be written.

        """
        with self._locked() as file:
            before = file.read()
            whole = _whole_lines(before)
            if not (lines := make(whole)):
                return False
            if (whole + lines).count(b"\n") > most:
                with atomic_file(self.path, stat.S_IMODE(os.fstat(file.fileno()).st_mode)) as out:
                    out.write(_thinned(whole + lines, keep))
                return True
            if len(whole) < len(before):
                file.truncate(len(whole))
            file.seek(len(whole))
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
            if not before:
                flush_directory(self.path.parent)
        return True

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        """Open the file for one process at a time; not one that was replaced while it waited."""
        while True:
            with os.fdopen(create_file(self.path, os.O_RDWR, SHARED), "r+b") as file:
                if sys.platform != "win32":
                    with suppress(OSError):  # some file systems have no locks
                        fcntl.flock(file, fcntl.LOCK_EX)
                if not os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                    continue
                yield file
                return


def _state(file: IO[bytes]) -> State:
    status = os.fstat(file.fileno())
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return (status.st_dev, status.st_ino, status.st_size, *times)


def _whole_lines(content: bytes) -> bytes:
    """Return a content without its torn end: what is no checkpoint behind the last one.

    After a power failure, any part of what was written last may be missing: also the beginning.
    """
    whole = content[: content.rfind(b"\n") + 1]
    while whole:
        start = whole.rfind(b"\n", 0, -1) + 1
        if parse_line(whole[start:]):
            break
        whole = whole[:start]
    return whole


def _thinned(lines: bytes, keep: Keep) -> bytes:
    """Return the lines whose checkpoints are kept; a line without one is none that may go."""
    known = [(line, parse_line(line)) for line in lines.split(b"\n")[:-1]]
    kept = {*keep([checkpoint for _, checkpoint in known if checkpoint])}
    return _joined(line for line, checkpoint in known if checkpoint is None or checkpoint in kept)


def parse_line(line: bytes) -> Checkpoint | None:
    """Return the checkpoint in a line; None if there is none."""
    try:
        record = json.loads(line)
        checkpoint = Checkpoint(**record)
        kinds = {part.name: part.type for part in fields(Checkpoint)}
        numbers = [checkpoint.position, *checkpoint.ingests.values()]
        is_sound = all(
            isinstance(value, int) if kinds[name] is int else _is_text(name, value)
            for name, value in record.items()
            if name != "ingests"
        ) and all(isinstance(number, int) and 0 <= number < 1 << 63 for number in numbers)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return checkpoint if is_sound else None


def _is_text(name: str, value: str) -> bool:
    return value.isprintable() and _TEXTS[name].fullmatch(value) is not None


def last_of(lines: bytes) -> Checkpoint | None:
    """Return the last checkpoint among these lines; what stands behind the last one is torn."""
    complete = lines.split(b"\n")[:-1]
    return next((known for line in reversed(complete) if (known := parse_line(line))), None)


def missing_lines(lines: bytes, present: bytes) -> bytes:
    """Return those of some lines whose checkpoints are newer than the last one present."""
    last = last_of(present)
    known = ((line, parse_line(line)) for line in lines.split(b"\n")[:-1])
    return _joined(
        line
        for line, checkpoint in known
        if checkpoint and (last is None or checkpoint.order > last.order)
    )


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
