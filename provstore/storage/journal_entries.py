"""The entries of a journal as values: a row, a place, damage, and who else knows of an entry.

In: fields. Out: hashes, and what is wrong with a row by itself. No I/O.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from json.encoder import encode_basestring as _quoted
from typing import NamedTuple

from provstore.errors import Problem
from provstore.ingest.personal_values import KINDS, Mark, PersonalValue, is_in_place, marks_of

GENESIS = "0" * 64
MISSING = "There is no entry at this position."
NOT_READABLE = "A field of its row is of another type."
UNCHAINED = "It does not fit the chain: its chain hash, or another field of its row, changed."


class Entry(NamedTuple):
    """One row: a bundle and the time it was recorded, protected by the hash `chain`.

    As it is stored, `content` and `principal` refer to personal values, of which there are
    `personal`, and `sha256` is the hash of this content. Read from the journal, the values are in
    their places. Format 1 had neither a principal nor references: "" and 0.
    """

    position: int
    bundle: str
    fingerprint: str
    ingest: str
    recorded: str
    principal: str
    personal: int
    content: str
    sha256: str
    chain: str

    @property
    def is_readable(self) -> bool:
        """Whether each field has its type; a damaged file may have anything."""
        return tuple(map(type, self)) == _TYPES


StoredEntry = tuple[int, str, str, str, str, str, int, bytes, str, str]
"""The fields of an `Entry`, with the content as the file has it, in UTF-8."""
StoredValue = tuple[int, str, bytes, str, str, str, int]
"""A position, and a personal value of its entry; salt and value are one, as they were hashed."""

_TYPES = (int, *[str] * 5, int, *[str] * 3)


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


def chain_hash(before: str, entry: "Entry | StoredEntry") -> str:
    """Return the chain hash of an entry: over the previous chain hash and its whole row.

    The row is hashed as the JSON that `json.dumps` makes of it, without escapes of letters.

    Raises:
        TypeError: a text of the row is none.

    """
    position, bundle, fingerprint, ingest, recorded, principal, personal, _, sha256, _ = entry
    since_format_2 = f"{_quoted(principal)}, {personal}, " if principal else ""
    return sha256_of_text(
        f"[{_quoted(before)}, {position}, {_quoted(bundle)}, {_quoted(fingerprint)}, "
        f"{_quoted(ingest)}, {_quoted(recorded)}, {since_format_2}{_quoted(sha256)}]"
    )


def base_of_report(bundle: str, ingest: str) -> str:
    """Return the base that the bundle of a report was named with; "" if it is none.

    >>> base_of_report("https://example.org/ingest/cordex-0001/review/1/bundle", "cordex-0001")
    'https://example.org/'
    """
    base, name, _ = bundle.partition(f"ingest/{ingest}/")
    return base if name else ""


def fault_of_row(entry: Entry) -> str:
    """Return what is wrong with the row of an entry by itself, or ""."""
    if not entry.is_readable:
        return NOT_READABLE
    if (computed := sha256_of_text(entry.content)) != entry.sha256:
        return (
            f"Its content changed: the SHA-256 is {computed}, recorded was {entry.sha256[:64]!r}."
        )
    return ""


def fault_of_values(
    entry: Entry, values: Sequence[PersonalValue], marks: Iterable[Mark] = ()
) -> str:
    """Return what is wrong with the personal values of a stored entry, or "".

    `marks` are those in its content, if they are known.
    """
    count = len({value.reference for value in values})
    if {count, len(values)} != {entry.personal}:
        return (
            f"It refers to {entry.personal} personal values; {len(values)} are there, "
            f"{count} of them different."
        )
    used = {mark.reference for mark in marks or marks_of(entry.content)} | {entry.principal}
    for value in values:
        if not value.is_readable:
            return "A field of its personal values is of another type."
        if value.kind not in KINDS:
            return f"The kind of its personal value {value.reference[:16]}… changed."
        is_used = value.reference in used
        if not is_used or not is_in_place(value, entry.content, entry.principal):
            return f"It does not refer to the personal value {value.reference[:16]}…."
        if not value.replaced_by and not value.is_original:
            return f"Its personal value {value.reference[:16]}… changed."
    return ""
