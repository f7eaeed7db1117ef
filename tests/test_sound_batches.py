"""The quick check accepts what the survey accepts, and nothing else."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as some

import provstore
from provstore.ingest.personal_values import marks_of, references
from provstore.storage import journal_survey
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import Damage, Entry, chain_hash
from provstore.storage.journal_survey import journal_problems, survey
from provstore.storage.journal_tables import SELECT
from provstore.storage.sound_batches import BATCH, sound_batches

Edit = Callable[[sqlite3.Connection], object]
DAMAGED = BATCH + 3
"""Entry of the second batch, which is a report; the one after it is a document."""
WHERE = f"WHERE position = {DAMAGED}"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of reports, with a document of others after every third."""
    place = tmp_path_factory.mktemp("whole") / "store"
    with provstore.init(place) as store:
        form = store.forms["cordex"]
        for number in range(36):
            answers = form.example() | {"comment": f"Nummer {number}, geprüft"}
            store.submit({"form": "cordex", "version": form.version, "answers": answers})
            if number % 3 == 2:
                data = {"entity": {f"ex:ü{number}": {}}, "prefix": {"ex": "http://example.org/"}}
                store.import_document(data)
    return place


def _journal(place: Path) -> Journal:
    return Journal(place / "journal.sqlite", read_only=True)


def _sql(*statements: str) -> Edit:
    def edit(db: sqlite3.Connection) -> None:
        for statement in statements:
            db.execute(statement)

    return edit


def _resealed(content: bytes) -> Edit:
    """Put another content into an entry, and compute all hashes from there on again."""

    def edit(db: sqlite3.Connection) -> None:
        digest = sha256(content).hexdigest()
        db.execute(
            f"UPDATE entry SET content = CAST(? AS TEXT), sha256 = ? {WHERE}",
            (content, digest),
        )
        db.text_factory = lambda text: text.decode(errors="replace")
        query = f"{SELECT[2]} WHERE position >= {DAMAGED - 1} ORDER BY position"
        before, *entries = map(Entry._make, db.execute(query).fetchall())
        chain = before.chain
        for entry in entries:
            chain = chain_hash(chain, entry)
            row = (chain, entry.position)
            db.execute("UPDATE entry SET chain = ? WHERE position = ?", row)

    return edit


def _without_types(*statements: str) -> Edit:
    """Change a file whose tables do not check types any more."""

    def edit(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '')")
        db.execute("PRAGMA writable_schema=RESET")
        _sql(*statements)(db)

    return edit


_NAME = f"{WHERE} AND kind = 'name'"
_ACCOUNT = f"{WHERE} AND kind = 'principal'"
_UNREADABLE = "CAST(x'ff' AS TEXT)"
EDITS: dict[str, Edit] = {
    "content": _sql(f"UPDATE entry SET content = content || ' ' {WHERE}"),
    "hash of content": _sql(f"UPDATE entry SET sha256 = upper(sha256) {WHERE}"),
    "chain hash": _sql(f"UPDATE entry SET chain = substr(sha256, 2) || 'x' {WHERE}"),
    "bundle": _sql(f"UPDATE entry SET bundle = bundle || '/' {WHERE}"),
    "principal": _sql(f"UPDATE entry SET principal = fingerprint {WHERE}"),
    "number of values": _sql(f"UPDATE entry SET personal = personal - 1 {WHERE}"),
    "row removed": _sql(f"DELETE FROM entry {WHERE}"),
    "row moved": _sql(f"UPDATE entry SET position = 9000 {WHERE}"),
    "no text": _resealed(b'{"\xff"}'),
    "no text at the end of a letter": _resealed(b'{"\xc3'),
    "references forgotten": _resealed(b"{}"),
    "content of another type": _without_types(
        f"UPDATE entry SET content = CAST(content AS BLOB) {WHERE}"
    ),
    "number of another type": _without_types(
        f"UPDATE entry SET personal = CAST(personal AS BLOB) {WHERE}"
    ),
    "salt of another type": _without_types(
        f"UPDATE personal SET salt = CAST(salt AS TEXT) {_NAME}"
    ),
    "value of another type": _without_types(
        f"UPDATE personal SET value = CAST(value AS BLOB) {_NAME}"
    ),
    "place of another type": _without_types(f"UPDATE personal SET place = x'00' {_NAME}"),
    "act of another type": _without_types(f"UPDATE personal SET replaced_by = 'x' {_NAME}"),
    "value": _sql(f"UPDATE personal SET value = value || ' ' {_NAME}"),
    "salt": _sql(f"UPDATE personal SET salt = zeroblob(16) {_NAME}"),
    "reference": _sql(f"UPDATE personal SET reference = replace(reference, '0', '1') {_NAME}"),
    "kind": _sql(f"UPDATE personal SET kind = 'principal' {_NAME}"),
    "kind of the account": _sql(f"UPDATE personal SET kind = 'text' {_ACCOUNT}"),
    "kind of a document": _sql(f"UPDATE personal SET kind = 'document' {_NAME}"),
    "person that is no text": _sql(f"UPDATE personal SET person = {_UNREADABLE} {_NAME}"),
    "place that is no text": _sql(f"UPDATE personal SET place = {_UNREADABLE} {_NAME}"),
    "value removed": _sql(f"DELETE FROM personal {_NAME}"),
    "value twice": _sql(f"INSERT INTO personal SELECT * FROM personal {_NAME}"),
    "value of another entry": _sql(f"UPDATE personal SET position = 1 {_NAME}"),
    "value of another entry in exchange": _sql(
        f"DELETE FROM personal {_NAME}",
        f"INSERT INTO personal SELECT {DAMAGED}, reference, salt, value, kind, person, place, 0 "
        "FROM personal WHERE position = 1 AND kind = 'name'",
    ),
}  # fmt: skip


