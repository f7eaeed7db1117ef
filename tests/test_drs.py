"""Dataset ids, file names and PIDs of the projects agree, or what contradicts is said."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import Problem
from provstore.projects import drs

FACETS = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9\-]{0,8}[A-Za-z0-9])?", fullmatch=True)
NODE = "esgf.example.org"


@st.composite
def dataset_ids(draw: st.DrawFn) -> drs.DatasetId:
    """A dataset id of any project, built from its template."""
    project = draw(st.sampled_from(list(drs.PROJECTS.values())))
    template = draw(st.sampled_from(project.datasets))
    facets = {name: draw(FACETS) for name in template}
    facets |= dict(zip(template, project.start.rstrip(".").split("."), strict=False))
    if draw(st.booleans()) or "version" in template:
        facets["version"] = "v" + draw(st.dates()).isoformat().replace("-", "")
    return drs.DatasetId(project.name, template, facets)


@given(dataset_ids())
def test_what_is_built_is_parsed_and_what_is_parsed_is_built(dataset: drs.DatasetId) -> None:
    text = drs.build_dataset_id(dataset)
    found = drs.parse_dataset_id(text)
    assert found == dataset
    assert drs.build_dataset_id(found) == text


@given(dataset_ids())
def test_every_spelling_of_a_dataset_version_is_one(dataset: drs.DatasetId) -> None:
    if dataset.version and "version" not in dataset.template:
        for mark in (".v", "#v", "#"):
            assert drs.parse_dataset_id(dataset.dataset + mark + dataset.version[1:]) == dataset


@given(dataset_ids(), st.sampled_from(["", "1850", "185001-186912", "19500101-19501231-clim"]))
def test_a_file_that_is_built_from_a_dataset_does_not_contradict_it(
    dataset: drs.DatasetId, span: str
) -> None:
    project = drs.PROJECTS[dataset.project]
    name = drs.build_file_name(dataset, span, "tas" if "variable" in project.file else "")
    if "variable" in dataset.facets:
        name = drs.build_file_name(dataset, span)
    assert [*drs.check_file_path(dataset, name)] == []
    for directory in project.directories:
        parts = [drs._written(facet, {"variable": "tas", **dataset.facets}) for facet in directory]
        if all(parts):
            assert [*drs.check_file_path(dataset, "/".join(["/data", *parts, name]))] == []


@given(dataset_ids(), st.data())
def test_a_file_of_another_dataset_is_said(dataset: drs.DatasetId, data: st.DataObject) -> None:
    names = [name for name in drs.PROJECTS[dataset.project].file if name in dataset.facets]
    facet = data.draw(st.sampled_from(names))
    other = {**dataset.facets, facet: dataset.facets[facet] + "x"}
    file = drs.build_file_name(drs.DatasetId(dataset.project, dataset.template, other), "", "tas")
    problems = [*drs.check_file_path(dataset, file, "/file")]
    assert problems
    assert problems[0].where == "/file"


REAL_PIDS = [
    # what real publications say; the last one is that of the CORDEX-CMIP6 sample of piddiplatsch
    ("publication/stac_event_cmip6.json", "cmip6:pid", ""),
    ("publication/stac_event_cmip7.json", "cmip7:pid", "crd-esgf-drc.ec.gc.ca"),
]


@pytest.mark.parametrize(("file", "key", "node"), REAL_PIDS)
def test_real_pids_are_made_by_the_rules(real_inputs: Path, file: str, key: str, node: str) -> None:
    item = json.loads((real_inputs / file).read_bytes())["data"]["payload"]["item"]
    dataset = drs.parse_dataset_id(item["id"])
    assert isinstance(dataset, drs.DatasetId)
    assert drs.dataset_pid(dataset, node) == item["properties"][key]
    assert [*drs.check_pid(item["properties"][key], dataset, node)] == []


def test_all_pids_of_a_real_version_chain_are_made_by_the_rules(real_inputs: Path) -> None:
    document = json.loads((real_inputs / "errata/pid_version_chain_response.json").read_bytes())
    for pid, chain, _ in document["errata"]:
        here = next(row for row in chain if row[3] == 0)
        dataset = drs.parse_dataset_id(f"{here[1]}#{here[2]}")
        assert isinstance(dataset, drs.DatasetId)
        assert drs.dataset_pid(dataset) == f"hdl:{pid}"


def test_a_pid_of_another_version_is_said() -> None:
    old = drs.parse_dataset_id("CMIP6.CMIP.NCAR.CESM2.historical.r1i1p1f1.Amon.tas.gn.v20190308")
    new = drs.parse_dataset_id("CMIP6.CMIP.NCAR.CESM2.historical.r1i1p1f1.Amon.tas.gn#20190401")
    assert isinstance(old, drs.DatasetId)
    assert isinstance(new, drs.DatasetId)
    pid = drs.dataset_pid(old)
    assert pid == "hdl:21.14100/8e650f5b-d139-33a9-b0d8-edcb0bfd0987"
    (problem,) = drs.check_pid(pid, new, where="/pid")
    assert "is not the PID of" in problem.what
    assert "v20190401" in problem.what


def test_what_cannot_be_known_is_not_guessed() -> None:
    cmip5 = drs.parse_dataset_id(
        "cmip5.output1.MPI-M.MPI-ESM-LR.rcp85.mon.atmos.Amon.r1i1p1#20120101"
    )
    assert isinstance(cmip5, drs.DatasetId)
    assert isinstance(drs.dataset_pid(cmip5), Problem)
    assert [*drs.check_pid("hdl:10876/cmip5-example", cmip5)] == []
    cmip7 = drs.parse_dataset_id(
        "MIP-DRS7.CMIP7.CMIP.CCCma.CanESM5-1.piControl.r1i1p2f1.glb.mon.tas.tavg-h2m-hxy-u.g120.v20190429"
    )
    assert isinstance(cmip7, drs.DatasetId)
    assert isinstance(drs.dataset_pid(cmip7), Problem)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("obs4MIPs.a.b.c", "is not a dataset id of any known project"),
        ("CMIP6.CMIP.NCAR.CESM2", "it has 4 parts"),
        (
            "CMIP6.CMIP.NCAR.CESM2.historical.r1i1p1f1.Amon.tas.gn#latest",
            "does not end in a version",
        ),
        ("CMIP6.CMIP.NCAR.CESM2.historical.r1 i1.Amon.tas.gn", "is not a dataset id of CMIP6"),
    ],
)
def test_what_is_no_dataset_id_says_why(text: str, what: str) -> None:
    problem = drs.parse_dataset_id(text, "/id")
    assert isinstance(problem, Problem)
    assert what in problem.what
    assert problem.where == "/id"


@given(st.text(max_size=80))
def test_any_text_is_a_dataset_id_or_a_problem(text: str) -> None:
    found = drs.parse_dataset_id(text)
    assert isinstance(found, Problem | drs.DatasetId)


@pytest.mark.parametrize(
    ("dataset", "path"),
    [
        (
            "cordex.output.EUR-11.MPI-CSC.MPI-M-MPI-ESM-LR.historical.r1i1p1.REMO2009.v1.day.tas",
            "CORDEX/output/EUR-11/MPI-CSC/MPI-M-MPI-ESM-LR/historical/r1i1p1/MPI-CSC-REMO2009/v1/day/tas/v20160525/"
            "tas_EUR-11_MPI-M-MPI-ESM-LR_historical_r1i1p1_MPI-CSC-REMO2009_v1_day_19500102-19501231.nc",
        ),
        (
            "CORDEX-CMIP6.DD.EUR-12.CLMcom-BTU.CNRM-ESM2-1.historical.r1i1p1f2.ICON-CLM-202407-1-1.v1-r1.day.rsdsdir.v20260415",
            "rsdsdir_EUR-12_CNRM-ESM2-1_historical_r1i1p1f2_CLMcom-BTU_ICON-CLM-202407-1-1_v1-r1_day_19500101-19501231.nc",
        ),
    ],
)
def test_real_names_agree(dataset: str, path: str) -> None:
    found = drs.parse_dataset_id(dataset)
    assert isinstance(found, drs.DatasetId)
    assert [*drs.check_file_path(found, path)] == []
