"""What a notation cannot carry, what no reader takes, where notations of one document disagree.

The only list of exceptions to "nothing is lost". Each is strict: a test fails when it passes.
"""

import re

UNION = ("turtle", "ntriples", "rdfxml")
"""One RDF graph is all they have (RDF 1.1 Turtle, N-Triples, XML Syntax): bundles flow together."""

_MENTION = "the Member Submission PROV-JSONLD has no term for mentionOf (PROV-LINKS, 3)"

CARRIES_NOT = {
    "provxml": {
        "prov-json/type__type-success2.json": (
            "an element has one kind (PROV-XML 3.1); here is one that is agent and prov:Bundle"
        ),
    },
    "provjsonld": {
        "json/mention1.json": _MENTION,
        "json/mention2.json": _MENTION,
        "prov-json/unification__mention-fail1.json": _MENTION,
        "prov-json/unification__mention-fail2.json": _MENTION,
        "prov-json/unification__mention-fail3.json": _MENTION,
        "prov-json/unification__mention-success1.json": _MENTION,
        "prov-json/unification__mention-success2.json": _MENTION,
        "directory-cwlprov-0.6.0/metadata/provenance/primary.cwlprov.json": _MENTION,
    },
}
"""Notation → end of a document's path → why this document cannot be said in it."""

UNREADABLE = {
    "/wheel/malformed/": "made to be refused",
    "/wheel/schemas/": "JSON Schemas, no documents",
    "/wheel/provn/spec/": "pieces of the specifications that leave out prefixes or arguments",
    "/wheel/provn/provtoolbox/": "templates, which PROV-N itself does not have",
    "/wheel/xml/example_": "names as values whose prefix is not declared (PROV-XML 2.4)",
    "/unification/bundle-success": "statements in prov:bundle; PROV-XML 3.2 has bundleContent",
    "/unification/constraints/bundle-": "the same",
    "prov2bigchaindb/assets/": "PROV-N statements with one argument too many (PROV-N 3.2)",
}
"""Part of a path → why documents there need not be readable; all others must be."""

DISAGREE = {
    "/test-alternate1/": "alternateOf names its ends in the other order in PROV-JSON",
    "/test-scruffy-": (
        "two statements share an identifier, and PROV-O has one node for them (PROV-O 3.3):"
        " which time goes with which value cannot be told"
    ),
    "/test-international_HE1/": "ProvToolbox puts _ before names in PROV-XML, see ESCAPED",
    **dict.fromkeys(
        (
            "/test-attr_activity0/",
            "/test-attr_communication0/",
            "/test-attr_entity0/",
            "/test-attr_invalidation0/",
        ),
        "white space was put into an XML literal of PROV-XML, where it counts (RDF 1.1, 5.2)",
    ),
}
"""Part of a folder's path → why its notations are not read as the same bundle."""

ESCAPED = re.compile(r"_([_0-9])")
"""ProvToolbox puts _ before some letters of the names in its PROV-XML. The specification knows
nothing of it, and so the reader takes such names as they stand."""
