"""A document stays a document: the `prov` library finds equal ones before and after `convert`."""

import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from prov.model import ProvDocument

from provstore.errors import Refused
from provstore.prov.notations import Notation, notation_registry
from provstore.prov.notations.document import stored_document
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.notation_readers import detect_notation
from tests import foreign
from tests.notation_limits import ALTERED, CARRIES_NOT_AS_DOCUMENT

FORMATS: dict[str, str] = {
    "provjson": "json",
    "provn": "provn",
    "provxml": "xml",
    "provjsonld": "jsonld",
}
"""Notation → what `prov` calls it. What `prov` reads in RDF depends on the order of a hash table,
so it cannot judge that: a document in RDF is read by us and judged in PROV-JSON."""

TARGETS: tuple[Notation, ...] = (
    "provjson",
    "provn",
    "provxml",
    "provjsonld",
    "trig",
    "nquads",
    "jsonld",
)

EX = "http://example.org/"
PROVN = f"""document
  prefix ex <{EX}>
  prefix unused <http://unused.example/>
  entity(ex:field, [prov:label="surface temperature"])
  activity(ex:run)
  wasGeneratedBy(ex:field, ex:run, 2026-03-01T09:00:00Z)
  bundle ex:b
    entity(ex:field)
    used(ex:run, ex:field, -)
  endBundle
endDocument
"""


