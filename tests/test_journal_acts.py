"""What was done to a journal is said in valid PROV, and can be read back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.journal_acts import (
    AMENDMENT,
    REDACTION,
    Act,
    act_bundle,
    act_bundle_iri,
    redacted_files,
    replaced_values,
    upgrade_bundle,
)
from provstore.projects.ontology import CLASSES, PROPERTIES
from provstore.prov import constraints
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import INGEST, TYPE
from provstore.prov.notations import provjson
from tests.people import DI
from tests.properties import examples

IRIS = IngestIris()
NOW = "2026-03-01T09:00:00.000000Z"
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
REPLACED = st.lists(st.tuples(st.integers(1, 99), HASHES, HASHES))


def bundle_of_act(
    name: str, replaced: list[tuple[int, str, str]], files: list[str], position: int = 7
) -> Bundle:
    """The bundle of an act, as it is written and read again."""
    answers = {"agent": DI, "reason": "Asked for."}
    act = Act(name, position, NOW, answers, IRIS.person("d1"), replaced)
    bundle = act_bundle(act, files, IRIS, lambda *_: None)
    (read,) = provjson.load(provjson.dump(bundle).encode()).bundles
    assert read == bundle
    return read


@examples(30)
@given(st.sampled_from([REDACTION, AMENDMENT]), REPLACED, st.lists(HASHES, unique=True))
def test_an_act_is_read_back(
    name: str, replaced: list[tuple[int, str, str]], files: list[str]
) -> None:
    bundle = bundle_of_act(name, replaced, files)
    assert bundle.iri == act_bundle_iri(name, 7, IRIS)
    assert [*replaced_values(bundle)] == replaced
    assert sorted(redacted_files(bundle)) == sorted(files)
    assert not constraints.check(bundle)


def test_an_act_is_about_who_did_it_and_for_whom() -> None:
    bundle = bundle_of_act(REDACTION, [], [])
    (done_by,) = [each for each in bundle.relations if each.kind == "wasAssociatedWith"]
    assert done_by.arguments[:2] == (IRIS.act(REDACTION, 7), IRIS.person("d1"))
    (report,) = [each for each in bundle.elements if each.values(INGEST + "answers")]
    assert json.loads(report.values(INGEST + "answers")[0].text)["reason"] == "Asked for."


def test_an_upgrade_tells_the_end_of_the_former_journal() -> None:
    bundle = upgrade_bundle(13, NOW, (1, 12, "c" * 64), IRIS)
    facts = {key: value.text for element in bundle.elements for key, value in element.attributes}
    known = [facts[INGEST + name] for name in ("formerFormat", "formerEntries", "formerChain")]
    assert known == ["1", "12", "c" * 64]
    assert not constraints.check(bundle)
    assert not [*replaced_values(bundle)]


@pytest.mark.parametrize(
    "bundle",
    [bundle_of_act(REDACTION, [(1, "a", "b")], ["0" * 64]), bundle_of_act(AMENDMENT, [], []),
     upgrade_bundle(13, NOW, (1, 12, "c" * 64), IRIS)],
    ids=lambda bundle: bundle.iri,
)  # fmt: skip
def test_acts_use_the_ontology_only(bundle: Bundle) -> None:
    for element in bundle.elements:
        for key, value in element.attributes:
            if key.startswith(INGEST):
                assert key.removeprefix(INGEST) in {*PROPERTIES, "answers", "reason"}
            if key == TYPE and value.text.startswith(INGEST):
                assert value.text.removeprefix(INGEST) in CLASSES


@pytest.mark.parametrize("name", [REDACTION, AMENDMENT])
def test_nobody_else_may_take_the_name_of_an_act(name: str) -> None:
    assert IRIS.is_own(act_bundle_iri(name, 7, IRIS))
    assert IRIS.is_own(IRIS.act(name, 7))
    assert not IRIS.is_own(IRIS.base + "action/x")
