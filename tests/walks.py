"""The walk of a call through the code: which files it enters, and where it goes back up.

In: a call. Out: a `Walk`, counted with the interpreter's profiler; only files of the package count.
"""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import provstore

ROOT = str(Path(provstore.__file__).parent) + "/"
FLOORS = (
    ("errors.py", "moved_names.py"),
    ("prov/",),
    ("projects/",),
    ("ingest/",),
    ("readers/",),
    ("results/", "storage/"),
    ("views/", "commands/", "pictures/"),
    ("queries/", "audit/"),
    ("store.py", "store_ingest.py"),
    ("web/", "notebook/"),
    ("cli/", "__init__.py", "__main__.py"),
)


@dataclass
class Walk:
    """Files that were entered, calls from a lower floor to a higher one, and all calls."""

    files: set[str] = field(default_factory=set)
    climbs: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)


def floor(file: str) -> int:
    """The floor of a file of the package."""
    return next(
        number
        for number, rooms in enumerate(FLOORS)
        if any(file == room or (room.endswith("/") and file.startswith(room)) for room in rooms)
    )


def walk(call: Callable[[], Any]) -> Walk:
    """Make a call, and watch where it goes."""
    walked = Walk()

    def seen(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(ROOT):
            return
        file = frame.f_code.co_filename.removeprefix(ROOT)
        walked.files.add(file)
        walked.calls[f"{file}:{frame.f_code.co_qualname}"] += 1
        caller = frame.f_back
        if caller and caller.f_code.co_filename.startswith(ROOT):
            before = caller.f_code.co_filename.removeprefix(ROOT)
            if floor(before) < floor(file):
                walked.climbs[before, file] += 1

    sys.setprofile(seen)
    try:
        call()
    finally:
        sys.setprofile(None)
    return walked
