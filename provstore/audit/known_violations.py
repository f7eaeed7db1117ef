"""Stores the results of consistency checks: the checked position, and the violations so far.

In: names with roles of each bundle, by its position, and violations as JSON. Out: the same, by name
or position. The file is only a cache: if it is lost, damaged, in use, outdated or of another
journal, the check takes longer. It knows no PROV: roles are numbers. Each use is one transaction,
so that position, names and violations match.
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
    """The stored results, within one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @property
    def position(self) -> Position:
        """The position up to which the journal was checked."""
        return Position(*self._db.execute("SELECT position, chain FROM mark").fetchone())

    @position.setter
    def position(self, position: Position) -> None:
        self._db.execute("UPDATE mark SET position = ?, chain = ?", position)

    @property
    def rules(self) -> str:
        """The checksum of the rules of the last check; "" before the first one."""
        return str(self._db.execute("SELECT rules FROM mark").fetchone()[0])

    def begin(self, rules: str) -> None:
        """Delete all results, and start again with these rules."""
        self._db.execute("DELETE FROM said")
        self._db.execute("DELETE FROM finding")
        self._db.execute("UPDATE mark SET rules = ?", (rules,))
        self.position = Position(0, "")

    def learn(self, position: int, names: Iterable[tuple[int, int]]) -> None:
        """Record the names (as numbers) and roles in the bundle at a position."""
        rows = ((name, role, position) for name, role in names)
        self._db.executemany("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", rows)

    def holders(self, name: int, role: int) -> list[int]:
        """Return the positions of the bundles with this name in this role."""
        query = "SELECT position FROM said WHERE name = ? AND role = ?"
        return [position for (position,) in self._db.execute(query, (name, role))]

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """Return all names, roles and positions, sorted."""
        return self._db.execute("SELECT name, role, position FROM said ORDER BY 1, 2, 3")

    def replace(self, group: Collection[int], contents: Iterable[object]) -> None:
        """Replace all earlier violations in the same bundles."""
        self._db.executemany(
            "DELETE FROM finding WHERE position = ?", ((position,) for position in group)
        )
        rows = ((min(group), json.dumps(content)) for content in contents)
        self._db.executemany("INSERT INTO finding VALUES (?, ?)", rows)

    def all(self) -> list[Any]:
        """Return all violations, each once."""
        rows = self._db.execute("SELECT DISTINCT content FROM finding").fetchall()
        try:
            return [json.loads(content) for (content,) in rows]
        except json.JSONDecodeError as error:
            raise sqlite3.DatabaseError("a finding is damaged") from error


def update_results(path: Path, work: Callable[[ConsistencyResults], Result]) -> Result:
    """Run `work` on the stored results, and save them atomically.

    A damaged file, or one of another format, is replaced. If the file cannot be read or written, is
    in use, or belongs to another program, `work` starts without results and nothing is saved.
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
    """Hash a name to 64 bits; a collision is unlikely and harmless here."""
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
