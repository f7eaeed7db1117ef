"""rsync: every way of writing its output down is read, and a dry run is no delivery."""

import pytest

from provstore.errors import BadInput
from provstore.ingest.extracts import Extract, File
from provstore.readers.reader_registry import read_extract
from tests.tool_files import RSYNC

NAMES = """sending incremental file list
CMIP6/
CMIP6/tas mm.nc
deleting CMIP6/old.nc
CMIP6/pr.nc

sent 4,501,633 bytes  received 115 bytes  9,003,496.00 bytes/sec
total size is 4,500,002  speedup is 1.00
"""
PROGRESS = (
    "sending incremental file list\nCMIP6/tas.nc\n"
    "\r         32,768   2%   31.25MB/s    0:00:00  "
    "\r      1,500,000 100%  715.26MB/s    0:00:00 (xfr#1, to-chk=1/3)\n"
    "CMIP6/pr.nc\n\r              1 100%    0.20kB/s    0:00:00 (xfr#2, to-chk=0/3)\n"
    "\nsent 1 bytes  received 1 bytes  1.00 bytes/sec\ntotal size is 1  speedup is 1.00\n"
)


def read(text: str | bytes) -> Extract:
    return read_extract(text if isinstance(text, bytes) else text.encode(), "rsync.txt")


def files(extract: Extract) -> dict[str, int | None]:
    return {each.path: each.bytes for each in extract.resources if isinstance(each, File)}


def texts(extract: Extract) -> str:
    return "\n".join(map(str, extract.notes))


@pytest.mark.parametrize("text", [RSYNC, NAMES, PROGRESS])
def test_a_dry_run_is_no_delivery(text: str) -> None:
    dry = text.replace("speedup is 1.00", "speedup is 1.00 (DRY RUN)")
    with pytest.raises(BadInput, match="dry run: rsync transferred nothing") as caught:
        read(dry)
    assert "Submit the output of the transfer itself" in str(caught.value)


def test_names_stand_alone_with_v_and_have_sizes_with_p() -> None:
    plain = read(NAMES)
    assert files(plain) == {"CMIP6/tas mm.nc": None, "CMIP6/pr.nc": None}
    assert plain.answers == {"method": "rsync", "files": 2}
    assert "rsync deleted CMIP6/old.nc" in texts(plain)
    sized = read(PROGRESS)
    assert files(sized) == {"CMIP6/tas.nc": 1_500_000, "CMIP6/pr.nc": 1}
    assert sized.answers["bytes"] == 1_500_001


def test_a_rounded_size_is_approximate_and_noted() -> None:
    rounded = read(RSYNC.replace("file size: 1,250,000 bytes", "file size: 1.25M bytes"))
    assert rounded.answers["bytes"] == 1_250_000
    assert "approximate" in texts(rounded)


def test_names_with_half_escaped_bytes() -> None:
    line = b"2026/11/23 07:38:26 [1] >f+++++++++ CMIP6/gr\xc3\xb6\xc3\\#237e.nc\n"
    assert files(read(line)) == {"CMIP6/größe.nc": None}
    escaped = (
        b"sending incremental file list\n>f+++++++++ a\\#303\\#266.nc\n>f+++++++++ b\\#377.nc\n"
    )
    odd = read(escaped)
    assert [*files(odd)] == ["aö.nc", "b\\xff.nc"]
    assert "bytes that are not UTF-8" in texts(odd)


def test_output_without_its_end_may_be_incomplete() -> None:
    assert "ends without its summary" in texts(read(NAMES[: NAMES.index("sent")]))
    assert "summary" not in texts(read(NAMES)).replace("--stats", "")


def test_errors_contradict_a_good_outcome_and_nothing_moved_is_nothing() -> None:
    broken = read(
        "rsync: [Receiver] mkdir failed: x (2)\nrsync error: error in file IO (code 11)\n"
    )
    assert broken.answers == {"method": "rsync", "outcome": "action-required"}
    idle = read("Number of files: 7 (reg: 5, dir: 2)\nNumber of regular files transferred: 0\n"
                "Total transferred file size: 0 bytes\n")  # fmt: skip
    assert (idle.answers["files"], idle.answers["bytes"]) == (0, 0)
    assert "No file was transferred" in texts(idle)


def test_the_log_of_a_daemon_names_files_with_their_size() -> None:
    log = (
        "2026/11/29 14:45:04 [1] rsync to incoming/ from user@hpc.example.org (10.0.0.1)\n"
        "2026/11/29 14:45:05 [1] receiving file list\n"
        "2026/11/29 14:45:05 [1] recv hpc.example.org [10.0.0.1] incoming (user) a/tas.nc 15\n"
        "2026/11/29 14:45:05 [1] sent 50 bytes  received 1500200 bytes  total size 15\n"
    )
    assert files(read(log)) == {"a/tas.nc": 15}
    assert read(log).answers == {"method": "rsync", "files": 1, "bytes": 15}


def test_remarks_of_vv_are_no_names() -> None:
    lines = "[sender] make_file(a.nc,*,0)\na.nc is uptodate\ndelta-transmission disabled for x\n"
    assert [*files(read(NAMES.replace("CMIP6/\n", lines)))] == ["CMIP6/tas mm.nc", "CMIP6/pr.nc"]


def test_bytes_that_are_no_text_are_kept_in_hexadecimal() -> None:
    odd = PROGRESS.encode().replace(b"to-chk=1/3", b"to-chk=\xff")
    assert "\\xff" in str(read(odd).kept)
    str(read(odd)).encode()
