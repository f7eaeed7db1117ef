"""The W3C Recommendation written out naively, to judge ours by: slow, and knows nothing of it.

Every inference and constraint as it is printed, with existential variables, to fixpoint.
"""

from collections.abc import Iterator
from itertools import count, product

from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import END_TIME, PROV, RELATIONS, START_TIME, TYPE

Term = str | int
"""A name, a time, "" for none; or the number of an existential variable."""

Fact = tuple[Term, ...]
"""Kind, identifier, arguments; of an element kind, IRI and the times of an activity."""

IDENTIFIED = (
    "used", "wasGeneratedBy", "wasInvalidatedBy", "wasStartedBy", "wasEndedBy", "wasInformedBy",
    "wasAttributedTo", "wasAssociatedWith", "actedOnBehalfOf", "wasDerivedFrom", "wasInfluencedBy",
)  # fmt: skip
KEYS = {
    "wasGeneratedBy": (2, 3), "wasInvalidatedBy": (2, 3),
    "wasStartedBy": (2, 4), "wasEndedBy": (2, 4),
}  # fmt: skip
REQUIRED = {
    "wasInformedBy": 2,
    "wasDerivedFrom": 2,
    "wasAttributedTo": 2,
    "wasInfluencedBy": 2,
    "specializationOf": 2,
    "alternateOf": 2,
    "hadMember": 2,
    "mentionOf": 3,
}
START, END, MADE, GONE = "wasStartedBy", "wasEndedBy", "wasGeneratedBy", "wasInvalidatedBy"


def naive(bundle: Bundle) -> bool:
    """Whether the bundle is valid, by the letter; only so slow that nobody could use it."""
    try:
        return not Naive(bundle).broken()
    except ContradictionError:
        return False


class ContradictionError(Exception):
    """Two constants that had to be one."""


