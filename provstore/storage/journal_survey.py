"""Follows the journal from entry to entry and names every one that is damaged, and only those.

In: an open journal, and what outside vouches for it. Out: entries and damage, in order; problems.
It changes nothing.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from provstore.errors import Problem
from provstore.ingest.personal_values import PersonalValue, is_one_value
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import (
    MISSING,
    NOT_READABLE,
    START,
    UNCHAINED,
    Damage,
    Entry,
    Position,
    Witness,
    chain_hash,
    fault_of_row,
    fault_of_values,
    sha256_of_text,
)
from provstore.storage.sound_batches import SoundEntry, sound_batches

BATCH = 1000
"""So many entries are read together."""
_OF_ENTRIES = frozenset({"entry", "personal"})


def survey(journal: Journal, after: Position = START) -> Iterator[Entry | Damage]:
    """Yield every entry of a journal, or what is wrong with it; the first one follows `after`.

    A row does not fit the chain if its chain hash changed, or another field. Which of the two it
    was shows in the next row, which was made with the true hash; so the next row is sound if it
    fits either. A row that fits into an earlier gap was moved out of it; then nothing is missing
    before the place where it stands now.
    """
    before, gaps, missing = frozenset({after.chain}), deque[_Gap](maxlen=BATCH), list[range]()
    for row, values in _rows(journal, after.position):
        if isinstance(row, range):
            if not missing:
                gaps.append(_Gap(row.start, before))
            missing.append(row)
            before = frozenset()  # the next row fits whatever was here
            continue
        if missing and isinstance(row, Entry) and (place := _place_in(gaps, row)):
            yield Damage(row.position, f"It is entry {place}: its position changed.")
            gaps.append(_Gap(place + 1, frozenset({row.chain})))
            continue
        yield from map(_gap_damage, missing)
        missing = []
        if isinstance(row, Damage):
            before = frozenset()
            yield row
            continue
        fault, before = _judge(row, before)
        fault = fault or fault_of_values(row, values)
        yield Damage(row.position, fault) if fault else row
    last = journal.last_position()
    if missing and journal.is_indexed(last):  # an index alone may have a position that changed
        yield from map(_gap_damage, missing)
    if beyond := journal.next_position(max(last, journal.most_entries())):
        yield Damage(beyond, "This position is impossible in a journal of this size: it changed.")


class _Gap(NamedTuple):
    """Where rows are missing: the first position, and the chain hashes that its row may follow."""

    position: int
    before: frozenset[str]


def _rows(
    journal: Journal, start: int
) -> Iterator[tuple[Entry | Damage | range, Sequence[PersonalValue]]]:
    """Yield what is at each position after `start`; positions without a row as ranges.

    Each entry comes with its personal values.
    """
    last = journal.last_position()
    while start < last:
        following = journal.next_position(start)
        if following and following > start + BATCH:  # a moved row must not cost a line for each
            yield range(start + 1, following), ()
            start = following - 1
            continue
        rows = journal.rows(start, min(start + BATCH, last))
        values = journal.values_of(row for row in rows if isinstance(row, Entry))
        for row in rows:
            is_missing = isinstance(row, Damage) and row.reason == MISSING
            content = range(row.position, row.position + 1) if is_missing else row
            yield content, values.get(row.position, ())
        start += BATCH


def _place_in(gaps: Iterable[_Gap], row: Entry) -> int:
    """Return the position, within a gap, at which a row was recorded; 0 if it is none of them."""
    if not row.is_readable:
        return 0
    for place, before in gaps:
        if row.chain in {chain_hash(chain, row._replace(position=place)) for chain in before}:
            return place
    return 0


def _gap_damage(gap: range) -> Damage:
    if len(gap) == 1:
        return Damage(gap.start, MISSING)
    return Damage(gap.start, f"Entries {gap.start} to {gap.stop - 1} are missing.")


def _judge(row: Entry, before: frozenset[str]) -> tuple[str, frozenset[str]]:
    """Return what is wrong with a row, or "", and the chain hashes that the next may build on."""
    fault = fault_of_row(row)
    if fault == NOT_READABLE:
        return fault, frozenset()
    expected = frozenset(chain_hash(chain, row) for chain in before)
    if row.chain in expected or not before:
        return fault, frozenset({row.chain})
    if fault:  # perhaps not the content changed, but its recorded SHA-256
        resealed = row._replace(sha256=sha256_of_text(row.content))
        if row.chain in {chain_hash(chain, resealed) for chain in before}:
            return f"Its recorded SHA-256 changed: {row.sha256[:64]!r}.", frozenset({row.chain})
    else:
        fault = UNCHAINED
    return fault, frozenset({row.chain, *expected})


def _judged(journal: Journal) -> Iterator[SoundEntry | Damage]:
    """Yield every entry or its damage: quickly as far as all is sound, then with care."""
    head = START
    for batch in sound_batches(journal):
        yield from batch
        head = Position(batch[-1].position, batch[-1].chain)
    for row in survey(journal, head):
        if isinstance(row, Damage):
            yield row
            continue
        entry = next(journal.restored([row])) if is_one_value(row.content) else row
        content = entry.content.encode()
        yield SoundEntry(row.position, row.bundle, row.ingest, content, row.chain)


def journal_problems(
    journal: Journal,
    witnesses: Iterable[Witness] = (),
    inspect: Callable[[SoundEntry], object] = lambda _: None,
) -> tuple[Position, list[Problem]]:
    """Return the last sound position, and everything that is wrong with a journal.

    Named are faults of the file, damaged entries, and entries that a witness knows otherwise. If
    the chain is whole, but not the one that a witness knows, all that follow the last entry that a
    witness confirms may have been changed. `inspect` is called with each sound entry.
    """
    problems = [
        Problem("/journal", f"The file is damaged: {text}") for text in journal.file_faults()
    ]
    if not _OF_ENTRIES.isdisjoint(journal.changed_tables()):
        return START, problems  # no entry can be read by the names of its columns
    known: dict[int, list[Witness]] = defaultdict(list)
    for witness in witnesses:
        known[witness.position.position].append(witness)
    head, confirmed, contradicted = START, 0, 0
    for row in _judged(journal):
        if isinstance(row, Damage):
            known.pop(row.position, None)  # that something is wrong here is said already
            problems.append(row.problem())
            continue
        inspect(row)
        head = Position(row.position, row.chain)
        vouching = known.pop(row.position, ())
        against = [witness for witness in vouching if not journal.has(witness.position)]
        problems += [witness.problem(head) for witness in against]
        if against:
            contradicted = row.position
        elif vouching:
            confirmed = row.position
    if contradicted > confirmed:
        fault = "The hash chain is whole, but not the one that was recorded: any entry from "
        fault += f"{confirmed + 1} to {head.position} may have been changed."
        problems.append(Problem("/journal", fault))
    problems += [witness.problem(head) for at in sorted(known) for witness in known[at]]
    return head, problems
