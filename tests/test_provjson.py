"""PROV-JSON: what is read is written again, and what cannot be read is refused with reasons."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from prov.model import ProvDocument

from provstore.errors import BadDocument
from provstore.prov import provjson
from provstore.prov.bundle import IRI, LANG_STRING, Bundle, Value
from provstore.prov.terms import LOCATION, PROV, ROLE, START_TIME, XSD
from tests import foreign
from tests.strategies import bundles

EX = "http://example.org/"


def load(document: Any, **options: Any) -> provjson.Reading:
    """A document with the prefix `a`, read."""
    return provjson.load(json.dumps({"prefix": {"a": EX}, **document}).encode(), **options)


def stranger(text: str) -> ProvDocument:
    """What the `prov` package reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ProvDocument.deserialize(content=text, format="json")


def test_every_foreign_document_is_read_and_written_again_equal(corpora: Path) -> None:
    """Law 1; and law 5: `prov` finds as many records in what we write as there are."""
    for bundle in foreign.bundles(corpora):
        text = provjson.dump(bundle)
        assert provjson.load(text.encode()).bundles == (bundle,)
        (found,) = stranger(text).bundles
        described = sum(len(element.kinds) for element in bundle.elements)
        assert len(found.records) == described + len(bundle.relations), bundle.iri


def test_several_bundles_fit_into_one_document(corpora: Path) -> None:
    some = {bundle.iri: bundle for bundle in foreign.bundles(corpora)[:40]}
    text = provjson.dump(*some.values())
    assert {one.iri: one for one in provjson.load(text.encode()).bundles} == some


@settings(max_examples=50)
@given(bundles)
def test_text_is_the_same_every_time(bundle: Bundle) -> None:
    again = Bundle(bundle.iri, bundle.elements[::-1], bundle.relations[::-1], bundle.prefixes)
    assert provjson.dump(bundle) == provjson.dump(again)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"entity": {"x:e": {}}}, "/entity/x:e"),
        ({"entity": {"e": {}}}, "/entity/e"),
        ({"entity": {"x~/y:e": {}}}, "/entity/x~0~1y:e"),
        ({"prefix": {"prov": EX}}, "/prefix/prov"),
        ({"prefix": {"a": "no-iri"}}, "/prefix/a"),
        ({"prefix": {"a": 1}}, "/prefix/a"),
        ({"prefix": {"a:b": EX}}, "/prefix/a:b"),
        ({"prefix": []}, "/prefix"),
        ({"prefix": {"s": "x:"}, "entity": {"s:": {}}}, "/entity/s:"),
        ({"entitty": {}}, "/entitty"),
        ({"entity": []}, "/entity"),
        ({"entity": {"a:e": "text"}}, "/entity/a:e"),
        ({"entity": {"a:e": [{}, 1]}}, "/entity/a:e/1"),
        ({"entity": {"a:e": {"x:k": 1}}}, "/entity/a:e/x:k"),
        ({"entity": {"a:e": {"a:k": None}}}, "/entity/a:e/a:k"),
        ({"entity": {"a:e": {"a:k": [1, None]}}}, "/entity/a:e/a:k/1"),
        ({"entity": {"a:e": {"a:k": {"value": 1}}}}, "/entity/a:e/a:k"),
        ({"entity": {"a:e": {"a:k": {"$": []}}}}, "/entity/a:e/a:k"),
        ({"entity": {"a:e": {"a:k": {"$": "x", "type": 1}}}}, "/entity/a:e/a:k/type"),
        ({"entity": {"a:e": {"a:k": {"$": "x", "type": "x:t"}}}}, "/entity/a:e/a:k/type"),
        ({"entity": {"a:e": {"a:k": {"$": "x:y", "type": "xsd:QName"}}}}, "/entity/a:e/a:k/$"),
        ({"entity": {"a:e": {"a:k": {"$": "x", "lang": "en us"}}}}, "/entity/a:e/a:k/lang"),
        ({"entity": {"a:e": {"a:k": {"$": "x", "lang": 1}}}}, "/entity/a:e/a:k/lang"),
        ({"activity": {"a:x": {"prov:startTime": "soon"}}}, "/activity/a:x/prov:startTime"),
        ({"used": {"_:1": {"prov:time": "2026-02-30"}}}, "/used/_:1/prov:time"),
        ({"used": {"_:1": {"prov:time": 7}}}, "/used/_:1/prov:time"),
        ({"used": {"_:1": {"prov:entity": None}}}, "/used/_:1/prov:entity"),
        ({"used": {"_:1": {"prov:entity": 1}}}, "/used/_:1/prov:entity"),
        ({"used": {"_:1": {"prov:entity": "x:e"}}}, "/used/_:1/prov:entity"),
        ({"used": {"_:1": {"prov:entity": ["a:e", "a:f"]}}}, "/used/_:1/prov:entity"),
        ({"used": {"_:1": {"p:entity": "a:e"}}, "prefix": {"p": PROV, "a": EX}},
         "/used/_:1/p:entity"),
        ({"bundle": []}, "/bundle"),
        ({"bundle": {"a:b": []}}, "/bundle/a:b"),
        ({"bundle": {"x:b": {}}}, "/bundle/x:b"),
        ({"bundle": {"a:b": {"bundle": {}}}}, "/bundle/a:b/bundle"),
        ({"bundle": {"a:b": {"entity": {"x:e": {}}}}}, "/bundle/a:b/entity/x:e"),
        ({"bundle": {"a:b": {"prefix": {"xsd": EX}}}}, "/bundle/a:b/prefix/xsd"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_pointer(document: object, where: str) -> None:
    with pytest.raises(BadDocument) as caught:
        load(document)
    assert [problem.where for problem in caught.value.problems] == [where]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(BadDocument) as caught:
        load({"entitty": {}, "entity": {"x:e": {"a:k": None}}, "used": {"_:1": 1}})
    found = [problem.where for problem in caught.value.problems]
    assert found == ["/entitty", "/entity/x:e", "/entity/x:e/a:k", "/used/_:1"]


@pytest.mark.parametrize("text", ["[]", "1", '"a"', "null"])
def test_a_document_is_an_object(text: str) -> None:
    with pytest.raises(BadDocument, match="is an object"):
        provjson.load(text.encode())


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udc00": 1}', '{"entity": {}, "entity": {}}'])
def test_damaged_text_and_double_keys_are_refused(text: str) -> None:
    with pytest.raises(BadDocument):
        provjson.load(text.encode())


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("x", Value("x")),
        (1, Value("1", XSD + "int")),
        (2**40, Value(str(2**40), XSD + "long")),
        (2**70, Value(str(2**70), XSD + "integer")),
        (1.5, Value("1.5", XSD + "double")),
        (True, Value("true", XSD + "boolean")),
        ({"$": "x", "type": "xsd:string"}, Value("x")),
        ({"$": "x"}, Value("x")),
        ({"$": "007", "type": "xsd:int"}, Value("007", XSD + "int")),
        ({"$": 7, "type": "xsd:int"}, Value("7", XSD + "int")),
        ({"$": "a:b", "type": "xsd:QName"}, Value(EX + "b", IRI)),
        ({"$": "a:b", "type": "prov:QUALIFIED_NAME"}, Value(EX + "b", IRI)),
        ({"$": "x", "lang": "de-CH"}, Value("x", LANG_STRING, "de-ch")),
        ({"$": "x", "lang": "en", "type": "prov:InternationalizedString"},
         Value("x", LANG_STRING, "en")),
    ],
)  # fmt: skip
def test_values_as_people_write_them(written: object, value: Value) -> None:
    (bundle,) = load({"entity": {"a:e": {"a:k": written}}}).bundles
    assert bundle.elements[0].attributes == ((EX + "k", value),)


