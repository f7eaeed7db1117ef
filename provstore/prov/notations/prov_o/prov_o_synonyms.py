"""Other ways to write PROV-O in foreign documents: inverses, special forms, superclasses.

Facts only, in addition to `prov_o_terms`. (W3C PROV-O Recommendation, 2013.)
"""

from types import MappingProxyType

from provstore.prov.model.terms import LABEL, PROV, RDFS, RELATIONS, SUBTYPES
from provstore.prov.notations.prov_o.prov_o_terms import RESOURCES, TERMS, TIMES

INVERSES = MappingProxyType(
    {
        PROV + inverse: PROV + direct
        for inverse, direct in {
            "generated": "wasGeneratedBy", "invalidated": "wasInvalidatedBy",
            "influenced": "wasInfluencedBy", "wasUsedBy": "used", "informed": "wasInformedBy",
            "started": "wasStartedBy", "ended": "wasEndedBy", "hadDerivation": "wasDerivedFrom",
            "contributed": "wasAttributedTo", "wasAssociateFor": "wasAssociatedWith",
            "hadDelegate": "actedOnBehalfOf", "generalizationOf": "specializationOf",
            "wasMemberOf": "hadMember", "hadRevision": "wasRevisionOf",
            "quotedAs": "wasQuotedFrom", "wasPrimarySourceOf": "hadPrimarySource",
        }.items()
    }
)  # fmt: skip
"""Inverse property → the property that PROV-O prefers (PROV-O, appendix B)."""

DERIVATION = RELATIONS["wasDerivedFrom"]
DIRECT = {term.direct: (term, "") for term in RELATIONS.values()} | {
    direct: (DERIVATION, cls) for cls, (direct, _) in SUBTYPES.items()
}
QUALIFIED = {term.qualified: (term, "") for term in RELATIONS.values()} | {
    qualified: (DERIVATION, cls) for cls, (_, qualified) in SUBTYPES.items()
}
NODES = TERMS | dict.fromkeys(SUBTYPES, DERIVATION)
INFLUENCERS = tuple(PROV + name for name in ("influencer", "entity", "activity", "agent"))
SUBKINDS = {
    PROV + name: kind
    for kind, names in {
        "agent": ("Person", "Organization", "SoftwareAgent"),
        "entity": (
            "Bundle", "Plan", "Collection", "EmptyCollection", "Dictionary", "EmptyDictionary",
        ),
    }.items()
    for name in names
}  # fmt: skip
KEYS = {
    RDFS + "label": LABEL,
    **{predicate: key for key, predicate in TIMES.items()},
    **{predicate: key for key, (predicate, _) in RESOURCES.items()},
}
DICTIONARY = frozenset(
    PROV + name
    for name in (
        "hadDictionaryMember", "derivedByInsertionFrom", "derivedByRemovalFrom", "pairKey",
        "pairEntity", "dictionary", "insertedKeyEntityPair", "removedKey", "qualifiedInsertion",
        "qualifiedRemoval",
    )
)  # fmt: skip
