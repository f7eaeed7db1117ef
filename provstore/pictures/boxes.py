"""A box of a picture: its shape by its kind, its words, and what has become of it.

In: a `Figure` and the number of a box. Out: a piece of SVG.
"""

from provstore.pictures import style, svg_pieces
from provstore.pictures.folding import Fold
from provstore.pictures.label_text import markup, shorten, wrap
from provstore.pictures.placement import Figure, kind_of

Words = list[tuple[str, float, float]]
"""Lines of a box: text, size of type, baseline off the middle."""


def box(drawn: Figure, number: int, prefix: str) -> str:
    """One box with all that stands on it; its id is the number of its first node."""
    scene = drawn.scene
    found = scene.boxes[number]
    node = scene.drawing.nodes[found.members[0]]
    x, y = drawn.middle(number)
    fill = style.KINDS[kind_of(scene, number)]
    chosen = found.fold < 0 and node.iri in scene.drawing.starts
    fold = scene.folds[found.fold] if found.fold >= 0 else None
    marks = () if fold else node.marks
    dash = style.MARKS[marks[0]].dash if marks else ""
    told = told_fold(fold) if fold else " · ".join([node.label, node.iri, node.time, *marks])
    parts = [f'<g id="{prefix}-{found.members[0]}"><title>{markup(told)}</title>']
    outline = ("#1b1f24", 3.0) if chosen else (fill.stroke, 1.4)
    if fold:
        parts += [
            shape(fill, x + 6, y + 6, *outline, dash),
            shape(fill, x + 3, y + 3, *outline, dash),
        ]
    parts.append(shape(fill, x, y, *outline, dash))
    lines = (
        fold_lines(fold, len(found.members)) if fold else lines_of(node.label, node.name, chosen)
    )
    sunk = 4 if fill.shape == "house" else 0
    for text, size, off in lines:
        quiet = size < 12
        parts.append(svg_pieces.words(
            x, y + off + sunk, text, size=size, fill="#3a3f45" if quiet else style.INK,
            bold=not quiet and (chosen or bool(fold)), struck="retracted" in marks and not quiet,
        ))  # fmt: skip
    at = x + style.WIDTH / 2 - 8
    for mark in reversed(marks):
        wide = svg_pieces.pill_width(mark)
        parts.append(
            svg_pieces.pill(at - wide / 2, y - style.HEIGHT / 2 - 4, mark, style.MARKS[mark].ground)
        )
        at -= wide + 4
    if found.more:
        where = (x - style.WIDTH / 2 + 14, y + style.HEIGHT / 2)
        parts.append(
            svg_pieces.pill(*where, f"+{found.more}", style.PAPER, ink=style.INK, edge=style.QUIET)
        )
    return "".join([*parts, "</g>"])


def shape(fill: style.Fill, x: float, y: float, stroke: str, width: float, dash: str) -> str:
    """The outline of a box, by its kind."""
    n, wide, high = svg_pieces.number, style.WIDTH / 2, style.HEIGHT / 2
    paint = f'fill="{fill.fill}" stroke="{stroke}" stroke-width="{n(width)}"'
    paint += f' stroke-dasharray="{dash}"' if dash else ""
    if fill.shape == "ellipse":
        return f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(wide)}" ry="{n(high)}" {paint}/>'
    if fill.shape == "house":
        eaves = y - high + 15
        return (
            f'<path d="M{n(x)} {n(y - high)}L{n(x + wide)} {n(eaves)}V{n(y + high)}'
            f'H{n(x - wide)}V{n(eaves)}Z" {paint}/>'
        )
    return (
        f'<rect x="{n(x - wide)}" y="{n(y - high)}" width="{n(2 * wide)}" height="{n(2 * high)}" '
        f'rx="3" {paint}/>'
    )


def lines_of(label: str, name: str, bold: bool) -> Words:
    """What stands in a box: text, size of type, baseline off the middle."""
    first = wrap(label, style.LABEL * (0.9 if bold else 1))
    rest = [] if name == label else [shorten(name, style.NAME - 3 * (len(first) - 1))]
    ground = {(1, 0): (4,), (1, 1): (-3, 13), (2, 0): (-4, 12), (2, 1): (-9, 5, 19)}
    places = ground[len(first), len(rest)]
    sizes = [12.0] * len(first) + [10.0] * len(rest)
    return list(zip([*first, *rest], sizes, map(float, places), strict=True))


def fold_lines(fold: Fold, members: int) -> Words:
    """What stands in the box of a fold."""
    head = shorten(f"{members} {fold.noun}", style.LABEL)
    if not fold.caption:
        return [(head, 12.0, 4.0)]
    return [(head, 12.0, -3.0), (shorten(fold.caption, style.NAME), 10.0, 13.0)]


def told_fold(fold: Fold) -> str:
    """A fold in words."""
    return " ".join(filter(None, [str(len(fold.members)), fold.noun, fold.caption]))
