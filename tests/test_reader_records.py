"""What records of publication, correction and transfer say, and what in them contradicts itself."""

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provstore.errors import BadInput
from provstore.ingest.extracts import (
    Citation,
    Collection,
    DatasetVersion,
    Erratum,
    File,
    Replica,
    Revision,
)
from provstore.ingest.version_chain import CHANGE, PUBLISH, REMOVE, RESTORE, RETRACT, Event
from provstore.readers.reader_registry import merge_extracts, read_extract
from tests.properties import examples
from tests.tool_files import DATACITE, HANDLE, ISSUE, SHA, tool_file

ITEM = "CMIP6.CMIP.NCAR.CESM2.historical.r1i1p1f1.Amon.tas.gn"


def of(kind: type, things: tuple[Any, ...]) -> list[Any]:
    return [thing for thing in things if isinstance(thing, kind)]


# --- mapfile and search answer -------------------------------------------------------------------


def test_a_mapfile_names_its_version_and_files(real_inputs: Path) -> None:
    found = read_extract(*tool_file("esgf-mapfile", real_inputs))
    (file,) = of(File, found.resources)
    assert file.bytes == 5505592
    assert file.checksum.startswith("sha256:1872faa5910e")
    assert file.dataset.endswith(".psl.gn.v20210114")
    assert found.notes == ()
    assert found.kept == (("line 1", "mod_time=1609786526.0"),)


def test_every_fault_of_a_mapfile_is_said_with_its_line() -> None:
    good = f"{ITEM}#20190308 | /d/tas_Amon_CESM2_historical_r1i1p1f1_gn.nc | 12"
    lines = [
        good,
        good,
        f"{ITEM} | /d/a.nc | 1",
        f"{ITEM}#2019 |  | x | y",
        "nothing at all",
        f"{ITEM}#20190308 | /d/b.nc | 1 | checksum=abc | checksum_type=SHA256",
    ]
    with pytest.raises(BadInput) as caught:
        read_extract("\n".join(lines).encode(), "a.map")
    problems = [(problem.where, problem.what) for problem in caught.value.problems]
    assert {where for where, _ in problems} == {f"line {number}" for number in (2, 3, 4, 5, 6)}
    assert len([where for where, _ in problems if where == "line 4"]) == 4


def test_a_file_of_another_dataset_in_a_mapfile_is_said() -> None:
    line = f"{ITEM}#20190308 | /d/pr_Amon_CESM2_historical_r1i1p1f1_gn_1850-1860.nc | 12"
    found = read_extract(line.encode(), "a.map")
    (note,) = found.notes
    assert note.where == "line 1"
    assert "has variable_id pr, its dataset has tas" in note.what


def test_a_search_answer_names_versions_replicas_and_pids(real_inputs: Path) -> None:
    found = read_extract(*tool_file("esgf-solr", real_inputs))
    (version,), (replica,) = of(DatasetVersion, found.resources), of(Replica, found.resources)
    assert (version.dataset, version.version) == (ITEM, "v20190308")
    assert (version.latest, version.retracted, version.files) == (True, False, 1)
    assert (replica.node, replica.original) == ("esgf.ceda.ac.uk", False)
    assert found.notes == ()
    assert ("/response/docs/0/source_type/1", "BGC") in found.kept


def test_contradictions_of_a_search_answer_are_said(real_inputs: Path) -> None:
    document = json.loads(tool_file("esgf-solr", real_inputs)[0])
    doc = document["response"]["docs"][0]
    doc["version"], doc["master_id"], document["response"]["numFound"] = "20200101", "x", 7
    doc["pid"] = ["hdl:21.14100/8e650f5b-d139-33a9-b0d8-edcb0bfd0988"]
    places = {note.where for note in read_extract(json.dumps(document).encode(), "a").notes}
    start = "/response/docs/0"
    assert places == {
        f"{start}/version",
        f"{start}/master_id",
        f"{start}/pid",
        "/response/numFound",
    }


def test_files_of_a_search_answer() -> None:
    doc = {
        "id": f"{ITEM}.v20190308.tas_Amon_CESM2_historical_r1i1p1f1_gn.nc|esgf.example.org",
        "type": "File",
        "title": "tas_Amon_CESM2_historical_r1i1p1f1_gn.nc",
        "size": 12,
        "dataset_id": f"{ITEM}.v20190308|esgf.example.org",
        "checksum": [SHA.upper()],
        "checksum_type": ["SHA256"],
        "url": ["https://example.org/a.nc|application/netcdf|HTTP"],
        "tracking_id": ["hdl:21.14100/1B37978F-caf6-4e4a-9893-3266a93077a2"],
    }
    found = read_extract(json.dumps({"response": {"numFound": 1, "docs": [doc]}}).encode(), "a")
    assert found.resources == (
        File(
            "tas_Amon_CESM2_historical_r1i1p1f1_gn.nc",
            "",
            f"{ITEM}.v20190308",
            "hdl:21.14100/1b37978f-caf6-4e4a-9893-3266a93077a2",
            f"sha256:{SHA}",
            12,
            "esgf.example.org",
            "https://example.org/a.nc",
        ),
    )
    assert found.notes == ()


