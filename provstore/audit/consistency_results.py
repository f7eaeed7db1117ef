"""What is known of the provenance in a journal so far: how far it was checked, and what was found.

In: bundles by their positions, as names with roles, and what was found, as JSON. Out: the same
again, by name or position. It is a help, not a truth: a file that is lost, damaged, in use, made by
other rules or of another journal only costs time. It knows no PROV: roles are numbers to it. One
transaction per visit, so that mark, names and findings are always of one moment.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from provstore.storage.journal import Mark
from provstore.storage.sqlite_files import Kind, begin, connect

KIND = Kind(0x70726F66, 1)  # "prof" and the format
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

T = TypeVar("T")


class Findings:
    """What is known, within one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @property
    def mark(self) -> Mark:
        """How far the journal was checked."""
        return Mark(*self._db.execute("SELECT position, chain FROM mark").fetchone())

    @mark.setter
    def mark(self, mark: Mark) -> None:
        self._db.execute("UPDATE mark SET position = ?, chain = ?", mark)

    @property
    def rules(self) -> str:
        """By which rules it was checked; "" if it was not."""
        return str(self._db.execute("SELECT rules FROM mark").fetchone()[0])

    def begin(self, rules: str) -> None:
        """Know nothing any more; what comes is found by these rules."""
        self._db.execute("DELETE FROM said")
        self._db.execute("DELETE FROM finding")
        self._db.execute("UPDATE mark SET rules = ?", (rules,))
        self.mark = Mark(0, "")

    def learn(self, position: int, said: Iterable[tuple[int, int]]) -> None:
        """Note what the bundle at a position says: names, by number, and roles."""
        rows = ((name, role, position) for name, role in said)
        self._db.executemany("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", rows)

    def holders(self, name: int, role: int) -> list[int]:
        """Where that is said."""
        query = "SELECT position FROM said WHERE name = ? AND role = ?"
        return [position for (position,) in self._db.execute(query, (name, role))]

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """All that is said: name, role and position, sorted."""
        return self._db.execute("SELECT name, role, position FROM said ORDER BY 1, 2, 3")

    def found(self, group: Collection[int], contents: Iterable[object]) -> None:
        """Put findings in the place of all that was found before in the same bundles."""
        self._db.executemany("DELETE FROM finding WHERE position = ?", ((one,) for one in group))
        rows = ((min(group), json.dumps(content)) for content in contents)
        self._db.executemany("INSERT INTO finding VALUES (?, ?)", rows)

    def all(self) -> list[Any]:
        """Everything that was found, each thing once."""
        rows = self._db.execute("SELECT DISTINCT content FROM finding").fetchall()
        try:
            return [json.loads(content) for (content,) in rows]
        except json.JSONDecodeError as error:
            raise sqlite3.DatabaseError("a finding is damaged") from error


def visit(path: Path, work: Callable[[Findings], T]) -> T:
    """Do something with what is known, and keep it then: all of it or nothing.

    A file that is damaged or of another format is made anew. Where it can be neither read nor
    written, is in use, or belongs to another program, nothing is known and nothing is kept.
    """
    try:
        return _visit(path, work)
    except sqlite3.OperationalError:
        return _visit(":memory:", work)
    except sqlite3.DatabaseError:
        with suppress(OSError):
            path.unlink()
    try:
        return _visit(path, work)
    except sqlite3.DatabaseError:
        return _visit(":memory:", work)


def number(name: str) -> int:
    """A name in 64 bits. That two names share a number is unlikely, and does no harm here."""
    digest = blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _visit(path: Path | str, work: Callable[[Findings], T]) -> T:
    with closing(connect(path, WAIT_SECONDS)) as db:
        application, version = begin(db, KIND, _SCHEMA)
        if application != KIND.application:
            raise sqlite3.OperationalError("it belongs to another program")
        if version != KIND.format:
            raise sqlite3.DatabaseError("it has another format")
        db.execute("BEGIN IMMEDIATE")
        done = work(Findings(db))
        db.execute("COMMIT")
        return done
