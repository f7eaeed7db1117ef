"""Documents of others in any notation: told by their content, read whole or refused clearly."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provstore.errors import BadDocument, Problem, UnknownName
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import PROV
from provstore.prov.notations import notation_readers, notation_registry, prov_o
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.provjson import BLANK, DOCUMENT
from provstore.prov.notations.provjsonld import CONTEXTS
from tests import foreign
from tests.notation_limits import DISAGREE, ESCAPED, UNREADABLE
from tests.properties import examples

EX = "http://example.org/"
HEAD = f"@prefix prov: <{PROV}> . @prefix ex: <{EX}> .\n"
XML = f'<prov:document xmlns:prov="{PROV}" xmlns:ex="{EX}">%s</prov:document>'


def read(text: str, notation: str | None = None) -> Bundle:
    (bundle,) = notation_registry.read(text.encode(), "text", notation).bundles
    return bundle


def test_every_document_is_told_by_its_content(corpora: Path) -> None:
    """A file's name does not matter; a JSON document of Linked Data may be of two notations."""
    wrong = {
        name: found
        for name, path in foreign.everything(corpora).items()
        if "malformed" not in name
        and (found := notation_readers.detect_notation(InputFile(path.read_bytes())))
        not in ((foreign.NOTATIONS[path.suffix],) if path.suffix != ".jsonld" else _LINKED)
    }
    assert not wrong


_LINKED = ("jsonld", "provjsonld")


def test_every_document_is_read_but_for_those_with_a_reason(corpora: Path) -> None:
    """And a reason that explains nothing any more must go."""
    refused = {}
    for name, path in foreign.everything(corpora).items():
        try:
            notation_registry.read(path.read_bytes(), path.name)
        except BadDocument as error:
            refused[name] = str(error)
    reasons = {name: [part for part in UNREADABLE if part in name] for name in refused}
    assert not [(name, refused[name]) for name, parts in reasons.items() if not parts]
    used = {part for parts in reasons.values() for part in parts}
    assert used == set(UNREADABLE)


def test_what_is_made_malformed_is_refused(corpora: Path) -> None:
    found = [path for name, path in foreign.everything(corpora).items() if "/malformed/" in name]
    assert len(found) > 10
    for path in found:
        with pytest.raises(BadDocument) as caught:
            notation_registry.read(path.read_bytes(), path.name)
        assert all(problem.what for problem in caught.value.problems)


def test_all_notations_of_a_document_say_the_same(corpora: Path) -> None:
    """But for what is listed, with its reason; a folder that agrees must leave the list."""
    folders: dict[str, set[object]] = defaultdict(set)
    for path in sorted((corpora / "five-notations").rglob("*.*")):
        name = f"/{path.parent.name}/{path.name}"
        if path.suffix in foreign.NOTATIONS and not any(part in name for part in UNREADABLE):
            held = notation_registry.read(path.read_bytes(), path.name).bundles
            said = sorted(map(_nameless, held))
            if path.suffix == ".provx":
                said = [ESCAPED.sub(r"\1", one) for one in said]
            folders[f"/{path.parent.name}/"].add(tuple(said))
    assert len(folders) > 80
    torn = {folder for folder, said in folders.items() if len(said) > 1}
    assert not [one for one in torn if not any(part in one for part in DISAGREE)]
    for part in DISAGREE:
        assert any(part in one for one in torn), f"{part} agrees now"


def _nameless(bundle: Bundle) -> str:
    """What a bundle says: a document without a name is named by its text, which differs."""
    said = repr((bundle.iri, bundle.elements, bundle.relations))
    return re.sub(rf"(?:{BLANK}|{DOCUMENT})[0-9a-f]*", "here ", said)


def test_what_is_nothing_is_told_for_each_notation() -> None:
    with pytest.raises(BadDocument) as caught:
        notation_registry.read(b"hello, this is no provenance", "letter")
    named = {problem.where for problem in caught.value.problems}
    assert {"provn", "turtle", "trig", "nquads", "ntriples", "provjson"} <= named


def test_an_unknown_notation_is_answered_with_the_near_ones() -> None:
    with pytest.raises(UnknownName, match="provxml"):
        notation_registry.read(b"", "x", "provxm")


def test_lines_of_prov_json_are_one_document_each() -> None:
    line = '{"prefix": {"ex": "http://example.org/"}, "entity": {"ex:%s": {}}}\n'
    found = notation_registry.read((line % "a" + line % "b").encode(), "lines")
    assert [bundle.elements[0].iri for bundle in found.bundles] == [EX + "a", EX + "b"]
    with pytest.raises(BadDocument, match="line 2"):
        notation_registry.read((line % "a" + "{]\n").encode(), "lines", "provjson-lines")


# --- PROV-O --------------------------------------------------------------------------------------


def test_a_direct_triple_beside_its_qualified_form_is_one_relation() -> None:
    """PROV-O 3.3; without the qualified form, the direct triple alone is the relation."""
    qualified = "ex:e prov:qualifiedGeneration [ a prov:Generation; prov:activity ex:a ] ."
    direct = "ex:e prov:wasGeneratedBy ex:a ."
    once = read(HEAD + qualified)
    assert read(HEAD + qualified + direct).relations == once.relations
    assert read(HEAD + direct).relations == once.relations