# --- STAC and events -----------------------------------------------------------------------------


def test_a_pid_that_is_not_that_of_its_item_is_said(real_inputs: Path) -> None:
    """The public example gives the tracking id of its file as the PID of the dataset."""
    found = read_extract(*tool_file("stac-item", real_inputs))
    (note,) = found.notes
    assert "hdl:21.14100/eecd8a20-295d-4a51-a806-feefea8fba66 is not the PID" in note.what
    (file,) = of(File, found.resources)
    assert (
        file.checksum == "sha256:fc151c37b78dd4534478975bffaf58b70acdd49ee4541de84ebb221be3ce756a"
    )
    assert file.node == "esgf-data.nersc.gov"


def test_a_published_item_is_an_event(real_inputs: Path) -> None:
    found = read_extract(*tool_file("esgf-event", real_inputs))
    (event,) = of(Event, found.resources)
    assert event.kind == PUBLISH
    assert event.time == "2026-08-06T17:22:58.978441Z"
    assert event.nodes == ("crd-esgf-drc.ec.gc.ca",)
    assert any("has no time zone" in note.what for note in found.notes)
    assert found.step == "publication"


def patched(patch: Any, method: str = "PATCH") -> Any:
    payload = {"method": method, "collection_id": "CMIP6", "item_id": f"{ITEM}.v20190308"}
    if patch is not None:
        payload["patch"] = patch
    event = {
        "metadata": {"time": "2026-07-19T08:00:00Z"},
        "data": {"type": "STAC", "payload": payload},
    }
    return read_extract(json.dumps(event).encode(), "event.json")


RETRACTED = {"op": "replace", "path": "/properties/retracted", "value": True}
REPLICA = {"op": "add", "path": "/assets/tas.nc/alternate/b.example.org", "value": {"href": "x"}}


@pytest.mark.parametrize(
    ("patch", "kinds", "step"),
    [
        ([RETRACTED], [RETRACT], "retraction"),
        ({"operations": [RETRACTED]}, [RETRACT], "retraction"),
        ({"properties": {"retracted": True}}, [RETRACT], "retraction"),
        ({"properties": {"retracted": False}}, [RESTORE], "publication"),
        (
            [{"op": "replace", "path": "/properties/latest", "value": False}],
            [CHANGE],
            "publication",
        ),
        ([REPLICA], [CHANGE, PUBLISH], "publication"),
        ([{**RETRACTED, "op": "test"}], [CHANGE], "publication"),
    ],
)
def test_a_patch_in_every_spelling(patch: Any, kinds: list[str], step: str) -> None:
    found = patched(patch)
    assert [event.kind for event in of(Event, found.resources)] == kinds
    assert found.step == step
    assert found.kept


def test_a_deleted_item_is_a_removal() -> None:
    (event,) = of(Event, patched(None, "DELETE").resources)
    assert event.kind == REMOVE


def test_a_patch_of_nothing_that_is_known_is_refused_with_its_faults() -> None:
    with pytest.raises(BadInput) as caught:
        patched([{"op": "retract", "path": 7}])
    places = {problem.where for problem in caught.value.problems}
    assert places == {f"/data/payload/patch/0/{key}" for key in ("op", "path")}


# --- PIDs, errata, citations ---------------------------------------------------------------------


def test_a_handle_record_of_a_dataset() -> None:
    found = read_extract(json.dumps(HANDLE).encode(), "handle.json")
    (version,) = of(DatasetVersion, found.resources)
    assert (version.dataset, version.version) == (ITEM, "v20190308")
    nodes = [(resource.node, resource.original) for resource in of(Replica, found.resources)]
    assert nodes == [
        ("esgf.example.org", True),
        ("esgf2.example.org", False),
        ("esgf3.example.org", False),
    ]
    parts, parent = of(Collection, found.resources)
    assert parts.members == ("hdl:21.14100/1b37978f-caf6-4e4a-9893-3266a93077a2",)
    assert parent.identifier == "10.22033/esgf/cmip6.2185"
    assert found.notes == ()
    other = {**HANDLE, "handle": "21.14100/00000000-d139-33a9-b0d8-edcb0bfd0987"}
    (note,) = read_extract(json.dumps(other).encode(), "handle.json").notes
    assert "is not the PID of" in note.what


