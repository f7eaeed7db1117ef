"""What a file is, by its content: its kind, its verdict, everything against it."""

import json

import pytest

from provstore.commands.file_checks import check_source
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped
from tests.test_document_import import CIRCLE

FORMS = load_forms(shipped("forms"))
ENDS_EARLY = {
    "prefix": {"ex": "http://example.org/"},
    "activity": {
        "ex:a": {"prov:startTime": "2026-02-01T00:00:00Z", "prov:endTime": "2026-01-01T00:00:00Z"}
    },
}


@pytest.mark.parametrize(
    ("data", "kind", "verdict"),
    [
        (FORMS["review"].text(FORMS["review"].example()).encode(), "form", "valid"),
        (FORMS["review"].blank().encode(), "form", "invalid"),
        (b'{"entity": {"prov:x": {}}}', "prov", "valid"),
        (CIRCLE, "prov", "invalid"),
        (b'{"entity": []}', "prov", "malformed"),
        (b"{", "unknown", "malformed"),
    ],
)
def test_a_file_is_told_by_its_content(data: bytes, kind: str, verdict: str) -> None:
    found = check_source(data, FORMS)
    assert (found.kind, found.verdict) == (kind, verdict)
    assert bool(found.problems) == (verdict != "valid")


def test_a_circle_of_events_is_told_in_words_and_as_a_picture() -> None:
    (violation,) = check_source(CIRCLE, FORMS).violations
    assert (violation["constraint"], len(violation["cycle"])) == ("42", 2)
    assert violation["mermaid"].startswith("flowchart")
    assert violation["link"].startswith("https://www.w3.org/TR/2013/REC-prov-constraints-20130430/")


def test_what_is_only_implausible_is_a_note_and_no_violation() -> None:
    found = check_source(json.dumps(ENDS_EARLY).encode(), FORMS)
    assert found.verdict == "valid"
    assert any("ex:a" in str(note) for note in found.notes), found.notes


def test_what_every_reader_finds_is_said_once() -> None:
    told = str(check_source(b'{"entity": {"e:a": {}, "e:a": {}}}', FORMS)).splitlines()
    assert told[0].endswith(": unknown, malformed")
    assert len(told) == len(set(told)) == 2
