"""What real tools wrote, said in PROV: valid, whole, and one node for each thing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.errors import BadForm, BadInput, Refused
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import next_report
from provstore.ingest.report_bundle import report_of_bundle
from provstore.prov import constraints
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import INGEST
from provstore.prov.notations import prov_o, provjson
from provstore.readers import reader_registry as readers
from provstore.store import ProvStore
from tests.reports import ADA, life, prov_of

BEFORE = {
    "transfer": ["submission", "review"],
    "quality": ["submission", "review", "transfer"],
    "publication": ["submission", "review", "transfer", "quality"],
    "erratum": ["submission", "review", "transfer", "quality", "publication"],
}
SOLR = "publication/solr_dataset_CESM2_tas_historical.json"
TIMES = {"started": "2026-03-20T08:00:00Z", "ended": "2026-03-20T09:00:00Z"}


def told(path: Path) -> readers.Extract | None:
    try:
        return readers.read_extract(path.read_bytes(), path.name)
    except BadInput:
        return None


def bundle_of(found: readers.Extract) -> Bundle:
    """The report that this file makes, whatever else it may lack."""
    earlier = life(*BEFORE[found.step])
    last = life(*BEFORE[found.step], found.step)[-1]
    answers = {**last.answers, **TIMES, **{k: v for k, v in found.answers.items() if k != "ended"}}
    if "tool" in answers:
        answers["tool"] = {"version": "1", **answers["tool"]}
    report = next_report(earlier, "cordex-0001", found.step, found.step, "1", answers)
    bundle = prov_of(report, earlier, IngestIris(), found)
    assert report_of_bundle(bundle) == report
    return bundle


@pytest.fixture(scope="module")
def found(real_inputs: Path) -> list[readers.Extract]:
    """Every real file of a tool."""
    every = [told(path) for path in sorted(real_inputs.rglob("*")) if path.is_file()]
    held = [one for one in every if one and one.step in BEFORE]
    assert len(held) > 15
    return held


def test_what_a_tool_told_is_valid_provenance_and_survives(found: list[readers.Extract]) -> None:
    for one in found:
        bundle = bundle_of(one)
        assert constraints.check(bundle) == ()
        assert provjson.load(provjson.dump(bundle).encode(), limit=1 << 30).bundles == (bundle,)
        graph = prov_o.parse(prov_o.nquads(bundle))[bundle.iri]
        assert prov_o.read(bundle.iri, graph) == bundle


def test_every_finding_is_a_node_with_its_check_and_severity(found: list[readers.Extract]) -> None:
    for one in found:
        nodes = [
            element
            for element in bundle_of(one).elements
            if any(value.text == INGEST + "Finding" for _, value in element.attributes)
        ]
        assert len(nodes) == len(one.findings)
        assert all(node.values(INGEST + "severity") for node in nodes)


def test_the_file_itself_is_named_by_its_checksum(found: list[readers.Extract]) -> None:
    for one in found:
        seals = {
            value.text
            for element in bundle_of(one).elements
            for value in element.values(INGEST + "sha256")
        }
        assert {source.sha256 for source in one.sources} == seals


# --- in a store ----------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    """A delivery of real data whose files wait to be checked."""
    with ProvStore.create(tmp_path / "store", predictable="example") as made:
        for name in ("generic", "review", "transfer"):
            form = made.forms[name]
            answers = form.example()
            if name == "generic":
                answers["dataset"] = "CMIP6.CMIP.NCAR.CESM2.historical.r1i1p1f1.Amon.tas.gn"
                made.submit(json.loads(form.text(answers)))
            else:
                made.report("generic-0001", name, json.loads(form.text(answers)))
        yield made


def test_tools_report_and_the_manager_says_what_they_leave_open(
    store: ProvStore, real_inputs: Path
) -> None:
    ingest = store.ingest("generic-0001")
    ingest.start("quality", ADA, TIMES["started"])
    results = sorted((real_inputs / "quality" / "esgf-qa").glob("*.json"))
    with pytest.raises(BadForm) as caught:
        ingest.finish("quality", *results)
    assert {"/answers/outcome", "/answers/tool/version"} <= {
        problem.where for problem in caught.value.problems
    }
    done = ingest.finish("quality", *results, outcome="warning", tool={"version": "0.6.0"})
    assert "esgf-qa" in done.reader
    assert done.notes
    assert not ingest.report("quality", *results, outcome="warning", **_again(store)).new
    counted = store.sparql(
        "PREFIX i: <https://w3id.org/provstore/ns#> PREFIX prov: <http://www.w3.org/ns/prov#>"
        "SELECT (COUNT(?f) AS ?n) { ?r a i:QualityReport ; prov:hadMember ?f }"
    )
    held = readers.merge_extracts(
        [readers.read_extract(path.read_bytes(), path.name) for path in results]
    )
    assert counted.rows == ((len(held.findings),),)


def _again(store: ProvStore) -> dict[str, object]:
    answers = store.reports("generic-0001")[-1].answers
    return {key: answers[key] for key in ("agent", "started", "ended", "tool")}


def test_a_publication_of_other_data_is_refused(store: ProvStore, real_inputs: Path) -> None:
    form = store.forms["quality"]
    store.report("generic-0001", "quality", json.loads(form.text(form.example())))
    given = {"agent": ADA, "outcome": "ok", **TIMES}
    other = real_inputs / "publication" / "stac_event_cmip7.json"
    with pytest.raises(Refused, match="generic-0001 is about CMIP6"):
        store.report("generic-0001", "publication", other, **given)
    mine = store.report("generic-0001", "publication", real_inputs / SOLR, **given)
    assert mine.reader == "esgf-solr"
    assert store.reports("generic-0001")[-1].answers["version"] == "v20190308"


def test_a_file_of_another_step_is_refused_with_the_right_one(
    store: ProvStore, real_inputs: Path
) -> None:
    with pytest.raises(Refused, match="reports on publication, not on quality"):
        store.report("generic-0001", "quality", real_inputs / SOLR)


def test_checking_a_file_of_a_tool_says_which_reader_would_speak(
    store: ProvStore, real_inputs: Path
) -> None:
    found = store.check(real_inputs / SOLR)
    assert (found.kind, found.reader, found.verdict) == ("report", "esgf-solr", "valid")
