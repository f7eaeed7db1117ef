"""The same bundles in every notation: the same statements for whoever reads them."""

import pyoxigraph as ox
import pytest
import rdflib

from provstore.errors import UnknownName
from provstore.ingest.names import Names
from provstore.ingest.record import record
from provstore.prov import prov_o, provjson
from provstore.prov.bundle import Bundle
from provstore.prov.notations import NOTATIONS, Notation, write
from tests.reports import WHOLE, life


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    reports = life(*WHOLE)
    return [record(one, reports[:index], Names()) for index, one in enumerate(reports)]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_same_bundles_give_the_same_text(bundles: list[Bundle], notation: Notation) -> None:
    assert len({"".join(write(bundles, notation)) for _ in range(3)}) == 1


def test_turtle_and_ntriples_are_the_union(bundles: list[Bundle]) -> None:
    union = {line for bundle in bundles for line in prov_o.triples(bundle)}
    lines = "".join(write(bundles, "ntriples")).splitlines()
    assert sorted(line.removesuffix(" .") for line in lines) == sorted(union)
    turtle = rdflib.Graph().parse(data="".join(write(bundles, "turtle")), format="turtle")
    assert len(turtle) == len(union)


def test_trig_and_nquads_keep_bundles_apart(bundles: list[Bundle]) -> None:
    found = prov_o.parse("".join(write(bundles, "nquads")))
    assert [prov_o.read(iri, found[iri]) for iri in found] == bundles
    trig = ox.parse("".join(write(bundles, "trig")), format=ox.RdfFormat.TRIG)
    nquads = ox.parse("".join(write(bundles, "nquads")), format=ox.RdfFormat.N_QUADS)
    assert set(map(str, trig)) == set(map(str, nquads))


def test_provjson_is_one_document_with_all_bundles(bundles: list[Bundle]) -> None:
    text = "".join(write(bundles, "provjson"))
    assert set(provjson.load(text.encode()).bundles) == set(bundles)


def test_an_unknown_notation_is_answered_with_the_near_ones() -> None:
    with pytest.raises(UnknownName, match="turtle"):
        list(write([], "turtel"))
