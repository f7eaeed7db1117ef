"""Group bundles that could contradict each other and must be checked together. Pure.

In: bundles, and the roles of names in other bundles. Out: groups of bundles. `check_union` finds
the same violations in the groups, one by one, as in all bundles. Why:

* Statements meet only in names, and only some meetings matter. `Role` is what a bundle says of a
  name; the tables below say which roles of one name in two bundles need each other:
  identifiers that merge or clash (23, 53, inference 15) or name a thing (54); an entity that is an
  activity (55); what is told once (22, 24 to 29); an empty collection, through specializations,
  and its member (56). Such bundles are tied both ways.
* What is left are circles of events (42 and what leads there, 52). A circle leaves every event that
  it enters, so it crosses from a bundle where something comes before the event of a name (`LATER`)
  to one where that event comes before something (`EARLIER`): tied one way. A circle hence
  stays within a strongly connected component of bundles, and a group is one.
* An agent has no role by being an agent. Of 47 to 49 only the rows of `wasAttributedTo` order two
  events that can lie on a circle (see `ordering`): there the agent's event comes first, so it ties
  only to bundles where the agent is generated or started. An agent that is an entity or an
  activity besides has those roles, too. Nothing else about agents is compared, but 54.
* Merging carries what stands at the ends of a relation into another one's, of another kind if they
  share an identifier. Ends of relations with an identifier therefore tie to every role (`ANY`).
  So does a description with times but no activity, or empty but no entity: the rest may be said
  elsewhere. The trigger of an end may become the source of a derivation, whose identifier the end
  gets from another one of the same activity: the key leaves the trigger out.
* What is new changes only groups with something new in them. Any other group holds together by
  its old bundles alone, which are there for good: it was a group before, with the same problems.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import cycle, groupby, product
from operator import itemgetter

from provstore.prov.constraints.cycles import components
from provstore.prov.constraints.element_kinds import ARGUMENT_PLACES
from provstore.prov.constraints.impossibility import is_empty_collection
from provstore.prov.constraints.merging import implied_relations
from provstore.prov.constraints.rule_tables import GENERATION, IDENTIFIED, ORDERS, START, UNIQUE
from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.prov.model.terms import END_TIME, RELATIONS, START_TIME


class Role(IntEnum):
    """The role of a name in a bundle. The numbers are persisted and must not change."""

    IDENTIFIER = 1  # it names a relation
    DESCRIBED = 2  # it has a description, of whatever kind
    ENTITY = 3
    ACTIVITY = 4
    ONCE = 5  # something is told of it that can be told in one way only
    EMPTIED = 6  # it is an empty collection, or one if something else is
    FILLED = 7  # it has a member, or something that specializes it has one
    LATER = 8  # an event comes before its start or generation
    EARLIER = 9  # its start or generation comes before an event
    ANY = 10  # any of these may come of it


TIES = (
    (Role.IDENTIFIER, Role.IDENTIFIER), (Role.IDENTIFIER, Role.DESCRIBED),
    (Role.ENTITY, Role.ACTIVITY), (Role.ONCE, Role.ONCE), (Role.EMPTIED, Role.FILLED),
    *((Role.ANY, role) for role in (Role.ENTITY, Role.ACTIVITY, Role.EARLIER, Role.ANY)),
)  # fmt: skip
"""Roles that tie two bundles both ways. What has another role is an entity or activity, too."""

FLOW = (Role.LATER, Role.EARLIER)
"""Roles that tie one bundle to the next in time."""

_AHEAD: dict[int, set[Role]] = {
    role: {*(b for a, b in TIES if a is role), *(a for a, b in TIES if b is role)} for role in Role
}
_BACK: dict[int, set[Role]] = {role: set(others) for role, others in _AHEAD.items()}
_AHEAD[Role.LATER].add(Role.EARLIER)
_BACK[Role.EARLIER].add(Role.LATER)

_EVENTS = (START, GENERATION)
"""The events that a circle can pass."""

_ALSO = {
    "specializationOf": ((0, Role.EMPTIED), (1, Role.FILLED)), "hadMember": ((0, Role.FILLED),),
    "wasEndedBy": ((1, Role.EARLIER),),  # see the last but one of the reasons above
}  # fmt: skip


def _roles_of(kind: str) -> Iterator[tuple[int, Role, int]]:
    for row in ORDERS.get(kind, ()):
        if row.earlier in _EVENTS and row.later in _EVENTS:
            yield from ((row.of, Role.EARLIER, row.than), (row.than, Role.LATER, row.of))
    alone = [
        *product(ARGUMENT_PLACES[kind]["entity"], [Role.ENTITY]),
        *product(ARGUMENT_PLACES[kind]["activity"], [Role.ACTIVITY]),
        *([(UNIQUE[kind][1], Role.ONCE)] if kind in UNIQUE else ()),
        *_ALSO.get(kind, ()),
    ]
    yield from ((place, role, place) for place, role in alone)


_ROLES = {kind: tuple(dict.fromkeys(_roles_of(kind))) for kind in RELATIONS}
"""Relation → place of an argument, its role, and the place of the argument that it needs for it.

