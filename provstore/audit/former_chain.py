"""Follows the chain that the entries of an upgraded journal had before the upgrade.

In: an open journal. Out: problems, and how far the former chain fits. It changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from provstore.errors import Problem
from provstore.ingest.personal_values import CHAIN, FORMER, SALT_BYTES, former_hashes
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import GENESIS, StoredEntry, StoredValue, chain_hash
from provstore.storage.sound_batches import BATCH, whole_content


class FormerChain(NamedTuple):
    """How far the former chain fits, of how many entries; what is wrong with it.

    Of `amended` entries it has the hash, but no longer the text.
    """

    followed: int
    entries: int
    problems: tuple[Problem, ...]
    amended: int = 0

    def note(self) -> str:
        """Tell how far it was followed; "" if the journal was never upgraded."""
        if not self.entries:
            return ""
        amended = f" Amendments changed the text of {self.amended}." if self.amended else ""
        if self.followed == self.entries:
            return f"The chain before the upgrade fits all of its {self.entries} entries.{amended}"
        return (
            f"The chain before the upgrade fits entries up to {self.followed} of {self.entries}; "
            f"a redaction deleted the hashes of those that follow.{amended}"
        )


def follow_former_chain(journal: Journal) -> FormerChain:
    """Compute the chain of format 1 again, from the first entry to the upgrade or a redaction.

    The journal is sound.
    """
    before, followed, amended, problems = GENESIS, 0, 0, list[Problem]()
    for row, values in _entries_with_values(journal):
        position = row[0]
        by_kind = {value[3]: value for value in values}
        if last := by_kind.get(CHAIN):
            if not _is_replaced(last) and _text(last) != before:
                fault = "It knows another last hash of the journal before the upgrade."
                problems.append(Problem(f"/journal/{position}", fault))
            return FormerChain(followed, position - 1, tuple(problems), amended)
        former = by_kind.get(FORMER)
        if former is None:
            break
        hashes = former_hashes(_text(former))
        if hashes is None:
            continue
        amended += bool(hashes.content)
        digest = hashes.content or sha256(whole_content(row, values)).hexdigest()
        facts = (*row[:2], hashes.fingerprint, *row[3:5], "", 0, b"", digest, "")
        before, followed = chain_hash(before, facts), position
        if before != hashes.chain:
            fault = "It does not fit the chain that it had before the upgrade."
            problems.append(Problem(f"/journal/{position}", fault))
            before = hashes.chain
    return FormerChain(0, 0, ())


def _is_replaced(value: StoredValue) -> bool:
    return value[6] > 0


def _text(value: StoredValue) -> str:
    return value[2][SALT_BYTES:].decode()


def _entries_with_values(journal: Journal) -> Iterator[tuple[StoredEntry, list[StoredValue]]]:
    is_upgraded = journal.format > 1 and journal.personal.former_chain(1) is not None
    head = journal.head().position if is_upgraded else 0
    for start in range(0, head, BATCH):
        rows, values = journal.stored_bytes(start, min(start + BATCH, head))
        of_entry: dict[int, list[StoredValue]] = defaultdict(list)
        for value in values:
            of_entry[value[0]].append(value)
        for row in rows:
            yield row, of_entry[row[0]]
