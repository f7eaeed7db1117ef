"""Quality results as findings: all of them, what passed by derivation, and two runs compared."""

import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import BadInput
from provstore.ingest.extracts import File, Tool
from provstore.readers.reader_registry import (
    Extract,
    Finding,
    compare_findings,
    merge_extracts,
    read_extract,
)
from tests.tool_files import (
    CHECKER_PAGE,
    CHECKER_TEXT,
    PREPARE,
    PREPARE_LATER,
    QA_DKRZ,
    QA_LOG,
    tool_file,
)


@pytest.fixture
def full(real_inputs: Path) -> Extract:
    return read_extract(*tool_file("esgf-qa", real_inputs))


@pytest.fixture
def datasets(real_inputs: Path) -> Extract:
    return read_extract(*tool_file("esgf-qa-datasets", real_inputs))


def test_every_file_of_a_full_result_is_a_finding(full: Extract, real_inputs: Path) -> None:
    document = json.loads(tool_file("esgf-qa", real_inputs)[0])
    tests = [document["error"], *document["fail"].values()]
    listed = Counter(
        (check, message, file)
        for group in tests
        for check, messages in group.items()
        for message, by_dataset in messages.items()
        for files in by_dataset.values()
        for file in files
    )
    assert (
        Counter((finding.check, finding.message, finding.file) for finding in full.findings)
        == listed
    )
    assert {finding.result for finding in full.findings} == {"failed", "broken"}
    assert {finding.severity for finding in full.findings if finding.level == "3"} == {"error"}
    consistent = {
        finding.tool for finding in full.findings if finding.check.startswith("[Consistency]")
    }
    assert consistent == {"esgf-qa"}
    cf = next(finding for finding in full.findings if finding.check.startswith("[CF-Conventions]"))
    assert (cf.tool, cf.tool_version, cf.vocabulary) == ("compliance-checker", "6.1.0", "cf:1.6")
    assert full.answers["checked_files"] == 13
    assert sum(each["files"] for each in full.answers["findings"]) == len(full.findings)


def test_a_summary_counts_as_many_files_as_the_full_result(
    full: Extract, real_inputs: Path
) -> None:
    """The two files are of one run: by check and dataset, each says the same number."""

    def counts(found: Extract) -> Counter[tuple[str, str]]:
        total: Counter[tuple[str, str]] = Counter()
        for one in found.findings:
            if one.result == "broken" or "appendix" in one.check:
                total[one.check, one.dataset] += one.files
        return total

    summary = read_extract(*tool_file("esgf-qa-cluster", real_inputs))
    assert counts(summary) == counts(full)
    assert "failed_files" not in summary.answers


def test_what_passed_is_derived_from_the_map_and_said_to_be(
    full: Extract, datasets: Extract
) -> None:
    both = merge_extracts([full, datasets])
    passed = [finding for finding in both.findings if finding.result == "passed"]
    assert passed
    assert all(finding.derived and not finding.message for finding in passed)
    files = [thing for thing in datasets.resources if isinstance(thing, File)]
    labels = [thing.label for thing in full.resources if isinstance(thing, Tool)]
    judged = {(finding.check.split("]")[0][1:], finding.file) for finding in both.findings}
    assert {(label, file.path) for label in labels for file in files} <= judged
    said = {(finding.check.split("]")[0][1:], finding.file) for finding in full.findings}
    assert not said & {(finding.check[1:-1], finding.file) for finding in passed}
    assert any("derived" in note.what for note in both.notes)
    assert len(both.sources) == 2
    assert both.answers["findings"] == full.answers["findings"]


def test_alone_a_result_says_of_nothing_that_it_passed(full: Extract) -> None:
    assert all(finding.result != "passed" for finding in full.findings)
    assert merge_extracts([full]) == full


