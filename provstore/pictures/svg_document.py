"""Draws a figure as SVG, with heading, dates beside the layers, lines and a legend.

In: a `Figure`. Out: self-contained SVG, with a description in words.
"""

from collections.abc import Iterator, Sequence

from provstore.pictures import style, svg_pieces
from provstore.pictures.boxes import draw_box, fold_text
from provstore.pictures.folding import Scene
from provstore.pictures.label_text import counted, markup, shorten
from provstore.pictures.placement import Figure, find_ports, kind_of, line_paths

MARGIN, TOP, DATES = 28, 54, 26
MAX_DESCRIBED = 60
"""The maximum number of statements in the description, which is for screen readers."""


def draw_figure(figure: Figure, prefix: str, *, bare: bool = False) -> str:
    """Draw the picture; `bare` leaves out heading and legend. Ids begin with `prefix`."""
    scene, layout = figure.scene, figure.layout
    left = MARGIN + style.WIDTH / 2
    top = MARGIN + style.HEIGHT / 2 + (0.0 if bare else TOP)
    dates = list(_layer_dates(figure))
    if figure.down:
        left += 84 if dates else 0
    else:
        top += DATES if dates else 0
    points = [figure.middle(number) for number in range(len(scene.boxes))]
    points += [
        figure.point(layer * figure.pitch, place)
        for route in layout.routes
        for layer, place in route
    ]
    wide = max((x for x, _ in points), default=0) + left + style.WIDTH / 2 + MARGIN
    high = max((y for _, y in points), default=0) + top + style.HEIGHT / 2 + MARGIN
    title, about = scene.drawing.title, scene.drawing.about
    wide = max(wide, 0 if bare else 640, svg_pieces.width_of(about, 11) + 2 * MARGIN)
    body = []
    if not bare:
        body.append(svg_pieces.heading(MARGIN, MARGIN - 8, shorten(title, wide / 9.5), about))
    body += _draw_axis(figure, dates, left, top, wide, high)
    shift = f"translate({svg_pieces.number(left)} {svg_pieces.number(top)})"
    body.append(f'<g transform="{shift}">')
    body += _draw_lines(figure)
    body += (draw_box(figure, number, prefix) for number in range(len(scene.boxes)))
    body.append("</g>")
    if not bare:
        legend, rows = _draw_legend(figure, wide, high)
        body += legend
        high += rows
    return svg_pieces.document(title, describe(figure), wide, high, body, prefix)


def _layer_dates(figure: Figure) -> Iterator[tuple[int, str]]:
    """Yield the days of each layer in which an element has a time."""
    layers: dict[int, list[str]] = {}
    nodes = figure.scene.drawing.nodes
    for box, layer in zip(figure.scene.boxes, figure.layout.layer, strict=True):
        days = [nodes[member].time[:10] for member in box.members if nodes[member].time]
        layers.setdefault(layer, []).extend(days)
    for layer, days in sorted(layers.items()):
        if days:
            first, last = min(days), max(days)
            yield layer, first if first == last else f"{first} \u2013 {last}"


def _draw_axis(
    figure: Figure,
    dates: Sequence[tuple[int, str]],
    left: float,
    top: float,
    wide: float,
    high: float,
) -> Iterator[str]:
    n = svg_pieces.number
    if dates and figure.down:
        x = MARGIN + 78
        yield svg_pieces.line(f"M{n(x)} {n(top - 20)}V{n(high - MARGIN)}", style.RULE)
        for layer, days in dates:
            y = top + layer * figure.pitch
            for row, day in enumerate(days.split(" \u2013 ")):
                yield svg_pieces.text(
                    x - 8, y + 4 + 13 * row, day, size=11, fill=style.QUIET, anchor="end"
                )
    elif dates:
        above = top - style.HEIGHT / 2 - DATES + 2
        yield svg_pieces.line(f"M{MARGIN} {n(above)}H{n(wide - MARGIN)}", style.RULE)
        for layer, days in dates:
            middle = left + layer * figure.pitch
            yield svg_pieces.text(middle, above - 6, days, size=11, fill=style.QUIET)


def _draw_lines(figure: Figure) -> Iterator[str]:
    """Draw the lines, grouped by kind, below the boxes."""
    port_of = find_ports(figure)
    lines = figure.scene.drawing.lines
    for kind, stroke in style.LINES.items():
        links = [(index, link) for index, link in enumerate(figure.links) if link.kind == kind]
        if not links:
            continue
        dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
        yield f'<g fill="none" stroke="{stroke.stroke}" stroke-width="{stroke.width}"{dash}>'
        tips = []
        for index, link in links:
            curve, tip = line_paths(figure, index, link, port_of)
            many = f" ({len(link.lines)}\u00d7)" if len(link.lines) > 1 else ""
            roles = sorted({lines[line].role for line in link.lines} - {""})
            role = f", role {', '.join(roles[:5])}" if roles else ""
            faint = ' stroke-opacity="0.45"' if link.implied else ""
            yield f'<path d="{curve}"{faint}><title>{markup(kind + many + role)}</title></path>'
            tips.append(tip)
        yield "</g>"
        yield f'<path d="{"".join(tips)}" fill="{stroke.stroke}"/>'


