"""Finding what a redaction has to replace; and copies of a store, from which nothing comes back."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

import provstore
from provstore.audit.backup import backup, restore
from provstore.audit.redaction_search import RedactionWish, plan_redaction
from provstore.audit.repair import repair
from provstore.audit.verification import verify_store
from provstore.errors import Refused, UnknownName
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import person_key
from provstore.prov.model.bundle import Bundle, Element, Value
from provstore.prov.model.terms import INGEST
from provstore.prov.notations import provjson
from provstore.storage.attachments import mentions
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.storage.journal_tables import schema
from provstore.store import ProvStore
from tests.people import (
    ADA,
    BEN,
    DI,
    ORCID,
    delivery,
    entry_at,
    files_with,
    person,
    review,
    store_in,
)

IRIS = IngestIris()
WHY = {"by": DI, "reason": "The person asked for it."}
FILE = b"Agreement with Ada Example"
CHECKSUM = sha256(FILE).hexdigest()
TRACES = ("Ada Example", "ada@example.org")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with store_in(tmp_path) as new:
        ingest = delivery(new, ADA)
        review(new, ingest, BEN, "Ada Example knows more.")
        delivery(new, person("Cleo Demo", "team@example.org", ORCID))
        new.keep_attachments([FILE, "Über Ada Example".encode("utf-16-le"), b"nothing"])
        yield new


def test_a_plan_changes_nothing_and_names_all(store: ProvStore) -> None:
    before = [*store.entries()]
    plan = plan_redaction(store._journal, RedactionWish(("ada@example.org",)), IRIS)
    assert [*store.entries()] == before
    assert {(one.position, one.text) for one in plan.replaced} >= {
        (1, "redacted person 1"), (1, "redacted"), (2, "redacted person 1 knows more."),
    }  # fmt: skip
    assert plan.ingests == ("generic-0001",)
    assert len(plan.mentions) == 2


@pytest.mark.parametrize(
    "wish",
    [RedactionWish(("Nobody Else",)), RedactionWish(("os:nobody-else",)),
     RedactionWish(answers=("generic-0001/review/1",)),
     RedactionWish(answers=("generic-0009/review/1/comment",)),
     RedactionWish(answers=("generic-0001/review/x/comment",)),
     RedactionWish(attachments=("../journal.sqlite",))],
    ids=repr,
)  # fmt: skip
def test_what_is_not_there_is_refused_by_name(store: ProvStore, wish: RedactionWish) -> None:
    with pytest.raises(UnknownName):
        plan_redaction(store._journal, wish, IRIS)


def test_a_name_that_is_only_in_documents_of_others_is_found(store: ProvStore) -> None:
    store.import_document({
        "prefix": {"ex": "http://example.org/"},
        "entity": {"ex:a": {"prov:label": "by Dora Import"}},
    })  # fmt: skip
    plan = plan_redaction(store._journal, RedactionWish(("Dora Import",)), IRIS)
    assert [one.position for one in plan.replaced] == [4]


def test_creators_of_whom_only_the_name_is_known_go_too(store: ProvStore) -> None:
    """They are no namesakes: nothing else tells who they are. Their key goes as well."""
    journal = store._journal
    bundle = "http://example.org/b"
    with journal.writing():
        of_file = journal.personal.find_person(person_key("Example, Ada", "", ""), "")
        concealer = journal.personal.concealer(bundle)
        creator = concealer.conceal("Example, Ada", "name", of_file.identifier)
        element = Element(bundle, ("entity",), ((INGEST + "creator", Value(creator)),))
        content = provjson.dump(Bundle(bundle, (element,)))
        journal.append(bundle, "f", "", content, concealer)
    receipt = store.redact("ada@example.org", **WHY)
    assert receipt.notes == ()
    (element,) = bundle_of(entry_at(store, 4)).elements
    assert element.attributes[0][1].text == "redacted person 1"
    assert journal.personal.holder(person_key("Example, Ada", "", "")) is None


@pytest.mark.parametrize(
    ("content", "term", "found"),
    [
        (b"by Ada Example.", "Ada Example", True),
        ("\u00d6STEN \u00dcNAL".encode(), "Östen Ünal", True),
        (b'{"n": "\\u00d6sten \\u00dcnal"}', "Östen Ünal", True),
        ("Östen Ünal".encode("utf-16-le"), "Östen Ünal", True),
        (b"\xff\xfe\x00 ada@example.org \xff", "ADA@example.org", True),
        (b"Ada", "Ada Example", False),
        (b"", "Ada Example", False),
    ],
)
def test_a_term_is_found_in_a_file(content: bytes, term: str, found: bool) -> None:
    assert mentions(content, [term]) is found


# ------------------------------------------------------------------------------------- copies


def test_a_backup_forgets_with_the_next_backup(store: ProvStore, tmp_path: Path) -> None:
    """Names, attachments, people; also in an entry that is new since the backup before."""
    backup(store.directory, tmp_path / "backup")
    assert files_with(tmp_path / "backup", *TRACES)
    delivery(store, ADA, title="Since then")
    store.redact("ada@example.org", **WHY, attachments=store.redact(
        "ada@example.org", **WHY, dry_run=True).mentions)  # fmt: skip
    delivery(store, BEN, title="Later")
    backup(store.directory, tmp_path / "backup")
    assert not files_with(tmp_path / "backup", *TRACES)
    assert not files_with(store.directory, *TRACES)
    with closing(Journal(tmp_path / "backup" / "journal.sqlite", read_only=True)) as copied:
        assert [*copied.after(0)] == [*store._journal.after(0)]
        assert verify_store(copied).problems == ()
    restore(tmp_path / "backup", tmp_path / "restored")
    with provstore.open(tmp_path / "restored") as restored:
        assert restored.verify(provenance=True).problems == ()
        assert delivery(restored, BEN, title="New") not in store.ingests()


def test_a_person_is_the_same_in_a_restored_store(store: ProvStore, tmp_path: Path) -> None:
    backup(store.directory, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "restored")
    with provstore.open(tmp_path / "restored") as restored:
        restored.amend("ada@example.org", **WHY, name="Ada Sample")
        assert restored.reports("generic-0001")[0].answers["agent"]["name"] == "Ada Sample"


DAMAGE = {
    "a row": "DELETE FROM personal WHERE position = 1 AND kind = 'name'",
    "a value": "UPDATE personal SET value = 'Eve Other' WHERE position = 1 AND kind = 'name'",
    "a salt": "UPDATE personal SET salt = zeroblob(16) WHERE position = 1 AND kind = 'email'",
    "all of an entry": "DELETE FROM personal WHERE position = 1",
    "the row of an entry": "DELETE FROM entry WHERE position = 1",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_repair_never_brings_back_what_was_redacted(
    store: ProvStore, tmp_path: Path, damage: str
) -> None:
    """An old backup has the former values, and they even fit; a new one has the present ones."""
    backup(store.directory, tmp_path / "old")
    store.redact("ada@example.org", **WHY)
    backup(store.directory, tmp_path / "new")
    place = store.directory
    store.close()
    with closing(sqlite3.connect(place / "journal.sqlite")) as db:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in db.execute(query).fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(DAMAGE[damage])
        for part in schema(2).split("CREATE TRIGGER")[1:]:
            db.executescript("CREATE TRIGGER" + part.partition("END;")[0] + "END;")
    shutil.copytree(place, tmp_path / "copy")
    repair(place, [tmp_path / "old"])
    shutil.rmtree(place / "attachments")
    assert not files_with(place, *TRACES)
    for sources in ([tmp_path / "old", tmp_path / "new"], [tmp_path / "new", tmp_path / "old"]):
        target = shutil.copytree(tmp_path / "copy", tmp_path / f"by-{sources[0].name}")
        assert repair(target, sources).problems == ()
        shutil.rmtree(target / "attachments")
        assert not files_with(target, *TRACES)
        with provstore.open(target) as mended:
            assert mended.reports("generic-0001")[0].answers["agent"]["name"] == "redacted person 1"
            assert delivery(mended, BEN, title="New")


def test_a_deleted_attachment_does_not_come_back_from_a_backup(
    store: ProvStore, tmp_path: Path
) -> None:
    backup(store.directory, tmp_path / "old")
    store.redact("ada@example.org", **WHY, attachments=[CHECKSUM])
    (store.directory / "attachments.sha256").write_bytes(
        (store.directory / "attachments.sha256").read_bytes()
        + f"{CHECKSUM}  attachments/{CHECKSUM}\n".encode()
    )
    place = store.directory
    store.close()
    repair(place, [tmp_path / "old"])
    assert not (place / "attachments" / CHECKSUM).exists()


def test_everything_that_is_redacted_already_is_refused(store: ProvStore) -> None:
    store.redact(answers=["generic-0001/review/1/comment"], **WHY)
    with pytest.raises(Refused, match="already"):
        store.redact(answers=["generic-0001/review/1/comment"], **WHY)
