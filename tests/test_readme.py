"""README tells the truth: its blocks run, its picture is the table, its links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from provstore.projects.workflow import mermaid
from tests.sessions import DOCS, Block, blocks_of

README = Path(__file__).parents[1] / "README.md"
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    return [*blocks_of(README.read_text(encoding="utf-8"))]


@pytest.mark.timeout(180)
def test_every_block_runs_in_its_order(blocks: list[Block], tmp_path: Path) -> None:
    """A newcomer's five minutes, in an empty directory, each block in a process of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "PROVSTORE"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    ran = 0
    for block in blocks:
        if block.language == "bash":
            command = ["bash", "-euo", "pipefail", "-c", block.text]
        elif block.language == "python":
            command = [sys.executable, "-c", block.text]
        else:
            assert block.language == "mermaid", f"nothing runs {block.language}"
            continue
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
        ran += 1
    assert ran >= 4
    assert (tmp_path / "cordex-0001.ttl").stat().st_size > 10_000


def test_the_picture_of_the_workflow_is_the_table(blocks: list[Block]) -> None:
    assert Block("mermaid", mermaid()) in blocks


def test_it_is_a_front_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_its_links_lead_to_files_and_to_every_tutorial_and_guide() -> None:
    text = README.read_text(encoding="utf-8")
    linked = {README.parent / target for target in LINK.findall(text)}
    assert not [target for target in linked if not target.is_file()]
    for folder in ("tutorials", "how-to", "explanation"):
        assert {*(DOCS / folder).glob("*.md")} <= linked, folder


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_two_commands_are_targets(command: str) -> None:
    assert f"`{command}`" in README.read_text(encoding="utf-8")
    target = command.removeprefix("make ")
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