def test_the_list_of_files_says_which_file_a_result_is_about(real_inputs: Path) -> None:
    result = read_extract(*tool_file("esgf-qa-tests", real_inputs))
    data, name = tool_file("esgf-qa-files", real_inputs)
    doubtful = merge_extracts(
        [result, read_extract(data, name)]
    )  # two versions have results of one name
    assert {finding.file for finding in doubtful.findings} == {""}
    assert any("is unknown: 2 files" in note.what for note in doubtful.notes)
    listed = {path: row for path, row in json.loads(data).items() if "v20111006" not in path}
    clear = merge_extracts([result, read_extract(json.dumps(listed).encode(), name)])
    (about,) = {(finding.file, finding.dataset) for finding in clear.findings}
    assert about[0].endswith("_199001-199912_DUMMY.nc")
    assert about[1].endswith(".v20120625.msftmyz")


def test_files_of_several_steps_are_no_report(real_inputs: Path, full: Extract) -> None:
    other = read_extract(*tool_file("esgf-mapfile", real_inputs))
    with pytest.raises(BadInput, match="All files of a report must belong to one step"):
        merge_extracts([full, other])


def test_a_result_of_compliance_checker_lists_what_passed_too(real_inputs: Path) -> None:
    data, name = tool_file("compliance-checker", real_inputs)
    found = read_extract(data, name)
    run = json.loads(data)["cf:1.6"]
    assert len(found.findings) == len(run["all_priorities"])
    failed = [finding for finding in found.findings if finding.result == "failed"]
    assert [finding.message for finding in failed] == [
        message for each in run["all_priorities"] for message in each["msgs"]
    ]
    assert {finding.severity for finding in failed} == {"warning"}
    several = read_extract(
        json.dumps({"a.nc": json.loads(data), "b.nc": json.loads(data)}).encode(), "x"
    )
    assert len(several.findings) == 2 * len(found.findings)


def test_an_older_result_of_compliance_checker_has_no_version(real_inputs: Path) -> None:
    document = json.loads(tool_file("compliance-checker", real_inputs)[0])
    run = document["cf:1.6"]
    for key in ("cc_version", "report_timestamp", "all_priorities", "scoreheader"):
        del run[key]
    run["medium_priorities"][0]["children"] = [
        {"name": "child", "weight": 2, "value": [0, 1], "msgs": ["inside"], "children": []}
    ]
    found = read_extract(json.dumps({"cf": run}).encode(), "old.json")
    assert found.answers["tool"] == {"name": "compliance-checker"}
    assert "ended" not in found.answers
    assert "inside" in {finding.message for finding in found.findings}


def test_faults_of_an_almost_right_result_are_all_listed(real_inputs: Path) -> None:
    document = json.loads(tool_file("esgf-qa", real_inputs)[0])
    document["info"]["files"] = "many"
    del document["info"]["cc_version"]
    document["fail"]["7"] = document["fail"].pop("1")
    document["fail"]["2"]["no label"] = {"m": {"d": []}}
    with pytest.raises(BadInput) as caught:
        read_extract(json.dumps(document).encode(), "a.json")
    places = [problem.where for problem in caught.value.problems]
    assert {"/info/files", "/info/cc_version", "/fail/7", "/fail/2/no label"} <= {*places}
    assert "/fail/2/no label/m/d" in places


def test_prepare_prints_a_block_for_each_fault() -> None:
    found = read_extract(PREPARE.encode(), "prepare.log")
    assert [(finding.result, finding.message) for finding in found.findings] == [
        ("failed", 'Your file contains "units":"C" and CMIP6 tables requires "units":"K".'),
        ("passed", ""),
    ]
    assert found.answers["checked_files"] == 2
    assert found.answers["failed_files"] == 1
    cut = PREPARE[: PREPARE.rindex("* This")]
    with pytest.raises(BadInput, match="ends without a verdict"):
        read_extract(cut.encode(), "prepare.log")


def test_qa_dkrz_says_its_severities_and_an_unknown_one_is_refused() -> None:
    found = read_extract(json.dumps(QA_DKRZ).encode(), "qa.json")
    assert [(finding.severity, finding.level) for finding in found.findings] == [
        ("warning", "L1"),
        ("error", "error"),
    ]
    assert "DRS_1=tas|pr" in found.findings[0].message
    passed = read_extract(b'{"QA_conclusion": "PASS", "project": "CORDEX"}', "qa.json")
    assert [finding.result for finding in passed.findings] == ["passed"]
    strange = {**QA_DKRZ, "annotation": [{"annotation": "x", "severity": "L9"}]}
    with pytest.raises(BadInput, match="'L9' is not a severity"):
        read_extract(json.dumps(strange).encode(), "qa.json")


