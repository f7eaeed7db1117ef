"""Bundles as nodes and relationships, and back."""

from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given

from provstore.prov.model.bundle import IRI, LANG_STRING, Bundle, Element, Relation, Value
from provstore.prov.model.relation_ids import relation_ids
from provstore.prov.model.tables import tables_of
from provstore.prov.model.terms import PROV, RELATIONS, XSD
from provstore.prov.property_graph import graph_rows
from provstore.prov.property_graph.graph_rows import (
    INCOMPLETE,
    RELATIONSHIP_TYPES,
    RESOURCE,
    bundle_to_rows,
)
from provstore.prov.property_graph.property_values import Properties, united_properties
from tests import foreign
from tests.strategies import bundles

EX = "http://example.org/"


def test_every_foreign_bundle_comes_back(corpora: Path) -> None:
    """Law 1, for what other programs wrote."""
    assert [
        bundle.iri
        for bundle in foreign.bundles(corpora)
        if graph_rows.rows_to_bundle(bundle_to_rows(bundle)) != bundle
    ] == []


@given(bundles)
def test_rows_are_what_the_views_rely_on(bundle: Bundle) -> None:
    rows = bundle_to_rows(bundle)
    nodes = {node.uri: node for node in rows.nodes}
    assert len(nodes) == len(rows.nodes)
    assert "Bundle" in nodes[bundle.iri].labels
    for node in rows.nodes:
        assert RESOURCE in node.labels
        assert node.properties["uri"] == node.uri
        assert all(
            name.isidentifier() and name.isascii() for name in (*node.properties, *node.labels)
        )
    for relationship in rows.relationships:
        assert relationship.type in RELATIONSHIP_TYPES
        assert {relationship.start, relationship.end} <= nodes.keys()
        assert relationship.properties["bundle"] == bundle.iri


@given(bundles)
def test_every_relation_is_an_edge_or_where_an_end_lacks_a_node(bundle: Bundle) -> None:
    rows = bundle_to_rows(bundle)
    edges = [
        relationship.properties["uri"]
        for relationship in rows.relationships
        if relationship.type in RELATIONS and "of" not in relationship.properties
    ]
    alone = [node.uri for node in rows.nodes if INCOMPLETE in node.labels]
    assert set(edges) <= set(chain(*relation_ids(bundle.iri, tables_of(bundle))))
    assert len({*edges, *alone}) == len(edges) + len(alone) == len(bundle.relations)


@given(bundles)
def test_whoever_comes_from_a_further_argument_sees_both_ends(bundle: Bundle) -> None:
    """A run leads to whom its people acted for, without a look at all that they ever did."""
    rows = bundle_to_rows(bundle)
    whole = {
        relationship.properties["uri"]: (relationship.type, relationship.start, relationship.end)
        for relationship in rows.relationships
        if "of" not in relationship.properties
    }
    for link in rows.relationships:
        told = link.properties
        if "to" in told:
            assert (told["relation"], link.start, told["to"]) == whole[told["of"]]
        elif "of" in told:
            assert told["of"] not in whole


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ([Value("a")], {"k": "a"}),
        ([Value("7", XSD + "integer")], {"k": 7}),
        ([Value("7", XSD + "int")], {"k": 7, "k__type": XSD + "int"}),
        ([Value("007", XSD + "int")], {"k": "007", "k__type": XSD + "int"}),
        ([Value("1.5", XSD + "double")], {"k": 1.5}),
        ([Value("1.50", XSD + "double")], {"k": "1.50", "k__type": XSD + "double"}),
        ([Value("true", XSD + "boolean")], {"k": True}),
        ([Value("1", XSD + "boolean")], {"k": "1", "k__type": XSD + "boolean"}),
        ([Value("9223372036854775808", XSD + "integer")],
         {"k": "9223372036854775808", "k__type": XSD + "integer"}),
        ([Value("a", LANG_STRING, "de")], {"k": "a", "k__type": "@de"}),
        ([Value(EX + "a", IRI)], {"k": EX + "a", "k__type": IRI}),
        ([Value("a"), Value("b")], {"k": ["a", "b"]}),
        ([Value("1", XSD + "integer"), Value("a")],
         {"k": ["1", "a"], "k__type": [XSD + "integer", ""]}),
    ],
)  # fmt: skip
def test_values_are_native_where_that_is_exact(values: list[Value], stored: Properties) -> None:
    pairs = tuple((PROV + "k", value) for value in values)
    rows = bundle_to_rows(Bundle(EX, (Element(EX + "e", ("entity",), pairs),)))
    found = {k.removeprefix("prov__"): v for k, v in rows.nodes[0].properties.items()}
    assert stored == {name: found[name] for name in found if name.startswith("k")}


def test_later_arguments_are_properties_and_relationships() -> None:
    """House, section 6: a plan can be filtered by and walked to."""
    said = Relation("wasAssociatedWith", (EX + "a", EX + "g", EX + "p"))
    first, second = bundle_to_rows(Bundle(EX, (), (said,))).relationships
    assert (first.type, first.properties["plan"]) == ("wasAssociatedWith", EX + "p")
    assert (second.type, second.start, second.end) == ("hadPlan", EX + "a", EX + "p")


def test_a_missing_end_is_neither_dropped_nor_invented() -> None:
    said = Relation("used", (EX + "a", "", "2026-04-01T12:00:00Z"))
    rows = bundle_to_rows(Bundle(EX, (), (said,)))
    (alone,) = (node for node in rows.nodes if INCOMPLETE in node.labels)
    assert alone.properties["relation"] == "used"
    assert [
        (relationship.type, relationship.start, relationship.end)
        for relationship in rows.relationships
    ] == [("qualifiedUsage", EX + "a", alone.uri)]


def test_uniting_keeps_every_value_once_and_the_shorter_name() -> None:
    held: Properties = {"uri": EX, "name": "b:x", "prov__k": "a"}
    new: Properties = {"uri": EX, "name": "x", "prov__k": ["a", "b"], "prov__n": 1}
    both = united_properties(held, new)
    assert both == {"uri": EX, "name": "x", "prov__k": ["a", "b"], "prov__n": 1}
    assert united_properties(new, held) == both
