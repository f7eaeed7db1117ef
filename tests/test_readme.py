"""README tells the truth: its blocks run, its pictures are the tables, its commands are all."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from provstore.cli import app
from provstore.projects.workflow import mermaid

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

CELLS = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for cell in sys.argv[1:]:
    shell.run_cell(cell).raise_error()
"""
"""Runs cells of one notebook, one after the other."""


@pytest.fixture(scope="module")
def blocks() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = BLOCK.findall(README.read_text(encoding="utf-8"))
    return found


def test_every_block_runs_in_its_order(blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    """A newcomer's five minutes, in an empty directory."""
    environment = {key: value for key, value in os.environ.items() if key != "PROVSTORE"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    ran, cells = 0, []
    for language, text in blocks:
        if language == "bash":
            command = ["bash", "-euo", "pipefail", "-c", text]
        elif language == "python":
            command = [sys.executable, "-c", text]
        elif language == "ipython":
            cells.append(text)
            command = [sys.executable, "-c", CELLS, *cells]
        else:
            assert language in ("mermaid", "text", "toml", "nginx"), f"nothing runs {language}"
            continue
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        ran += 1
    assert ran >= 4
    assert (tmp_path / "cordex-0001.ttl").stat().st_size > 10_000


def test_the_picture_of_the_workflow_is_the_table(blocks: list[tuple[str, str]]) -> None:
    assert ("mermaid", mermaid()) in blocks


def test_the_proxy_that_is_shown_goes_with_the_options_that_there_are(
    blocks: list[tuple[str, str]],
) -> None:
    (text,) = [text for language, text in blocks if language == "nginx"]
    named = set(re.findall(r"--[a-z-]+", text))
    command = get_command(app).commands["form"]
    assert named <= {name for option in command.params for name in option.opts}
    assert len(named) == 4


def test_the_settings_shown_are_settings(blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    from provstore.storage import settings

    (text,) = [text for language, text in blocks if language == "toml"]
    (tmp_path / "provstore.toml").write_text(f'format = 1\nbase = "https://example.org/"\n{text}')
    read = settings.read_settings(tmp_path)
    assert read.graph is not None
    assert read.graph.address == tomllib.loads(text)["graph"]["address"]


def test_every_command_is_in_the_table_of_commands() -> None:
    text = README.read_text(encoding="utf-8")
    for name in get_command(app).commands:
        assert f"`provstore {name}" in text, name


def test_the_walk_names_the_rooms_that_are_there() -> None:
    package = README.parent / "provstore"
    rooms = {path.stem for path in package.rglob("*.py")}
    walk = BLOCK.findall(README.read_text(encoding="utf-8"))
    (picture,) = [text for language, text in walk if language == "text"]
    for word in ("forms", "report_bundle", "journal", "catalogue"):
        assert word in picture
        assert word in rooms
