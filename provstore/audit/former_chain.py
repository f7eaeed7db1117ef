"""Follows the chain that the entries of an upgraded journal had before the upgrade.

In: an open journal. Out: problems, and how far the former chain fits. It changes nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

from provstore.errors import Problem
from provstore.ingest.personal_values import CHAIN, FORMER, PersonalValue
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import GENESIS, Entry, chain_hash, sha256_of_text

_BATCH = 500


class FormerChain(NamedTuple):
    """How far the former chain fits, of how many entries; what is wrong with it."""

    followed: int
    entries: int
    problems: tuple[Problem, ...]

    def note(self) -> str:
        """Tell how far it was followed; "" if the journal was never upgraded."""
        if not self.entries:
            return ""
        if self.followed == self.entries:
            return f"The chain before the upgrade fits all of its {self.entries} entries."
        return (
            f"The chain before the upgrade fits entries up to {self.followed} of {self.entries}; "
            "a redaction deleted the hashes of those that follow."
        )


def follow_former_chain(journal: Journal) -> FormerChain:
    """Compute the chain of format 1 again, from the first entry to the upgrade or a redaction."""
    before, followed, problems = GENESIS, 0, []
    for entry, values in _entries_with_values(journal):
        if last := _value(values, CHAIN):
            if not last.replaced_by and last.value != before:
                fault = "It knows another last hash of the journal before the upgrade."
                problems.append(Problem(f"/journal/{entry.position}", fault))
            return FormerChain(followed, entry.position - 1, tuple(problems))
        former = _value(values, FORMER)
        if former is None:
            break
        if former.replaced_by:
            continue
        fingerprint, _, chain = former.value.partition(" ")
        row = entry._replace(
            fingerprint=fingerprint,
            principal="",
            personal=0,
            sha256=sha256_of_text(entry.content),
        )
        before, followed = chain_hash(before, row), entry.position
        if before != chain:
            fault = "It does not fit the chain that it had before the upgrade."
            problems.append(Problem(f"/journal/{entry.position}", fault))
            before = chain
    return FormerChain(0, 0, ())


def _value(
    values: Iterator[PersonalValue] | list[PersonalValue], kind: str
) -> PersonalValue | None:
    return next((value for value in values if value.kind == kind), None)


def _entries_with_values(journal: Journal) -> Iterator[tuple[Entry, list[PersonalValue]]]:
    is_upgraded = journal.format > 1 and journal.personal.former_chain(1) is not None
    head = journal.head().position if is_upgraded else 0
    for start in range(0, head, _BATCH):
        entries = [*journal.after(start, min(start + _BATCH, head))]
        values = journal.values_of(entries)
        for entry in entries:
            yield entry, [*values.get(entry.position, ())]
