"""The table of relations, held against rdflib's closed PROV namespace and PROV-O's own facts."""

import pytest
from rdflib import PROV as PROV_O
from rdflib import URIRef

from provstore.prov.model.terms import (
    ELEMENTS,
    INGEST,
    PROV,
    RELATIONS,
    SUBTYPES,
    TIME,
    RelationTerm,
)

TERMS = pytest.mark.parametrize("term", RELATIONS.values(), ids=list(RELATIONS))
LINKS = {PROV + "mentionOf", PROV + "asInBundle"}
"""Words of PROV-LINKS, which is a Note beside PROV-O."""

CHAINS = {
    "wasGeneratedBy": ("qualifiedGeneration", "activity"),
    "used": ("qualifiedUsage", "entity"),
    "wasInformedBy": ("qualifiedCommunication", "activity"),
    "wasStartedBy": ("qualifiedStart", "entity"),
    "wasEndedBy": ("qualifiedEnd", "entity"),
    "wasInvalidatedBy": ("qualifiedInvalidation", "activity"),
    "wasDerivedFrom": ("qualifiedDerivation", "entity"),
    "wasAttributedTo": ("qualifiedAttribution", "agent"),
    "wasAssociatedWith": ("qualifiedAssociation", "agent"),
    "actedOnBehalfOf": ("qualifiedDelegation", "agent"),
    "wasInfluencedBy": ("qualifiedInfluence", "influencer"),
}
"""The property chains of PROV-O (owl:propertyChainAxiom of each unqualified property)."""


def exists(iri: str) -> bool:
    return URIRef(iri) in PROV_O or iri in LINKS


def test_all_relations_of_prov_dm_are_there() -> None:
    """Fourteen of PROV-DM, and `mentionOf`."""
    assert len(RELATIONS) == 15


@TERMS
def test_what_claims_to_be_prov_o_is_in_prov_o(term: RelationTerm) -> None:
    words = [term.direct, term.qualified, term.cls]
    words += [argument.predicate for argument in term.arguments[1:]]
    assert [word for word in words if word.startswith(PROV) and not exists(word)] == []
    assert all(word.startswith((PROV, INGEST)) for word in words)


@TERMS
def test_the_property_chain_is_that_of_prov_o(term: RelationTerm) -> None:
    """`term.qualified / predicate` says the same as `term.direct`, and no relation else does."""
    chain = (term.qualified, term.arguments[1].predicate)
    assert term.in_prov_o == (term.name in CHAINS)
    if term.in_prov_o:
        assert tuple(PROV + word for word in CHAINS[term.name]) == chain
        assert f"qualified{term.cls.removeprefix(PROV)}" == term.qualified.removeprefix(PROV)


@TERMS
def test_every_argument_names_a_kind_and_a_key_of_prov_json(term: RelationTerm) -> None:
    kinds = {*ELEMENTS, TIME, "element", "bundle", "generation", "usage"}
    assert {argument.kind for argument in term.arguments} <= kinds
    assert all(argument.key.startswith("prov:") for argument in term.arguments)
    assert [
        argument.kind for argument in term.arguments if argument.predicate.endswith("atTime")
    ] == [argument.kind for argument in term.arguments if argument.kind == TIME]
    assert term.arguments[0].predicate == ""


def test_kinds_and_subtypes_are_in_prov_o() -> None:
    words = [*ELEMENTS.values(), *SUBTYPES, *(word for pair in SUBTYPES.values() for word in pair)]
    assert [word for word in words if not exists(word)] == []
