"""Every spelling of an identifier has one form, and what is none is said to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import Problem
from provstore.projects import data_identifiers

VERSIONS = st.dates().map(lambda day: day.strftime("%Y%m%d").zfill(8))
UUIDS = st.uuids().map(str)
HEX = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}


@given(VERSIONS, st.sampled_from(["#", "#v", ".v", "v", ""]))
def test_every_spelling_of_a_version_is_one(digits: str, mark: str) -> None:
    assert data_identifiers.parse_version(mark + digits) == f"v{digits}"


@pytest.mark.parametrize("text", ["", "v", "v1", "20181305", "v20180230", "2018-06-05", "²0180605"])
def test_what_is_no_date_is_no_version(text: str) -> None:
    assert isinstance(data_identifiers.parse_version(text), Problem)


@given(st.from_regex(r"[A-Za-z0-9.\-]+[A-Za-z0-9]", fullmatch=True), VERSIONS)
def test_a_version_is_split_from_its_id(name: str, digits: str) -> None:
    for mark in ("#", "#v", ".v"):
        assert data_identifiers.split_version(name + mark + digits) == (name, f"v{digits}")


def test_an_id_with_a_broken_version_is_not_taken_for_one_without() -> None:
    assert isinstance(data_identifiers.split_version("CMIP6.a#latest"), Problem)
    assert isinstance(data_identifiers.split_version("CMIP6.a.v20181305"), Problem)
    assert data_identifiers.split_version("CMIP6.a") == ("CMIP6.a", "")


@given(UUIDS, st.booleans())
def test_every_spelling_of_a_handle_is_one(suffix: str, loud: bool) -> None:
    wanted = f"hdl:21.14100/{suffix}"
    shown = suffix.upper() if loud else suffix
    starts = ("hdl:", "", "https://hdl.handle.net/", "http://hdl.handle.net/hdl:", "HDL:")
    for start in starts:
        assert data_identifiers.parse_handle(f"{start}21.14100/{shown}") == wanted
        assert data_identifiers.parse_tracking_id(f"{start}21.14100/{shown}") == wanted
    assert data_identifiers.parse_tracking_id(shown) == suffix


@pytest.mark.parametrize(
    "text", ["", "hdl:", "hdl:21.14100", "hdl:21.14100/", "ftp://x/1/2", "a/b"]
)
def test_what_is_no_handle(text: str) -> None:
    assert isinstance(data_identifiers.parse_handle(text), Problem)
    assert isinstance(data_identifiers.parse_tracking_id(text), Problem)


def test_every_spelling_of_a_doi_is_one() -> None:
    starts = ("", "doi:", "https://doi.org/", "http://dx.doi.org/", "DOI: ")
    names = ("10.22033/ESGF/CMIP6.12340", "10.22033/esgf/cmip6.12340")
    found = {data_identifiers.parse_doi(start + name) for start in starts for name in names}
    assert found == {"10.22033/esgf/cmip6.12340"}
    assert isinstance(data_identifiers.parse_doi("11.5072/x"), Problem)


@given(st.sampled_from(sorted(HEX)), st.data())
def test_every_spelling_of_a_checksum_is_one(algorithm: str, data: st.DataObject) -> None:
    size = HEX[algorithm]
    digits = data.draw(st.text("0123456789abcdef", min_size=size, max_size=size))
    wanted = data_identifiers.Checksum(algorithm, digits)
    for text in (digits, digits.upper(), f"{algorithm}:{digits}", wanted.multihash or digits):
        assert data_identifiers.parse_checksum(text) == wanted
        assert data_identifiers.parse_checksum(text, "", algorithm.upper()) == wanted


def test_a_checksum_that_contradicts_its_algorithm_is_said() -> None:
    problem = data_identifiers.parse_checksum("a" * 32, "/checksum", "SHA256")
    assert isinstance(problem, Problem)
    assert problem.where == "/checksum"
    assert "32 digits" in problem.what
    assert isinstance(data_identifiers.parse_checksum("1220" + "a" * 64, "", "md5"), Problem)
    assert isinstance(data_identifiers.parse_checksum("a" * 64, "", "adler32"), Problem)
    assert isinstance(data_identifiers.parse_checksum("1220" + "a" * 63), Problem)


@given(st.text(max_size=60))
def test_any_text_is_an_identifier_or_a_problem(text: str) -> None:
    readers = (
        data_identifiers.parse_version,
        data_identifiers.parse_handle,
        data_identifiers.parse_doi,
        data_identifiers.parse_tracking_id,
    )
    for read in readers:
        found = read(text)
        assert isinstance(found, Problem) or read(found) == found
    found = data_identifiers.parse_checksum(text)
    assert isinstance(found, Problem) or data_identifiers.parse_checksum(str(found)) == found
