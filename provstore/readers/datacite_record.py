"""DataCite metadata of a DOI, and the list of CMIP6 DOIs by source, institution and activity.

In: DataCite JSON (schema 4), bare or as the REST API wraps it (one record or a list, with explicit
nulls, drafts too); or the citation list of CMIP6_CVs. Out: citations with their relations, and the
collection that a DOI identifies.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import Citation, Collection, ExtractParts, Resource
from provstore.projects import data_identifiers
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import HandledMembers, Notes, handled, leaf_values, unhandled_values
from provstore.readers.document_shapes import (
    Shape,
    any_of,
    any_value,
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

_RELATED = object_of({"relatedIdentifier": nonblank, "relationType": nonblank})
_IDENTIFIER = object_of({"identifier": nonblank}, {"identifierType": optional(text)})
_RIGHTS = object_of({}, dict.fromkeys(("rights", "rightsIdentifier", "rightsUri"), optional(text)))
_MARKS = {"creators", "titles", "publicationYear", "publisher"}
_ATTRIBUTES = object_of(
    {},
    {"creators": optional(list_of(object_of({"name": nonblank}))),
     "titles": optional(list_of(object_of({"title": nonblank}))),
     "publisher": optional(any_of(text, object_of({}, {"name": optional(text)}))),
     "publicationYear": optional(any_of(integer, text)),
     "doi": optional(parsed_by(data_identifiers.parse_doi)),
     "identifiers": optional(list_of(_IDENTIFIER)),
     "relatedIdentifiers": optional(list_of(_RELATED)),
     "rightsList": optional(list_of(_RIGHTS)), "state": optional(text),
     "types": optional(mapping_of(any_value))},
)  # fmt: skip


def _records(document: Any) -> list[tuple[str, Any]]:
    """Return the pointer to the metadata of each record, and the metadata."""
    if not isinstance(document, dict):
        return []
    data = document.get("data")
    if isinstance(data, list):
        return [
            (
                f"/data/{index}/attributes",
                item.get("attributes") if isinstance(item, dict) else None,
            )
            for index, item in enumerate(data)
        ]
    if isinstance(data, dict) and "attributes" in data:
        return [("/data/attributes", data["attributes"])]
    if "attributes" in document and not _MARKS & document.keys():
        return [("/attributes", document["attributes"])]
    return [("", document)]


def _looks_like(input_file: InputFile) -> str:
    if not isinstance(input_file.document, dict):
        return NO_OBJECT
    first = next(iter(_records(input_file.document)), ("", None))[1]
    if isinstance(first, dict) and len(_MARKS & first.keys()) >= 2:
        return ""
    return "it has no creators, titles and publisher"


def _read(input_file: InputFile) -> ExtractParts:
    notes = Notes()
    records = _records(input_file.document)
    for where, metadata in records:
        check_shape(_at(where), metadata, input_file.name)
    resources: list[Resource] = []
    for where, metadata in records:
        resources += _resources(metadata, where, notes)
    dois = [each.doi for each in resources if isinstance(each, Citation) and each.doi]
    if len(records) > 1:
        message = f"The file has {len(records)} records, but a report can name only one DOI."
        notes.note("", message, "Give the DOI of the data in your answers.")
    _note_missing_pages(input_file.document, len(records), notes)
    answers = {"doi": dois[0]} if len(records) == 1 and dois else {}
    kept = tuple(leaf_values(input_file.document))
    return ExtractParts(answers, (), tuple(resources), notes.all(), kept)


def _at(where: str) -> Shape:
    return lambda value, _: _ATTRIBUTES(value, where)


def _note_missing_pages(document: Any, number: int, notes: Notes) -> None:
    meta = document.get("meta")
    total = meta.get("total") if isinstance(meta, dict) else None
    if isinstance(total, int) and total > number:
        message = f"The list is incomplete: it has {number} of {total} records."
        notes.note("/meta/total", message, "Query the remaining pages as well.")


def _resources(metadata: Mapping[str, Any], where: str, notes: Notes) -> Iterator[Resource]:
    """Yield the citation of a record, and its collection; note what DataCite would ask for."""
    doi = _doi(metadata)
    if not doi:
        notes.note(where, "The metadata have no DOI: they are a draft or only a part of a record.")
    if (state := metadata.get("state")) and state != "findable":
        notes.note(f"{where}/state", f"The record is {state[:40]}: its DOI cannot be found.")
    if missing := [key for key in sorted(_MARKS) if not metadata.get(key)]:
        notes.note(where, f"The record has no {', no '.join(missing)}.", "DataCite requires them.")
    publisher = metadata.get("publisher") or ""
    titles, creators = metadata.get("titles") or [], metadata.get("creators") or []
    rights = (
        each.get("rights") or each.get("rightsIdentifier") or each.get("rightsUri") or ""
        for each in metadata.get("rightsList") or []
    )
    related = tuple(
        (each["relationType"], _spelt(each["relatedIdentifier"]))
        for each in metadata.get("relatedIdentifiers") or []
    )
    cited = Citation(
        doi,
        titles[0]["title"] if titles else "",
        tuple(each["name"] for each in creators),
        publisher if isinstance(publisher, str) else publisher.get("name") or "",
        str(metadata.get("publicationYear") or ""),
        related,
        next(filter(None, rights), ""),
    )
    yield cited
    parts = tuple(name for relation, name in related if relation == "HasPart")
    if parts and doi:
        yield Collection(doi, parts, cited.title)


def _doi(metadata: Mapping[str, Any]) -> str:
    candidates = [metadata.get("doi") or ""]
    candidates += [
        each["identifier"]
        for each in metadata.get("identifiers") or []
        if (each.get("identifierType") or "DOI") == "DOI"
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
