"""Removes the files of views. They can be made again from the journal at any time.

In: the directory where views are kept. Out: nothing, or which view cannot be removed. Deleting the
files is the only way to be sure that an engine keeps nothing of what was in them.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from provstore.errors import ViewUnavailable
from provstore.views.shared_engine import SharedEngine

_ENGINES = {"graph": "The graph engine", "rdf": "The RDF view"}
"""The directory of each engine, and its description."""
_FILES = ("search.sqlite", "findings.sqlite")


def remove_views(directory: Path, names: Iterable[str] | None = None) -> dict[str, ViewUnavailable]:
    """Remove views, all or those with these names. Engines are stopped before, whoever uses them.

    Returns, by name, why the others are still there: their engine runs on another host, or hangs.

    Raises:
        OSError: files cannot be removed.

    """
    in_use = {}
    wanted = {*names} if names is not None else {*_ENGINES, *_FILES}
    for name, description in _ENGINES.items():
        if name not in wanted or not (directory / name).is_dir():
            continue
        engine = SharedEngine(directory / name, Path(), {}, description=description, version="any")
        try:
            with engine.turn(), engine.stopped("removing"):
                shutil.rmtree(directory / name)
                engine.log.unlink(missing_ok=True)
        except ViewUnavailable as error:
            in_use[name] = error
    for name in wanted.intersection(_FILES):
        for ending in ("", "-wal", "-shm", "-journal"):
            (directory / f"{name}{ending}").unlink(missing_ok=True)
    return in_use
