"""Drawing a lineage of thousands of things, and opening its page in a browser.

Prints seconds and bytes; asserts nothing. `python -m tests.benchmarks.bench_pictures [THINGS]`.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from provstore.pictures.picture import GraphPicture
from tests.browser import chromium, visit
from tests.drawings import EX, bundle_of, drawing_of

THINGS = 5_000
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main(things: int = THINGS) -> None:
    """Measure and print."""
    edges = []
    for number in range(1, things // 2):
        edges.append((f"e{(number - 1) // 2}", "wasGeneratedBy", f"a{number}"))
        edges.append((f"a{number}", "used", f"e{number}"))
    begun = time.perf_counter()
    drawing = drawing_of(EX + "e0", [bundle_of(edges)])
    said("the drawing", begun, f"{len(drawing.nodes)} things, {len(drawing.lines)} lines")
    begun = time.perf_counter()
    picture = GraphPicture(drawing)
    said("the SVG", begun, f"{len(picture.svg())} bytes")
    begun = time.perf_counter()
    said("the page", begun, f"{len(picture.html())} bytes")
    begun = time.perf_counter()
    said("all of it as SVG", begun, f"{len(GraphPicture(drawing, limit=things).svg())} bytes")
    with TemporaryDirectory() as folder, chromium() as browser:
        begun = time.perf_counter()
        address = picture.save(Path(folder) / "picture.html").as_uri()
        with visit(browser, address) as (page, _):
            page.evaluate(_DRAWN)
            said("open in the browser", begun, f"{page.locator('.pv-node').count()} boxes")
            begun = time.perf_counter()
            shown = page.get_by_label("Show")
            shown.select_option(index=shown.locator("option").count() - 1)
            page.evaluate(_DRAWN)
            said("show everything there", begun, f"{page.locator('.pv-node').count()} boxes")
            begun = time.perf_counter()
            page.get_by_label("Zoom out").click()
            page.evaluate(_DRAWN)
            said("zoom out", begun, "")


def said(what: str, begun: float, size: str) -> None:
    """One line."""
    print(f"{what:24} {time.perf_counter() - begun:6.2f} s   {size}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
