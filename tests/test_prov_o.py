"""Bundles as PROV-O, and back; a strict and a lenient parser judge the text."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from rdflib import Dataset, Graph, URIRef

from provstore.prov.model.bundle import IRI, Bundle, Element, Relation, Value
from provstore.prov.model.relation_ids import relation_ids
from provstore.prov.model.tables import tables_of
from provstore.prov.model.terms import LOCATION, PROV, RDF, RELATIONS, ROLE, SUBTYPES, TYPE, XSD
from provstore.prov.notations import prov_o, provjson
from tests import foreign
from tests.strategies import bundles, texts

EX = "http://example.org/"
LINE = re.compile(
    r'<[^\x00-\x20<>"{}|^`\\]*> <[^\x00-\x20<>"{}|^`\\]*> '
    r'(?:<[^\x00-\x20<>"{}|^`\\]*>|"(?:[^"\\\x00-\x1f]|\\["\\nr]|\\u[0-9A-F]{4})*"'
    r'(?:\^\^<[^\x00-\x20<>"{}|^`\\]*>|@[a-z]+(?:-[a-z0-9]+)*)?) <[^\x00-\x20<>"{}|^`\\]*> \.'
)
"""One statement of N-Quads without blank nodes (RDF 1.1 N-Quads, 5)."""


def test_every_foreign_bundle_comes_back(corpora: Path) -> None:
    """Law 1, for what other programs wrote."""
    for bundle in foreign.bundles(corpora):
        graphs = prov_o.parse(prov_o.nquads(bundle))
        assert prov_o.read(bundle.iri, graphs[bundle.iri]) == bundle
        assert list(graphs) == [bundle.iri]


@given(bundles)
def test_every_line_is_one_statement_said_once(bundle: Bundle) -> None:
    """No blank nodes, nothing breaks out of its quotes, and the default graph says the same."""
    lines = prov_o.nquads(bundle).split("\n")[:-1]
    assert all(LINE.fullmatch(line) for line in lines)
    assert len(set(lines)) == len(lines)
    assert [f"{line} <{bundle.iri}> ." for line in prov_o.triples(bundle)] == lines
    graphs = prov_o.parse(prov_o.nquads(bundle, union=True))
    assert graphs[""] == graphs[bundle.iri]
    assert len(graphs[""]) == len(lines)


@given(texts)
def test_rdflib_reads_hostile_text_as_it_is(text: str) -> None:
    bundle = Bundle(EX, (Element(EX + "e", ("entity",), ((EX + "k", Value(text)),)),))
    graph = Graph().parse(data="".join(f"{t} .\n" for t in prov_o.triples(bundle)), format="nt")
    assert [str(held) for held in graph.objects(URIRef(EX + "e"), URIRef(EX + "k"))] == [text]


@pytest.mark.parametrize(
    "text",
    [
        '" .\n<a:a> <a:b> <a:c> .',
        '\\" . ',
        "\\u0022",
        "\r",
        "\x00",
        "\x85\u2028\u2029",
        "\\",
        "'''",
    ],
)
def test_nothing_breaks_out_of_a_literal_or_an_iri(text: str) -> None:
    record = {"x:" + text: text, "prov:role": text, "x:t": {"$": "x:" + text, "type": "xsd:QName"}}
    document = {"prefix": {"x": EX}, "entity": {"x:" + text: record}}
    (bundle,) = provjson.load(json.dumps(document).encode()).bundles
    graph = prov_o.parse(prov_o.nquads(bundle))[bundle.iri]
    assert len(graph) == len(prov_o.triples(bundle)) == 6
    assert prov_o.read(bundle.iri, graph) == bundle


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib_counts_as_many_quads_as_we_wrote(corpora: Path) -> None:
    """Every tenth of the foreign bundles: rdflib is slow."""
    for bundle in foreign.bundles(corpora)[::10]:
        text = prov_o.nquads(bundle)
        found = Dataset().parse(data=text, format="nquads")
        assert len(list(found.quads())) == text.count("\n"), bundle.iri


@given(bundles)
def test_direct_triples_are_those_of_the_property_chains(bundle: Bundle) -> None:
    """PROV-O: `qualifiedUsage / entity` implies `used`, and so on; here both are always said."""
    triples = {
        (one.subject, one.predicate, one.object.text)
        for one in prov_o.parse(prov_o.nquads(bundle))[bundle.iri]
    }
    tables = tables_of(bundle)
    rows = [table.rows() for table in tables.relations]
    nodes = relation_ids(bundle.iri, tables)
    for relation, node in zip(chain(*rows), chain(*nodes), strict=True):
        term = RELATIONS[relation.kind]
        source, target = relation.arguments[:2]
        if source and target:
            assert (source, term.direct, target) in triples
        if term.in_prov_o:
            assert (node, RDF + "type", term.cls) in triples
            assert not source or (source, term.qualified, node) in triples
            assert not target or (node, term.arguments[1].predicate, target) in triples
    said = {(r.arguments[0], RELATIONS[r.kind].direct, r.arguments[1]) for r in bundle.relations}
    direct = {term.direct for term in RELATIONS.values()}
    assert {triple for triple in triples if triple[1] in direct} <= said


@pytest.mark.parametrize("cls", SUBTYPES)
def test_kinds_of_derivation_have_properties_of_their_own(cls: str) -> None:
    said = ((TYPE, Value(cls, IRI)),)
    relation = Relation("wasDerivedFrom", (EX + "b", EX + "a", "", "", ""), EX + "d", said)
    triples = prov_o.triples(Bundle(EX, (), (relation,)))
    direct, qualified = SUBTYPES[cls]
    for predicate, end in ((direct, "a"), (PROV + "wasDerivedFrom", "a"), (qualified, "d")):
        assert f"<{EX}b> <{predicate}> <{EX}{end}>" in triples


def test_a_role_is_a_resource_whatever_it_was_written_as() -> None:
    """PROV-O 3.1 wants resources; the text is kept beside, and equal texts share one resource."""
    pairs = ((ROLE, Value("in put")), (LOCATION, Value(EX + "here", IRI)))
    relation = Relation("used", (EX + "a", EX + "e", ""), EX + "u", pairs)
    bundle = Bundle(EX, (), (relation,))
    triples = prov_o.triples(bundle)
    role = "https://w3id.org/provstore/role/in%20put"
    assert f"<{EX}u> <{PROV}hadRole> <{role}>" in triples
    assert f'<{EX}u> <{ROLE}> "in put"' in triples
    assert f"<{EX}u> <{PROV}atLocation> <{EX}here>" in triples


def test_lexical_forms_stay_as_they_were_written() -> None:
    pairs = tuple((EX + "k", Value(text, XSD + "int")) for text in ("7", "007", "+7"))
    bundle = Bundle(EX, (Element(EX + "e", ("entity",), pairs),))
    assert prov_o.read(EX, prov_o.parse(prov_o.nquads(bundle))[EX]) == bundle
