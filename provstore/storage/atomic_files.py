"""Files that are written whole or not at all, whatever happens meanwhile.

In: a path and its content. It knows nothing else.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PRIVATE, SHARED = 0o600, 0o666
"""Modes of files: for their owner's eyes, or for whoever the process lets read (its umask)."""


def write_atomically(file: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file; on return it survives power loss. Folders are made.

    Raises:
        OSError: it cannot be written; what was there before is as it was.

    """
    folder_mode = 0o700 if mode == PRIVATE else 0o777
    file.parent.mkdir(parents=True, exist_ok=True, mode=folder_mode)
    with atomic_file(file, mode) as out:
        out.write(content)


@contextmanager
def atomic_file(file: Path, mode: int = PRIVATE) -> Iterator[IO[bytes]]:
    """A file to write into, which takes its name when the block has ended well.

    Raises:
        OSError: it cannot be written; what was there before is as it was.

    """
    half = file.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    flush_directory(file.parent)


def flush_directory(directory: Path) -> None:
    """Let the names in a directory survive power loss too; Windows knows no such thing.

    Raises:
        OSError: the disk refuses.

    """
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(directory, os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
