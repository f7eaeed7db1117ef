"""What manifests, records of the first generation and NetCDF headers say, and what they hide."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from provstore.errors import BadInput
from provstore.ingest.extracts import File
from provstore.readers import netcdf as netcdf_reader
from provstore.readers.reader_registry import read_extract
from tests.tool_files import RSYNC, SHA, netcdf, tool_file


def of(kind: type, things: tuple[Any, ...]) -> list[Any]:
    return [thing for thing in things if isinstance(thing, kind)]


# --- transfers -----------------------------------------------------------------------------------


def test_manifests_in_every_spelling() -> None:
    plain = read_extract(f"{SHA}  data/a b.nc\n".encode(), "manifest-sha256.txt")
    tagged = read_extract(f"SHA256 (data/a b.nc) = {SHA.upper()}\r\n".encode(), "CHECKSUMS")
    assert (
        plain.resources
        == tagged.resources
        == (File("a b.nc", "data/a b.nc", checksum=f"sha256:{SHA}"),)
    )
    escaped = read_extract(f"\\{SHA}  a\\nb\\\\c\n".encode(), "sums")
    assert escaped.resources[0] == File("a\nb\\c", "a\nb\\c", checksum=f"sha256:{SHA}")
    assert plain.answers["files"] == 1


def test_every_fault_of_a_manifest_is_said() -> None:
    lines = [
        f"{SHA}  a.nc",
        f"{'0' * 64}  a.nc",
        "no checksum",
        f"{'0' * 32}  b.nc",
        f"{'0' * 33}  c",
    ]
    with pytest.raises(BadInput) as caught:
        read_extract("\n".join(lines).encode(), "sums")
    assert [problem.where for problem in caught.value.problems] == [
        "line 2",
        "line 3",
        "line 5",
        "",
    ]


def test_rsync_and_globus_answer_the_transfer_form(real_inputs: Path) -> None:
    rsync = read_extract(RSYNC.encode(), "rsync.log")
    assert rsync.answers == {"method": "rsync", "files": 2, "bytes": 1_250_000}
    assert [file.path for file in of(File, rsync.resources)] == ["cordex/tas.nc", "cordex/pr mm.nc"]
    broken = RSYNC + "rsync error: some files could not be transferred (code 23)\n"
    assert any("could not be" in note.what for note in read_extract(broken.encode(), "x").notes)
    globus = read_extract(*tool_file("globus-task", real_inputs))
    assert globus.answers["started"] == "2026-11-23T07:38:06+00:00"
    files = read_extract(*tool_file("globus-files", real_inputs))
    assert files.answers == {"method": "globus", "files": 2, "bytes": 20}


def test_names_of_a_bag_are_decoded_and_those_of_other_manifests_are_not() -> None:
    bag = read_extract(f"{SHA}  data/a%0Ab.nc\n{SHA}  data/c%25.nc\n".encode(), "manifest")
    assert [file.path for file in of(File, bag.resources)] == ["data/a\nb.nc", "data/c%.nc"]
    plain = read_extract(f"{SHA}  a%0Ab.nc\n".encode(), "manifest")
    assert [file.path for file in of(File, plain.resources)] == ["a%0Ab.nc"]
    tags = read_extract(f"{SHA} bagit.txt\n{SHA} bag-info.txt\n".encode(), "tagmanifest")
    assert "files" not in tags.answers


# --- records of the first generation -------------------------------------------------------------


def test_a_first_record_keeps_every_value_but_what_opens_something(real_inputs: Path) -> None:
    data, name = tool_file("first-generation", real_inputs)
    found = read_extract(data, name)

    def count(value: Any) -> int:
        inside = (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        )
        return sum(map(count, inside)) if inside else 1

    assert len(found.kept) == count(json.loads(data)) - 2
    assert "test123" not in str(found)
    dropped = [note.where for note in found.notes if "dropped" in note.what]
    assert dropped == ["/sub/activity/keyword", "/sub/activity/pwd"]
    assert found.answers["agent"]["email"] == "provider@example.org"


def test_contradictions_of_a_first_record_are_listed() -> None:
    record = {
        "workflow": [["sub", "data_submission"], ["rev", "data_submission_review"]],
        "sub": {
            "agent": {"last_name": "mandatory", "first_name": "Ada", "email": "ada@example.org"},
            "activity": {"status": "3:completed", "start_time": "2018-01-01 10:00:00"},
            "entity_out": {"form_name": "a", "pwd": "hunter2", "report": {"model": "EX"}},
        },
        "rev": {
            "entity_in": {"form_name": "b", "pwd": "hunter3"},
            "entity_out": {"report": {"link": "https://user:hunter4@example.org/x"}},
        },
    }
    found = read_extract(json.dumps(record).encode(), "record.json")
    assert "hunter" not in str(found)
    said = {note.where: note.what for note in found.notes}
    assert "'b', but /sub/entity_out/form_name" in said["/rev/entity_in/form_name"]
    assert "is not one of" in said["/sub/activity/status"]
    assert "placeholders of the template" in said["/sub/agent/last_name"]
    assert "no time zone" in said["/sub/activity/start_time"]
    assert ("/sub/entity_out/report/model", "EX") in found.kept
    assert found.answers["agent"] == {"name": "Ada", "email": "ada@example.org"}


# --- NetCDF --------------------------------------------------------------------------------------

LAYOUTS = [
    "NETCDF4",
    "NETCDF4_CLASSIC",
    "NETCDF3_CLASSIC",
    "NETCDF3_64BIT_OFFSET",
    "NETCDF3_64BIT_DATA",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_netcdf_is_read_as_the_reference_library_reads_it(layout: str) -> None:
    import netCDF4

    data = netcdf(layout)
    found = read_extract(data, "tas_Amon_CESM2_ssp119_r1i1p1f1_gn_1850-1860.nc")
    kept = dict(found.kept)
    with netCDF4.Dataset("x", memory=data) as judge:
        for name in judge.ncattrs():
            value = judge.getncattr(name)
            if name == "levels":
                assert [kept[f"/levels/{i}"] for i in range(3)] == [str(each) for each in value]
            else:
                assert kept[f"/{name}"] == str(value)
        assert len(kept) == len(judge.ncattrs()) + 2
    (file,) = found.resources
    assert isinstance(file, File)
    assert file.tracking_id == "hdl:21.14100/1b37978f-caf6-4e4a-9893-3266a93077a2"
    assert file.bytes == len(data)
    (note,) = found.notes
    assert "The attribute has historical, the file name has experiment_id ssp119" in note.what


def test_without_its_extra_only_the_classic_layouts_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyfive", None)
    assert read_extract(netcdf("NETCDF3_CLASSIC"), "x.nc").reader == "netcdf"
    with pytest.raises(BadInput, match=r"provstore\[netcdf\]"):
        read_extract(netcdf("NETCDF4"), "x.nc")


def test_a_structure_that_is_endless_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netcdf_reader, "MAX_READS", 10)
    with pytest.raises(BadInput, match="its structure needs too many reads"):
        read_extract(netcdf("NETCDF4"), "x.nc")


def test_a_classic_header_that_claims_more_than_there_is_is_refused() -> None:
    """Counts of 2^31 and more entries, texts longer than the file: nothing is allocated."""
    huge = (2**32 - 1).to_bytes(4)
    for header in (
        b"CDF\x01" + bytes(4) + (10).to_bytes(4) + huge,
        b"CDF\x01" + bytes(12) + (12).to_bytes(4) + (1).to_bytes(4) + huge,
        b"CDF\x05" + bytes(8) + bytes(12) + (12).to_bytes(4) + bytes(7) + b"\1" + huge + huge,
    ):
        with pytest.raises(BadInput, match="This NetCDF file is damaged"):
            read_extract(header, "x.nc")
