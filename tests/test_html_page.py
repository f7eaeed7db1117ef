"""The page: a person reads, searches, unfolds and leads through it by keys, in a real browser."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from playwright.sync_api import Browser, Page, expect

from provstore.pictures import html_page, style
from provstore.pictures.drawing import Drawing
from provstore.pictures.folding import OPENED_AT_ONCE
from provstore.pictures.layered_layout import lay_out
from provstore.pictures.picture import GraphPicture
from provstore.pictures.placement import place_scene
from tests.browser import chromium, visit
from tests.drawings import EX, HOSTILE, bundle_of, drawing_of, drawings, real_drawings
from tests.properties import examples
from tests.test_timeline import STEPS, timeline

pytestmark = pytest.mark.xdist_group("chromium")

RUNS = [
    ("e0", "wasGeneratedBy", "a0"), ("a0", "used", "e1"), ("e0", "wasDerivedFrom", "e1"),
    ("a0", "wasAssociatedWith", "p0"), ("e1", "wasGeneratedBy", "a1"),
    *(("a1", "used", f"e{n}") for n in range(100, 180)),
]  # fmt: skip
LABELS = {
    "e0": "the product",
    "a0": "quality 1",
    "p0": "Ada Example",
    "a1": "transfer 1",
    "e142": "file of March",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def picture(limit: int = 60) -> GraphPicture:
    return GraphPicture(drawing_of(EX + "e0", [bundle_of(RUNS, LABELS)]), limit=limit)


@contextmanager
def opened(browser: Browser, shown: GraphPicture, folder: Path) -> Iterator[Page]:
    """The page of a picture; it asks for nothing but itself, and no script fails."""
    file = shown.save(folder / "picture.html")
    with visit(browser, file.as_uri()) as (found, asked):
        said: list[str] = []
        found.on("console", lambda message: said.append(message.text))
        found.on("pageerror", lambda error: said.append(str(error)))
        found.reload()
        found.locator(".pv-node").first.wait_for()
        yield found
        assert set(asked) == {file.as_uri()}
        assert said == []


def boxes(found: Page) -> list[str]:
    names = found.locator(".pv-node").evaluate_all("all => all.map(one => one.ariaLabel)")
    return [str(name) for name in names]


def data_of(html: str) -> Any:
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', html, re.S)
    return json.loads(text)


@examples(40)
@given(drawings)
def test_no_word_ends_the_data_and_all_of_it_is_there(drawing: Drawing) -> None:
    html = GraphPicture(drawing).html()
    assert html.lower().count("<script") == html.lower().count("</script") == 2
    assert [node["label"] for node in data_of(html)["nodes"]] == [n.label for n in drawing.nodes]
    assert len(data_of(html)["lines"]) == len(drawing.lines)
    assert html == GraphPicture(drawing).html()


def test_nothing_runs_but_the_script_of_ours() -> None:
    html = picture().html()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    for name, text in (("script-src", html_page.script()), ("style-src", html_page.style_sheet())):
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(
        r"https?://(?!www\.w3\.org/2000/svg)", html_page.script() + html_page.style_sheet()
    )
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval\(", html_page.script())


def test_the_browser_lays_out_as_we_do(browser: Browser, tmp_path: Path, corpora: Path) -> None:
    graphs = [GraphPicture(drawing) for drawing in real_drawings(corpora).values()]
    for shown in [picture(), *sorted(graphs, key=lambda one: len(one.drawing.nodes))[-6:]]:
        with opened(browser, shown, tmp_path) as found:
            there = found.evaluate("() => document.querySelector('.pv-picture').picture.layout")
        assert there["layer"] == shown.figure.layout.layer
        assert there["place"] == pytest.approx(shown.figure.layout.place, abs=1e-3)
        bends = [[place for _, place in way] for way in shown.figure.layout.routes]
        assert [[place for _, place in way] for way in there["ways"]] == [
            pytest.approx(way, abs=1e-3) for way in bends
        ]


def test_it_is_readable_for_everybody(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, picture(), tmp_path) as found:
        found.get_by_role("button", name="activity quality 1").click()
        result = Axe().run(found)
        assert result.violations_count == 0, result.generate_report()


def test_a_still_page_is_readable_for_everybody_too(browser: Browser, tmp_path: Path) -> None:
    file = timeline(*STEPS).save(tmp_path / "life.html")
    with visit(browser, file.as_uri(), width=700) as (found, asked):
        result = Axe().run(found)
        assert result.violations_count == 0, result.generate_report()
        assert asked == [file.as_uri()]


def test_a_click_tells_what_a_thing_is_and_who_said_it(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, picture(), tmp_path) as found:
        found.get_by_role("button", name="activity quality 1").click()
        panel = found.get_by_role("region", name="Selected element")
        expect(panel.get_by_role("heading", level=2)).to_have_text("quality 1")
        for said in (EX + "a0", "2026-03-01T09:00:00Z", EX + "bundle", "Ada Example", "used"):
            expect(panel).to_contain_text(said)
        panel.get_by_role("button", name="Ada Example").click()
        expect(panel.get_by_role("heading", level=2)).to_have_text("Ada Example")


def test_a_fold_opens_piece_by_piece_and_closes_again(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, picture(), tmp_path) as found:
        before = len(boxes(found))
        found.get_by_role("button", name="Fit").click()
        fold = found.get_by_role("button", name="80 entities")
        fold.click()
        assert len(boxes(found)) == before + OPENED_AT_ONCE
        found.get_by_role("button", name="20 entities").dispatch_event("click")
        assert len(boxes(found)) == before + 80 - 1
        found.get_by_role("button", name="Fold again").click()
        assert len(boxes(found)) == before
        found.get_by_role("button", name="Start over").click()
        assert found.get_by_text("85 of 85 elements shown, 80 of them folded").count()


def test_what_is_hidden_is_found_by_search_and_shown(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, picture(limit=2), tmp_path) as found:
        assert boxes(found) == [
            "entity the product, starting point, 1 hidden neighbour",
            "entity e1, 2 hidden neighbours",
        ]
        found.get_by_label("Search").fill("MARCH")
        expect(found.get_by_role("status")).to_have_text("1 hit")
        found.keyboard.press("Enter")
        expect(found.locator(".pv-chosen")).to_have_attribute("aria-label", re.compile("March"))
        expect(found.locator(".pv-node:focus")).to_have_count(1)


def test_neighbours_come_one_step_at_a_time(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, picture(limit=2), tmp_path) as found:
        found.locator(".pv-more").last.click()
        assert len(boxes(found)) == 4
        found.get_by_label("Show").select_option(label="everything (85)")
        assert len(boxes(found)) == 6
        found.get_by_label("people and programs").uncheck()
        assert len(boxes(found)) == 5
        lines = found.locator(".pv-line").count()
        found.get_by_label("implied statements").check()
        assert found.locator(".pv-line").count() == lines + 1


def test_all_of_it_goes_by_keys(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, picture(), tmp_path) as found:
        found.get_by_role("button", name="Start over").focus()
        found.keyboard.press("Tab")
        chosen = found.locator(".pv-node:focus")
        expect(chosen).to_have_attribute("aria-label", re.compile("the product"))
        found.keyboard.press("ArrowLeft")
        expect(chosen).to_have_attribute("aria-label", re.compile("quality 1"))
        for _ in range(3):
            found.keyboard.press("ArrowLeft")
        expect(chosen).to_have_attribute("aria-label", re.compile("80 entities"))
        assert (
            float(
                chosen.locator(".pv-shape").last.evaluate(
                    "one => parseFloat(getComputedStyle(one).strokeWidth)"
                )
            )
            > 5
        )
        found.keyboard.press("Enter")
        assert len(boxes(found)) == 5 + OPENED_AT_ONCE + 1
        found.keyboard.press("Home")
        found.keyboard.press("Enter")
        expect(found.get_by_role("region", name="Selected element")).to_be_focused()


AT_ONCE = 17
"""Hostile words in one drawing: with more of them, boxes are folded away."""


@pytest.mark.parametrize("first", range(0, len(HOSTILE), AT_ONCE))
def test_hostile_words_are_shown_as_they_are(browser: Browser, tmp_path: Path, first: int) -> None:
    words = {f"e{n}": word for n, word in enumerate(HOSTILE[first : first + AT_ONCE])}
    edges = [("a0", "used", name) for name in words]
    edges += [(name, "wasDerivedFrom", f"x{name}") for name in words]
    drawing = drawing_of(EX + "a0", [bundle_of(edges, words)])
    with opened(browser, GraphPicture(drawing), tmp_path) as found:
        shown = " ".join(" ".join(boxes(found)).split())
        for node in drawing.nodes:
            assert " ".join(node.label.split()) in shown
        assert found.evaluate("() => document.querySelectorAll('script').length") == 1
        assert found.locator("svg [onload], a, img, iframe").count() == 0


def test_in_a_notebooks_frame_it_runs_and_reaches_nothing(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><p>a cell</p>{picture()._repr_mimebundle_()['text/html']}")
    with visit(browser, file.as_uri()) as (found, asked):
        frame = found.frame_locator("iframe")
        frame.get_by_role("button", name="activity quality 1").click()
        expect(frame.locator(".pv-chosen")).to_have_count(1)
        inner = found.frames[1]
        assert (
            inner.evaluate("() => { try { return parent.document.title } catch { return 1 } }") == 1
        )
        assert {url for url in asked if not url.startswith("about:")} == {file.as_uri()}


def test_without_its_script_the_still_picture_stays(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        found = context.new_page()
        found.goto(picture().save(tmp_path / "one.html").as_uri())
        expect(found.get_by_role("img", name=f"Where {EX}e0 came from")).to_be_visible()
    finally:
        context.close()


def test_two_pictures_live_on_one_page(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "two.html"
    parts = "".join(picture().fragment(name) for name in ("one", "two"))
    file.write_text(
        f"<!doctype html><style>{html_page.style_sheet()}</style>{parts}"
        f"<script>{html_page.script()}</script>"
    )
    with visit(browser, file.as_uri()) as (found, _):
        assert found.locator(".pv-awake").count() == 2
        ids = found.evaluate("() => [...document.querySelectorAll('[id]')].map(one => one.id)")
        assert len(ids) == len(set(ids))


def test_thousands_of_things_open_folded_and_every_one_can_be_shown(
    browser: Browser, tmp_path: Path
) -> None:
    tree = [(f"e{n}", "wasDerivedFrom", f"e{(n - 1) // 3}") for n in range(1, 5000)]
    shown = GraphPicture(drawing_of(EX + "e0", [bundle_of(tree)], down=True))
    with opened(browser, shown, tmp_path) as found:
        assert len(boxes(found)) == 60
        found.get_by_label("Show").select_option(label="everything (5000)")
        expect(found.locator(".pv-node")).to_have_count(5000)


def test_the_sizes_of_the_tables_are_those_of_the_layout() -> None:
    shown = picture()
    drawn = place_scene(shown.scene)
    pairs = [(link.earlier, link.later) for link in drawn.links]
    assert drawn.layout == lay_out(
        len(shown.scene.boxes), pairs, style.HEIGHT, style.ASIDE, style.BEND
    )
