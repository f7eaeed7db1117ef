"""Find implausible statements in valid provenance; these are our own checks, not W3C constraints.

In: one bundle. Out: problems for a person to judge: recorded times that contradict the order of
events, elements that are mentioned but not described, names in the store's own namespace. Pure.
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
"""Relation → its event, and the place of the time."""

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
    """Return all implausible statements, sorted; `base` is the namespace of this store."""
    return tuple(
        sorted(
            {*implausible_times(bundle), *undescribed_things(bundle), *claimed_names(bundle, base)}
        )
    )


def implausible_times(bundle: Bundle) -> Iterator[Problem]:
    """Yield recorded times that contradict the order of events.

    A time without a zone is only compared with other times without a zone.
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
    """Return the name of a usage: its identifier, or a unique name."""
    return relation.id or f" {number}"


def _recorded(bundle: Bundle) -> _Times:
    """Map events to their recorded times, the first if there are several."""
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
    """Report two events if the later one is recorded before the earlier one."""
    earlier = recorded.get((row.earlier, names[row.of]))
    later = recorded.get((row.later, names[row.than]))
    if earlier and later and is_before(later, earlier):
        first = f"{row.earlier} {wording.short(shown[row.of])} ({earlier})"
        second = f"{row.later} {wording.short(shown[row.than])} ({later})"
        fault = f"{second[0].upper()}{second[1:]} is recorded before {first}."
        yield Problem(wording.short(shown[row.than]), fault, "Correct the wrong time.")


def undescribed_things(bundle: Bundle) -> Iterator[Problem]:
    """Yield elements that are mentioned but not described."""
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
            "Describe it in this document, or check the name.",
        )


def claimed_names(bundle: Bundle, base: str) -> Iterator[Problem]:
    """Yield names under `base` that this bundle introduces."""
    wording = StatementText(bundle.prefixes)
    names = [
        bundle.iri,
        *(element.iri for element in bundle.elements),
        *(relation.id for relation in bundle.relations),
    ]
    for iri in names if base else ():
        if iri.startswith(base):
            fault = f"{iri} is under {base}, where only this store may create names."
            yield Problem(wording.short(iri), fault, "Use a name in your own namespace.")
