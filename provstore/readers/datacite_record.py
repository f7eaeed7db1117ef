"""DataCite metadata of a DOI, and the list of CMIP6 DOIs by source, institution and activity.

In: DataCite JSON (schema 4), bare or as the REST API wraps it; or the citation list of CMIP6_CVs.
Out: citations with their relations, and the collection that a DOI identifies.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import Citation, Collection, ExtractParts, Resource
from provstore.projects import data_identifiers
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import HandledMembers, Notes, handled, leaf_values, unhandled_values
from provstore.readers.document_shapes import (
    any_of,
    check_shape,
    integer,
    list_of,
    mapping_of,
    nonblank,
    object_of,
    optional,
    parsed_by,
    text,
)
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader

_NAMED = object_of({}, {"name": text, "title": text})
_RELATED = object_of({"relatedIdentifier": nonblank, "relationType": nonblank})
_IDENTIFIER = object_of({"identifier": nonblank}, {"identifierType": text})
_ATTRIBUTES = object_of(
    {"creators": list_of(object_of({"name": nonblank}), 1),
     "titles": list_of(object_of({"title": nonblank}), 1),
     "publisher": any_of(nonblank, object_of({"name": nonblank})),
     "publicationYear": any_of(integer, nonblank)},
    {"doi": parsed_by(data_identifiers.parse_doi), "identifiers": list_of(_IDENTIFIER),
     "relatedIdentifiers": list_of(_RELATED),
     "rightsList": list_of(object_of({}, {"rights": text})),
     "types": mapping_of(optional(text))},
)  # fmt: skip
_MARKS = {"creators", "titles", "publicationYear", "publisher"}


def _attributes(document: Any) -> tuple[str, Any]:
    """Return the pointer to the metadata, and the metadata."""
    if isinstance(document, dict) and isinstance(document.get("data"), dict):
        inner = document["data"]
        if "attributes" in inner:
            return "/data/attributes", inner["attributes"]
    return "", document


def _looks_like(input_file: InputFile) -> str:
    attributes = _attributes(input_file.document)[1]
    if not isinstance(attributes, dict):
        return NO_OBJECT
    return (
        "" if len(_MARKS & attributes.keys()) >= 2 else "it has no creators, titles and publisher"
    )


def _read(input_file: InputFile) -> ExtractParts:
    where, document = _attributes(input_file.document)
    metadata = check_shape(lambda value, _: _ATTRIBUTES(value, where), document, input_file.name)
    notes = Notes()
    doi = _doi(metadata)
    if not doi:
        notes.note(where, "The metadata have no DOI: they are a draft or only a part of a record.")
    publisher = metadata["publisher"]
    rights = [each.get("rights", "") for each in metadata.get("rightsList", [])]
    related = tuple(
        (each["relationType"], _spelt(each["relatedIdentifier"]))
        for each in metadata.get("relatedIdentifiers", [])
    )
    cited = Citation(
        doi,
        metadata["titles"][0]["title"],
        tuple(each["name"] for each in metadata["creators"]),
        publisher if isinstance(publisher, str) else publisher["name"],
        str(metadata["publicationYear"]),
        related,
        next(iter(rights), ""),
    )
    parts = tuple(name for relation, name in related if relation == "HasPart")
    resources: tuple[Resource, ...] = (cited,)
    if parts and doi:
        resources = (cited, Collection(doi, parts, cited.title))
    kept = tuple(leaf_values(input_file.document))
    return ExtractParts({"doi": doi} if doi else {}, (), resources, notes.all(), kept)


def _doi(metadata: Mapping[str, Any]) -> str:
    candidates = [metadata.get("doi", "")]
    candidates += [
        each["identifier"]
        for each in metadata.get("identifiers", [])
        if each.get("identifierType", "DOI") == "DOI"
    ]
    parsed = (data_identifiers.parse_doi(each) for each in candidates if each)
    return next((each for each in parsed if isinstance(each, str)), "")


def _spelt(name: str) -> str:
    for parse in (data_identifiers.parse_doi, data_identifiers.parse_handle):
        if isinstance(parsed := parse(name), str):
            return parsed
    return name


# --- the list of CMIP6 ---------------------------------------------------------------------------

_CITED = object_of(
    {"DOI": parsed_by(data_identifiers.parse_doi)}, {"LICENSE": text, "SHORT_DATA_REFERENCE": text}
)
_HANDLED: HandledMembers = {"*": {"*": {"*": handled("DOI", "LICENSE", "SHORT_DATA_REFERENCE")}}}
_LIST = mapping_of(mapping_of(mapping_of(_CITED, nonblank, 1), nonblank, 1), nonblank, 1)


def _is_list(input_file: InputFile) -> str:
    value = input_file.document
    for _ in range(3):
        if not isinstance(value, dict) or not value:
            return "it is not a table of source, institution and activity"
        value = next(iter(value.values()))
    return "" if isinstance(value, dict) and "DOI" in value else "it lists no DOIs"


def _read_list(input_file: InputFile) -> ExtractParts:
    document = check_shape(_LIST, input_file.document, input_file.name)
    return ExtractParts(
        {}, (), tuple(_listed(document)), (), tuple(unhandled_values(document, _HANDLED))
    )


def _listed(document: Any) -> Iterator[Resource]:
    for source, institutions in document.items():
        for institution, activities in institutions.items():
            for activity, cited in activities.items():
                doi = data_identifiers.parse_doi(cited["DOI"])
                if isinstance(doi, Problem):
                    continue  # impossible: the shape refuses it
                name = f"CMIP6.{activity}.{institution}.{source}"
                licence = cited.get("LICENSE", "")
                words = cited.get("SHORT_DATA_REFERENCE", "")
                yield Citation(doi, name, licence=licence, text=words)
                yield Collection(doi, (name,), name)


READERS = (
    Reader("datacite", "publication", "DataCite metadata", _looks_like, _read),
    Reader("cmip6-citations", "publication", "list of CMIP6 DOIs", _is_list, _read_list),
)
