"""Follows a journal quickly, as far as all of its entries are sound.

In: an open journal. Out: sound entries in batches, up to the first batch in which anything does not
fit. It accepts only what `journal_survey` accepts; which entry is damaged, and how, it cannot tell.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from typing import NamedTuple

from provstore.ingest.personal_values import (
    DOCUMENT,
    FORMER,
    KINDS,
    OF_ONE_VALUE,
    PRINCIPAL,
    SALT_BYTES,
    PersonalValue,
    is_one_value,
    reference_mark,
    restore,
)
from provstore.ingest.personal_values import (
    references as references_of,
)
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import START, StoredEntry, StoredValue, chain_hash

BATCH = 20
"""So many entries are read together; with more, memory is given back and taken again each time."""


_OF_DOCUMENT = ((DOCUMENT, PRINCIPAL), (DOCUMENT, FORMER, PRINCIPAL))


class SoundEntry(NamedTuple):
    """What other files are compared with; a document is in the place of its reference.

    `values` are its personal values; None if it was not followed quickly.
    """

    position: int
    bundle: str
    ingest: str
    content: bytes
    chain: str
    values: Sequence[StoredValue] | None = None


class _Unsound(Exception):
    """Something does not fit."""


def sound_batches(journal: Journal) -> Iterator[list[SoundEntry]]:
    """Yield the entries from the first one on, up to a batch that is not wholly sound."""
    last, before = journal.last_position(), START.chain
    for start in range(0, last, BATCH):
        end = min(start + BATCH, last)
        try:
            rows, values = journal.stored_bytes(start, end)
            _check_rows(rows, range(start + 1, end + 1), before)
            documents = _check_values(rows, values)
        except (sqlite3.DatabaseError, UnicodeDecodeError, TypeError, _Unsound):
            return
        yield [*_sound_entries(rows, values, documents)]
        before = rows[-1][9]


def _sound_entries(
    rows: Sequence[StoredEntry], values: Sequence[StoredValue], documents: Mapping[int, bytes]
) -> Iterator[SoundEntry]:
    start = 0
    for row in rows:
        end = start + row[6]
        content = documents.get(row[0], row[7])
        yield SoundEntry(row[0], row[1], row[3], content, row[9], values[start:end])
        start = end


def _check_rows(rows: Sequence[StoredEntry], positions: range, before: str) -> None:
    """Check positions, hashes and the chain; a field of another type raises `TypeError`."""
    if [row[0] for row in rows] != [*positions]:
        raise _Unsound
    for row in rows:
        content, recorded, link = row[7:]
        if sha256(content).hexdigest() != recorded or chain_hash(before, row) != link:
            raise _Unsound
        if not content.isascii():
            content.decode()
        before = link


def _check_values(rows: Sequence[StoredEntry], values: Sequence[StoredValue]) -> dict[int, bytes]:
    """Check the personal values of these rows; return whole documents by position."""
    if [value[0] for value in values] != [row[0] for row in rows for _ in range(row[6])]:
        raise _Unsound
    if not values:
        return {}
    _, references, salted, kinds, people, places, acts = zip(*values, strict=True)
    texts = {*map(type, chain(references, kinds, people, places))}
    if (texts, {*map(type, salted)}, {*map(type, acts)}) != ({str}, {bytes}, {int}):
        raise _Unsound
    if not KINDS.issuperset(kinds):
        raise _Unsound
    _check_commitments(references, salted, acts)
    documents, start = dict[int, bytes](), 0
    for row in rows:
        if row[6]:
            end = start + row[6]
            of_row = slice(start, end)
            if _is_document(row, references[of_row], kinds[of_row]):
                documents[row[0]] = salted[start][SALT_BYTES:]
            else:
                _check_references(row, references[of_row], kinds[of_row])
                if is_one_value(row[7]):
                    documents[row[0]] = _restored(row[7], values[of_row])
            start = end
    return documents


def _check_commitments(
    references: Sequence[str], salted: Sequence[bytes], acts: Sequence[int]
) -> None:
    """Check that each value is the one that its reference was made for, if none replaced it."""
    for reference, text, act in zip(references, salted, acts, strict=True):
        if sha256(text).hexdigest() != reference and not act:
            raise _Unsound
        if not text[SALT_BYTES:].isascii():
            text[SALT_BYTES:].decode()


def _check_references(row: StoredEntry, references: Sequence[str], kinds: Sequence[str]) -> None:
    """Check that the entry refers to each of its values, and at a place for its kind."""
    principal, content = row[5], row[7]
    missing = {*map(str.encode, references)}
    if len(missing) < len(references):
        raise _Unsound
    if PRINCIPAL in kinds or principal in references:
        if kinds.count(PRINCIPAL) != 1 or references[kinds.index(PRINCIPAL)] != principal:
            raise _Unsound
        missing.remove(principal.encode())
    if not OF_ONE_VALUE.isdisjoint(kinds) and not is_one_value(content):
        raise _Unsound
    for reference in references_of(content):
        missing.discard(reference)
        if not missing:
            return
    if missing:
        raise _Unsound


def _is_document(row: StoredEntry, references: Sequence[str], kinds: Sequence[str]) -> bool:
    """Whether these values are a document, perhaps its former hashes, and who wrote the entry."""
    *marked, principal = references
    return (
        kinds in _OF_DOCUMENT
        and principal == row[5]
        and len({*references}) == len(references)
        and "".join(map(reference_mark, marked)).encode() == row[7]
    )


def whole_content(row: StoredEntry, values: Sequence[StoredValue]) -> bytes:
    """Return the content of an entry as people read it; its values are all that it refers to."""
    if values and _is_document(row, *zip(*((value[1], value[3]) for value in values), strict=True)):
        return values[0][2][SALT_BYTES:]
    return _restored(row[7], values) if values else row[7]


def _restored(content: bytes, values: Iterable[StoredValue]) -> bytes:
    """Return the document of an entry that is nothing else, as people read it."""
    personal = (
        PersonalValue(value[1], value[2][:SALT_BYTES], value[2][SALT_BYTES:].decode(), *value[3:])
        for value in values
    )
    return restore(content.decode(), personal).encode()
