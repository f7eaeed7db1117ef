"""How PROV-O says what PROV-DM says: the words that writing it and reading it back share.

Facts only, beside `terms.RELATIONS`; no mapping lives here. (W3C PROV-O Recommendation, 2013.)
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
"""Namespace of an attribute whose own name would read as structure; the rest is that name."""

IDENTIFIER = INGEST + "sharedIdentifier"
"""From a relation to the identifier that it shares with another statement."""

RDF_TYPE = RDF + "type"
DATETIME = XSD + "dateTime"
BUNDLE = PROV + "Bundle"
AS_IN_BUNDLE = PROV + "asInBundle"
TIMES = {START_TIME: PROV + "startedAtTime", END_TIME: PROV + "endedAtTime"}
RESOURCES = {
    ROLE: (PROV + "hadRole", "https://w3id.org/provstore/role/"),
    LOCATION: (PROV + "atLocation", "https://w3id.org/provstore/location/"),
}
"""Attributes that PROV-O wants as resources: the property, and where a text is given an IRI."""

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
    """The IRI that a text is given where PROV-O wants a resource; equal texts share it."""
    if value.datatype == IRI:
        return value.text
    return namespace + quote(value.text, safe="", errors="surrogatepass")