def test_a_handle_that_was_not_found_is_refused() -> None:
    with pytest.raises(BadInput, match="there is no such handle"):
        read_extract(b'{"responseCode": 100, "handle": "21.14100/x", "values": []}', "handle.json")


def test_the_versions_of_a_chain_revise_each_other(real_inputs: Path) -> None:
    found = read_extract(*tool_file("version-chain", real_inputs))
    dates = ["v20180314", "v20180802", "v20181022", "v20181123"]
    assert [
        (resource.previous, resource.version) for resource in of(Revision, found.resources)
    ] == [*pairwise(dates)]
    pids = {
        resource.version: resource.pid
        for resource in of(DatasetVersion, found.resources)
        if resource.pid
    }
    assert sorted(pids) == ["v20181022", "v20181123"]
    assert [resource.affected[0][-9:] for resource in of(Erratum, found.resources)] == [
        "v20180802",
        "v20181022",
    ]
    assert found.notes == ()


def test_an_issue_names_its_versions() -> None:
    found = read_extract(json.dumps(ISSUE).encode(), "issue.json")
    (erratum,) = of(Erratum, found.resources)
    assert erratum.affected == (
        "CMIP6.CMIP.IPSL.IPSL-CM6A-LR.piControl.r1i1p1f1.3hr.pr.gr.v20180802",
    )
    assert [one["version"] for one in found.answers["affected"]] == ["v20180802"]
    two = {**ISSUE, "datasets": [*ISSUE["datasets"], f"{ITEM}#20190308"]}
    more = read_extract(json.dumps(two).encode(), "issue.json")
    assert [one["version"] for one in more.answers["affected"]] == ["v20180802", "v20190308"]
    assert len(of(Erratum, more.resources)[0].affected) == 2
    moderated = {"uid": ISSUE["uid"], "moderationStatus": "accepted"}
    (erratum,) = read_extract(json.dumps(moderated).encode(), "x").resources
    assert erratum == Erratum(str(ISSUE["uid"]), moderation="accepted")


VALUES = [None, 1, "", "x", [], ["a"], ["a", "a"], "low", "cmip6", "new", ["a.png"], ["a.exe"], {}]


