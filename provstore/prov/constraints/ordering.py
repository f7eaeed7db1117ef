"""Find events that would have to happen before themselves: event ordering constraints 30 to 49.

In: merged relations, entities and activities. Out: violations, each with its chain of events. Only
derivations require that one event is strictly earlier (42), so every contradictory cycle has one.
These events are left out, because every such cycle can be found without them:

* ends and invalidations: only other ends and invalidations come after them;
* starts of activities without a start statement: nothing comes before them;
* uses: a use comes before a generation only if a derivation names both (41), and every event known
  to come before the use then also comes before that generation (34, 42).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from provstore.prov.constraints.cycles import Edge, components, find_cycles
from provstore.prov.constraints.element_kinds import Kinds
from provstore.prov.constraints.merging import Statements
from provstore.prov.constraints.rule_tables import GENERATION, ORDERS, START, Order
from provstore.prov.constraints.statement_text import StatementText
from provstore.prov.constraints.violation import Step, Violation, make_violation

_OrderedEvents = tuple[int, int, Order, int]
"""Earlier event, later event, the row of `ORDERS`, and the number of the relation."""


def ordering_violations(
    statements: Statements, kinds: Kinds, wording: StatementText
) -> Iterator[Violation]:
    """Yield cycles of events of which at least one must be strictly earlier than the next."""
    events = _Events(statements, kinds)
    after: list[list[int]] = [[] for _ in range(events.count)]
    strict = []
    for earlier, later, row, _ in events.edges():
        after[earlier].append(later)
        if row.strict:
            strict.append((earlier, later))
    component = components(after)
    wrong = {
        component[earlier] for earlier, later in strict if component[earlier] == component[later]
    }
    if wrong:
        yield from _explained(events, component, wrong, wording)


def _explained(
    events: "_Events", component: Sequence[int], wrong: set[int], wording: StatementText
) -> Iterator[Violation]:
    """Yield the violations of these components in a second pass over their edges."""
    inside = [
        pair
        for pair in events.edges()
        if component[pair[0]] in wrong and component[pair[0]] == component[pair[1]]
    ]
    edges = [Edge(earlier, later, row.strict) for earlier, later, row, _ in inside]
    for cycle in find_cycles(edges, component):
        steps = tuple(events.step(inside[position], wording) for position in cycle)
        statements = tuple(dict.fromkeys(step.statement for step in steps))
        first = steps[0].event
        fault = f"{first[0].upper()}{first[1:]} would have to come before itself."
        yield make_violation("42", statements, fault, steps)


class _Events:
    """Events by number: the start of each activity, the generation of each entity."""

    def __init__(self, statements: Statements, kinds: Kinds) -> None:
        self.relations = statements.relations
        self.relation_numbers = statements.numbers
        self.source = statements.source
        starts = statements.numbers.get("wasStartedBy", ())
        activities = dict.fromkeys(self.relations[number].arguments[0] for number in starts)
        # Missing arguments violate constraint 4; they are not one activity.
        activities.pop("", None)
        self.count = len(activities) + len(kinds.entities)
        numbers = iter(range(self.count))
        self.numbers = {
            START: dict(zip(activities, numbers, strict=False)),
            GENERATION: dict(zip(kinds.entities, numbers, strict=False)),
        }

    def edges(self) -> Iterator[_OrderedEvents]:
        """Yield every ordered pair of events."""
        for kind, orders in ORDERS.items():
            for row in orders:
                if row.earlier in self.numbers and row.later in self.numbers:
                    for number in self.relation_numbers.get(kind, ()):
                        arguments = self.relations[number].arguments
                        earlier = self.numbers[row.earlier].get(arguments[row.of])
                        if earlier is not None:
                            later = self.numbers[row.later].get(arguments[row.than])
                            if later is not None:
                                yield earlier, later, row, number

    def step(self, pair: _OrderedEvents, wording: StatementText) -> Step:
        """Describe an edge: the earlier event, and the statements that imply the order."""
        node, _, row, number = pair
        sources = (self.source(number, place) for place in (row.of, row.than))
        texts = dict.fromkeys(wording.relation(source) for source in sources)
        event = f"{row.earlier} {wording.short(self.names[node])}"
        return Step(event, row.strict, row.constraint, " and ".join(texts))

    @cached_property
    def names(self) -> dict[int, str]:
        """Event → the name of its activity or entity."""
        return {number: name for some in self.numbers.values() for name, number in some.items()}
