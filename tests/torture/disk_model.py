"""A disk that promises no more than POSIX does: what a power cut may leave of recorded calls.

In: system calls, and a directory. Out: operations, which of them are durable at any moment, and
the files that any choice of the others leaves. As in ALICE (OSDI 2014):

* `fsync` and `fdatasync` of a file make its content and its size durable, and nothing else.
* A name (created, renamed, removed) is durable after `fsync` of its directory, and not before.
* What an `fsync` of a file that failed should have made durable is never made so by a later one:
  kernels forget such pages (Rebello et al., ATC 2020), so it must be written again. Of a directory,
  a later one that succeeds is enough.
* Everything else may be lost, kept, or torn at each sector, in any order.

SQLite's `-shm` file is left out: it is made again after a crash.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.system_calls import Call, Handle
from tests.torture.warm import MARK

ROOT = 0
"""The directory that was there before, and is durable."""


@dataclass(frozen=True)
class Write:
    """Bytes in a file."""

    file: int
    offset: int
    data: bytes


@dataclass(frozen=True)
class Resize:
    """A file gets another size."""

    file: int
    size: int


@dataclass(frozen=True)
class Name:
    """A directory gets a name for a file (of any earlier name: then it loses that one)."""

    directory: int
    name: str
    file: int
    earlier: tuple[int, str] | None = None


@dataclass(frozen=True)
class Removal:
    """A directory loses a name."""

    directory: int
    name: str


@dataclass(frozen=True)
class Sync:
    """A file or directory is made durable."""

    file: int


@dataclass(frozen=True)
class FailedSync:
    """A file or directory should have been made durable, and was not."""

    file: int


@dataclass(frozen=True)
class Mark:
    """What the traced process said: `begun ACT`, `acknowledged ACT`."""

    text: str


Operation = Write | Resize | Name | Removal | Sync | FailedSync | Mark
Parts = tuple[tuple[int, int], ...]
"""Pieces of a write: where each begins and ends."""

Torn = tuple[tuple[int, Parts], ...]
"""Operations that are torn, with the pieces that came to the disk."""

Tree = dict[str, bytes | None]
"""Paths below the root, with their content; a directory has none."""


@dataclass
class Recording:
    """All operations, and what each file is."""

    operations: list[Operation] = field(default_factory=list)
    paths: dict[int, str] = field(default_factory=dict)
    directories: set[int] = field(default_factory=lambda: {ROOT})

    def describe(self, index: int) -> str:
        """An operation in a few words."""
        operation = self.operations[index]
        match operation:
            case Write(file, offset, data):
                text = f"write {self.paths[file]} {offset}+{len(data)}"
            case Resize(file, size):
                text = f"resize {self.paths[file]} to {size}"
            case Name(_, name, file, earlier):
                text = f"{'rename to' if earlier else 'create'} {name} ({self.paths[file]})"
            case Removal(_, name):
                text = f"remove {name}"
            case Sync(file):
                text = f"sync {self.paths.get(file, '.')}"
            case FailedSync(file):
                text = f"failed sync {self.paths.get(file, '.')}"
            case Mark(mark):
                text = mark
        return f"{index} {text}"

    def is_of_directory(self, index: int) -> str:
        """The path of the directory that this operation makes; "" if it makes none."""
        operation = self.operations[index]
        made = isinstance(operation, Name) and operation.file in self.directories
        return self.paths[operation.file] if made and isinstance(operation, Name) else ""

    def durable(self, cut: int) -> int:
        """The operations before a cut that no power cut can take, as bits."""
        bits = 0
        next_sync: dict[int, bool] = {}  # of each file: whether the next one succeeds
        for index in range(cut - 1, -1, -1):
            operation = self.operations[index]
            if isinstance(operation, Sync):
                next_sync[operation.file] = True
            elif isinstance(operation, FailedSync):
                if operation.file not in self.directories:
                    next_sync[operation.file] = False
            elif any(next_sync.get(file, False) for file in _places(operation)):
                bits |= 1 << index
        return bits

    def changes(self, cut: int) -> int:
        """The operations before a cut that change anything, as bits."""
        bits = 0
        for index, operation in enumerate(self.operations[:cut]):
            if not isinstance(operation, Sync | FailedSync | Mark):
                bits |= 1 << index
        return bits

    def tree(self, kept: int, torn: Torn = ()) -> Tree:
        """What lies below the root if these operations (as bits) have come to the disk."""
        parts = dict(torn)
        content: dict[int, bytearray] = {}
        names: dict[tuple[int, str], int] = {}
        for index, operation in enumerate(self.operations):
            if not kept >> index & 1:
                continue
            match operation:
                case Write(file, offset, data):
                    target = content.setdefault(file, bytearray())
                    for start, end in parts.get(index, ((0, len(data)),)):
                        _put(target, offset + start, data[start:end])
                case Resize(file, size):
                    target = content.setdefault(file, bytearray())
                    del target[size:]
                    target.extend(bytes(size - len(target)))
                case Name(directory, name, file, earlier):
                    if earlier is not None and names.get(earlier) == file:
                        del names[earlier]
                    names[directory, name] = file
                case Removal(directory, name):
                    names.pop((directory, name), None)
        return self._below(ROOT, "", names, content)

    def _below(
        self,
        directory: int,
        prefix: str,
        names: dict[tuple[int, str], int],
        content: dict[int, bytearray],
    ) -> Tree:
        tree: Tree = {}
        for (parent, name), file in names.items():
            if parent == directory:
                path = f"{prefix}{name}"
                if file in self.directories:
                    tree[path] = None
                    tree.update(self._below(file, f"{path}/", names, content))
                else:
                    tree[path] = bytes(content.get(file, b""))
        return tree


def _places(operation: Operation) -> tuple[int, ...]:
    """The file or directory whose fsync makes an operation durable."""
    match operation:
        case Write(file) | Resize(file):
            return (file,)
        case Name(directory) | Removal(directory):
            return (directory,)
    return ()


def _put(target: bytearray, offset: int, data: bytes) -> None:
    if len(target) < offset:
        target.extend(bytes(offset - len(target)))
    target[offset : offset + len(data)] = data


def write_tree(tree: Tree, directory: Path) -> None:
    """Make the files of a tree in a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for path, content in sorted(tree.items(), key=lambda item: item[0]):
        place = directory / path
        if content is None:
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.write_bytes(content)


