"""Group bundles that could contradict each other and must be checked together. Pure.

In: bundles, and the roles of names in other bundles. Out: groups of bundles. Checking each group
with `check_union` finds the same violations as checking all bundles together. The reasons:

* Statements of different bundles affect each other only through names that they share, and only if
  the names have certain roles. `Role` is the role of a name in a bundle; the tables below say which
  two roles of a name tie their bundles both ways: identifiers that merge or clash (23, 53,
  inference 15) or also name an element (54); an entity that is also an activity (55); values that
  must be unique (22, 24 to 29); an empty collection, even through specializations, and its
  member (56).
* Only cycles of events remain (42 and the constraints that lead to it; 52 forms such cycles too). A
  cycle leaves every event that it enters. So it passes from a bundle in which something comes
  before the event of a name (`LATER`) to one in which that event comes before something
  (`EARLIER`); this ties the first bundle to the second, one way. So a cycle stays within a strongly
  connected component of bundles, and a group is such a component.
* Being an agent gives a name no role. Of 47 to 49, only the rows of `wasAttributedTo` order two
  events that can be on a cycle (see `ordering`). There the agent's event comes first, so it ties
  only to bundles in which the agent is generated or started. An agent that is also an entity or an
  activity has those roles too. No other constraint compares agents, except 54.
* Merging copies the ends of one relation to another, even of another kind if they share an
  identifier. So the ends of relations with an identifier tie to every role (`ANY`). So does a
  description with the times of an activity or the type of an empty collection that does not have
  this kind: another bundle may state the kind. An end may share the identifier of a derivation
  through another end of the same activity, because the key (27) does not include the trigger; the
  trigger may then become the source of the derivation.
* A new bundle can only change groups that it belongs to. Every other group is held together by old
  bundles alone, which never change: it was a group before, with the same violations.
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
    DESCRIBED = 2  # it has a description, of any kind
    ENTITY = 3
    ACTIVITY = 4
    ONCE = 5  # it has a value that must be unique
    EMPTIED = 6  # it is an empty collection, or would be if another one is
    FILLED = 7  # it has a member, or something that specializes it has one
    LATER = 8  # another event comes before its start or generation
    EARLIER = 9  # its start or generation comes before another event
    ANY = 10  # merging may give it any of these roles


TIES = (
    (Role.IDENTIFIER, Role.IDENTIFIER), (Role.IDENTIFIER, Role.DESCRIBED),
    (Role.ENTITY, Role.ACTIVITY), (Role.ONCE, Role.ONCE), (Role.EMPTIED, Role.FILLED),
    *((Role.ANY, role) for role in (Role.ENTITY, Role.ACTIVITY, Role.EARLIER, Role.ANY)),
)  # fmt: skip
"""Pairs of roles of a name that tie two bundles both ways.

`ANY` need not list the other roles, because names with these also are entities or activities.
"""

FLOW = (Role.LATER, Role.EARLIER)
"""The roles that tie a bundle to another one, one way."""

_AHEAD: dict[int, set[Role]] = {
    role: {*(b for a, b in TIES if a is role), *(a for a, b in TIES if b is role)} for role in Role
}
_BACK: dict[int, set[Role]] = {role: set(others) for role, others in _AHEAD.items()}
_AHEAD[Role.LATER].add(Role.EARLIER)
_BACK[Role.EARLIER].add(Role.LATER)

_EVENTS = (START, GENERATION)
"""The events that can be on a cycle."""

_ALSO = {
    "specializationOf": ((0, Role.EMPTIED), (1, Role.FILLED)), "hadMember": ((0, Role.FILLED),),
    "wasEndedBy": ((1, Role.EARLIER),),  # see the last but one reason above
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
"""Relation → place of an argument, its role, and the place of an argument that must be present.

If the statement has an identifier, another one may provide that argument.
"""

NameRole = tuple[str, Role]
RoleRow = tuple[int, int, int]
"""The number of a name, its role, and its bundle; two names may share a number: more ties."""


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

    `roles_of` returns the roles of names in a bundle, `holders` the bundles with a role of a name.
    All bundles of a group can be reached from each of them, forwards and backwards. So both
    searches find the group; the first one that ends is used.
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
    """Yield the bundles reached so far, after each bundle, and whether these are all."""
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
    """Return the groups of two or more bundles among `members`.

    `rows` are all roles of names in the members, sorted by name. The cost is linear, because each
    tie becomes a node of the graph between its bundles.
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
