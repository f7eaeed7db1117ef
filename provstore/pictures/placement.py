"""Places the boxes of a scene in layers, and routes the lines between them.

In: a `Scene`. Out: a `Figure`, and the curve of each line. Sources are at the left (or at the top),
and every arrow points to the earlier element, as in PROV. It knows no colours.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from provstore.pictures import style
from provstore.pictures.folding import Link, Scene
from provstore.pictures.layered_layout import Layout, lay_out
from provstore.pictures.svg_pieces import number

ARROW_LENGTH = 7.0
"""The length of an arrow head, in pixels."""

Point = tuple[float, float]


class Port(NamedTuple):
    """The point where a line meets a box: along the layers, and across them."""

    along: float
    across: float


@dataclass(frozen=True)
class Figure:
    """A scene with positions; `down` puts the sources at the top."""

    scene: Scene
    links: tuple[Link, ...]
    layout: Layout
    down: bool

    @property
    def pitch(self) -> float:
        """The distance from one layer to the next."""
        return (style.HEIGHT + style.BELOW) if self.down else (style.WIDTH + style.AHEAD)

    def middle(self, box: int) -> Point:
        """Return the middle of a box."""
        return self.point(self.layout.layer[box] * self.pitch, self.layout.place[box])

    def point(self, along: float, across: float) -> Point:
        """Return the position on paper, without margins."""
        return (across, along) if self.down else (along, across)


def place_scene(scene: Scene, *, implied: bool = False, down: bool = False) -> Figure:
    """Compute the positions of a scene."""
    links = tuple(link for link in scene.links if implied or not link.implied)
    size = style.WIDTH if down else style.HEIGHT
    pairs = [(link.earlier, link.later) for link in links]
    layout = lay_out(len(scene.boxes), pairs, size, style.ASIDE, style.BEND)
    return Figure(scene, links, layout, down)


def find_ports(figure: Figure) -> dict[tuple[int, bool], Port]:
    """Find the ports of each link: at its left end (False) and at its right end (True)."""
    sides: dict[tuple[int, bool], list[tuple[float, int]]] = {}
    layer, place, routes = figure.layout
    for index, link in enumerate(figure.links):
        start, end = _ends(figure, link)
        route = routes[index]
        sides.setdefault((start, True), []).append((route[0][1] if route else place[end], index))
        sides.setdefault((end, False), []).append((route[-1][1] if route else place[start], index))
    port_of = {}
    half = (style.HEIGHT if figure.down else style.WIDTH) / 2
    room = 60.0 if figure.down else 12.0
    for (box, right), links in sides.items():
        step = min(7.0, 2 * room / (len(links) - 1)) if len(links) > 1 else 0.0
        for order, (_, index) in enumerate(sorted(links)):
            offset = (order - (len(links) - 1) / 2) * step
            out = _edge(figure, box, offset, half) * (1 if right else -1)
            port_of[index, not right] = Port(layer[box] * figure.pitch + out, place[box] + offset)
    return port_of


def _ends(figure: Figure, link: Link) -> tuple[int, int]:
    layer = figure.layout.layer
    turned = layer[link.earlier] > layer[link.later]
    return (link.later, link.earlier) if turned else (link.earlier, link.later)


def _edge(figure: Figure, box: int, offset: float, half: float) -> float:
    """Return the distance from the middle to the outline, along the layers, at `offset`."""
    shape = style.KINDS[kind_of(figure.scene, box)].shape
    if shape == "ellipse":
        across = (style.WIDTH if figure.down else style.HEIGHT) / 2
        return half * sqrt(1 - (offset / across) ** 2)
    return half


def line_paths(
    figure: Figure, index: int, link: Link, port_of: dict[tuple[int, bool], Port]
) -> tuple[str, str]:
    """Return the curve from the left to the right box, and the arrow head at the earlier one."""
    start, end = port_of[index, False], port_of[index, True]
    forth = _ends(figure, link)[0] == link.earlier
    first = start.along + ARROW_LENGTH if forth else start.along
    last = end.along if forth else end.along - ARROW_LENGTH
    half = (style.HEIGHT if figure.down else style.WIDTH) / 2
    route = [
        (layer * figure.pitch + side * half, place)
        for layer, place in figure.layout.routes[index]
        for side in (-1, 1)
    ]
    points = [(first, start.across), *route, (last, end.across)]
    text = "M" + _at(figure, *points[0])
    for leg, ((a, b), (c, d)) in enumerate(pairwise(points)):
        if leg % 2:  # the line passes a layer
            text += "L" + _at(figure, c, d)
        else:
            mid = (a + c) / 2
            text += f"C{_at(figure, mid, b)} {_at(figure, mid, d)} {_at(figure, c, d)}"
    along, across = start if forth else end
    back = along + ARROW_LENGTH if forth else along - ARROW_LENGTH
    corners = (_at(figure, back, across - 3.5), _at(figure, back, across + 3.5))
    return text, f"M{_at(figure, along, across)}L{corners[0]}L{corners[1]}Z"


def _at(figure: Figure, along: float, across: float) -> str:
    x, y = figure.point(along, across)
    return f"{number(x)} {number(y)}"


def kind_of(scene: Scene, box: int) -> str:
    """Return the kind of a box; "" for a fold of several kinds."""
    shown = scene.boxes[box]
    if shown.fold >= 0:
        return scene.folds[shown.fold].kind
    return scene.drawing.nodes[shown.members[0]].kind
