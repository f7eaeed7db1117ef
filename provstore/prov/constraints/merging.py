"""Which statements speak of one and the same thing: uniqueness and key constraints 22 to 29.

In: a bundle. Out: its relations with what is said twice made one and gaps filled, those that a
detailed derivation implies beside them (inference 11), and the clashes. Instead of existential
variables there are open places: an absent argument is open, or nothing where `NOTHING` says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from provstore.prov.bundle import Bundle, Element, Relation
from provstore.prov.constraints.instants import same
from provstore.prov.constraints.rules import RULES
from provstore.prov.constraints.violation import Violation
from provstore.prov.constraints.wording import Words, noun
from provstore.prov.terms import END_TIME, RELATIONS, START_TIME, TIME

UNIQUE = {
    "wasGeneratedBy": ("24", 0, 1),
    "wasInvalidatedBy": ("25", 0, 1),
    "wasStartedBy": ("26", 0, 2),
    "wasEndedBy": ("27", 0, 2),
}
"""Relation → constraint, and the two arguments that there is only one of for (24 to 27)."""

ACTIVITY_TIMES = {"wasStartedBy": ("28", START_TIME), "wasEndedBy": ("29", END_TIME)}
"""Relation → constraint, and the attribute of the activity that has its time (28, 29)."""

NO_IDENTIFIER = frozenset({"alternateOf", "specializationOf", "hadMember", "mentionOf"})
"""Relations that have no identifier in PROV-DM, and hence no key."""

DISJOINT = frozenset(RELATIONS) - NO_IDENTIFIER - {"wasDerivedFrom", "wasInfluencedBy"}
"""Relations of which no two share an identifier (53)."""

_TIMES = {
    kind: [argument.kind == TIME for argument in term.arguments]
    for kind, term in RELATIONS.items()
}


@dataclass(slots=True)
class Statement:
    """What is said about one thing, and in which relation each part is said; the id is last."""

    kind: str
    parts: list[str]
    said: list[Relation] = field(repr=False)

    @classmethod
    def of(cls, relation: Relation, said: Relation | None = None) -> "Statement":
        """The statement that one relation makes, or that `said` implies."""
        parts = [*relation.arguments, relation.id]
        return cls(relation.kind, parts, [said or relation] * len(parts))

    def relation(self) -> Relation:
        """The statement as one relation."""
        return Relation(self.kind, tuple(self.parts[:-1]), self.parts[-1])
