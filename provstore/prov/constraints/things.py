"""What the places in statements say that things are: constraint 50.

In: a bundle, and its relations with what is said twice made one. Out: its entities and activities.
"""

from typing import NamedTuple

from provstore.prov.bundle import Bundle
from provstore.prov.constraints.merging import Statements
from provstore.prov.terms import RELATIONS

PLACES = {
    kind: {
        name: tuple(place for place, argument in enumerate(term.arguments) if argument.kind == name)
        for name in ("activity", "entity")
    }
    for kind, term in RELATIONS.items()
    if kind != "mentionOf"  # PROV-LINKS, which PROV-CONSTRAINTS does not know
}
"""Relation → kind → places of the arguments that are of this kind."""


class Things(NamedTuple):
    """IRIs in the order in which they are met; the values mean nothing."""

    activities: dict[str, None]
    entities: dict[str, None]


def things(bundle: Bundle, statements: Statements) -> Things:
    """All that is described as an activity or entity, or stands where one belongs."""
    activities: dict[str, None] = {}
    entities: dict[str, None] = {}
    for iri, kinds, _ in bundle.elements:
        if "activity" in kinds:
            activities[iri] = None
        if "entity" in kinds:
            entities[iri] = None
    pairs = [
        (kind, found, place)
        for kind, names in PLACES.items()
        for found, name in ((activities, "activity"), (entities, "entity"))
        for place in names[name]
    ]
    rows = {kind: [(found, place) for one, found, place in pairs if one == kind] for kind in PLACES}
    for relation in statements.relations:
        for found, place in rows.get(relation.kind, ()):
            found[relation.arguments[place]] = None
    activities.pop("", None)
    entities.pop("", None)
    return Things(activities, entities)
