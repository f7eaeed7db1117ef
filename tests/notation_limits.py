"""What a notation cannot carry, what no reader takes, where notations of one document disagree.

The only list of exceptions to "nothing is lost". Each is strict: a test fails when it passes.
"""

import re

UNION = ("turtle", "ntriples", "rdfxml")
"""One RDF graph is all they have (RDF 1.1 Turtle, N-Triples, XML Syntax): bundles flow together."""

_MENTION = "the Member Submission PROV-JSONLD has no term for mentionOf (PROV-LINKS, 3)"

_ONE_EACH = "ProvToolbox reads one statement for each identifier in PROV-JSON"
_NO_MENTION = "ProvToolbox reads no mentionOf in PROV-JSON"

CARRIES_NOT = {
    "provjson-toolbox": {
        "json/mention1.json": _NO_MENTION,
        "json/mention2.json": _NO_MENTION,
        "json/scruffy-end1-M.json": _ONE_EACH,
        "json/scruffy-end1-S.json": _ONE_EACH,
        "json/scruffy-end2-M.json": _ONE_EACH,
        "json/scruffy-end2-S.json": _ONE_EACH,
        "json/scruffy-end3-M.json": _ONE_EACH,
        "json/scruffy-end3-S.json": _ONE_EACH,
        "json/scruffy-end4-M.json": _ONE_EACH,
        "json/scruffy-end4-S.json": _ONE_EACH,
        "json/scruffy-generation1-M.json": _ONE_EACH,
        "json/scruffy-generation1-S.json": _ONE_EACH,
        "json/scruffy-generation2-M.json": _ONE_EACH,
        "json/scruffy-generation2-S.json": _ONE_EACH,
        "json/scruffy-invalidation1-M.json": _ONE_EACH,
        "json/scruffy-invalidation1-S.json": _ONE_EACH,
        "json/scruffy-invalidation2-M.json": _ONE_EACH,
        "json/scruffy-invalidation2-S.json": _ONE_EACH,
        "json/scruffy-start1-M.json": _ONE_EACH,
        "json/scruffy-start1-S.json": _ONE_EACH,
        "json/scruffy-start2-M.json": _ONE_EACH,
        "json/scruffy-start2-S.json": _ONE_EACH,
        "json/scruffy-start3-M.json": _ONE_EACH,
        "json/scruffy-start3-S.json": _ONE_EACH,
        "json/scruffy-start4-M.json": _ONE_EACH,
        "json/scruffy-start4-S.json": _ONE_EACH,
        "json/scruffy-usage1-M.json": _ONE_EACH,
        "json/scruffy-usage1-S.json": _ONE_EACH,
        "json/scruffy-usage2-M.json": _ONE_EACH,
        "json/scruffy-usage2-S.json": _ONE_EACH,
        "directory-cwlprov-0.6.0/metadata/provenance/primary.cwlprov.json": _NO_MENTION,
        "test-scruffy-end2-M/scruffy-end2-M.json": _ONE_EACH,
        "test-scruffy-end3-M/scruffy-end3-M.json": _ONE_EACH,
        "test-scruffy-end3-S/scruffy-end3-S.json": _ONE_EACH,
        "test-scruffy-generation1-S/scruffy-generation1-S.json": _ONE_EACH,
        "test-scruffy-invalidation1-M/scruffy-invalidation1-M.json": _ONE_EACH,
        "test-scruffy-invalidation2-M/scruffy-invalidation2-M.json": _ONE_EACH,
        "test-scruffy-invalidation2-S/scruffy-invalidation2-S.json": _ONE_EACH,
        "test-scruffy-start1-M/scruffy-start1-M.json": _ONE_EACH,
        "test-scruffy-start2-M/scruffy-start2-M.json": _ONE_EACH,
        "test-scruffy-start4-S/scruffy-start4-S.json": _ONE_EACH,
        "test-scruffy-usage1-S/scruffy-usage1-S.json": _ONE_EACH,
        "prov-json/unification__association-fail2.json": _ONE_EACH,
        "prov-json/unification__association-fail3.json": _ONE_EACH,
        "prov-json/unification__association-fail4.json": _ONE_EACH,
        "prov-json/unification__association-success3.json": _ONE_EACH,
        "prov-json/unification__attributes-end-success2.json": _ONE_EACH,
        "prov-json/unification__attributes-start-success2.json": _ONE_EACH,
        "prov-json/unification__delegation-fail1.json": _ONE_EACH,
        "prov-json/unification__delegation-fail4.json": _ONE_EACH,
        "prov-json/unification__delegation-fail5.json": _ONE_EACH,
        "prov-json/unification__delegation-success3.json": _ONE_EACH,
        "prov-json/unification__delegation-success4.json": _ONE_EACH,
        "prov-json/unification__derivation-fail2.json": _ONE_EACH,
        "prov-json/unification__derivation-success3.json": _ONE_EACH,
        "prov-json/unification__end-fail3.json": _ONE_EACH,
        "prov-json/unification__generation-fail7.json": _ONE_EACH,
        "prov-json/unification__generation-success2.json": _ONE_EACH,
        "prov-json/unification__generation-success6.json": _ONE_EACH,
        "prov-json/unification__generation-success7.json": _ONE_EACH,
        "prov-json/unification__invalidation-fail2.json": _ONE_EACH,
        "prov-json/unification__invalidation-fail3.json": _ONE_EACH,
        "prov-json/unification__invalidation-fail4.json": _ONE_EACH,
        "prov-json/unification__invalidation-fail7.json": _ONE_EACH,
        "prov-json/unification__invalidation-success6.json": _ONE_EACH,
        "prov-json/unification__invalidation-success7.json": _ONE_EACH,
        "prov-json/unification__mention-fail1.json": _NO_MENTION,
        "prov-json/unification__mention-fail2.json": _NO_MENTION,
        "prov-json/unification__mention-fail3.json": _NO_MENTION,
        "prov-json/unification__mention-success1.json": _NO_MENTION,
        "prov-json/unification__mention-success2.json": _NO_MENTION,
        "prov-json/unification__start-fail1.json": _ONE_EACH,
        "prov-json/unification__start-fail5.json": _ONE_EACH,
        "prov-json/unification__start-fail7.json": _ONE_EACH,
        "prov-json/unification__start-success6.json": _ONE_EACH,
        "prov-json/unification__start-success7.json": _ONE_EACH,
        "prov-json/unification__start-success8.json": _ONE_EACH,
        "prov-json/unification__start-success9.json": _ONE_EACH,
        "prov-json/unification__usage-fail2.json": _ONE_EACH,
        "prov-json/unification__usage-fail3.json": _ONE_EACH,
        "prov-json/unification__usage-fail4.json": _ONE_EACH,
        "prov-json/unification__usage-success7.json": _ONE_EACH,
    },
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

_BY_PROV = ("provjson", "provn", "provxml", "provjsonld")
_ALL = (*_BY_PROV, "trig", "nquads", "jsonld")
_NO_XML = tuple(notation for notation in _ALL if notation != "provxml")
_KINDS = "an element of several kinds has one set of attributes here (PROV-DM 5.1 to 5.3)"
_SCOPE = "prov takes the name of a bundle from the bundle's own prefixes, we from the document's"
_LANGUAGE = "prov forgets the languages of texts in PROV-XML that are typed as well"
_O_WORDS = "names of PROV-O where PROV-JSON has others; read as those, with a note"
_MANY_TIMES = "an activity with two start times; prov writes it nowhere"

ALTERED: dict[str, tuple[str, tuple[str, ...]]] = {
    "/bundle4.": (_SCOPE, _ALL),
    "/prov-n/prov-n-example-60.": (_KINDS, _ALL),
    **{
        f"/test-{name}/{name}.provx": (_LANGUAGE, _ALL)
        for name in (
            *(f"attr_{kind}0" for kind in ("activity", "communication", "entity", "invalidation")),
            "attr_association_one_role_attr2",
            *(f"international_{country}1" for country in ("FR", "HE", "RU")),
        )
    },
    "type-f1-FAIL": (_KINDS, _ALL),
    "type-fail1.": (_KINDS, _ALL),
    "type-s2-PASS": (_KINDS, _NO_XML),
    "type-success2.": (_KINDS, _NO_XML),
    "/xml/example_33.xml": (_KINDS, _ALL),
    "horsemeat_example.json": (_O_WORDS, _ALL),
    "/rook/docs/source/prov-example.json": (_O_WORDS, _ALL),
    "unification-activity-f1-FAIL-c22.json": (_MANY_TIMES, ("provjson", *_ALL[4:])),
}
"""Part of a path → why `prov` finds a converted document different, and in which notations."""

CARRIES_NOT_AS_DOCUMENT: dict[str, tuple[str, tuple[str, ...]]] = {
    "mention": (_MENTION, ("provjsonld",)),
    "/provtoolbox/bundles2.provn": (_MENTION, ("provjsonld",)),
    "/directory-cwlprov-0.6.0/": (_MENTION, ("provjsonld",)),
    "type-s2-PASS": (_KINDS, ("provxml",)),
    "type-success2.": (_KINDS, ("provxml",)),
    "unification-activity-f1-FAIL-c22.json": (_MANY_TIMES, ("provn", "provxml", "provjsonld")),
}
"""Part of a path → why a notation cannot carry the document, and which."""
