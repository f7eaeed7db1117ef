"""A bundle and its tables say the same; what differs in shape never shares one."""

from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.prov.model import tables
from provstore.prov.model.bundle import Bundle, Element, Value
from provstore.prov.model.tables import TableBundle, chunked_tables, tables_of
from provstore.prov.notations import provjson
from tests.strategies import bundles

EX = "http://example.org/"


@given(bundles)
def test_tables_hold_every_statement_once_and_as_it_is(bundle: Bundle) -> None:
    for held, statements in zip(tables_of(bundle), _statements(bundle), strict=True):
        assert sorted(_rows(held)) == list(statements)
        assert [one.shape for one in held] == sorted({one.shape for one in held})
        assert all(list(one.rows()) == sorted(one.rows()) for one in held)


@given(bundles)
def test_pieces_are_short_and_hold_the_same(bundle: Bundle) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "CHUNK_ROWS", 2)
        parts = chunked_tables(bundle)
    for cut, held in zip(parts, tables_of(bundle), strict=True):
        assert all(0 < len(one.rows()) <= 2 for one in cut)
        assert _rows(cut) == _rows(held)


@given(bundles, st.randoms(use_true_random=False))
def test_a_bundle_that_came_in_tables_is_the_bundle(bundle: Bundle, chance: Any) -> None:
    """Whatever is beside them, however they are cut and shuffled, and if all of it comes twice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "CHUNK_ROWS", 2)
        elements, relations = map(list, chunked_tables(bundle))
    for held in (elements, relations):
        held += chance.sample(held, len(held) // 2)
        chance.shuffle(held)
    half = Bundle(bundle.iri, bundle.elements[::2], bundle.relations[::2])
    found = tables.bundle_of_tables(elements, relations, half)
    assert found == bundle
    assert hash(found) == hash(bundle)
    assert _plain(found) == _plain(bundle)
    assert replace(found, prefixes={"e": EX}) == bundle
    assert found.is_empty == bundle.is_empty == (not (bundle.elements or bundle.relations))


def test_statements_are_made_only_if_somebody_asks() -> None:
    text = '{"prefix": {"e": "%s"}, "entity": {%s}}'
    records = ", ".join(f'"e:{number}": {{"e:k": "v"}}' for number in range(20))
    (bundle,) = provjson.load((text % (EX, records)).encode()).bundles
    assert isinstance(bundle, TableBundle)
    provjson.dump(bundle)
    fresh = TableBundle.of(bundle.iri, bundle.tables, bundle.prefixes)
    chunked_tables(fresh)
    assert not fresh.is_empty
    assert "elements" not in vars(fresh)
    assert fresh.elements == bundle.elements
    assert "elements" in vars(fresh)


def test_a_thing_that_two_tables_describe_is_one() -> None:
    one, two = (Element(EX, (kind,), ((EX + "k", Value(kind)),)) for kind in ("agent", "entity"))
    parts = [tables_of(Bundle(EX, (each,))).elements for each in (one, two)]
    assert tables.bundle_of_tables([*chain(*parts)], (), Bundle(EX)) == Bundle(EX, (one, two))


def _plain(bundle: Bundle) -> list[tuple[Any, ...]]:
    return [(one.shape, one.rows()) for one in chain(*tables_of(bundle))]


def _statements(bundle: Bundle) -> tuple[tuple[Any, ...], ...]:
    return (bundle.elements, bundle.relations)


def _rows(held: Any) -> list[Any]:
    return [row for table in held for row in table.rows()]
