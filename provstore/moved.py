"""The old names of modules, classes and functions: they work for one version, with a warning.

In: a name of 0.1.0. Out: what is called otherwise now, and a `DeprecationWarning` that names the
new place. The table is `moved.toml`; nothing here is asked as long as nobody uses an old name.
"""

import sys
import tomllib
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.resources import files
from types import ModuleType
from typing import Any


def names_moved(**modules: str) -> Callable[[str], Any]:
    """A `__getattr__` for a package: some of its names are in other modules now, by their names."""

    def find(name: str) -> Any:
        if name in modules and (member := _member(import_module(modules[name]), name)) is not None:
            return member
        raise AttributeError(f"There is no {name!r} here.")

    return find


def install() -> None:
    """Let old names of modules be imported; whatever is there now is found before them."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("provstore").joinpath("moved.toml").read_text(encoding="utf-8"))


def _member(module: ModuleType, name: str) -> Any:
    """What is called so in a module, or was in 0.1.0; None if nothing was."""
    new = _table()["names"].get(f"{module.__name__}.{name}", name)
    member = vars(module).get(new)
    if member is not None:
        warnings.warn(
            f"{name} is {module.__name__}.{new} now; this name goes with the next version.",
            DeprecationWarning, stacklevel=3,
        )  # fmt: skip
    return member


class _Finder(MetaPathFinder):
    """Finds what nobody else does: modules by their old names."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if not fullname.startswith("provstore.") or fullname not in _table()["modules"]:
            return None
        return ModuleSpec(fullname, _Loader(), is_package=True)


class _Loader(Loader):
    """Makes a module without names of its own, which looks all of them up in the new one."""

    def exec_module(self, module: ModuleType) -> None:
        places = _table()["modules"][module.__name__]

        def find(name: str) -> Any:
            if not name.startswith("_"):
                for place in places:
                    if (member := _member(import_module(place), name)) is not None:
                        return member
            raise AttributeError(f"There is no {name!r} in {', '.join(places)}.")

        vars(module)["__getattr__"] = find
