"""Stores the files of deliveries by their SHA-256; the answers keep their names.

In: a folder and contents. Out: contents. The name of a delivered file never becomes a path.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from provstore.errors import StoreUnavailable, UnknownName
from provstore.storage.atomic_files import write_atomically


@dataclass(frozen=True)
class Attachments:
    """The attachments of one store, in a folder of their own."""

    directory: Path

    def keep(self, contents: Iterable[bytes]) -> None:
        """Store contents, each once; on return, they are safely on disk.

        Raises:
            StoreUnavailable: an attachment cannot be written.

        """
        for content in contents:
            place = self.directory / sha256(content).hexdigest()
            try:
                if not place.is_file() or place.read_bytes() != content:  # a damaged one is healed
                    write_atomically(place, content)
            except OSError as error:
                raise StoreUnavailable(f"An attachment cannot be stored: {error}.") from error

    def damaged(self) -> Iterator[str]:
        """Yield the SHA-256 of every attachment whose content is another one now."""
        for place in sorted(self.directory.glob("?" * 64)):
            try:
                with place.open("rb") as file:
                    if file_digest(file, "sha256").hexdigest() != place.name:
                        yield place.name
            except OSError:
                yield place.name

    def has(self, checksum: str) -> bool:
        """Whether the content with this SHA-256 is stored."""
        known = len(checksum) == 64 and set(checksum) <= set("0123456789abcdef")
        return known and (self.directory / checksum).is_file()

    def read(self, checksum: str) -> bytes:
        """Return the content with this SHA-256.

        Raises:
            UnknownName: no such content is stored.

        """
        if self.has(checksum):
            return (self.directory / checksum).read_bytes()
        raise UnknownName("attachment", checksum[:80], ())
