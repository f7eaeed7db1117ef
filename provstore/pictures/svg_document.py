"""A figure on paper: the whole SVG, with heading, dates beside the layers, lines and a legend.

In: a `Figure`. Out: SVG that needs nothing else, and the same in words.
"""

from collections.abc import Iterator, Sequence

from provstore.pictures import style, svg_pieces
from provstore.pictures.boxes import box, told_fold
from provstore.pictures.folding import Scene
from provstore.pictures.label_text import counted, markup, shorten
from provstore.pictures.placement import Figure, kind_of, path, ports

MARGIN, TOP, DATES = 28, 54, 26
TOLD = 60
"""So many statements stand in the description for those who do not see the picture."""


def svg(drawn: Figure, prefix: str, *, bare: bool = False) -> str:
    """The whole picture; `bare` leaves out heading and legend. Ids begin with `prefix`."""
    scene, layout = drawn.scene, drawn.layout
    left = MARGIN + style.WIDTH / 2
    top = MARGIN + style.HEIGHT / 2 + (0.0 if bare else TOP)
    dates = list(_dates(drawn))
    if drawn.down:
        left += 84 if dates else 0
    else:
        top += DATES if dates else 0
    reach = [drawn.middle(one) for one in range(len(scene.boxes))]
    reach += [
        drawn.point(layer * drawn.pitch, place) for way in layout.ways for layer, place in way
    ]
    wide = max((x for x, _ in reach), default=0) + left + style.WIDTH / 2 + MARGIN
    high = max((y for _, y in reach), default=0) + top + style.HEIGHT / 2 + MARGIN
    title, about = scene.drawing.title, scene.drawing.about
    wide = max(wide, 0 if bare else 640, svg_pieces.width_of(about, 11) + 2 * MARGIN)
    body = []
    if not bare:
        body.append(svg_pieces.heading(MARGIN, MARGIN - 8, shorten(title, wide / 9.5), about))
    body += _axis(drawn, dates, left, top, wide, high)
    shift = f"translate({svg_pieces.number(left)} {svg_pieces.number(top)})"
    body.append(f'<g transform="{shift}">')
    body += _lines(drawn)
    body += (box(drawn, one, prefix) for one in range(len(scene.boxes)))
    body.append("</g>")
    if not bare:
        legend, rows = _legend(drawn, wide, high)
        body += legend
        high += rows
    return svg_pieces.document(title, describe(drawn), wide, high, body, prefix)


def _dates(drawn: Figure) -> Iterator[tuple[int, str]]:
    """The days of each layer in which something has a time."""
    layers: dict[int, list[str]] = {}
    nodes = drawn.scene.drawing.nodes
    for found, layer in zip(drawn.scene.boxes, drawn.layout.layer, strict=True):
        days = [nodes[member].time[:10] for member in found.members if nodes[member].time]
        layers.setdefault(layer, []).extend(days)
    for layer, days in sorted(layers.items()):
        if days:
            first, last = min(days), max(days)
            yield layer, first if first == last else f"{first} \u2013 {last}"


def _axis(
    drawn: Figure, dates: Sequence[tuple[int, str]], left: float, top: float, wide: float,
    high: float,
) -> Iterator[str]:  # fmt: skip
    n = svg_pieces.number
    if dates and drawn.down:
        x = MARGIN + 78
        yield svg_pieces.line(f"M{n(x)} {n(top - 20)}V{n(high - MARGIN)}", style.RULE)
        for layer, days in dates:
            y = top + layer * drawn.pitch
            for row, day in enumerate(days.split(" \u2013 ")):
                yield svg_pieces.words(x - 8, y + 4 + 13 * row, day, size=11, fill=style.QUIET,
                                   anchor="end")  # fmt: skip
    elif dates:
        above = top - style.HEIGHT / 2 - DATES + 2
        yield svg_pieces.line(f"M{MARGIN} {n(above)}H{n(wide - MARGIN)}", style.RULE)
        for layer, days in dates:
            middle = left + layer * drawn.pitch
            yield svg_pieces.words(middle, above - 6, days, size=11, fill=style.QUIET)


