"""The tour tells the story to its end, and everything in it happened."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import provstore
from provstore.cli.tour import tour
from provstore.errors import Refused


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    place = tmp_path_factory.mktemp("tour") / "kept store"
    done = subprocess.run(
        [sys.executable, "-m", "provstore", "tour", "--keep", str(place)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, place


def test_a_fault_a_loop_and_a_reuse_are_in_the_story(story: tuple[str, Path]) -> None:
    text, _ = story
    assert "3 problems in this form" in text
    assert "quality 1 (action-required) recorded. Next step: revision" in text
    assert "Status: closed." in text
    assert "Status: rejected." in text
    assert "@prefix" in text
    assert "bundles are unchanged" in text


def test_every_question_is_answered_alike_in_both_languages(story: tuple[str, Path]) -> None:
    text, _ = story
    assert text.count("the same answer") >= 8
    assert "DIFFERENT" not in text


def test_the_kept_store_is_the_one_of_the_story(story: tuple[str, Path]) -> None:
    text, place = story
    with provstore.open(place) as store:
        assert store.verify().seal in text
        assert len(store.ask("state-of-every-ingest", language="both")) == 7


def test_the_tour_takes_no_place_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(Refused, match="new or empty"):
        tour(tmp_path)
    assert re.match("dear", (tmp_path / "letter").read_text())
