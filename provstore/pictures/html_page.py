"""Writes a picture as a self-contained HTML page with style, script and data.

In: a figure, and its SVG for readers without scripts. Out: HTML whose Content Security Policy
allows only this script. User input is JSON, never markup.
"""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from provstore.pictures import layered_layout, style
from provstore.pictures.boxes import box_lines
from provstore.pictures.folding import OPENED_AT_ONCE
from provstore.pictures.label_text import markup, plain
from provstore.pictures.placement import Figure

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""Escapes with which no HTML parser finds the end of a script in JSON."""


SCRIPTS = ("layers.js", "shapes.js", "figure.js", "panel.js", "page.js")
"""The parts of the script, each using those before it."""


@cache
def _read_part(name: str) -> str:
    return files("provstore.pictures").joinpath(name).read_text(encoding="utf-8")


def style_sheet() -> str:
    """Return the style sheet for `fragment`."""
    return _read_part("page.css")


def script() -> str:
    """Return the script for `fragment`; it makes every picture of a page interactive."""
    inside = "\n".join(map(_read_part, SCRIPTS))
    return f'"use strict";\n(() => {{\n{inside}}})();\n'


def static_page(title: str, svg: str) -> str:
    """Return a page with a static picture."""
    name = markup(title)  # the picture shows the title; the heading is for screen readers
    main = f'<main class="pv-still" tabindex="0" aria-label="{name}">'
    return _page(title, f'{main}<h1 class="pv-heard">{name}</h1>{svg}</main>', scripted=False)


def interactive_page(figure: Figure, svg: str) -> str:
    """Return a page with an interactive picture: folds, zoom and search."""
    title = figure.scene.drawing.title
    return _page(title, f"<main>{fragment(figure, svg, 'pv')}</main>", scripted=True)


def fragment(figure: Figure, svg: str, prefix: str) -> str:
    """Return the picture for a page with style sheet and script; without them, the SVG stays."""
    data = json.dumps(_figure_data(figure), ensure_ascii=False, separators=(",", ":"))
    return (
        f'<div class="pv-picture" id="{prefix}-picture">'
        f'<div class="pv-plain">{svg}</div>'
        f'<script type="application/json">{data.translate(_ESCAPES)}</script></div>'
    )


def _page(title: str, body: str, *, scripted: bool) -> str:
    css, js = style_sheet(), script()
    allowed = f"script-src '{_hash(js)}'; " if scripted else ""
    policy = (
        f"default-src 'none'; {allowed}style-src '{_hash(css)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{markup(title)}</title><style>{css}</style></head>\n"
        f"<body>{body}{f'<script>{js}</script>' if scripted else ''}</body></html>\n"
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _figure_data(figure: Figure) -> dict[str, Any]:
    """Return the data for the script; `plain` has cleaned every text in it."""
    scene = figure.scene
    drawing = scene.drawing
    index = {node.iri: number for number, node in enumerate(drawing.nodes)}
    bundles: dict[str, int] = {}
    for sources in (
        *(node.bundles for node in drawing.nodes),
        *(line.bundles for line in drawing.lines),
    ):
        for bundle in sources:
            bundles.setdefault(bundle, len(bundles))
    return {
        "title": drawing.title,
        "about": drawing.about,
        "remarks": list(drawing.remarks),
        "down": figure.down,
        "implied": len(figure.links) == len(scene.links),
        "bundles": [plain(bundle) for bundle in bundles],
        "nodes": [
            {
                "iri": plain(node.iri),
                "kind": node.kind,
                "label": node.label,
                "name": node.name,
                "sort": node.type_name,
                "time": node.time,
                "steps": node.steps,
                "more": node.more,
                "marks": node.badges,
                "lines": box_lines(node.label, node.name, node.iri in drawing.starts),
                "facts": node.facts,
                "said": [bundles[bundle] for bundle in node.bundles],
            }
            for node in drawing.nodes
        ],
        "lines": [
            [
                index[line.later],
                index[line.earlier],
                line.kind,
                plain(line.role),
                [bundles[bundle] for bundle in line.bundles],
                int(line.implied),
            ]
            for line in drawing.lines
        ],
        "folds": [
            {"noun": fold.noun, "caption": fold.caption, "kind": fold.kind, "members": fold.members}
            for fold in scene.folds
        ],
        "boxes": [box.members for box in scene.boxes],
        "layout": {"layer": figure.layout.layer, "place": figure.layout.place},
        "look": {
            "width": style.WIDTH,
            "height": style.HEIGHT,
            "aside": style.ASIDE,
            "ahead": style.AHEAD,
            "below": style.BELOW,
            "bend": style.BEND,
            "font": style.FONT,
            "piece": OPENED_AT_ONCE,
            "sweeps": layered_layout.SWEEPS,
            "passes": layered_layout.PASSES,
            "bends": layered_layout.MAX_BENDS,
            "kinds": {kind: fill._asdict() for kind, fill in style.KINDS.items()},
            "strokes": {kind: stroke._asdict() for kind, stroke in style.LINES.items()},
            "marks": {name: badge._asdict() for name, badge in style.BADGES.items()},
        },
    }
