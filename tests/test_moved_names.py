"""The names of 0.1.0 still work, and each of them says where it is now."""

import ast
import importlib
import importlib.util
import subprocess
import sys
import tomllib
import warnings
from importlib.resources import files
from pathlib import Path

import pytest

import provstore

NAMES = {
    module: names.split()
    for line in (Path(__file__).parent / "made_by" / "0.1.0-names.txt").read_text().splitlines()
    for module, _, names in [line.partition(": ")]
}
"""Every public name of every module of 0.1.0."""
REPLACED = {
    "provstore.ingest.handed_in": {"form_file"},
    "provstore.ingest.package": {"form_named"},
    "provstore.intake": {"File"},
    "provstore.validity": {"rules"},
    "provstore.prov.constraints.instants": {"same"},
    "provstore.prov.provjson_reader": {"read"},
    "provstore.views.ownership": {"own"},
    "provstore.board.overview": {"GROUPS", "Group", "OTHERS", "PER_PAGE", "SHOWN"},
    "provstore.board.serving": {"AT_ONCE", "SHORTEST"},
    "provstore.cli.options": {"AsCsv", "AsTable"},
}
"""What no page ever mentioned, and what was not moved but replaced when its faults were mended."""
TABLE = tomllib.loads(files("provstore").joinpath("moved_names.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", NAMES)
def test_every_name_is_found_where_it_was(module: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old = importlib.import_module(module)
        missing = {name for name in NAMES[module] if not hasattr(old, name)}
    assert missing == REPLACED.get(module, set())


def test_an_old_name_says_what_it_is_called_now() -> None:
    with pytest.warns(DeprecationWarning, match=r"is now provstore\.cli\.tour\.tour;"):
        from provstore.tour import tour
    from provstore.cli.tour import tour as new

    assert tour is new


def test_a_name_that_never_was_is_no_attribute() -> None:
    with pytest.raises(AttributeError):
        _ = importlib.import_module("provstore.answer").nothing_of_that_kind
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("provstore.nothing_of_that_kind")


def test_the_table_names_only_what_is_there() -> None:
    for places in TABLE["modules"].values():
        assert all(importlib.util.find_spec(place) for place in places)
    for new in TABLE["names"].values():
        module, _, name = new.rpartition(".")
        assert name in vars(importlib.import_module(module)), new


def test_nothing_of_ours_uses_an_old_name() -> None:
    """All modules load with the warning turned into an error."""
    root = Path(provstore.__file__).parent
    script = (
        "import importlib, sys, warnings\n"
        "warnings.filterwarnings('error', '.*next version', DeprecationWarning)\n"
        "for name in sys.argv[1:]: importlib.import_module(name)"
    )
    modules = [
        ".".join((root.name, *path.relative_to(root).with_suffix("").parts))
        for path in sorted(root.rglob("*.py"))
        if not path.stem.endswith(("_child", "_bulk", "__main__")) and ast.parse(path.read_text())
    ]
    done = subprocess.run(
        [sys.executable, "-c", script, *modules],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
