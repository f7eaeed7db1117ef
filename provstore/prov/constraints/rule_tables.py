"""The rules of PROV-CONSTRAINTS as tables: their texts, and the order of events (30 to 49).

Facts only: one row per rule, one per pair of events that a relation orders. A test compares them
with the list in the Recommendation (W3C, 2013-04-30). Imports persist the texts of rules, so they
must not change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

LINK = "https://www.w3.org/TR/2013/REC-prov-constraints-20130430/"


@dataclass(frozen=True)
class Rule:
    """A rule: its name in the Recommendation, its content, and how to mend a violation."""

    title: str
    says: str
    mend: str = ""


_ONE = "Correct the wrong statement, or give the two things names of their own."
_ROUND = "Correct the statement that has its two ends the wrong way round, or take it out."

RULES = MappingProxyType({
    "4": Rule("optional-placeholders", "some arguments must be named",
              "Name what is missing, or take the statement out."),
    "22": Rule("key-object", "what is described twice is one thing", _ONE),
    "23": Rule("key-properties", "statements with one identifier are one statement",
               "Correct the wrong statement, or give the two statements identifiers of their own."),
    "24": Rule("unique-generation", "an activity generates an entity once", _ONE),
    "25": Rule("unique-invalidation", "an activity invalidates an entity once", _ONE),
    "26": Rule("unique-wasStartedBy", "an activity starts another one once", _ONE),
    "27": Rule("unique-wasEndedBy", "an activity ends another one once", _ONE),
    "28": Rule("unique-startTime", "an activity has one time of start", "Keep the right time."),
    "29": Rule("unique-endTime", "an activity has one time of end", "Keep the right time."),
    "30": Rule("start-precedes-end", "an activity starts before it ends"),
    "31": Rule("start-start-ordering", "all starts of an activity are at one time"),
    "32": Rule("end-end-ordering", "all ends of an activity are at one time"),
    "33": Rule("usage-within-activity", "an activity uses between its start and its end"),
    "34": Rule("generation-within-activity", "an activity generates between its start and its end"),
    "35": Rule("wasInformedBy-ordering", "who informs has started before who is informed ends"),
    "36": Rule("generation-precedes-invalidation", "an entity is generated before it is gone"),
    "37": Rule("generation-precedes-usage", "an entity is generated before it is used"),
    "38": Rule("usage-precedes-invalidation", "an entity is used before it is invalidated"),
    "39": Rule("generation-generation-ordering", "all generations of an entity are at one time"),
    "40": Rule("invalidation-invalidation-ordering",
               "all invalidations of an entity are at one time"),
    "41": Rule("derivation-usage-generation-ordering", "the source is used before the result is"),
    "42": Rule("derivation-generation-generation-ordering",
               "a source is generated before what is derived from it", _ROUND),
    "43": Rule("wasStartedBy-ordering", "a trigger exists when it starts an activity"),
    "44": Rule("wasEndedBy-ordering", "a trigger exists when it ends an activity"),
    "45": Rule("specialization-generation-ordering", "the general is there before the special"),
    "46": Rule("specialization-invalidation-ordering", "the special is gone before the general"),
    "47": Rule("wasAssociatedWith-ordering", "an agent exists during what it is associated with"),
    "48": Rule("wasAttributedTo-ordering", "an agent exists before what is attributed to it"),
    "49": Rule("actedOnBehalfOf-ordering", "who is responsible exists before the delegate is gone"),
    "50": Rule("typing", "the place in a statement tells what a thing is"),
    "51": Rule("impossible-unspecified-derivation-generation-use",
               "a derivation that names a generation or usage names the activity",
               "Name the activity, or leave out the generation and the usage."),
    "52": Rule("impossible-specialization-reflexive", "nothing specializes itself", _ROUND),
    "53": Rule("impossible-property-overlap", "relations do not share identifiers",
               "Give each relation an identifier of its own."),
    "54": Rule("impossible-object-property-overlap", "no relation is named like a thing",
               "Give the relation an identifier of its own."),
    "55": Rule("entity-activity-disjoint", "nothing is an entity and an activity",
               "Give the entity and the activity names of their own."),
    "56": Rule("membership-empty-collection", "an empty collection has no members",
               "Take out the member, or the type prov:EmptyCollection."),
})  # fmt: skip
"""Number → rule; definitions, inferences and constraints share one sequence of numbers."""

MANDATORY = MappingProxyType({
    "wasGeneratedBy": (0,), "used": (0,), "wasInformedBy": (0, 1), "wasStartedBy": (0,),
    "wasEndedBy": (0,), "wasInvalidatedBy": (0,), "wasDerivedFrom": (0, 1),
    "wasAttributedTo": (0, 1), "wasAssociatedWith": (0,), "actedOnBehalfOf": (0,),
    "wasInfluencedBy": (0, 1), "specializationOf": (0, 1), "alternateOf": (0, 1),
    "hadMember": (0, 1), "mentionOf": (0, 1, 2),
})  # fmt: skip
"""Relation → places of its mandatory arguments (definition 4, table 3).