def by_prov(text: str, notation: str) -> ProvDocument:
    """Read by the library of others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ProvDocument.deserialize(content=text, format=FORMATS[notation])


def statements(document: ProvDocument) -> dict[str, tuple[Any, Any]]:
    """What a document and its bundles state; several descriptions of one element are one."""
    return {
        str(getattr(bundle.identifier, "uri", "")): _of_bundle(bundle)
        for bundle in (document, *document.bundles)
    }


def _of_bundle(bundle: Any) -> tuple[Any, Any]:
    elements: dict[Any, set[Any]] = defaultdict(set)
    for record in bundle.records:
        if record.is_element():
            elements[record.get_type(), record.identifier].update(record.attributes)
    relations = frozenset(record for record in bundle.records if not record.is_element())
    return {key: frozenset(value) for key, value in elements.items()}, relations


def convert(data: bytes, to: Notation, notation: str | None = None) -> str:
    """As the command does."""
    return "".join(
        notation_registry.write(notation_registry.read(data, "x", notation).document, to)
    )


@pytest.mark.parametrize("to", TARGETS)
def test_a_conversion_changes_no_foreign_document(corpora: Path, to: Notation) -> None:
    """But for those with a reason; and a reason that explains nothing any more must go."""
    torn: list[str] = []
    refused: list[str] = []
    compared = 0
    for name, path in foreign.everything(corpora).items():
        data = path.read_bytes()
        notation = detect_notation(InputFile(data)) if "malformed" not in name else ""
        if notation not in FORMATS or len(data) > 200_000:
            continue
        try:
            document = notation_registry.read(data, path.name).document
            before = by_prov(data.decode("utf-8-sig"), notation)
        except Exception:  # not readable here or there: other tests have those
            continue
        compared += 1
        try:
            text = "".join(notation_registry.write(document, to))
        except Refused:
            refused.append(name)
            continue
        try:
            judged = to if to in FORMATS else "provjson"
            after = by_prov(text if to in FORMATS else convert(text.encode(), judged, to), judged)
            same = before == after or statements(before) == statements(after)
        except Exception:  # prov and its readers raise many kinds
            same = False
        if not same:
            torn.append(name)
    assert compared > 1400
    for found, reasons in ((torn, ALTERED), (refused, CARRIES_NOT_AS_DOCUMENT)):
        mine = {part for part, (_, notations) in reasons.items() if to in notations}
        unexplained = [one for one in found if not any(part in one for part in mine)]
        assert not unexplained
        assert not {part for part in mine if not any(part in one for one in found)}


@pytest.mark.parametrize("to", notation_registry.NOTATIONS)
def test_prefixes_stay_as_they_were(to: Notation) -> None:
    """Also those that are not in use; and no other is added but those of the notation itself."""
    known = {"ex": EX, "unused": "http://unused.example/"}
    if to in ("ntriples", "nquads", "rdfxml"):
        return  # they have no prefixes, or their reader does not say them
    found = notation_registry.read(convert(PROVN.encode(), to).encode(), "x", to).document
    assert known.items() <= dict(found.prefixes).items()
    assert set(found.prefixes) <= {*known, "prov", "xsd", "rdf", "rdfs", "xsi", "its"}


@pytest.mark.parametrize("to", ["provjson", "provn", "provxml", "provjsonld", "trig", "jsonld"])
def test_statements_of_the_document_are_in_no_bundle_and_unnamed_ones_stay_so(to: Notation) -> None:
    document = notation_registry.read(convert(PROVN.encode(), to).encode(), "x", to).document
    assert document.content
    assert {one.iri for one in document.content.elements} == {EX + "field", EX + "run"}
    assert [bundle.iri for bundle in document.bundles] == [EX + "b"]
    assert {one.id for part in document.parts for one in part.relations} == {""}
    assert "w3id.org/provstore" not in convert(PROVN.encode(), to)


@pytest.mark.parametrize("to", ["provjson", "trig", "nquads"])
def test_blank_names_stay_blank(to: Notation) -> None:
    text = (
        '{"entity": {"_:e": {}}, "wasGeneratedBy": {"_:r1": {"prov:entity": "_:e"}}, '
        '"bundle": {"_:b": {"entity": {"_:e": {}}}}}'
    )
    again = convert(text.encode(), to)
    assert "_:e" in again
    assert "_:b" in again
    assert "w3id.org/provstore" not in again


def test_what_is_a_bundle_by_its_own_prefixes_only_is_noted_and_written_without_doubt() -> None:
    """Readers disagree on whose prefixes apply to the name of a bundle."""
    text = (
        f'{{"prefix": {{"ex": "{EX}"}}, "entity": {{"ex:e": {{}}}}, "bundle": {{"ex:b": '
        '{"prefix": {"ex": "http://other.example/"}, "entity": {"ex:e": {}}}}}'
    )
    reading = notation_registry.read(text.encode(), "x")
    assert any("not in this bundle" in note.what for note in reading.notes)
    written = "".join(notation_registry.write(reading.document, "provjson"))
    again = notation_registry.read(written.encode(), "x")
    assert again.document.bundles == reading.document.bundles
    assert not any("not in this bundle" in note.what for note in again.notes)
    (bundle,) = by_prov(written, "provjson").bundles
    assert bundle.identifier.uri == EX + "b"


def test_a_document_in_a_store_is_a_bundle_and_can_be_had_as_it_was() -> None:
    bundle = notation_registry.read(PROVN.encode(), "x").bundles[0]
    document = stored_document(bundle)
    assert document
    assert document.content == bundle
    text = "".join(notation_registry.write(document, "provn"))
    assert "w3id.org" not in text
    (named,) = notation_registry.read(PROVN.encode(), "x").document.bundles
    assert stored_document(named) is None


def test_prov_as_the_default_namespace_of_xml_is_prov() -> None:
    """Names are resolved before they are compared; ProvToolbox writes no other spelling."""
    text = (
        '<document xmlns="http://www.w3.org/ns/prov#" xmlns:prov="http://www.w3.org/ns/prov#" '
        f'xmlns:ex="{EX}"><used><activity prov:ref="ex:a"/><entity prov:ref="ex:e"/></used>'
        "</document>"
    )
    assert convert(text.encode(), "provxml") == convert(
        text.replace("<", "<prov:").replace("<prov:/", "</prov:").encode(), "provxml"
    )


def test_both_dialects_of_prov_json_are_read_alike() -> None:
    """ProvToolbox wants the name of a bundle inside it, too; another name there is noted."""
    text = convert(PROVN.encode(), "provjson-toolbox")
    assert '"@id":"ex:b"' in text
    reading = notation_registry.read(text.encode(), "x")
    assert reading.document.bundles == notation_registry.read(PROVN.encode(), "x").document.bundles
    other = notation_registry.read(text.replace('"@id":"ex:b"', '"@id":"ex:c"').encode(), "x")
    assert any("not by its @id" in note.what for note in other.notes)
