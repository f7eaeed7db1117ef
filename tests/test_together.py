"""What must be checked together: enough that nothing is missed, and not everything."""

from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provstore.ingest.names import Names
from provstore.ingest.record import record
from provstore.prov.bundle import Bundle, Element, Relation
from provstore.prov.constraints import Violation, check_union
from provstore.prov.constraints.together import Role, Row, groups, reach, roles
from tests.constraint_cases import EX, said
from tests.reports import WHOLE, life
from tests.test_constraints import INVALID, bundles


def _blanked(bundle: Bundle, places: list[int]) -> Bundle:
    """The same with some arguments left out, whether they may be or not."""
    relations = [*bundle.relations]
    for place in places if relations else ():
        kind, arguments, *rest = relations[place % len(relations)]
        gone = place // len(relations) % len(arguments)
        kept = (*arguments[:gone], "", *arguments[gone + 1 :])
        relations[place % len(relations)] = Relation(kind, kept, *rest)
    return Bundle(bundle.iri, bundle.elements, tuple(relations))


several = st.lists(
    st.builds(_blanked, bundles, st.lists(st.integers(0, 99), max_size=2)), min_size=2, max_size=6
)


class Shelf:
    """Bundles by number, and who says what of a name, as a store would know it."""

    def __init__(self, held: Sequence[Bundle]) -> None:
        self.held = held
        names: dict[str, int] = {}
        self.rows: list[Row] = sorted(
            (names.setdefault(name, len(names)), role, number)
            for number, bundle in enumerate(held)
            for name, role in roles(bundle)
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
        found = groups(numbers, [row for row in self.rows if row[2] in numbers])
        grouped = {number for group in found for number in group}
        return [sorted(group) for group in found] + [[n] for n in numbers if n not in grouped]

    def violations(self, parts: Iterable[Iterable[int]]) -> set[Violation]:
        """What is wrong with each part, held together."""
        return {one for part in parts for one in check_union(self.held[n] for n in part)}


@settings(max_examples=250, deadline=None)
@given(several)
def test_the_groups_one_by_one_have_every_violation_of_the_whole(held: list[Bundle]) -> None:
    """The same violations, word for word."""
    shelf = Shelf(held)
    assert shelf.violations(shelf.parts(range(len(held)))) == set(check_union(held))


@settings(max_examples=250, deadline=None)
@given(several, st.data())
def test_what_was_found_before_and_the_groups_of_what_is_new_are_the_whole(
    held: list[Bundle], data: st.DataObject
) -> None:
    """However bundles are split into old and new ones."""
    old = data.draw(st.integers(0, len(held)))
    shelf = Shelf(held)
    new = range(old, len(held))
    reached = reach(new, shelf.said, shelf.holders)
    again = [part for part in shelf.parts(reached) if part[-1] >= old]
    before = [part for part in Shelf(held[:old]).parts(range(old)) if not _touched(part, again)]
    assert sorted([*before, *again]) == sorted(shelf.parts(range(len(held))))
    assert shelf.violations([*before, *again]) == set(check_union(held))
    assert bool(shelf.violations([*Shelf(held[:old]).parts(range(old)), *again])) == bool(
        check_union(held)
    )


def _touched(part: list[int], others: list[list[int]]) -> bool:
    return any(set(part) & set(other) for other in others)


@pytest.mark.parametrize("constraint", [one for one in INVALID if len(INVALID[one]) > 1])
def test_statements_that_clash_are_a_group_wherever_they_stand(constraint: str) -> None:
    held = [said(one, iri=f"{EX}{number}") for number, one in enumerate(INVALID[constraint])]
    shelf = Shelf([*held, said("entity(other)", "used(a9, e9, -)")])
    assert shelf.parts(range(len(shelf.held))) == [[*range(len(held))], [len(held)]]


def test_agents_plans_and_sources_do_not_tie_those_who_share_them() -> None:
    shared = [
        said(f"wasAssociatedWith(a{n}, ag, plan)", f"wasAttributedTo(e{n}, ag)", "agent(ag)",
             f"actedOnBehalfOf(ag, office, a{n})", f"used(a{n}, source, -)", "entity(plan)",
             f"wasDerivedFrom(e{n}, source)", f"wasGeneratedBy(e{n}, a{n}, -)")
        for n in range(5)
    ]  # fmt: skip
    shelf = Shelf(shared)
    assert shelf.parts(range(5)) == [[n] for n in range(5)]
    reach([4], shelf.said, shelf.holders)
    assert shelf.looked_at == {4}


def test_an_agent_that_is_generated_ties_and_may_close_a_circle() -> None:
    held = [said("entity(ag)", "wasAttributedTo(e, ag)"), said("wasDerivedFrom(ag, e)")]
    shelf = Shelf(held)
    assert shelf.parts(range(2)) == [[0, 1]]
    assert [one.constraint for one in shelf.violations([[0, 1]])] == ["42"]


def test_what_comes_later_and_what_comes_earlier_is_not_walked_both_ways() -> None:
    """Of a long line of derivations, one more at either end has nobody to be checked with."""
    line = [said(f"wasDerivedFrom(e{n + 1}, e{n})", f"wasGeneratedBy(e{n + 1}, a{n}, -)")
            for n in range(200)]  # fmt: skip
    for one in ("wasDerivedFrom(e201, e200)", "wasDerivedFrom(e0, x)"):
        shelf = Shelf([*line, said(one)])
        reach([200], shelf.said, shelf.holders)
        assert len(shelf.looked_at) < 5
        assert len(shelf.parts(range(201))) == 201
    shelf = Shelf([*line, said("wasDerivedFrom(e0, e200)")])
    assert shelf.parts(reach([200], shelf.said, shelf.holders)) == [[*range(201)]]


def test_our_own_records_need_only_a_few_others() -> None:
    """Steps come one after the other; ingests share people, offices, tools, forms, sources."""
    names = Names("https://data.example.org/")
    held = []
    for number in range(10):
        reports = life(*WHOLE[:4], ingest=f"cordex-{number:04}")
        held += [record(report, reports[:n], names) for n, report in enumerate(reports)]
    shelf = Shelf(held)
    reach([len(held) - 1], shelf.said, shelf.holders)
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
