"""Infer kinds of elements from their places in statements: constraint 50.

In: a bundle, and its merged relations. Out: its entities and activities.
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
"""Relation → kind → places of the arguments of this kind; constraint 50 excludes mentions."""


class Kinds(NamedTuple):
    """IRIs in order of appearance; the values of the dictionaries have no meaning."""

    activities: dict[str, None]
    entities: dict[str, None]


def infer_kinds(bundle: Bundle, statements: Statements) -> Kinds:
    """Return all activities and entities, as described or by their places in statements."""
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
