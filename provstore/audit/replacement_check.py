"""Checks that each value that was replaced is what the act says that replaced it.

In: an open journal. Out: problems, and the attachments that redactions deleted. It changes nothing.
"""

from collections.abc import Iterator

from provstore.errors import Problem
from provstore.ingest.journal_acts import redacted_files, replaced_values
from provstore.ingest.personal_values import commitment
from provstore.prov.model.bundle import Bundle
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal


def replacement_problems(journal: Journal) -> Iterator[Problem]:
    """Yield each value that was replaced and is not what the act put there."""
    if journal.format == 1:
        return
    stated: dict[tuple[int, str], tuple[int, str]] = {}
    for act, bundle in _acts(journal):
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


def deleted_attachments(journal: Journal) -> frozenset[str]:
    """Return the SHA-256 of all attachments that redactions deleted."""
    return frozenset(
        checksum for _, bundle in _acts(journal) for checksum in redacted_files(bundle)
    )


def _acts(journal: Journal) -> Iterator[tuple[int, Bundle]]:
    return ((entry.position, bundle_of(entry)) for entry in journal.acts())
