"""Decides for each position of a damaged journal which entry belongs there.

In: the rows of the journal and of copies of it. Out: rows in order, each with where it came from.
An entry is taken from a copy only if its hashes fit; what fits nowhere is left as it is.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from provstore.ingest.personal_values import PersonalValue, commitment
from provstore.storage.journal import Entry, Journal
from provstore.storage.journal_entries import (
    GENESIS,
    Damage,
    Witness,
    chain_hash,
    fault_of_row,
    fault_of_values,
    sha256_of_text,
)

_BATCH = 500
Replaced = Mapping[tuple[int, str], tuple[int, str]]
"""By position and reference of a value: the last act that replaced it, and the commitment."""


class Mended(NamedTuple):
    """The row that belongs at a position, with its personal values; None if nobody has one.

    `is_sound` tells whether everything fits, `is_new` whether it differs from what was there.
    """

    position: int
    row: Entry | None
    values: Sequence[PersonalValue]
    is_sound: bool
    is_new: bool


@dataclass
class Copy:
    """A journal, or a copy of it, read in batches."""

    name: str
    journal: Journal
    _first: int = 0
    _rows: Sequence[Entry | Damage] = ()
    _values: Mapping[int, Sequence[PersonalValue]] = field(default_factory=dict)

    def row(self, position: int) -> Entry | Damage:
        """Return the row at a position, as it is."""
        if not self._first <= position < self._first + len(self._rows):
            self._first = position
            self._rows = self.journal.rows(position - 1, position - 1 + _BATCH)
            self._values = self.journal.values_of(
                row for row in self._rows if not isinstance(row, Damage)
            )
        return self._rows[position - self._first]

    def values(self, position: int) -> Sequence[PersonalValue]:
        """Return the personal values at a position, as they are."""
        self.row(position)
        return self._values.get(position, ())

    def entry(self, position: int) -> Entry | None:
        """Return the row at a position if it is sound by itself."""
        row = self.row(position)
        return None if isinstance(row, Damage) or fault_of_row(row) else row

    def contradicts(self, witnesses: Sequence[Witness]) -> int:
        """Return how many witnesses know other entries than this copy has."""
        known = [(self.entry(place.position), place) for _, place in witnesses if place.position]
        return sum(entry is not None and entry.chain != place.chain for entry, place in known)


def mend(
    own: Copy | None,
    copies: Sequence[Copy],
    witnesses: Sequence[Witness],
    acts: Replaced,
    doubted: Collection[int] = (),
) -> Iterator[Mended]:
    """Yield the row for each position; the journal's own comes first if several fit.

    A value that an act replaced must be the one that this act put there: an earlier value must not
    come back. At a position that is doubted, those of copies come first.
    Where the journal's own rows contradict a witness, copies that do not contradict it come first.
    """
    sources = sorted(
        [*([own] if own else ()), *copies], key=lambda copy: copy.contradicts(witnesses)
    )
    before = frozenset({GENESIS})
    for position in range(
        1, max([copy.journal.last_position() for copy in sources], default=0) + 1
    ):
        row = own.row(position) if own else Damage(position, "")
        following = [copy.entry(position + 1) for copy in sources]
        chosen = _choose(row, [copy.entry(position) for copy in sources], before, following)
        own_values = own.values(position) if own else ()
        if chosen:
            before = frozenset({chosen.chain})
            candidates = [copy.values(position) for copy in sources]
            if position in doubted:
                candidates.sort(key=lambda values: values == own_values)
            values = _values(chosen, candidates, acts)
            is_new = chosen != row or (values is not None and values != [*own_values])
            kept = own_values if values is None else values
            yield Mended(position, chosen, kept, is_sound=values is not None, is_new=is_new)
        elif isinstance(row, Damage):
            before = frozenset()
            yield Mended(position, None, (), is_sound=False, is_new=False)
        else:
            before = _possible_chains(row, before)
            yield Mended(position, row, own_values, is_sound=False, is_new=False)


def _values(
    row: Entry,
    candidates: Iterable[Sequence[PersonalValue]],
    acts: Replaced,
) -> Sequence[PersonalValue] | None:
    """Return the values that fit an entry, the ones replaced last; None if nobody has them."""
    stated = {act for act, _ in acts.values()}

    def is_present(value: PersonalValue) -> bool:
        now = value.replaced_by, commitment(value.salt, value.value)
        known = acts.get((row.position, value.reference))
        return known == now if known else value.replaced_by not in stated

    fitting = [
        values
        for values in (_unreplaced(row, values, acts) for values in candidates)
        if not fault_of_values(row, values) and all(map(is_present, values))
    ]
    return max(fitting, key=_last_replacement, default=None)


def _unreplaced(
    row: Entry, values: Sequence[PersonalValue], acts: Replaced
) -> Sequence[PersonalValue]:
    """Return values of which those that no act replaced do not say that one did."""
    return [
        value._replace(replaced_by=0)
        if (row.position, value.reference) not in acts and value.is_readable and value.is_original
        else value
        for value in values
    ]


def _last_replacement(values: Sequence[PersonalValue]) -> int:
    return max((value.replaced_by for value in values), default=0)


def _choose(
    row: Entry | Damage,
    candidates: Sequence[Entry | None],
    before: frozenset[str],
    following: Sequence[Entry | None],
) -> Entry | None:
    """Return the entry that belongs after one with a chain hash of `before`; None if none fits."""
    for entry in candidates:
        if entry and entry.chain in {chain_hash(chain, entry) for chain in before}:
            return entry
    if isinstance(row, Damage) or not row.is_readable:
        own_chain = ""
    else:
        for resealed in _resealed(row, before):
            if any(_follows(entry, resealed) for entry in following) or resealed.chain == row.chain:
                return resealed
        own_chain = row.chain
    if before:
        return None
    # Nobody has the entry before this one: its hash confirms nothing, but the next entry's does.
    for entry in candidates:
        is_confirmed = entry and any(_follows(later, entry) for later in following)
        if entry and (entry == row or entry.chain == own_chain or is_confirmed):
            return entry
    return None


def _follows(entry: Entry | None, earlier: Entry) -> bool:
    return entry is not None and entry.chain == chain_hash(earlier.chain, entry)


def _resealed(row: Entry, before: frozenset[str]) -> Iterator[Entry]:
    """Yield a row with one of its hashes computed again: perhaps only that one changed."""
    with_hash = row._replace(sha256=sha256_of_text(row.content))
    for chain in before:
        if row.chain == chain_hash(chain, with_hash):
            yield with_hash
        elif with_hash == row:
            yield row._replace(chain=chain_hash(chain, row))


def _possible_chains(row: Entry, before: frozenset[str]) -> frozenset[str]:
    """Return the chain hashes on which the entry after a damaged one may build."""
    if not row.is_readable:
        return frozenset()
    return frozenset({row.chain, *(chain_hash(chain, row) for chain in before)})
