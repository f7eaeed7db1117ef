"""Check that an activity has one start time and one end time: constraints 22, 28 and 29.

In: a bundle, and its merged relations. Out: violations.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from provstore.prov.constraints.instants import comparable_time
from provstore.prov.constraints.merging import Statements
from provstore.prov.constraints.statement_text import StatementText
from provstore.prov.constraints.violation import Violation, make_violation
from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from provstore.prov.model.terms import END_TIME, START_TIME

_BOUNDS = {
    "wasStartedBy": ("28", START_TIME, "start"),
    "wasEndedBy": ("29", END_TIME, "end"),
}
"""Relation → constraint, the attribute of the activity with the same time, and its noun."""

_DESCRIPTION = -1
"""The `event` of a time in the description of an activity, instead of a start or an end."""


class _Time(NamedTuple):
    """A time of an activity, with the number of its start or end and its statement."""

    event: int
    text: str
    source: Element | Relation


def time_violations(
    bundle: Bundle, statements: Statements, wording: StatementText
) -> Iterator[Violation]:
    """Yield every activity with several start times or end times."""
    times_of: defaultdict[tuple[str, str], list[_Time]] = defaultdict(list)
    for element in bundle.elements:
        if "activity" in element.kinds:
            for kind, (_, key, _) in _BOUNDS.items():
                for value in element.values(key):
                    description = Element(element.iri, element.kinds, ((key, Value(value.text)),))
                    times_of[kind, element.iri].append(_Time(_DESCRIPTION, value.text, description))
    for kind in _BOUNDS:
        for number in statements.numbers.get(kind, ()):
            activity, _, _, time = statements.relations[number].arguments
            if activity and time:
                event = statements.disputed.get(number, number)
                times_of[kind, activity].append(_Time(event, time, statements.source(number, 3)))
    for (kind, iri), times in times_of.items():
        if len(times) > 1:
            yield from _several(kind, iri, times, wording)


def _several(
    kind: str, iri: str, times: Sequence[_Time], wording: StatementText
) -> Iterator[Violation]:
    """Yield different times within the description of an activity (22), or of several events.

    Different times in statements about the same start or end violate constraint 23.
    """
    constraint, _, word = _BOUNDS[kind]
    described = [time for time in times if time.event == _DESCRIPTION]
    events = {time.event for time in times}
    for rule, some in (("22", described), (constraint, times if len(events) > 1 else ())):
        if len({comparable_time(time.text) for time in some}) > 1:
            listed = ", ".join(dict.fromkeys(time.text for time in some))
            fault = f"The activity {wording.short(iri)} has several times of {word}: {listed}."
            texts = (
                wording.element("activity", time.source)
                if isinstance(time.source, Element)
                else wording.relation(time.source)
                for time in some
            )
            yield make_violation(rule, tuple(dict.fromkeys(texts)), fault)
