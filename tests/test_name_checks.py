"""Names that pose as others: refused where a report introduces them, noted where others do."""

import pytest

from provstore.commands.name_checks import disguised_names, notes_on_bundles, unkept_texts
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from provstore.prov.model.terms import LABEL
from tests.hostile_texts import HOSTILE_TEXTS

IRIS = IngestIris()


def naming(*names: str) -> Bundle:
    return Bundle("urn:b", tuple(Element(name, ("entity",)) for name in names))


@pytest.mark.parametrize("kind", ["bidi", "homoglyph", "invisible", "C1", "NUL"])
def test_a_new_name_that_poses_as_another_is_a_problem_at_its_answer(kind: str) -> None:
    for text in HOSTILE_TEXTS[kind]:
        bundle = naming(IRIS.tool(text, "1"))
        answers = {"comment": "fine", "tool": {"name": text, "version": "1"}}
        (problem,) = disguised_names(bundle, answers, IRIS)
        assert problem.where == "/answers/tool/name"
        assert problem.mend


def test_a_name_of_a_tool_file_has_its_iri_as_its_place() -> None:
    iri = IRIS.file("cordex.output", "t\u0430s.nc")
    (problem,) = disguised_names(naming(iri), {}, IRIS)
    assert problem.where == iri
    assert "CYRILLIC SMALL LETTER A" in problem.what
    assert "'tas.nc'" in problem.mend


def test_only_one_of_two_normal_forms_is_a_name() -> None:
    composed, decomposed = HOSTILE_TEXTS["twin"][1], HOSTILE_TEXTS["twin"][0]
    assert not [*disguised_names(naming(IRIS.dataset(composed)), {}, IRIS)]
    (problem,) = disguised_names(naming(IRIS.dataset(decomposed)), {}, IRIS)
    assert "normal form NFC" in problem.what


@pytest.mark.parametrize(
    "name",
    ["Z\u00fcrich", "\u0394t.nc", "\u6570\u636e", "Moskva", "\u041c\u0414", "Diyarbak\u0131r"],
)
def test_names_in_any_language_are_names(name: str) -> None:
    assert not [*disguised_names(naming(IRIS.dataset(name)), {}, IRIS)]


def test_names_of_others_and_of_this_ingest_are_not_new() -> None:
    odd = "c\u043erdex"
    assert not [*disguised_names(naming("http://elsewhere.org/" + odd), {}, IRIS)]
    assert not [*disguised_names(naming(IRIS.dataset(odd + ".v20200101")), {}, IRIS, odd)]


def test_twins_and_disguises_of_an_import_are_noted() -> None:
    notes = [*notes_on_bundles([naming("urn:x:cordex", "urn:x:\u0441ordex")])]
    assert [note.where for note in notes] == ["urn:x:\u0441ordex"] * 2
    assert any("looks like 'urn:x:cordex'" in note.what for note in notes)
    assert not [*notes_on_bundles([naming("urn:x:a", "urn:x:b")])]


def test_nul_is_found_in_elements_and_relations() -> None:
    bad = ((LABEL, Value("a\0b")),)
    bundle = Bundle(
        "urn:b",
        (Element("urn:e", ("entity",), bad),),
        (Relation("used", ("urn:a", "urn:e", ""), "", bad),),
    )
    assert [problem.where for problem in unkept_texts([bundle])] == ["urn:b urn:e", "urn:b"]
