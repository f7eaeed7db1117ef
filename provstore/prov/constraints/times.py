"""That an activity has one time of start and one of end: constraints 22, 28 and 29.

In: a bundle, and its relations with what is said twice made one. Out: violations.
"""

from collections import defaultdict
from collections.abc import Iterator

from provstore.prov.constraints.instants import Instant, instant
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


def one_time(bundle: Bundle, statements: Statements, words: Words) -> Iterator[Violation]:
    """Every activity of which several times of start or of end are told."""
    told: defaultdict[tuple[str, str], dict[str, Element | Relation]] = defaultdict(dict)
    for element in bundle.elements:
        if "activity" in element.kinds:
            for kind, (_, key, _) in _BOUNDS.items():
                for value in element.values(key):
                    one = Element(element.iri, element.kinds, ((key, Value(value.text)),))
                    told[kind, element.iri][value.text] = one
    for kind in _BOUNDS:
        for number in statements.numbers.get(kind, ()):
            activity, _, _, time = statements.relations[number].arguments
            if activity and time and number not in statements.refused:
                told[kind, activity].setdefault(time, statements.telling(number, 3))
    for (kind, iri), times in told.items():
        if len(times) > 1:
            yield from _several(kind, iri, times, words)


def _several(
    kind: str, iri: str, times: dict[str, Element | Relation], words: Words
) -> Iterator[Violation]:
    """What is wrong with the times told of one activity: its description (22), or the rest."""
    described = {_point(time) for time, source in times.items() if isinstance(source, Element)}
    points = {_point(time) for time in times}
    constraint, _, word = _BOUNDS[kind]
    what = f"The activity {words.short(iri)} has several times of {word}: {', '.join(times)}."
    texts = tuple(
        words.element("activity", source) if isinstance(source, Element) else words.relation(source)
        for source in times.values()
    )
    if len(described) > 1:
        yield violation("22", texts, what)
    if len(points) > max(1, len(described)):
        yield violation(constraint, texts, what)


def _point(time: str) -> Instant | str:
    return instant(time) or time
