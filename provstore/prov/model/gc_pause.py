"""Build many small values without repeated runs of the garbage collector. Pure.

Our values are tuples, texts and dicts without cycles, so the collector finds nothing, but its runs
double the time of large loads. Programs around us do make cycles (`json.dumps` with an indent makes
one), so the collector must still run: a small load is left to it, and after enough large ones it
searches everything.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 10_000
"""Objects: fewer are searched in less than a millisecond."""

UNSEARCHED = 2_000_000
"""So many objects at least are built in large loads before everything is searched."""


class _Debt:
    """How many objects were never searched, and how many may be."""

    def __init__(self) -> None:
        self.objects, self.limit = 0, UNSEARCHED

    def add(self, objects: int) -> None:
        """Let `objects` count as old, so that they are not searched at once; or search all.

        The limit grows with what is alive, as that of the collector does: the cost of all searches
        stays a part of the cost of building.
        """
        self.objects += objects
        if self.objects > self.limit:
            gc.collect()
            self.objects, self.limit = 0, max(UNSEARCHED, len(gc.get_objects()) // 4)
        else:
            gc.freeze()
            gc.unfreeze()  # both together move everything to the oldest generation


_debt = _Debt()


@contextmanager
def gc_paused() -> Iterator[None]:
    """Switch the collector off within the block, and then on again if it was on before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if (built := gc.get_count()[0]) > MANY:
                _debt.add(built)
            gc.enable()
