"""Imports the Bolt driver without the packages that it would load only to convert their values.

In: nothing. Out: the driver's modules. Loading pandas takes twice as long as an answer.
"""

import sys
import threading
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_OPTIONAL = frozenset({"numpy", "pandas", "pyarrow"})


class _AsIfAbsent(MetaPathFinder):
    """Does not find the optional packages, for imports by the thread that made it."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the interface has it
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Refuse an optional package; other finders search for all else."""
        if name in _OPTIONAL and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"{name} is not needed", name=name)
        return None


_finder = _AsIfAbsent()
sys.meta_path.insert(0, _finder)
try:
    import neo4j
    from neo4j import exceptions, graph, time
finally:
    sys.meta_path.remove(_finder)

__all__ = ["exceptions", "graph", "neo4j", "time"]
