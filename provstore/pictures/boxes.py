"""Draws a box: its shape by kind, its text and its badges.

In: a `Figure` and the number of a box. Out: a piece of SVG.
"""

from provstore.pictures import style, svg_pieces
from provstore.pictures.folding import Fold
from provstore.pictures.label_text import markup, shorten, wrap
from provstore.pictures.placement import Figure, kind_of

TextLines = list[tuple[str, float, float]]
"""The lines of a box: text, font size, and offset of the baseline from the middle."""


def draw_box(figure: Figure, number: int, prefix: str) -> str:
    """Draw a box with its text and badges; its id is the number of its first node."""
    scene = figure.scene
    box = scene.boxes[number]
    node = scene.drawing.nodes[box.members[0]]
    x, y = figure.middle(number)
    fill = style.KINDS[kind_of(scene, number)]
    is_start = box.fold < 0 and node.iri in scene.drawing.starts
    fold = scene.folds[box.fold] if box.fold >= 0 else None
    badges = () if fold else node.badges
    dash = style.BADGES[badges[0]].dash if badges else ""
    tooltip = fold_text(fold) if fold else " · ".join([node.label, node.iri, node.time, *badges])
    parts = [f'<g id="{prefix}-{box.members[0]}"><title>{markup(tooltip)}</title>']
    outline = ("#1b1f24", 3.0) if is_start else (fill.stroke, 1.4)
    if fold:
        parts += [
            draw_outline(fill, x + 6, y + 6, *outline, dash),
            draw_outline(fill, x + 3, y + 3, *outline, dash),
        ]
    parts.append(draw_outline(fill, x, y, *outline, dash))
    lines = (
        fold_lines(fold, len(box.members)) if fold else box_lines(node.label, node.name, is_start)
    )
    drop = 4 if fill.shape == "house" else 0
    for content, size, offset in lines:
        quiet = size < 12
        parts.append(
            svg_pieces.text(
                x,
                y + offset + drop,
                content,
                size=size,
                fill="#3a3f45" if quiet else style.INK,
                bold=not quiet and (is_start or bool(fold)),
                struck="retracted" in badges and not quiet,
            )
        )
    at = x + style.WIDTH / 2 - 8
    for badge in reversed(badges):
        wide = svg_pieces.pill_width(badge)
        parts.append(
            svg_pieces.pill(
                at - wide / 2, y - style.HEIGHT / 2 - 4, badge, style.BADGES[badge].ground
            )
        )
        at -= wide + 4
    if box.more:
        corner = (x - style.WIDTH / 2 + 14, y + style.HEIGHT / 2)
        parts.append(
            svg_pieces.pill(*corner, f"+{box.more}", style.PAPER, ink=style.INK, edge=style.QUIET)
        )
    return "".join([*parts, "</g>"])


def draw_outline(fill: style.Fill, x: float, y: float, stroke: str, width: float, dash: str) -> str:
    """Draw the outline of a box, by its kind."""
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


def box_lines(label: str, name: str, bold: bool) -> TextLines:
    """Return the lines of a box."""
    first = wrap(label, style.LABEL_WIDTH * (0.9 if bold else 1))
    rest = [] if name == label else [shorten(name, style.NAME_WIDTH - 3 * (len(first) - 1))]
    ground = {(1, 0): (4,), (1, 1): (-3, 13), (2, 0): (-4, 12), (2, 1): (-9, 5, 19)}
    places = ground[len(first), len(rest)]
    sizes = [12.0] * len(first) + [10.0] * len(rest)
    return list(zip([*first, *rest], sizes, map(float, places), strict=True))


def fold_lines(fold: Fold, members: int) -> TextLines:
    """Return the lines of a fold's box."""
    head = shorten(f"{members} {fold.noun}", style.LABEL_WIDTH)
    if not fold.caption:
        return [(head, 12.0, 4.0)]
    return [(head, 12.0, -3.0), (shorten(fold.caption, style.NAME_WIDTH), 10.0, 13.0)]


def fold_text(fold: Fold) -> str:
    """Describe a fold in words."""
    return " ".join(filter(None, [str(len(fold.members)), fold.noun, fold.caption]))
