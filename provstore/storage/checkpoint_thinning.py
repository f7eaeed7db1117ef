"""Decides which checkpoints of a long file are kept: fewer the older they are.

In: checkpoints, in the order in which they were written. Out: those to keep. No I/O. A checkpoint
vouches for all entries before it, so an old one only helps to find where a journal was changed.
"""

from collections.abc import Sequence
from itertools import groupby

from provstore.storage.checkpoint_files import Checkpoint

MOST = 512
"""A file with more lines than this is thinned."""

NEWEST = 100
"""So many of the newest are kept, whatever they are."""

_DIGITS = 3
"""Older ones are kept where their distance from the last one differs in its first binary digits."""


def thinned(checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Return the checkpoints to keep, in their order.

    Of each generation, signed and unsigned, the first and the last are kept: they say where it
    begins, and up to where it is vouched for.
    """
    kept = set(checkpoints[-NEWEST:])
    for _, each in groupby(sorted(checkpoints, key=_series), key=_series):
        kept |= _spaced([*each])
    return [checkpoint for checkpoint in checkpoints if checkpoint in kept]


def _series(checkpoint: Checkpoint) -> tuple[int, bool]:
    return checkpoint.generation, bool(checkpoint.signature)


def _spaced(checkpoints: Sequence[Checkpoint]) -> set[Checkpoint]:
    last = checkpoints[-1].position
    spaced = {_distance(last - checkpoint.position): checkpoint for checkpoint in checkpoints}
    return {checkpoints[0], *spaced.values()}


def _distance(entries: int) -> tuple[int, int]:
    """Return a number of entries to three binary digits, and how many digits it has."""
    digits = entries.bit_length()
    return digits, entries >> max(digits - _DIGITS - 1, 0)
