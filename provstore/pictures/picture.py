"""A picture: what it is called, and the forms in which it can be had.

In: a scene, or what another room draws. Out: SVG for papers and web pages, a page that needs no
network, DOT and Mermaid where the picture is a graph.
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
"""Where time runs to; `auto` goes down where it would be too long for a page."""

LAYERS = 8
"""So many layers side by side still fit on a page."""


class Picture:
    """Anything that can be shown. In a notebook it shows itself, in a frame of its own."""

    title: str
    height: int = 460
    """Of the frame in a notebook, in pixels."""

    @abstractmethod
    def svg(self, prefix: str = "pv", *, bare: bool = False) -> str:
        """SVG 1.1 that needs nothing else; its ids begin with `prefix`.

        `bare` leaves out heading and legend, where the page around says what they say.
        """

    def html(self) -> str:
        """A whole page: it asks the network for nothing."""
        return html_page.static_page(self.title, self.svg())

    @property
    def forms(self) -> Mapping[str, Callable[[], str]]:
        """What it can be saved as: the end of a file's name → its text."""
        return {".svg": self.svg, ".html": self.html}

    def save(self, file: str | os.PathLike[str]) -> Path:
        """Write it to a file, whose name ends with one of `forms`; gives its path.

        Raises:
            UnknownName: the name ends otherwise.
            Refused: the file cannot be written.

        """
        path = Path(file)
        if path.suffix not in self.forms:
            raise UnknownName("form of this picture", path.suffix, self.forms)
        try:
            path.write_text(self.forms[path.suffix](), encoding="utf-8", newline="\n")
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error}.") from error
        return path

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """The page in a sandbox: it runs, but cannot reach the notebook around it."""
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
    """A drawing in layers. `limit` boxes stand there at first, the nearest ones; the rest opens."""

    drawing: Drawing
    group: folding.Group | None = None
    limit: int = folding.MAX_BOXES
    direction: Direction = "auto"
    implied: bool = False
    height: int = 640

    @property
    def title(self) -> str:  # type: ignore[override]
        """What it shows."""
        return self.drawing.title

    @cached_property
    def scene(self) -> folding.Scene:
        """What is open to the eye at first."""
        return folding.fold_drawing(self.drawing, self.group, self.limit)

    @cached_property
    def figure(self) -> placement.Figure:
        """The same, everything in its place."""
        placed = placement.place_scene(
            self.scene, implied=self.implied, down=self.direction == "down"
        )
        if self.direction == "auto" and max(placed.layout.layer, default=0) >= LAYERS:
            return placement.place_scene(self.scene, implied=self.implied, down=True)
        return placed

    def svg(self, prefix: str = "pv", *, bare: bool = False) -> str:
        """The picture as it is seen first."""
        return svg_document.draw_figure(self.figure, prefix, bare=bare)

    def html(self) -> str:
        """A page in which folds open, with zoom and search, for mouse and keyboard."""
        return html_page.interactive_page(self.figure, self.svg())

    def fragment(self, prefix: str = "pv") -> str:
        """The same for a page of others, which brings style sheet and script itself."""
        return html_page.fragment(self.figure, self.svg(prefix), prefix)

    def dot(self) -> str:
        """Graphviz DOT, of all that is drawn."""
        return graph_text.dot(self.drawing, down=self.figure.down)

    def mermaid(self) -> str:
        """A Mermaid flowchart, of all that is drawn."""
        return graph_text.mermaid(self.drawing, down=self.figure.down)

    @property
    def forms(self) -> Mapping[str, Callable[[], str]]:
        """SVG, page, DOT and Mermaid."""
        return {**super().forms, ".dot": self.dot, ".mmd": self.mermaid}
