"""Whether all bundles of a journal, or of one ingest, are valid together (W3C PROV-CONSTRAINTS).

In: a journal, and a file of what is known of it. Out: violations, the same as of all bundles held
together at once. Of a journal, only what is new is read and checked, with those earlier bundles
that could contradict it (`bundle_groups` says which); what was found before is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from provstore.audit.known_violations import ConsistencyResults, name_number, update_results
from provstore.prov.constraints import Step, Violation, check, check_union
from provstore.prov.constraints.bundle_groups import (
    NameRole,
    RoleRow,
    group_bundles,
    name_roles,
    reachable_bundles,
)
from provstore.prov.model.bundle import Bundle
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import START, Entry, Journal
from provstore.views.journal_following import PROGRESS_FROM

RULES_VERSION = "2"
"""Goes up when provenance is read or judged otherwise: then everything is checked again."""


def ingest_violations(entries: Iterable[Entry]) -> tuple[Violation, ...]:
    """All violations of what is reported on one ingest, sorted; the cost follows its size."""
    return check_union(map(bundle_of, entries))


def journal_violations(journal: Journal, known: Path) -> tuple[Violation, ...]:
    """All violations of what a journal says, sorted; `known` is the file of earlier results."""
    return update_results(known, lambda results: _catch_up(journal, results))


def _catch_up(journal: Journal, results: ConsistencyResults) -> tuple[Violation, ...]:
    at, head = results.position, journal.head()
    if results.rules != RULES_VERSION or journal.position_at(at.position) != at:
        results.begin(RULES_VERSION)
        at = START
    if at.position < head.position:
        new = range(at.position + 1, head.position + 1)
        _check_each(journal, results, new)
        for group in _groups(journal, results, new):
            violations = check_union(_bundle(journal, position) for position in group)
            results.replace(group, map(astuple, violations))
        results.position = head
    return tuple(sorted(set(map(_violation, results.all()))))


def _check_each(journal: Journal, results: ConsistencyResults, new: range) -> None:
    """Learn what each new bundle says, and what is wrong with it whatever others say."""
    from tqdm.auto import tqdm  # here: it takes longer to import than most checks take

    quiet = True if len(new) < PROGRESS_FROM else None  # None: only on a terminal
    entries = journal.after(new.start - 1, new.stop - 1)
    for entry in tqdm(
        entries, desc="provenance", unit=" bundles", total=len(new), disable=quiet, leave=False
    ):
        bundle = bundle_of(entry)
        results.learn(entry.position, _numbered_roles(name_roles(bundle)))
        results.replace([entry.position], map(astuple, check(bundle)))


def _groups(journal: Journal, results: ConsistencyResults, new: range) -> Iterator[list[int]]:
    """The groups of bundles that must be held together, and were not yet as they are now."""
    for group in group_bundles(*_bundles_to_compare(journal, results, new)):
        if max(group) in new:
            yield sorted(group)


def _bundles_to_compare(
    journal: Journal, results: ConsistencyResults, new: range
) -> tuple[Sequence[int], Iterable[RoleRow]]:
    """Bundles among which these groups are, and all that they say; where most is new, all."""
    if 2 * len(new) > new.stop:
        return range(1, new.stop), results.rows()
    names: dict[int, set[tuple[int, int]]] = {}

    def names_at(position: int) -> set[tuple[int, int]]:
        if position not in names:
            names[position] = set(_numbered_roles(name_roles(_bundle(journal, position))))
        return names[position]

    members = sorted(reachable_bundles(new, names_at, results.holders))
    return members, sorted((*name, position) for position in members for name in names_at(position))


def _numbered_roles(names: Iterable[NameRole]) -> Iterator[tuple[int, int]]:
    return ((name_number(name), int(role)) for name, role in names)


def _bundle(journal: Journal, position: int) -> Bundle:
    (entry,) = journal.after(position - 1, position)
    return bundle_of(entry)


def _violation(content: Any) -> Violation:
    constraint, statements, message, mend, steps = content
    return Violation(
        constraint, (*statements,), message, mend, tuple(Step(*step) for step in steps)
    )
