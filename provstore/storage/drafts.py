"""Forms that people have begun: kept in a folder until they are sent or discarded.

In: an unguessable id, a document, the content of files. Out: the same, after any crash. Who has the
id has the draft, so ids are never listed and never a path. It does not look into the answers.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from provstore.errors import Refused, StoreUnavailable, UnknownName
from provstore.storage.atomic_files import write_atomically

_ID = re.compile(r"[A-Za-z0-9_-]{24}")
_CHECKSUM = re.compile(r"[0-9a-f]{64}")
_FILE = "draft.json"


class Drafts:
    """The drafts in one folder; each has a folder of its own, for its answers and its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self) -> str:
        """An id that nobody can guess (144 random bits); the draft is there once it is written."""
        return secrets.token_urlsafe(18)

    def has(self, draft: str) -> bool:
        """Whether something was written under this id.

        Raises:
            UnknownName: this is no id of a draft.

        """
        return (self._place(draft) / _FILE).is_file()

    def read(self, draft: str) -> dict[str, Any]:
        """What was written last.

        Raises:
            UnknownName: there is no such draft.
            StoreUnavailable: it cannot be read.

        """
        place = self._place(draft) / _FILE
        with _errors_as_unavailable(f"The draft in {place} cannot be read"):
            if not place.is_file():
                raise UnknownName("draft", draft[:40], ())
            document = json.loads(place.read_bytes())
        if not isinstance(document, dict):
            raise StoreUnavailable(f"The draft in {place} is damaged: it is no object.")
        return document

    def write(self, draft: str, document: Mapping[str, Any]) -> None:
        """Write members of a draft, whole or not at all; other members stay as they were.

        Raises:
            UnknownName: this is no id of a draft.
            StoreUnavailable: it cannot be written.

        """
        place = self._place(draft)
        with _errors_as_unavailable(f"The draft in {place} cannot be written"):
            before = self.read(draft) if (place / _FILE).is_file() else {}
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # names, addresses: private
            write_atomically(place / _FILE, json.dumps({**before, **document}, indent=1).encode())

    def discard(self, draft: str) -> None:
        """Forget a draft and its files; one that is not there is forgotten already."""
        place = self._place(draft)
        with _errors_as_unavailable(f"The draft in {place} cannot be removed"):
            if place.is_dir():
                shutil.rmtree(place)

    def attach(self, draft: str, content: bytes) -> str:
        """Keep the content of a file with a draft; gives its SHA-256, by which it is found."""
        checksum = sha256(content).hexdigest()
        place = self._place(draft)
        with _errors_as_unavailable(f"A file cannot be kept in {place}"):
            if not (place / checksum).is_file():
                write_atomically(place / checksum, content)
        return checksum

    def attached(self, draft: str, checksum: str) -> bytes:
        """The content of a file of a draft.

        Raises:
            Refused: it is not there, or is not what it was.

        """
        place = self._place(draft) / checksum
        if _CHECKSUM.fullmatch(checksum) and place.is_file():
            with _errors_as_unavailable(f"The file {place} cannot be read"):
                content = place.read_bytes()
            if sha256(content).hexdigest() == checksum:
                return content
        raise Refused("A file that belongs to this form is gone.", "Choose the file once more.")

    def newest(self, form: str) -> str | None:
        """The draft of a form that was written last; for a person at home, who has them all."""
        files = sorted(self.folder.glob(f"*/{_FILE}"), key=lambda file: file.stat().st_mtime)
        drafts = (file.parent.name for file in reversed(files) if _ID.fullmatch(file.parent.name))
        return next((draft for draft in drafts if self.read(draft).get("form") == form), None)

    def _place(self, draft: str) -> Path:
        if not _ID.fullmatch(draft):
            raise UnknownName("draft", draft[:40], ())
        return self.folder / draft


@contextmanager
def _errors_as_unavailable(message: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RecursionError) as error:
        raise StoreUnavailable(f"{message}: {error}.") from error