Table 3 also requires the responsible agent of a delegation. The test cases of W3C do not
(unification-delegation-s3), and neither do we.
"""

UNIQUE: Mapping[str, tuple[str, int, int]] = MappingProxyType({
    "wasGeneratedBy": ("24", 0, 1), "wasInvalidatedBy": ("25", 0, 1),
    "wasStartedBy": ("26", 0, 2), "wasEndedBy": ("27", 0, 2),
})  # fmt: skip
"""Relation → constraint, and the two arguments that determine one such event."""

IDENTIFIED = frozenset(MANDATORY) - {"specializationOf", "alternateOf", "hadMember", "mentionOf"}
"""Relations that can have an identifier in PROV-DM, which is then their key (23)."""

DISJOINT = IDENTIFIED - {"wasDerivedFrom", "wasInfluencedBy"}
"""Kinds of relations that must not share identifiers (53)."""


START, END, USE = "the start of", "the end of", "the use of"
GENERATION, INVALIDATION = "the generation of", "the invalidation of"
"""The kinds of event in messages."""


class Order(NamedTuple):
    """One event is not later than another (`strict`: earlier); each with its argument."""

    constraint: str
    earlier: str
    of: int
    later: str
    than: int
    strict: bool = False


def _associated(activity: int, agent: int) -> tuple[Order, ...]:
    """Return the rows of constraint 47; an agent is an entity, an activity, or neither."""
    return (
        Order("47", START, activity, INVALIDATION, agent),
        Order("47", GENERATION, agent, END, activity),
        Order("47", START, activity, END, agent),
        Order("47", START, agent, END, activity),
    )


def _triggered(constraint: str, event: str) -> tuple[Order, ...]:
    """Return the rows of 43 and 44; the starter or ender generated the trigger (9, 10)."""
    return (
        Order(constraint, GENERATION, 1, event, 0),
        Order(constraint, event, 0, INVALIDATION, 1),
        Order(constraint, START, 2, event, 0),
        Order("34", START, 2, GENERATION, 1),
        Order("34", GENERATION, 1, END, 2),
    )


ORDERS = MappingProxyType({
    "used": (
        Order("33", START, 0, USE, 3), Order("33", USE, 3, END, 0),
        Order("37", GENERATION, 1, USE, 3), Order("38", USE, 3, INVALIDATION, 1),
    ),
    "wasGeneratedBy": (Order("34", START, 1, GENERATION, 0), Order("34", GENERATION, 0, END, 1)),
    "wasInformedBy": (Order("35", START, 1, END, 0),),
    "wasStartedBy": _triggered("43", START),
    "wasEndedBy": _triggered("44", END),
    "wasDerivedFrom": (
        Order("41", USE, 4, GENERATION, 0), Order("42", GENERATION, 1, GENERATION, 0, strict=True),
    ),
    "specializationOf": (
        Order("45", GENERATION, 1, GENERATION, 0), Order("46", INVALIDATION, 0, INVALIDATION, 1),
    ),
    "wasAssociatedWith": _associated(0, 1),
    "wasAttributedTo": (
        Order("48", GENERATION, 1, GENERATION, 0), Order("48", START, 1, GENERATION, 0),
    ),
    "actedOnBehalfOf": (
        Order("49", GENERATION, 1, INVALIDATION, 0), Order("49", START, 1, END, 0),
        *_associated(2, 0), *_associated(2, 1),  # inference 14
    ),
})  # fmt: skip
"""Relation → the order of events that it implies; events are given by places of arguments.

The usage itself has place 3, after its arguments.

All starts of an activity are simultaneous (31), and so are its ends (32) and the generations (39)
and invalidations (40) of an entity; so each element has only one of each. The events that
inferences 5, 6 and 13 add lie between events that are already ordered here.
"""

LIFE = (Order("30", START, 0, END, 0), Order("36", GENERATION, 0, INVALIDATION, 0))
"""The order of events of every activity and of every entity."""
