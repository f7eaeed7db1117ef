"""Checks all bundles of a journal or of an ingest together (W3C PROV-CONSTRAINTS).

In: a journal, and a file with earlier results. Out: violations, the same as in a check of all
bundles at once. In a journal, only new bundles are checked, with the earlier bundles that could
contradict them (see `bundle_groups`); earlier results are kept.
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
    """Return all violations in an ingest, sorted; the cost depends on the size of the ingest."""
    return check_union(map(bundle_of, entries))


def journal_violations(journal: Journal, known: Path) -> tuple[Violation, ...]:
    """Return all violations in a journal, sorted; `known` is the file with earlier results."""
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
    """Record the names in each new bundle, and its violations on its own."""
    from tqdm.auto import tqdm  # imported here: the import takes longer than most checks

    quiet = True if len(new) < PROGRESS_FROM else None  # None: only on a terminal
    entries = journal.after(new.start - 1, new.stop - 1)
    for entry in tqdm(
        entries, desc="provenance", unit=" bundles", total=len(new), disable=quiet, leave=False
    ):
        bundle = bundle_of(entry)
        results.learn(entry.position, _numbered_roles(name_roles(bundle)))
        results.replace([entry.position], map(astuple, check(bundle)))


def _groups(journal: Journal, results: ConsistencyResults, new: range) -> Iterator[list[int]]:
    """Yield the groups of bundles that must be checked together and contain a new bundle."""
    for group in group_bundles(*_bundles_to_compare(journal, results, new)):
        if max(group) in new:
            yield sorted(group)


def _bundles_to_compare(
    journal: Journal, results: ConsistencyResults, new: range
) -> tuple[Sequence[int], Iterable[RoleRow]]:
    """Return the bundles to group, with their names; all bundles if most of them are new."""
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
