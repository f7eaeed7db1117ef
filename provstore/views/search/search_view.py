"""The search view: loads bundles and answers searches, in an SQLite file with FTS5.

It knows no journal: the caller gives the position, which is stored in the same transaction as the
data. Answers do not depend on the order or the size of the loads.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import orjson

from provstore.errors import BadParameter, ViewUnavailable
from provstore.prov.model.bundle import Bundle
from provstore.results.search_results import SearchResult
from provstore.storage.journal_entries import Position, Witness
from provstore.views.search.search_documents import WEIGHTS, Document, unite_documents
from provstore.views.search.search_file import ConnectionPool
from provstore.views.search.search_query import run_search
from provstore.views.search.search_words import WHOLE_NAME, facet_word, join_lines, word_line

ID_BITS = 48
"""The number of bits of the hash that is an element's id: small, but with few collisions."""

_READ_DOCUMENT = (
    "SELECT id, said, iri, bundles, home, types, texts, content FROM thing "
    "JOIN said ON said.number = said JOIN facets ON facets.number = facets WHERE id = ?"
)
_DELETE_WORDS = "INSERT INTO words(words, rowid, facets, head, body) VALUES ('delete', ?, ?, ?, ?)"
_INSERT_WORDS = "INSERT INTO words(rowid, facets, head, body) VALUES (?, ?, ?, ?)"
_INSERT_DOCUMENT = "INSERT INTO said VALUES (NULL, ?, ?, ?, ?, ?) RETURNING number"
_UPDATE_DOCUMENT = "UPDATE said SET bundles = ?, home = ?, types = ?, texts = ? WHERE number = ?"
_INSERT_FACETS = (
    "INSERT INTO facets(content) VALUES (?) ON CONFLICT DO UPDATE SET content = content "
    "RETURNING number"
)
_ADVANCE_POSITION = (
    "UPDATE mark SET position = ?, chain = ?, things = things + ?, characters = characters + ?"
)


