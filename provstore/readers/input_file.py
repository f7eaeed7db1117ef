"""The bytes that came, opened once for all readers: a JSON document, a text, or neither.

In: bytes and what they are called. Out: an `InputFile`. It decides nothing about formats.
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
    """A file that was handed in."""

    data: bytes
    name: str

    @cached_property
    def document(self) -> object:
        """The JSON value in it; None if there is none."""
        return self._parsed[0]

    @cached_property
    def faults(self) -> BadDocument | None:
        """Why there is no JSON value in it."""
        return self._parsed[1]

    @cached_property
    def means_json(self) -> bool:
        """Whether it begins like a JSON object or list: whoever wrote it meant JSON."""
        return self.data[:4096].lstrip()[:1] in (b"{", b"[")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its lines, without what ends them; none if it is no text."""
        if len(self.data) > MAX_BYTES or b"\0" in self.data:
            return ()
        try:
            # Not splitlines(): a file name may hold any other character that Unicode calls a break.
            return tuple(_LINE_END.split(self.data.decode().removeprefix(_BOM)))
        except UnicodeDecodeError:
            return ()

    @cached_property
    def source(self) -> Source:
        """What proves that it was this file."""
        return Source(self.name, hashlib.sha256(self.data).hexdigest(), len(self.data))

    @cached_property
    def _parsed(self) -> tuple[object, BadDocument | None]:
        if not self.means_json:
            return None, BadDocument(self.name, [Problem("", "It does not begin like JSON.")])
        try:
            return strict_json(self.data, self.name, MAX_BYTES), None
        except BadDocument as error:
            return None, error


def numbered_lines(input_file: InputFile) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, with its place: `line 3`."""
    for number, line in enumerate(input_file.lines, 1):
        if line.strip():
            yield f"line {number}", line


def missing_keys(input_file: InputFile, *keys: str) -> str:
    """Why it is no JSON object with these keys, or ""."""
    if not isinstance(input_file.document, dict):
        return NO_OBJECT
    missing = [repr(key) for key in keys if key not in input_file.document]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def raise_problems(input_file: InputFile, problems: list[Problem]) -> None:
    """Let it pass if there are no problems.

    Raises:
        BadInput: with all of them.

    """
    if problems:
        raise BadInput(input_file.name, problems[:1000])
