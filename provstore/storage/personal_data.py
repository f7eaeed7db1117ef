"""The personal values in a journal: tables beside the chain, in the same file and transaction.

In: a connection to a journal of format 2. Out: values by position, people, keyed hashes. It knows
neither forms nor PROV.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provstore.ingest.personal_values import SALT_BYTES, Concealer, Person, PersonalValue

IDENTIFIER_BYTES, SECRET_BYTES = 16, 32
_OF = (
    "SELECT position, reference, salt, value, kind, person, place, redacted FROM personal "
    "WHERE position IN (SELECT value FROM json_each(?)) ORDER BY rowid"
)


@dataclass(frozen=True)
class RandomSource:
    """Where salts, identifiers and secrets come from: the system, or a word.

    With a word, the same calls give the same bytes. That is for examples and tests: whoever knows
    the word can compute all salts.
    """

    word: str = ""

    def read(self, count: int, *label: str | int) -> bytes:
        """Return random bytes; `label` tells this call from all others.

        >>> RandomSource("example").read(4, "a", 1).hex()
        '2863bdb4'
        """
        if not self.word:
            return secrets.token_bytes(count)
        text = json.dumps([self.word, *label])
        return hashlib.shake_128(text.encode()).digest(count)


SYSTEM = RandomSource()


class PersonalData:
    """The personal values in one open journal; all calls belong to the caller's transaction."""

    def __init__(self, db: sqlite3.Connection, random: RandomSource) -> None:
        self._db, self._random = db, random

    def keyed_hash(self, text: str) -> str:
        """Return a hash that nobody can compute who does not know the secret of this journal."""
        return hmac.new(self._secret(), text.encode(), hashlib.sha256).hexdigest()

    def concealer(self, bundle: str) -> Concealer:
        """Return what takes the personal values out of the entry of this bundle."""
        count = 0

        def salt() -> bytes:
            nonlocal count
            count += 1
            return self._random.read(SALT_BYTES, "salt", bundle, count)

        return Concealer(salt, self.find_person)

    def values(self, positions: Iterable[int]) -> Mapping[int, list[PersonalValue]]:
        """Return the values of entries, by their positions."""
        found: dict[int, list[PersonalValue]] = defaultdict(list)
        for position, *row in self._db.execute(_OF, (json.dumps([*positions]),)):
            found[position].append(PersonalValue._make(row))
        return found

    def last_redaction(self) -> int:
        """Return the position of the last redaction; 0 without any."""
        query = "SELECT max(redacted) FROM personal WHERE redacted > 0"
        return self._db.execute(query).fetchone()[0] or 0

    def find_person(self, key: str, name: str) -> Person:
        """Return the person with this key; a new one has this name in PROV-JSON, or "" for none."""
        hashed = self.keyed_hash(key)
        query = "SELECT identifier, name FROM person WHERE key = ?"
        if row := self._db.execute(query, (hashed,)).fetchone():
            return Person(*row)
        identifier = self._random.read(IDENTIFIER_BYTES, "person", key).hex()
        self._db.execute("INSERT INTO person VALUES (?, ?, ?)", (hashed, identifier, name))
        return Person(identifier, name)

    def _secret(self) -> bytes:
        row = self._db.execute("SELECT value FROM secret WHERE name = 'hashes'").fetchone()
        if row:
            return bytes(row[0])
        secret = self._random.read(SECRET_BYTES, "secret")
        self._db.execute("INSERT INTO secret VALUES ('hashes', ?)", (secret,))
        return secret
