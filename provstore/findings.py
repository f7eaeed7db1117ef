"""What is known of the provenance in a journal so far: how far it was checked, and what was found.

In: bundles by their positions, as names with roles, and problems. Out: the same again, by name or
position. It is a help, not a truth: a file that is lost, damaged or in use only costs time. It
knows no PROV: roles are numbers to it. One transaction per visit, so that mark, names and problems
are always of one moment.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from provstore.errors import Problem
from provstore.journal import START, Mark

FORMAT = 1
"""To be raised whenever the rules of checking change: what was found by others is not kept."""

APPLICATION = 0x70726F66  # "prof", in the header of the file
WAIT_SECONDS = 5.0

_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE mark (position INTEGER NOT NULL, chain TEXT NOT NULL) STRICT;
CREATE TABLE said (name INTEGER NOT NULL, role INTEGER NOT NULL, position INTEGER NOT NULL,
                   PRIMARY KEY (name, role, position)) STRICT, WITHOUT ROWID;
CREATE INDEX said_by ON said (position, name, role);
CREATE TABLE problem (position INTEGER NOT NULL, place TEXT NOT NULL, what TEXT NOT NULL,
                      mend TEXT NOT NULL) STRICT;
CREATE INDEX problem_of ON problem (position);
INSERT INTO mark VALUES (0, '{seal}');
PRAGMA application_id = {application};
PRAGMA user_version = {format};
COMMIT;
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

    def forget(self) -> None:
        """Know nothing any more."""
        self._db.execute("DELETE FROM said")
        self._db.execute("DELETE FROM problem")
        self.mark = START

    def learn(self, position: int, said: Iterable[tuple[str, int]]) -> None:
        """Note what the bundle at a position says."""
        rows = [(_number(name), int(role), position) for name, role in said]
        self._db.executemany("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", rows)

    def said(self, position: int) -> list[tuple[int, int]]:
        """What one bundle says: names, as numbers, and roles."""
        query = "SELECT name, role FROM said WHERE position = ?"
        return self._db.execute(query, (position,)).fetchall()

    def holders(self, name: int, role: int) -> list[int]:
        """Where that is said."""
        query = "SELECT position FROM said WHERE name = ? AND role = ?"
        return [position for (position,) in self._db.execute(query, (name, role))]

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """All that is said: name, role and position, sorted."""
        return self._db.execute("SELECT name, role, position FROM said ORDER BY name, role")

    def found(self, group: Iterable[int], problems: Iterable[Problem]) -> None:
        """Put problems in the place of all that was found before in the same bundles."""
        positions = list(group)
        self._db.executemany("DELETE FROM problem WHERE position = ?", ((p,) for p in positions))
        rows = [(positions[0], *problem) for problem in problems]
        self._db.executemany("INSERT INTO problem VALUES (?, ?, ?, ?)", rows)

    def problems(self) -> list[tuple[int, Problem]]:
        """Each problem with one of the bundles that it is about; no problem twice."""
        query = "SELECT min(position), place, what, mend FROM problem GROUP BY 2, 3, 4 ORDER BY 1"
        return [(position, Problem(*rest)) for position, *rest in self._db.execute(query)]


def visit(path: Path, work: Callable[[Findings], T]) -> T:
    """Do something with what is known, and keep it then: all of it or nothing.

    Where the file is damaged, or of another format, it begins anew; where it can be neither read
    nor written, or is in use, nothing is known and nothing is kept.
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


def _visit(path: Path | str, work: Callable[[Findings], T]) -> T:
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as db:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if (application, version) == (0, 0) and not db.execute("PRAGMA schema_version").fetchone()[
            0
        ]:
            db.executescript(
                _SCHEMA.format(seal=START.chain, application=APPLICATION, format=FORMAT)
            )
        elif (application, version) != (APPLICATION, FORMAT):
            raise sqlite3.DatabaseError("made by another version")
        db.execute("BEGIN IMMEDIATE")
        done = work(Findings(db))
        db.execute("COMMIT")
        return done


def _number(name: str) -> int:
    """A name in 64 bits. That two names share a number is unlikely, and does no harm here."""
    digest = blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
