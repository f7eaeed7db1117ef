"""Which statements speak of one and the same thing: constraints 23 to 27.

In: a bundle. Out: its relations with what is said twice made one and gaps filled, those that a
detailed derivation implies beside them (inference 11), and the clashes. Instead of existential
variables there are open places: an absent argument is one, but for those that mean "none".
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from provstore.prov.constraints.instants import same
from provstore.prov.constraints.rules import DISJOINT, IDENTIFIED, RULES, UNIQUE
from provstore.prov.constraints.violation import Violation, violation
from provstore.prov.constraints.wording import Words, noun
from provstore.prov.model.bundle import Bundle, Relation
from provstore.prov.model.terms import RELATIONS, TIME

_TIMES = frozenset(
    (kind, place)
    for kind, term in RELATIONS.items()
    for place, argument in enumerate(term.arguments)
    if argument.kind == TIME
)


@dataclass(frozen=True)
class Statements:
    """Relations, each thing said once; `said` tells by place who says those that are made.

    `numbers` are their positions by kind, `refused` of those that contradict another one of the
    same thing, `named` the first of each kind by its identifier.
    """

    relations: list[Relation]
    numbers: dict[str, list[int]]
    said: dict[int, Sequence[Relation]]
    refused: set[int]
    named: dict[str, dict[str, Relation]]

    def telling(self, number: int, place: int) -> Relation:
        """The statement of the bundle that tells one argument of the relation of that number."""
        return self.said[number][place] if number in self.said else self.relations[number]


@dataclass(slots=True)
class _Merged:
    """One thing of which several statements speak: its parts, and who says each; the id is last."""

    parts: list[str]
    said: list[Relation]


class _Clash:
    """Statements of one thing that differ in one place."""

    def __init__(self) -> None:
        self.values: dict[str, None] = {}
        self.statements: dict[str, None] = {}
        self.because: dict[str, None] = {}


def span(relations: Sequence[Relation], kind: str) -> range:
    """Where the relations of one kind stand among those of a bundle, which are sorted."""
    first = bisect_left(relations, (kind,))
    return range(first, bisect_left(relations, (kind + " ",), first))


def implied(derivation: Relation) -> tuple[Relation, ...]:
    """A derivation that names its activity says that it used and generated (inference 11)."""
    new, old, activity, generation, usage = derivation.arguments
    if not activity:
        return ()
    return (
        Relation("used", (activity, old, ""), usage),
        Relation("wasGeneratedBy", (new, activity, ""), generation),
    )


def merge(bundle: Bundle, words: Words) -> tuple[Statements, list[Violation]]:
    """Relations of which no two speak of the same thing, and what stood against it."""
    merging = _Merging(bundle, words)
    return merging.run(), list(merging.violations())


class _Merging:
    """Statements by number; those that meet in a key are joined, the earlier number stays."""

    def __init__(self, bundle: Bundle, words: Words) -> None:
        self.words = words
        self.relations = list(bundle.relations)
        self.implied: dict[int, Relation] = {}
        self.first: dict[tuple[str, ...], int] = {}
        self.joined: dict[int, int] = {}
        self.refused: set[int] = set()
        self.merged: dict[int, _Merged] = {}
        self.clashes: defaultdict[tuple[str, int, int], _Clash] = defaultdict(_Clash)

    def run(self) -> Statements:
        """Join whatever is one, derivations first: only then is known what they imply."""
        derivations = span(self.relations, "wasDerivedFrom")
        for number in derivations:
            if self.relations[number].id:
                self._settle(number)
        for number in derivations:
            if number not in self.joined:
                self._imply(number)
        for number, relation in enumerate(self.relations):
            kind = relation.kind
            if kind in UNIQUE or (relation.id and kind in IDENTIFIED):
                self._settle(number)
        named: defaultdict[str, dict[str, Relation]] = defaultdict(dict)
        for (kind, name, *more), number in self.first.items():
            if not more:
                named[name][kind] = self._said(number)[-1]
        self._influence(named)
        return self._result(named)

    def _imply(self, number: int) -> None:
        parts = self._parts(number)
        for made in implied(Relation("wasDerivedFrom", tuple(parts[:-1]))):
            self.implied[len(self.relations)] = self._said(number)[0]
            self.relations.append(made)

    def _parts(self, number: int) -> Sequence[str]:
        merged = self.merged.get(number)
        if merged:
            return merged.parts
        relation = self.relations[number]
        return (*relation.arguments, relation.id)

    def _said(self, number: int) -> list[Relation]:
        merged = self.merged.get(number)
        if merged:
            return merged.said
        relation = self.relations[number]
        return [self.implied.get(number, relation)] * (len(relation.arguments) + 1)

    def _find(self, number: int) -> int:
        while number in self.joined:
            above = self.joined[number]
            self.joined[number] = self.joined.get(above, above)
            number = above
        return number

    def _settle(self, number: int) -> None:
        """Join a statement with those of the same key; what that fills in may make new keys."""
        pending = [number]
        while pending:
            number = self._find(pending.pop())
            for constraint, key in self._keys(number):
                other = self._find(self.first.setdefault(key, number))
                if other != number:
                    if self._join(other, number, constraint):
                        pending.append(other)
                    break

    def _keys(self, number: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What tells of which thing a statement speaks, and by which constraint."""
        kind, parts = self.relations[number].kind, self._parts(number)
        if parts[-1]:
            yield "23", (kind, parts[-1])
        if kind in UNIQUE:
            constraint, one, other = UNIQUE[kind]
            if parts[one] and parts[other]:
                yield constraint, (kind, parts[one], parts[other])

    def _join(self, one: int, other: int, because: str) -> bool:
        """Make two statements one, if nothing stands against it."""
        left, right = self._parts(one), self._parts(other)
        kind = self.relations[one].kind
        against = {-1: because} if left[-1] and right[-1] and left[-1] != right[-1] else {}
        against = against or {
            place: "23" for place in range(len(left) - 1) if self._differ(kind, place, left, right)
        }
        for place, constraint in against.items():
            self._clash(constraint, one, other, place, because)
        if against:
            self.refused.add(other)
        else:
            self._fill(one, other)
            self.joined[other] = one
        return not against

    def _differ(self, kind: str, place: int, left: Sequence[str], right: Sequence[str]) -> bool:
        """Whether what stands in one place cannot be the same thing; open places fit anything."""
        one, other = left[place], right[place]
        if one == other:
            return False
        if one and other:
            return not ((kind, place) in _TIMES and same(one, other))
        if kind == "wasDerivedFrom":
            return place == 2 or (place > 2 and not (left[2] and right[2]))
        return kind == "wasAssociatedWith" and place == 2

    def _fill(self, one: int, other: int, places: Sequence[int] = ()) -> None:
        """Put what another statement says into the open places of the first one."""
        merged = self.merged.setdefault(one, _Merged(list(self._parts(one)), self._said(one)))
        parts, said = self._parts(other), self._said(other)
        for place in places or range(len(parts)):
            if parts[place] and not merged.parts[place]:
                merged.parts[place], merged.said[place] = parts[place], said[place]

    def _influence(self, named: Mapping[str, Iterable[str]]) -> None:
        """Relations of several kinds with one identifier are one influence (inference 15).

        Those that may not share one at all are not looked at: that is constraint 53.
        """
        for identifier, kinds in named.items():
            for one, other in permutations(sorted(kinds), 2):
                if not {one, other} <= DISJOINT:
                    self._share(self.first[one, identifier], self.first[other, identifier])

    def _share(self, one: int, other: int) -> None:
        """Give one statement the two ends of another, if they do not contradict."""
        one, other = self._find(one), self._find(other)
        parts, ends = self._parts(one)[:2], self._parts(other)[:2]
        against = [
            place for place in (0, 1) if parts[place] and ends[place] not in ("", parts[place])
        ]
        for place in against:
            self._clash("23", min(one, other), max(one, other), place, because="23")
        if not against and not all(parts):
            self._fill(one, other, (0, 1))
            self._settle(one)

    def _clash(self, constraint: str, one: int, other: int, place: int, because: str) -> None:
        """Note that two statements of one thing differ, and all that makes them so."""
        clash = self.clashes[constraint, one, place]
        clash.because[RULES[because].says] = None
        for number in (one, other):
            kind, said = self.relations[number].kind, self._said(number)
            keys = (-1,) if because == "23" else UNIQUE[kind][1:]
            clash.values[self._parts(number)[place]] = None
            for relation in (said[place], *(said[key] for key in keys)):
                clash.statements[self.words.relation(relation)] = None

    def _result(self, named: dict[str, dict[str, Relation]]) -> Statements:
        relations: list[Relation] = []
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        said: dict[int, Sequence[Relation]] = {}
        refused: set[int] = set()
        for number, relation in enumerate(self.relations):
            if number in self.joined:
                continue
            numbers[relation.kind].append(len(relations))
            if number in self.refused:
                refused.add(len(relations))
            merged = self.merged.get(number)
            if merged:
                said[len(relations)] = merged.said
                made = Relation(relation.kind, tuple(merged.parts[:-1]), merged.parts[-1])
                relations.append(made)
            else:
                if number in self.implied:
                    said[len(relations)] = self._said(number)
                relations.append(relation)
        return Statements(relations, numbers, said, refused, named)

    def violations(self) -> Iterator[Violation]:
        """The clashes as people are told them."""
        for (constraint, number, place), clash in self.clashes.items():
            kind = self.relations[number].kind
            what = (
                f"These statements speak of one {noun(kind)} ({', '.join(clash.because)}), "
                f"yet they differ in {_place(kind, place)}: {self._listed(clash.values)}."
            )
            yield violation(constraint, tuple(clash.statements), what)

    def _listed(self, values: Iterable[str]) -> str:
        return ", ".join([self.words.short(value) if value else "none" for value in values])


def _place(kind: str, place: int) -> str:
    return "identifier" if place < 0 else RELATIONS[kind].arguments[place].name
