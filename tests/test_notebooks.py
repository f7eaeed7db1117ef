"""Notebooks are stories that run: from a clean kernel, without outputs in what is kept."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda one: one.stem)


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) >= 8


@each_notebook
def test_a_notebook_runs_from_its_first_cell_to_its_last(notebook: Path, tmp_path: Path) -> None:
    told = nbformat.read(notebook, as_version=4)
    NotebookClient(
        told, timeout=120, resources={"metadata": {"path": str(tmp_path)}}, kernel_name="python3"
    ).execute()
    shown = [cell for cell in told.cells if cell.cell_type == "code" and cell.outputs]
    assert len(shown) >= 3


@each_notebook
def test_a_notebook_is_kept_without_outputs_functions_and_queries(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert "You will learn" in "".join(cells[0]["source"])
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            assert not re.search(r"^\s*def |\bMATCH\b|\bSELECT\b", source, re.MULTILINE)