@pytest.mark.parametrize(
    ("said", "preferred"),
    [
        ("ex:a prov:generated ex:e .", "ex:e prov:wasGeneratedBy ex:a ."),
        ("ex:c prov:hadMember ex:e .", "ex:e prov:wasMemberOf ex:c ."),
        ("ex:e prov:wasRevisionOf ex:f .", "ex:f prov:hadRevision ex:e ."),
    ],
)
def test_inverse_properties_mean_the_same(said: str, preferred: str) -> None:
    """PROV-O, appendix B."""
    assert read(HEAD + said).relations == read(HEAD + preferred).relations != ()


def test_what_is_no_prov_stays_with_its_attributes_and_is_noted() -> None:
    text = HEAD + 'ex:shelf ex:height "3"^^<urn:x:metres> . ex:e a prov:Entity .'
    found = notation_registry.read(text.encode(), "shelf")
    _, element = found.bundles[0].elements
    assert (element.iri, element.kinds) == (EX + "shelf", ("entity",))
    assert element.values(EX + "height")[0].text == "3"
    assert any("kept as entities" in note.what for note in found.notes)


def test_each_named_graph_is_a_bundle() -> None:
    text = HEAD + "ex:one { ex:e a prov:Entity } ex:two { ex:e a prov:Agent }"
    found = notation_registry.read(text.encode(), "graphs").bundles
    assert {one.iri: one.elements[0].kinds for one in found} == {
        EX + "one": ("entity",),
        EX + "two": ("agent",),
    }


def test_words_of_prov_dictionary_are_kept_and_noted() -> None:
    found = notation_registry.read(
        (HEAD + "ex:d prov:hadDictionaryMember ex:m .").encode(), "dictionary"
    )
    assert found.bundles[0].elements[0].values(PROV + "hadDictionaryMember")
    assert any("PROV-Dictionary" in note.what for note in found.notes)


# --- blank names ---------------------------------------------------------------------------------

# What names `_:r` besides a generation, in three notations: does the generation have it then?
BLANK_NAMES = {
    "nothing": (False, "", "", ""),
    "an element": (
        True,
        "_:r a prov:Activity .",
        '"activity": {"_:r": {}}',
        '{"@type": "Activity", "@id": "_:r"}',
    ),
    "the end of a relation": (
        True,
        "ex:b prov:used _:r .",
        '"used": {"ex:u": {"prov:activity": "ex:b", "prov:entity": "_:r"}}',
        '{"@type": "Usage", "@id": "ex:u", "activity": "ex:b", "entity": "_:r"}',
    ),
    "the begin of a relation": (
        True,
        "_:r prov:used ex:f .",
        '"used": {"ex:u": {"prov:activity": "_:r", "prov:entity": "ex:f"}}',
        '{"@type": "Usage", "@id": "ex:u", "activity": "_:r", "entity": "ex:f"}',
    ),
    "the generation of a derivation": (
        True,
        "ex:e prov:qualifiedDerivation [ prov:entity ex:f ; prov:hadGeneration _:r ] .",
        '"wasDerivedFrom": {"ex:d": {"prov:generatedEntity": "ex:e", "prov:usedEntity": "ex:f",'
        ' "prov:generation": "_:r"}}',
        '{"@type": "Derivation", "@id": "ex:d", "generatedEntity": "ex:e", "usedEntity": "ex:f",'
        ' "generation": "_:r"}',
    ),
    "a value": (
        True,
        "ex:f a prov:Entity ; ex:k _:r .",
        '"entity": {"ex:f": {"ex:k": {"$": "_:r", "type": "prov:QUALIFIED_NAME"}}}',
        '{"@type": "Entity", "@id": "ex:f", "ex:k": [{"@id": "_:r"}]}',
    ),
    "a bundle": (
        True,
        "_:r { ex:f a prov:Entity . }",
        '"bundle": {"_:r": {"entity": {"ex:f": {}}}}',
        '{"@type": "Bundle", "@id": "_:r", "@graph": [{"@type": "Entity", "@id": "ex:f"}]}',
    ),
    "an element of another bundle": (
        True,
        "ex:b { _:r a prov:Entity . }",
        '"bundle": {"ex:b": {"entity": {"_:r": {}}}}',
        '{"@type": "Bundle", "@id": "ex:b", "@graph": [{"@type": "Entity", "@id": "_:r"}]}',
    ),
    "another relation": (
        False,
        "ex:f prov:qualifiedGeneration _:r .",
        '"used": {"_:r": {"prov:activity": "ex:b", "prov:entity": "ex:f"}}',
        '{"@type": "Usage", "@id": "_:r", "activity": "ex:b", "entity": "ex:f"}',
    ),
}


