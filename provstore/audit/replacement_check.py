"""Checks that each value that was replaced is what the act says that replaced it.

In: an open journal, its acts. Out: problems, and the attachments that redactions deleted. It
changes nothing.
"""

from collections.abc import Iterable, Iterator

from provstore.errors import Problem
from provstore.ingest.journal_acts import redacted_files, replaced_values
from provstore.ingest.personal_values import commitment
from provstore.prov.model.bundle import Bundle
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal

Act = tuple[int, Bundle]


def acts_of(journal: Journal) -> list[Act]:
    """Return the acts about the journal itself: the position of each, and its bundle."""
    return [(entry.position, bundle_of(entry)) for entry in journal.acts()]


def replacement_problems(journal: Journal, acts: Iterable[Act]) -> Iterator[Problem]:
    """Yield each value that was replaced and is not what one of the acts put there."""
    if journal.format == 1:
        return
    stated: dict[tuple[int, str], tuple[int, str]] = {}
    for act, bundle in acts:
        for position, reference, now in replaced_values(bundle):
            stated[position, reference] = act, now
    if not stated and not journal.has_replaced():
        return
    for position, value in journal.personal.all_values():
        expected = stated.pop((position, value.reference), (0, ""))
        now = commitment(value.salt, value.value) if value.replaced_by else ""
        if (value.replaced_by, now) != expected:
            fault = f"Its personal value {value.reference[:16]}… is not what was put there."
            yield Problem(f"/journal/{position}", fault)
    for position, reference in stated:
        fault = f"Its personal value {reference[:16]}… was replaced, and is missing."
        yield Problem(f"/journal/{position}", fault)


def deleted_attachments(acts: Iterable[Act]) -> frozenset[str]:
    """Return the SHA-256 of all attachments that these redactions deleted."""
    return frozenset(checksum for _, bundle in acts for checksum in redacted_files(bundle))
