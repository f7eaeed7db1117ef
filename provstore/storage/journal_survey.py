"""Follows the journal from entry to entry and names every one that is damaged, and only those.

In: an open journal, and what outside vouches for it. Out: entries and damage, in order; problems.
It changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from provstore.errors import Problem
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import (
    START,
    Damage,
    Entry,
    Position,
    Witness,
    chain_hash,
    fault_of_row,
    fault_of_values,
    sha256_of_text,
)

BATCH = 1000
"""So many entries are read together."""


def survey(journal: Journal, after: Position = START) -> Iterator[Entry | Damage]:
    """Yield every entry of a journal, or what is wrong with it; the first one follows `after`.

    A row does not fit the chain if its chain hash changed, or another field. Which of the two it
    was shows in the next row, which was made with the true hash; so the next row is sound if it
    fits either.
    """
    before, last, start = frozenset({after.chain}), journal.last_position(), after.position
    while start < last:
        following = journal.next_position(start)
        if following and following > start + BATCH:  # a moved row must not cost a line for each
            yield Damage(start + 1, f"Entries {start + 1} to {following - 1} are missing.")
            before, start = frozenset(), following - 1
            continue
        rows = journal.rows(start, min(start + BATCH, last))
        values = journal.values_of(row for row in rows if isinstance(row, Entry))
        for row in rows:
            if isinstance(row, Damage):
                before = frozenset()  # the next row fits whatever this one was
                yield row
                continue
            fault, before = _judge(row, before)
            fault = fault or fault_of_values(row, values.get(row.position, ()))
            yield Damage(row.position, fault) if fault else row
        start += BATCH
    if beyond := journal.next_position(max(last, journal.most_entries())):
        yield Damage(beyond, "No journal of this size has so many entries: its position changed.")


def _judge(row: Entry, before: frozenset[str]) -> tuple[str, frozenset[str]]:
    """Return what is wrong with a row, or "", and the chain hashes that the next may build on."""
    fault = fault_of_row(row)
    if not row.is_readable:
        return fault, frozenset()
    expected = frozenset(chain_hash(chain, row) for chain in before)
    if row.chain in expected or not before:
        return fault, frozenset({row.chain})
    if fault:  # perhaps not the content changed, but its recorded SHA-256
        resealed = row._replace(sha256=sha256_of_text(row.content))
        if row.chain in {chain_hash(chain, resealed) for chain in before}:
            return f"Its recorded SHA-256 changed: {row.sha256[:64]!r}.", frozenset({row.chain})
    else:
        fault = "It does not fit the chain: its chain hash, or another field of its row, changed."
    return fault, frozenset({row.chain, *expected})


def journal_problems(
    journal: Journal,
    witnesses: Iterable[Witness] = (),
    inspect: Callable[[Entry], object] = lambda _: None,
) -> tuple[Position, list[Problem]]:
    """Return the last sound position, and everything that is wrong with a journal.

    Named are faults of the file, damaged entries, and entries that a witness knows otherwise.
    `inspect` is called with each sound entry.
    """
    problems = [
        Problem("/journal", f"The file is damaged: {text}") for text in journal.file_faults()
    ]
    known: dict[int, list[Witness]] = defaultdict(list)
    for witness in witnesses:
        known[witness.position.position].append(witness)
    head = START
    for row in survey(journal):
        if isinstance(row, Damage):
            known.pop(row.position, None)  # that something is wrong here is said already
            problems.append(row.problem())
            continue
        inspect(row)
        head = Position(row.position, row.chain)
        vouching = known.pop(row.position, ())
        problems += [
            witness.problem(head) for witness in vouching if not journal.has(witness.position)
        ]
    problems += [witness.problem(head) for at in sorted(known) for witness in known[at]]
    return head, problems
