"""The same bundles in every notation: the same statements for whoever reads them."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import Refused, UnknownName
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import notation_readers, notation_registry, prov_o, provjson
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.notation_registry import NOTATIONS, Notation, write
from provstore.prov.notations.notation_writers import CONTEXT
from provstore.storage.settings import shipped
from tests import foreign, strategies
from tests.notation_limits import CARRIES_NOT, UNION
from tests.properties import examples
from tests.reports import WHOLE, life, prov_of


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    reports = life(*WHOLE)
    return [prov_of(one, reports[:index], IngestIris()) for index, one in enumerate(reports)]


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


def again(bundles: list[Bundle], notation: Notation) -> list[Bundle]:
    """The bundles, written and read; named as they were where a notation has no names for them."""
    text = "".join(write(bundles, notation))
    found = notation_registry.read(text.encode(), notation, notation, limit=1 << 30).bundles
    if notation in UNION:
        return [Bundle(bundles[0].iri, one.elements, one.relations) for one in found]
    return list(found)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_nothing_of_a_foreign_document_is_lost(corpora: Path, notation: Notation) -> None:
    """What cannot be carried is refused, and listed with its reason."""
    exceptions = dict.fromkeys(CARRIES_NOT.get(notation, ()), False)
    for path in foreign.documents(corpora):
        bundles = list(provjson.load(path.read_bytes(), path.name).bundles)
        if notation in UNION and len(bundles) > 1:
            continue
        listed = [part for part in exceptions if str(path).endswith("/" + part)]
        if listed:
            with pytest.raises(Refused):
                list(write(bundles, notation))
            exceptions[listed[0]] = True
        else:
            assert set(again(bundles, notation)) == set(bundles), path
    assert all(exceptions.values()), exceptions


@pytest.mark.parametrize("notation", NOTATIONS)
def test_nothing_of_a_strange_bundle_is_lost(notation: Notation) -> None:
    """Whatever the model allows is carried or refused, in every notation."""

    @given(st.lists(strategies.bundles, min_size=1, max_size=3, unique_by=lambda one: one.iri))
    @examples(60)
    def carried(bundles: list[Bundle]) -> None:
        if notation in UNION:  # what is also the bundle could not be told from it
            bundles = [Bundle("urn:x:whole", bundles[0].elements, bundles[0].relations)]
        try:
            found = again(bundles, notation)
        except Refused:
            assert notation in ("provn", *CARRIES_NOT, "rdfxml")
        else:
            stated = {bundle for bundle in bundles if bundle.elements or bundle.relations}
            assert stated <= set(found) <= set(bundles)

    carried()


@pytest.mark.parametrize("notation", NOTATIONS)
def test_what_we_write_is_told_by_its_content(bundles: list[Bundle], notation: Notation) -> None:
    """A narrower notation is as good: each line of N-Triples is one of N-Quads and of Turtle."""
    text = "".join(write(bundles, notation)).encode()
    found = notation_readers.detect_notation(InputFile(text))
    assert (
        notation_registry.read(text, "x", found).bundles
        == notation_registry.read(text, "x", notation).bundles
    )


@pytest.mark.parametrize(
    ("notation", "name"), [("trig", "trig"), ("jsonld", "json-ld"), ("nquads", "nquads")]
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib_finds_the_same_statements(
    bundles: list[Bundle], notation: Notation, name: str
) -> None:
    def quads(text: str, form: str) -> set[tuple[object, ...]]:
        found = rdflib.Dataset().parse(data=text, format=form)
        return {(s, p, o, getattr(g, "identifier", g)) for s, p, o, g in found.quads()}

    expected = quads("".join(write(bundles, "nquads")), "nquads")
    assert quads("".join(write(bundles, notation)), name) == expected


def test_rdflib_reads_rdf_xml(bundles: list[Bundle]) -> None:
    union = rdflib.Graph().parse(data="".join(write(bundles, "ntriples")), format="nt")
    found = rdflib.Graph().parse(data="".join(write(bundles, "rdfxml")), format="xml")
    assert set(found) == set(union)


def test_lines_of_prov_json_are_a_document_each(bundles: list[Bundle]) -> None:
    """So that a store of any size can be written and read with the memory of one bundle."""
    lines = list(write(iter(bundles), "provjson-lines"))
    assert len(lines) == len(bundles)
    assert [provjson.load(line.encode()).bundles[0] for line in lines] == bundles


def test_the_published_context_is_the_one_that_is_used() -> None:
    published = json.loads(shipped("ontologies").joinpath("context.jsonld").read_text())
    assert published == {"@context": dict(CONTEXT)}
