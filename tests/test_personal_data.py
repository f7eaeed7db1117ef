"""The tables of personal values: nothing personal is in the chain, and one person is one node."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.ingest.personal_values import PERSON, person_key
from provstore.ingest.statements import canonical
from provstore.prov.notations import provjson
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import sha256_of_text
from provstore.storage.personal_data import RandomSource
from provstore.store import ProvStore
from tests.people import (
    ADA,
    BEN,
    DI,
    ORCID,
    delivery,
    entry_at,
    filled,
    in_chain,
    people,
    person,
    review,
    store_in,
)
from tests.reports import prov_of

SECRET_TEXT = 'Call "Ada" at home:\n\\ +49 30 000000 \U0001f600'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with store_in(tmp_path) as new:
        yield new


def test_nothing_personal_and_no_hash_of_it_is_in_the_chain(store: ProvStore) -> None:
    """Names, addresses, ORCIDs, free texts, whole documents of others, the account."""
    ada = person("Ada Example", "ada@example.org", ORCID)
    ingest = delivery(store, ada, description=SECRET_TEXT)
    review(store, ingest, BEN, SECRET_TEXT)
    store.import_document({
        "prefix": {"ex": "http://example.org/"},
        "agent": {"ex:carla": {"prov:label": "Carla Sample"}},
    })  # fmt: skip
    store.amend("ben@example.org", by=DI, reason=SECRET_TEXT, email="ben@new.example.org")
    store.redact("Carla Sample", by=DI, reason="The person asked for it.")
    texts = [
        "Ada Example", "ada@example.org", ORCID, ORCID.rpartition("/")[2], "Ben Test",
        "ben@example.org", "ben@new.example.org", "Di Manager", "di@example.org", SECRET_TEXT,
        "Carla Sample", entry_at(store, 1).principal,
    ]  # fmt: skip
    assert not [*in_chain(store, texts)]
    assert store.reports(ingest)[1].answers["comment"] == SECRET_TEXT


@pytest.mark.parametrize("orcid", ["", ORCID])
def test_what_is_read_from_the_journal_is_what_was_handed_in(store: ProvStore, orcid: str) -> None:
    """Reports and documents of others, as if nothing had been concealed."""
    ingest = delivery(
        store, person("Ada Example", "ada@example.org", orcid), description=SECRET_TEXT
    )
    review(store, ingest, BEN, SECRET_TEXT)
    first, second = store.reports(ingest)
    iris = store._names.iris
    assert bundle_of(entry_at(store, 1)) == prov_of(first, [], iris)
    assert bundle_of(entry_at(store, 2)) == prov_of(second, [first], iris)
    text = {"prefix": {"ex": "http://example.org/"}, "entity": {"ex:a": {"ex:q": SECRET_TEXT}}}
    store.import_document(text)
    (bundle,) = provjson.load(json.dumps(text).encode()).bundles
    assert bundle_of(entry_at(store, 3)).elements == bundle.elements


def test_the_same_person_in_two_reports_is_one_node(store: ProvStore) -> None:
    ingest = delivery(store, ADA)
    delivery(store, ADA | {"name": "ada  example", "email": "Ada@Example.org"}, title="Other data")
    review(store, ingest, BEN, "Fine.")
    assert len(people(store)) == 2


def test_two_people_with_one_address_are_two_nodes(store: ProvStore) -> None:
    delivery(store, person("Ada Example", "team@example.org"))
    delivery(store, person("Ben Test", "team@example.org"))
    assert len(people(store)) == 2


def test_a_person_with_an_orcid_is_the_node_of_the_orcid(store: ProvStore) -> None:
    delivery(store, person("Ada Example", "ada@example.org", ORCID))
    delivery(store, person("A. Example", "ada@elsewhere.example.org", ORCID))
    assert people(store) == {ORCID}


def test_identifiers_of_people_are_random(tmp_path: Path) -> None:
    """Two stores know the same person by different IRIs, and nobody can compute them."""
    found = []
    for name in ("one", "two"):
        with ProvStore.create(tmp_path / name) as store:
            delivery(store, ADA)
            found.append(people(store))
    assert found[0].isdisjoint(found[1])
    hashes = {row[0] for name in ("one", "two") for row in rows(tmp_path / name, "key")}
    assert len(hashes) == 2


def rows(directory: Path, column: str) -> list[tuple[str]]:
    """A column of the table of people."""
    with sqlite3.connect(directory / "journal.sqlite") as db:
        return db.execute(f"SELECT {column} FROM person").fetchall()


def test_a_predictable_source_gives_the_same_bytes_for_the_same_call() -> None:
    source = RandomSource("example")
    assert source.read(16, "salt", "b", 1) == RandomSource("example").read(16, "salt", "b", 1)
    calls = [source.read(16, *label) for label in (("a", 1), ("a", 2), ("a1",), ("a", "1"))]
    assert len({*calls}) == 4
    assert RandomSource().read(16, "a") != RandomSource().read(16, "a")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE personal SET value = 'x' WHERE kind = 'name'",
        "UPDATE personal SET salt = x'00' WHERE kind = 'name'",
        "UPDATE personal SET position = 9 WHERE kind = 'name'",
        "UPDATE personal SET kind = 'text' WHERE kind = 'name'",
        "DELETE FROM personal WHERE kind = 'name'",
    ],
)
def test_a_value_changes_only_by_a_later_act(store: ProvStore, change: str) -> None:
    delivery(store, ADA)
    with pytest.raises(sqlite3.IntegrityError, match="personal value"):
        store._journal._db.execute(change)


def test_who_was_redacted_is_somebody_new_in_the_next_report(store: ProvStore) -> None:
    first = delivery(store, ADA)
    (before,) = people(store)
    store.redact("ada@example.org", by=DI, reason="The person asked for it.")
    second = delivery(store, ADA, title="Later data")
    reports = [store.reports(name)[0].answers["agent"]["name"] for name in (first, second)]
    assert reports == ["redacted person 1", "Ada Example"]
    own = {element.iri for element in bundle_of(entry_at(store, 3)).elements}
    assert before not in own
    assert store.redact("ada@example.org", by=DI, reason="Again.").people == ("redacted person 2",)


def test_a_key_leads_to_one_person(store: ProvStore) -> None:
    personal = store._journal.personal
    with store._journal.writing():
        known = personal.find_person(person_key("Ada Example", "ada@example.org", ""), "")
        again = personal.find_person(person_key("ADA EXAMPLE", " ada@example.org", ""), "")
    assert known == again
    assert known.name == f"{PERSON}{known.identifier}"


def test_a_form_that_was_sent_before_is_known_by_a_keyed_hash(store: ProvStore) -> None:
    form = filled(store, "generic", ADA)
    first, again = store.submit(form), store.submit(form)
    assert (first.new, again.new, again.ingest) == (True, False, first.ingest)
    fingerprint = entry_at(store, 1).fingerprint
    answers = json.loads(form)["answers"]
    plain = sha256_of_text(canonical(["submission", "generic", "1", answers]))
    assert fingerprint != plain
    assert fingerprint == store._journal.personal.keyed_hash(plain)
