"""The style of pictures: sizes, shapes, colours, dashes and words, as tables.

The SVG and the script of the page use the same tables. The fills are those of W3C's PROV diagrams.
Shape and dash repeat what colour shows, and the contrast of every text is at least 4.5 : 1
(WCAG 2.2, 1.4.1 and 1.4.3).
"""

from types import MappingProxyType
from typing import NamedTuple

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
INK, QUIET, RULE, PAPER = "#1b1f24", "#4d5661", "#d5dae0", "#ffffff"

WIDTH, HEIGHT = 208, 58
ASIDE, AHEAD, BELOW, BEND = 20, 92, 58, 8
"""The room between neighbours in a layer, between layers (horizontally; vertically), and for a
passing line; in pixels."""

LABEL_WIDTH, NAME_WIDTH = 23.0, 27.0
"""The maximum widths of the lines of a box, as measured by `label_text.text_width`."""


class Fill(NamedTuple):
    """The style of a kind of element: shape, colours and word."""

    shape: str
    fill: str
    stroke: str
    word: str


class Stroke(NamedTuple):
    """The style of a kind of line: colour, dash (SVG `stroke-dasharray`) and width."""

    stroke: str
    dash: str
    width: float


class Badge(NamedTuple):
    """A later event: colour of the badge, dash of the outline, and meaning in words."""

    ground: str
    dash: str
    words: str


KINDS = MappingProxyType(
    {
        "entity": Fill("ellipse", "#fffc87", "#7f7a00", "entity"),
        "activity": Fill("box", "#b4c2ff", "#2b3fbf", "activity"),
        "agent": Fill("house", "#fdb266", "#9a5200", "agent"),
        "": Fill("box", "#eceff3", "#5b6570", "several"),
    }
)
"""Yellow ellipse, blue box, orange house (W3C PROV diagrams); grey for a fold of several kinds."""

LINES = MappingProxyType(
    {
        "wasDerivedFrom": Stroke("#1b1f24", "", 1.8),
        "wasGeneratedBy": Stroke("#7a5c00", "", 1.3),
        "used": Stroke("#2b3fbf", "", 1.3),
        "wasInformedBy": Stroke("#2b3fbf", "2 4", 1.5),
        "wasAssociatedWith": Stroke("#9a5200", "7 4", 1.3),
        "wasAttributedTo": Stroke("#9a5200", "2 3", 1.3),
        "alternateOf": Stroke("#5b6570", "8 3 2 3", 1.3),
    }
)

BADGES = MappingProxyType(
    {
        "retracted": Badge("#a3150f", "2 3", "the data were withdrawn"),
        "corrected": Badge("#8a4a00", "7 4", "an erratum was issued"),
        "revised": Badge("#4d5661", "12 4", "a newer version exists"),
    }
)

OUTCOMES = MappingProxyType(
    {
        "ok": ("#1a6b2f", "✓"),
        "warning": ("#8a5a00", "!"),
        "action-required": ("#a3260f", "↺"),
        "rejected": ("#a3260f", "✕"),
        "withdrawn": ("#4d5661", "\u2013"),
        "started": ("#1f4e8c", "…"),
    }
)
"""Outcome of a run → its colour, and a sign with the same meaning."""
