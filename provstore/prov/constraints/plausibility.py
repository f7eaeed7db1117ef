"""What valid provenance may still get wrong; our own questions, not W3C's constraints.

In: one bundle. Out: problems for a person to judge: recorded times that contradict the order of
events, things that are mentioned but not described, names that are not the author's to give. Pure.
"""

from collections.abc import Iterator, Sequence

from provstore.errors import Problem
from provstore.prov.constraints.instants import is_before
from provstore.prov.constraints.rule_tables import (
    END,
    GENERATION,
    INVALIDATION,
    LIFE,
    ORDERS,
    START,
    USE,
    Order,
)
from provstore.prov.constraints.statement_text import StatementText
from provstore.prov.model.bundle import Bundle, Relation
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.model.terms import END_TIME, RELATIONS, START_TIME, TIME

_ATTRIBUTES = {START_TIME: START, END_TIME: END}
"""Attribute of an activity → the event whose time it is."""

_RELATIONS = {
    "wasStartedBy": (START, 3),
    "wasEndedBy": (END, 3),
    "wasGeneratedBy": (GENERATION, 2),
    "wasInvalidatedBy": (INVALIDATION, 2),
    "used": (USE, 2),
}
"""Relation → the event that it is about, and the place of the time."""

_REFERENCES = {
    kind: [
        (place, argument.kind)
        for place, argument in enumerate(term.arguments)
        if argument.kind not in (TIME, "bundle")
    ]
    for kind, term in RELATIONS.items()
}

_Times = dict[tuple[str, str], str]


@gc_paused()
def check_plausibility(bundle: Bundle, base: str = "") -> tuple[Problem, ...]:
    """Everything implausible, sorted; `base` is the namespace in which only we give names."""
    return tuple(
        sorted(
            {*implausible_times(bundle), *undescribed_things(bundle), *claimed_names(bundle, base)}
        )
    )


def implausible_times(bundle: Bundle) -> Iterator[Problem]:
    """Recorded times that contradict the order of events, compared as instants.

    A time without a zone is compared only with its like: nobody knows where it was written.
    """
    wording, recorded = StatementText(bundle.prefixes), _recorded(bundle)
    for event, iri in recorded:
        for row in LIFE:
            if row.earlier == event:
                yield from _contradiction(row, (iri,), (iri,), recorded, wording)
    for number, relation in enumerate(bundle.relations):
        names = (*relation.arguments, _name(number, relation))
        shown = (*relation.arguments, *relation.arguments[1:2])
        for row in ORDERS.get(relation.kind, ()):
            yield from _contradiction(row, names, shown, recorded, wording)


def _name(number: int, relation: Relation) -> str:
    """The name of a use: its identifier, or one that nothing else has."""
    return relation.id or f" {number}"


def _recorded(bundle: Bundle) -> _Times:
    """When each event was, as far as it is told; the first of several times."""
    recorded: _Times = {}
    for element in bundle.elements:
        for key, event in _ATTRIBUTES.items():
            for value in element.values(key):
                recorded.setdefault((event, element.iri), value.text)
    for number, relation in enumerate(bundle.relations):
        if relation.kind in _RELATIONS:
            event, place = _RELATIONS[relation.kind]
            if time := relation.arguments[place]:
                name = _name(number, relation) if event == USE else relation.arguments[0]
                recorded.setdefault((event, name), time)
    return recorded


def _contradiction(
    row: Order, names: Sequence[str], shown: Sequence[str], recorded: _Times, wording: StatementText
) -> Iterator[Problem]:
    """The problem of one pair of events, if the later one is recorded before the earlier one."""
    earlier = recorded.get((row.earlier, names[row.of]))
    later = recorded.get((row.later, names[row.than]))
    if earlier and later and is_before(later, earlier):
        first = f"{row.earlier} {wording.short(shown[row.of])} ({earlier})"
        second = f"{row.later} {wording.short(shown[row.than])} ({later})"
        fault = f"{second[0].upper()}{second[1:]} is recorded before {first}."
        yield Problem(wording.short(shown[row.than]), fault, "Correct the time that is wrong.")


def undescribed_things(bundle: Bundle) -> Iterator[Problem]:
    """Things that statements mention and no statement describes."""
    wording = StatementText(bundle.prefixes)
    described = {element.iri for element in bundle.elements}
    described.update(relation.id for relation in bundle.relations)
    met: dict[str, str] = {}
    for relation in bundle.relations:
        for place, kind in _REFERENCES[relation.kind]:
            if (iri := relation.arguments[place]) not in described:
                met.setdefault(iri, f"This {kind} is mentioned in a {relation.kind}")
    for iri, fault in met.items():
        yield Problem(
            wording.short(iri),
            f"{fault}, but not described.",
            "Describe it here, or check the name.",
        )


def claimed_names(bundle: Bundle, base: str) -> Iterator[Problem]:
    """Names under `base` that this bundle gives to things, though it is not for it to give them."""
    wording = StatementText(bundle.prefixes)
    names = [
        bundle.iri,
        *(element.iri for element in bundle.elements),
        *(relation.id for relation in bundle.relations),
    ]
    for iri in names if base else ():
        if iri.startswith(base):
            fault = f"{iri} lies under {base}, where only this store gives names."
            yield Problem(wording.short(iri), fault, "Describe it under a name of your own.")
