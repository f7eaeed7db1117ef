"""The corpus of our own: every document and tool file is what `corpus/manifest.toml` says it is.

A clone without the foreign corpora judges itself by these files. Each test is made from the
manifest; the last ones fail where a file, a notation, a relation, a rule or a reader is left out.
"""

import json
import re
import struct
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rdflib
from lxml import etree
from prov.model import ProvDocument
from rdflib.compare import isomorphic

from provstore.commands.file_checks import check_source
from provstore.errors import BadDocument, BadInput, Refused
from provstore.ingest.extracts import Citation, DatasetVersion, Extract, File
from provstore.projects.forms import load_forms
from provstore.prov.constraints import RULES, check, check_union
from provstore.prov.constraints.rule_tables import GENERATION, LIFE, ORDERS, START
from provstore.prov.model.bundle import IRI, Bundle
from provstore.prov.model.terms import ELEMENTS, RELATIONS
from provstore.prov.notations import prov_o
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.notation_registry import NOTATIONS, Notation, read, write
from provstore.prov.property_graph import graph_rows
from provstore.readers.reader_registry import READERS, read_extract, recognise_format
from provstore.results.receipts import CheckResult
from provstore.storage.settings import shipped
from tests import foreign
from tests.constraint_naive import naive
from tests.notation_limits import UNION
from tests.require import missing

CORPUS = Path(__file__).parent / "corpus"
MANIFEST: Mapping[str, list[dict[str, Any]]] = tomllib.loads((CORPUS / "manifest.toml").read_text())
DOCUMENTS = MANIFEST["document"]
READABLE = [row for row in DOCUMENTS if row["verdict"] != "malformed"]
FORMS = load_forms(shipped("forms"))
TOOLS = MANIFEST["tool"]

each_document = pytest.mark.parametrize("row", DOCUMENTS, ids=lambda row: row["file"])
each_readable = pytest.mark.parametrize("row", READABLE, ids=lambda row: row["file"])
each_tool = pytest.mark.parametrize("row", TOOLS, ids=lambda row: row["reader"])


@cache
def verdict(source: Path | bytes) -> CheckResult:
    """What `provstore check` says of it."""
    return check_source(source, FORMS)


@cache
def bundles(file: str) -> tuple[Bundle, ...]:
    """The bundles of a document, its notation found by its content."""
    return read((CORPUS / file).read_bytes(), file).bundles


def assert_matched(expected: list[str], problems: list[str]) -> None:
    """Each expression describes a problem or note; its pointer or line is where it begins."""
    for pattern in expected:
        assert any(re.search(pattern, text) for text in problems), (pattern, problems)


# --- documents: notation and verdict -------------------------------------------------------------


@each_document
def test_a_document_is_recognised_and_has_its_verdict(row: dict[str, Any]) -> None:
    """`unknown` is what its content cannot tell from no document at all."""
    result = verdict(CORPUS / row["file"])
    known = row.get("recognised", True)
    assert (result.kind, result.reader) == (("prov", row["notation"]) if known else ("unknown", ""))
    assert result.verdict == row["verdict"], str(result)
    assert_matched(row.get("problems", []), [*map(str, result.problems)])
    assert_matched(row.get("notes", []), [*map(str, result.notes)])


@each_readable
def test_a_document_violates_these_constraints_and_no_others(row: dict[str, Any]) -> None:
    """By the numbers of PROV-CONSTRAINTS; `through` are those that a circle of events goes by."""
    violations = [violation for bundle in bundles(row["file"]) for violation in check(bundle)]
    numbers = sorted((violation.constraint for violation in violations), key=int)
    assert numbers == row.get("violates", [])
    steps = {step.constraint for violation in violations for step in violation.steps}
    assert sorted(steps) == row.get("through", [])
    together = {violation.constraint for violation in check_union(bundles(row["file"]))}
    assert sorted(together, key=int) == row.get("together", sorted(set(numbers), key=int))


@pytest.mark.parametrize(
    "row", [row for row in READABLE if "spellings" not in row], ids=lambda row: row["file"]
)
def test_the_recommendation_written_out_gives_the_same_verdict(row: dict[str, Any]) -> None:
    """`constraint_naive` follows PROV-CONSTRAINTS line by line; it compares times as texts."""
    assert all(map(naive, bundles(row["file"]))) == (row["verdict"] == "valid")


@pytest.mark.parametrize(
    "row", [row for row in DOCUMENTS if row["verdict"] == "malformed"], ids=lambda row: row["file"]
)
def test_a_malformed_document_is_refused_though_its_notation_is_named(row: dict[str, Any]) -> None:
    with pytest.raises(BadDocument) as caught:
        read((CORPUS / row["file"]).read_bytes(), row["file"], row["notation"])
    assert caught.value.problems


# --- documents: nothing is lost ------------------------------------------------------------------

