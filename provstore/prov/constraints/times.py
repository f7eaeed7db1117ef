"""That an activity has one time of start and one of end: constraints 22, 28 and 29.

In: a bundle, and its relations with statements of one thing merged. Out: violations.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from provstore.prov.constraints.instants import point
from provstore.prov.constraints.merging import Statements
from provstore.prov.constraints.violation import Violation, violation
from provstore.prov.constraints.wording import Words
from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from provstore.prov.model.terms import END_TIME, START_TIME

_BOUNDS = {
    "wasStartedBy": ("28", START_TIME, "start"),
    "wasEndedBy": ("29", END_TIME, "end"),
}
"""Relation → constraint, the attribute of the activity that has the same time, and its word."""

_DESCRIPTION = -1
"""Stands for the description of the activity, where else the number of a start or an end is."""


class _Time(NamedTuple):
    """A time of an activity: of which start or end it is, and the statement of it."""

    event: int
    text: str
    source: Element | Relation


def one_time(bundle: Bundle, statements: Statements, words: Words) -> Iterator[Violation]:
    """Every activity that has several times of start or of end."""
    found: defaultdict[tuple[str, str], list[_Time]] = defaultdict(list)
    for element in bundle.elements:
        if "activity" in element.kinds:
            for kind, (_, key, _) in _BOUNDS.items():
                for value in element.values(key):
                    one = Element(element.iri, element.kinds, ((key, Value(value.text)),))
                    found[kind, element.iri].append(_Time(_DESCRIPTION, value.text, one))
    for kind in _BOUNDS:
        for number in statements.numbers.get(kind, ()):
            activity, _, _, time = statements.relations[number].arguments
            if activity and time:
                event = statements.disputed.get(number, number)
                found[kind, activity].append(_Time(event, time, statements.source(number, 3)))
    for (kind, iri), times in found.items():
        if len(times) > 1:
            yield from _several(kind, iri, times, words)


def _several(kind: str, iri: str, times: Sequence[_Time], words: Words) -> Iterator[Violation]:
    """Times that differ within the description of an activity (22), or from event to event.

    What differs among the statements of one start or end is constraint 23.
    """
    constraint, _, word = _BOUNDS[kind]
    described = [time for time in times if time.event == _DESCRIPTION]
    events = {time.event for time in times}
    for rule, some in (("22", described), (constraint, times if len(events) > 1 else ())):
        if len({point(time.text) for time in some}) > 1:
            listed = ", ".join(dict.fromkeys(time.text for time in some))
            what = f"The activity {words.short(iri)} has several times of {word}: {listed}."
            texts = (
                words.element("activity", time.source)
                if isinstance(time.source, Element)
                else words.relation(time.source)
                for time in some
            )
            yield violation(rule, tuple(dict.fromkeys(texts)), what)