def test_prepare_of_later_versions_gives_its_verdict_below_the_messages() -> None:
    read = read_extract(PREPARE_LATER.encode(), "prepare.log")
    assert [
        (each.result, each.severity, each.file[-20:], each.files) for each in read.findings
    ] == [
        ("failed", "error", "r1i1p1f1_gn_1850-1860.nc"[-20:], 1),
        ("failed", "warning", "r1i1p1f1_gn_1850-1860.nc"[-20:], 1),
        ("passed", "error", "r1i1p1f1_gn_1850-1860.nc"[-20:], 1),
        ("broken", "warning", "r1i1p1f1_gn_1850-1860.nc"[-20:], 1),
        ("passed", "error", "", 1),
    ]
    assert read.findings[3].message == "'external_variables'"
    assert (read.answers["checked_files"], read.answers["failed_files"]) == (3, 1)
    line = next(each for each in PREPARE_LATER.splitlines() if "CV FAIL" in each)
    twice = PREPARE_LATER.replace(line, f"{line}\n{line}")
    assert read_extract(twice.encode(), "prepare.log").findings == read.findings
    fewer = PREPARE_LATER.replace("└──> :: CV FAIL", "└──> CV FAIL")
    with pytest.raises(BadInput, match="counts 2 files with errors, but lists 1"):
        read_extract(fewer.encode(), "prepare.log")
    with pytest.raises(BadInput, match="no verdict about any file"):
        read_extract(PREPARE_LATER[:150].encode(), "prepare.log")


def test_the_log_of_qa_dkrz_ties_its_events_to_file_and_dataset() -> None:
    read = read_extract(QA_LOG.encode(), "EX.log")
    dataset = "CMIP6.CMIP.EXAMPLE.EX.historical.r1i1p1f1.Amon.tas.gn.v20200108"
    assert [(each.check, each.result, each.severity, each.dataset) for each in read.findings] == [
        ("2_3", "failed", "error", dataset),
        ("CF", "passed", "note", dataset),
        ("DRS(F)", "passed", "note", dataset),
    ]
    assert read.answers["tool"] == {"name": "QA-DKRZ", "version": "0.6.7"}


def test_annotations_of_a_summary_are_tied_to_their_datasets() -> None:
    path = "CMIP6/CMIP/EXAMPLE/EX/historical/r1i1p1f1/Amon/*/gn/v20200108"
    parts = path.split("/")
    summary = {"QA_conclusion": "FAIL", **{f"DRS_{at}": part for at, part in enumerate(parts)}}
    annotation = {"DRS_7": ["tas", "pr"], "annotation": "x", "severity": "L1"}
    read = read_extract(json.dumps({**summary, "annotation": [annotation]}).encode(), "qa.json")
    assert [each.dataset.split(".")[7] for each in read.findings] == ["tas", "pr"]
    annotation["DRS_6"] = ["Amon", "day"]
    read = read_extract(json.dumps({**summary, "annotation": [annotation]}).encode(), "qa.json")
    assert [each.dataset for each in read.findings] == [""]
    assert "submit that" in str(read.notes)


def test_reports_of_compliance_checker_for_people_are_read() -> None:
    text = read_extract(CHECKER_TEXT.encode(), "report.txt")
    assert [(each.check, each.severity, each.message) for each in text.findings] == [
        ("§3.1 Units", "error", "units of tas are C and that is wrong"),
        ("§2.6 Attributes", "warning", "Conventions is missing"),
    ]
    page = read_extract(CHECKER_PAGE.encode(), "report.html")
    assert [(each.check, each.message, each.file) for each in page.findings] == [
        ("§2.6 Attributes", 'Conventions does not contain "CF-1.6"', "/data/tas.nc"),
    ]
    for read in (text, page):
        assert read.answers["tool"] == {"name": "compliance-checker", "version": "6.1.0"}