def test_all_of_a_sound_journal_is_accepted(whole: Path) -> None:
    """As the survey reads it, without being asked: reports, and documents in their places."""
    with closing(_journal(whole)) as journal:
        quick = [entry for batch in sound_batches(journal) for entry in batch]
        stored = [row for row in survey(journal) if isinstance(row, Entry)]
        read = {entry.position: entry.content for entry in journal.after(0)}
    assert len(quick) == len(stored) > 2 * BATCH
    for entry, row in zip(quick, stored, strict=True):
        is_document = not row.ingest
        content = read[row.position] if is_document else row.content
        expected = (row.position, row.bundle, row.ingest, content.encode(), row.chain)
        assert (entry[:5], len(entry.values or ())) == (expected, row.personal)
    assert any(not row.ingest for row in stored)


def test_a_sound_journal_is_not_surveyed(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take several times as long."""
    monkeypatch.setattr(journal_survey, "_judge", None)
    with closing(_journal(whole)) as journal:
        head, problems = journal_problems(journal)
        assert (head, problems) == (journal.head(), [])


@pytest.mark.parametrize("name", EDITS)
def test_no_damage_is_accepted(name: str, whole: Path, tmp_path: Path) -> None:
    """The batch before it is; and what is named is what the survey alone names."""
    place = Path(copytree(whole, tmp_path / "store"))
    with closing(sqlite3.connect(place / "journal.sqlite", isolation_level=None)) as db:
        triggers = db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            db.execute(f"DROP TRIGGER {trigger}")
        EDITS[name](db)
    with closing(_journal(place)) as journal:
        accepted = [entry.position for batch in sound_batches(journal) for entry in batch]
        surveyed = [row.problem() for row in survey(journal) if isinstance(row, Damage)]
        _, problems = journal_problems(journal)
    assert surveyed
    first = min(int(problem.where.split("/")[2]) for problem in surveyed)
    assert accepted == [*range(1, (first - 1) // BATCH * BATCH + 1)]
    assert [problem for problem in problems if problem.where != "/journal"] == surveyed


_PIECES = some.sampled_from(
    ["~", "^", "\\", "\\\\", "\\\\\\\\", "a" * 64, "b" * 64, "centre:person/", "ü", "a"]
)


@given(some.lists(_PIECES, max_size=24).map("".join))
def test_references_are_found_in_bytes_as_in_text(text: str) -> None:
    """Those that can be references: 64 characters that are no letters of other languages."""
    marks = {mark.reference.encode() for mark in marks_of(text) if mark.reference.isascii()}
    found = {reference for reference in references(text.encode()) if reference.isascii()}
    assert found == marks