def _lines(drawn: Figure) -> Iterator[str]:
    """All lines of a kind together, under the boxes."""
    meets = ports(drawn)
    lines = drawn.scene.drawing.lines
    for kind, stroke in style.LINES.items():
        found = [(index, link) for index, link in enumerate(drawn.links) if link.kind == kind]
        if not found:
            continue
        dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
        yield f'<g fill="none" stroke="{stroke.stroke}" stroke-width="{stroke.width}"{dash}>'
        tips = []
        for index, link in found:
            curve, tip = path(drawn, index, link, meets)
            many = f" ({len(link.lines)}\u00d7)" if len(link.lines) > 1 else ""
            roles = sorted({lines[one].role for one in link.lines} - {""})
            role = f", role {', '.join(roles[:5])}" if roles else ""
            faint = ' stroke-opacity="0.45"' if link.implied else ""
            yield f'<path d="{curve}"{faint}><title>{markup(kind + many + role)}</title></path>'
            tips.append(tip)
        yield "</g>"
        yield f'<path d="{"".join(tips)}" fill="{stroke.stroke}"/>'


def _legend(drawn: Figure, wide: float, high: float) -> tuple[list[str], float]:
    """What the shapes, lines and marks of this picture mean."""
    scene, x, y = drawn.scene, float(MARGIN), high + 6
    parts = [
        svg_pieces.line(
            f"M{MARGIN} {svg_pieces.number(y - 16)}H{svg_pieces.number(wide - MARGIN)}", style.RULE
        )
    ]
    for sign, word, room in _signs(drawn):
        need = room + svg_pieces.width_of(word, 11) + 26
        if x + need > wide - MARGIN and x > MARGIN:
            x, y = float(MARGIN), y + 24
        parts.append(
            f'<g transform="translate({svg_pieces.number(x)} {svg_pieces.number(y)})">{sign}'
            f"{svg_pieces.words(room + 6, 4, word, size=11, fill=style.QUIET, anchor='start')}</g>"
        )
        x += need
    for remark in remarks(scene, drawn):
        y += 22
        parts.append(
            svg_pieces.words(MARGIN, y + 4, remark, size=11, fill=style.QUIET, anchor="start")
        )
    return parts, y - high + 24


def _signs(drawn: Figure) -> Iterator[tuple[str, str, float]]:
    scene = drawn.scene
    kinds = {kind_of(scene, one) for one in range(len(scene.boxes))}
    marks = {mark for found in scene.boxes if found.fold < 0
             for mark in scene.drawing.nodes[found.members[0]].marks}  # fmt: skip
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
        if any(link.kind == kind for link in drawn.links):
            tip = f'<path d="M0 0L7 -3.5L7 3.5Z" fill="{stroke.stroke}"/>'
            yield (
                svg_pieces.line("M7 0H34", stroke.stroke, width=stroke.width, dash=stroke.dash)
                + tip,
                kind,
                34,
            )
    for mark, badge in style.MARKS.items():
        if mark in marks:
            wide = svg_pieces.pill_width(mark)
            yield svg_pieces.pill(wide / 2, 0, mark, badge.ground), badge.words, wide
    if any(found.fold >= 0 for found in scene.boxes):
        paint = 'width="20" height="10" rx="2" fill="#eceff3" stroke="#5b6570"'
        edges = "".join(f'<rect x="{off}" y="{off - 7}" {paint}/>' for off in (4, 2, 0))
        yield edges, "folded: several things in one", 26
    if any(found.more for found in scene.boxes):
        yield (
            svg_pieces.pill(13, 0, "+2", style.PAPER, ink=style.INK, edge=style.QUIET),
            "so many neighbours are not shown",
            26,
        )
    if scene.boxes:
        thick = f'fill="{style.PAPER}" stroke="{style.INK}" stroke-width="3"'
        yield f'<rect y="-7" width="26" height="14" rx="2" {thick}/>', "what was asked about", 26


def remarks(scene: Scene, drawn: Figure) -> list[str]:
    """What a reader must know of what is not there."""
    said = list(scene.drawing.remarks)
    if scene.hidden:
        said.append(f"Not shown: {counted(scene.hidden, 'thing')} farther away.")
    implied = sum(len(link.lines) for link in {*scene.links} - {*drawn.links})
    if implied:
        said.append(f"Left out: {counted(implied, 'statement')} that others imply.")
    return said


def describe(drawn: Figure) -> str:
    """The picture in words: what stands there and how it hangs together."""
    scene = drawn.scene

    def called(one: int) -> str:
        found = scene.boxes[one]
        if found.fold >= 0:
            return told_fold(scene.folds[found.fold])
        node = scene.drawing.nodes[found.members[0]]
        return f"{node.label} ({', '.join(node.marks)})" if node.marks else node.label

    told = [f"{called(link.later)} {link.kind} {called(link.earlier)}" for link in drawn.links]
    more = [f"and {len(told) - TOLD} more"] if len(told) > TOLD else []
    return ". ".join([scene.drawing.about, *remarks(scene, drawn), *told[:TOLD], *more]) + "."
