"""Readers of other packages: an installed package is found, and its faults bear its name."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provstore.errors import BadInput, ProvstoreError
from provstore.readers.reader_facts import facts_of
from provstore.readers.reader_registry import READERS, all_readers, read_extract

PACKAGE = """
from provstore.ingest.extracts import ExtractParts, Tool
from provstore.readers.reader import Reader, ReaderFacts

def looks_like(input_file):
    return "" if input_file.text.startswith("TOY") else "it does not begin with TOY"

def read(input_file):
    if "crash" in input_file.text:
        raise KeyError("a fault of the reader")
    return ExtractParts({"method": "other"}, (), (Tool("toy"),))

FACTS = ReaderFacts("toy", {"1.0": "a log"}, hand_in="Submit the log of toy.")

def readers():
    return [Reader("toy", STEP, "log of toy", looks_like, read, FACTS)]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Install a package with a reader: a folder with its module and its metadata."""

    def write(step: str = "transfer", target: str = "toy_reader:readers") -> None:
        (tmp_path / "toy_reader.py").write_text(PACKAGE.replace("STEP", repr(step)))
        info = tmp_path / "toy_reader-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-reader\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[provstore.readers]\ntoy = {target}\n")
        monkeypatch.syspath_prepend(tmp_path)
        all_readers.cache_clear()

    yield write
    sys.modules.pop("toy_reader", None)
    all_readers.cache_clear()


def test_an_installed_reader_reads_its_files(install: Callable[..., None]) -> None:
    install()
    read = read_extract(b"TOY 1", "toy.log")
    assert (read.reader, read.step, read.answers) == ("toy", "transfer", {"method": "other"})
    assert facts_of(all_readers()["toy"]).tried == {"1.0": "a log"}
    assert {*all_readers()} == {*READERS, "toy"}


def test_a_reader_that_fails_refuses_the_file_under_its_name(install: Callable[..., None]) -> None:
    install()
    with pytest.raises(BadInput, match="The reader toy failed: KeyError") as caught:
        read_extract(b"TOY crash", "toy.log")
    assert caught.value.code == "PS-INPUT-READER-FAILED"


@pytest.mark.parametrize(
    ("step", "target", "why"),
    [
        ("nonsense", "toy_reader:readers", "'nonsense' is not a step"),
        ("transfer", "toy_reader:nothing", "AttributeError"),
        ("transfer", "toy_reader:looks_like", "TypeError"),
    ],
)
def test_a_package_that_cannot_be_used_is_named(
    install: Callable[..., None], step: str, target: str, why: str
) -> None:
    install(step, target)
    with pytest.raises(ProvstoreError, match=f"package toy-reader cannot be used: .*{why}"):
        all_readers()
