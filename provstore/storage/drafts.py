"""Keeps drafts of forms in a folder until they are sent or discarded.

In: an unguessable id, a document, the content of files. Out: the same, even after a crash. Anyone
who knows an id can open the draft, so ids are never listed. It does not interpret the answers.
"""

import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from provstore.errors import Refused, StoreUnavailable, UnknownName
from provstore.storage.atomic_files import (
    PRIVATE,
    flush_file,
    flush_names,
    remove_nameless,
    write_atomically,
)
from provstore.storage.attachments import mentions
from provstore.storage.file_errors import file_errors

_ID = re.compile(r"[A-Za-z0-9_-]{24}")
_CHECKSUM = re.compile(r"[0-9a-f]{64}")
_FILE = "draft.json"


class Drafts:
    """The drafts in one folder; each has a folder of its own, for its answers and its files."""

    def __init__(self, folder: Path, mode: int = PRIVATE) -> None:
        self.folder, self.mode = folder, mode

    def new(self) -> str:
        """Return an unguessable id (144 random bits); the draft exists once it is written."""
        return secrets.token_urlsafe(18)

    def has(self, draft: str) -> bool:
        """Whether a draft with this id exists.

        Raises:
            UnknownName: this cannot be the id of a draft.
            StoreUnavailable: the system cannot tell.

        """
        place = self._place(draft) / _FILE
        with file_errors(place, "read"):
            return place.is_file()

    def read(self, draft: str) -> dict[str, Any]:
        """Return the last version of a draft.

        Raises:
            UnknownName: the draft does not exist.
            StoreUnavailable: the draft cannot be read.

        """
        place = self._place(draft) / _FILE
        if not self.has(draft):
            raise UnknownName("draft", draft[:40], (), code="PS-NAME-DRAFT")
        with file_errors(place, "read"):
            content = place.read_bytes()
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise StoreUnavailable(
                f"The draft in {place} is damaged: {error}.", code="PS-STORE-DRAFT"
            ) from error
        if not isinstance(document, dict):
            raise StoreUnavailable(
                f"The draft in {place} is damaged: it is not a JSON object.", code="PS-STORE-DRAFT"
            )
        return document

    def write(self, draft: str, document: Mapping[str, Any]) -> None:
        """Update members of a draft, all or none; other members are unchanged.

        Raises:
            UnknownName: this cannot be the id of a draft.
            StoreUnavailable: the draft cannot be written.

        """
        place = self._place(draft)
        before = self.read(draft) if self.has(draft) else {}
        with file_errors(place / _FILE, "written"):
            text = json.dumps({**before, **document}, indent=1)
            write_atomically(place / _FILE, text.encode(), self.mode)

    def discard(self, draft: str) -> None:
        """Delete a draft and its files; do nothing if it does not exist.

        Raises:
            UnknownName: this cannot be the id of a draft.
            StoreUnavailable: it cannot be deleted.

        """
        place = self._place(draft)
        with file_errors(place, "removed"):
            if place.is_dir():
                shutil.rmtree(place)

    def discard_mentions(self, terms: Iterable[str]) -> None:
        """Delete every draft with one of these terms in its answers or files.

        Also what is left in any draft of files that were never written whole.

        Raises:
            OSError: a draft cannot be read or deleted.

        """
        wanted = [*terms]
        for place in self.folder.glob("*"):
            remove_nameless(place)
            contents = (file.read_bytes() for file in place.glob("*") if file.is_file())
            if wanted and any(mentions(content, wanted) for content in contents):
                shutil.rmtree(place)

    def attach(self, draft: str, content: bytes) -> str:
        """Store the content of a file with a draft; return its SHA-256, the key to read it.

        Raises:
            UnknownName: this cannot be the id of a draft.
            StoreUnavailable: the file cannot be written.

        """
        checksum = sha256(content).hexdigest()
        place = self._place(draft) / checksum
        with file_errors(place, "written"):
            if place.is_file() and place.read_bytes() == content:
                flush_file(place)  # whoever wrote it may have been stopped before
                flush_names(place)
            else:
                write_atomically(place, content, self.mode)
        return checksum

    def attached(self, draft: str, checksum: str) -> bytes:
        """Return the content of a file of a draft.

        Raises:
            UnknownName: this cannot be the id of a draft.
            Refused: the file is missing or has changed.
            StoreUnavailable: it cannot be read.

        """
        place = self._place(draft) / checksum
        with file_errors(place, "read"):
            if _CHECKSUM.fullmatch(checksum) and place.is_file():
                content = place.read_bytes()
                if sha256(content).hexdigest() == checksum:
                    return content
        raise Refused(
            "A file of this form is missing or damaged.",
            "Choose the file again.",
            code="PS-REFUSED-DRAFT-FILE",
        )

    def newest(self, form: str) -> str | None:
        """Return the newest draft of a form among those that this account wrote.

        Raises:
            StoreUnavailable: the drafts cannot be read.

        """
        with file_errors(self.folder, "read"):
            files = [file for file in self.folder.glob(f"*/{_FILE}") if _is_own(file)]
            files.sort(key=lambda file: file.stat().st_mtime)
        drafts = (file.parent.name for file in reversed(files) if _ID.fullmatch(file.parent.name))
        return next((draft for draft in drafts if self.read(draft).get("form") == form), None)

    def _place(self, draft: str) -> Path:
        if not _ID.fullmatch(draft):
            raise UnknownName("draft", draft[:40], (), code="PS-NAME-DRAFT")
        return self.folder / draft


def _is_own(file: Path) -> bool:
    """Whether this account wrote a file; in a group's store, others write theirs beside it."""
    return sys.platform == "win32" or file.stat().st_uid == os.geteuid()