@pytest.mark.parametrize(
    ("named", "trig", "provjson", "provjsonld"), BLANK_NAMES.values(), ids=BLANK_NAMES
)
def test_a_blank_name_identifies_a_relation_in_every_notation_alike(
    named: bool, trig: str, provjson: str, provjsonld: str
) -> None:
    """It does if it has another role anywhere in the document, and relations are no such role."""
    generation = {"prov:entity": "ex:e", "prov:activity": "ex:a"}
    statement = {"@type": "Generation", "@id": "_:r", "entity": "ex:e", "activity": "ex:a"}
    texts = {
        "trig": f"{HEAD} ex:e prov:qualifiedGeneration _:r ."
        f" _:r a prov:Generation ; prov:activity ex:a . {trig}",
        "provjson": json.dumps(
            {"prefix": {"ex": EX}, "wasGeneratedBy": {"_:r": generation}}
            | json.loads(f"{{{provjson}}}")
        ),
        "provjsonld": json.dumps(
            {"@context": [{"ex": EX}, sorted(CONTEXTS)[0]]}
            | {"@graph": [statement, *json.loads(f"[{provjsonld}]")]}
        ),
    }
    for notation, text in texts.items():
        found = notation_registry.read(text.encode(), notation, notation).bundles
        generations = [
            relation
            for bundle in found
            for relation in bundle.relations
            if relation.kind == "wasGeneratedBy"
        ]
        assert generations
        assert {one.id.startswith(BLANK) for one in generations} == {named}, notation


# --- hostile -------------------------------------------------------------------------------------

HOSTILE = {
    "a file through an entity": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    + XML % '<prov:entity prov:id="ex:e"><prov:label>&x;</prov:label></prov:entity>',
    "entities that multiply": '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    + XML % '<prov:entity prov:id="ex:e"><prov:label>&b;</prov:label></prov:entity>',
    "another encoding": '<?xml version="1.0" encoding="UTF-7"?>' + XML % "",
    "text beside elements": XML % "hello",
    "an attribute of nobody": XML % '<prov:entity prov:id="ex:e" ex:secret="1"/>',
    "something else": XML % "<prov:other><ex:x/></prov:other>",
    "a language and a datatype": XML
    % '<prov:entity prov:id="ex:e"><ex:k xml:lang="de" xmlns:xsi="http://www.w3.org/2001/'
    'XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:int">1</ex:k>'
    "</prov:entity>",
    "a context from elsewhere": '{"@context": "https://example.org/context.jsonld", "@graph": []}',
    "two keys of one name": '{"@context": {"ex": "http://example.org/"}, "@id": "a", "@id": "b"}',
    "no end": "document prefix ex <http://example.org/> entity(ex:e",
    "no prefix": "document entity(ex:e) endDocument",
    "brackets without end": HEAD + "ex:e ex:k " + "[ ex:k " * 3000,
    "elements without end": XML % ("<prov:entity>" * 3000),
    "lists without end": '{"@context": ' + "[" * 3000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_is_refused(text: str) -> None:
    with pytest.raises(BadDocument):
        notation_registry.read(text.encode(), "hostile")


@pytest.mark.parametrize("notation", notation_registry.NOTATIONS)
def test_a_limit_of_size_holds_for_every_notation(notation: str) -> None:
    with pytest.raises(BadDocument, match="at most"):
        notation_registry.read(b"{" * 101, "long", notation, limit=100)


@pytest.mark.parametrize("notation", notation_registry.NOTATIONS)
def test_bytes_that_are_no_text_are_refused(notation: str) -> None:
    with pytest.raises(BadDocument):
        notation_registry.read(b"\xff\xfe\x00\x80", "bytes", notation)


@pytest.fixture(scope="module")
def samples(corpora: Path) -> list[bytes]:
    """A few documents of each notation."""
    by_suffix: dict[str, list[Path]] = defaultdict(list)
    for path in foreign.everything(corpora).values():
        if path.stat().st_size < 5000:
            by_suffix[path.suffix].append(path)
    return [path.read_bytes() for paths in by_suffix.values() for path in paths[::40]]


@given(st.data())
@examples(300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_document_is_read_whole_or_refused(
    samples: list[bytes], data: st.DataObject
) -> None:
    """Never anything else: no traceback, and what is read can be written and read again."""
    text = bytearray(data.draw(st.sampled_from(samples)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(text) - 1, 0)))
        kind = data.draw(st.sampled_from(["cut", "put", "drop", "twice"]))
        if kind == "cut":
            del text[place:]
        elif kind == "put":
            text[place:place] = data.draw(st.binary(max_size=3))
        elif kind == "drop":
            del text[place : place + data.draw(st.integers(1, 9))]
        else:
            text[place:place] = text[place : place + 20]
    refused: tuple[Problem, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    try:
        bundles = notation_registry.read(bytes(text), "damaged").bundles
    except BadDocument as error:
        refused = error.problems
    assert bool(refused) != bool(bundles)
    for bundle in bundles:
        assert (
            prov_o.read(bundle.iri, prov_o.parse(prov_o.nquads(bundle)).get(bundle.iri, ()))
            == bundle
        )


def test_a_name_in_json_that_is_no_text_is_refused() -> None:
    document = {"@context": {"ex": EX}, "@id": "ex:a", "ex:k": {"@value": 1e400}}
    with pytest.raises(BadDocument):
        read(json.dumps(document))
