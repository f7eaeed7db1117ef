"""PROV-JSON: what is read is written again, and what cannot be read is refused with reasons."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from prov.model import ProvDocument

from provstore.errors import BadDocument
from provstore.prov.model.bundle import IRI, LANG_STRING, Bundle, Value
from provstore.prov.model.terms import LOCATION, PROV, ROLE, START_TIME, XSD
from provstore.prov.notations import prov_o, provjson
from tests import foreign
from tests.properties import examples
from tests.strategies import bundles
from tests.test_provjson_tables import documents

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


@examples(50)
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
        ({"prefix": {"_": EX}}, "/prefix/_"),
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
    with pytest.raises(BadDocument, match="must be an object"):
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


GENERATION = {"prov:entity": "a:e", "prov:activity": "a:x"}
USAGE = {"prov:activity": "a:x", "prov:entity": "a:f"}
DERIVATION = {"prov:generatedEntity": "a:e", "prov:usedEntity": "a:f"}


def test_identifiers_of_relations_are_kept_where_something_points_at_them() -> None:
    document = {
        "wasGeneratedBy": {"_:g": GENERATION},
        "used": {"_:u": USAGE},
        "wasDerivedFrom": {"_:d": {**DERIVATION, "prov:generation": "_:g"}},
    }
    (bundle,) = load(document).bundles
    kept = {relation.kind: relation.id for relation in bundle.relations if relation.id}
    (derivation,) = (one for one in bundle.relations if one.kind == "wasDerivedFrom")
    assert kept == {"wasGeneratedBy": derivation.arguments[3]}
    assert derivation.arguments[3].startswith(provjson.BLANK)


def identifiers(document: Any) -> dict[str, list[str]]:
    """The identifiers of the relations of each kind, blank ones as they are written."""
    found: dict[str, list[str]] = {}
    for bundle in load(document).bundles:
        for relation in bundle.relations:
            blank = re.sub(rf"^{provjson.BLANK}[0-9a-f]+/", "_:", relation.id)
            found.setdefault(relation.kind, []).append(blank)
    return found


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"activity": {"_:r": {}}},
        {"entity": {"_:r": {"a:k": "text"}}},
        {"agent": {"_:r": [{}, {}]}},
        {"used": {"a:u": {"prov:activity": "_:r", "prov:entity": "a:f"}}},
        {"used": {"a:u": {"prov:activity": "a:x", "prov:entity": "_:r"}}},
        {"hadMember": {"a:m": {"prov:collection": "a:c", "prov:entity": ["a:e", "_:r"]}}},
        {"wasStartedBy": {"a:s": {"prov:activity": "a:x", "prov:starter": "_:r"}}},
        {"wasDerivedFrom": {"a:d": {**DERIVATION, "prov:generation": "_:r"}}},
        {"wasDerivedFrom": {"a:d": {**DERIVATION, "prov:usage": {"$": "_:r"}}}},
        {"entity": {"a:e": {"a:k": {"$": "_:r", "type": "prov:QUALIFIED_NAME"}}}},
        {"used": {"a:u": {**USAGE, "a:k": [{"$": "_:r", "type": "xsd:QName"}]}}},
        {"entity": {"a:e": {"_:r": "text"}}},
        {"entity": {"a:e": {"a:k": {"$": "text", "type": "_:r"}}}},
        {"bundle": {"_:r": {}}},
        {"bundle": {"a:b": {"entity": {"_:r": {}}}}},
    ],
)
def test_a_blank_key_is_an_identifier_if_its_name_has_another_role(elsewhere: Any) -> None:
    """Whatever that is, and wherever in the document it stands; other keys stay without meaning."""
    generations = {"_:r": GENERATION, "_:s": GENERATION, "a:g": GENERATION}
    for document in (
        {"wasGeneratedBy": generations, **elsewhere},
        {**elsewhere, "wasGeneratedBy": generations},
    ):
        assert sorted(identifiers(document)["wasGeneratedBy"]) == ["", "_:r", EX + "g"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"used": {"_:r": USAGE}},
        {"bundle": {"a:b": {"used": {"_:r": USAGE}}}},
        {"entity": {"a:e": {"a:k": "_:r"}}},
        {"entity": {"a:e": {"a:k": {"$": "_:r", "type": "xsd:string"}}}},
        {"entity": {"a:_:r": {}}},
        {"entity": {"_:R": {}}},
    ],
)
def test_a_blank_key_is_no_identifier_of_its_own(elsewhere: Any) -> None:
    """Relations may share it, of one kind or several, in one bundle or several."""
    found = identifiers(
        {"wasGeneratedBy": {"_:r": [GENERATION, {**GENERATION, "a:k": "text"}]}, **elsewhere}
    )
    assert {identifier for ids in found.values() for identifier in ids} == {""}


def test_all_relations_of_one_blank_key_are_identified_together() -> None:
    """Those of a list, of several kinds, of several bundles, and of several members."""
    document = {
        "used": {"_:r": [USAGE, {**USAGE, "a:k": "text"}]},
        "wasGeneratedBy": {"_:r": GENERATION},
        "hadMember": {"_:r": {"prov:collection": "a:c", "prov:entity": ["a:e", "a:f"]}},
        "bundle": {"a:b": {"wasDerivedFrom": {"_:r": DERIVATION}}},
        "activity": {"_:r": {}},
    }
    assert identifiers(document) == {
        "used": ["_:r", "_:r"],
        "wasGeneratedBy": ["_:r"],
        "hadMember": ["_:r", "_:r"],
        "wasDerivedFrom": ["_:r"],
    }


def test_blank_names_are_equal_if_their_iris_are() -> None:
    document = {"used": {"_:r%20s": USAGE}, "activity": {"_:r s": {}}}
    assert identifiers(document) == {"used": ["_:r%20s"]}


@given(documents)
@example({"prefix": {"e": EX}, "activity": {"_:r": {}}, "used": {"_:r": {"prov:activity": "_:r"}}})
def test_what_a_blank_name_means_does_not_depend_on_the_order(content: dict[str, Any]) -> None:
    """Of kinds, of records, of bundles: a document is an object, and its keys have no order."""

    def turned(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        return {key: turned(value) for key, value in reversed(part.items())}

    def meaning(document: Any) -> Any:
        try:
            return set(map(repr, provjson.load(json.dumps(document).encode()).bundles))
        except BadDocument as refusal:
            return {problem.where for problem in refusal.problems}

    assert meaning(content) == meaning(turned(content))


@given(documents)
def test_blank_names_survive_being_written_and_read_again(content: dict[str, Any]) -> None:
    """They have an IRI then, and mean what they meant, in PROV-JSON and in PROV-O."""
    try:
        bundles = provjson.load(json.dumps(content).encode()).bundles
    except BadDocument:
        return
    for bundle in bundles:
        assert provjson.load(provjson.dump(bundle).encode()).bundles == (bundle,)
        graph = prov_o.parse(prov_o.nquads(bundle)).get(bundle.iri, ())
        assert prov_o.read(bundle.iri, graph) == bundle


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
        "/prefix/a",
        "/entity/a:e",
        "/entity/http:~1~1example.org~1z",
        "/entity/a: ",
        "/used/_:1",
        "",
    ]
