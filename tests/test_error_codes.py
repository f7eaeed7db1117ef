"""Every refusal has a code of the table, and every code of the table is that of a refusal."""

import ast
import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import provstore
from provstore import errors

PACKAGE = Path(provstore.__file__).parent
TABLE = tomllib.loads((PACKAGE / "error_codes.toml").read_text(encoding="utf-8"))
CODED = ("audit", "commands", "ingest", "projects", "prov", "queries", "readers", "storage")
"""The rooms whose refusals have codes of their own; those of others have that of their class."""

CLASSES = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.ProvstoreError)
}


def refusals(room: str) -> Iterator[tuple[str, str, str]]:
    """Place, class and code of each error that a room makes."""
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = node.func.id
                codes = [word.value for word in node.keywords if word.arg == "code"]
                code = codes[0].value if codes and isinstance(codes[0], ast.Constant) else ""
                if name in CLASSES:
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", name, str(code)


@pytest.mark.parametrize("room", CODED)
def test_every_refusal_of_a_room_has_a_code_of_its_family(room: str) -> None:
    made = list(refusals(room))
    assert made
    for place, name, code in made:
        assert code in TABLE["codes"], place
        assert code.startswith(CLASSES[name].code + "-"), place


def test_every_code_is_raised_somewhere() -> None:
    assert {code for room in CODED for *_, code in refusals(room)} == set(TABLE["codes"])


def test_the_families_are_the_codes_of_the_classes() -> None:
    codes = [kind.code for kind in CLASSES.values()]
    assert sorted(codes) == sorted(TABLE["families"])


def test_each_code_is_explained_in_sentences() -> None:
    for code, (meaning, remedy) in TABLE["codes"].items():
        assert meaning.endswith("."), code
        assert remedy.endswith("."), code
        assert code.upper() == code


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_an_error_without_a_code_has_that_of_its_class(kind: type[errors.ProvstoreError]) -> None:
    wanted = {"kind": "form", "name": "x", "known": (), "problems": (), "message": "x"}
    names = inspect.signature(kind).parameters
    plain = kind(**{name: value for name, value in wanted.items() if name in names})
    coded = kind(
        **{name: value for name, value in wanted.items() if name in names}, code=f"{kind.code}-X"
    )
    assert plain.code == plain.family == kind.code
    assert (coded.code, coded.family) == (f"{kind.code}-X", kind.code)