def read_tree(directory: Path) -> Tree:
    """The tree that lies in a directory."""
    tree: Tree = {}
    for place in sorted(directory.rglob("*")):
        path = str(place.relative_to(directory))
        if not path.endswith("-shm"):
            tree[path] = None if place.is_dir() else place.read_bytes()
    return tree


# ------------------------------------------------------------------------------------- recording

SYNCS = ("fsync", "fdatasync")
_HARMLESS = frozenset(
    ("close", "dup", "dup2", "dup3", "fcntl", "sync_file_range", "chdir", "sync", "syncfs")
)
_DURABLE_WRITES = frozenset(("O_SYNC", "O_DSYNC", "O_DIRECT"))


class Recorder:
    """Follows system calls, and writes down what they do to the files below a root."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}/"
        self.recording = Recording()
        self._files: dict[str, int] = {"": ROOT}  # by path below the root, as they are now
        self._sizes: dict[int, int] = {}
        self._offsets: dict[tuple[int, int], int] = {}
        self._appending: set[tuple[int, int]] = set()

    def follow(self, calls: Iterable[Call]) -> Recording:
        """Write down all of them.

        Raises:
            NotImplementedError: a call does what this model does not know.

        """
        for call in calls:
            if call.result >= 0:
                self._follow(call)
            elif call.name in SYNCS and (file := self._known(call.handle().path)) is not None:
                self._add(FailedSync(file))
        return self.recording

    def _follow(self, call: Call) -> None:  # noqa: C901 - one case for each call
        match call.name:
            case "open" | "openat" | "creat":
                self._open(call)
            case "write":
                self._write(call)
            case "pwrite64":
                self._put(call.handle().path, call.number(3), call.data(1)[: call.result])
            case "lseek":
                key = (call.process, call.handle().number)
                self._offsets[key] = call.result
            case "ftruncate":
                self._resize(call.handle().path, call.number(1))
            case "truncate":
                self._resize(call.data(0).decode(), call.number(1))
            case name if name in SYNCS:
                if (file := self._known(call.handle().path)) is not None:
                    self._add(Sync(file))
            case "mkdir" | "mkdirat":
                self._make_directory(self._path(call, 0))
            case "unlink" | "unlinkat" | "rmdir":
                self._remove(self._path(call, 0))
            case "rename" | "renameat" | "renameat2":
                first = self._path(call, 0)
                self._rename(first, self._path(call, 2 if call.name != "rename" else 1))
            case "link" | "linkat":
                first = self._path(call, 0)
                self._link(first, self._path(call, 2 if call.name == "linkat" else 1))
            case "mmap":
                shared = "MAP_SHARED" in str(call.arguments[3])
                if shared and "PROT_WRITE" in str(call.arguments[2]):
                    self._refuse(call)
            case name if name in _HARMLESS:
                pass
            case _:
                self._refuse(call)

    def _refuse(self, call: Call) -> None:
        paths = [a.path for a in call.arguments if isinstance(a, Handle)]
        paths += [a.decode(errors="replace") for a in call.arguments if isinstance(a, bytes)]
        if any(self._below(path) is not None for path in paths):
            raise NotImplementedError(f"{call.name} is not in this model: {call}")

    def _path(self, call: Call, index: int) -> str:
        """The path that begins at this argument: a text, or a directory and a text."""
        first = call.arguments[index]
        if isinstance(first, Handle):
            return os.path.join(first.path, call.data(index + 1).decode())
        return call.data(index).decode()

    def _open(self, call: Call) -> None:
        path = self._path(call, 0)
        flags = {flag for a in call.arguments if isinstance(a, str) for flag in a.split("|")}
        if call.name == "creat":
            flags |= {"O_CREAT", "O_TRUNC"}
        key = (call.process, call.result)
        self._offsets[key] = 0
        self._appending.discard(key)
        if (below := self._below(path)) is None:
            return
        if flags & _DURABLE_WRITES:
            raise NotImplementedError(f"{path} is opened with {flags}")
        if "O_APPEND" in flags:
            self._appending.add(key)
        if "O_CREAT" in flags and below not in self._files:
            self._name(below, self._new(below))
        elif "O_TRUNC" in flags and (file := self._files.get(below)) is not None:
            self._resize_file(file, 0)

    def _write(self, call: Call) -> None:
        handle, data = call.handle(), call.data(1)[: call.result]
        if handle.path == os.devnull and data.startswith(MARK.encode()):
            self._add(Mark(data.decode().removeprefix(MARK)))
            return
        key = (call.process, handle.number)
        offset = self._offsets.get(key, 0)
        if key in self._appending and (file := self._known(handle.path)) is not None:
            offset = self._sizes[file]
        self._put(handle.path, offset, data)
        self._offsets[key] = offset + len(data)

    def _put(self, path: str, offset: int, data: bytes) -> None:
        if (file := self._known(path)) is not None:
            self._add(Write(file, offset, data))
            self._sizes[file] = max(self._sizes[file], offset + len(data))

    def _resize(self, path: str, size: int) -> None:
        if (file := self._known(path)) is not None:
            self._resize_file(file, size)

    def _resize_file(self, file: int, size: int) -> None:
        if self._sizes[file] != size:
            self._add(Resize(file, size))
            self._sizes[file] = size

    def _make_directory(self, path: str) -> None:
        if (below := self._below(path)) is not None:
            file = self._new(below)
            self.recording.directories.add(file)
            self._name(below, file)

    def _remove(self, path: str) -> None:
        if (below := self._below(path)) is not None:
            self._files.pop(below)
            parent, name = self._parent(below)
            self._add(Removal(parent, name))

    def _rename(self, first: str, second: str) -> None:
        before, after = self._below(first), self._below(second)
        if before is None or after is None:
            if before != after:
                raise NotImplementedError(f"{first} is moved to {second}")
            return
        file = self._files.pop(before)
        self._files[after] = file
        self.recording.paths[file] = after
        self._add(Name(*self._parent(after), file, self._parent(before)))

    def _link(self, first: str, second: str) -> None:
        before, after = self._below(first), self._below(second)
        if before is not None and after is not None:
            self._name(after, self._files[before])
        elif before != after:
            raise NotImplementedError(f"{first} gets the name {second}")

    def _name(self, below: str, file: int) -> None:
        self._files[below] = file
        self._add(Name(*self._parent(below), file))

    def _new(self, below: str) -> int:
        file = len(self.recording.paths) + 1
        self.recording.paths[file] = below
        self._sizes[file] = 0
        return file

    def _parent(self, below: str) -> tuple[int, str]:
        directory, _, name = below.rpartition("/")
        return self._files[directory], name

    def _known(self, path: str) -> int | None:
        below = self._below(path)
        return None if below is None else self._files.get(below)

    def _below(self, path: str) -> str | None:
        """The path below the root; None for others, for files without a name, and for -shm."""
        if f"{path}/" == self._root:
            return ""
        if not path.startswith(self._root) or path.endswith(("-shm", " (deleted)")):
            return None
        return path.removeprefix(self._root)

    def _add(self, operation: Operation) -> None:
        self.recording.operations.append(operation)