STORIES = sorted({row["story"] for row in READABLE if "story" in row})


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_the_same_bundles_in_every_notation(story: str) -> None:
    """Whatever a document says beside the story, such as a receipt, is a bundle of its own."""
    files = [row["file"] for row in READABLE if row.get("story") == story]
    first, *others = sorted((set(bundles(file)) for file in files), key=len)
    assert len(files) > 1
    for other in others:
        assert first <= other


@each_readable
def test_a_document_has_as_many_bundles_as_it_says(row: dict[str, Any]) -> None:
    assert len(bundles(row["file"])) == row.get("bundles", 1)


def carried() -> Iterator[Any]:
    """Each document with each notation that has a place for so many bundles."""
    for row in READABLE:
        for notation in NOTATIONS:
            if row.get("bundles", 1) == 1 or notation not in UNION:
                yield pytest.param(row, notation, id=f"{row['file']}-{notation}")


@pytest.mark.parametrize(("row", "notation"), [*carried()])
def test_a_document_comes_back_through_every_notation(
    row: dict[str, Any], notation: Notation
) -> None:
    """Law 1: what a notation cannot carry is refused, and the manifest names it in `not_in`."""
    source = bundles(row["file"])
    if notation in row.get("not_in", []):
        with pytest.raises(Refused):
            list(write(source, notation))
        return
    text = "".join(write(source, notation))
    result = read(text.encode(), row["file"], notation).bundles
    if notation in UNION:  # one graph without a name
        result = tuple(
            Bundle(source[0].iri, bundle.elements, bundle.relations) for bundle in result
        )
    assert set(result) == set(source)


@each_readable
def test_a_document_comes_back_from_graph_rows_and_from_prov_o(row: dict[str, Any]) -> None:
    """Law 1, for the two views."""
    for bundle in bundles(row["file"]):
        assert graph_rows.rows_to_bundle(graph_rows.bundle_to_rows(bundle)) == bundle
        graph = prov_o.parse(prov_o.nquads(bundle))[bundle.iri]
        assert prov_o.read(bundle.iri, graph) == bundle


# --- documents: what strangers read --------------------------------------------------------------

LIBRARY: Mapping[str, str] = {
    "provjson": "json", "provn": "provn", "provxml": "xml", "provjsonld": "jsonld",
}  # fmt: skip
RDF: Mapping[str, str] = {
    "turtle": "turtle", "trig": "trig", "ntriples": "nt", "nquads": "nquads", "rdfxml": "xml",
    "jsonld": "json-ld",
}  # fmt: skip
"""How `prov` and rdflib call the notations."""

SCHEMAS: Mapping[str, str] = {
    "provjson": "prov-json.schema.json",
    "provjsonld": "prov-jsonld.schema.json",
    "provxml": "prov.xsd",
}


@pytest.mark.parametrize("story", STORIES)
def test_the_prov_library_finds_a_story_the_same_in_its_notations(story: str) -> None:
    """The library alone, without our reading."""
    rows = [row for row in READABLE if row.get("story") == story and row["notation"] in LIBRARY]
    documents = [
        ProvDocument.deserialize(CORPUS / row["file"], format=LIBRARY[row["notation"]])
        for row in rows
    ]
    assert documents
    assert all(document == documents[0] for document in documents)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib_finds_a_story_the_same_in_every_rdf_notation(story: str) -> None:
    """Blank nodes and order aside; that the bundle is one is left out, only some can say it."""
    graphs = []
    for row in READABLE:
        if row.get("story") == story and row["notation"] in RDF:
            dataset = rdflib.Dataset(default_union=True)
            dataset.parse(CORPUS / row["file"], format=RDF[row["notation"]])
            graph = rdflib.Graph()
            for triple in dataset.triples((None, None, None)):
                if triple[2] != rdflib.PROV.Bundle:
                    graph.add(triple)
            graphs.append(graph)
    assert graphs
    assert all(len(graph) > 3 and isomorphic(graph, graphs[0]) for graph in graphs)


def schema(name: str) -> Path:
    """A schema of the W3C or of the Member Submissions, as the `prov` package brings it."""
    path = foreign.WHEEL / "schemas" / name
    if not path.is_file():
        missing("schemas", f"this version of prov brings no {name}")
    return path


@pytest.mark.parametrize(
    "row",
    [row for row in READABLE if row["verdict"] == "valid" and row["notation"] in SCHEMAS],
    ids=lambda row: row["file"],
)
def test_a_valid_document_conforms_to_the_schema_of_its_notation(row: dict[str, Any]) -> None:
    path, judge = CORPUS / row["file"], schema(SCHEMAS[row["notation"]])
    if row["notation"] == "provxml":
        etree.XMLSchema(etree.parse(judge)).assertValid(etree.parse(path))
    else:
        rules = json.loads(judge.read_text())
        jsonschema.validators.validator_for(rules)(rules).validate(json.loads(path.read_text()))


