"""Whether all bundles of a journal, or of one ingest, are valid together (W3C PROV-CONSTRAINTS).

In: a journal, and a file of what is known of it. Out: violations, the same as of all bundles held
together at once. Of a journal, only what is new is read and checked, with those earlier bundles
that could contradict it (`together` says which); what was found before is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from provstore.audit.consistency_results import Findings, number, visit
from provstore.errors import UnknownName
from provstore.prov.constraints import Step, Violation, check, check_union
from provstore.prov.constraints.partition import (
    NameRole,
    RoleRow,
    group_bundles,
    name_roles,
    reachable_bundles,
)
from provstore.prov.model.bundle import Bundle
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import START, Journal
from provstore.views.following import LONG


def of_ingest(journal: Journal, ingest: str) -> tuple[Violation, ...]:
    """All violations of what is reported on one ingest, sorted; the cost follows its size.

    Raises:
        UnknownName: there is no such ingest; names the near ones.

    """
    if entries := journal.of_ingest(ingest):
        return check_union(map(bundle_of, entries))
    raise UnknownName("ingest", ingest, journal.ingests())


def of_all(journal: Journal, known: Path) -> tuple[Violation, ...]:
    """All violations of what a journal says, sorted; `known` is the file of earlier findings."""
    return visit(known, lambda findings: _catch_up(journal, findings))


def _catch_up(journal: Journal, findings: Findings) -> tuple[Violation, ...]:
    at, head = findings.mark, journal.head()
    if findings.rules != rules() or journal.mark(at.position) != at:
        findings.begin(rules())
        at = START
    if at.position < head.position:
        new = range(at.position + 1, head.position + 1)
        _alone(journal, findings, new)
        for group in _groups(journal, findings, new):
            found = check_union(_bundle(journal, position) for position in group)
            findings.found(group, map(astuple, found))
        findings.mark = head
    return tuple(sorted(set(map(_violation, findings.all()))))


def _alone(journal: Journal, findings: Findings, new: range) -> None:
    """Learn what each new bundle says, and what is wrong with it whatever others say."""
    from tqdm.auto import tqdm  # here: it takes longer to import than most checks take

    quiet = True if len(new) < LONG else None  # None: only on a terminal
    entries = journal.after(new.start - 1, new.stop - 1)
    for entry in tqdm(
        entries, desc="provenance", unit=" bundles", total=len(new), disable=quiet, leave=False
    ):
        bundle = bundle_of(entry)
        findings.learn(entry.position, _numbered(name_roles(bundle)))
        findings.found([entry.position], map(astuple, check(bundle)))


def _groups(journal: Journal, findings: Findings, new: range) -> Iterator[list[int]]:
    """The groups of bundles that must be held together, and were not yet as they are now."""
    for group in group_bundles(*_near(journal, findings, new)):
        if max(group) in new:
            yield sorted(group)


def _near(
    journal: Journal, findings: Findings, new: range
) -> tuple[Sequence[int], Iterable[RoleRow]]:
    """Bundles among which these groups are, and all that they say; where most is new, all."""
    if 2 * len(new) > new.stop:
        return range(1, new.stop), findings.rows()
    looked_at: dict[int, set[tuple[int, int]]] = {}

    def said(position: int) -> set[tuple[int, int]]:
        if position not in looked_at:
            looked_at[position] = set(_numbered(name_roles(_bundle(journal, position))))
        return looked_at[position]

    members = sorted(reachable_bundles(new, said, findings.holders))
    return members, sorted((*one, position) for position in members for one in said(position))


def _numbered(said: Iterable[NameRole]) -> Iterator[tuple[int, int]]:
    return ((number(name), int(role)) for name, role in said)


def _bundle(journal: Journal, position: int) -> Bundle:
    (entry,) = journal.after(position - 1, position)
    return bundle_of(entry)


def _violation(content: Any) -> Violation:
    constraint, statements, what, mend, steps = content
    return Violation(constraint, (*statements,), what, mend, tuple(Step(*one) for one in steps))


@cache
def rules() -> str:
    """A seal of the code by which provenance is read and judged: other rules, other findings."""
    sources = sorted(_sources(files("provstore").joinpath("prov")))
    return sha256(b"".join(sha256(source).digest() for source in sources)).hexdigest()


def _sources(folder: Traversable) -> Iterator[bytes]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _sources(one)
        elif one.name.endswith(".py"):
            yield one.read_bytes()
