"""Statements of PROV-Dictionary in PROV-N and PROV-XML say what PROV-O says of them."""

import pytest

from provstore.errors import BadDocument
from provstore.prov.model.bundle import Bundle, Value
from provstore.prov.model.terms import PROV, XSD
from provstore.prov.notations import notation_registry, prov_dictionary

EX = "http://example.org/"
PROVN = f"document default <{EX}> prefix ex <{EX}>\n%s\nendDocument"
XML = (
    f'<prov:document xmlns:prov="{PROV}" xmlns:ex="{EX}" xmlns:xsd="http://www.w3.org/2001/'
    'XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">%s</prov:document>'
)
TURTLE = f"@prefix prov: <{PROV}> . @prefix ex: <{EX}> . @prefix xsd: <{XSD}> .\n%s"

SAME = {
    "a member": (
        'prov:hadDictionaryMember(ex:d, ex:e, "a" %% xsd:string)',
        '<prov:hadDictionaryMember><prov:dictionary prov:ref="ex:d"/><prov:keyEntityPair><prov:key'
        ' xsi:type="xsd:string">a</prov:key><prov:entity prov:ref="ex:e"/></prov:keyEntityPair>'
        "</prov:hadDictionaryMember>",
        'ex:d prov:hadDictionaryMember [ prov:pairKey "a" ; prov:pairEntity ex:e ] .',
    ),
    "an insertion": (
        'prov:derivedByInsertionFrom(ex:i; ex:d2, ex:d, {("1" %% xsd:int, ex:e)},'
        ' [ex:why="x, {y)"])',
        '<prov:derivedByInsertionFrom prov:id="ex:i"><prov:newDictionary prov:ref="ex:d2"/>'
        '<prov:oldDictionary prov:ref="ex:d"/><prov:keyEntityPair><prov:key xsi:type="xsd:int">1'
        '</prov:key><prov:entity prov:ref="ex:e"/></prov:keyEntityPair><ex:why>x, {y)</ex:why>'
        "</prov:derivedByInsertionFrom>",
        "ex:d2 prov:qualifiedInsertion ex:i . ex:i a prov:Insertion ; prov:dictionary ex:d ;"
        ' ex:why "x, {y)" ;'
        ' prov:insertedKeyEntityPair [ prov:pairKey "1"^^xsd:int ; prov:pairEntity ex:e ] .',
    ),
    "a removal": (
        "prov:derivedByRemovalFrom(ex:r; ex:d2, ex:d, // why not\n {'ex:k', \"b\"@en})",
        '<prov:derivedByRemovalFrom prov:id="ex:r"><prov:newDictionary prov:ref="ex:d2"/>'
        '<prov:oldDictionary prov:ref="ex:d"/><prov:key xsi:type="xsd:QName">ex:k</prov:key>'
        '<prov:key xml:lang="en">b</prov:key></prov:derivedByRemovalFrom>',
        "ex:d2 prov:qualifiedRemoval ex:r . ex:r a prov:Removal ; prov:dictionary ex:d ;"
        ' prov:removedKey ex:k , "b"@en .',
    ),
}


def read(text: str) -> Bundle:
    (bundle,) = notation_registry.read(text.encode(), "text").bundles
    return bundle


def said(bundle: Bundle) -> str:
    """What a bundle says, whatever the document that names its pair."""
    pairs = [element.iri for element in bundle.elements if element.values(PROV + "pairKey")]
    whole = repr(bundle.elements)
    return whole.replace(pairs[0], "the pair") if pairs else whole


@pytest.mark.parametrize("name", SAME)
def test_three_notations_say_the_same(name: str) -> None:
    texts = zip((PROVN, XML, TURTLE), SAME[name], strict=True)
    assert len({said(read(whole % text)) for whole, text in texts}) == 1


def test_that_they_are_kept_as_attributes_is_told() -> None:
    for text in (PROVN % SAME["a member"][0], XML % SAME["a member"][1]):
        notes = notation_registry.read(text.encode(), "text").notes
        assert any(note.what == prov_dictionary.DICTIONARY_NOTE for note in notes)


def test_inside_of_a_bundle_it_stays_there() -> None:
    member = SAME["a member"][0]
    found = notation_registry.read(
        (PROVN % f"bundle ex:b {member} endBundle").encode(), "text"
    ).bundles
    assert [(one.iri, len(one.elements)) for one in found] == [(EX + "b", 2)]


def test_words_in_texts_and_comments_are_no_statements() -> None:
    text = "prov:hadDictionaryMember(ex:d, ex:e, 1)"
    bundle = read(PROVN % f'// {text}\n /* {text} */ entity(ex:x, [ex:k="{text}"])')
    assert [element.iri for element in bundle.elements] == [EX + "x"]
    assert bundle.elements[0].values(EX + "k") == (Value(text),)


@pytest.mark.parametrize(
    "text",
    [
        PROVN % "prov:hadDictionaryMember(ex:d, ex:e)",
        PROVN % "prov:hadDictionaryMember()",
        PROVN % "prov:derivedByInsertionFrom(ex:d2, ex:d, ex:e)",
        PROVN % 'prov:derivedByInsertionFrom(ex:d2, ex:d, {("a")})',
        PROVN % "prov:derivedByRemovalFrom(ex:d2, ex:d, {'ex:k'}",
        XML % '<prov:hadDictionaryMember ex:secret="1"/>',
        XML % SAME["a member"][1].replace("<prov:keyEntityPair>", "<prov:keyEntityPair>hello"),
        XML % SAME["a removal"][1].replace("<prov:key ", "hello<prov:key "),
    ],
)
def test_what_is_not_as_the_note_has_it_is_refused(text: str) -> None:
    """Whole, and with a word on dictionaries: nothing that stands beside is passed over."""
    with pytest.raises(BadDocument):
        notation_registry.read(text.encode(), "text")
