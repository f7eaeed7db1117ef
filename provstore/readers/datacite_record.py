"""DataCite metadata of a DOI, and the list of CMIP6 DOIs by source, institution and activity.

In: DataCite JSON (schema 4), bare or as the REST API wraps it; or the citation list of CMIP6_CVs.
Out: citations with what they are related to, and the collection that a DOI stands for.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import Citation, Collection, Thing, Told
from provstore.projects import identifiers
from provstore.readers.common import Notes, Taken, besides, leaves, wholly
from provstore.readers.document_shapes import (
    check,
    either,
    fields,
    filled,
    items,
    optional,
    spelt,
    table,
    text,
    whole,
)
from provstore.readers.input_file import NO_OBJECT, Given
from provstore.readers.reader import Reader

_NAMED = fields({}, {"name": text, "title": text})
_RELATED = fields({"relatedIdentifier": filled, "relationType": filled})
_IDENTIFIER = fields({"identifier": filled}, {"identifierType": text})
_ATTRIBUTES = fields(
    {"creators": items(fields({"name": filled}), 1), "titles": items(fields({"title": filled}), 1),
     "publisher": either(filled, fields({"name": filled})),
     "publicationYear": either(whole, filled)},
    {"doi": spelt(identifiers.doi), "identifiers": items(_IDENTIFIER),
     "relatedIdentifiers": items(_RELATED), "rightsList": items(fields({}, {"rights": text})),
     "types": table(optional(text))},
)  # fmt: skip
_MARKS = {"creators", "titles", "publicationYear", "publisher"}


def _attributes(document: Any) -> tuple[str, Any]:
    """The pointer to the metadata, and them."""
    if isinstance(document, dict) and isinstance(document.get("data"), dict):
        inner = document["data"]
        if "attributes" in inner:
            return "/data/attributes", inner["attributes"]
    return "", document


def _looks_like(given: Given) -> str:
    attributes = _attributes(given.document)[1]
    if not isinstance(attributes, dict):
        return NO_OBJECT
    return (
        "" if len(_MARKS & attributes.keys()) >= 2 else "it has no creators, titles and publisher"
    )


def _tell(given: Given) -> Told:
    where, document = _attributes(given.document)
    metadata = check(lambda value, _: _ATTRIBUTES(value, where), document, given.name)
    notes = Notes()
    doi = _doi(metadata)
    if not doi:
        notes.say(where, "It does not say its DOI: it is a draft, or was cut from its record.")
    publisher = metadata["publisher"]
    rights = [each.get("rights", "") for each in metadata.get("rightsList", [])]
    related = tuple(
        (each["relationType"], _spelt(each["relatedIdentifier"]))
        for each in metadata.get("relatedIdentifiers", [])
    )
    cited = Citation(
        doi, metadata["titles"][0]["title"],
        tuple(each["name"] for each in metadata["creators"]),
        publisher if isinstance(publisher, str) else publisher["name"],
        str(metadata["publicationYear"]), related, next(iter(rights), ""),
    )  # fmt: skip
    parts = tuple(name for relation, name in related if relation == "HasPart")
    things: tuple[Thing, ...] = (cited,)
    if parts and doi:
        things = (cited, Collection(doi, parts, cited.title))
    kept = tuple(leaves(given.document))
    return Told({"doi": doi} if doi else {}, (), things, notes.all(), kept)


def _doi(metadata: Mapping[str, Any]) -> str:
    told = [metadata.get("doi", "")]
    told += [
        each["identifier"]
        for each in metadata.get("identifiers", [])
        if each.get("identifierType", "DOI") == "DOI"
    ]
    found = (identifiers.doi(each) for each in told if each)
    return next((each for each in found if isinstance(each, str)), "")


def _spelt(name: str) -> str:
    for parse in (identifiers.doi, identifiers.handle):
        if isinstance(found := parse(name), str):
            return found
    return name


# --- the list of CMIP6 ---------------------------------------------------------------------------

_CITED = fields({"DOI": spelt(identifiers.doi)}, {"LICENSE": text, "SHORT_DATA_REFERENCE": text})
_TAKEN: Taken = {"*": {"*": {"*": wholly("DOI", "LICENSE", "SHORT_DATA_REFERENCE")}}}
_LIST = table(table(table(_CITED, filled, 1), filled, 1), filled, 1)


def _is_list(given: Given) -> str:
    value = given.document
    for _ in range(3):
        if not isinstance(value, dict) or not value:
            return "it is no table of source, institution and activity"
        value = next(iter(value.values()))
    return "" if isinstance(value, dict) and "DOI" in value else "it lists no DOIs"


def _tell_list(given: Given) -> Told:
    document = check(_LIST, given.document, given.name)
    return Told({}, (), tuple(_listed(document)), (), tuple(besides(document, _TAKEN)))


def _listed(document: Any) -> Iterator[Thing]:
    for source, institutions in document.items():
        for institution, activities in institutions.items():
            for activity, cited in activities.items():
                doi = identifiers.doi(cited["DOI"])
                if isinstance(doi, Problem):
                    continue  # cannot be: the shape has refused it
                name = f"CMIP6.{activity}.{institution}.{source}"
                licence = cited.get("LICENSE", "")
                words = cited.get("SHORT_DATA_REFERENCE", "")
                yield Citation(doi, name, licence=licence, text=words)
                yield Collection(doi, (name,), name)


READERS = (
    Reader("datacite", "publication", "DataCite metadata", _looks_like, _tell),
    Reader("cmip6-citations", "publication", "list of CMIP6 DOIs", _is_list, _tell_list),
)
