"""Writes pieces of SVG 1.1: shapes and texts with attributes, without style sheets.

In: positions in pixels, texts, colours of `style`. Out: SVG text. All user input is escaped here.
"""

from collections.abc import Iterable

from provstore.pictures.label_text import markup, text_width
from provstore.pictures.style import FONT, INK, PAPER, QUIET

LETTER_WIDTH = 0.6
"""The width of a letter of `label_text.text_width`, relative to the font size."""


def number(value: float) -> str:
    """Format a length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0") if value else "0"


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float = 12,
    fill: str = INK,
    anchor: str = "middle",
    bold: bool = False,
    struck: bool = False,
) -> str:
    """Write a line of text with its baseline at `y`."""
    attributes = f' text-anchor="{anchor}"' if anchor != "start" else ""
    attributes += ' font-weight="600"' if bold else ""
    attributes += ' text-decoration="line-through"' if struck else ""
    place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{fill}"'
    return f"<text {place}{attributes}>{markup(content)}</text>"


def width_of(content: str, size: float) -> float:
    """Estimate the width of a text, in pixels."""
    return text_width(content) * size * LETTER_WIDTH


def pill_width(content: str) -> float:
    """Return the width of a pill with this word."""
    return max(width_of(content, 10), len(content) * 6.3) + 14


def pill(x: float, y: float, content: str, ground: str, *, ink: str = PAPER, edge: str = "") -> str:
    """Write a word on a coloured ground, centred at (x, y)."""
    wide = pill_width(content)
    stroke = f' stroke="{edge}"' if edge else ""
    return (
        f'<rect x="{number(x - wide / 2)}" y="{number(y - 8)}" width="{number(wide)}" height="16" '
        f'rx="8" fill="{ground}"{stroke}/>'
        + text(x, y + 3.5, content, size=10, fill=ink, bold=True)
    )


def line(points: str, stroke: str, *, width: float = 1, dash: str = "") -> str:
    """Write a path of lines or curves."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{points}" fill="none" stroke="{stroke}" stroke-width="{number(width)}"{dashed}/>'
    )


def heading(x: float, y: float, title: str, about: str) -> str:
    """Write a title and a line below it; they take 44 pixels from `y`."""
    return text(x, y + 16, title, size=16, anchor="start", bold=True) + text(
        x, y + 34, about, size=11, fill=QUIET, anchor="start"
    )


def document(
    title: str, description: str, wide: float, high: float, body: Iterable[str], prefix: str
) -> str:
    """Write a whole, scalable picture with its title and description."""
    size = f'width="{number(wide)}" height="{number(high)}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {number(wide)} {number(high)}" '
        f'role="img" aria-labelledby="{prefix}-title {prefix}-desc" '
        f'font-family="{FONT}">'
    )
    return "\n".join(
        [
            head,
            f'<title id="{prefix}-title">{markup(title)}</title>',
            f'<desc id="{prefix}-desc">{markup(description)}</desc>',
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            *body,
            "</svg>\n",
        ]
    )
