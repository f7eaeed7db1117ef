"""A command loads what it needs, also where every extra is installed: so it starts at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped

HEAVY = (
    "IPython", "arcadedb", "ipywidgets", "jinja2", "jsonschema", "lark", "lxml", "neo4j", "numpy",
    "pandas", "prov", "pyfive", "rdflib", "starlette", "tqdm", "voila",
)  # fmt: skip
"""Packages that cost a tenth of a second or more, and none of which a form or a report needs."""
FORMS = load_forms(shipped("forms"))

SCRIPT = """
import json, sys
from provstore.__main__ import main
sys.argv = ["provstore", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit as ended:
    print(ended.code, sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded(*words: str) -> tuple[int, set[str]]:
    """The exit code of a command, and the packages that it loaded."""
    command = [sys.executable, "-c", SCRIPT, json.dumps(words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    code, _, packages = done.stderr.strip().splitlines()[-1].partition(" ")
    return int(code), set(json.loads(packages.replace("'", '"')))


@pytest.fixture
def form(tmp_path: Path) -> Path:
    file = tmp_path / "form.json"
    file.write_text(FORMS["cordex"].text(FORMS["cordex"].example()), encoding="utf-8")
    return file


def test_check_loads_nothing_heavy(form: Path) -> None:
    code, packages = loaded("check", str(form))
    assert code == 0
    assert packages.isdisjoint(HEAVY)


def test_init_submit_and_report_load_nothing_heavy(form: Path, tmp_path: Path) -> None:
    store, review = str(tmp_path / "store"), tmp_path / "review.json"
    review.write_text(FORMS["review"].text(FORMS["review"].example()), encoding="utf-8")
    for words in (
        ("init", store),
        ("submit", str(form), "--store", store),
        ("report", "cordex-0001", "review", str(review), "--store", store),
        ("history", "cordex-0001", "--store", store),
    ):
        code, packages = loaded(*words)
        assert (code, packages & {*HEAVY}) == (0, set()), words


def test_the_package_loads_no_command_line() -> None:
    script = "import provstore, sys; print('typer' in sys.modules, 'rich' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]
