"""The first two laws of the house, for bundles that nobody would write."""

from hypothesis import given

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import prov_o, provjson
from provstore.prov.property_graph import graph_rows
from provstore.prov.property_graph.property_values import Properties, united_properties
from tests.strategies import bundles, shuffled


@given(bundles)
def test_nothing_is_lost_in_prov_json(bundle: Bundle) -> None:
    """Law 1: what is written is read back, and written the same again."""
    text = provjson.dump(bundle)
    (found,) = provjson.load(text.encode()).bundles
    assert bundle == found
    assert provjson.dump(found) == provjson.dump(*provjson.load(text.encode()).bundles)


@given(bundles)
def test_nothing_is_lost_in_the_property_graph(bundle: Bundle) -> None:
    """Law 1."""
    assert graph_rows.rows_to_bundle(graph_rows.bundle_to_rows(bundle)) == bundle


@given(bundles)
def test_nothing_is_lost_in_prov_o(bundle: Bundle) -> None:
    """Law 1."""
    graph = prov_o.parse(prov_o.nquads(bundle))[bundle.iri]
    assert prov_o.read(bundle.iri, graph) == bundle


def united(several: list[Bundle]) -> dict[str, Properties]:
    """The properties of each node once all bundles are loaded, in this order."""
    held: dict[str, Properties] = {}
    for bundle in several:
        for node in graph_rows.bundle_to_rows(bundle).nodes:
            held[node.uri] = united_properties(held.get(node.uri, node.properties), node.properties)
    return held


@given(shuffled(bundles, 3))
def test_any_order_and_any_repetition_gives_the_same_nodes(
    orders: tuple[list[Bundle], list[Bundle]],
) -> None:
    """Law 2, for the graph."""
    once, again = orders
    assert united(once) == united(again)


@given(shuffled(bundles, 3))
def test_any_order_and_any_repetition_gives_the_same_quads(
    orders: tuple[list[Bundle], list[Bundle]],
) -> None:
    """Law 2, for RDF: a set of lines, which union makes larger and never else."""
    once, again = ({line for one in each for line in lines(one)} for each in orders)
    assert once == again


def lines(bundle: Bundle) -> list[str]:
    return prov_o.nquads(bundle, union=True).split("\n")
