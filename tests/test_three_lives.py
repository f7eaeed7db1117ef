"""Three real deliveries from their request to their correction, with the files that tools wrote."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from provstore.ingest.extracts import DatasetVersion
from provstore.readers import reader_registry as readers
from provstore.store import ProvStore
from tests.reports import ADA

MAPFILE = (
    "publication/CMIP6.DCPP.MRI.MRI-ESM2-0.dcppA-hindcast.s2017-r1i1p1f1.Amon.psl.gn.v20210114.map"
)
EVENT = "publication/stac_event_cmip7.json"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with ProvStore.create(tmp_path / "store", predictable="example") as made:
        yield made


def hour(number: int) -> dict[str, str]:
    day = f"2026-04-{number:02}"
    return {"started": f"{day}T08:00:00Z", "ended": f"{day}T09:00:00Z"}


def form(store: ProvStore, name: str, number: int, **answers: Any) -> Mapping[str, Any]:
    example = store.forms[name].example()
    kept = {key: value for key, value in example.items() if key in _required(store, name)}
    return json.loads(store.forms[name].text({**kept, **hour(number), "agent": ADA, **answers}))


def _required(store: ProvStore, name: str) -> set[str]:
    return {field.name for field in store.forms[name].fields if field.required}


def named(path: Path) -> DatasetVersion:
    things = readers.read_extract(path.read_bytes(), path.name).resources
    return next(item for item in things if isinstance(item, DatasetVersion))


def until_publication(store: ProvStore, dataset: str) -> str:
    """Submitted, reviewed, arrived and found good; gives the name of the ingest."""
    ingest = store.submit(form(store, "generic", 1, dataset=dataset)).ingest
    for number, step in enumerate(("review", "transfer", "quality"), 2):
        store.report(ingest, step, form(store, step, number, outcome="ok"))
    return ingest


def test_a_mapfile_becomes_a_version_that_an_erratum_and_a_new_version_follow(
    store: ProvStore, real_inputs: Path, tmp_path: Path
) -> None:
    """On the command line, as a data manager would."""
    version = named(real_inputs / MAPFILE)
    ingest = until_publication(store, version.dataset)
    store.close()
    (tmp_path / "ada.json").write_text(json.dumps(ADA))

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "provstore", *words, "--store", str(tmp_path / "store")]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def answers(number: int, **more: str) -> list[str]:
        given = {"outcome": "ok", "data_node": "esgf.example.org", **hour(number), **more}
        return [word for key, value in given.items() for word in ("--answer", f"{key}={value}")]

    mapfile = str(real_inputs / MAPFILE)
    said = run("report", ingest, "publication", mapfile, "--by", "ada.json", *answers(6))
    assert "read as esgf-mapfile" in said
    erratum = form(
        store,
        "erratum",
        7,
        outcome="action-required",
        affected=[{"dataset": version.dataset, "version": version.version}],
    )
    (tmp_path / "erratum.json").write_text(json.dumps(erratum))
    assert "Next step: revision" in run("report", ingest, "erratum", "erratum.json")
    later = form(store, "revision", 8, corrects="publication/1", outcome="ok")
    (tmp_path / "revision.json").write_text(json.dumps(later))
    run("report", ingest, "revision", "revision.json")
    for number, step in enumerate(("review", "transfer", "quality"), 9):
        (tmp_path / "next.json").write_text(json.dumps(form(store, step, number, outcome="ok")))
        run("report", ingest, step, "next.json")
    again = form(store, "publication", 12, version="v20260412", outcome="ok")
    (tmp_path / "again.json").write_text(json.dumps(again))
    run("report", ingest, "publication", "again.json")
    rows = json.loads(run("history", ingest, "--json"))
    assert [row["step"] for row in rows].count("publication") == 2
    asked = ["ask", "versions-of-a-dataset", "--dataset", version.dataset, "--in", "both"]
    versions = json.loads(run(*asked, "--json"))
    assert {row["version"].rpartition(".")[2] for row in versions} == {"v20210114", "v20260412"}
    assert run("verify", "--provenance").startswith("All")


def test_an_event_becomes_a_version_with_its_handle_replica_and_files(
    store: ProvStore, real_inputs: Path
) -> None:
    version = named(real_inputs / EVENT)
    ingest = store.ingest(until_publication(store, version.dataset))
    ingest.start("publication", ADA, hour(6)["started"])
    done = ingest.finish("publication", real_inputs / EVENT, outcome="ok", ended=hour(6)["ended"])
    assert done.reader == "esgf-event"
    told = readers.read_extract((real_inputs / EVENT).read_bytes(), "event")
    answers = store.reports(ingest.name)[-1].answers
    assert {key: answers[key] for key in told.answers} == dict(told.answers)
    held = store.cypher(
        "MATCH (v:Resource {uri: $v})-[:hadMember]->(f:ingest__File) RETURN count(f)",
        {"v": store.iri(f"{version.dataset}.{version.version}")},
    )
    assert (
        held.rows[0][0] == sum(type(resource).__name__ == "File" for resource in told.resources) > 0
    )
    reached = store.lineage(told.answers["pid"])
    assert any("transfer/1/copy" in str(row) for row in reached.rows)


def test_a_second_run_of_a_tool_judges_what_was_corrected(
    store: ProvStore, real_inputs: Path
) -> None:
    results = sorted((real_inputs / "quality" / "esgf-qa").glob("*.json"))
    whole = [
        path for path in results if path.name.startswith("qa_result") and "clus" not in path.name
    ]
    ingest = store.ingest(
        store.submit(form(store, "generic", 1, dataset="cmip5.output1.ESGF-PWT-TEST")).ingest
    )
    for number, step in enumerate(("review", "transfer"), 2):
        ingest.report(step, form(store, step, number, outcome="ok"))
    tool = {"version": "0.6.0"}
    first = ingest.report(
        "quality", *whole, agent=ADA, outcome="action-required", tool=tool, **hour(4)
    )
    assert (first.run, first.next) == (1, "revision")
    ingest.report("revision", form(store, "revision", 5, corrects="quality/1", outcome="ok"))
    for number, step in enumerate(("review", "transfer"), 6):
        ingest.report(step, form(store, step, number, outcome="ok"))
    second = ingest.report(
        "quality", form(store, "quality", 8, outcome="ok", tool={"name": "esgf-qa", **tool})
    )
    assert (second.run, second.status) == (2, "open")
    runs = {
        name: store._names.iris.report(ingest.name, "quality", number)
        for name, number in (("first", 1), ("second", 2))
    }
    rows = store.ask("compare-two-runs", runs, language="both").records()
    found = readers.read_extract(whole[0].read_bytes(), whole[0].name).findings
    assert {row["found_in"] for row in rows} == {"first"}
    assert 10 < len(rows) <= sum(one.result != "passed" for one in found)
