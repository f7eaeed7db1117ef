"""What is not open to the eye is counted; what is alike stands in one box."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from provstore.pictures.drawing import Drawing
from provstore.pictures.folding import MAX_CALM, Scene, fold_drawing
from tests.drawings import EX, bundle_of, drawing_of, drawings

limits = st.integers(1, 20)


def group(iri: str) -> str:
    return "even" if iri[-1] in "02468" else ""


def of(*edges: tuple[str, str, str], limit: int = 60) -> Scene:
    return fold_drawing(drawing_of(EX + edges[0][0], [bundle_of(edges)]), limit=limit)


def nouns(seen: Scene) -> list[tuple[int, str]]:
    return [(len(box.members), seen.folds[box.fold].noun) for box in seen.boxes if box.fold >= 0]


@given(drawings, limits)
def test_every_node_is_in_one_box_or_counted_as_hidden(drawing: Drawing, limit: int) -> None:
    seen = fold_drawing(drawing, group, limit)
    members = Counter(member for box in seen.boxes for member in box.members)
    assert set(members.values()) <= {1}
    assert len(members) + seen.hidden == len(drawing.nodes)
    assert len(seen.boxes) <= limit
    assert seen.boxes[0].members == (0,)


@given(drawings, limits)
def test_every_line_is_in_one_link_or_inside_a_box_or_leads_to_what_is_hidden(
    drawing: Drawing, limit: int
) -> None:
    seen = fold_drawing(drawing, group, limit)
    linked = Counter(line for link in seen.links for line in link.lines)
    assert set(linked.values()) <= {1}
    box_of = {
        drawing.nodes[member].iri: number
        for number, box in enumerate(seen.boxes)
        for member in box.members
    }
    for number, line in enumerate(drawing.lines):
        ends = box_of.get(line.later), box_of.get(line.earlier)
        assert (number in linked) == (None not in ends and ends[0] != ends[1])


@given(drawings, limits)
def test_a_box_counts_its_hidden_neighbours(drawing: Drawing, limit: int) -> None:
    seen = fold_drawing(drawing, group, limit)
    shown = {drawing.nodes[member].iri for box in seen.boxes for member in box.members}
    for box in seen.boxes:
        own = {drawing.nodes[member].iri for member in box.members}
        ends = {(line.later, line.earlier) for line in drawing.lines}
        away = {b for a, b in ends if a in own} | {a for a, b in ends if b in own}
        assert box.more == len(away - shown)


def test_things_with_the_same_neighbours_are_a_crowd() -> None:
    seen = of(("a", "used", "e0"), *(("a", "used", f"e{n}") for n in range(1, 6)))
    assert nouns(seen) == [(6, "entities")]


def test_three_are_no_crowd_and_others_than_alike_neither() -> None:
    assert nouns(of(*(("a", "used", f"e{n}") for n in range(3)))) == []
    pairs = [("a", "used", f"e{n}") for n in range(4)]
    assert nouns(of(*pairs, *((f"e{n}", "wasDerivedFrom", f"x{n}") for n in range(4)))) == []


def test_a_long_run_is_folded_in_a_large_drawing_only() -> None:
    run = [(f"e{n}", "wasDerivedFrom", f"e{n + 1}") for n in range(20)]
    assert nouns(of(*run)) == []
    wide = [("e0", "wasDerivedFrom", f"x{n}") for n in range(MAX_CALM)]
    more = [(f"x{n}", "wasDerivedFrom", f"y{n}") for n in range(MAX_CALM)]
    assert (19, "elements in a chain") in nouns(of(*run, *wide, *more, limit=999))


def test_another_ingest_is_one_box_and_ones_own_is_not() -> None:
    edges = [("even/e0", "wasDerivedFrom", f"other/e{n}") for n in range(MAX_CALM)]
    edges += [(f"other/e{n}", "wasDerivedFrom", f"x{n}") for n in range(MAX_CALM)]
    drawing = drawing_of(EX + "even/e0", [bundle_of(edges)])
    seen = fold_drawing(
        drawing, lambda iri: iri.removeprefix(EX).partition("/")[0] * ("/" in iri[20:])
    )
    assert [fold.caption for fold in seen.folds] == ["other"]
    assert seen.folds[0].noun == "elements"


def test_what_was_corrected_is_never_folded() -> None:
    edges = [("a", "used", f"e{n}") for n in range(8)]
    drawing = drawing_of(EX + "a", [bundle_of(edges)])
    marked = tuple(
        node._replace(badges=("corrected",) if node.iri[-1] == "3" else ())
        for node in drawing.nodes
    )
    seen = fold_drawing(replace(drawing, nodes=marked))
    assert nouns(seen) == [(7, "entities")]


def test_parts_that_hang_apart_are_seen_too() -> None:
    one = drawing_of(EX + "a", [bundle_of([("a", "used", "e1")])])
    other = drawing_of(EX + "b", [bundle_of([("b", "wasDerivedFrom", "e2")])])
    both = replace(one, nodes=one.nodes + other.nodes, lines=one.lines + other.lines)
    assert len(fold_drawing(both).boxes) == 4
