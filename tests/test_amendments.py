"""What is known of a person can change: all answers use the new name, earlier runs stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.errors import BadForm, Refused, UnknownName
from provstore.prov.model.terms import INGEST
from provstore.storage.entry_bundle import bundle_of
from provstore.store import ProvStore
from tests.people import (
    ADA,
    BEN,
    DI,
    ORCID,
    delivery,
    entry_at,
    files_with,
    filled,
    people,
    person,
    review,
    store_in,
)
from tests.reports import person_iri

WHY = {"by": DI, "reason": "They wrote to us."}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with store_in(tmp_path) as new:
        yield new


def agent(store: ProvStore, ingest: str, report: int = 0) -> dict[str, str]:
    """Who made a report, as all answers have it now."""
    answers = dict(store.reports(ingest)[report].answers["agent"])
    del answers["organisation"]
    return answers


def sound(store: ProvStore) -> bool:
    """Whether all entries can be read and are valid, and all hashes fit."""
    return not store.verify(provenance=True).problems


def test_a_new_name_and_address_are_in_all_reports(store: ProvStore) -> None:
    one, two = delivery(store, ADA), delivery(store, BEN)
    review(store, two, ADA, "Fine.")
    chains = [entry.chain for entry in store.entries()]
    store.amend("ada@example.org", name="Ada Sample", email="ada@new.example.org", **WHY)
    expected = {"name": "Ada Sample", "email": "ada@new.example.org"}
    assert agent(store, one) == agent(store, two, 1) == expected
    assert agent(store, two)["name"] == "Ben Test"
    assert [entry.chain for entry in store.entries()][: len(chains)] == chains
    assert sound(store)


def test_reports_under_the_former_and_the_new_name_are_of_one_person(store: ProvStore) -> None:
    delivery(store, ADA)
    store.amend("ada@example.org", name="Ada Sample", email="ada@new.example.org", **WHY)
    before = people(store)
    delivery(store, person("Ada Sample", "ada@new.example.org"), title="Second")
    delivery(store, ADA, title="Third")
    assert people(store) == before


def test_an_orcid_becomes_the_name_and_the_former_one_is_the_same(store: ProvStore) -> None:
    delivery(store, ADA)
    store.amend("ada@example.org", orcid=ORCID, **WHY)
    former = person_iri(store._names.iris, ADA)
    assert ORCID in people(store)
    assert former not in people(store)
    (described,) = [
        element for element in bundle_of(entry_at(store, 2)).elements if element.iri == ORCID
    ]
    same = [value.text for key, value in described.attributes if key.endswith("sameAs")]
    assert same == [former]
    delivery(store, person("A. E.", "x@example.org", ORCID), title="Later")
    assert len(people(store)) == 2
    assert sound(store)


def test_two_people_become_one(store: ProvStore) -> None:
    one, two = delivery(store, ADA), delivery(store, person("A. Example", "a@example.org"))
    store.amend("ada@example.org", same_as=["a@example.org"], **WHY)
    assert len(people(store)) == 2
    assert agent(store, one)["name"] == agent(store, two)["name"] == "Ada Example"
    assert agent(store, two)["email"] == "a@example.org"
    assert sound(store)


def test_a_name_from_before_a_rename_leads_to_whom_two_became(store: ProvStore) -> None:
    delivery(store, ADA)
    delivery(store, BEN)
    store.amend("ben@example.org", name="Ben Sample", email="ben@new.example.org", **WHY)
    store.amend("ada@example.org", same_as=["Ben Sample"], **WHY)
    before = people(store)
    delivery(store, BEN, title="Under the first name")
    assert people(store) == before
    assert sound(store)


def test_an_orcid_that_was_wrong_still_leads_to_the_person(store: ProvStore) -> None:
    wrong = "https://orcid.org/0000-0002-1694-233X"
    delivery(store, person("Ada Example", "ada@example.org", wrong))
    store.amend("ada@example.org", orcid=ORCID, **WHY)
    assert sound(store)
    delivery(store, person("A. E.", "x@example.org", wrong), title="Later")
    assert wrong not in people(store)
    assert sound(store)


def test_somebody_may_amend_their_own_data(store: ProvStore) -> None:
    """The amendment then names one person twice: as who did it, and as whom it is about."""
    ingest = delivery(store, ADA)
    store.amend("ada@example.org", by=ADA, reason="I moved.", email="ada@new.example.org")
    assert agent(store, ingest)["email"] == "ada@new.example.org"
    assert sound(store)
    assert "".join(store.export())


def test_who_amended_somebody_may_turn_out_to_be_the_same_person(store: ProvStore) -> None:
    delivery(store, ADA)
    delivery(store, BEN)
    store.amend("ada@example.org", by=BEN, reason="She wrote.", name="Ada Sample")
    store.amend("ada@example.org", same_as=["ben@example.org"], **WHY)
    assert sound(store)
    assert "".join(store.export())


def test_an_institute_counts_from_now_on(store: ProvStore) -> None:
    ingest = delivery(store, ADA)
    store.amend("ada@example.org", organisation={"name": "New Institute"}, **WHY)
    organisation = store.reports(ingest)[0].answers["agent"]["organisation"]
    assert organisation == ADA["organisation"]
    assert "New Institute" in "".join(store.export())
    assert sound(store)


def test_a_form_that_was_sent_before_is_still_known(store: ProvStore) -> None:
    form = filled(store, "generic", ADA)
    ingest = store.submit(form).ingest
    store.amend("ada@example.org", name="Ada Sample", **WHY)
    again = store.submit(form)
    assert (again.new, again.ingest) == (False, ingest)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, BadForm),
        ({"name": "Ada Example"}, BadForm),
        ({"email": "no address"}, BadForm),
        ({"orcid": "https://orcid.org/0000-0000-0000-0000"}, BadForm),
        ({"same_as": ["nobody@example.org"]}, UnknownName),
        ({"same_as": ["ada@example.org"]}, BadForm),
        ({"name": "Ben Test", "email": "ben@example.org"}, Refused),
    ],
)
def test_what_changes_nothing_or_makes_two_people_alike_is_refused_whole(
    store: ProvStore, changes: dict[str, object], error: type[Exception]
) -> None:
    delivery(store, ADA)
    delivery(store, BEN)
    before = [*store.entries()]
    with pytest.raises(error):
        store.amend("ada@example.org", **WHY, **changes)
    assert [*store.entries()] == before
    assert delivery(store, ADA, title="The same Ada") == "generic-0003"
    assert len(people(store)) == 2


def test_former_names_and_addresses_go_with_the_person(store: ProvStore) -> None:
    """A text or a document may still use them."""
    delivery(store, ADA)
    store.amend(
        person_iri(store._names.iris, ADA),
        name="Ada Sample", email="ada@new.example.org", orcid=ORCID, **WHY,
    )  # fmt: skip
    store.import_document({
        "prefix": {"ex": "http://example.org/"},
        "entity": {"ex:a": {"prov:label": "by Ada Example", "ex:q": "mailto:ada@example.org"}},
    })  # fmt: skip
    ingest = delivery(store, BEN, description="Ask Ada Example <ada@example.org>.")
    store.redact("ada@new.example.org", by=DI, reason="The person asked for it.")
    former = ("Ada Example", "Ada Sample", "ada@example.org", "ada@new.example.org", ORCID[-19:])
    assert not files_with(store.directory, *former)
    text = store.reports(ingest)[0].answers["description"]
    assert text == "Ask redacted person 1 <redacted person 1>."
    assert sound(store)


def test_the_amendment_tells_former_names(store: ProvStore) -> None:
    delivery(store, ADA)
    store.amend("ada@example.org", name="Ada Sample", **WHY)
    facts = {
        (key.removeprefix(INGEST), value.text)
        for element in bundle_of(entry_at(store, 2)).elements
        for key, value in element.attributes
    }
    assert ("formerName", "Ada Example") in facts
