"""Removes the files of views. They can be made again from the journal at any time.

In: the directory where views are kept. Out: nothing, or which view is in use. Deleting the files is
the only way to be sure that an engine keeps nothing of what was in them.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from provstore.errors import ViewUnavailable
from provstore.views.directory_lock import lock_directory

_ENGINES = {"graph": "graph/engine.lock", "rdf": "rdf.lock"}
"""The directory of each engine, and the lock of whoever uses it."""
_FILES = ("search.sqlite", "findings.sqlite")


def remove_views(directory: Path, names: Iterable[str] | None = None) -> dict[str, ViewUnavailable]:
    """Remove views that nobody uses, all or those with these names.

    Returns, by name, why the others are still there.

    Raises:
        OSError: files cannot be removed.

    """
    in_use = {}
    wanted = {*names} if names is not None else {*_ENGINES, *_FILES}
    for name, lock_name in _ENGINES.items():
        if name not in wanted or not (directory / name).is_dir():
            continue
        try:
            lock = lock_directory(directory / lock_name, f"The {name} view")
        except ViewUnavailable as error:
            in_use[name] = error
            continue
        try:
            shutil.rmtree(directory / name)
        finally:
            if lock is not None:
                os.close(lock)
    for name in wanted.intersection(_FILES):
        for ending in ("", "-wal", "-shm", "-journal"):
            (directory / f"{name}{ending}").unlink(missing_ok=True)
    return in_use
