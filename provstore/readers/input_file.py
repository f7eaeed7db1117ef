"""The bytes of an input file, decoded once for all readers: a JSON document, a text, or neither.

In: bytes and a name. Out: an `InputFile`. It does not decide on formats.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from provstore.errors import BadDocument, BadInput, Problem
from provstore.ingest.extracts import Source
from provstore.prov.notations.json_strict import strict_json

MAX_BYTES = 64 << 20
_LINE_END = re.compile("\r?\n")
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
NO_OBJECT = "it is not a JSON object"


@dataclass(frozen=True)
class InputFile:
    """A submitted file."""

    data: bytes
    name: str

    @cached_property
    def document(self) -> object:
        """The JSON value of the file, or None."""
        return self._parsed[0]

    @cached_property
    def faults(self) -> BadDocument | None:
        """The reason why the file has no JSON value, or None."""
        return self._parsed[1]

    @cached_property
    def means_json(self) -> bool:
        """Whether the file begins like a JSON object or list, so it is meant to be JSON."""
        return self.data[:4096].lstrip()[:1] in (b"{", b"[")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without line breaks; empty if the file is not a text."""
        if len(self.data) > MAX_BYTES or b"\0" in self.data:
            return ()
        try:
            # Not splitlines(): a file name may contain the other line breaks of Unicode.
            return tuple(_LINE_END.split(self.data.decode().removeprefix(_BOM)))
        except UnicodeDecodeError:
            return ()

    @cached_property
    def source(self) -> Source:
        """The name, checksum and size that identify the file."""
        return Source(self.name, hashlib.sha256(self.data).hexdigest(), len(self.data))

    @cached_property
    def _parsed(self) -> tuple[object, BadDocument | None]:
        if not self.means_json:
            return None, BadDocument(self.name, [Problem("", "The file does not begin like JSON.")])
        try:
            return strict_json(self.data, self.name, MAX_BYTES), None
        except BadDocument as error:
            return None, error


def numbered_lines(input_file: InputFile) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, with its place: `line 3`."""
    for number, line in enumerate(input_file.lines, 1):
        if line.strip():
            yield f"line {number}", line


def missing_keys(input_file: InputFile, *keys: str) -> str:
    """Return why the file is not a JSON object with these keys, or ""."""
    if not isinstance(input_file.document, dict):
        return NO_OBJECT
    missing = [repr(key) for key in keys if key not in input_file.document]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def raise_problems(input_file: InputFile, problems: list[Problem]) -> None:
    """Refuse the file if there are problems.

    Raises:
        BadInput: there are problems; lists them.

    """
    if problems:
        raise BadInput(input_file.name, problems[:1000])
