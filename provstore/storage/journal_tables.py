"""The tables of a journal in each format, and rows written into them as they are stored.

In: a connection, rows, personal values. Out: statements; a file with these rows. It chains nothing
and compares nothing.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from provstore.ingest.personal_values import PersonalValue
from provstore.storage.journal_entries import Entry
from provstore.storage.sqlite_files import FileKind, connect, create_schema

KIND = FileKind(0x70726F76, 2)  # "prov" and the format
_SCHEMAS = {1: "journal_1.sql", 2: "journal.sql"}
_TABLES_OF_PEOPLE = ("person", "secret", "redacted_person", "replacement")

SELECT = {
    1: "SELECT position, bundle, fingerprint, ingest, recorded, '', 0, content, sha256, chain "
    "FROM entry ",
    2: "SELECT position, bundle, fingerprint, ingest, recorded, principal, personal, content, "
    "sha256, chain FROM entry ",
}
"""The beginning of a query for entries, by the format of the file."""

_BYTES = "CASE typeof(content) WHEN 'text' THEN CAST(content AS BLOB) END"
SELECT_BYTES = {number: words.replace("content", _BYTES) for number, words in SELECT.items()}
"""The same with the content in UTF-8, which takes less time; NULL if it is no text."""

SELECT_VALUES = (
    "SELECT position, reference, CASE WHEN typeof(salt) = 'blob' AND length(salt) = 16 "
    "AND typeof(value) = 'text' THEN CAST(salt || value AS BLOB) END, kind, person, place, "
    "replaced_by FROM personal "
)
"""The beginning of a query for personal values; salt and value are one, as they were hashed."""

BETWEEN = "WHERE position > ? AND position <= ? ORDER BY position"
"""The end of a query for the rows after a position and up to another."""

_COLUMNS = (
    "SELECT made.name, part.name, part.type FROM sqlite_master AS made, "
    "pragma_table_info(made.name) AS part WHERE made.type = 'table' ORDER BY made.name, part.cid"
)
Columns = tuple[tuple[str, str], ...]

_ENTRY = {
    1: "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    2: "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
}
_VALUE = "INSERT INTO personal VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_REPLACE = (
    "UPDATE personal SET salt = ?, value = ?, person = ?, replaced_by = ? "
    "WHERE position = ? AND reference = ? AND replaced_by < ?"
)


def schema(journal_format: int) -> str:
    """Return the statements that make the tables of a journal of this format."""
    name = _SCHEMAS[journal_format]
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@cache
def schema_names(journal_format: int) -> frozenset[str]:
    """Return the names of the tables, indexes and triggers of a journal of this format."""
    with closing(connect(":memory:", 0)) as db:
        db.executescript(schema(journal_format))
        return frozenset(name for (name,) in db.execute("SELECT name FROM sqlite_master"))


@cache
def schema_columns(journal_format: int) -> Mapping[str, Columns]:
    """Return the names and types of the columns of each table of a journal of this format."""
    with closing(connect(":memory:", 0)) as db:
        db.executescript(schema(journal_format))
        return columns_of(db)


def columns_of(db: sqlite3.Connection) -> Mapping[str, Columns]:
    """Return the names and types of the columns of each table in a file.

    Raises:
        sqlite3.DatabaseError: they cannot be read.

    """
    columns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for table, *column in db.execute(_COLUMNS):
        columns[table].append((column[0], column[1]))
    return {table: tuple(each) for table, each in columns.items()}


@dataclass(frozen=True)
class JournalTables:
    """The tables of a journal of this format in an open file."""

    db: sqlite3.Connection
    format: int

    def create(self) -> None:
        """Make the tables."""
        kind = FileKind(KIND.application, self.format)
        create_schema(self.db, kind, schema(self.format))

    def add(self, entry: Entry, values: Sequence[PersonalValue]) -> None:
        """Add a row with its personal values.

        Raises:
            sqlite3.IntegrityError: the row cannot be kept.

        """
        row = (*entry[:5], *entry[7:]) if self.format == 1 else tuple(entry)
        self.db.execute(_ENTRY[self.format], row)
        self.db.executemany(_VALUE, ((entry.position, *value) for value in values))

    def take_people(self, source: sqlite3.Connection, *, only_secret: bool = False) -> None:
        """Replace people and secrets by those of another journal of this format."""
        tables = ("secret",) if only_secret else _TABLES_OF_PEOPLE
        for table in tables if self.format > 1 else ():
            rows = source.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own name
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608
            for row in rows:
                marks = ", ".join("?" * len(row))
                self.db.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608

    def put_people(
        self,
        people: Iterable[tuple[str, str, str]],
        redacted: Iterable[tuple[int, str]],
        work: Iterable[tuple[int, str]],
    ) -> None:
        """Replace the rows of people, of redacted people and of acts."""
        for table, rows in (("person", people), ("redacted_person", redacted),
                            ("replacement", work)):  # fmt: skip
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own name
            for row in rows:
                marks = ", ".join("?" * len(row))
                self.db.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608

    def take_replacements(self, source: sqlite3.Connection, after: int) -> bool:
        """Replace the values that acts after a position replaced; return whether there are any."""
        if self.format == 1:
            return False
        query = (
            "SELECT salt, value, person, replaced_by, position, reference FROM personal "
            "WHERE replaced_by > ?"
        )
        rows = source.execute(query, (after,)).fetchall()
        self.db.executemany(_REPLACE, ((*row, row[3]) for row in rows))
        return bool(rows)
