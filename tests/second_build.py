"""Proves the contract of the graph view with the second build of its engine, `arcadedb-jvm`.

`python -m tests.second_build` makes an environment beside this one in which that package takes the
place of `arcadedb`, and runs the tests of the engine and of the view there.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import arcadedb

PACKAGE = "arcadedb-jvm>=26.11.1.dev2,<26.12"
TESTS = ("tests/test_arcadedb_engine.py", "tests/test_view_contract.py")
CHOICE = ("-k", "arcadedb or embedded")


def make_environment(place: Path) -> Path:
    """Return the Python of an environment with all packages of this one but the first build."""
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
    links = place / "links"
    links.mkdir()
    (own,) = (place / "lib").glob("python*/site-packages")
    there = {path.name for path in own.iterdir()}
    for path in Path(arcadedb.__file__).parents[1].iterdir():
        if not path.name.startswith("arcadedb") and path.name not in there:
            (links / path.name).symlink_to(path)
    (own / "links.pth").write_text(f"{links}\n")
    return python


def main() -> int:
    """Run the tests; return their exit code."""
    with tempfile.TemporaryDirectory() as place:
        python = make_environment(Path(place) / "environment")
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, *CHOICE]
        return subprocess.run(command, env={**os.environ}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
