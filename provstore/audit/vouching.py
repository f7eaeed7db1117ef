"""Says which entries of a journal something outside it vouches for.

In: the last position, what checkpoints say, and how far others have followed. Out: notes.
"""

from collections.abc import Iterable, Iterator

from provstore.storage.checkpoint_evidence import Evidence
from provstore.storage.journal_entries import Position, Witness

ADVICE = "Write a checkpoint: provstore checkpoint."


def vouching_notes(
    head: Position, evidence: Evidence, followers: Iterable[Witness]
) -> Iterator[str]:
    """Yield a note on each part of the journal for which too little vouches.

    `followers` are those besides checkpoints that know the journal up to an entry of it.
    """
    sources = {witness.source: witness.position.position for witness in followers}
    followed = max(sources.values(), default=0)
    outside = max(evidence.vouched, followed)
    if evidence.vouched < followed:
        names = " and ".join(source for source, upto in sources.items() if upto > evidence.vouched)
        yield f"No checkpoint vouches for {_entries(evidence.vouched, followed)}, only {names}."
    if outside < head.position:
        entries = _entries(outside, head.position)
        yield f"Nothing outside the journal vouches for {entries}. {ADVICE}"
    if 0 < evidence.signed < evidence.vouched:
        yield f"No signed checkpoint vouches for {_entries(evidence.signed, evidence.vouched)}."
    if evidence.outside < evidence.vouched:
        entries = _entries(evidence.outside, evidence.vouched)
        yield f"No checkpoint outside the store's directory vouches for {entries}."
    yield from evidence.notes


def _entries(after: int, upto: int) -> str:
    return f"entry {upto}" if upto == after + 1 else f"entries {after + 1} to {upto}"
