"""A picture in its forms: files, a notebook's frame, and what it cannot be."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from provstore.errors import Refused, UnknownName
from provstore.pictures.ingest_board import IngestBoard
from provstore.pictures.picture import GraphPicture
from tests.drawings import EX, bundle_of, drawing_of


@pytest.fixture
def picture() -> GraphPicture:
    words = {"e": "</script><script>alert(1)</script>"}
    return GraphPicture(drawing_of(EX + "e", [bundle_of([("e", "wasDerivedFrom", "x")], words)]))


def test_the_end_of_a_name_says_what_is_saved(picture: GraphPicture, tmp_path: Path) -> None:
    for end, form in picture.forms.items():
        assert picture.save(tmp_path / f"one{end}").read_text() == form()


def test_another_end_is_refused_with_those_that_there_are(
    picture: GraphPicture, tmp_path: Path
) -> None:
    with pytest.raises(UnknownName, match=r"\.svg"):
        picture.save(tmp_path / "one.png")
    with pytest.raises(Refused, match="cannot be written"):
        picture.save(tmp_path / "no" / "one.svg")
    with pytest.raises(UnknownName):
        IngestBoard((), str).save(tmp_path / "board.dot")


class Frame(HTMLParser):
    """The one frame of a notebook's output."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep each element that begins."""
        self.found.append((tag, dict(attrs)))


def test_in_a_notebook_it_stands_in_a_sandbox_and_has_a_still_form(picture: GraphPicture) -> None:
    bundle = picture._repr_mimebundle_()
    frame = Frame()
    frame.feed(bundle["text/html"])
    ((tag, attributes),) = frame.found
    assert tag == "iframe"
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == picture.html()
    assert attributes["title"] == picture.title
    assert bundle["image/svg+xml"] == picture.svg()
    assert bundle["text/plain"] == f"<picture: {picture.title}>"


def test_long_lineages_run_down_and_short_ones_to_the_right() -> None:
    def of(length: int) -> GraphPicture:
        chain = [(f"e{n}", "wasDerivedFrom", f"e{n + 1}") for n in range(length)]
        return GraphPicture(drawing_of(EX + "e0", [bundle_of(chain)]))

    assert not of(4).figure.down
    assert of(20).figure.down
    assert 'rankdir="BT"' in of(20).dot()
