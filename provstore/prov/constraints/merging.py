"""Merge statements about the same event or relationship: constraints 23 to 27.

In: a bundle. Out: its relations, with statements about the same event merged and missing arguments
filled in; the relations that a detailed derivation implies (inference 11); and the clashes. An
absent argument stands for an existential variable of the Recommendation, except where absence means
"none".

Statements are about the same event if they share an identifier (23), or the two arguments that
determine such an event (24 to 27). A statement without an identifier belongs to the event that is
named with the same two arguments. If several events are, that is a clash, and the statements
without an identifier are kept apart from all of them.

The Recommendation stops at any first failure; we report every clash. The report must not depend on
the order of merging, so statements that clash are not merged at all: each is kept as it is, and
fills no argument of another. Only the arguments that statements give themselves decide which ones
are about the same event. Merging adds none that matter, unless a mandatory argument is missing (4)
or a relation of another kind has the same identifier (inference 15), so its ends are filled first.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provstore.prov.constraints.instants import comparable_time
from provstore.prov.constraints.rule_tables import DISJOINT, IDENTIFIED, RULES, UNIQUE
from provstore.prov.constraints.statement_text import StatementText, relation_noun
from provstore.prov.constraints.violation import Violation, make_violation
from provstore.prov.model.bundle import Bundle, Relation
from provstore.prov.model.terms import RELATIONS, TIME

_IDENTIFIER = -1
"""The place of the identifier; arguments have the places 0, 1, 2, …."""

_ENDS = (0, 1)
"""The places of the two ends of an influence (inference 15)."""

_TIMES = frozenset(
    (kind, place)
    for kind, term in RELATIONS.items()
    for place, argument in enumerate(term.arguments)
    if argument.kind == TIME
)


@dataclass(frozen=True)
class Statements:
    """Merged relations: one for each event or relationship whose statements agree.

    `numbers` are their positions by kind. `sources` are the statements that a merged relation comes
    from, one for each argument and the last for its identifier. `disputed` maps each statement that
    clashes to the first one about the same event. `named` has the first statement of each kind by
    its identifier.
    """

    relations: list[Relation]
    numbers: dict[str, list[int]]
    sources: dict[int, Sequence[Relation]]
    disputed: dict[int, int]
    named: dict[str, dict[str, Relation]]

    def source(self, number: int, place: int) -> Relation:
        """Return the statement that an argument of a merged relation comes from."""
        return self.sources[number][place] if number in self.sources else self.relations[number]


def range_of_kind(relations: Sequence[Relation], kind: str) -> range:
    """Return the positions of the relations of one kind among the sorted ones of a bundle."""
    first = bisect_left(relations, (kind,))
    return range(first, bisect_left(relations, (kind + " ",), first))


def implied_relations(derivation: Relation) -> tuple[Relation, ...]:
    """Return the usage and generation that a derivation with an activity implies (inference 11)."""
    new, old, activity, generation, usage = derivation.arguments
    if not activity:
        return ()
    return (
        Relation("used", (activity, old, ""), usage),
        Relation("wasGeneratedBy", (new, activity, ""), generation),
    )


def merge_statements(bundle: Bundle, wording: StatementText) -> tuple[Statements, list[Violation]]:
    """Merge the statements about the same event, unless they clash; also return the clashes."""
    merging = _Merging(bundle, wording)
    return merging.run(), merging.clashes


class _Merging:
    """Merges statements; the first of those merged represents them."""

    def __init__(self, bundle: Bundle, wording: StatementText) -> None:
        self.wording = wording
        self.relations = list(bundle.relations)
        self.sources: dict[int, Sequence[Relation]] = {}
        self.events: dict[str, list[int]] = {kind: [] for kind in UNIQUE}
        self.named: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
        self.unnamed: list[list[int]] = []
        self.merged: set[int] = set()
        self.disputed: dict[int, int] = {}
        self.clashes: list[Violation] = []

    def run(self) -> Statements:
        """Find the statements about each event and merge them."""
        self._imply()
        self._sort()
        named = {
            name: {kind: self._source(numbers[0], _IDENTIFIER) for kind, numbers in kinds.items()}
            for name, kinds in self.named.items()
        }
        for kind in ("wasStartedBy", "wasEndedBy"):
            self._pair(kind)
        for kinds in self.named.values():
            if len(kinds) > 1 or any(len(numbers) > 1 for numbers in kinds.values()):
                self._share_ends(kinds)
        for kind in ("wasGeneratedBy", "wasInvalidatedBy"):
            self._pair(kind)
        for kinds in self.named.values():
            for numbers in kinds.values():
                if len(numbers) > 1:
                    self._merge(sorted(numbers))
        for numbers in self.unnamed:
            self._merge(numbers)
        return self._result(named)

    def _imply(self) -> None:
        """Add the relations that derivations imply."""
        for number in range_of_kind(self.relations, "wasDerivedFrom"):
            derivation = self.relations[number]
            for relation in implied_relations(derivation):
                self.sources[len(self.relations)] = (derivation,) * (len(relation.arguments) + 1)
                self.relations.append(relation)

    def _sort(self) -> None:
        """Group statements by identifier and kind, and events by kind."""
        for number, (kind, _, identifier, _) in enumerate(self.relations):
            if kind in UNIQUE:
                self.events[kind].append(number)
            if identifier and kind in IDENTIFIED:
                self.named[identifier].setdefault(kind, []).append(number)

    def _pair(self, kind: str) -> None:
        """Find statements about the same event by the two arguments that determine it."""
        constraint = UNIQUE[kind][0]
        number_by_key: dict[tuple[str, str, str], int] = {}
        several: defaultdict[int, list[int]] = defaultdict(list)
        for number in self.events[kind]:
            key = self._key(number)
            if all(key):
                first_number = number_by_key.setdefault(key, number)
                if first_number != number:
                    several[first_number].append(number)
        for first_number, more in several.items():
            numbers = [first_number, *more]
            named = [number for number in numbers if self.relations[number].id]
            unnamed = [number for number in numbers if not self.relations[number].id]
            identifiers = {self.relations[number].id for number in named}
            if len(identifiers) == 1:
                self.named[identifiers.pop()][kind] += unnamed
            elif len(unnamed) > 1:
                self.unnamed.append(unnamed)
            if len(identifiers) > 1:
                self._clash(constraint, kind, _IDENTIFIER, named, (constraint,))

    def _key(self, number: int) -> tuple[str, str, str]:
        """Return a kind, and the two arguments that determine an event of that kind."""
        kind, arguments, _, _ = self.relations[number]
        if kind not in UNIQUE:
            return kind, "", ""
        _, first, second = UNIQUE[kind]
        return kind, arguments[first], arguments[second]

    def _share_ends(self, kinds: dict[str, list[int]]) -> None:
        """Give all statements with one identifier the same two ends (inference 15), or clash.

        Kinds that must not share an identifier (constraint 53) are neither compared nor filled.
        """
        numbers = sorted(number for some in kinds.values() for number in some)
        ends = []
        for place in _ENDS:
            stated = [number for number in numbers if self.relations[number].arguments[place]]
            values = {self.relations[number].arguments[place] for number in stated}
            groups = {
                "" if (kind := self.relations[number].kind) in DISJOINT else kind
                for number in stated
            }
            if len(values) > 1 and len(groups) > 1:
                self._clash("23", "wasInfluencedBy", place, *self._explained(stated, numbers))
            ends.append(stated[:1] if len(values) == 1 else [])
        if all(ends) and len(kinds.keys() & DISJOINT) < 2:
            for number in numbers:
                if not all(self.relations[number].arguments[:2]):
                    self._fill(number, [number for (number,) in ends])

    def _fill(self, number: int, ends: Sequence[int]) -> None:
        """Fill the missing ends of a statement with those of others."""
        relation = self.relations[number]
        arguments = list(relation.arguments)
        sources = [self._source(number, place) for place in range(len(arguments) + 1)]
        for place, source_number in zip(_ENDS, ends, strict=True):
            if not arguments[place]:
                arguments[place] = self.relations[source_number].arguments[place]
                sources[place] = self._source(source_number, place)
        self.relations[number] = relation._replace(arguments=tuple(arguments))
        self.sources[number] = sources

    def _merge(self, numbers: Sequence[int]) -> None:
        """Merge statements about the same event into one relation, unless they clash."""
        first = self.relations[numbers[0]]
        parts, sources, clash = [], [], False
        for place in range(len(first.arguments)):
            values = dict.fromkeys(self.relations[number].arguments[place] for number in numbers)
            stated = [number for number in numbers if self._states(number, place)]
            if len(values) > 1 and self._differ(place, stated):
                clash = True
                self._clash("23", first.kind, place, *self._explained(stated, numbers))
            number = next(iter(stated), numbers[0])
            parts.append(self.relations[number].arguments[place])
            sources.append(self._source(number, place))
        if clash:
            self.disputed.update(dict.fromkeys(numbers, numbers[0]))
            return
        number = next(
            (candidate for candidate in numbers if self.relations[candidate].id), numbers[0]
        )
        sources.append(self._source(number, _IDENTIFIER))
        self.relations[numbers[0]] = Relation(first.kind, tuple(parts), self.relations[number].id)
        self.sources[numbers[0]] = sources
        self.merged.update(numbers[1:])

    def _states(self, number: int, place: int) -> bool:
        """Return whether a statement gives this argument; some absent ones mean "none"."""
        kind, arguments, _, _ = self.relations[number]
        if arguments[place]:
            return True
        if kind == "wasDerivedFrom":
            return place == 2 or (place > 2 and not arguments[2])
        return kind == "wasAssociatedWith" and place == 2

    def _differ(self, place: int, stated: Iterable[int]) -> bool:
        """Return whether statements give different values for one argument."""
        relations = [self.relations[number] for number in stated]
        values: set[object] = {relation.arguments[place] for relation in relations}
        if len(values) > 1 and (relations[0].kind, place) in _TIMES:
            values = {comparable_time(relation.arguments[place]) for relation in relations}
        return len(values) > 1

    def _explained(
        self, stated: Sequence[int], numbers: Sequence[int]
    ) -> tuple[Sequence[int], Sequence[str]]:
        """Return the statements and rules that show why they are about the same event."""
        keys = {self._key(number) for number in stated if not self.relations[number].id}
        if not keys:
            return stated, ("23",)
        rules = sorted({UNIQUE[kind][0] for kind, _, _ in keys})
        if len(keys) == 1 and keys == {self._key(number) for number in stated}:
            return stated, rules
        between = {
            number for number in numbers if self.relations[number].id and self._key(number) in keys
        }
        return sorted(between.union(stated)), ("23", *rules)

    def _clash(
        self, constraint: str, kind: str, place: int, numbers: Sequence[int], because: Sequence[str]
    ) -> None:
        """Report statements about the same event that differ in an argument, with the rules."""
        values: dict[str, None] = {}
        texts: dict[str, None] = {}
        for number in numbers:
            relation = self.relations[number]
            if place == _IDENTIFIER or self._states(number, place):
                values[relation.id if place == _IDENTIFIER else relation.arguments[place]] = None
            unique, *pair = UNIQUE.get(relation.kind, ("",))
            keys = [_IDENTIFIER] * ("23" in because) + pair * (unique in because)
            for source in dict.fromkeys(
                self._source(number, source_place) for source_place in (place, *keys)
            ):
                texts[self.wording.relation(source)] = None
        listed = ", ".join(self.wording.short(value) if value else "none" for value in values)
        where = "identifier" if place == _IDENTIFIER else RELATIONS[kind].arguments[place].name
        fault = (
            f"These statements speak of one {relation_noun(kind)} "
            f"({', '.join(RULES[rule].says for rule in because)}), "
            f"yet they differ in {where}: {listed}."
        )
        self.clashes.append(make_violation(constraint, tuple(texts), fault))

    def _source(self, number: int, place: int) -> Relation:
        """Return the statement that an argument of a relation comes from."""
        return self.sources[number][place] if number in self.sources else self.relations[number]

    def _result(self, named: dict[str, dict[str, Relation]]) -> Statements:
        """Return the remaining relations, renumbered."""
        relations: list[Relation] = []
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        sources: dict[int, Sequence[Relation]] = {}
        positions: dict[int, int] = {}
        for number, relation in enumerate(self.relations):
            if number in self.merged:
                continue
            position = len(relations)
            numbers[relation.kind].append(position)
            relations.append(relation)
            if number in self.sources:
                sources[position] = self.sources[number]
            if number in self.disputed:
                positions[number] = position
        disputed = {positions[number]: positions[first] for number, first in self.disputed.items()}
        return Statements(relations, numbers, sources, disputed, named)
