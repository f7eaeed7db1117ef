"""Whoever tampers with a personal value is noticed, and `verify` names exactly that entry."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import provstore
from provstore.audit.replacement_check import acts_of, deleted_attachments, replacement_problems
from provstore.storage.journal import Journal
from provstore.storage.journal_tables import schema
from provstore.store import ProvStore
from tests.people import ADA, BEN, DI, delivery, review, store_in

TRIGGERS = ("personal_is_only_replaced", "personal_is_never_removed")
ONE, TWO, ACT = 1, 2, 4
"""Positions: two reports of Ada's ingest, and the redaction of Ada."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The journal of a store with two people of whom one was redacted."""
    with store_in(tmp_path_factory.mktemp("sound")) as store:
        ingest = delivery(store, ADA)
        review(store, ingest, BEN, "Fine.")
        delivery(store, BEN, title="Other data")
        store.redact("ada@example.org", by=DI, reason="The person asked for it.")
        assert not store.verify().problems
        place = store.directory
    return (place / "journal.sqlite").read_bytes()


def tampered(sound: bytes, place: Path, *statements: str) -> ProvStore:
    """A store whose journal somebody changed, who knows how to do it without a trace."""
    ProvStore.create(place, predictable="example").close()
    file = place / "journal.sqlite"
    file.write_bytes(sound)
    with closing(sqlite3.connect(file)) as db:
        for name in TRIGGERS:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert db.execute(statement).rowcount > 0, statement
        for part in schema(2).split("CREATE TRIGGER")[1:]:
            if any(name in part for name in TRIGGERS):
                db.executescript("CREATE TRIGGER" + part.partition("END;")[0] + "END;")
        db.commit()
    return provstore.open(place)


OF_BEN = "position = 2 AND kind = 'email'"
OF_ADA = "position = 1 AND kind = 'name'"
TAMPERING = {
    "a value": (f"UPDATE personal SET value = 'eve@example.org' WHERE {OF_BEN}", TWO),
    "a replaced value": (f"UPDATE personal SET value = 'Eve Other' WHERE {OF_ADA}", ONE),
    "a salt": (f"UPDATE personal SET salt = zeroblob(16) WHERE {OF_BEN}", TWO),
    "the salt of a replaced value": (
        f"UPDATE personal SET salt = zeroblob(16) WHERE {OF_ADA}", ONE,
    ),
    "a row": (f"DELETE FROM personal WHERE {OF_BEN}", TWO),
    "the row of a replaced value": (f"DELETE FROM personal WHERE {OF_ADA}", ONE),
    "a row that is there twice instead of another": (
        "UPDATE personal SET reference = (SELECT reference FROM personal AS other WHERE "
        f"other.position = 2 AND other.kind = 'name') WHERE {OF_BEN}", TWO,
    ),
    "the act that is said to have replaced a value": (
        f"UPDATE personal SET value = 'eve@example.org', replaced_by = {ACT} WHERE {OF_BEN}", TWO,
    ),
    "an act that is none": (
        f"UPDATE personal SET value = 'eve@example.org', replaced_by = 3 WHERE {OF_BEN}", TWO,
    ),
    "a value that is said to be the first one": (
        f"UPDATE personal SET replaced_by = 0 WHERE {OF_ADA}", ONE,
    ),
    "a kind": (f"UPDATE personal SET kind = 'document' WHERE {OF_BEN}", TWO),
    "the principal": (
        "UPDATE personal SET value = 'os:eve' WHERE position = 2 AND kind = 'principal'", TWO,
    ),
    "a person's IRI": (
        "UPDATE personal SET value = 'centre:person/0' WHERE position = 2 AND kind = 'iri'", TWO,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found_and_only_that_entry_is_named(
    what: str, sound: bytes, tmp_path: Path
) -> None:
    statement, position = TAMPERING[what]
    with tampered(sound, tmp_path / "store", statement) as store:
        assert {problem.where for problem in store.verify().problems} == {f"/journal/{position}"}


def test_a_value_that_was_moved_to_another_entry_is_found_in_both(
    sound: bytes, tmp_path: Path
) -> None:
    move = f"UPDATE personal SET position = 3 WHERE {OF_BEN}"
    with tampered(sound, tmp_path / "store", move) as store:
        wheres = {problem.where for problem in store.verify().problems}
    assert wheres == {"/journal/2", "/journal/3"}


def test_acts_are_read_from_the_chain_and_not_from_a_table(sound: bytes, tmp_path: Path) -> None:
    """Whoever removes an act from the table beside the chain hides nothing."""
    statements = ("DELETE FROM replacement", TAMPERING["a replaced value"][0])
    with tampered(sound, tmp_path / "store", *statements) as store:
        assert [problem.where for problem in store.verify().problems] == ["/journal/1"]


def test_without_any_act_nothing_can_be_said_to_be_replaced(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        place = store.directory
    change = "UPDATE personal SET value = 'Eve Other', replaced_by = 9 WHERE kind = 'name'"
    with closing(sqlite3.connect(place / "journal.sqlite")) as db, db:
        db.execute(change)
    with provstore.open(place) as store:
        assert [problem.where for problem in store.verify().problems] == ["/journal/1"]


def test_what_a_document_of_others_says_was_replaced_counts_for_nothing(tmp_path: Path) -> None:
    """Only the store writes acts: a document cannot pass for one, nor take the name of one."""
    claim = {
        "prefix": {"ex": "http://example.org/", "ingest": "https://w3id.org/provstore/ns#"},
        "entity": {"ex:r": {"ingest:replaced": '[[1, "0", "0"]]', "ingest:redactedFile": "0" * 64}},
    }
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        store.import_document(claim)
        assert not store.verify().problems
        bundle = {"a:bundle": {"prefix": {"ex": "http://example.org/"}, "entity": {"ex:a": {}}}}
        prefix = {"a": f"{store.base}act/redaction/4/"}
        act = {"prefix": prefix, "bundle": bundle}
        with pytest.raises(provstore.ProvstoreError, match="reserved"):
            store.import_document(act, accept_invalid=True)
        journal = Journal(store.directory / "journal.sqlite", read_only=True)
        with closing(journal):
            assert not [*replacement_problems(journal, acts_of(journal))]
            assert not deleted_attachments(acts_of(journal))