@given(seed=st.integers(0, 2**32), times=st.integers(0, 3))
@examples(300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_issue_is_taken_if_one_of_the_four_schemas_takes_it(
    real_inputs: Path, seed: int, times: int
) -> None:
    """The judge is the errata service's own schemas."""
    words = ("create", "update", "propose", "moderate")
    paths = [real_inputs / f"errata/schema_publication_{word}.json" for word in words]
    schemas = [
        {**json.loads(path.read_bytes()), "$schema": "http://json-schema.org/draft-07/schema#"}
        for path in paths
    ]
    dice = random.Random(seed)
    issue: dict[str, Any] = {**ISSUE}
    for _ in range(times):
        key = dice.choice([*issue, "moderationStatus", "userEmail", "more"])
        if key in issue and dice.random() < 0.3:
            del issue[key]
        else:
            issue[key] = dice.choice(VALUES)
    for schema in schemas:  # the client takes the datasets from a file beside the issue
        schema["required"] = [key for key in schema["required"] if key != "datasets"]
    valid = any(jsonschema.Draft7Validator(schema).is_valid(issue) for schema in schemas)
    try:
        read_extract(json.dumps(issue).encode(), "issue.json")
    except BadInput:
        taken = False
    else:
        taken = True
    assert taken == valid


def test_datacite_metadata_say_what_is_related(real_inputs: Path) -> None:
    for document in (DATACITE, DATACITE["data"]["attributes"]):
        cited, collection = read_extract(json.dumps(document).encode(), "doi.json").resources
        assert isinstance(cited, Citation)
        assert (cited.doi, cited.year, cited.licence) == ("10.5072/example-1", "2026", "CC BY 4.0")
        assert ("IsNewVersionOf", "10.5072/example-0") in cited.related
        assert isinstance(collection, Collection)
        assert collection.members == ("hdl:21.14100/8e650f5b-d139-33a9-b0d8-edcb0bfd0987",)
    listed = read_extract(*tool_file("cmip6-citations", real_inputs)).resources
    assert Citation in map(type, listed)
    assert of(Collection, listed)[0].members == ("CMIP6.RFMIP.IPSL.4AOP-v1-5",)


# --- dialects of this year -----------------------------------------------------------------------


def handle(aggregation: str, **values: Any) -> Any:
    rows = {"URL": "https://handle.example.org/landing", "AGGREGATION_LEVEL": aggregation, **values}
    document = {
        "responseCode": 1,
        "handle": HANDLE["handle"],
        "values": [
            {"index": index, "type": key, "data": value if index % 2 else {"value": value}}
            for index, (key, value) in enumerate(rows.items())
        ],
    }
    return read_extract(json.dumps(document).encode(), "handle.json")


def test_lists_and_objects_of_a_handle_record_are_json_within_text() -> None:
    parts = [f"hdl:21.14100/{number}b37978f-caf6-4e4a-9893-3266a93077a2" for number in (1, 2)]
    read = handle(
        "DATASET",
        DATASET_ID=ITEM,
        DATASET_VERSION="v20190308",
        PREVIOUS_VERSION="v20190301",
        HAS_PARTS=json.dumps(parts),
        HOSTING_NODE=json.dumps({"host": "esgf1.example.org", "published_on": None}),
        REPLICA_NODES=json.dumps([{"host": "esgf2.example.org"}, {"host": "unknown"}]),
        NEW_KEY="x",
    )
    (collection,) = of(Collection, read.resources)
    assert collection.members == tuple(parts)
    assert [(each.node, each.original) for each in of(Replica, read.resources)] == [
        ("esgf1.example.org", True),
        ("esgf2.example.org", False),
    ]
    assert [each.previous for each in of(Revision, read.resources)] == ["v20190301"]
    notes = "\n".join(map(str, read.notes))
    assert "REPLICA_NODES names no data node, or not all" in notes
    assert "The key NEW_KEY is kept but not interpreted" in notes


def test_the_landing_page_of_a_handle_is_not_its_file() -> None:
    urls = {"DOWNLOAD_URL": "https://a.example.org/x.nc"}
    urls["REPLICA_DOWNLOAD_URLS"] = '["https://b.example.org/x.nc"]'
    read = handle("FILE", FILE_NAME="x.nc", CHECKSUM=SHA, CHECKSUM_METHOD="sha2-256", **urls)
    assert [(file.node, file.url) for file in of(File, read.resources)] == [
        ("a.example.org", "https://a.example.org/x.nc"),
        ("b.example.org", "https://b.example.org/x.nc"),
    ]
    assert {file.checksum for file in of(File, read.resources)} == {f"sha256:{SHA}"}
    bare = handle("FILE", FILE_NAME="x.nc")
    assert [file.url for file in of(File, bare.resources)] == [""]
    assert "its URL is a page about it" in str(bare.notes)


@pytest.mark.parametrize(
    "dataset",
    [
        "CMIP6.CMIP.IPSL.IPSL-CM6A-LR.1pctCO2.r1i1p1f1.Amon.tas.gr",
        "MIP-DRS7.CMIP7.CMIP.IPSL.EXESM-1-0.historical.r1i1p1f1.glb.mon.tas.tavg-h2m-hxy-u.g1",
    ],
)
def test_a_mapfile_may_join_the_version_with_a_dot(dataset: str) -> None:
    line = f"{dataset}.v20250730 | /data/x.nc | 86 | mod_time=1.5 | checksum=1220{SHA}\n"
    read = read_extract(line.encode(), "x.map")
    (version,) = of(DatasetVersion, read.resources)
    assert (version.dataset, version.version, version.bytes) == (dataset, "v20250730", 86)
    assert [file.checksum for file in of(File, read.resources)] == [f"sha256:{SHA}"]


def test_datacite_lists_nulls_and_drafts_are_read() -> None:
    attributes = DATACITE["data"]["attributes"]
    nulls = dict.fromkeys(attributes, None) | {"doi": "10.5072/draft", "state": "draft"}
    records = {"data": [{"attributes": attributes}, {"attributes": nulls}], "meta": {"total": 3}}
    read = read_extract(json.dumps(records).encode(), "list.json")
    assert [each.doi for each in of(Citation, read.resources)] == [
        "10.5072/example-1",
        "10.5072/draft",
    ]
    notes = "\n".join(map(str, read.notes))
    for words in ("it has 2 of 3 records", "The record is draft", "The record has no creators"):
        assert words in notes


def test_the_datasets_of_an_issue_may_stand_in_a_file_beside_it() -> None:
    bare = {key: value for key, value in ISSUE.items() if key != "datasets"}
    issue = read_extract(json.dumps(bare).encode(), "issue.json")
    assert "Submit that file together with the issue" in str(issue.notes)
    listed = read_extract(f"{ISSUE['datasets'][0]}\n".encode(), "dsets.txt")
    merged = merge_extracts([issue, listed])
    (erratum,) = of(Erratum, merged.resources)
    assert erratum.affected == (ISSUE["datasets"][0].replace("#", ".v"),)
    assert [row["version"] for row in merged.answers["affected"]] == ["v20180802"]
