"""Stores the files of deliveries by their SHA-256; the answers keep their names.

In: a folder and contents. Out: contents. The name of a delivered file never becomes a path.
"""

import json
import os
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path

from provstore.errors import UnknownName
from provstore.storage.atomic_files import (
    SHARED,
    create_file,
    flush_file,
    flush_names,
    write_atomically,
)
from provstore.storage.file_errors import file_errors

KEPT_NAMES = 1000
"""So many names a process remembers, however long it runs."""


@dataclass(frozen=True)
class Attachments:
    """The attachments of one store, in a folder of their own."""

    directory: Path
    _durable: dict[str, None] = field(default_factory=dict, compare=False, repr=False)
    """The last `KEPT_NAMES` that this process made durable; whoever wrote others may have been
    stopped before. To flush a file again does no harm.
    """

    def keep(self, contents: Iterable[bytes], *, but: Container[str] = ()) -> None:
        """Store contents, each once; on return, they are safely on disk.

        `but` has the SHA-256 of those that were redacted, and are not to come back.

        Raises:
            StoreUnavailable: an attachment cannot be written.

        """
        for content in contents:
            place = self.directory / sha256(content).hexdigest()
            if place.name in but:
                continue
            with file_errors(place, "stored"):
                if place.is_file() and place.read_bytes() == content:
                    self._make_durable([place.name])
                else:  # a damaged one is healed
                    write_atomically(place, content, SHARED)
                    self._add_to_list(place.name)
                    self._remember([place.name])

    def make_durable(self, checksums: Iterable[str]) -> None:
        """See to it that contents which are stored already are safely on disk; others are left out.

        Raises:
            StoreUnavailable: they cannot be written to the disk.

        """
        with file_errors(self.directory, "stored"):
            self._make_durable([checksum for checksum in checksums if self.has(checksum)])

    def _make_durable(self, checksums: Iterable[str]) -> None:
        if new := {*checksums} - self._durable.keys():
            for checksum in new:
                flush_file(self.directory / checksum)
            flush_names(self.directory / min(new))
            self._remember(new)

    def _remember(self, checksums: Iterable[str]) -> None:
        self._durable.update(dict.fromkeys(checksums))
        while len(self._durable) > KEPT_NAMES:
            del self._durable[next(iter(self._durable))]

    @property
    def list_file(self) -> Path:
        """The list of what was stored, as `sha256sum --check` reads it: it tells what is lost.

        After a power failure its last lines may be missing, but never an attachment.
        """
        return self.directory.with_name(f"{self.directory.name}.sha256")

    def _add_to_list(self, checksum: str) -> None:
        flags = os.O_RDWR | os.O_APPEND
        with os.fdopen(create_file(self.list_file, flags, SHARED), "ab+") as file:
            file.seek(max(file.tell() - 1, 0))
            begin = "" if file.read() in (b"", b"\n") else "\n"  # the last line may be cut off
            file.write(f"{begin}{checksum}  {self.directory.name}/{checksum}\n".encode())

    def forget(self, checksums: Iterable[str]) -> None:
        """Remove contents, and what the list says of them.

        Raises:
            OSError: they cannot be removed.

        """
        gone = {*checksums}
        if not gone:
            return
        for checksum in gone:
            (self.directory / checksum).unlink(missing_ok=True)
        if not self.list_file.exists():
            return
        lines = self.list_file.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if line[:64].decode("ascii", "replace") not in gone]
        write_atomically(self.list_file, b"".join(kept), SHARED)

    def checksums(self) -> list[str]:
        """Return the SHA-256 by which each attachment is stored, sorted.

        Raises:
            StoreUnavailable: the folder cannot be read.

        """
        with file_errors(self.directory, "read"):
            return sorted(place.name for place in self.directory.glob("?" * 64))

    def lost(self) -> list[str]:
        """Return the SHA-256 of everything that was stored and is not any more, sorted."""
        with file_errors(self.list_file, "read"):
            if not self.list_file.is_file():
                return []
            lines = self.list_file.read_text(encoding="ascii", errors="replace").splitlines()
        listed = {line[:64] for line in lines if _is_checksum(line[:64])}
        return sorted(listed - {*self.checksums()})

    def damaged(self) -> Iterator[str]:
        """Return the SHA-256 of every attachment whose content is another one now."""
        return (checksum for checksum in self.checksums() if not self.is_sound(checksum))

    def is_sound(self, checksum: str) -> bool:
        """Whether the content with this SHA-256 is stored, and unchanged."""
        try:
            with (self.directory / checksum).open("rb") as file:
                return file_digest(file, "sha256").hexdigest() == checksum
        except OSError:
            return False

    def has(self, checksum: str) -> bool:
        """Whether the content with this SHA-256 is stored.

        Raises:
            StoreUnavailable: the folder cannot be read.

        """
        with file_errors(self.directory, "read"):
            return _is_checksum(checksum) and (self.directory / checksum).is_file()

    def size(self, checksum: str) -> int:
        """Return the number of bytes that are stored under this SHA-256.

        Raises:
            StoreUnavailable: there are none, or the folder cannot be read.

        """
        place = self.directory / checksum
        with file_errors(place, "read"):
            return place.stat().st_size

    def read(self, checksum: str) -> bytes:
        """Return the content with this SHA-256.

        Raises:
            UnknownName: no such content is stored.
            StoreUnavailable: it cannot be read.

        """
        place = self.directory / checksum
        if self.has(checksum):
            with file_errors(place, "read"):
                return place.read_bytes()
        raise UnknownName("attachment", checksum[:80], (), code="PS-NAME-ATTACHMENT")


def _is_checksum(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def mentions(content: bytes, terms: Iterable[str]) -> bool:
    """Whether one of the terms is in a file: in UTF-8, UTF-16 or JSON, in any case of letters.

    >>> mentions("Hi Östen".encode(), ["östen"])
    True
    """
    texts = [content.decode(code, "replace").lower() for code in ("utf-8", "utf-16-le")]
    wanted: set[str] = set()
    for term in terms:
        spellings = (term, term.lower(), term.upper())
        wanted |= {term.lower(), *(json.dumps(each)[1:-1].lower() for each in spellings)}
    return any(term in text for text in texts for term in wanted)
