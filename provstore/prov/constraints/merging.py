"""Merge statements about one and the same event or relationship: constraints 23 to 27.

In: a bundle. Out: its relations, with the statements of one thing merged and open places filled;
the relations that a detailed derivation implies (inference 11); and the clashes. Open places
replace existential variables: an absent argument is an open place, except where absence means
"none".

Statements of one thing share an identifier (23), or the two arguments for which there is only one
such event (24 to 27). Unnamed statements with these two arguments belong to the event that is named
with them; if several are, that is a clash, and the unnamed statements stand apart from all of them.

The Recommendation stops at the first failure, whichever that is; we report every clash. So that no
order of merging can change what is reported, statements that clash are not merged at all: each of
them stands for itself and fills no place of another. And only arguments that are stated make
statements one: merging adds none that matter unless a mandatory argument is missing (4) or a
relation of another kind has the identifier (inference 15), whose ends are therefore filled first.
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
"""The place of the identifier, beside those of the arguments."""

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
    """Merged relations: one for each thing whose statements agree.

    `numbers` are their positions by kind. `sources` are the statements of the bundle that a
    relation is made from, place by place and the identifier last. `disputed` leads from each
    statement that clashes to the first one of the same thing. `named` has the first statement
    of each kind by its identifier.
    """

    relations: list[Relation]
    numbers: dict[str, list[int]]
    sources: dict[int, Sequence[Relation]]
    disputed: dict[int, int]
    named: dict[str, dict[str, Relation]]

    def source(self, number: int, place: int) -> Relation:
        """The statement of the bundle that one argument of the relation of that number is from."""
        return self.sources[number][place] if number in self.sources else self.relations[number]


def range_of_kind(relations: Sequence[Relation], kind: str) -> range:
    """Where the relations of one kind stand among those of a bundle, which are sorted."""
    first = bisect_left(relations, (kind,))
    return range(first, bisect_left(relations, (kind + " ",), first))


def implied_relations(derivation: Relation) -> tuple[Relation, ...]:
    """A derivation that names its activity implies a use and a generation (inference 11)."""
    new, old, activity, generation, usage = derivation.arguments
    if not activity:
        return ()
    return (
        Relation("used", (activity, old, ""), usage),
        Relation("wasGeneratedBy", (new, activity, ""), generation),
    )


def merge_statements(bundle: Bundle, wording: StatementText) -> tuple[Statements, list[Violation]]:
    """Relations of which no two are about the same thing unless they clash, and the clashes."""
    merging = _Merging(bundle, wording)
    return merging.run(), merging.clashes


class _Merging:
    """Union-find over statements; the first number represents merged ones."""

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
        """Find the statements of each thing and merge them."""
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
        """Add what derivations imply."""
        for number in range_of_kind(self.relations, "wasDerivedFrom"):
            derivation = self.relations[number]
            for relation in implied_relations(derivation):
                self.sources[len(self.relations)] = (derivation,) * (len(relation.arguments) + 1)
                self.relations.append(relation)

    def _sort(self) -> None:
        """Sort statements by their identifier and kind, and events by their kind."""
        for number, (kind, _, identifier, _) in enumerate(self.relations):
            if kind in UNIQUE:
                self.events[kind].append(number)
            if identifier and kind in IDENTIFIED:
                self.named[identifier].setdefault(kind, []).append(number)

    def _pair(self, kind: str) -> None:
        """Find statements of one event by the two arguments for which there is only one."""
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
        """A kind, and the two arguments for which there is only one event of that kind."""
        kind, arguments, _, _ = self.relations[number]
        if kind not in UNIQUE:
            return kind, "", ""
        _, first, second = UNIQUE[kind]
        return kind, arguments[first], arguments[second]

    def _share_ends(self, kinds: dict[str, list[int]]) -> None:
        """Give all statements with one identifier the same two ends (inference 15), or clash.

        Kinds that may not share an identifier at all are not compared, and fill nothing: that is
        constraint 53.
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
        """Put the two ends that other statements state into the open places of one."""
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
        """Make statements of one thing one relation, unless they clash."""
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
        """Whether a statement leaves that place not open: some absent arguments mean "none"."""
        kind, arguments, _, _ = self.relations[number]
        if arguments[place]:
            return True
        if kind == "wasDerivedFrom":
            return place == 2 or (place > 2 and not arguments[2])
        return kind == "wasAssociatedWith" and place == 2

    def _differ(self, place: int, stated: Iterable[int]) -> bool:
        """Whether several things occur at one place."""
        relations = [self.relations[number] for number in stated]
        values: set[object] = {relation.arguments[place] for relation in relations}
        if len(values) > 1 and (relations[0].kind, place) in _TIMES:
            values = {comparable_time(relation.arguments[place]) for relation in relations}
        return len(values) > 1

    def _explained(
        self, stated: Sequence[int], numbers: Sequence[int]
    ) -> tuple[Sequence[int], Sequence[str]]:
        """The statements that show why those that differ are about one thing, and the rules."""
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
        """Note that statements of one thing differ in one place, and by which rules it is one."""
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
        """The statement of the bundle that one argument of a relation is from."""
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
