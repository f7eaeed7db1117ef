"""The terms of W3C PROV as one table, and the namespaces with a fixed prefix.

`RELATIONS` has one row per PROV-DM relation; the code for PROV-JSON, the property graph and PROV-O
loops over it. Facts only; the mappings are elsewhere.
"""

from dataclasses import dataclass
from types import MappingProxyType

PROV = "http://www.w3.org/ns/prov#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
INGEST = "https://w3id.org/provstore/ns#"

NAMESPACES = MappingProxyType(
    {
        "prov": PROV,
        "xsd": XSD,
        "rdf": RDF,
        "rdfs": RDFS,
        "owl": "http://www.w3.org/2002/07/owl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "dcterms": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "schema": "http://schema.org/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dqv": "http://www.w3.org/ns/dqv#",
        "premis": "http://www.loc.gov/premis/rdf/v3/",
        "provone": "http://purl.dataone.org/provone/2015/01/15/ontology#",
        "wfprov": "http://purl.org/wf4ever/wfprov#",
        "wfdesc": "http://purl.org/wf4ever/wfdesc#",
        "ingest": INGEST,
    }
)
"""Prefix → namespace for labels, property keys and short names; the same in every store."""

ELEMENTS = MappingProxyType(
    {"activity": PROV + "Activity", "agent": PROV + "Agent", "entity": PROV + "Entity"}
)
"""PROV-N name → PROV-O class of the three kinds of element (PROV-DM 2.1)."""

TIME = "time"
"""The kind of an argument that is an xsd:dateTime and not an element."""


@dataclass(frozen=True)
class Argument:
    """One formal argument: its PROV-JSON key, the kind it names, and its PROV-O property.

    `predicate` is the property of the *qualified* node that has this argument as its value. The
    first argument (the subject) has none: the qualified property leads from it to the node.
    """

    key: str
    kind: str
    predicate: str = ""

    @property
    def name(self) -> str:
        """The local name: `plan` for `prov:plan`."""
        return self.key.partition(":")[2]


@dataclass(frozen=True)
class RelationTerm:
    """One PROV-DM relation. `section` is its place in PROV-DM (W3C Recommendation, 2013).

    PROV-O has no qualified form for alternate, specialization, membership and mention. They have
    one of ours, so that their identifiers and attributes are not lost.
    """

    name: str
    section: str
    arguments: tuple[Argument, ...]
    direct: str
    qualified: str
    cls: str

    @property
    def source(self) -> str:
        """The kind of element that the relation starts from."""
        return self.arguments[0].kind

    @property
    def target(self) -> str:
        """The kind of element that the relation points to."""
        return self.arguments[1].kind

    @property
    def in_prov_o(self) -> bool:
        """Whether PROV-O itself has the qualified form."""
        return self.cls.startswith(PROV)


def _relation(
    name: str, section: str, cls: str, *arguments: str, own: bool = False
) -> RelationTerm:
    """Make a row; each argument is `key kind property`, the property without `prov:`."""
    parts = [argument.split() for argument in arguments]
    namespace = INGEST if own else PROV
    return RelationTerm(
        name=name,
        section=section,
        arguments=tuple(
            Argument("prov:" + key, kind, namespace + rest[0] if rest else "")
            for key, kind, *rest in parts
        ),
        direct=PROV + name,
        qualified=f"{namespace}qualified{cls}",
        cls=namespace + cls,
    )


_ROWS = (
    _relation(
        "wasGeneratedBy", "5.1.3", "Generation",
        "entity entity", "activity activity activity", "time time atTime",
    ),
    _relation(
        "used", "5.1.4", "Usage",
        "activity activity", "entity entity entity", "time time atTime",
    ),
    _relation(
        "wasInformedBy", "5.1.5", "Communication",
        "informed activity", "informant activity activity",
    ),
    _relation(
        "wasStartedBy", "5.1.6", "Start",
        "activity activity", "trigger entity entity", "starter activity hadActivity",
        "time time atTime",
    ),
    _relation(
        "wasEndedBy", "5.1.7", "End",
        "activity activity", "trigger entity entity", "ender activity hadActivity",
        "time time atTime",
    ),
    _relation(
        "wasInvalidatedBy", "5.1.8", "Invalidation",
        "entity entity", "activity activity activity", "time time atTime",
    ),
    _relation(
        "wasDerivedFrom", "5.2.1", "Derivation",
        "generatedEntity entity", "usedEntity entity entity", "activity activity hadActivity",
        "generation generation hadGeneration", "usage usage hadUsage",
    ),
    _relation(
        "wasAttributedTo", "5.3.2", "Attribution",
        "entity entity", "agent agent agent",
    ),
    _relation(
        "wasAssociatedWith", "5.3.3", "Association",
        "activity activity", "agent agent agent", "plan entity hadPlan",
    ),
    _relation(
        "actedOnBehalfOf", "5.3.4", "Delegation",
        "delegate agent", "responsible agent agent", "activity activity hadActivity",
    ),
    _relation(
        "wasInfluencedBy", "5.3.5", "Influence",
        "influencee element", "influencer element influencer",
    ),
    _relation(
        "specializationOf", "5.5.1", "Specialization",
        "specificEntity entity", "generalEntity entity entity", own=True,
    ),
    _relation(
        "alternateOf", "5.5.2", "Alternate",
        "alternate1 entity", "alternate2 entity entity", own=True,
    ),
    _relation(
        "hadMember", "5.6.2", "Membership",
        "collection entity", "entity entity entity", own=True,
    ),
    _relation(
        "mentionOf", "PROV-LINKS 3", "Mention",
        "specificEntity entity", "generalEntity entity entity", "bundle bundle asInBundle",
        own=True,
    ),
)  # fmt: skip

RELATIONS = MappingProxyType({row.name: row for row in _ROWS})
"""PROV-N name → row, for the fourteen relations of PROV-DM and `mentionOf` of PROV-LINKS."""

SUBTYPES = MappingProxyType(
    {
        PROV + "Revision": (PROV + "wasRevisionOf", PROV + "qualifiedRevision"),
        PROV + "Quotation": (PROV + "wasQuotedFrom", PROV + "qualifiedQuotation"),
        PROV + "PrimarySource": (PROV + "hadPrimarySource", PROV + "qualifiedPrimarySource"),
    }
)
"""prov:type of a derivation → its direct and its qualified property (PROV-O 3.3)."""

TYPE = PROV + "type"
LABEL = PROV + "label"
ROLE = PROV + "role"
LOCATION = PROV + "location"
START_TIME = PROV + "startTime"
END_TIME = PROV + "endTime"
