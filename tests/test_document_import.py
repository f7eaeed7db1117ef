"""Documents of others: whole or not at all, judged first, kept with their faults on request."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import provstore
from provstore.errors import BadDocument, Refused
from provstore.readers.reader_registry import read_extract
from provstore.store import ProvStore

CIRCLE = json.dumps(
    {
        "prefix": {"ex": "http://example.org/"},
        "entity": {"ex:a": {}, "ex:b": {}},
        "wasDerivedFrom": {
            "_:1": {"prov:generatedEntity": "ex:a", "prov:usedEntity": "ex:b"},
            "_:2": {"prov:generatedEntity": "ex:b", "prov:usedEntity": "ex:a"},
        },
    }
).encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with provstore.init(tmp_path / "store") as made:
        yield made


def test_what_is_not_valid_is_refused_with_the_constraint_and_the_way_out(store: ProvStore) -> None:
    with pytest.raises(BadDocument) as caught:
        store.import_document(CIRCLE)
    (problem,) = caught.value.problems
    assert "PROV-CONSTRAINTS 42" in problem.where
    assert "ex:a" in problem.what
    assert problem.mend
    assert "--accept-invalid" in str(caught.value)
    assert store.status().bundles == 0


def test_what_is_kept_all_the_same_has_a_verdict_that_can_be_asked_for(store: ProvStore) -> None:
    taken = store.import_document(CIRCLE, accept_invalid=True)
    assert "PROV-CONSTRAINTS 42" in str(taken)
    assert store.status().bundles == 2
    for answer in (
        store.cypher(
            "MATCH (v:ingest__Verdict)-[:wasDerivedFrom]->(b:Bundle) "
            "RETURN b.uri AS bundle, v.ingest__violates AS violates"
        ),
        store.sparql(
            "SELECT ?bundle ?violates { "
            "?v a ingest:Verdict ; prov:wasDerivedFrom ?bundle ; ingest:violates ?violates }"
        ),
    ):
        assert answer.rows == ((taken.bundles[0].bundle, "42"),)
    again = store.import_document(CIRCLE, accept_invalid=True)
    assert [bundle.new for bundle in again.bundles] == [False]
    assert store.status().bundles == 2


def test_checking_says_the_same_and_writes_nothing(store: ProvStore) -> None:
    found = store.check(CIRCLE)
    assert (found.verdict, len(found.problems)) == ("invalid", 1)
    assert store.status().bundles == 0


def test_a_verdict_on_others_is_valid_itself(store: ProvStore) -> None:
    store.import_document(CIRCLE, accept_invalid=True)
    iri = store.cypher("MATCH (v:ingest__Verdict) RETURN v.uri AS uri").rows[0][0]
    text = "".join(store.export(f"{iri}/bundle", "provjson"))
    with provstore.init(store.directory.parent / "other") as other:
        assert other.import_document(text.encode()).bundles[0].new


def test_two_valid_documents_can_contradict_each_other(store: ProvStore) -> None:
    """Each is taken; held together they are not valid, and `verify` says so when it is asked."""
    for later, earlier in ("ab", "ba"):
        store.import_document(
            json.dumps(
                {
                    "prefix": {"ex": "http://example.org/"},
                    "wasDerivedFrom": {
                        "_:1": {
                            "prov:generatedEntity": f"ex:{later}",
                            "prov:usedEntity": f"ex:{earlier}",
                        }
                    },
                }
            ).encode()
        )
    assert store.verify().problems == ()
    (problem,) = store.verify(provenance=True).problems
    assert "PROV-CONSTRAINTS 42" in problem.where


@pytest.mark.parametrize("name", ["ingest/cordex-0001/review/1", "act/redaction/7"])
def test_only_the_store_speaks_of_its_reports_and_acts(store: ProvStore, name: str) -> None:
    prefix = {"ex": "http://example.org/", "own": f"{store.base}{name}/"}
    bundle = {"own:bundle": {"prefix": prefix, "entity": {"own:report": {}}}}
    with pytest.raises(Refused, match="reserved"):
        store.import_document(json.dumps({"prefix": prefix, "bundle": bundle}).encode())
    claim = {"prefix": prefix, "entity": {"own:report": {"prov:label": "forged"}}}
    with pytest.raises(BadDocument, match="only reports to this store"):
        store.import_document(json.dumps(claim).encode())


def test_a_record_of_the_first_generation_is_imported_with_all_its_values(
    store: ProvStore, real_inputs: Path
) -> None:
    path = real_inputs / "dkrz-forms-records" / "test_testsuite_1234.json"
    extract = read_extract(path.read_bytes(), path.name)
    receipt = store.import_document(path)
    text = "".join(store.export(notation="provjson"))
    missing = [value for _, value in extract.kept if json.dumps(value)[1:-1] not in text]
    assert missing == []
    assert "pwd is dropped" in "\n".join(map(str, receipt.notes))
    assert not store.import_document(path).bundles[0].new
    with pytest.raises(Refused, match="provstore import"):
        store.submit(path)
