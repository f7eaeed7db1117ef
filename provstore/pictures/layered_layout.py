"""Computes a layered layout of any graph (Sugiyama, Tagawa and Toda 1981).

In: the number of boxes, and links between them from left to right. Out: a layer and a place in it
for each box, and the places where a link crosses other layers. It does not know what boxes mean.
The script of the page repeats this arithmetic: change both. A test compares them.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Link = tuple[int, int]

SWEEPS, PASSES = 8, 24
MAX_BENDS = 20_000
"""The maximum number of bends; beyond it, the longest links run straight."""


class Layout(NamedTuple):
    """`layer` and `place` (the middle of the box) for each box; `routes` for each link.

    A route is the list of (layer, place) between its ends, from the left to the right.
    """

    layer: list[int]
    place: list[float]
    routes: list[list[tuple[int, float]]]


def lay_out(count: int, links: Sequence[Link], size: float, gap: float, bend: float) -> Layout:
    """Lay out the boxes with few crossings and nearly straight links; the result is deterministic.

    `size` is the room of a box in its layer, `bend` that of a passing link, `gap` the room between
    two of them. Cycles are broken. The graph need not be connected.
    """
    ahead = _break_cycles(count, links)
    layer = _assign_layers(count, ahead)
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for box in range(count):
        rows[layer[box]].append(box)
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    bends: list[list[int]] = [[] for _ in links]
    left = MAX_BENDS
    for index in sorted(range(len(ahead)), key=lambda i: layer[ahead[i][1]] - layer[ahead[i][0]]):
        start, end = ahead[index]
        if start == end:
            continue
        left -= layer[end] - layer[start] - 1
        last = start
        for between in range(layer[start] + 1, layer[end]) if left >= 0 else ():
            item = len(before)
            before.append([last])
            after.append([])
            after[last].append(item)
            rows[between].append(item)
            bends[index].append(item)
            layer.append(between)
            last = item
        after[last].append(end)
        before[end].append(last)
    _order_rows(rows, before, after)
    place = _assign_places(rows, before, after, count, size, gap, bend)
    routes = [[(layer[item], place[item]) for item in passed] for passed in bends]
    return Layout(layer[:count], place[:count], routes)


def _break_cycles(count: int, links: Sequence[Link]) -> list[Link]:
    """Reverse the links that close a cycle; the first box stays at the right."""
    entering: list[list[int]] = [[] for _ in range(count)]
    for index, (_, end) in enumerate(links):
        entering[end].append(index)
    ahead = list(links)
    state = [0] * count  # 1 while it is on the path to the root, 2 when it is done
    for root in range(count):
        path = [] if state[root] else [(root, 0)]
        while path:
            box, at = path.pop()
            state[box] = 1
            if at == len(entering[box]):
                state[box] = 2
                continue
            path.append((box, at + 1))
            start = links[entering[box][at]][0]
            if state[start] == 1:
                ahead[entering[box][at]] = (box, start)
            elif not state[start]:
                path.append((start, 0))
    return ahead


def _assign_layers(count: int, ahead: Sequence[Link]) -> list[int]:
    """Assign each box the longest path from the left; a box with more links out moves right."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for start, end in ahead:
        if start != end:
            after[start].append(end)
            before[end].append(start)
    waits = [len(sources) for sources in before]
    order = [box for box in range(count) if not waits[box]]
    layer = [0] * count
    for box in order:  # the list grows during the loop
        for end in after[box]:
            layer[end] = max(layer[end], layer[box] + 1)
            waits[end] -= 1
            if not waits[end]:
                order.append(end)
    for box in reversed(order):
        if len(after[box]) > len(before[box]):
            layer[box] = min(layer[end] for end in after[box]) - 1
    used = {old: new for new, old in enumerate(sorted(set(layer)))}
    return [used[old] for old in layer]


def _order_rows(rows: list[list[int]], before: list[list[int]], after: list[list[int]]) -> None:
    """Order each row to reduce crossings, in a fixed number of sweeps."""
    at = [0] * len(before)
    _number_items(rows, at)
    best, fewest = [list(row) for row in rows], _count_crossings(rows, after, at)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        near = before if forth else after
        for row in rows if forth else reversed(rows):
            middle = {
                item: sum(at[other] for other in near[item]) / len(near[item])
                if near[item]
                else at[item]
                for item in row
            }
            row.sort(key=middle.__getitem__)
            for index, item in enumerate(row):
                at[item] = index
        crossings = _count_crossings(rows, after, at)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    rows[:] = best


def _number_items(rows: list[list[int]], at: list[int]) -> None:
    for row in rows:
        for index, item in enumerate(row):
            at[item] = index


def _count_crossings(rows: list[list[int]], after: list[list[int]], at: list[int]) -> int:
    """Count the pairs of links that cross, with a Fenwick tree for each row."""
    total = 0
    for row, following in pairwise(rows):
        tree = [0] * (len(following) + 1)
        seen = 0
        for item in row:
            ends = sorted(at[other] for other in after[item])
            for end in ends:
                index, passed = end + 1, 0
                while index:
                    passed += tree[index]
                    index &= index - 1
                total += seen - passed
            for end in ends:
                index = end + 1
                seen += 1
                while index <= len(following):
                    tree[index] += 1
                    index += index & -index
    return total


def _assign_places(
    rows: list[list[int]],
    before: list[list[int]],
    after: list[list[int]],
    count: int,
    size: float,
    gap: float,
    bend: float,
) -> list[float]:
    """Place the items near their neighbours, in the given order and without overlaps."""
    place = [0.0] * len(before)
    offsets: list[list[float]] = []
    for row in rows:
        at, offset = 0.0, []
        for index, item in enumerate(row):
            room = size if item < count else bend
            at += room / 2 + (gap if index else 0)
            offset.append(at)
            at += room / 2
        offsets.append(offset)
        for index, item in enumerate(row):
            place[item] = offset[index] - at / 2
    for turn in range(PASSES):
        forth = turn % 2 == 0
        for number in range(len(rows)) if forth else range(len(rows) - 1, -1, -1):
            row = rows[number]
            wanted, weights = [], []
            for item in row:
                near = before[item] if forth else after[item]
                if turn >= PASSES - 2 and item < count:
                    near = before[item] + after[item]
                mean = sum(place[other] for other in near) / len(near) if near else place[item]
                wanted.append(mean)
                weights.append(float(len(near)) + 0.5 if item < count else 8.0)
            for item, position in zip(row, _spread(wanted, weights, offsets[number]), strict=True):
                place[item] = position
    least = min(place, default=0.0)
    return [position - least for position in place]


def _spread(wanted: list[float], weights: list[float], offset: list[float]) -> list[float]:
    """Find the places nearest to `wanted` (least squares) with these offsets, by pooling."""
    pools: list[tuple[float, float, int]] = []  # mean, weight, members
    for index, want in enumerate(wanted):
        mean, weight, members = want - offset[index], weights[index], 1
        while pools and pools[-1][0] > mean:
            other, more, others = pools.pop()
            mean = (other * more + mean * weight) / (more + weight)
            weight, members = weight + more, members + others
        pools.append((mean, weight, members))
    positions: list[float] = []
    for mean, _, members in pools:
        positions += [mean + offset[len(positions) + member] for member in range(members)]
    return positions
