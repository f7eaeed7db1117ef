"""Supports the old names of modules, classes and functions for one version, with a warning.

In: a name of 0.1.0. Out: the renamed object, and a `DeprecationWarning` with its new name. The
table is `moved_names.toml`, which is read only when an old name is used.
"""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:  # at run time they add nothing, and load a third of what a command needs
    Loader = MetaPathFinder = object

STILL_THERE = frozenset(
    f"provstore.{name}"
    for name in (
        "ingest.correction", "ingest.report", "ingest.verdict", "notebook.controls",
        "pictures.boxes", "pictures.drawing", "pictures.folding", "prov.constraints.cycles",
        "prov.constraints.instants", "prov.constraints.merging", "prov.constraints.ordering",
        "prov.constraints.violation", "prov.notations", "prov.property_graph", "views",
        "views.graph", "views.rdf", "views.search.ranking",
    )
)  # fmt: skip
"""Modules that keep their names, although some of their members have moved."""


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    import tomllib  # needed for an old name only

    text = Path(__file__).with_name("moved_names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _lookup(module: str, places: Sequence[str]) -> Callable[[str], Any]:
    """Make a `__getattr__` (PEP 562) for a module whose names have moved to these places."""

    def find_member(name: str) -> Any:
        for place in places if not (name.startswith("_") or _is_module(module, name)) else ():
            new = _table()["names"].get(f"{place}.{name}", f"{place}.{name}")
            home, _, attribute = new.rpartition(".")
            if home == module and attribute == name:
                continue  # the module itself lacks this name, so it is not the new place
            member = vars(import_module(home)).get(attribute)
            if member is not None:
                warnings.warn(
                    f"{module}.{name} is now {new}; the next version removes the old name.",
                    DeprecationWarning,
                    stacklevel=2,
                )
                return member
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return find_member


def _is_module(package: str, name: str) -> bool:
    """Tell whether a package has a module of this name, which needs only be loaded."""
    path = vars(sys.modules[package]).get("__path__")
    return path is not None and PathFinder.find_spec(f"{package}.{name}", path) is not None


class _OldModules(MetaPathFinder):
    """Finds modules by their old names; the last finder."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if not fullname.startswith("provstore.") or fullname not in _table()["modules"]:
            return None
        return ModuleSpec(fullname, _OldModule(), is_package=True)


class _OldModule(Loader):
    """Makes an empty module, which looks up every name in its new place."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:  # noqa: ARG002
        return None  # a usual one

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        vars(module)["__getattr__"] = _lookup(name, _table()["modules"][name])


class _OldNames(MetaPathFinder):
    """Adds the old names to modules that still exist; the first finder."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, *_: object) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname in STILL_THERE else None
        if spec is not None and spec.loader is not None:
            spec.loader = _WithOldNames(spec.loader)
        return spec


class _WithOldNames(Loader):
    """Loads a module as usual; missing names are looked up among the old names."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        vars(module).setdefault("__getattr__", _lookup(module.__name__, [module.__name__]))


sys.meta_path.insert(0, _OldNames())
sys.meta_path.append(_OldModules())
