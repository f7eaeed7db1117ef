"""Writes files atomically: whole or not at all, even if the process or the computer stops.

In: a path and its content. It knows nothing else.
"""

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

PRIVATE, SHARED, PUBLIC = 0o600, 0o660, 0o666
"""Who may read a file: its owner; the group that its directory was made for, if it was made for one
(setgid and writable for the group); or as the umask of the process allows."""

_FLUSHED: dict[Path, tuple[int, int]] = {}
"""Directories that this process flushed: their inode, and when their names had last changed."""


def write_atomically(file: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file and create its folders; on return, the file survives a power failure.

    Raises:
        OSError: the file cannot be written; its former content is unchanged.

    """
    make_directory(file.parent, mode)
    with atomic_file(file, mode) as out:
        out.write(content)


@contextmanager
def atomic_file(file: Path, mode: int = PRIVATE) -> Iterator[IO[bytes]]:
    """Open a file for writing; it gets its name when the block ends without an error.

    Raises:
        OSError: the file cannot be written; its former content is unchanged.

    """
    half = file.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(create_file(half, os.O_WRONLY | os.O_EXCL, mode), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    flush_directory(file.parent)


def remove_nameless(directory: Path) -> None:
    """Remove files that never got their name, because whoever wrote them was stopped.

    Whoever is writing one at this moment fails, and can write it again.

    Raises:
        OSError: they cannot be removed.

    """
    for half in directory.glob(f".{'[0-9a-f]' * 16}"):
        half.unlink(missing_ok=True)


def create_file(file: Path, flags: int, mode: int) -> int:
    """Open a file, which is created if it is not there; return its handle.

    Raises:
        OSError: it cannot be opened.

    """
    is_shared = mode == SHARED and is_for_group(file.parent)
    handle = os.open(file, flags | os.O_CREAT, mode if mode == PUBLIC or is_shared else PRIVATE)
    if is_shared:
        with suppress(PermissionError):  # another member of the group created it
            os.fchmod(handle, SHARED)  # whatever the umask of this process
    return handle


def is_for_group(directory: Path) -> bool:
    """Whether a directory was made for a group: what is created in it belongs to the group, too.

    Raises:
        OSError: the directory is not there.

    """
    wanted = stat.S_ISGID | stat.S_IWGRP
    return directory.stat().st_mode & wanted == wanted


def umask_of_engine(directory: Path) -> int:
    """Return the umask for a program that keeps its files in this directory.

    Raises:
        OSError: the directory is not there.

    """
    return 0o007 if is_for_group(directory) else 0o077


def make_directory(directory: Path, mode: int = SHARED) -> None:
    """Create a directory with its parents; on return, their names survive a power failure.

    Also of those that are there already: whoever made them may have been stopped before that. In a
    directory of a group, they are for the group, too, unless `mode` is `PRIVATE`.

    Raises:
        OSError: it cannot be created.

    """
    missing = [directory, *directory.parents]
    missing = missing[: next((n for n, place in enumerate(missing) if place.is_dir()), None)]
    for place in reversed(missing):
        is_shared = mode == SHARED and is_for_group(place.parent)
        try:
            place.mkdir(mode=0o777 if mode == PUBLIC else 0o2770 if is_shared else 0o700)
        except FileExistsError:
            continue  # another process was faster
        if is_shared:
            place.chmod(0o2770)  # whatever the umask of this process
    flush_names(directory)


def flush_names(place: Path) -> None:
    """Make the name of a file or directory, and of its parents, survive a power failure.

    A directory is flushed again only if names in it changed since. It ends at a directory that this
    process cannot write, so that nobody made anything there for it, and where a disk ends.

    Raises:
        OSError: a directory cannot be written to disk.

    """
    for parent in place.absolute().parents:
        if not os.access(parent, os.R_OK | os.W_OK):
            return
        status = parent.stat()
        state = (status.st_ino, status.st_mtime_ns)
        if _FLUSHED.get(parent) != state:
            flush_directory(parent)
            _FLUSHED[parent] = state
        if parent.is_mount():
            return


def flush_directory(directory: Path) -> None:
    """Make the names in a directory survive a power failure; on Windows, do nothing.

    Raises:
        OSError: the directory cannot be written to disk.

    """
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(directory, os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def flush_file(file: Path) -> None:
    """Make the content of a file survive a power failure.

    Raises:
        OSError: it cannot be written to disk.

    """
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock_file(handle: int) -> bool:
    """Lock an open file until it is closed; return whether nobody else has locked it."""
    if sys.platform == "win32":
        return True  # there, stores are not supported
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
