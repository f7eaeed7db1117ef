"""Find the nodes of a graph that are on cycles, and short cycles as examples.

In: edges between nodes 0, 1, 2, …. Out: components and cycles. Linear in time, no recursion. Pure.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

VISITS_PER_EDGE = 50
"""The limit of visits per edge of a component in the search for example cycles."""


class Edge(NamedTuple):
    """An edge from the earlier node to the later one; `strict` if they cannot be simultaneous."""

    earlier: int
    later: int
    strict: bool


def components(after: Sequence[Sequence[int]]) -> list[int]:
    """Map each node to its strongly connected component (Tarjan, 1972, with an explicit stack)."""
    size = len(after)
    born = [0] * size  # the order in which nodes are first visited, from 1; 0 is not visited
    low = [0] * size  # the oldest open node that can be reached from it
    component = [-1] * size
    open_nodes: list[int] = []
    path: list[tuple[int, Iterator[int]]] = []
    clock = count = 0
    for root in range(size):
        if born[root]:
            continue
        clock += 1
        born[root] = low[root] = clock
        open_nodes.append(root)
        path.append((root, iter(after[root])))
        while path:
            node, rest = path[-1]
            for later in rest:
                if not born[later]:
                    clock += 1
                    born[later] = low[later] = clock
                    open_nodes.append(later)
                    path.append((later, iter(after[later])))
                    break
                if component[later] < 0 and born[later] < low[node]:
                    low[node] = born[later]
            else:
                path.pop()
                if path and low[node] < low[path[-1][0]]:
                    low[path[-1][0]] = low[node]
                if low[node] == born[node]:
                    member = -1
                    while member != node:
                        member = open_nodes.pop()
                        component[member] = count
                    count += 1
    return component


def find_cycles(edges: Sequence[Edge], component: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Return cycles with a strict edge, as positions of edges, short ones first.

    There is at least one for each component that has any. Each begins with a strict edge that no
    shorter cycle has, and is the shortest one through that edge.
    """
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for position, edge in enumerate(edges):
        if component[edge.earlier] == component[edge.later]:
            groups[component[edge.earlier]].append(position)
    for group in groups.values():
        shown: set[int] = set()
        for cycle in sorted(_cycles_of_component(edges, group), key=len):
            if cycle[0] not in shown:
                shown.update(cycle)
                yield cycle


def _cycles_of_component(edges: Sequence[Edge], group: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the shortest cycle through each strict edge of a component, within the limit."""
    after: defaultdict[int, list[int]] = defaultdict(list)
    for position in group:
        after[edges[position].earlier].append(position)
    visits_left = VISITS_PER_EDGE * len(group)
    for position in group:
        if edges[position].strict and visits_left > 0:
            path, visited = _shortest_path(
                edges, after, edges[position].later, edges[position].earlier
            )
            visits_left -= visited
            yield (position, *path)


def _shortest_path(
    edges: Sequence[Edge], after: dict[int, list[int]], start: int, goal: int
) -> tuple[list[int], int]:
    """Return the edges of the shortest path inside a component, and the number of visited edges."""
    reached_by = {start: -1}
    queue = deque([start])
    visited = 0
    while goal not in reached_by:
        for position in after[queue.popleft()]:
            visited += 1
            later = edges[position].later
            if later not in reached_by:
                reached_by[later] = position
                queue.append(later)
    path = []
    while goal != start:
        path.append(reached_by[goal])
        goal = edges[path[-1]].earlier
    return path[::-1], visited + 1
