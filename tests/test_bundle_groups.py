"""What must be checked together: enough that nothing is missed, and not everything."""

from collections.abc import Iterable, Iterator, Sequence
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.constraints import Violation, bundle_groups, check_union
from provstore.prov.constraints.bundle_groups import (
    TIES,
    Role,
    RoleRow,
    group_bundles,
    name_roles,
    reachable_bundles,
)
from provstore.prov.constraints.rule_tables import GENERATION, IDENTIFIED, ORDERS, START
from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.prov.model.terms import RELATIONS
from tests.constraint_cases import EX, said
from tests.properties import examples
from tests.reports import WHOLE, life, prov_of
from tests.test_constraints import INVALID, bundles, relation


def _blanked(bundle: Bundle, places: list[int]) -> Bundle:
    """The same with some arguments left out, whether they may be or not."""
    relations = [*bundle.relations]
    for place in places if relations else ():
        kind, arguments, *rest = relations[place % len(relations)]
        gone = place // len(relations) % len(arguments)
        kept = (*arguments[:gone], "", *arguments[gone + 1 :])
        relations[place % len(relations)] = Relation(kind, kept, *rest)
    return Bundle(bundle.iri, bundle.elements, tuple(relations))


def _apart(statements: Iterable[Relation]) -> list[Bundle]:
    """Every statement in a bundle of its own."""
    return [Bundle(f"{EX}{n}", (), (one,)) for n, one in enumerate(statements)]


STEPS = [
    (kind, row) for kind, rows in ORDERS.items() for row in rows
    if {row.earlier, row.later} <= {START, GENERATION}
]  # fmt: skip
"""Whatever can be a step of a circle of events."""


@st.composite
def _circles(draw: st.DrawFn) -> list[Bundle]:
    """Events that come one before the other, the last before the first; one is told in two parts.

    The parts have an identifier in common; what one leaves open may be told by an influence.
    """
    steps = [draw(st.sampled_from(STEPS))]
    while len(steps) < 4 and (steps[-1][1].later != steps[0][1].earlier or draw(st.booleans())):
        after = steps[-1][1].later
        steps.append(draw(st.sampled_from([step for step in STEPS if step[1].earlier == after])))
    told = []
    for number, (kind, row) in enumerate(steps):
        names = {row.of: f"{EX}x{number}", row.than: f"{EX}x{(number + 1) % len(steps)}"}
        count = len(RELATIONS[kind].arguments)
        told.append(Relation(kind, tuple(names.get(place, "") for place in range(count))))
    kind, arguments, *_ = told[-1]
    if kind in IDENTIFIED and draw(st.booleans()):
        kept = draw(st.lists(st.booleans(), min_size=len(arguments), max_size=len(arguments)))
        part = tuple(one if keep else "" for one, keep in zip(arguments, kept, strict=True))
        more = draw(st.sampled_from([(kind, arguments), ("wasInfluencedBy", arguments[:2])]))
        told[-1:] = [Relation(kind, part, EX + "id"), Relation(*more, EX + "id")]
    return _apart(draw(st.permutations(told)))


_crowds = st.lists(
    st.builds(_blanked, bundles, st.lists(st.integers(0, 99), max_size=2)), min_size=2, max_size=6
)
_handfuls = st.lists(st.sampled_from([*RELATIONS]), min_size=1, max_size=3, unique=True).flatmap(
    lambda kinds: st.lists(st.sampled_from(kinds).flatmap(relation), min_size=2, max_size=6)
)
several = st.one_of(
    _crowds, st.builds(_apart, _handfuls), _circles(),
    st.builds(add, _circles(), st.builds(_apart, _handfuls)),
).map(lambda held: [Bundle(f"{EX}{n}", one.elements, one.relations)
                    for n, one in enumerate(held)])  # fmt: skip
"""Bundles of few names: crowded, of one statement each, and such that close a circle."""


class Shelf:
    """Bundles by number, and who says what of a name, as a store would know it."""

    def __init__(self, held: Sequence[Bundle]) -> None:
        self.held = held
        names: dict[str, int] = {}
        self.rows: list[RoleRow] = sorted(
            (names.setdefault(name, len(names)), role, number)
            for number, bundle in enumerate(held)
            for name, role in name_roles(bundle)
        )
        self.looked_at: set[int] = set()

    def said(self, number: int) -> Iterator[tuple[int, Role]]:
        """What one bundle says; it is noted that somebody looked."""
        self.looked_at.add(number)
        return ((name, role) for name, role, holder in self.rows if holder == number)

    def holders(self, name: int, role: Role) -> Iterable[int]:
        """Who says that."""
        return [holder for *said, holder in self.rows if said == [name, role]]

    def parts(self, members: Iterable[int]) -> list[list[int]]:
        """The groups among some, and each of the rest alone."""
        numbers = sorted(members)
        found = group_bundles(numbers, [row for row in self.rows if row[2] in numbers])
        grouped = {number for group in found for number in group}
        return [sorted(group) for group in found] + [[n] for n in numbers if n not in grouped]

    def violations(self, parts: Iterable[Iterable[int]]) -> set[Violation]:
        """What is wrong with each part, held together."""
        return {
            violation for part in parts for violation in check_union(self.held[n] for n in part)
        }


