"""The entries of a journal as values: a row, a place, damage, and who else knows of an entry.

In: fields. Out: hashes, and what is wrong with a row by itself. No I/O.
"""

import hashlib
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring
from typing import NamedTuple

from provstore.errors import Problem

GENESIS = "0" * 64
NOT_TEXT = "A field of its row is not text."
_TEXT = {str}


class Entry(NamedTuple):
    """One row: a bundle and the time it was recorded, protected by the hash `chain`."""

    position: int
    bundle: str
    fingerprint: str
    ingest: str
    recorded: str
    content: str
    sha256: str
    chain: str


class Position(NamedTuple):
    """A place in the journal: the number of entries, and the chain hash of the last one."""

    position: int
    chain: str


START = Position(0, GENESIS)


class Damage(NamedTuple):
    """An entry that is missing, cannot be read, or is not what was recorded; and the reason."""

    position: int
    reason: str

    def problem(self) -> Problem:
        """Return it as a problem of the journal."""
        return Problem(f"/journal/{self.position}", self.reason)


class Witness(NamedTuple):
    """Something outside the journal that says which entry was at a position."""

    source: str
    position: Position

    def problem(self, head: Position) -> Problem:
        """Return the contradiction between this witness and a journal that ends at `head`."""
        position = self.position.position
        if position > head.position:
            lost = f"entries {head.position + 1} to {position} are missing"
            if position == head.position + 1:
                lost = f"entry {position} is missing"
            end = f"The journal ends at entry {head.position}, but {self.source} names {position}"
            return Problem(f"/journal/{head.position + 1}", f"{end}: {lost}.")
        return Problem(f"/journal/{position}", f"{self.source} has a different entry here.")


Witnesses = Callable[[], Iterable[Witness]]


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def chain_hash(before: str, entry: Entry) -> str:
    """Return the chain hash of an entry: over the previous chain hash and its whole row.

    The row is hashed as the JSON that `json.dumps` makes of it, without escapes of letters.
    """
    texts = map(encode_basestring, (*entry[1:5], entry.sha256))
    row = f"[{encode_basestring(before)}, {entry.position}, {', '.join(texts)}]"
    return sha256_of_text(row)


def base_of_report(bundle: str, ingest: str) -> str:
    """Return the base that the bundle of a report was named with; "" if it is none.

    >>> base_of_report("https://example.org/ingest/cordex-0001/review/1/bundle", "cordex-0001")
    'https://example.org/'
    """
    base, name, _ = bundle.partition(f"ingest/{ingest}/")
    return base if name else ""


def fault_of_row(entry: Entry) -> str:
    """Return what is wrong with the row of an entry by itself, or ""."""
    if {*map(type, entry[1:])} != _TEXT:
        return NOT_TEXT
    if (computed := sha256_of_text(entry.content)) != entry.sha256:
        return (
            f"Its content changed: the SHA-256 is {computed}, recorded was {entry.sha256[:64]!r}."
        )
    return ""
