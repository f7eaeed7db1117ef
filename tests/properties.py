"""How many examples a property is tried with: few and always the same in CI, many at night.

`PROVSTORE_EXAMPLES` multiplies the number of every property and turns on chance (`make torture`).
Without it luck decides nothing: the same examples each time, and no memory of earlier failures.
"""

import os
from typing import Any

from hypothesis import settings

FACTOR = int(os.environ.get("PROVSTORE_EXAMPLES", "1"))


def examples(number: int, **more: Any) -> settings:
    """The settings of a property that is tried with so many examples in CI."""
    return settings(max_examples=number * FACTOR, **more)


def load_profile() -> None:
    """What holds for every property; a machine may be slow, so no example has a deadline."""
    luck: dict[str, Any] = {"derandomize": True, "database": None} if FACTOR == 1 else {}
    settings.register_profile("provstore", max_examples=100 * FACTOR, deadline=None, **luck)
    settings.load_profile("provstore")