@examples(500)
@given(several)
def test_the_groups_one_by_one_have_every_violation_of_the_whole(held: list[Bundle]) -> None:
    """The same violations, word for word."""
    shelf = Shelf(held)
    assert shelf.violations(shelf.parts(range(len(held)))) == set(check_union(held))


@examples(300)
@given(several, st.data())
def test_what_was_found_before_and_the_groups_of_what_is_new_are_the_whole(
    held: list[Bundle], data: st.DataObject
) -> None:
    """However bundles are split into old and new ones."""
    old = data.draw(st.integers(0, len(held)))
    shelf = Shelf(held)
    new = range(old, len(held))
    reached = reachable_bundles(new, shelf.said, shelf.holders)
    again = [part for part in shelf.parts(reached) if part[-1] >= old]
    before = [part for part in Shelf(held[:old]).parts(range(old)) if not _touched(part, again)]
    assert sorted([*before, *again]) == sorted(shelf.parts(range(len(held))))
    assert shelf.violations([*before, *again]) == set(check_union(held))


def _touched(part: list[int], others: list[list[int]]) -> bool:
    return any(set(part) & set(other) for other in others)


@pytest.mark.parametrize("constraint", [one for one in INVALID if len(INVALID[one]) > 1])
def test_statements_that_clash_are_a_group_wherever_they_stand(constraint: str) -> None:
    held = [said(one, iri=f"{EX}{number}") for number, one in enumerate(INVALID[constraint])]
    shelf = Shelf([*held, said("entity(other)", "used(a9, e9, -)")])
    assert shelf.parts(range(len(shelf.held))) == [[*range(len(held))], [len(held)]]


WITNESSES = {
    (Role.IDENTIFIER, Role.IDENTIFIER): ["used(x; a, e, -)", "wasInformedBy(x; b, c)"],
    (Role.IDENTIFIER, Role.DESCRIBED): ["wasAttributedTo(x; e, ag)", "agent(x)"],
    (Role.ENTITY, Role.ACTIVITY): ["used(a, e, -)", "used(e, f, -)"],
    (Role.ONCE, Role.ONCE): [
        "activity(a, 2026-01-01T00:00:00Z)", "activity(a, 2026-01-02T00:00:00Z)",
    ],
    (Role.EMPTIED, Role.FILLED): ["empty(c)", "specializationOf(d, c)", "hadMember(d, e)"],
    (Role.ANY, Role.ENTITY): ["used(x; -, e, -)", "wasInfluencedBy(x; a, e)", "entity(a)"],
    (Role.ANY, Role.ACTIVITY): ["used(x; a, -, -)", "wasInfluencedBy(x; a, b)", "activity(b)"],
    (Role.ANY, Role.EARLIER): [
        "wasGeneratedBy(x; -, a)", "wasInfluencedBy(x; g, a)", "wasAttributedTo(e, g)",
        "wasDerivedFrom(f, e)", "wasStartedBy(a, f)",
    ],
    (Role.ANY, Role.ANY): [
        "wasGeneratedBy(x; -, -)", "wasInfluencedBy(x; e, a)",
        "wasGeneratedBy(y; -, -)", "wasInfluencedBy(y; e, a)",
    ],
}  # fmt: skip
"""Roles that tie → statements that clash only because of it."""


