"""The examples in docstrings show what really happens."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import provstore
from provstore.store import ProvStore
from provstore.store_ingest import Ingest
from tests.example import play

QUIET = {"__init__", "__enter__", "__exit__", "close", "open_views"}
"""What needs no example."""


def examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    for module in pkgutil.walk_packages(provstore.__path__, "provstore."):
        if not module.name.endswith(("_main", "__main__")):
            yield from finder.find(importlib.import_module(module.name))
    for name, member in vars(ProvStore).items():  # these the finder passes over
        if isinstance(member, cached_property) and not name.startswith("_"):
            place = f"{ProvStore.__module__}.ProvStore.{name}"
            yield doctest.DocTestParser().get_doctest(member.__doc__ or "", {}, place, None, None)
    yield from finder.find(provstore)


TESTS = {test.name: test for test in examples() if test.examples}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    with provstore.init(tmp_path_factory.mktemp("docstrings") / "store") as made:
        play(made)
        yield made


@pytest.mark.xdist_group("docstrings")
@pytest.mark.parametrize("name", TESTS)
def test_an_example_shows_what_happens(name: str, store: ProvStore, tmp_path: Path) -> None:
    test = TESTS[name]
    with provstore.init(tmp_path / "scratch") as scratch, provstore.init(tmp_path / "one") as one:
        cordex = one.forms["cordex"]
        one.submit(cordex.text(cordex.example()).encode())
        more = {"ingest": one.ingest("cordex-0001"), "review": one.forms["review"].example()}
        more |= {"store": store, "scratch": scratch, "DIRECTORY": tmp_path / "new"}
        test.globs = {**test.globs, **more, "EXAMPLE": store.directory}
        report: list[str] = []
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not result.failed, "".join(report)
    assert result.attempted


def public(thing: Any) -> Iterator[str]:
    for name in vars(thing):
        if not name.startswith("_") and name not in QUIET:
            yield name


@pytest.mark.parametrize("thing", [ProvStore, Ingest], ids=["ProvStore", "Ingest"])
def test_every_public_method_has_an_example(thing: Any) -> None:
    prefix = f"{thing.__module__}.{thing.__qualname__}"
    fields = set(getattr(thing, "__dataclass_fields__", ()))
    missing = {name for name in public(thing) if f"{prefix}.{name}" not in TESTS} - fields
    assert not missing
