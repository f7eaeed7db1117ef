"""What is known of the provenance in a journal so far: how far it was checked, and what was found.

In: bundles by their positions, as names with roles, and what was found, as JSON. Out: the same
again, by name or position. It is a help, not a truth: a file that is lost, damaged, in use, made by
other rules or of another journal only costs time. It knows no PROV: roles are numbers to it. One
transaction per visit, so that position, names and findings are always of one moment.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from provstore.storage.journal import Position
from provstore.storage.sqlite_files import FileKind, connect, create_schema

KIND = FileKind(0x70726F66, 1)  # "prof" and the format
WAIT_SECONDS = 5.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (position INTEGER NOT NULL, chain TEXT NOT NULL,
                                 rules TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS said (name INTEGER NOT NULL, role INTEGER NOT NULL,
                                 position INTEGER NOT NULL, PRIMARY KEY (name, role, position)
                                ) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS finding (position INTEGER NOT NULL, content TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS finding_of ON finding (position);
INSERT INTO mark SELECT 0, '', '' WHERE NOT EXISTS (SELECT * FROM mark)
"""

Result = TypeVar("Result")


class ConsistencyResults:
    """What is known, within one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @property
    def position(self) -> Position:
        """How far the journal was checked."""
        return Position(*self._db.execute("SELECT position, chain FROM mark").fetchone())

    @position.setter
    def position(self, position: Position) -> None:
        self._db.execute("UPDATE mark SET position = ?, chain = ?", position)

    @property
    def rules(self) -> str:
        """By which rules it was checked; "" if it was not."""
        return str(self._db.execute("SELECT rules FROM mark").fetchone()[0])

    def begin(self, rules: str) -> None:
        """Know nothing any more; what comes is found by these rules."""
        self._db.execute("DELETE FROM said")
        self._db.execute("DELETE FROM finding")
        self._db.execute("UPDATE mark SET rules = ?", (rules,))
        self.position = Position(0, "")

    def learn(self, position: int, names: Iterable[tuple[int, int]]) -> None:
        """Note what the bundle at a position says: names, by number, and roles."""
        rows = ((name, role, position) for name, role in names)
        self._db.executemany("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", rows)

    def holders(self, name: int, role: int) -> list[int]:
        """Where that is said."""
        query = "SELECT position FROM said WHERE name = ? AND role = ?"
        return [position for (position,) in self._db.execute(query, (name, role))]

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """All that is said: name, role and position, sorted."""
        return self._db.execute("SELECT name, role, position FROM said ORDER BY 1, 2, 3")

    def replace(self, group: Collection[int], contents: Iterable[object]) -> None:
        """Put findings in the place of all that was found before in the same bundles."""
        self._db.executemany(
            "DELETE FROM finding WHERE position = ?", ((position,) for position in group)
        )
        rows = ((min(group), json.dumps(content)) for content in contents)
        self._db.executemany("INSERT INTO finding VALUES (?, ?)", rows)

    def all(self) -> list[Any]:
        """Everything that was found, each thing once."""
        rows = self._db.execute("SELECT DISTINCT content FROM finding").fetchall()
        try:
            return [json.loads(content) for (content,) in rows]
        except json.JSONDecodeError as error:
            raise sqlite3.DatabaseError("a finding is damaged") from error


def update_results(path: Path, work: Callable[[ConsistencyResults], Result]) -> Result:
    """Do something with what is known, and keep it then: all of it or nothing.

    A file that is damaged or of another format is made anew. Where it can be neither read nor
    written, is in use, or belongs to another program, nothing is known and nothing is kept.
    """
    try:
        return _update_results(path, work)
    except sqlite3.OperationalError:
        return _update_results(":memory:", work)
    except sqlite3.DatabaseError:
        with suppress(OSError):
            path.unlink()
    try:
        return _update_results(path, work)
    except sqlite3.DatabaseError:
        return _update_results(":memory:", work)


def name_number(name: str) -> int:
    """A name in 64 bits. That two names share a number is unlikely, and does no harm here."""
    digest = blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _update_results(path: Path | str, work: Callable[[ConsistencyResults], Result]) -> Result:
    with closing(connect(path, WAIT_SECONDS)) as db:
        application, version = create_schema(db, KIND, _SCHEMA)
        if application != KIND.application:
            raise sqlite3.OperationalError("it belongs to another program")
        if version != KIND.format:
            raise sqlite3.DatabaseError("it has another format")
        db.execute("BEGIN IMMEDIATE")
        result = work(ConsistencyResults(db))
        db.execute("COMMIT")
        return result