Where a statement has an identifier, another one may fill that place.
"""

NameRole = tuple[str, Role]
RoleRow = tuple[int, int, int]
"""A name as a number (two names may share one, which only adds ties), its role, and its bundle."""


def name_roles(bundle: Bundle) -> set[NameRole]:
    """Return the roles of names in a bundle that other bundles could contradict."""
    return {
        *(pair for element in bundle.elements for pair in _described(element)),
        *(pair for relation in bundle.relations for pair in _related(relation)),
    }


def _described(element: Element) -> Iterator[NameRole]:
    iri, kinds, attributes = element
    yield iri, Role.DESCRIBED
    if "entity" in kinds:
        yield iri, Role.ENTITY
    if "activity" in kinds:
        yield iri, Role.ACTIVITY
    if any(key in (START_TIME, END_TIME) for key, _ in attributes):
        yield iri, Role.ONCE if "activity" in kinds else Role.ANY
    if is_empty_collection(element):
        yield iri, Role.EMPTIED if "entity" in kinds else Role.ANY


def _related(relation: Relation) -> Iterator[NameRole]:
    kind, arguments, identifier, _ = relation
    for place, role, other in _ROLES[kind]:
        if arguments[place] and (arguments[other] or identifier):
            yield arguments[place], role
    if identifier and kind in IDENTIFIED:
        yield identifier, Role.IDENTIFIER
        yield from ((end, Role.ANY) for end in arguments[:2] if end)
    if kind == "wasDerivedFrom":
        yield from ((name, Role.IDENTIFIER) for name in arguments[3:] if name)
        for made in implied_relations(relation):
            yield from _related(made)


def reachable_bundles(
    new: Collection[int],
    roles_of: Callable[[int], Iterable[tuple[int, int]]],
    holders: Callable[[int, int], Iterable[int]],
) -> set[int]:
    """Return bundles that include every group with a new bundle; the cost depends on their number.

    `said` gives what a bundle says, `holders` who says that. A group lies ahead of each of its
    bundles and behind it: whichever search ends first has it.
    """
    searches = [_spread(new, roles_of, holders, meets) for meets in (_AHEAD, _BACK)]
    for search in cycle(searches):
        reached, done = next(search)
        if done:
            break
    return reached


def _spread(
    new: Collection[int],
    roles_of: Callable[[int], Iterable[tuple[int, int]]],
    holders: Callable[[int, int], Iterable[int]],
    meets: Mapping[int, set[Role]],
) -> Iterator[tuple[set[int], bool]]:
    """What is reached, after each bundle that was looked at; and whether that is all."""
    reached, pending = set(new), list(new)
    asked: set[tuple[int, int]] = set()
    while pending:
        for name, role in roles_of(pending.pop()):
            for wanted in {(name, other) for other in meets[role]} - asked:
                asked.add(wanted)
                added = set(holders(*wanted)) - reached
                reached |= added
                pending += added
        yield reached, False
    yield reached, True


def group_bundles(members: Sequence[int], rows: Iterable[RoleRow]) -> list[list[int]]:
    """The groups of two bundles and more, among `members`.

    `rows` is all that the members say, sorted by name. Linear: a name that ties is a node between.
    """
    numbers = {member: number for number, member in enumerate(members)}
    after: list[list[int]] = [[] for _ in members]
    for _, same_name in groupby(rows, itemgetter(0)):
        members_by_role: dict[int, list[int]] = {}
        for _, role, member in same_name:
            members_by_role.setdefault(role, []).append(numbers[member])
        for first, second in TIES:
            if first in members_by_role and second in members_by_role:
                _tie(after, both := {*members_by_role[first], *members_by_role[second]}, both)
        if all(role in members_by_role for role in FLOW):
            _tie(after, *(set(members_by_role[role]) for role in FLOW))
    by_component: dict[int, list[int]] = {}
    for member, component in zip(members, components(after), strict=False):
        by_component.setdefault(component, []).append(member)
    return [group for group in by_component.values() if len(group) > 1]


def _tie(after: list[list[int]], sources: set[int], targets: set[int]) -> None:
    if len(sources | targets) > 1:
        for number in sources:
            after[number].append(len(after))
        after.append(list(targets))
