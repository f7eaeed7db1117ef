"""The SVG: valid, self-contained, the same bytes each time, and no word of it is markup."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from lxml import etree

from provstore.pictures import style
from provstore.pictures.drawing import Drawing
from provstore.pictures.picture import GraphPicture
from tests.drawings import EX, HOSTILE, bundle_of, drawing_of, drawings, real_drawings
from tests.properties import examples

ELEMENTS = {"svg", "title", "desc", "rect", "g", "path", "ellipse", "text"}
ATTRIBUTES = {
    "width", "height", "viewBox", "role", "aria-labelledby", "font-family", "id", "x", "y", "rx",
    "ry", "cx", "cy", "d", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity",
    "transform", "font-size", "font-weight", "text-anchor", "text-decoration",
}  # fmt: skip
_SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    etree.fromstring(svg.encode())
    root = ElementTree.fromstring(svg)
    for one in root.iter():
        assert one.tag.removeprefix(_SVG) in ELEMENTS
        assert set(one.attrib) <= ATTRIBUTES
    return root


def words(root: ElementTree.Element) -> str:
    return " ".join(text for text in root.itertext())


@examples(60)
@given(drawings)
def test_it_is_xml_of_known_elements_whatever_the_words_are(drawing: Drawing) -> None:
    for direction in ("right", "down"):
        root = parsed(GraphPicture(drawing, limit=9, direction=direction).svg("one"))
        ids = [node.get("id") for node in root.iter() if node.get("id")]
        assert len(ids) == len(set(ids))
        assert all(node_id.startswith("one-") for node_id in ids)


@examples(30)
@given(drawings)
def test_the_same_drawing_gives_the_same_bytes(drawing: Drawing) -> None:
    assert GraphPicture(drawing).svg() == GraphPicture(drawing).svg()


@given(drawings)
@examples(60)
def test_each_box_is_there_with_its_whole_label_and_iri(drawing: Drawing) -> None:
    picture = GraphPicture(drawing)
    titles = [one.findtext(f"{_SVG}title") for one in parsed(picture.svg()).iter(f"{_SVG}g")]
    for box in picture.scene.boxes:
        node = drawing.nodes[box.members[0]]
        label = " ".join(node.label.split())
        assert box.fold >= 0 or any(
            title and title.startswith(f"{label} ·".strip()) and node.iri in title
            for title in titles
        )


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(hostile: str) -> None:
    drawing = drawing_of(
        EX + "e", [bundle_of([("e", "wasGeneratedBy", "a")], {"e": hostile, "a": "it"})]
    )
    svg = GraphPicture(drawing).svg()
    parsed(svg)
    assert "<script" not in svg
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b]", svg)


def test_colour_is_never_the_only_sign() -> None:
    fills = style.KINDS.values()
    assert len({fill.shape for kind, fill in style.KINDS.items() if kind}) == 3
    assert len({badge.dash for badge in style.BADGES.values()} - {""}) == len(style.BADGES)
    assert len({sign for _, sign in style.OUTCOMES.values()}) == len(style.OUTCOMES)
    assert all(contrast(style.INK, fill.fill) > 7 for fill in fills)
    assert all(contrast("#3a3f45", fill.fill) >= 4.5 for fill in fills)
    assert all(contrast(fill.stroke, style.PAPER) >= 3 for fill in fills)
    assert all(contrast(badge.ground, style.PAPER) >= 4.5 for badge in style.BADGES.values())
    assert all(contrast(ink, style.PAPER) >= 4.5 for ink, _ in style.OUTCOMES.values())
    assert contrast(style.QUIET, style.PAPER) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_what_is_marked_says_so_in_words_and_by_its_outline() -> None:
    drawing = drawing_of(EX + "e", [bundle_of([("e", "wasDerivedFrom", "x")])])
    nodes = (drawing.nodes[0], drawing.nodes[1]._replace(badges=("retracted", "corrected")))
    picture = GraphPicture(
        Drawing(drawing.title, drawing.about, drawing.starts, nodes, drawing.lines)
    )
    root = parsed(picture.svg())
    for word in ("retracted", "the data were withdrawn", "corrected", "an erratum was issued"):
        assert word in words(root)
    assert 'stroke-dasharray="2 3"' in picture.svg()
    assert 'text-decoration="line-through"' in picture.svg()


def test_those_who_do_not_see_it_are_told_what_it_shows() -> None:
    chain = [("e", "wasGeneratedBy", "a"), ("a", "used", "x"), ("e", "wasDerivedFrom", "x")]
    told = parsed(GraphPicture(drawing_of(EX + "e", [bundle_of(chain)])).svg())
    assert told.get("role") == "img"
    assert told.findtext(f"{_SVG}title") == f"Where {EX}e came from"
    said = told.findtext(f"{_SVG}desc")
    assert said
    assert "e wasGeneratedBy a. a used x" in said
    assert "1 statement implied by others" in said


def test_bare_it_has_neither_heading_nor_legend_but_still_its_title() -> None:
    picture = GraphPicture(drawing_of(EX + "e", [bundle_of([("e", "wasDerivedFrom", "x")])]))
    bare = parsed(picture.svg(bare=True))
    assert "starting point" not in words(bare)
    assert bare.findtext(f"{_SVG}title") == picture.title


def test_time_stands_beside_the_layers() -> None:
    drawing = drawing_of(EX + "e", [bundle_of([("e", "wasGeneratedBy", "a")])])
    for direction in ("right", "down"):
        texts = parsed(GraphPicture(drawing, direction=direction).svg()).iter(f"{_SVG}text")
        assert "2026-03-01" in [text.text for text in texts]


def test_real_lineages_are_drawn(corpora: Path) -> None:
    for path, drawing in real_drawings(corpora).items():
        picture = GraphPicture(drawing)
        root = parsed(picture.svg())
        boxes = [node for node in root.iter(f"{_SVG}g") if node.get("id")]
        assert len(boxes) == len(picture.scene.boxes) <= picture.limit, path
