"""Names that a stranger understands: no file name twice, no word that names nothing."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import provstore

PACKAGE = Path(provstore.__file__).parent
GLOSSARY = Path(__file__).parents[1] / "docs" / "glossary.md"
PACKAGING = {"__init__.py", "__main__.py"}


def banned() -> set[str]:
    """The words of the glossary's last table."""
    table = GLOSSARY.read_text(encoding="utf-8").partition("## Words that name nothing")[2]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def bindings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that a module gives to something, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.alias) and node.asname:
            yield 0, node.asname


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_no_name_is_one_that_names_nothing(path: Path) -> None:
    tree, words = ast.parse(path.read_text(encoding="utf-8")), banned()
    assert len(words) > 20
    assert not [
        (line, name)
        for line, name in bindings(tree)
        if name.strip("_") in words and (path.name, name) not in PUBLIC
    ]


PUBLIC = {
    *(("store.py", name) for name in ("tell", "behind", "said")),
    ("errors.py", "what"), ("violation.py", "what"), ("receipts.py", "behind"),
}  # fmt: skip
"""Methods and fields that users have since 0.1.0; see `tests/golden/names.txt`, `shapes.json`."""


def test_a_file_name_occurs_once() -> None:
    """Whoever searches for a file by its name finds one."""
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.name not in PACKAGING)
    assert not [name for name, count in names.items() if count > 1]


def test_every_room_has_a_line_in_the_glossary() -> None:
    rooms = {str(path.parent.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py")} - {"."}
    listed = set(re.findall(r"`([\w/]+)`", GLOSSARY.read_text(encoding="utf-8")))
    parts = {
        "prov",
        "views/graph",
        "views/rdf",
        "views/search",
        "prov/notations/provjson",
        "prov/notations/prov_o",
    }
    assert rooms - parts <= listed
