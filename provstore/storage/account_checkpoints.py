"""The checkpoints that an account keeps of each store, outside all stores: in its state directory.

In: the id of a store, and its directory. Out: files, and what each of them may say. A file is named
`<id of the store>/<hash of its directory>.jsonl`; `….txt` beside it has the directory. So a copy of
a store has a history of its own, and does not speak against the store that it was made from.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from provstore.errors import StoreUnavailable
from provstore.storage.atomic_files import write_atomically
from provstore.storage.checkpoint_files import CheckpointFile
from provstore.storage.settings import checkpoints_of_user, read_settings


class AccountFile(NamedTuple):
    """A file of checkpoints, and the directory that the store was in.

    `is_binding` tells whether the store must have what the file knows; if not, it is about a copy.
    """

    file: CheckpointFile
    directory: Path
    is_binding: bool


@dataclass(frozen=True)
class AccountCheckpoints:
    """What this account knows of a store in a directory; `folder` need not exist."""

    folder: Path
    store: str
    directory: Path

    @classmethod
    def of(cls, store: str, directory: Path) -> "AccountCheckpoints | None":
        """Return them for a store; None if the account has no home."""
        folder = checkpoints_of_user()
        return cls(folder, store, directory.resolve()) if folder else None

    @property
    def file(self) -> CheckpointFile:
        """The file to which the store adds its checkpoints."""
        return CheckpointFile(self.folder / self.store / f"{self._name}.jsonl")

    def prepare(self) -> CheckpointFile:
        """Return the file to which the store adds, in a folder that is there.

        Raises:
            OSError: the folder cannot be made.

        """
        named = self.file.path.with_suffix(".txt")
        if not named.exists():
            write_atomically(named, os.fsencode(self.directory))
        return self.file

    def files_of_store(self) -> list[AccountFile]:
        """Return the files about this store: in this directory, and in others.

        If the store was never seen in this directory, it was moved here from one where it is not
        any more; what was known there holds.

        Raises:
            OSError: the folder cannot be read.

        """
        own = self.file
        others = [
            (CheckpointFile(path), _directory_of(path))
            for path in _children(self.folder / self.store)
            if path.suffix == ".jsonl" and path != own.path
        ]
        is_known = own.path.exists()
        files = [AccountFile(own, self.directory, is_binding=True)] if is_known else []
        return files + [
            AccountFile(file, place, not is_known and not self._is_store(place))
            for file, place in others
        ]

    def files_of_directory(self) -> Iterator[CheckpointFile]:
        """Yield the files about stores with other ids that were in this directory.

        Raises:
            OSError: the folder cannot be read.

        """
        for folder in _children(self.folder):
            file = folder / f"{self._name}.jsonl"
            if folder.name != self.store and file.exists():
                yield CheckpointFile(file)

    @property
    def _name(self) -> str:
        return sha256(os.fsencode(self.directory)).hexdigest()[:16]

    def _is_store(self, directory: Path) -> bool:
        with suppress(StoreUnavailable, OSError):
            return read_settings(directory).id in ("", self.store)
        return False


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def _directory_of(path: Path) -> Path:
    with suppress(OSError):
        return Path(os.fsdecode(path.with_suffix(".txt").read_bytes()))
    return Path("/")
