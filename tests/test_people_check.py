"""Whatever is changed in the tables beside the chain is named by `verify`; `repair` mends it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import provstore
from provstore.audit.backup import backup
from provstore.audit.repair import repair
from provstore.errors import DamagedStore
from provstore.storage.journal_tables import schema
from provstore.store import ProvStore
from tests.people import ADA, BEN, DI, ORCID, delivery, person, review, store_in
from tests.reports import WORD

CLEO = person("Cleo Demo", "cleo@example.org")
Rows = list[tuple[Any, ...]]
WHY: dict[str, Any] = {"by": DI, "reason": "They wrote to us."}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Reports, an import; then somebody is renamed, two are made one, and one is redacted."""
    with store_in(tmp_path_factory.mktemp("sound")) as store:
        ingest = delivery(store, ADA)
        review(store, ingest, BEN, "Fine.")
        delivery(store, CLEO, title="Other data")
        delivery(store, person("B. Test", "b@example.org"), title="More data")
        store.import_document({
            "prefix": {"ex": "http://example.org/"}, "agent": {"ex:a": {"prov:label": "Fay"}},
        })  # fmt: skip
        store.amend("ben@example.org", name="Ben Sample", orcid=ORCID, **WHY)
        store.amend("ben@example.org", same_as=["b@example.org"], **WHY)
        store.redact("ada@example.org", **WHY)
        assert store.verify(provenance=True).problems == ()
        file = store.directory / "journal.sqlite"
    return file.read_bytes()


def changed(sound: bytes, place: Path, *statements: str) -> ProvStore:
    """A store whose tables somebody changed by hand, past the guards."""
    ProvStore.create(place, predictable=WORD).close()
    file = place / "journal.sqlite"
    file.write_bytes(sound)
    with closing(sqlite3.connect(file)) as db:
        triggers = db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert db.execute(statement).rowcount > 0, statement
        for part in schema(2).split("CREATE TRIGGER")[1:]:
            db.executescript("CREATE TRIGGER" + part.partition("END;")[0] + "END;")
        db.commit()
    return provstore.open(place)


