"""People are found by whatever others call them, and nobody is taken for somebody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.commands.person_lookup import find_person
from provstore.errors import Refused
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import EMAIL, NAME
from provstore.store import ProvStore
from tests.people import ADA, BEN, DI, ORCID, delivery, person, store_in
from tests.reports import person_iri


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """Ada; Ben with an ORCID; Cleo and Ada's namesake with one address."""
    with store_in(tmp_path_factory.mktemp("people")) as new:
        delivery(new, ADA)
        delivery(new, BEN | {"orcid": ORCID})
        delivery(new, person("Cleo Demo", "team@example.org"))
        delivery(new, person("Ada Example", "team@example.org"))
        yield new


IRIS = IngestIris()
ADA_IRI = person_iri(IRIS, ADA)


@pytest.mark.parametrize(
    "name",
    ["ada@example.org", "ADA@example.ORG", "mailto:ada@example.org", ADA_IRI,
     ADA_IRI.rpartition("/")[2], f"centre:person/{ADA_IRI.rpartition('/')[2]}"],
)  # fmt: skip
def test_a_person_is_found_by_address_and_iri(store: ProvStore, name: str) -> None:
    found = find_person(store._journal, name, IRIS)
    assert found is not None
    assert IRIS.person(found.identifier) == ADA_IRI
    assert (found.all(NAME), found.last(EMAIL)) == (["Ada Example"], "ada@example.org")


@pytest.mark.parametrize("name", [ORCID, ORCID.rpartition("/")[2], f"orcid:{ORCID[-19:]}"])
def test_a_person_is_found_by_orcid(store: ProvStore, name: str) -> None:
    found = find_person(store._journal, name, IRIS)
    assert found is not None
    assert found.last(NAME) == "Ben Test"


@pytest.mark.parametrize("name", ["Ada", "nobody@example.org", "", "%", "redacted", "reported"])
def test_nobody_is_found_by_part_of_a_name(store: ProvStore, name: str) -> None:
    assert find_person(store._journal, name, IRIS) is None


@pytest.mark.parametrize("name", ["Ada Example", "team@example.org"])
def test_a_name_of_several_people_is_refused_and_they_are_listed(
    store: ProvStore, name: str
) -> None:
    """Each is listed with an IRI that finds exactly this one."""
    with pytest.raises(Refused, match="several people") as refusal:
        find_person(store._journal, name, IRIS)
    listed = refusal.value.message.partition(": ")[2].split("; ")
    assert len(listed) == 2
    for iri in (text.split(" ")[0] for text in listed):
        assert find_person(store._journal, iri, IRIS) is not None


def test_who_was_redacted_is_not_found(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        store.redact("ada@example.org", by=DI, reason="The person asked for it.")
        for name in (ADA_IRI, "redacted person 1", "redacted", "ada@example.org"):
            assert find_person(store._journal, name, IRIS) is None