@pytest.mark.parametrize(
    ("name", "key"),
    [("prov:startedAtTime", START_TIME), ("prov:atLocation", LOCATION), ("prov:hadRole", ROLE)],
)
def test_words_of_prov_o_are_read_as_prov_dm_with_a_note(name: str, key: str) -> None:
    reading = load({"activity": {"a:x": {name: "2026-04-01T12:00:00Z"}}})
    assert [pair[0] for pair in reading.bundles[0].elements[0].attributes] == [key]
    assert [note.where for note in reading.notes] == [f"/activity/a:x/{name}"]


def test_a_document_is_named_by_what_it_says() -> None:
    """The order of keys does not matter, and a name that is given comes first."""
    one, other = (
        provjson.load(json.dumps({"prefix": {"a": EX}, "entity": records}).encode()).bundles[0]
        for records in ({"a:e": {}, "a:f": {}}, {"a:f": {}, "a:e": {}})
    )
    assert one == other
    assert one.iri.startswith(provjson.DOCUMENT)
    assert load({"entity": {"a:e": {}}}, iri=EX + "b").bundles[0].iri == EX + "b"


def test_identifiers_of_relations_are_kept_where_something_points_at_them() -> None:
    document = {
        "wasGeneratedBy": {"_:g": {"prov:entity": "a:e", "prov:activity": "a:x"}},
        "used": {"_:u": {"prov:activity": "a:x", "prov:entity": "a:f"}},
        "wasDerivedFrom": {
            "_:d": {
                "prov:generatedEntity": "a:e",
                "prov:usedEntity": "a:f",
                "prov:generation": "_:g",
            }
        },
    }
    (bundle,) = load(document).bundles
    kept = {relation.kind: relation.id for relation in bundle.relations if relation.id}
    (derivation,) = (one for one in bundle.relations if one.kind == "wasDerivedFrom")
    assert kept == {"wasGeneratedBy": derivation.arguments[3]}
    assert derivation.arguments[3].startswith(provjson.BLANK)


def test_one_membership_of_several_members_is_several() -> None:
    members = {"prov:collection": "a:c", "prov:entity": ["a:e", "a:f"]}
    (bundle,) = load({"hadMember": {"_:1": members}}).bundles
    ends = [relation.arguments for relation in bundle.relations]
    assert ends == [(EX + "c", EX + "e"), (EX + "c", EX + "f")]


def test_what_is_unusual_is_noted() -> None:
    reading = load(
        {
            "prefix": {"a": EX + "x"},
            "entity": {"a:e": [{}, {}], "http://example.org/z": {}, "a: ": {}},
            "used": {"_:1": {"prov:activity": "a:y"}},
        }
    )
    where = [note.where for note in reading.notes]
    assert where == [
        "/prefix/a", "/entity/a:e", "/entity/http:~1~1example.org~1z", "/entity/a: ",
        "/used/_:1", "",
    ]  # fmt: skip