class Naive:
    """The chase of sections 5 and 6.1, then the checks of 6.2 to 6.4."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.variables = count()
        self.facts: set[Fact] = set(self.stated())
        while self.merged() or self.inferred():
            pass

    def new(self) -> int:
        """A variable that nothing else holds."""
        return next(self.variables)

    def of(self, *kinds: str) -> list[Fact]:
        """All facts of some kinds, from the identifier on."""
        return [fact[1:] for fact in self.facts if fact[0] in kinds]

    def stated(self) -> Iterator[Fact]:
        """Definitions 1 to 4: what is absent is a variable, or none."""
        for iri, kinds, attributes in self.bundle.elements:
            for kind in set(kinds) - {"activity"}:
                yield kind, iri
            if "activity" in kinds:
                times = [
                    [v.text for k, v in attributes if k == key] or [self.new()]
                    for key in (START_TIME, END_TIME)
                ]
                for start, end in product(*times):
                    yield "activity", iri, start, end
        for kind, arguments, identifier, _ in self.bundle.relations:
            none = {"wasAssociatedWith": {2}, "wasDerivedFrom": {2, 3, 4}}.get(kind, set())
            if kind == "wasDerivedFrom" and arguments[2]:
                none = set()
            terms = [
                text or ("" if place in none else self.new())
                for place, text in enumerate(arguments)
            ]
            yield kind, identifier or self.new(), *terms

    def unify(self, one: Term, other: Term) -> bool:
        """Make two terms one; whether that changed anything."""
        if one == other:
            return False
        if isinstance(one, str):
            one, other = other, one
        if isinstance(one, str):
            raise ContradictionError
        self.facts = {tuple(other if term == one else term for term in fact) for fact in self.facts}
        return True

    def merged(self) -> bool:
        """Constraints 22 to 29, until one of them changes something."""
        for one, other in product(self.facts, self.facts):
            kind = one[0]
            if kind == other[0]:
                if one[1] == other[1] and kind in (*IDENTIFIED, "activity"):
                    if any(self.unify(*pair) for pair in zip(one, other, strict=True)):
                        return True
                elif kind in KEYS and all(one[place] == other[place] for place in KEYS[str(kind)]):
                    return self.unify(one[1], other[1])
            elif kind == "activity" and other[0] in ("wasStartedBy", "wasEndedBy"):
                time = one[2] if other[0] == "wasStartedBy" else one[3]
                if one[1] == other[2] and self.unify(time, other[5]):
                    return True
        return False

    def inferred(self) -> bool:
        """Inferences 5 to 19, each where what it concludes is not there already."""
        size = len(self.facts)
        self.facts.update(
            [
                *self.described(),
                *self.communicated(),
                *self.lived(),
                *self.triggered(),
                *self.derived(),
                *self.acted(),
                *self.influenced(),
                *self.specialized(),
            ]
        )
        return len(self.facts) > size

    def described(self) -> Iterator[Fact]:
        """Typing, 50, taken to describe: our one addition to the letter."""
        known = {fact[:2] for fact in self.facts}
        for kind, _, *terms in self.facts:
            if kind in RELATIONS and kind != "mentionOf":
                for argument, term in zip(RELATIONS[str(kind)].arguments, terms, strict=True):
                    if isinstance(term, str) and term and (argument.kind, term) not in known:
                        if argument.kind == "entity":
                            yield "entity", term
                        if argument.kind == "activity":
                            yield "activity", term, self.new(), self.new()

    def communicated(self) -> Iterator[Fact]:
        """Inferences 5 and 6."""
        generated, used, informed = map(self.of, ("wasGeneratedBy", "used", "wasInformedBy"))
        for _, a2, a1 in informed:
            pairs = product(generated, used)
            if not any(g[2] == a1 and u[1] == a2 and g[1] == u[2] for g, u in pairs):
                e = self.new()
                yield "wasGeneratedBy", self.new(), e, a1, self.new()
                yield "used", self.new(), a2, e, self.new()
        for g, u in product(generated, used):
            if g[1] == u[2] and not any(statement[1:] == (u[1], g[2]) for statement in informed):
                yield "wasInformedBy", self.new(), u[1], g[2]

    def lived(self) -> Iterator[Fact]:
        """Inferences 7 and 8."""
        for kind, (e,) in product(("wasGeneratedBy", "wasInvalidatedBy"), self.of("entity")):
            if not any(statement[1] == e for statement in self.of(kind)):
                yield kind, self.new(), e, self.new(), self.new()
        for a, start, end in self.of("activity"):
            for kind, time in (("wasStartedBy", start), ("wasEndedBy", end)):
                if not any(statement[1] == a for statement in self.of(kind)):
                    yield kind, self.new(), a, self.new(), self.new(), time

    def triggered(self) -> Iterator[Fact]:
        """Inferences 9 and 10."""
        for _, _, e, a1, _ in self.of("wasStartedBy", "wasEndedBy"):
            if not any(g[1:3] == (e, a1) for g in self.of("wasGeneratedBy")):
                yield "wasGeneratedBy", self.new(), e, a1, self.new()

    def derived(self) -> Iterator[Fact]:
        """Inference 11."""
        for _, e2, e1, a, g, u in self.of("wasDerivedFrom"):
            if a and not any(statement[:3] == (u, a, e1) for statement in self.of("used")):
                yield "used", u, a, e1, self.new()
            if a and not any(
                statement[:3] == (g, e2, a) for statement in self.of("wasGeneratedBy")
            ):
                yield "wasGeneratedBy", g, e2, a, self.new()

    def acted(self) -> Iterator[Fact]:
        """Inferences 13 and 14."""
        generated, associated = self.of("wasGeneratedBy"), self.of("wasAssociatedWith")
        for _, e, ag in self.of("wasAttributedTo"):
            pairs = product(generated, associated)
            if not any(g[1] == e and one[1:3] == (g[2], ag) for g, one in pairs):
                a = self.new()
                yield "wasGeneratedBy", self.new(), e, a, self.new()
                yield "wasAssociatedWith", self.new(), a, ag, self.new()
        for _, ag2, ag1, a in self.of("actedOnBehalfOf"):
            for ag in (ag2, ag1):
                if not any(statement[1:3] == (a, ag) for statement in associated):
                    yield "wasAssociatedWith", self.new(), a, ag, self.new()

    def influenced(self) -> Iterator[Fact]:
        """Inference 15."""
        for kind, *terms in self.facts:
            if kind in IDENTIFIED:
                yield "wasInfluencedBy", *terms[:3]

    def specialized(self) -> Iterator[Fact]:
        """Inference 19."""
        pairs = {statement[1:] for statement in self.of("specializationOf")}
        for (x, y), (w, z) in product(pairs, pairs):
            if y == w and (x, z) not in pairs:
                yield "specializationOf", self.new(), x, z

    def broken(self) -> bool:
        """Whether any check fails."""
        return self.missing() or self.impossible() or self.disordered()

    def missing(self) -> bool:
        """Whether an argument is absent that may not be."""
        return any(
            not all(relation.arguments[: REQUIRED.get(relation.kind, 1)])
            for relation in self.bundle.relations
        )

    def impossible(self) -> bool:
        """Constraints 51 to 56."""
        derived = any(not a and (g or u) for _, _, _, a, g, u in self.of("wasDerivedFrom"))
        itself = any(one == other for _, one, other in self.of("specializationOf"))
        names = {(fact[1], fact[0]) for fact in self.facts if fact[0] in IDENTIFIED[:9]}
        shared = len({name for name, _ in names}) < len(names)
        identifiers = {fact[1] for fact in self.facts if fact[0] in IDENTIFIED}
        things = {element.iri for element in self.bundle.elements}
        both = {e for (e,) in self.of("entity")} & {a for a, _, _ in self.of("activity")}
        empty = {
            e.iri
            for e in self.bundle.elements
            if "entity" in e.kinds
            for value in e.values(TYPE)
            if value.text == PROV + "EmptyCollection"
        }
        empty |= {one for _, one, other in self.of("specializationOf") if other in empty}
        members = any(c in empty for _, c, _ in self.of("hadMember"))
        return bool(derived or itself or shared or identifiers & things or both or members)

    def disordered(self) -> bool:
        """Constraints 30 to 49: an event before itself."""
        weak, strict = set(self.ordered()), set(self.strictly())
        reached = weak | strict
        size = 0
        while size < len(reached):
            size = len(reached)
            reached |= {(x, z) for x, y in reached for w, z in reached if y == w}
        return any((later, earlier) in reached or later == earlier for earlier, later in strict)

    def strictly(self) -> Iterator[tuple[Term, Term]]:
        """What comes before what, by 42."""
        generated = self.of("wasGeneratedBy")
        for (_, e2, e1, *_), g1, g2 in product(self.of("wasDerivedFrom"), generated, generated):
            if g1[1] == e1 and g2[1] == e2:
                yield g1[0], g2[0]

    def pairs(self, one: str, of: Term, other: str, than: Term) -> Iterator[tuple[Term, Term]]:
        """Every event of one kind and thing, before every one of another."""
        for x, y in product(self.of(one), self.of(other)):
            if x[1] == of and y[1] == than:
                yield x[0], y[0]

    def ordered(self) -> Iterator[tuple[Term, Term]]:
        """What comes no later than what, by 30 to 41 and 43 to 49."""
        yield from self.ordered_by_lives()
        yield from self.ordered_by_uses()
        yield from self.ordered_by_triggers()
        yield from self.ordered_by_agents()
        for _, a2, a1 in self.of("wasInformedBy"):  # 35
            yield from self.pairs(START, a1, END, a2)
        for _, e2, e1 in self.of("specializationOf"):  # 45, 46
            yield from self.pairs(MADE, e1, MADE, e2)
            yield from self.pairs(GONE, e2, GONE, e1)

    def ordered_by_lives(self) -> Iterator[tuple[Term, Term]]:
        """Constraints 30 to 32, 36, 39 and 40."""
        for a in {statement[1] for statement in self.of(START, END)}:
            for one, other in ((START, END), (START, START), (END, END)):
                yield from self.pairs(one, a, other, a)
        for e in {statement[1] for statement in self.of(MADE, GONE)}:
            for one, other in ((MADE, GONE), (MADE, MADE), (GONE, GONE)):
                yield from self.pairs(one, e, other, e)

    def ordered_by_uses(self) -> Iterator[tuple[Term, Term]]:
        """Constraints 33, 34, 37, 38 and 41."""
        for u, a, e, _ in self.of("used"):
            yield from ((statement[0], u) for statement in self.of(START) if statement[1] == a)
            yield from ((u, statement[0]) for statement in self.of(END) if statement[1] == a)
            yield from ((statement[0], u) for statement in self.of(MADE) if statement[1] == e)
            yield from ((u, statement[0]) for statement in self.of(GONE) if statement[1] == e)
        for g, _, a, _ in self.of(MADE):
            yield from ((statement[0], g) for statement in self.of(START) if statement[1] == a)
            yield from ((g, statement[0]) for statement in self.of(END) if statement[1] == a)
        yield from ((u, g) for _, _, _, a, g, u in self.of("wasDerivedFrom") if a)

    def ordered_by_triggers(self) -> Iterator[tuple[Term, Term]]:
        """Constraints 43 and 44."""
        for event, _, e, _, _ in self.of(START, END):
            yield from ((statement[0], event) for statement in self.of(MADE) if statement[1] == e)
            yield from ((event, statement[0]) for statement in self.of(GONE) if statement[1] == e)

    def ordered_by_agents(self) -> Iterator[tuple[Term, Term]]:
        """Constraints 47 to 49."""
        for _, a, ag, _ in self.of("wasAssociatedWith"):
            yield from self.pairs(START, a, GONE, ag)
            yield from self.pairs(MADE, ag, END, a)
            yield from self.pairs(START, a, END, ag)
            yield from self.pairs(START, ag, END, a)
        for _, e, ag in self.of("wasAttributedTo"):
            yield from self.pairs(MADE, ag, MADE, e)
            yield from self.pairs(START, ag, MADE, e)
        for _, ag2, ag1, _ in self.of("actedOnBehalfOf"):
            yield from self.pairs(MADE, ag1, GONE, ag2)
            yield from self.pairs(START, ag1, END, ag2)