class SearchView:
    """A search index in a file, safe for several threads and processes at once."""

    name = "search"
    engine_name = "SQLite FTS5"
    layout = 1
    shared = None

    def __init__(self, path: Path, prefixes: Mapping[str, str]) -> None:
        self.path, self._prefixes = path, dict(prefixes)
        self._connections = ConnectionPool(path)

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    def clear(self) -> None:
        """Delete all data."""
        self._connections.clear()

    def position(self) -> tuple[int, str]:
        """Return position and hash of the last loaded journal entry; (0, "") if empty.

        Raises:
            ViewUnavailable: the file is damaged, of another version, or cannot be used.

        """
        with self._connections.reading() as db:
            return _read_position(db)

    def witnesses(self) -> Iterator[Witness]:
        """Yield the journal entry that the view has followed to; none if it cannot be read."""
        with suppress(ViewUnavailable, OSError):
            position, chain_and_layout = self.position() if self.path.exists() else (0, "")
            if position:
                yield Witness(
                    "the search view", Position(position, chain_and_layout.partition(" ")[0])
                )

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and move from position `before` to `after`, atomically.

        Does nothing if the view is no longer at `before`.
        """
        with self._connections.writing() as db:
            if _read_position(db) == before:
                new = (bundle for bundle in bundles if _is_new(db, bundle))
                grown = _write_documents(db, unite_documents(new, self._prefixes).values())
                db.execute(_ADVANCE_POSITION, (*after, *grown))

    def search(
        self, text: str, *, kind: str = "", step: str = "", project: str = "", limit: int = 20
    ) -> SearchResult:
        """Find elements with all words of a text, best first, within a kind, step or project.

        Raises:
            BadParameter: the limit is less than 1.
            ViewUnavailable: the file is damaged, of another version, or cannot be used.

        """
        if limit < 1:
            raise BadParameter(f"The limit {limit} is too small.", "It must be at least 1.")
        only = {"kind": kind, "step": step, "project": project}
        with self._connections.reading() as db:
            return run_search(db, self._prefixes, text, only, limit)


class _Columns(NamedTuple):
    """The index columns of an element; they contain only words."""

    facets: str
    head: str
    body: str


class _StoredDocument(NamedTuple):
    """An element as stored in the file: its number, its document, its facets."""

    number: int
    document: Document
    facets: str


def _read_position(db: sqlite3.Connection) -> tuple[int, str]:
    position, chain = db.execute("SELECT position, chain FROM mark").fetchone()
    return position, chain


def _is_new(db: sqlite3.Connection, bundle: Bundle) -> bool:
    added = db.execute("INSERT OR IGNORE INTO bundle VALUES (?)", (bundle.iri,))
    return added.rowcount > 0


def _write_documents(db: sqlite3.Connection, documents: Iterable[Document]) -> tuple[int, int]:
    """Merge documents into the index; return the numbers of added elements and characters."""
    added = characters = 0
    numbers: dict[str, int] = {}
    # Sorted by id: FTS5 begins a new segment whenever an id is less than the last one.
    for id_, known, document in sorted(_with_ids(db, documents), key=itemgetter(0)):
        before, texts = None, []
        if known:
            number, texts = known.number, known.document.searchable_texts()
            before = _columns(known.facets, texts)
            document.unite(known.document)
        kept, content = document.searchable_texts(), _json(document.facets())
        row = (document.bundles, _json(document.home), _json(sorted(document.types)), _json(kept))
        if known:
            db.execute(_UPDATE_DOCUMENT, (*row, number))
        else:
            (number,) = db.execute(_INSERT_DOCUMENT, (document.iri, *row)).fetchone()
            added += 1
        if (now := _columns(content, kept)) != before:
            if before:
                db.execute(_DELETE_WORDS, (id_, *before))
            db.execute(_INSERT_WORDS, (id_, *now))
        if not known or content != known.facets:
            if content not in numbers:
                (numbers[content],) = db.execute(_INSERT_FACETS, (content,)).fetchone()
            db.execute("REPLACE INTO thing VALUES (?, ?, ?)", (id_, numbers[content], number))
        characters += _size(kept) - _size(texts)
    return added, characters


def _with_ids(
    db: sqlite3.Connection, documents: Iterable[Document]
) -> Iterable[tuple[int, _StoredDocument | None, Document]]:
    """Yield each document with its id, and the stored document of the same element."""
    taken: set[int] = set()
    for document in documents:
        for id_ in count(_hash(document.iri)):  # the next id, if another element has this hash
            if id_ in taken:
                continue
            row = db.execute(_READ_DOCUMENT, (id_,)).fetchone()
            if row is None or row[2] == document.iri:
                break
        taken.add(id_)
        yield id_, _stored_document(row) if row else None, document


def _stored_document(row: tuple[int, int, str, int, str, str, str, str]) -> _StoredDocument:
    _, number, iri, bundles, home, types, texts, content = row
    facets = orjson.loads(content)
    pairs = {(name, text) for name, text in orjson.loads(texts)}
    known = Document(
        iri,
        tuple(orjson.loads(home)),
        set(orjson.loads(types)),
        pairs,
        set(facets["step"]),
        set(facets["project"]),
        bundles,
    )
    return _StoredDocument(number, known, content)


def _columns(facets: str, texts: list[tuple[str, str]]) -> _Columns:
    parts = [word_line(text) for _, text in texts]
    many = sum(WEIGHTS.get(name, 1.0) > 1 for name, _ in texts)  # these come first
    called = " ".join(facet_word(WHOLE_NAME, part) for part in dict.fromkeys(parts[:many]))
    return _Columns(
        f"{_facets(facets)} {called}", join_lines(parts[:many]), join_lines(parts[many:])
    )


@lru_cache(maxsize=10_000)
def _facets(content: str) -> str:
    values = [(name, value) for name, several in orjson.loads(content).items() for value in several]
    return " ".join(
        facet_word(*pair) for pair in (("", ""), *values)
    )  # every element has the first word


def _size(texts: list[tuple[str, str]]) -> int:
    return sum(len(text) for _, text in texts)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _hash(iri: str) -> int:
    return int.from_bytes(blake2b(iri.encode(), digest_size=8).digest()) >> (64 - ID_BITS)