@pytest.mark.parametrize("tie", TIES)
def test_no_tie_is_idle(tie: tuple[Role, Role], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, statements that clash would not be held together."""
    held = [said(one, iri=f"{EX}{n}") for n, one in enumerate(WITNESSES[tie])]
    shelf = Shelf(held)
    assert shelf.parts(range(len(held))) == [[*range(len(held))]]
    whole = set(check_union(held))
    assert whole
    monkeypatch.setattr(bundle_groups, "TIES", [one for one in TIES if one != tie])
    assert shelf.violations(shelf.parts(range(len(held)))) != whole


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_circle_is_held_together_by_whatever_step_it_passes(step: int) -> None:
    kind, row = STEPS[step]
    ends = {row.of: "x", row.than: "y"}
    places = range(len(RELATIONS[kind].arguments))
    told = [f"{kind}({', '.join(ends.get(place, '-') for place in places)})"]
    begin, end = "x", "y"
    if row.earlier == START:
        told.append("wasStartedBy(x, begin)")
        begin = "begin"
    if row.later == START:
        told.append("wasGeneratedBy(end, y, -)")
        end = "end"
    told.append(f"wasDerivedFrom({begin}, {end})")
    held = [said(one, iri=f"{EX}{n}") for n, one in enumerate(told)]
    assert "42" in {violation.constraint for violation in check_union(held)}
    assert Shelf(held).parts(range(len(held))) == [[*range(len(held))]]


def test_what_merges_carry_into_another_kind_of_relation_is_held_together() -> None:
    """An end gets an identifier from another one; a derivation gets its trigger from the end."""
    told = [
        "wasEndedBy(a, e, s)",
        "wasEndedBy(x; a, -, s)",
        "wasDerivedFrom(x; -, -)",
        "wasDerivedFrom(f, a)",
        "wasDerivedFrom(e, f)",
    ]
    held = [said(one, iri=f"{EX}{n}") for n, one in enumerate(told)]
    assert "42" in {violation.constraint for violation in check_union(held)}
    assert Shelf(held).parts(range(len(held))) == [[*range(len(held))]]


def test_agents_plans_and_sources_do_not_tie_those_who_share_them() -> None:
    shared = [
        said(
            f"wasAssociatedWith(a{n}, ag, plan)",
            f"wasAttributedTo(e{n}, ag)",
            "agent(ag)",
            f"actedOnBehalfOf(ag, office, a{n})",
            f"used(a{n}, source, -)",
            "entity(plan)",
            f"wasDerivedFrom(e{n}, source)",
            f"wasGeneratedBy(e{n}, a{n}, -)",
        )
        for n in range(5)
    ]
    shelf = Shelf(shared)
    assert shelf.parts(range(5)) == [[n] for n in range(5)]
    reachable_bundles([4], shelf.said, shelf.holders)
    assert shelf.looked_at == {4}


def test_an_agent_that_is_generated_ties_and_may_close_a_circle() -> None:
    held = [said("entity(ag)", "wasAttributedTo(e, ag)"), said("wasDerivedFrom(ag, e)")]
    shelf = Shelf(held)
    assert shelf.parts(range(2)) == [[0, 1]]
    assert [violation.constraint for violation in shelf.violations([[0, 1]])] == ["42"]


def test_a_trigger_does_not_tie_those_whom_it_starts() -> None:
    shelf = Shelf(
        [said(f"wasStartedBy(a{n}, schedule)", f"wasEndedBy(a{n}, schedule)") for n in range(5)]
    )
    assert shelf.parts(range(5)) == [[n] for n in range(5)]


def test_what_comes_later_and_what_comes_earlier_is_not_walked_both_ways() -> None:
    """Of a long line of derivations, one more at either end has nobody to be checked with."""
    line = [
        said(f"wasDerivedFrom(e{n + 1}, e{n})", f"wasGeneratedBy(e{n + 1}, a{n}, -)")
        for n in range(200)
    ]
    for one in ("wasDerivedFrom(e201, e200)", "wasDerivedFrom(e0, x)"):
        shelf = Shelf([*line, said(one)])
        reachable_bundles([200], shelf.said, shelf.holders)
        assert len(shelf.looked_at) < 5
        assert len(shelf.parts(range(201))) == 201
    shelf = Shelf([*line, said("wasDerivedFrom(e0, e200)")])
    assert shelf.parts(reachable_bundles([200], shelf.said, shelf.holders)) == [[*range(201)]]


def test_our_own_records_need_only_a_few_others() -> None:
    """Steps come one after the other; ingests share people, offices, tools, forms, sources."""
    names = IngestIris("https://data.example.org/")
    held = []
    for number in range(10):
        reports = life(*WHOLE[:4], ingest=f"cordex-{number:04}")
        held += [prov_of(report, reports[:n], names) for n, report in enumerate(reports)]
    shelf = Shelf(held)
    reachable_bundles([len(held) - 1], shelf.said, shelf.holders)
    assert len(shelf.looked_at) <= 4


@pytest.mark.parametrize(
    "element",
    [Element(EX + "x", ("agent",), element.attributes) for element in
     (said("empty(x)").elements[0], said("activity(x, 2026-01-01T00:00:00Z)").elements[0])],
)  # fmt: skip
def test_what_an_agent_is_said_to_have_counts_if_it_is_something_else_elsewhere(
    element: Element,
) -> None:
    """A description is united over all bundles, before anything is judged."""
    other = [said("entity(x)"), said("hadMember(x, e)")]
    if element.attributes[0][0].endswith("Time"):
        other = [said("activity(x, 2026-01-02T00:00:00Z)")]
    held = [Bundle(EX + "agents", (element,)), *other]
    assert check_union(held)
    assert len(Shelf(held).parts(range(len(held)))) == 1
