"""The content of an entry says itself which bundle it is."""

import pytest

from provstore.ingest.statements import canonical
from provstore.prov.notations import provjson
from provstore.storage import entry_bundle
from provstore.storage.entry_bundle import is_named_in_content
from provstore.storage.journal import Entry


def entry(bundle: str, content: str) -> Entry:
    return Entry(1, bundle, "", "", "", "", 0, content, "", "")


@pytest.mark.parametrize(
    ("iri", "is_quick"),
    [
        ("http://example.org/b", True),
        ("http://example.org/ingest/cordex-0001/review/1/bundle", True),
        ("http://example.org/ü/b", True),
        ("http://example.org/b(1)", False),
        ("urn:uuid:0b1c", True),
    ],
)
def test_a_bundle_is_named_in_its_content_and_no_other(
    iri: str, is_quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most without being read as PROV."""
    document = {
        "bundle": {"x:": {"entity": {"e:data": {}}}},
        "prefix": {"x": iri, "e": "http://e/"},
    }
    (bundle,) = provjson.load(canonical(document).encode(), "").bundles
    content = provjson.dump(bundle).encode()
    assert bundle.iri == iri
    for other in (f"{iri}/forged", "http://example.org/other", iri[:-1]):
        assert not is_named_in_content(other, content)
    for broken in (b"", b"{}"):
        assert not is_named_in_content(iri, broken)
    if is_quick:
        monkeypatch.setattr(entry_bundle, "_read", None)
    assert is_named_in_content(iri, content)
