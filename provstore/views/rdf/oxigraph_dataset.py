"""The data of the RDF engine: a store that is written, and snapshots of it that are read.

In: N-Quads and positions. Out: directories that other processes may open read-only. It must not
know who asks, and must not import provstore.

No second process may open a store that is being written. But a backup is a store of its own, made
of hard links in some milliseconds, that never changes: whoever reads it sees one whole position.
"""

import itertools
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

_LONG_BYTES = 250_000
"""From this number of bytes, a load takes so long that readers get a snapshot before it."""
_LOADING = "loading "
"""Begins the mark that stands beside the position during a bulk load."""
_COPY = ".copy"


class Moved(Exception):
    """The data are not at the position that is asked for, or between two positions."""


@dataclass
class _Snapshot:
    path: Path
    position: str
    readers: int = 0
    is_former: bool = False


class Dataset:
    """The data in a directory that this process owns. A position is a text; empty data are at "".

    The position is in the named graph `position_iri`, which is also its subject and property.

    Raises:
        OSError, RuntimeError: the data cannot be opened; `clear` makes them usable.

    """

    def __init__(self, directory: Path, position_iri: str) -> None:
        self._iri, self._directory = position_iri, directory
        self._identity = directory.stat()
        self._data, self._snapshots = directory / "data", directory / "snapshots"
        self._numbers = itertools.count()
        for rest in directory.iterdir():  # of an engine that was killed, or of another version
            if rest != self._data:
                _remove(rest)
        self._snapshots.mkdir(exist_ok=True)
        self._store: ox.Store | None = None
        self._position = ""
        self._is_partial = False  # a bulk load was interrupted
        self._writing = threading.Lock()
        self._current: _Snapshot | None = None
        self._state = threading.Lock()  # protects snapshots; never held for long

    def is_in_place(self) -> bool:
        """Return whether the directory was neither removed nor moved since."""
        try:
            return os.path.samestat(self._directory.stat(), self._identity)
        except OSError:
            return False

    def position(self) -> str:
        """Return the position of the last load, without waiting for another one."""
        if self._store is None:
            with self._writing:
                self._opened()
        return self._position

    def load(self, before: str, after: str, nquads: Sequence[bytes], *, bulk_from: int) -> None:
        """Add N-Quads and move from position `before` to `after`, atomically.

        Raises:
            Moved: the data are no longer at `before`.

        """
        size = sum(map(len, nquads))
        with self._writing:
            store = self._opened()
            if self._position != before:
                raise Moved
            if size >= _LONG_BYTES and not self._is_partial:
                self._take_snapshot(store)
            self._write(store, after, b"".join(nquads), is_bulk=size > bulk_from)
            self._replace_snapshot(None)

    def _write(self, store: ox.Store, after: str, nquads: bytes, *, is_bulk: bool) -> None:
        # The bulk loader is twice as fast, but not a transaction. RDF is a set, and the position
        # comes last: an interrupted load is repeated, and until then nobody reads.
        if is_bulk:
            self._write_mark(store, b"", _LOADING + after)
            self._is_partial = True
            store.bulk_load(nquads, format=ox.RdfFormat.N_QUADS)
            nquads = b""
        self._write_mark(store, nquads, after)
        self._position, self._is_partial = after, False
        self._remove_other_marks(store, after)

    @contextmanager
    def snapshot(self, at: str | None) -> Iterator[Path]:
        """Lend a snapshot at a position, or the newest one.

        Raises:
            Moved: there is none at this position, or none at all, as a load was interrupted.

        """
        snapshot = self._existing(at) or self._newest(at)
        try:
            yield snapshot.path
        finally:
            with self._state:
                snapshot.readers -= 1
                is_unused = snapshot.is_former and not snapshot.readers
            if is_unused:
                _remove(snapshot.path)

    def _existing(self, at: str | None) -> _Snapshot | None:
        """Return the present snapshot if it will do: a long load must not keep readers waiting."""
        with self._state:
            snapshot = self._current
            if snapshot is None or snapshot.position != self._position:
                return None
            if at not in (None, snapshot.position):
                return None  # it may be the position that is being loaded
            snapshot.readers += 1
            return snapshot

    def _newest(self, at: str | None) -> _Snapshot:
        with self._writing:
            store = self._opened()
            if self._is_partial or at not in (None, self._position):
                raise Moved
            snapshot = self._take_snapshot(store)
            with self._state:
                snapshot.readers += 1
            return snapshot

    def _take_snapshot(self, store: ox.Store) -> _Snapshot:
        current = self._current
        if current is None or current.position != self._position:
            path = self._snapshots / f"{os.getpid()}-{next(self._numbers)}"
            store.backup(str(path))
            path.chmod(self._snapshots.stat().st_mode)  # any account may have to remove it
            current = _Snapshot(path, self._position)
            self._replace_snapshot(current)
        return current

    def _replace_snapshot(self, snapshot: _Snapshot | None) -> None:
        with self._state:
            former, self._current = self._current, snapshot
            if former is None:
                return
            former.is_former = True
            is_unused = not former.readers
        if is_unused:
            _remove(former.path)

    def close(self) -> None:
        """Delete the snapshots; the data remain."""
        _remove(self._snapshots)

    def clear(self) -> None:
        """Delete all data; queries that are running finish with theirs."""
        with self._writing:
            self._replace_snapshot(None)
            self._store = None
            if self._data.exists():
                removed = self._data.with_name(f"removed-{next(self._numbers)}")
                self._data.rename(removed)  # atomic: half of the data could not be opened
                _remove(removed)

    def _opened(self) -> ox.Store:
        if self._store is None:
            self._data.mkdir(exist_ok=True)  # one that the store makes, its group cannot change
            _adopt(self._data)
            self._store = store = ox.Store(str(self._data))
            marks = [value for _, value in self._marks(store)]
            positions = [mark for mark in marks if not mark.startswith(_LOADING)]
            self._position = max(positions, key=_number, default="")
            unfinished = {mark.removeprefix(_LOADING) for mark in marks} - {*positions}
            self._is_partial = bool(unfinished)
            if not self._is_partial:
                self._remove_other_marks(store, self._position)
        return self._store

    def _write_mark(self, store: ox.Store, nquads: bytes, mark: str) -> None:
        """Write N-Quads and a mark in one transaction."""
        line = f"<{self._iri}> <{self._iri}> {ox.Literal(mark)} <{self._iri}> .\n"
        store.load(nquads + line.encode(), format=ox.RdfFormat.N_QUADS)

    def _remove_other_marks(self, store: ox.Store, position: str) -> None:
        for quad, mark in self._marks(store):
            if mark != position:
                store.remove(quad)

    def _marks(self, store: ox.Store) -> list[tuple[ox.Quad, str]]:
        quads = store.quads_for_pattern(None, None, None, ox.NamedNode(self._iri))
        return [(quad, quad.object.value) for quad in quads if isinstance(quad.object, ox.Literal)]


def _number(position: str) -> int:
    return int(position.partition(" ")[0])


def _adopt(data: Path) -> None:
    """Replace the files of other accounts by copies: nobody may link or lock what others own."""
    for file in data.iterdir():
        if file.suffix == _COPY:
            file.unlink()
        elif file.stat().st_uid != os.geteuid():
            copy = file.with_name(file.name + _COPY)
            shutil.copyfile(file, copy)
            copy.replace(file)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        os.unlink(path)
