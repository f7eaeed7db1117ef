"""A picture: its title, and the formats in which it can be saved.

In: a drawing. Out: SVG for papers and web pages, a self-contained HTML page and, for graphs, DOT
and Mermaid.
"""

import os
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Literal

from provstore.errors import Refused, UnknownName
from provstore.pictures import folding, graph_text, html_page, placement, svg_document
from provstore.pictures.drawing import Drawing

Direction = Literal["auto", "right", "down"]
"""The direction of time; `auto` is `right`, or `down` if the picture is too wide for a page."""

LAYERS = 8
"""With this number of layers or more, `auto` draws the picture downwards."""


class Picture:
    """The base class of pictures. In a notebook, a picture shows itself in a frame."""

    title: str
    height: int = 460
    """The height of the frame in a notebook, in pixels."""

    @abstractmethod
    def svg(self, prefix: str = "pv", *, bare: bool = False) -> str:
        """Return self-contained SVG 1.1; its ids begin with `prefix`.

        `bare` leaves out heading and legend, for pages that have their own.
        """

    def html(self) -> str:
        """Return a self-contained HTML page."""
        return html_page.static_page(self.title, self.svg())

    @property
    def forms(self) -> Mapping[str, Callable[[], str]]:
        """The formats in which it can be saved: file name extension → function that writes it."""
        return {".svg": self.svg, ".html": self.html}

    def save(self, file: str | os.PathLike[str]) -> Path:
        """Write the picture to a file whose extension is one of `forms`; return its path.

        Raises:
            UnknownName: the extension is not one of `forms`.
            Refused: the file cannot be written.

        """
        path = Path(file)
        if path.suffix not in self.forms:
            raise UnknownName("format of this picture", path.suffix, self.forms)
        try:
            path.write_text(self.forms[path.suffix](), encoding="utf-8", newline="\n")
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error}.") from error
        return path

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return the page in a sandbox: its script runs, but cannot reach the notebook."""
        return {
            "text/html": (
                f'<iframe sandbox="allow-scripts" title="{escape(self.title)}" '
                f'style="width:100%;height:{self.height}px;border:0" '
                f'srcdoc="{escape(self.html())}"></iframe>'
            ),
            "image/svg+xml": self.svg(),
            "text/plain": f"<picture: {self.title}>",
        }


@dataclass(frozen=True)
class GraphPicture(Picture):
    """A drawing in layers. At first it shows the nearest `limit` boxes; the others unfold."""

    drawing: Drawing
    group: folding.Group | None = None
    limit: int = folding.MAX_BOXES
    direction: Direction = "auto"
    implied: bool = False
    height: int = 640

    @property
    def title(self) -> str:  # type: ignore[override]
        """The title of the drawing."""
        return self.drawing.title

    @cached_property
    def scene(self) -> folding.Scene:
        """The boxes and links that are shown at first."""
        return folding.fold_drawing(self.drawing, self.group, self.limit)

    @cached_property
    def figure(self) -> placement.Figure:
        """The scene with positions."""
        placed = placement.place_scene(
            self.scene, implied=self.implied, down=self.direction == "down"
        )
        if self.direction == "auto" and max(placed.layout.layer, default=0) >= LAYERS:
            return placement.place_scene(self.scene, implied=self.implied, down=True)
        return placed

    def svg(self, prefix: str = "pv", *, bare: bool = False) -> str:
        """Return the picture as shown at first, as SVG."""
        return svg_document.draw_figure(self.figure, prefix, bare=bare)

    def html(self) -> str:
        """Return an interactive page with folds, zoom and search, for mouse and keyboard."""
        return html_page.interactive_page(self.figure, self.svg())

    def fragment(self, prefix: str = "pv") -> str:
        """Return the picture for another page, which must load the style sheet and the script."""
        return html_page.fragment(self.figure, self.svg(prefix), prefix)

    def dot(self) -> str:
        """Return the whole drawing as Graphviz DOT."""
        return graph_text.dot(self.drawing, down=self.figure.down)

    def mermaid(self) -> str:
        """Return the whole drawing as a Mermaid flowchart."""
        return graph_text.mermaid(self.drawing, down=self.figure.down)

    @property
    def forms(self) -> Mapping[str, Callable[[], str]]:
        """SVG, HTML, DOT and Mermaid."""
        return {**super().forms, ".dot": self.dot, ".mmd": self.mermaid}