# --- two runs ------------------------------------------------------------------------------------

FINDINGS = st.builds(
    Finding,
    st.sampled_from(["[CF] a", "[CF] b"]),
    st.sampled_from(["failed", "passed", "broken"]),
    st.sampled_from(["error", "warning"]),
    st.sampled_from(["m", "n"]),
    st.sampled_from(["CMIP6.a.v20190308", "CMIP6.a.v20200101", "cmip5.a.v20120625.tas"]),
    st.sampled_from(["/v20190308/a.nc", "/v20200101/a.nc", "/x/b.nc"]),
)
RUNS = st.lists(FINDINGS, max_size=12)


@given(RUNS, RUNS)
def test_a_comparison_loses_nothing_and_is_its_own_mirror(
    before: list[Finding], after: list[Finding]
) -> None:
    there, back = compare_findings(before, after), compare_findings(after, before)
    assert len(there.fixed) + len(there.unjudged) == len(back.new)
    assert len(there.still) == len(back.still)
    assert {*there.new, *there.still} <= {*after}
    assert {*there.fixed, *there.unjudged} <= {*before}
    same = compare_findings(before, before)
    assert (same.fixed, same.new, same.unjudged) == ((), (), ())


def test_a_corrected_version_is_compared_with_the_one_before(full: Extract) -> None:
    """The second run: one check is mended everywhere, one file is new, in a newer version."""

    def newer(one: Finding) -> Finding:
        dates = [("v20120625", "v20260101"), ("v20111028", "v20260102"), ("v20111006", "v20260103")]
        for old, new in dates:
            one = replace(
                one, dataset=one.dataset.replace(old, new), file=one.file.replace(old, new)
            )
        return one

    mended = "[CF-Conventions] §2.6 Attributes"
    after = [newer(finding) for finding in full.findings if finding.check != mended]
    added = replace(after[-1], message="something new")
    found = compare_findings(full.findings, [*after, added])
    assert {finding.check for finding in found.fixed} == {mended}
    assert found.new == (added,)
    assert found.unjudged == ()
    assert found.still


def test_a_file_that_was_not_looked_at_again_is_not_called_fixed() -> None:
    before = [
        Finding("[CF] a", "failed", "error", "m", "", file) for file in ("a.nc", "b.nc", "c.nc")
    ]
    after = [Finding("[CF] a", "broken", "warning", "exception", "", "c.nc")]
    found = compare_findings(before, after, files=["/new/a.nc", "/new/c.nc"])
    assert [finding.file for finding in found.fixed] == ["a.nc"]
    assert [finding.file for finding in found.unjudged] == ["b.nc", "c.nc"]


# --- size ----------------------------------------------------------------------------------------


def big(number: int) -> bytes:
    """A result of esgf-qa with so many findings."""
    root = "CMIP6.CMIP.NCAR.CESM2.historical.r{}i1p1f1.Amon.tas.gn.v20190308"
    by_dataset = {
        root.format(member): [
            f"/pool/{member}/tas_Amon_CESM2_historical_r{member}i1p1f1_gn_{year}01-{year}12.nc"
            for year in range(1000, 1100)
        ]
        for member in range(number // 100)
    }
    info = {"id": "x", "date": "2026-11-23T07:38Z", "files": str(number), "datasets": "1"}
    info |= {"cc_version": "6.1.0", "checkers": "cf:1.6"}
    return json.dumps({"info": info, "fail": {"2": {"[CF] a": {"m": by_dataset}}}}).encode()


def test_a_hundred_thousand_findings_are_read_in_linear_time() -> None:
    def seconds(number: int) -> float:
        data = big(number)
        begin = time.perf_counter()
        assert len(read_extract(data, "big.json").findings) == number
        return time.perf_counter() - begin

    seconds(1_000)  # imports
    small, large = min(seconds(10_000) for _ in range(3)), seconds(100_000)
    assert large < 25 * small
    assert large < 10
