"""The terms of PROV-O that its writer and its reader share.

Facts only, in addition to `terms.RELATIONS`. (W3C PROV-O Recommendation, 2013.)
"""

from urllib.parse import quote

from provstore.prov.model.bundle import IRI, Value
from provstore.prov.model.terms import (
    ELEMENTS,
    END_TIME,
    INGEST,
    LOCATION,
    PROV,
    RDF,
    RDFS,
    RELATIONS,
    ROLE,
    START_TIME,
    SUBTYPES,
    XSD,
)

ATTRIBUTE = "https://w3id.org/provstore/attribute/"
"""Namespace for attributes whose names have a meaning of their own in PROV-O; the name follows."""

IDENTIFIER = INGEST + "sharedIdentifier"
"""The property from a relation to an identifier that other statements have too."""

RDF_TYPE = RDF + "type"
DATETIME = XSD + "dateTime"
BUNDLE = PROV + "Bundle"
AS_IN_BUNDLE = PROV + "asInBundle"
TIMES = {START_TIME: PROV + "startedAtTime", END_TIME: PROV + "endedAtTime"}
RESOURCES = {
    ROLE: (PROV + "hadRole", "https://w3id.org/provstore/role/"),
    LOCATION: (PROV + "atLocation", "https://w3id.org/provstore/location/"),
}
"""Attributes that are resources in PROV-O: the property, and the namespace for texts."""

KINDS = {cls: kind for kind, cls in ELEMENTS.items()}
TERMS = {term.cls: term for term in RELATIONS.values()}
CLASSES = frozenset({*KINDS, *TERMS})
LINKS = frozenset(
    {
        *(term.direct for term in RELATIONS.values()),
        *(term.qualified for term in RELATIONS.values()),
        *(name for pair in SUBTYPES.values() for name in pair),
        AS_IN_BUNDLE,
    }
)
STRUCTURE = frozenset(
    {
        *LINKS, RDF_TYPE, RDFS + "label", IDENTIFIER, *TIMES.values(),
        *(predicate for predicate, _ in RESOURCES.values()),
        *(a.predicate for term in RELATIONS.values() for a in term.arguments[1:]),
    }
)  # fmt: skip


def minted_iri(namespace: str, value: Value) -> str:
    """Return the IRI for a text where PROV-O has a resource; equal texts have the same IRI."""
    if value.datatype == IRI:
        return value.text
    return namespace + quote(value.text, safe="", errors="surrogatepass")
