"""Build many small values without repeated runs of the cycle collector. Pure.

Our values are tuples, texts and dicts without cycles, so the collector finds nothing, but its runs
double the time of large loads.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Switch the collector off for a while; it is on again afterwards, if it was on before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()  # both together: what was built counts as old, and is not searched at once
            gc.unfreeze()
            gc.enable()
