"""An outcome has one colour, in pictures, on pages and in notebooks, and it can be read."""

import re
from importlib.resources import files

import pytest

from provstore.pictures import style
from provstore.projects.workflow import OUTCOMES, STARTED


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_outcome_has_a_colour() -> None:
    assert {*OUTCOMES, STARTED} <= style.OUTCOMES.keys()


@pytest.mark.parametrize("outcome", style.OUTCOMES)
def test_pages_show_an_outcome_in_the_colour_of_the_table(outcome: str) -> None:
    css = files("provstore.web").joinpath("pages/board.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"(--\w+): (#\w{6});", css.partition("@media")[0]))
    rules = [
        (names, light[variable])
        for names, variable in re.findall(
            r"^(\.word[^{]*)\{ color: var\((--\w+)\); \}", css, re.MULTILINE
        )
    ]
    colours = [colour for names, colour in rules if f".word.{outcome}" in re.split(r"[, ]+", names)]
    assert colours == [style.OUTCOMES[outcome][0]]


@pytest.mark.parametrize("outcome", style.OUTCOMES)
def test_the_colour_of_an_outcome_can_be_read_on_white(outcome: str) -> None:
    """At least 4.5 : 1 (WCAG 2.2, 1.4.3)."""
    assert 1.05 / (luminance(style.OUTCOMES[outcome][0]) + 0.05) >= 4.5
