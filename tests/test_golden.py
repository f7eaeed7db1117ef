"""What users and their scripts lean on is as it was: help, lists, JSON keys, public names."""

from pathlib import Path

import pytest

from tests.golden import FOLDER, made

NAMES = ("commands.txt", "names.txt", "form.json", "ask.json", "shapes.json")


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return dict(made(tmp_path_factory.mktemp("golden")))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_as_it_was(texts: dict[str, str], name: str) -> None:
    """Whoever changes it on purpose runs `make golden`, and says it in the changelog."""
    assert texts[name] == Path(FOLDER / name).read_text(encoding="utf-8")


def test_every_golden_text_is_compared(texts: dict[str, str]) -> None:
    assert texts.keys() == set(NAMES)