def _draw_legend(figure: Figure, wide: float, high: float) -> tuple[list[str], float]:
    """Explain the shapes, lines and badges of this picture."""
    scene, x, y = figure.scene, float(MARGIN), high + 6
    parts = [
        svg_pieces.line(
            f"M{MARGIN} {svg_pieces.number(y - 16)}H{svg_pieces.number(wide - MARGIN)}", style.RULE
        )
    ]
    for sign, word, room in _legend_signs(figure):
        need = room + svg_pieces.width_of(word, 11) + 26
        if x + need > wide - MARGIN and x > MARGIN:
            x, y = float(MARGIN), y + 24
        parts.append(
            f'<g transform="translate({svg_pieces.number(x)} {svg_pieces.number(y)})">{sign}'
            f"{svg_pieces.text(room + 6, 4, word, size=11, fill=style.QUIET, anchor='start')}</g>"
        )
        x += need
    for remark in remarks(scene, figure):
        y += 22
        parts.append(
            svg_pieces.text(MARGIN, y + 4, remark, size=11, fill=style.QUIET, anchor="start")
        )
    return parts, y - high + 24


def _legend_signs(figure: Figure) -> Iterator[tuple[str, str, float]]:
    scene = figure.scene
    kinds = {kind_of(scene, number) for number in range(len(scene.boxes))}
    badges = {
        name
        for box in scene.boxes
        if box.fold < 0
        for name in scene.drawing.nodes[box.members[0]].badges
    }
    for kind, fill in style.KINDS.items():
        if kind in kinds and kind:
            paint = f'fill="{fill.fill}" stroke="{fill.stroke}"'
            small = {
                "ellipse": f'<ellipse cx="13" cy="0" rx="13" ry="7" {paint}/>',
                "box": f'<rect y="-7" width="26" height="14" rx="2" {paint}/>',
                "house": f'<path d="M13 -9L26 -3V7H0V-3Z" {paint}/>',
            }
            yield small[fill.shape], fill.word, 26
    for kind, stroke in style.LINES.items():
        if any(link.kind == kind for link in figure.links):
            tip = f'<path d="M0 0L7 -3.5L7 3.5Z" fill="{stroke.stroke}"/>'
            yield (
                svg_pieces.line("M7 0H34", stroke.stroke, width=stroke.width, dash=stroke.dash)
                + tip,
                kind,
                34,
            )
    for name, badge in style.BADGES.items():
        if name in badges:
            wide = svg_pieces.pill_width(name)
            yield svg_pieces.pill(wide / 2, 0, name, badge.ground), badge.words, wide
    if any(box.fold >= 0 for box in scene.boxes):
        paint = 'width="20" height="10" rx="2" fill="#eceff3" stroke="#5b6570"'
        edges = "".join(f'<rect x="{off}" y="{off - 7}" {paint}/>' for off in (4, 2, 0))
        yield edges, "fold: several elements in one box", 26
    if any(box.more for box in scene.boxes):
        yield (
            svg_pieces.pill(13, 0, "+2", style.PAPER, ink=style.INK, edge=style.QUIET),
            "number of neighbours not shown",
            26,
        )
    if scene.boxes:
        thick = f'fill="{style.PAPER}" stroke="{style.INK}" stroke-width="3"'
        yield f'<rect y="-7" width="26" height="14" rx="2" {thick}/>', "starting point", 26


def remarks(scene: Scene, figure: Figure) -> list[str]:
    """List what the picture leaves out."""
    lines = list(scene.drawing.remarks)
    if scene.hidden:
        lines.append(f"Not shown: {counted(scene.hidden, 'element')} farther away.")
    implied = sum(len(link.lines) for link in {*scene.links} - {*figure.links})
    if implied:
        lines.append(f"Left out: {counted(implied, 'statement')} implied by others.")
    return lines


def describe(figure: Figure) -> str:
    """Describe the picture in words: its elements and their relations."""
    scene = figure.scene

    def name_of(number: int) -> str:
        box = scene.boxes[number]
        if box.fold >= 0:
            return fold_text(scene.folds[box.fold])
        node = scene.drawing.nodes[box.members[0]]
        return f"{node.label} ({', '.join(node.badges)})" if node.badges else node.label

    listed = [f"{name_of(link.later)} {link.kind} {name_of(link.earlier)}" for link in figure.links]
    more = [f"and {len(listed) - MAX_DESCRIBED} more"] if len(listed) > MAX_DESCRIBED else []
    return (
        ". ".join([scene.drawing.about, *remarks(scene, figure), *listed[:MAX_DESCRIBED], *more])
        + "."
    )