_PERSONAL = {
    "the person of an address": "person = (SELECT person FROM personal WHERE position = 3 AND "
    "kind = 'name') WHERE position = 2 AND kind = 'email'",
    "the person of a name": "person = '0' WHERE position = 3 AND kind = 'name'",
    "the person of an IRI": "person = '0' WHERE position = 3 AND kind = 'iri'",
    "the person of a redacted name": "person = '0' WHERE position = 1 AND kind = 'name'",
    "the person of a free text": "person = '0' WHERE position = 2 AND place = '/answers/comment'",
    "the person of a former name": "person = '' WHERE position = 6 AND kind = 'text' "
    "AND place = ''",
    "the person of a reason": "person = '' WHERE position = 6 AND place = '/answers/reason'",
    "the person of a document": "person = '0' WHERE position = 5 AND kind = 'document'",
    "the person of a principal": "person = '0' WHERE position = 2 AND kind = 'principal'",
    "the place of an address": "place = '/answers/agent/name' WHERE position = 2 AND "
    "kind = 'email'",
    "the place of a free text": "place = '' WHERE position = 2 AND place = '/answers/comment'",
    "the place of a former IRI": "place = '' WHERE place = 'sameAs'",
    "the place of a document": "place = '/answers/x' WHERE kind = 'document'",
    "a position": "position = 3 WHERE position = 2 AND kind = 'email'",
    "a reference": "reference = hex(zeroblob(32)) WHERE position = 2 AND kind = 'email'",
    "a salt": "salt = zeroblob(16) WHERE position = 2 AND kind = 'email'",
    "a value": "value = 'Eve' WHERE position = 3 AND kind = 'name'",
    "a kind": "kind = 'principal' WHERE position = 2 AND kind = 'email'",
    "a kind, to none": "kind = 'teyt' WHERE position = 2 AND place = '/answers/comment'",
    "an act": "replaced_by = 6 WHERE position = 3 AND kind = 'name'",
}
CHANGES = {
    **{what: f"UPDATE personal SET {change}" for what, change in _PERSONAL.items()},
    "the key of a person": "UPDATE person SET key = '0' WHERE rowid = "
    "(SELECT min(rowid) FROM person WHERE name LIKE 'centre:%')",
    "the key of somebody with several": f"UPDATE person SET key = '0' WHERE rowid = "
    f"(SELECT max(rowid) FROM person WHERE name = 'orcid:{ORCID[-19:]}')",
    "the identifier of a person": "UPDATE person SET identifier = '0' WHERE name LIKE 'centre:%'",
    "the name of a person": "UPDATE person SET name = 'centre:person/0' WHERE name LIKE 'orcid:%'",
    "a person who is missing": "DELETE FROM person WHERE name LIKE 'centre:%'",
    "a person whom nobody knows": "INSERT INTO person VALUES ('0', '0', 'centre:person/0')",
    "the number of a redacted person": "UPDATE redacted_person SET number = 7",
    "the identifier of a redacted person": "UPDATE redacted_person SET identifier = '0'",
    "the position of an act": "UPDATE replacement SET position = 5 WHERE position = 6",
    "an act that is missing": "DELETE FROM replacement WHERE position = 7",
    "the work of an act": "UPDATE replacement SET work = 'x' WHERE position = 6",
    "the secret": "UPDATE secret SET value = zeroblob(32) WHERE name = 'hashes'",
    "the check of the secret": "UPDATE secret SET value = zeroblob(32) WHERE name = 'check'",
    "the name of the secret": "UPDATE secret SET name = 'x' WHERE name = 'check'",
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_column_that_was_changed_by_hand_is_named(
    what: str, sound: bytes, tmp_path: Path
) -> None:
    with changed(sound, tmp_path / "store", CHANGES[what]) as store:
        assert store.verify().problems


ROWS = [what for what, change in CHANGES.items() if "person SET" in change]
TWINS = ("the number of a redacted person", "the identifier of a redacted person")


@pytest.mark.parametrize("what", sorted({*ROWS} - {*TWINS}))
def test_a_changed_row_of_a_person_is_not_the_fault_of_the_entries_that_name_them(
    what: str, sound: bytes, tmp_path: Path
) -> None:
    with changed(sound, tmp_path / "store", CHANGES[what]) as store:
        assert {problem.where for problem in store.verify().problems} == {"/journal"}


def test_a_value_of_another_person_is_the_fault_of_its_entry_if_others_agree_with_the_table(
    sound: bytes, tmp_path: Path
) -> None:
    """The same person amended in entries 6 and 8."""
    change = "UPDATE personal SET person = '0' WHERE position = 6 AND place LIKE '/answers/agent/%'"
    with changed(sound, tmp_path / "store", change) as store:
        assert {problem.where for problem in store.verify().problems} == {"/journal/6"}


def test_another_secret_that_fits_its_check_is_named(sound: bytes, tmp_path: Path) -> None:
    """Nobody's key is what this secret makes of it."""
    with changed(sound, tmp_path / "store", *OTHER_SECRET) as store:
        assert store.verify().problems


def repaired(store: ProvStore, *sources: Path) -> ProvStore:
    """The same store after a repair that mended all of it."""
    place = store.directory
    store.close()
    assert repair(place, sources).problems == ()
    return provstore.open(place)


def tables(file: Path) -> dict[str, Rows]:
    """All rows of the tables beside the chain."""
    names = ("personal", "person", "redacted_person", "replacement", "secret")
    with closing(sqlite3.connect(file)) as db:
        return {name: sorted(db.execute(f"SELECT * FROM {name}")) for name in names}


def assert_same(after: dict[str, Rows], expected: dict[str, Rows]) -> None:
    """Nothing is lost; at most, more of the names that people had lead to them."""
    people, expected_people = after.pop("person"), expected.pop("person")
    assert after == expected
    assert {*people} >= {*expected_people}
    assert {row[1:] for row in people} == {row[1:] for row in expected_people}


OTHER_SECRET = (
    "UPDATE secret SET value = x'" + "00" * 32 + "' WHERE name = 'hashes'",
    "UPDATE secret SET value = "
    "x'66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925' WHERE name = 'check'",
)
DAMAGE = {**{what: (change,) for what, change in CHANGES.items()}, "another secret": OTHER_SECRET}
ONLY_IN_BACKUPS = {
    "a position", "a reference", "a salt", "a value", "a kind", "a kind, to none",
    "the secret", "the check of the secret", "the name of the secret", "another secret",
}  # fmt: skip
"""What the entries cannot tell."""


@pytest.mark.parametrize("what", DAMAGE)
def test_a_repair_from_a_backup_puts_back_what_was_changed_by_hand(
    what: str, sound: bytes, tmp_path: Path
) -> None:
    """Also what is new since the backup is kept."""
    whole = changed(sound, tmp_path / "whole")
    backup(whole.directory, tmp_path / "backup")
    delivery(whole, person("New Person", "new@example.org"), title="Since the backup")
    whole.amend("new@example.org", name="Newer Person", **WHY)
    whole.close()
    now = (tmp_path / "whole" / "journal.sqlite").read_bytes()
    expected = tables(tmp_path / "whole" / "journal.sqlite")
    with repaired(changed(now, tmp_path / "store", *DAMAGE[what]), tmp_path / "backup") as store:
        assert_same(tables(store.directory / "journal.sqlite"), expected)
        assert store.verify(provenance=True).problems == ()
        assert delivery(store, person("New Person", "new@example.org"))


@pytest.mark.parametrize("what", sorted(CHANGES.keys() - ONLY_IN_BACKUPS))
def test_a_repair_without_a_backup_takes_from_the_entries_what_they_tell(
    what: str, sound: bytes, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.sqlite"
    whole.write_bytes(sound)
    expected = tables(whole)
    with repaired(changed(sound, tmp_path / "store", CHANGES[what])) as store:
        after = tables(store.directory / "journal.sqlite")
        assert_same({**after, "replacement": []}, {**expected, "replacement": []})
        assert store.verify(provenance=True).problems == ()
        delivery(store, ADA)


@pytest.mark.parametrize("what", sorted(ONLY_IN_BACKUPS))
def test_what_only_a_backup_can_mend_stays_named(what: str, sound: bytes, tmp_path: Path) -> None:
    """And the store takes no report: the advice names the way out."""
    store = changed(sound, tmp_path / "store", *DAMAGE[what])
    place = store.directory
    store.close()
    assert repair(place).problems
    with provstore.open(place) as store, pytest.raises(DamagedStore) as refusal:
        delivery(store, ADA)
    assert "repair --from BACKUP" in refusal.value.advice


def test_every_column_of_every_table_beside_the_chain_is_changed() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(schema(2))
        for table in ("personal", "person", "redacted_person", "replacement", "secret"):
            for _, column, *_ in db.execute(f"PRAGMA table_info({table})"):
                assert any(
                    f"UPDATE {table} SET {column} =" in change for change in CHANGES.values()
                ), (table, column)
