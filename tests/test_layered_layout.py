"""A layered layout: nothing lies on anything, everything runs one way, every run is the same."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from provstore.pictures.layered_layout import Link, _count_crossings, _spread, lay_out

SIZE, GAP, BEND = 50.0, 10.0, 8.0
counts = st.integers(1, 14)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Link]]:
    count = draw(counts)
    box = st.integers(0, count - 1)
    return count, draw(st.lists(st.tuples(box, box), max_size=40))


@given(graphs())
def test_no_box_lies_on_another_one_of_its_layer(graph: tuple[int, list[Link]]) -> None:
    layout = lay_out(*graph, SIZE, GAP, BEND)
    items = [(layer, place, SIZE) for layer, place in zip(layout.layer, layout.place, strict=True)]
    items += [(layer, place, BEND) for way in layout.routes for layer, place in way]
    items.sort()
    for (layer, place, room), (other, following, more) in pairwise(items):
        assert layer != other or following - place >= (room + more) / 2 + GAP - 1e-6
    assert sorted(set(layout.layer)) == list(range(max(layout.layer) + 1))


@given(graphs())
def test_a_link_passes_each_layer_between_its_ends_once(graph: tuple[int, list[Link]]) -> None:
    count, links = graph
    layout = lay_out(count, links, SIZE, GAP, BEND)
    for (start, end), way in zip(links, layout.routes, strict=True):
        left, right = sorted((layout.layer[start], layout.layer[end]))
        assert [layer for layer, _ in way] == list(range(left + 1, right))
        assert start == end or left < right


@given(graphs())
def test_without_circles_every_link_runs_to_the_right(graph: tuple[int, list[Link]]) -> None:
    count, links = graph
    ahead = [(min(link), max(link)) for link in links if link[0] != link[1]]
    layout = lay_out(count, ahead, SIZE, GAP, BEND)
    assert all(layout.layer[start] < layout.layer[end] for start, end in ahead)


@given(graphs())
def test_the_same_graph_gives_the_same_layout(graph: tuple[int, list[Link]]) -> None:
    assert lay_out(*graph, SIZE, GAP, BEND) == lay_out(*graph, SIZE, GAP, BEND)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_crossings_are_counted_as_one_would_by_hand(links: list[Link]) -> None:
    after = [[7 + end for start, end in links if start == box] for box in range(7)] + [[]] * 7
    at = [*range(7), *range(7)]
    by_hand = sum(a < c and b > d for a, b in links for c, d in links)
    assert _count_crossings([list(range(7)), list(range(7, 14))], after, at) == by_hand


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.5, 9)), max_size=12))
def test_pooled_neighbours_keep_their_distance_and_their_common_centre(
    wishes: list[tuple[float, float]],
) -> None:
    wanted, weights = [want for want, _ in wishes], [weight for _, weight in wishes]
    offsets = [60.0 * index for index in range(len(wishes))]
    found = _spread(wanted, weights, offsets)
    for place, following in pairwise(found):
        assert following - place >= 60 - 1e-6
    moved = sum(w * (f - want) for f, (want, w) in zip(found, wishes, strict=True))
    assert abs(moved) < 1e-6 * (1 + sum(weights)) * 1000


def test_a_diamond_stands_in_three_layers_and_parts_that_hang_apart_are_there_too() -> None:
    layout = lay_out(6, [(0, 1), (0, 2), (1, 3), (2, 3), (4, 5)], SIZE, GAP, BEND)
    assert layout.layer[:4] == [0, 1, 1, 2]
    assert layout.layer[5] == layout.layer[4] + 1


def test_a_circle_is_cut_and_the_first_box_stays_at_the_right() -> None:
    layout = lay_out(3, [(1, 0), (2, 1), (0, 2)], SIZE, GAP, BEND)
    assert layout.layer == [2, 1, 0]


def test_thousands_of_steps_in_a_row_are_no_deep_recursion() -> None:
    layout = lay_out(5000, [(box + 1, box) for box in range(4999)], SIZE, GAP, BEND)
    assert layout.layer[0] == 4999
    assert lay_out(0, [], SIZE, GAP, BEND) == ([], [], [])
