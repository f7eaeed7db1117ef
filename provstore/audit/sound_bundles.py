"""Finds the undamaged bundles of a damaged journal, and names the others.

In: a journal, and what is to be exported of it. Out: bundles. No view is asked: what one answers
was made of entries that may be damaged now.
"""

from collections.abc import Callable, Iterator

from provstore.errors import DamagedStore, Problem, Refused
from provstore.prov.model.bundle import Bundle
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import Damage
from provstore.storage.journal_survey import survey
from provstore.storage.name_resolver import NameResolver


def sound_bundles(
    names: NameResolver, name: str | None, left_out: Callable[[Problem], object] | None = None
) -> Iterator[Bundle]:
    """Return the undamaged bundles of a journal, of an ingest, or the one of that name.

    `left_out` is called with each damaged entry of the journal: to what it belonged is not certain.

    Raises:
        Refused: it is neither an ingest nor a bundle, as far as undamaged entries tell.

    """
    if name is None:
        return _sound_bundles(names, frozenset(), left_out)
    ingest = name.removeprefix(names.iris.base + "ingest/")
    wanted = frozenset({ingest, name, names.iris.any(name)} - {""})
    rows = (row for row in survey(names.journal) if not isinstance(row, Damage))
    if not any({row.ingest, row.bundle} & wanted for row in rows):
        raise Refused(
            f"No undamaged bundle belongs to {name!r}.",
            "With --sound, name an ingest or a bundle, or nothing to export all.",
            code="PS-REFUSED-NO-SOUND-BUNDLE",
        )
    return _sound_bundles(names, wanted, left_out)


def _sound_bundles(
    names: NameResolver, wanted: frozenset[str], left_out: Callable[[Problem], object] | None
) -> Iterator[Bundle]:
    for row in survey(names.journal):
        if isinstance(row, Damage):
            if left_out:
                left_out(row.problem())
        elif not wanted or {row.ingest, row.bundle} & wanted:
            yield from map(bundle_of, names.journal.restored([row]))


def check_undamaged(journal: Journal, *, whole: bool) -> None:
    """Check the entries of a journal before they are exported.

    What is read is compared with its hash anyway. For a `whole` journal, all damage is named before
    the first bundle is written; for a part, only damage that is known already.

    Raises:
        DamagedStore: entries are damaged; names them.

    """
    advice = "Export the undamaged part: --sound. Then: provstore repair --from BACKUP."
    message = f"The store in {journal.path.parent} is damaged. Nothing was exported:"
    if whole:
        damage = [row.problem() for row in survey(journal) if isinstance(row, Damage)]
        if damage:
            listed = "".join(f"\n  - {problem}" for problem in damage)
            raise DamagedStore(f"{message}{listed}\n", damage, advice, code="PS-DAMAGED-EXPORT")
    elif known := journal.known_damage():
        raise DamagedStore(
            f"{message}{known}\n",
            [Problem("/journal", "It is damaged.")],
            advice,
            code="PS-DAMAGED-EXPORT",
        )
