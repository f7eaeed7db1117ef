"""PROV-N, PROV-XML and PROV-JSONLD through `prov`: nothing altered, all faults told."""

import sys

import pytest

from provstore.errors import BadDocument, ProvstoreError
from provstore.prov.model.bundle import IRI, LANG_STRING, Bundle, Value
from provstore.prov.model.terms import PROV, RDF, XSD
from provstore.prov.notations import prov_library, provjson

EX = "http://example.org/"
XML = (
    f'<prov:document xmlns:prov="{PROV}" xmlns:ex="{EX}" xmlns:xsd="http://www.w3.org/2001/'
    'XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xmlns:rdf="{RDF}">%s</prov:document>'
)


def read(text: str, notation: prov_library.LibraryNotation) -> Bundle:
    content, _ = prov_library.to_provjson(text.encode(), "text", notation)
    return provjson.load(content).bundles[0]


@pytest.mark.parametrize("text", ["007", "+1", "1.50", "1e3", "true", "1"])
@pytest.mark.parametrize("datatype", ["int", "decimal", "double", "boolean", "long"])
def test_numbers_stay_as_they_were_written(text: str, datatype: str) -> None:
    said = f'document prefix ex <{EX}> entity(ex:e, [ex:k="{text}" %% xsd:{datatype}]) endDocument'
    assert read(said, "provn").elements[0].values(EX + "k") == (Value(text, XSD + datatype),)


@pytest.mark.parametrize("time", ["2026-03-01T09:00:00.10+01:00", "2026-03-01T24:00:00Z"])
def test_times_stay_as_they_were_written(time: str) -> None:
    said = f"document prefix ex <{EX}> wasGeneratedBy(ex:e, ex:a, {time}) endDocument"
    assert read(said, "provn").relations[0].arguments[2] == time


def test_a_language_is_kept_whatever_type_stands_beside_it() -> None:
    for kind in ("", 'xsi:type="prov:InternationalizedString"', 'xsi:type="xsd:string"'):
        said = f'<prov:entity prov:id="ex:e"><ex:k xml:lang="de" {kind}>ja</ex:k></prov:entity>'
        (value,) = read(XML % said, "provxml").elements[0].values(EX + "k")
        assert value == Value("ja", LANG_STRING, "de")


def test_an_xml_literal_is_kept_as_canonical_text() -> None:
    said = '<ex:k xsi:type="rdf:XMLLiteral"><a xmlns="urn:x:"><b/></a></ex:k>'
    element = read(XML % f'<prov:entity prov:id="ex:e">{said}</prov:entity>', "provxml").elements[0]
    assert element.values(EX + "k")[0].text == '<a xmlns="urn:x:"><b></b></a>'


def test_all_that_prov_would_pass_over_is_named_with_its_line() -> None:
    said = '\n<prov:entity prov:id="ex:e" ex:a="1"/>\n<prov:other/>\nhello'
    with pytest.raises(BadDocument) as caught:
        read(XML % said, "provxml")
    assert [problem.where for problem in caught.value.problems] == ["line 1", "line 2", "line 3"]


def test_a_reserved_prefix_that_was_meant_well_is_told() -> None:
    said = f"document prefix prov <https://www.w3.org/ns/prov#> prefix ex <{EX}> entity(ex:e) "
    _, notes = prov_library.to_provjson((said + "endDocument").encode(), "text", "provn")
    assert any("https://www.w3.org/ns/prov#" in note.what for note in notes)
    other = "document prefix prov <http://example.org/prov#> endDocument"
    with pytest.raises(BadDocument, match="prov"):
        read(other, "provn")


JSONLD = '{"@context": [{"ex": "%s"}, "https://openprovenance.org/prov-jsonld/context.jsonld"], %s}'


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ('{"@type": "Usage", "@id": "x:u", "activity": "ex:a"}', "/@graph/0/@id"),
        ('{"@type": "Entity", "@id": "ex:e", "ex:k": [{"@value": "1", "@type": "x:t"}]}',
         "/@graph/0/ex:k"),
        ('{"@type": "Bundle", "@id": "ex:n"}, {"@type": "Bundle", "@id": "ex:b", "@graph": ['
         '{"@type": "Usage", "@id": "x:u", "activity": "ex:a"}]}', "/@graph/1/@graph/0/@id"),
    ],
)  # fmt: skip
def test_a_name_that_prov_would_leave_out_is_told(said: str, where: str) -> None:
    """An identifier or a datatype whose prefix is not declared: `prov` says nothing of it."""
    with pytest.raises(BadDocument, match="'x:") as caught:
        read(JSONLD % (EX, f'"@graph": [{said}]'), "provjsonld")
    assert [problem.where for problem in caught.value.problems] == [where]


def test_blank_names_do_not_stand_for_a_context() -> None:
    """Without one it is no PROV-JSONLD, and what is wrong is told in the names of the text."""
    with pytest.raises(BadDocument, match="@context"):
        read('{"@graph": [{"@type": "Entity", "@id": "_:e"}]}', "provjsonld")
    with pytest.raises(BadDocument) as caught:
        read(JSONLD % (EX, '"_:k": 1, "@graph": []'), "provjsonld")
    assert [problem.where for problem in caught.value.problems] == ["/_:k"]


def test_blank_names_are_not_those_that_prov_makes_up() -> None:
    """`prov` numbers what has no identifier as `_:id1`, and so may a document, its entities."""
    said = """"@graph": [
        {"@type": "Entity", "@id": "_:id1", "ex:k": [{"@value": "_:id1"}, {"@id": "_:id2"}]},
        {"@type": "Usage", "activity": "ex:a", "entity": "_:id1"},
        {"@type": "Usage", "@id": "_:id\\u0032", "activity": "ex:b", "entity": "_:id1"},
        {"@type": "Usage", "@id": "_:id3", "activity": "ex:c", "entity": "_:id1"}]"""
    bundle = read(JSONLD % (EX, said), "provjsonld")
    (element,) = bundle.elements
    text, linked = element.values(EX + "k")
    assert linked == Value(element.iri.replace("id1", "id2"), IRI)
    assert text == Value("_:id1")
    assert [relation.id for relation in bundle.relations] == ["", linked.text, ""]
    assert {relation.arguments[1] for relation in bundle.relations} == {element.iri}
    assert not any("blank" in prefix for prefix in bundle.prefixes)


def test_a_prefix_that_is_an_underline_is_refused() -> None:
    """In PROV-XML it may have a namespace; elsewhere it marks blank names, which have none."""
    said = '<prov:entity xmlns:_="urn:x:" prov:id="_:e"/>'
    with pytest.raises(BadDocument, match="prefix '_'"):
        read(XML % said, "provxml")


def test_words_in_a_text_are_no_declarations() -> None:
    said = f"prefix prov <{PROV}>"
    document = f'document prefix ex <{EX}> entity(ex:e, [ex:k="{said}"]) endDocument'
    assert read(document, "provn").elements[0].values(EX + "k")[0].text == said


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml.etree", None)
    with pytest.raises(ProvstoreError, match=r"provstore\[xml\]"):
        read(XML % "", "provxml")
