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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from provstore.ingest.personal_values import (
    PERSON,
    SALT_BYTES,
    Concealer,
    Person,
    PersonalValue,
    commitment,
    former_hashes,
)

IDENTIFIER_BYTES, SECRET_BYTES = 16, 32
_OF = (
    "SELECT position, reference, salt, value, kind, person, place, replaced_by FROM personal "
    "WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position, rowid"
)
_ALL = "SELECT position, reference, salt, value, kind, person, place, replaced_by FROM personal"
_OF_FORMER_REPORTS = (
    "SELECT position, reference, salt, value, kind, person, place, replaced_by FROM personal "
    "WHERE kind IN ('document', 'former') "
    "AND position IN (SELECT position FROM entry WHERE ingest > '') ORDER BY position"
)
_OF_PEOPLE = (
    "SELECT position, reference, salt, value, kind, person, place, replaced_by FROM personal "
    "WHERE person IN (SELECT person FROM personal, json_each(?) AS text WHERE person > '' "
    "AND person NOT IN (SELECT identifier FROM redacted_person) "
    "AND (text.value = person OR text.value = personal.value COLLATE NOCASE))"
)
_REPLACE = (
    "UPDATE personal SET salt = ?, value = ?, replaced_by = ? WHERE position = ? AND reference = ?"
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
        self.db, self._random = db, random
        self._keyed: hmac.HMAC | None = None
        self._has_new_secret = False

    def keyed_hash(self, text: str) -> str:
        """Return a hash that nobody can compute who does not know the secret of this journal."""
        keyed = (self._keyed or self._key()).copy()
        keyed.update(text.encode())
        return keyed.hexdigest()

    def begin(self) -> None:
        """Begin a transaction: what the last one wrote is committed now, or undone."""
        self._has_new_secret = False

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
        values: dict[int, list[PersonalValue]] = defaultdict(list)
        for row in self.db.execute(_OF, (json.dumps([*positions]),)).fetchall():
            values[row[0]].append(PersonalValue._make(row[1:]))
        return values

    def all_values(self) -> Iterator[tuple[int, PersonalValue]]:
        """Yield every value with the position of its entry, in order."""
        for position, *row in self.db.execute(_ALL):
            yield position, PersonalValue._make(row)

    def of_former_reports(self) -> Iterator[tuple[int, PersonalValue]]:
        """Yield text and hashes of each report from before an upgrade, with its position."""
        for position, *row in self.db.execute(_OF_FORMER_REPORTS):
            yield position, PersonalValue._make(row)

    def has_replaced(self) -> bool:
        """Whether any value is said to be replaced, or an act to have replaced one."""
        query = "SELECT 1 FROM personal WHERE replaced_by > 0 UNION ALL SELECT 1 FROM replacement"
        return self.db.execute(f"{query} LIMIT 1").fetchone() is not None

    def people_called(self, texts: Iterable[str]) -> Mapping[str, list[PersonalValue]]:
        """Return the people with one of these names, addresses, ORCIDs or identifiers.

        Each comes with all of its values.
        """
        people: dict[str, list[PersonalValue]] = defaultdict(list)
        for _, *row in self.db.execute(_OF_PEOPLE, (json.dumps([*texts]),)):
            value = PersonalValue._make(row)
            people[value.person].append(value)
        return people

    def names(self) -> list[str]:
        """Return the names of all people, for suggestions."""
        query = "SELECT DISTINCT value FROM personal WHERE kind = 'name' AND person > ''"
        return sorted(str(name) for (name,) in self.db.execute(query))

    def people(self) -> list[tuple[str, str, str]]:
        """Return the keyed hash, the identifier and the name of all people."""
        return self.db.execute("SELECT key, identifier, name FROM person").fetchall()

    def redacted(self) -> list[tuple[int, str]]:
        """Return the number and the identifier of all people who were redacted."""
        return self.db.execute("SELECT number, identifier FROM redacted_person").fetchall()

    def holder(self, key: str) -> Person | None:
        """Return the person with this key, if there is one."""
        query = "SELECT identifier, name FROM person WHERE key = ?"
        row = self.db.execute(query, (self.keyed_hash(key),)).fetchone()
        return Person(*row) if row else None

    def register(self, keys: Iterable[str], identifier: str, name: str) -> None:
        """Let keys lead to a person, who has this name in PROV-JSON from now on."""
        for key in keys:
            row = (self.keyed_hash(key), identifier, name)
            self.db.execute("INSERT OR REPLACE INTO person VALUES (?, ?, ?)", row)
        update = "UPDATE person SET name = ? WHERE identifier = ?"
        self.db.execute(update, (name, identifier))

    def unite(self, identifier: str, others: Iterable[str]) -> None:
        """Make the values of others those of one person; each of them is replaced by this act."""
        for other in others:
            row = (identifier, other)
            self.db.execute("UPDATE personal SET person = ? WHERE person = ?", row)
            query = "UPDATE person SET identifier = ? WHERE identifier = ?"
            self.db.execute(query, row)

    def former_chain(self, position: int) -> str | None:
        """Return the chain hash that an entry had before an upgrade; None if it had none.

        It is "" if it was deleted.
        """
        query = "SELECT value FROM personal WHERE position = ? AND kind = 'former'"
        row = self.db.execute(query, (position,)).fetchone()
        if row is None:
            return None
        hashes = former_hashes(str(row[0]))
        return hashes.chain if hashes else ""

    def next_number(self) -> int:
        """Return the number of the next person who is redacted."""
        query = "SELECT ifnull(max(number), 0) + 1 FROM redacted_person"
        return int(self.db.execute(query).fetchone()[0])

    def new_identifier(self, *label: str | int) -> str:
        """Return a random identifier for a person."""
        return self._random.read(IDENTIFIER_BYTES, "person", *label).hex()

    def replace(self, act: int, replacement: tuple[int, str, str]) -> str:
        """Put a text in the place of a value; return the commitment to that text.

        A replacement is a position, a reference and a text.
        """
        position, reference, text = replacement
        salt = self._random.read(SALT_BYTES, "salt", act, position, reference)
        self.db.execute(_REPLACE, (salt, text, act, position, reference))
        return commitment(salt, text)

    def forget_people(self, people: Iterable[tuple[str, int]], nameless: Iterable[str]) -> None:
        """Keep only the numbers of these people, of the nameless nothing.

        Who reports next is somebody new.
        """
        numbers = dict(people)
        for identifier in (*numbers, *nameless):
            self.db.execute("DELETE FROM person WHERE identifier = ?", (identifier,))
        rows = [(number, identifier) for identifier, number in numbers.items()]
        self.db.executemany("INSERT INTO redacted_person VALUES (?, ?)", rows)

    def replacements(self) -> Mapping[int, str]:
        """Return what is still to be done, or "", by the positions of all acts."""
        return dict(self.db.execute("SELECT position, work FROM replacement ORDER BY 1").fetchall())

    def begin_work(self, act: int, work: str) -> None:
        """Note what is to be done for a new act."""
        self.db.execute("INSERT INTO replacement VALUES (?, ?)", (act, work))

    def note_work(self, act: int, work: str) -> None:
        """Note what is left to be done for an act; "" if nothing is."""
        self.db.execute("UPDATE replacement SET work = ? WHERE position = ?", (work, act))

    def last_replacement(self) -> int:
        """Return the position of the last act; 0 without any."""
        query = "SELECT ifnull(max(position), 0) FROM replacement"
        return int(self.db.execute(query).fetchone()[0])

    def find_person(self, key: str, name: str) -> Person:
        """Return the person with this key; a new one has this name in PROV-JSON, or gets one."""
        if known := self.holder(key):
            return known
        identifier, again = self.new_identifier(key), 0
        while self._is_redacted(identifier):  # identifiers of examples are not random
            again += 1
            identifier = self.new_identifier(key, again)
        person = Person(identifier, name or f"{PERSON}{identifier}")
        self.db.execute("INSERT INTO person VALUES (?, ?, ?)", (self.keyed_hash(key), *person))
        return person

    def _is_redacted(self, identifier: str) -> bool:
        query = "SELECT 1 FROM redacted_person WHERE identifier = ?"
        return self.db.execute(query, (identifier,)).fetchone() is not None

    def fault_of_secret(self) -> str:
        """Return what is wrong with the secret of the keyed hashes, or "".

        With another one, what is sent again would be taken for something new.
        """
        kept = dict(self.db.execute("SELECT name, value FROM secret").fetchall())
        if not kept:
            is_used = self.db.execute("SELECT 1 FROM entry LIMIT 1").fetchone()
            return "The secret of the fingerprints is missing" if is_used else ""
        secret, check = kept.get("hashes"), kept.get("check")
        fits = isinstance(secret, bytes) and hashlib.sha256(secret).digest() == check
        return "" if fits else "The secret of the fingerprints changed"

    def _key(self) -> hmac.HMAC:
        """Return what hashes with the secret of this journal; it begins anew with each copy."""
        keyed = hmac.new(self._secret(), digestmod="sha256")
        if not self._has_new_secret:  # else it may be undone with the transaction
            self._keyed = keyed
        return keyed

    def _secret(self) -> bytes:
        """Return the secret of this journal; a journal without entries gets one.

        Raises:
            sqlite3.DatabaseError: it is damaged.

        """
        if fault := self.fault_of_secret():
            damage = sqlite3.DatabaseError(fault)
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        row = self.db.execute("SELECT value FROM secret WHERE name = 'hashes'").fetchone()
        if row:
            return bytes(row[0])
        secret = self._random.read(SECRET_BYTES, "secret")
        self._has_new_secret = True
        rows = (("hashes", secret), ("check", hashlib.sha256(secret).digest()))
        self.db.executemany("INSERT INTO secret VALUES (?, ?)", rows)
        return secret
