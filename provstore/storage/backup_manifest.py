"""What a backup says about itself: `backup.json`, which makes a directory a backup.

In: a directory. Out: the position of the backup, and what is wrong with its small files. It is
written last, so that it never speaks of what is not on the disk yet.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from provstore.errors import Problem, StoreUnavailable
from provstore.storage.atomic_files import SHARED, write_atomically
from provstore.storage.journal_entries import Position, Witness
from provstore.storage.settings import BACKUP_FILE, CHECKPOINTS, FILE_NAME

FORMAT = 1
SMALL_FILES = (FILE_NAME, CHECKPOINTS, "outbox/position")
"""What a backup has beside the journal and the attachments, where the store has it."""

UNFINISHED = "unfinished"
"""A file of this name is in a directory while a backup or a restored store is written there."""


@dataclass(frozen=True)
class Manifest:
    """The content of `backup.json`; `files` has the SHA-256 of each small file."""

    base: str
    position: int
    chain: str
    time: str
    attachments: int
    files: Mapping[str, str]
    format: int = FORMAT

    @classmethod
    def read(cls, directory: Path) -> Self | None:
        """Return what is written in a directory; None if it is no backup.

        Raises:
            StoreUnavailable: the file is damaged, or of a newer version.

        """
        path = directory / BACKUP_FILE
        if not path.is_file():
            return None
        try:
            manifest = cls(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise StoreUnavailable(
                f"{path} cannot be read: {error}.", code="PS-STORE-UNREADABLE"
            ) from error
        if manifest.fault():
            raise StoreUnavailable(
                f"{path} is faulty: {manifest.fault()}.", code="PS-STORE-MANIFEST"
            )
        return manifest

    def fault(self) -> str:
        """Return what is wrong with the values, or ""."""
        numbers = (self.format, self.position, self.attachments)
        texts = (self.base, self.chain, self.time)
        if not all(isinstance(number, int) for number in numbers):
            return "format, position or attachments is not a number"
        if not all(isinstance(text, str) for text in texts):
            return "base, chain or time is not text"
        if not isinstance(self.files, dict):
            return "files is not a table"
        if self.format > FORMAT:
            return f"it is of format {self.format}, and this version reads format {FORMAT}"
        return ""

    def write(self, directory: Path) -> None:
        """Write it; on return it survives a power failure.

        Raises:
            OSError: it cannot be written.

        """
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
        write_atomically(directory / BACKUP_FILE, text.encode(), SHARED)

    def witness(self) -> Witness:
        """Return the last entry that was in the backup when it was made."""
        return Witness(BACKUP_FILE, Position(self.position, self.chain))

    def problems(self, directory: Path) -> Iterator[Problem]:
        """Yield what is wrong with the small files, and how many attachments are missing.

        While a backup is written, or after that was interrupted, its small files may be newer.
        """
        if not (directory / UNFINISHED).exists():
            for name, checksum in self.files.items():
                place = directory / name
                if not place.is_file():
                    yield Problem(f"/{name}", "The backup lists this file, but it is missing.")
                elif sha256(place.read_bytes()).hexdigest() != checksum:
                    yield Problem(f"/{name}", "It differs from the file that was backed up.")
        stored = len(list((directory / "attachments").glob("?" * 64)))
        if stored < self.attachments:
            fault = f"{stored} attachments are in the backup; {self.attachments} were backed up."
            yield Problem("/attachments", fault)
