"""Notebooks are stories that run: from a clean kernel, without outputs in what is kept."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from provstore.views.graph.graph_view import Engine
from tests.conftest import SHARED
from tests.servers.fuseki import Fuseki

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LINES = {
    line.strip()
    for file in (ROOT / "queries").rglob("question.*")
    for line in file.read_text(encoding="utf-8").splitlines()
}
"""Every line of every question's files."""
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda one: one.stem)


def test_there_are_notebooks() -> None:
    """Ten, numbered in the order in which they are read."""
    assert [notebook.name[:3] for notebook in NOTEBOOKS] == [
        f"{number:02}-" for number in range(1, 11)
    ]


def run(notebook: Path, place: Path) -> nbformat.NotebookNode:
    """The notebook with its outputs, run from a clean kernel in an empty directory."""
    told = nbformat.read(notebook, as_version=4)
    NotebookClient(
        told, timeout=120, resources={"metadata": {"path": str(place)}}, kernel_name="python3"
    ).execute()
    return told


@each_notebook
def test_a_notebook_runs_from_its_first_cell_to_its_last(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a bare machine: no server, and documents of strangers only if they are there."""
    monkeypatch.setenv("PROVSTORE_SHARED", str(SHARED))
    for server in ("PROVSTORE_NEO4J", "PROVSTORE_FUSEKI"):
        monkeypatch.delenv(server, raising=False)
    told = run(notebook, tmp_path)
    shown = [cell for cell in told.cells if cell.cell_type == "code" and cell.outputs]
    assert len(shown) >= 3


@pytest.mark.xdist_group("neo4j")
def test_a_store_really_grows_to_neo4j_and_fuseki(
    engines: dict[str, Engine], fuseki: Fuseki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tenth notebook on real servers: the same questions, the same answers."""
    server = engines["neo4j"]
    monkeypatch.setenv("PROVSTORE_NEO4J", server.address)
    monkeypatch.setenv("PROVSTORE_GRAPH_PASSWORD", server.password)
    monkeypatch.setenv("PROVSTORE_FUSEKI", fuseki.address)
    fuseki.clear()
    told = run(NOTEBOOKS[9], tmp_path)
    outputs = [one for cell in told.cells for one in cell.get("outputs", ())]
    shown = "".join(output.get("text", "") for output in outputs)
    assert f"Neo4j at {server.address}" in shown
    assert "built-in ArcadeDB" not in shown
    assert "No Neo4j" not in shown
    assert "No Fuseki" not in shown
    assert "The same answer:" in shown


@each_notebook
def test_a_notebook_is_kept_without_outputs_functions_and_queries(notebook: Path) -> None:
    """A question of its own may be typed in below its magic, if it is short and no file has it."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert "You will learn" in "".join(cells[0]["source"])
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            if source.startswith(("%%cypher", "%%sparql")):
                lines = {line.strip() for line in source.splitlines()[1:]}
                assert len(lines) <= 4
                assert not lines & LINES
            else:
                assert not re.search(r"^\s*def |\bMATCH\b|\bSELECT\b", source, re.MULTILINE)
