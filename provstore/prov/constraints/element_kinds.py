"""What the places in statements say that things are: constraint 50.

In: a bundle, and its relations with what is said twice made one. Out: its entities and activities.
"""

from typing import NamedTuple

from provstore.prov.constraints.merging import Statements
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import RELATIONS

ARGUMENT_PLACES = {
    kind: {
        name: tuple(
            place
            for place, argument in enumerate(term.arguments)
            if argument.kind == name and kind != "mentionOf"
        )
        for name in ("activity", "entity")
    }
    for kind, term in RELATIONS.items()
}
"""Relation → kind → places of the arguments that are of this kind; 50 knows no mentions."""


class Kinds(NamedTuple):
    """IRIs in the order in which they are met; the values mean nothing."""

    activities: dict[str, None]
    entities: dict[str, None]


def infer_kinds(bundle: Bundle, statements: Statements) -> Kinds:
    """All that is described as an activity or entity, or stands where one belongs."""
    activities: dict[str, None] = {}
    entities: dict[str, None] = {}
    for iri, kinds, _ in bundle.elements:
        if "activity" in kinds:
            activities[iri] = None
        if "entity" in kinds:
            entities[iri] = None
    for kind, numbers in statements.numbers.items():
        for name, iris in (("activity", activities), ("entity", entities)):
            for place in ARGUMENT_PLACES[kind][name]:
                for number in numbers:
                    iris[statements.relations[number].arguments[place]] = None
    activities.pop("", None)
    entities.pop("", None)
    return Kinds(activities, entities)
