"""Everything of a scene in its place: boxes in layers, and the ways of the lines between them.

In: a `Scene`. Out: a `Figure`, and the curve of each line. Sources stand at the left (or on top),
and every arrow points to what was there before, as in PROV. It knows no colours.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from provstore.pictures import style
from provstore.pictures.folding import Link, Scene
from provstore.pictures.layered_layout import Layout, arrange
from provstore.pictures.svg_pieces import number

TIP = 7.0
"""Length of an arrow's head, in pixels."""

Place = tuple[float, float]


class Port(NamedTuple):
    """Where a line meets a box: along the layers, and across them."""

    along: float
    across: float


@dataclass(frozen=True)
class Figure:
    """A scene with a place for everything; `down` puts the sources on top."""

    scene: Scene
    links: tuple[Link, ...]
    layout: Layout
    down: bool

    @property
    def pitch(self) -> float:
        """From one layer to the next."""
        return (style.HEIGHT + style.BELOW) if self.down else (style.WIDTH + style.AHEAD)

    def middle(self, box: int) -> Place:
        """The middle of a box."""
        return self.point(self.layout.layer[box] * self.pitch, self.layout.place[box])

    def point(self, along: float, across: float) -> Place:
        """A place on paper, before margins."""
        return (across, along) if self.down else (along, across)


def figure(scene: Scene, *, implied: bool = False, down: bool = False) -> Figure:
    """Give everything its place."""
    links = tuple(link for link in scene.links if implied or not link.implied)
    size = style.WIDTH if down else style.HEIGHT
    pairs = [(link.earlier, link.later) for link in links]
    layout = arrange(len(scene.boxes), pairs, size, style.ASIDE, style.BEND)
    return Figure(scene, links, layout, down)


def ports(drawn: Figure) -> dict[tuple[int, bool], Port]:
    """Where each link meets its boxes: at its left end (False), at its right end (True)."""
    sides: dict[tuple[int, bool], list[tuple[float, int]]] = {}
    layer, place, ways = drawn.layout
    for index, link in enumerate(drawn.links):
        start, end = _ends(drawn, link)
        way = ways[index]
        sides.setdefault((start, True), []).append((way[0][1] if way else place[end], index))
        sides.setdefault((end, False), []).append((way[-1][1] if way else place[start], index))
    meets = {}
    half = (style.HEIGHT if drawn.down else style.WIDTH) / 2
    room = 60.0 if drawn.down else 12.0
    for (box, right), found in sides.items():
        step = min(7.0, 2 * room / (len(found) - 1)) if len(found) > 1 else 0.0
        for order, (_, index) in enumerate(sorted(found)):
            off = (order - (len(found) - 1) / 2) * step
            out = _edge(drawn, box, off, half) * (1 if right else -1)
            meets[index, not right] = Port(layer[box] * drawn.pitch + out, place[box] + off)
    return meets


def _ends(drawn: Figure, link: Link) -> tuple[int, int]:
    layer = drawn.layout.layer
    turned = layer[link.earlier] > layer[link.later]
    return (link.later, link.earlier) if turned else (link.earlier, link.later)


def _edge(drawn: Figure, box: int, off: float, half: float) -> float:
    """How far from the middle the outline is, along the layers, `off` the middle line."""
    shape = style.KINDS[kind_of(drawn.scene, box)].shape
    if shape == "ellipse":
        across = (style.WIDTH if drawn.down else style.HEIGHT) / 2
        return half * sqrt(1 - (off / across) ** 2)
    return half


def path(
    drawn: Figure, index: int, link: Link, meets: dict[tuple[int, bool], Port]
) -> tuple[str, str]:
    """The curve from the left box to the right one, and the arrow's head at the earlier thing."""
    start, end = meets[index, False], meets[index, True]
    forth = _ends(drawn, link)[0] == link.earlier
    first = start.along + TIP if forth else start.along
    last = end.along if forth else end.along - TIP
    half = (style.HEIGHT if drawn.down else style.WIDTH) / 2
    way = [
        (layer * drawn.pitch + side * half, place)
        for layer, place in drawn.layout.ways[index]
        for side in (-1, 1)
    ]
    points = [(first, start.across), *way, (last, end.across)]
    text = "M" + _at(drawn, *points[0])
    for leg, ((a, b), (c, d)) in enumerate(pairwise(points)):
        if leg % 2:  # it passes a layer
            text += "L" + _at(drawn, c, d)
        else:
            mid = (a + c) / 2
            text += f"C{_at(drawn, mid, b)} {_at(drawn, mid, d)} {_at(drawn, c, d)}"
    along, across = start if forth else end
    back = along + TIP if forth else along - TIP
    corners = (_at(drawn, back, across - 3.5), _at(drawn, back, across + 3.5))
    return text, f"M{_at(drawn, along, across)}L{corners[0]}L{corners[1]}Z"


def _at(drawn: Figure, along: float, across: float) -> str:
    x, y = drawn.point(along, across)
    return f"{number(x)} {number(y)}"


def kind_of(scene: Scene, box: int) -> str:
    """The kind of what stands in a box, "" for a fold of several."""
    found = scene.boxes[box]
    if found.fold >= 0:
        return scene.folds[found.fold].kind
    return scene.drawing.nodes[found.members[0]].kind
