"""Drawings of these pages: the steps of a delivery, and the walk of a report.

In: the tables that the code runs on. Out: SVG with a title and a description, whose colours come
from the page around it (`_static/provstore.css`), so that it can be read in light and in dark.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from provstore.projects.workflow import ENDS, ROLES, STEPS

BOX_WIDTH, BOX_LEFT = 190, 250
PORT, GAP, LANE, LABEL = 20, 26, 18, 172
"""Pixels: between two lines at a box, between boxes, between lanes, and for a line's label."""


@dataclass(frozen=True)
class Arrow:
    """An arrow of the workflow: what leads from one box to another."""

    source: str
    target: str
    label: str


def arrows() -> Iterator[Arrow]:
    """What each outcome of each step leads to, in the order of the table."""
    for step in STEPS.values():
        targets: dict[str, list[str]] = {}
        for outcome, meaning in step.outcomes.items():
            if target := meaning.next or meaning.end:
                targets.setdefault(target, []).append(outcome)
        for target, outcomes in targets.items():
            yield Arrow(step.name, target, " / ".join(outcomes))


def workflow_svg() -> str:
    """The steps one below the other; arrows down on the right, arrows up and loops on the left."""
    names = [*STEPS, *ENDS]
    rank = {name: place for place, name in enumerate(names)}
    straight = {
        arrow for arrow in arrows() if rank[arrow.target] == rank[arrow.source] + 1
        and arrow.target in STEPS
    }  # fmt: skip
    sides: dict[str, list[Arrow]] = {"right": [], "left": []}
    for arrow in arrows():
        if arrow not in straight:
            side = "right" if rank[arrow.target] > rank[arrow.source] else "left"
            sides[side].append(arrow)
    boxes, height = _boxes(names, sides)
    parts = [_box(name, *boxes[name]) for name in names]
    middle = BOX_LEFT + BOX_WIDTH // 2
    for arrow in straight:
        top, size = boxes[arrow.source]
        end = boxes[arrow.target][0]
        parts.append(_line(f"M{middle} {top + size}V{end - 6}"))
        parts.append(_text(middle + 8, (top + size + end) // 2 + 3, arrow.label, "start"))
    width = 0
    for side, drawn in sides.items():
        lanes = _lanes(drawn, rank)
        width = max(width, max(lanes.values(), default=0) if side == "right" else 0)
        ports = dict.fromkeys(names, 0)
        for arrow in sorted(drawn, key=lambda arrow: rank[arrow.source]):
            start = _port(boxes, ports, arrow.source)
            end = _port(boxes, ports, arrow.target)
            parts += _side_arrow(arrow, side, start, end, lanes[arrow])
    full = BOX_LEFT + BOX_WIDTH + LABEL + (width + 1) * LANE + 10
    words = [f"{arrow.source} ({arrow.label}) leads to {arrow.target}" for arrow in arrows()]
    return _svg(
        "workflow", full, height, "What each outcome of a step leads to", "; ".join(words) + ".",
        parts,
    )  # fmt: skip


def _boxes(
    names: Sequence[str], sides: Mapping[str, Sequence[Arrow]]
) -> tuple[dict[str, tuple[int, int]], int]:
    """The top and the height of each box: high enough for the lines on its busier side."""
    boxes, top = {}, 10
    for name in names:
        ends = [
            sum((arrow.source == name) + (arrow.target == name) for arrow in drawn)
            for drawn in sides.values()
        ]
        size = max(46 if name in STEPS else 30, PORT * max(ends) + 10)
        boxes[name] = (top, size)
        top += size + GAP
    return boxes, top


def _lanes(drawn: Sequence[Arrow], rank: Mapping[str, int]) -> dict[Arrow, int]:
    """A lane for each arrow; short ones are near the boxes, and no two share one at one height."""
    lanes: dict[Arrow, int] = {}
    taken: list[list[tuple[int, int]]] = []
    for arrow in sorted(drawn, key=lambda arrow: abs(rank[arrow.source] - rank[arrow.target])):
        low, high = sorted((rank[arrow.source], rank[arrow.target]))
        free = (
            place for place, spans in enumerate(taken)
            if all(high < begin or end < low for begin, end in spans)
        )  # fmt: skip
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lanes[arrow] = lane
    return lanes


def _port(boxes: Mapping[str, tuple[int, int]], ports: dict[str, int], name: str) -> int:
    ports[name] += 1
    return boxes[name][0] + PORT * ports[name] - 4


def _side_arrow(arrow: Arrow, side: str, start: int, end: int, lane: int) -> Iterator[str]:
    edge, away = (BOX_LEFT + BOX_WIDTH, 1) if side == "right" else (BOX_LEFT, -1)
    turn = edge + away * (LABEL + lane * LANE)
    yield _line(f"M{edge} {start}H{turn}V{end}H{edge + away * 6}")
    yield _text(edge + away * 8, start - 4, arrow.label, "start" if away > 0 else "end")


def _box(name: str, top: int, size: int) -> str:
    middle, centre = BOX_LEFT + BOX_WIDTH // 2, top + size // 2
    kind, round_corner = ("step", 4) if name in STEPS else ("end", size // 2)
    box = (
        f'<rect class="{kind}" x="{BOX_LEFT}" y="{top}" width="{BOX_WIDTH}" height="{size}" '
        f'rx="{round_corner}"/>'
    )
    if name not in STEPS:
        return box + _text(middle, centre + 5, name, "middle", "name")
    role = _text(middle, centre + 14, ROLES[STEPS[name].role], "middle")
    return box + _text(middle, centre - 3, name, "middle", "name") + role


WALK = (
    ("filled form", "what the provider or a data manager answers", "end"),
    ("forms", "checks the answers and names every fault", "step"),
    ("report_bundle", "states them in W3C PROV: one report, one bundle", "step"),
    ("journal", "appends the bundle: hash-chained, the only truth", "truth"),
)
VIEWS = (
    ("graph view", "property graph, Cypher"),
    ("RDF view", "PROV-O, SPARQL"),
    ("search view", "index of words"),
)
CATALOGUE = ("catalogue", "questions: one answer from both languages")


def walk_svg() -> str:
    """How a report becomes a bundle, and where it is asked for afterwards."""
    width, left, wide = 640, 130, 380
    parts, top = [], 10
    for name, words, kind in WALK:
        parts.append(_step_of_walk(left, top, wide, name, words, kind))
        top += 52 + GAP
        if kind != "truth":
            parts.append(_line(f"M{left + wide // 2} {top - GAP}V{top - 6}"))
    for place, (name, words) in enumerate(VIEWS):
        x = 10 + place * 210
        parts.append(_line(f"M{left + wide // 2} {top - GAP}V{top - 6}H{x + 100}V{top + 14}"))
        parts.append(_step_of_walk(x, top + 20, 200, name, words, "step"))
    for place in (0, 1):
        x = 110 + place * 210
        parts.append(_line(f"M{x} {top + 72}V{top + 72 + GAP - 6}"))
    parts.append(_step_of_walk(10, top + 72 + GAP, 410, *CATALOGUE, "step"))
    described = [f"{name}: {words}" for name, words, *_ in (*WALK, *VIEWS, CATALOGUE)]
    return _svg(
        "walk", width, top + 72 + GAP + 62, "The walk of a report", ". ".join(described) + ".",
        parts,
    )  # fmt: skip


def _step_of_walk(x: int, y: int, wide: int, name: str, words: str, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="52" rx="4"/>'
        + _text(x + wide // 2, y + 22, name, "middle", "name")
        + _text(x + wide // 2, y + 41, words, "middle")
    )


def _line(path: str) -> str:
    return f'<path class="line" d="{path}" marker-end="url(#arrow-head)"/>'


def _text(x: int, y: int, text: str, anchor: str, kind: str = "small") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(
    name: str, width: int, height: int, title: str, description: str, parts: Sequence[str]
) -> str:
    inside = "\n".join(part.replace("arrow-head", f"{name}-head") for part in parts)
    return f"""\
<div class="drawing" role="region" aria-label="{escape(title)}" tabindex="0">
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img"
 aria-labelledby="{name}-title {name}-description">
<title id="{name}-title">{escape(title)}</title>
<desc id="{name}-description">{escape(description)}</desc>
<defs><marker id="{name}-head" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="8"
 markerHeight="8" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>
{inside}
</svg>
</div>
"""
