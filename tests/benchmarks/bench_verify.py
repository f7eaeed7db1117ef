"""How fast `verify` is, beside the SHA-256 of the same bytes and reading them from SQLite.

Prints a table for journals of several shapes; asserts nothing.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import provstore
from provstore.audit.verification import verify_store
from provstore.prov.model.bundle import Bundle, Element, Value
from provstore.prov.model.terms import PROV
from provstore.prov.notations import provjson
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import START, Entry, Position, chain_hash, sha256_of_text
from provstore.storage.journal_tables import JournalTables
from provstore.storage.sqlite_files import connect

REPORTS = 2_000
SIZES = {4_000: 4_000, 8_000: 2_000, 64_000: 400, 1_000_000: 40}
"""How many documents of each size."""
LEAST = "SELECT CAST(content AS BLOB) FROM entry ORDER BY position"


def main() -> None:
    """Print every figure: megabytes of content in a second of the processor."""
    print("MB per CPU second  verify  least  SHA-256  verify : SHA-256")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        for name, place in _stores(Path(scratch)):
            print(f"{name:<18} {_figures(place)}", flush=True)


def _stores(scratch: Path) -> Iterator[tuple[str, Path]]:
    yield "reports", _reports(scratch / "reports")
    for size, count in SIZES.items():
        yield f"documents {size}", _documents(scratch / f"documents-{size}", size, count)
    for size, count in SIZES.items():
        yield f"format 1, {size}", _format_1(scratch / f"former-{size}", size, count)


def _reports(place: Path) -> Path:
    """Reports as a provider sends them, each with eight personal values."""
    with provstore.init(place) as store:
        form = store.forms["cordex"]
        for number in range(REPORTS):
            answers = form.example() | {"comment": f"number {number}"}
            store.submit({"form": "cordex", "version": form.version, "answers": answers})
    return place


def _documents(place: Path, size: int, count: int) -> Path:
    """Documents by others, as an import records them: each is one personal value."""
    provstore.init(place).close()
    with closing(Journal(place / "journal.sqlite")) as journal, journal.writing():
        for bundle, text in _bundles(size, count):
            concealer = journal.personal.concealer(bundle)
            journal.append(bundle, bundle, "", concealer.document(text), concealer)
    return place


def _format_1(place: Path, size: int, count: int) -> Path:
    """A journal of the first format, in which each content stands in its row."""
    provstore.init(place).close()
    (place / "journal.sqlite").unlink()
    with closing(connect(place / "journal.sqlite", 1)) as db:
        head = START
        JournalTables(db, 1).create()
        db.execute("BEGIN")
        for position, (bundle, text) in enumerate(_bundles(size, count), 1):
            digest = sha256_of_text(text)
            row = (position, bundle, digest, "", "2026-03-02T09:00:00Z", "", 0, text, digest, "")
            entry = Entry(*row)
            head = Position(position, chain_hash(head.chain, entry))
            values = (*entry[:5], *entry[7:9], head.chain)
            db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        db.execute("COMMIT")
    return place


def _bundles(size: int, count: int) -> Iterator[tuple[str, str]]:
    """Texts of bundles in PROV-JSON, of about this size."""
    for number in range(count):
        iri = f"http://example.org/bundle/{number}"
        label = ((PROV + "label", Value("A word, and more. " * (size // 90))),)
        entities = (Element(f"{iri}/{part}", ("entity",), label) for part in range(5))
        yield iri, provjson.dump(Bundle(iri, tuple(entities)))


def _figures(place: Path) -> str:
    with closing(Journal(place / "journal.sqlite", read_only=True)) as journal:
        contents = [entry.content.encode() for entry in journal.after(0)]
        size = sum(map(len, contents)) / 1e6
        ours = size / _seconds(lambda: verify_store(journal))
        hashed = size / _seconds(lambda: [sha256(content).hexdigest() for content in contents])
        least = size / _seconds(lambda: _least(place))
        assert not verify_store(journal).problems
    return f"{ours:7.0f} {least:6.0f} {hashed:8.0f} {hashed / ours:8.1f} x"


def _least(place: Path) -> None:
    """Fetch and hash each row or value: what no check can do without."""
    with closing(connect(place / "journal.sqlite", 1)) as db:
        for (content,) in db.execute(LEAST):
            sha256(content).hexdigest()
        if db.execute("PRAGMA user_version").fetchone()[0] > 1:
            for (value,) in db.execute("SELECT CAST(salt || value AS BLOB) FROM personal"):
                sha256(value).hexdigest()


def _seconds(work: Callable[[], object]) -> float:
    """Return the least CPU time of several calls, user and system."""
    times = []
    for _ in range(5):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


if __name__ == "__main__":
    main()
