"""Build many small values without repeated runs of the garbage collector. Pure.

Our values are tuples, texts and dicts without cycles. So the cycle collector finds nothing, but its
runs double the time of large loads.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Switch the collector off within the block, and then on again if it was on before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()  # both together mark the new values as old, so the next run skips them
            gc.unfreeze()
            gc.enable()
