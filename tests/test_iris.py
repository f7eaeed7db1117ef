"""IRIs that every reader takes, and their short forms."""

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provstore.prov.model.iris import (
    Prefixes,
    encode_iri,
    has_known_namespace,
    is_absolute,
    local_name_of_key,
    property_key,
    split_iri,
)
from provstore.prov.model.terms import PROV, XSD
from tests.strategies import iris, texts

STARTS = st.sampled_from(["a:", "urn:", "http://", "http://h", "http://h:", "http://h/", "x://u@"])


@given(STARTS, texts | st.text("ab/:@?#%[]<>{}\\^`|\" '", max_size=12))
def test_an_encoded_iri_is_legal_and_stays_as_it_is(start: str, rest: str) -> None:
    """RFC 3987; a strict parser judges it."""
    iri = encode_iri(start + rest)
    assert ox.NamedNode(iri).value == iri
    assert encode_iri(iri) == iri
    assert is_absolute(iri)
    assert "".join(split_iri(iri)) == iri


@pytest.mark.parametrize(
    ("written", "legal"),
    [
        ("http://example.org/a?b=c#d", "http://example.org/a?b=c#d"),
        ("http://example.org/é", "http://example.org/é"),
        ("http://example.org/%41", "http://example.org/%41"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://example.org/a b<c>", "http://example.org/a%20b%3Cc%3E"),
        ("http://example.org/a#b#c", "http://example.org/a#b%23c"),
        ("http://h:port/", "http://h%3Aport/"),
        ("http://u@v@h:80/", "http://u%40v@h:80/"),
        ("http://example.org/\u0085\ufffe", "http://example.org/%C2%85%EF%BF%BE"),
    ],
)
def test_only_what_is_illegal_is_encoded(written: str, legal: str) -> None:
    assert encode_iri(written) == legal


@pytest.mark.parametrize(
    ("iri", "namespace", "local"),
    [
        ("http://example.org/a#b", "http://example.org/a#", "b"),
        ("http://example.org/a/b", "http://example.org/a/", "b"),
        ("http://example.org/a/", "http://example.org/", "a/"),
        ("urn:a:b", "urn:a:", "b"),
        ("x:", "", "x:"),
    ],
)
def test_where_an_iri_is_cut(iri: str, namespace: str, local: str) -> None:
    assert split_iri(iri) == (namespace, local)


@given(iris, iris)
@example("http://example.org/_:", "http://example.org/_type")
def test_a_key_is_legal_in_cypher_and_names_one_iri(iri: str, other: str) -> None:
    name = property_key(iri)
    assert name.isascii()
    assert name.isidentifier()
    assert name.count("__") == 1 or name.endswith("__")
    assert local_name_of_key(name) == split_iri(iri)[1]
    assert (property_key(other) == name) == (other == iri)


def test_known_namespaces_have_the_prefix_that_people_know() -> None:
    assert property_key(PROV + "type") == "prov__type"
    assert (
        property_key("http://example.org/ns#größe")
        == "ns_" + property_key("http://example.org/ns#größe")[3:]
    )
    assert has_known_namespace(XSD + "int")
    assert not has_known_namespace("http://example.org/a")


def test_short_names_take_the_longest_namespace_that_fits() -> None:
    names = Prefixes({"a": "http://a/", "b": "http://a/b/", "default": "http://d/"})
    found = [names.short(iri) for iri in ("http://a/b/c", "http://a/b/", "http://d/x", PROV + "x")]
    assert found == ["b:c", "a:b/", "x", "prov:x"]
    assert names.short("http://d/x:y") == "http://d/x:y"  # `x:` would read as a prefix
    assert names.used == {"a", "b", "default", "prov"} - {""}


_tails = st.sampled_from(["a", "b", "a/b", "a/bc", "a/b/c", "ab", "a#b", "b#", "x:y", ""])


@given(
    st.dictionaries(st.sampled_from(["default", "p", "q", "r"]), _tails.map("urn:x/".__add__)),
    st.lists(_tails.map("urn:x/".__add__), min_size=1),
)
def test_many_names_are_shortened_as_each_is(prefixes: dict[str, str], some: list[str]) -> None:
    many, each = Prefixes(prefixes), Prefixes(prefixes)
    assert many.all_short(some) == [each.short(iri) for iri in some]
    assert many.used == each.used