# --- files of tools ------------------------------------------------------------------------------


def whole_file(row: Mapping[str, Any]) -> tuple[bytes, str]:
    """The bytes of a tool file, and its name; a NetCDF file is written now."""
    if "made" in row:
        return classic_netcdf(row["attributes"]), row["made"]
    path = CORPUS / row["file"]
    return path.read_bytes(), path.name


def broken_file(row: Mapping[str, Any]) -> tuple[bytes, str]:
    """The same for a broken one; a NetCDF file is cut short in the middle."""
    if "made" in row:
        data = classic_netcdf(row["attributes"])
        return data[: len(data) // 2], row["made"]
    path = CORPUS / row["broken"]
    return path.read_bytes(), path.name


def classic_netcdf(attributes: Mapping[str, str]) -> bytes:
    """A classic NetCDF file with global attributes only (NetCDF User's Guide, appendix B)."""

    def text(value: str) -> bytes:
        raw = value.encode()
        return struct.pack(">i", len(raw)) + raw + b"\0" * (-len(raw) % 4)

    listed = b"".join(
        text(key) + struct.pack(">i", 2) + text(value) for key, value in attributes.items()
    )
    head = b"CDF\x01" + struct.pack(">3i", 0, 0, 0)  # no records, no dimensions
    return head + struct.pack(">2i", 12, len(attributes)) + listed + struct.pack(">2i", 0, 0)


def named_versions(extract: Extract) -> set[str]:
    """Every dataset version that is stated, or that a finding is about."""
    stated = {
        f"{part.dataset}.{part.version}"
        for part in extract.resources
        if isinstance(part, DatasetVersion)
    }
    return stated | {finding.dataset for finding in extract.findings if finding.dataset}


@each_tool
def test_a_tool_file_is_recognised_and_gives_what_it_says(row: dict[str, Any]) -> None:
    data, name = whole_file(row)
    assert recognise_format(InputFile(data, "a file of any name")).name == row["reader"]
    result = verdict(data)
    assert (result.kind, result.reader, result.verdict) == ("report", row["reader"], "valid")
    extract = read_extract(data, name)
    assert extract.step == row["step"]
    assert named_versions(extract) == set(row.get("datasets", []))
    counts = Counter(f"{finding.result} {finding.severity}" for finding in extract.findings)
    assert counts == row.get("findings", {})
    answers = json.loads(json.dumps(dict(extract.answers)))
    assert {key: answers.get(key) for key in row.get("answers", {})} == row.get("answers", {})


@each_tool
def test_a_tool_file_names_its_files_with_their_checksums(row: dict[str, Any]) -> None:
    """A file that stands there several times, as on several nodes, has one checksum."""
    data, name = whole_file(row)
    extract = read_extract(data, name)
    files = [part for part in extract.resources if isinstance(part, File)]
    checksums: dict[str, str] = {}
    for file in files:
        if file.name:
            checksums[file.name] = max(checksums.get(file.name, ""), file.checksum)
    expected = row.get("files", {})
    if "made" in row:
        expected = {name: f"sha256:{extract.sources[0].sha256}"}
    assert checksums == expected
    tracking_ids = {file.tracking_id for file in files if file.tracking_id}
    assert sorted(tracking_ids) == row.get("tracking_ids", [])
    cited = {part.doi for part in extract.resources if isinstance(part, Citation)}
    assert sorted(cited) == row.get("dois", [])


@each_tool
def test_a_broken_tool_file_is_refused_with_all_its_faults(row: dict[str, Any]) -> None:
    """Text of rsync is never refused: what rsync complains of becomes `warnings`."""
    data, name = broken_file(row)
    result = verdict(data)
    assert (result.kind, result.reader) == ("report", row["reader"])
    assert result.verdict == ("invalid" if "problems" in row else "valid")
    assert_matched(row.get("problems", []), [*map(str, result.problems)])
    assert_matched(row.get("warnings", []), [*map(str, result.notes)])
    if "problems" in row:
        with pytest.raises(BadInput):
            read_extract(data, name)


@each_tool
def test_no_other_reader_takes_a_tool_file(row: dict[str, Any]) -> None:
    data, name = whole_file(row)
    for reader in READERS.keys() - {row["reader"]}:
        with pytest.raises(BadInput):
            read_extract(data, name, reader)


def test_the_netcdf_library_writes_the_same_file_and_another_one_in_hdf5(tmp_path: Path) -> None:
    """The file that the tests write is the library's, byte for byte; the other says as much."""
    try:
        import netCDF4
        import pyfive  # noqa: F401  # reads HDF5 for us
    except ImportError as error:
        missing(str(error.name), "it is not installed: our NetCDF file has no judge")
    (row,) = (row for row in TOOLS if "made" in row)
    written = {}
    for layout in ("NETCDF3_CLASSIC", "NETCDF4"):
        path = tmp_path / layout
        with netCDF4.Dataset(path, "w", format=layout) as file:
            file.setncatts(row["attributes"])
        written[layout] = path.read_bytes()
    assert written["NETCDF3_CLASSIC"] == classic_netcdf(row["attributes"])
    extract = read_extract(written["NETCDF4"], row["made"])
    assert {where[1:]: value for where, value in extract.kept} == row["attributes"]


# --- nothing is left out -------------------------------------------------------------------------


def test_every_file_of_the_corpus_is_in_the_manifest_once() -> None:
    listed = [row["file"] for row in (*DOCUMENTS, *TOOLS) if "file" in row]
    listed += [row["broken"] for row in TOOLS if "broken" in row]
    lying = [
        path.relative_to(CORPUS).as_posix()
        for path in CORPUS.rglob("*")
        if path.is_file() and path.parent != CORPUS
    ]
    assert sorted(listed) == sorted(lying)


def test_the_manifest_uses_no_key_that_nobody_reads() -> None:
    """A misspelt expectation would prove nothing."""
    of_documents = {"file", "notation", "verdict", "about", "story", "bundles", "keeps", "violates"}
    of_documents |= {"through", "together", "problems", "notes", "not_in", "recognised"}
    of_documents |= {"spellings"}
    of_tools = {"reader", "file", "made", "attributes", "step", "datasets", "findings", "files"}
    of_tools |= {"tracking_ids", "dois", "answers", "broken", "problems", "warnings"}
    assert {key for row in DOCUMENTS for key in row} == of_documents
    assert {key for row in TOOLS for key in row} == of_tools
    for row in TOOLS:
        assert ("problems" in row) != ("warnings" in row)


def test_every_notation_tells_the_story_and_has_a_malformed_document() -> None:
    with_story = {row["notation"] for row in READABLE if row.get("story") == "delivery"}
    with_malformed = {row["notation"] for row in DOCUMENTS if row["verdict"] == "malformed"}
    dialects = {"provjson-toolbox"}  # its content is recognised as PROV-JSON
    assert with_story == with_malformed == NOTATIONS.keys() - dialects


def test_every_relation_is_there_with_all_that_it_may_have() -> None:
    """All arguments, an identifier and an attribute, in a document that is valid."""
    named, described = set(), set()
    for bundle in bundles("prov/valid/every-relation.json"):
        for relation in bundle.relations:
            assert all(relation.arguments), relation
            named |= {relation.kind} if relation.id else set()
            described |= {relation.kind} if relation.attributes else set()
        assert {relation.kind for relation in bundle.relations} == set(RELATIONS)
        assert {kind for element in bundle.elements for kind in element.kinds} == set(ELEMENTS)
    plain = {"specializationOf", "alternateOf", "hadMember", "mentionOf"}
    assert named == described == RELATIONS.keys() - plain, "PROV-DM gives the others no identifier"


def test_literals_of_many_kinds_are_there() -> None:
    values = [
        value
        for row in READABLE
        for bundle in bundles(row["file"])
        for statement in (*bundle.elements, *bundle.relations)
        for _, value in statement.attributes
    ]
    assert len({value.datatype for value in values}) > 12
    assert {"", "en", "de", "de-ch"} <= {value.language for value in values}
    assert any(value.datatype == IRI for value in values)


def test_every_rule_has_a_document_that_keeps_it() -> None:
    kept = {
        number for row in READABLE if row["verdict"] == "valid" for number in row.get("keeps", [])
    }
    assert kept == set(RULES)


def test_every_rule_that_a_violation_can_name_has_a_document_that_breaks_it() -> None:
    """Circles of events show by starts and generations alone, and 42 names them.

    Nothing follows an end or an invalidation, and what comes before a use comes before its result.
    Of the others, 31, 32, 39 and 40 make two events one, and two kinds that meet (50) break 55.
    """
    named = {
        number for row in READABLE for number in (*row.get("violates", []), *row.get("through", []))
    }
    orders = [order for relation in ORDERS.values() for order in (*relation, *LIFE)]
    circular = {
        order.constraint for order in orders if {order.earlier, order.later} <= {START, GENERATION}
    }
    about_order = {str(number) for number in range(30, 50)}
    assert named == (RULES.keys() - about_order - {"50"}) | circular


def test_every_reader_has_a_file_and_a_broken_file() -> None:
    """A new reader brings its own."""
    assert sorted(row["reader"] for row in TOOLS) == sorted(READERS)
    assert all("made" in row or {"file", "broken"} <= row.keys() for row in TOOLS)


def test_the_corpus_is_small() -> None:
    """Text that a person can read, and no blob."""
    sizes = {path: path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 40_000
    assert sum(sizes.values()) < 400_000
