"""A command loads what it needs, also where every extra is installed: so it starts at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import provstore
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped

HEAVY = (
    "IPython", "arcadedb", "attr", "cryptography", "email", "importlib.metadata",
    "importlib.resources", "ipywidgets", "jinja2", "jsonschema", "lark", "lxml", "neo4j", "numpy",
    "pandas", "prov", "pydantic", "pyfive", "rdflib", "referencing", "rich", "starlette", "tqdm",
    "voila",
)  # fmt: skip
"""Modules that cost a hundredth of a second or more, and none of which a form or a report needs."""
OTHER_ROOMS = (
    "provstore.audit", "provstore.commands.document_import", "provstore.notebook",
    "provstore.prov.constraints", "provstore.prov.notations.notation_readers",
    "provstore.prov.notations.notation_registry", "provstore.prov.notations.prov_o",
    "provstore.prov.property_graph", "provstore.queries", "provstore.readers",
    "provstore.storage.drafts", "provstore.views", "provstore.web",
    "provstore.cli.backup_commands", "provstore.cli.board_command", "provstore.cli.form_commands",
    "provstore.cli.query_commands", "provstore.cli.search_command",
)  # fmt: skip
"""Rooms of ours, with all that is in them, that take no part when a form or a report is taken."""
STORE = ("provstore.commands.intake", "provstore.storage.journal", "provstore.store", "sqlite3")
"""What a check needs no part of: it has no store."""

SCRIPT = """
import json, sys
from provstore.__main__ import main
sys.argv = ["provstore", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit as ended:
    print(ended.code, json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*words: str) -> tuple[int, set[str]]:
    """The exit code of a command, and the modules that it loaded."""
    command = [sys.executable, "-c", SCRIPT, json.dumps(words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    code, _, modules = done.stderr.strip().splitlines()[-1].partition(" ")
    return int(code), set(json.loads(modules))


def parts(rooms: tuple[str, ...], modules: set[str]) -> set[str]:
    """Those modules that are one of the rooms, or are in one of them."""
    return {name for name in modules if any(f"{name}.".startswith(f"{room}.") for room in rooms)}


@pytest.fixture
def form(tmp_path: Path) -> Path:
    file = tmp_path / "form.json"
    forms = load_forms(shipped("forms"))
    file.write_text(forms["cordex"].text(forms["cordex"].example()), encoding="utf-8")
    return file


def test_check_loads_only_the_rooms_that_it_needs(form: Path) -> None:
    code, modules = loaded("check", str(form))
    assert code == 0
    assert parts((*HEAVY, *OTHER_ROOMS, *STORE), modules) == set()


def test_init_submit_and_report_load_only_the_rooms_that_they_need(
    form: Path, tmp_path: Path
) -> None:
    store, review = str(tmp_path / "store"), tmp_path / "review.json"
    asked = load_forms(shipped("forms"))["review"]
    review.write_text(asked.text(asked.example()), encoding="utf-8")
    for words in (
        ("init", store),
        ("submit", str(form), "--store", store),
        ("report", "cordex-0001", "review", str(review), "--store", store),
    ):
        code, modules = loaded(*words)
        assert (code, parts((*HEAVY, *OTHER_ROOMS), modules)) == (0, set()), words
    code, modules = loaded("history", "cordex-0001", "--store", store)
    heavy = parts(HEAVY, modules) - parts(("rich",), modules)  # which draws the table
    assert (code, heavy) == (0, set())


def test_each_of_these_rooms_is_there(form: Path) -> None:
    """A room that was renamed would never be found among those that are loaded."""
    root = Path(provstore.__file__).parents[1]
    for room in (*OTHER_ROOMS, *STORE):
        if room.startswith("provstore"):
            place = root.joinpath(*room.split("."))
            assert place.is_dir() or place.with_suffix(".py").is_file(), room
    (form.parent / "note.txt").write_text("of no format")
    _, modules = loaded("check", str(form.parent / "note.txt"))
    assert parts(OTHER_ROOMS, modules), "a file that is no form needs more rooms"


def test_the_package_loads_no_command_line() -> None:
    script = "import provstore, sys; provstore.open; print({'typer', 'rich'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["set()"]


def test_the_package_loads_a_module_when_its_name_is_first_used() -> None:
    script = (
        "import provstore, sys; before = 'provstore.errors' in sys.modules; provstore.Refused; "
        "print(before, 'provstore.errors' in sys.modules, 'provstore.store' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["False", "True", "False"]


def test_every_public_name_is_there_and_no_other() -> None:
    for name in provstore.__all__:
        assert getattr(provstore, name) is not None
        assert name in dir(provstore)
    assert provstore.open is provstore.ProvStore
    assert provstore.init == provstore.ProvStore.create
    assert provstore.errors.Refused is provstore.Refused
    with pytest.raises(AttributeError, match="nothing"):
        _ = provstore.nothing
