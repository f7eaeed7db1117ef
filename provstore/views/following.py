"""Views follow the journal: load what is new, say how far each is. The only way data gets there.

In: a journal and a view. Out: the view at the journal's head, or its state in words. First load,
next load, rebuild and recovery are this one loop.
"""

from collections.abc import Iterable, Iterator

from provstore.errors import ViewUnavailable
from provstore.results.receipts import ViewState
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import START, Entry, Journal, Position
from provstore.views.contract import View

BATCH_CHARACTERS = 16_000_000
"""A view takes about this much PROV-JSON at once, and at least one bundle: enough that the engines'
bulk ways are worth their while, and some hundred megabytes of memory."""

PROGRESS_FROM = 500
"""Entries from which on progress is shown, on a terminal or in a notebook."""


def catch_up(view: View, journal: Journal) -> None:
    """Load what the journal has and the view has not.

    Raises:
        ViewUnavailable: its engine is down, or it was loaded from another journal, or otherwise.

    """
    from tqdm.auto import tqdm  # here: it takes longer to import than most answers take

    head, at = journal.head(), _journal_position(view, journal)
    if at.position == head.position:
        return
    quiet = (
        True if head.position - at.position < PROGRESS_FROM else None
    )  # None: only on a terminal
    with tqdm(
        desc=f"{view.name} view", unit=" bundles", total=head.position, initial=at.position,
        disable=quiet, leave=False,
    ) as bar:  # fmt: skip
        while at.position < head.position:
            entries = list(_batch(journal.after(at.position, head.position)))
            end = Position(entries[-1].position, entries[-1].chain)
            view.load(
                (bundle_of(entry) for entry in entries),
                view_position(view, at),
                view_position(view, end),
            )
            at = _journal_position(view, journal)
            bar.update(at.position - bar.n)


def view_state(view: View, journal: Journal) -> ViewState:
    """How far a view is, in words; one that is down is said to be down."""
    try:
        at = _journal_position(view, journal)
    except ViewUnavailable as error:
        return ViewState(view.name, view.engine_name, "down", None, None, str(error))
    lag = journal.head().position - at.position
    state = "behind" if lag else "up to date"
    return ViewState(view.name, view.engine_name, state, at.position, lag)


def _journal_position(view: View, journal: Journal) -> Position:
    """Where in this journal the view is."""
    position, chain = view.position()
    place = journal.position_at(position)
    if place is None or (position and (position, chain) != view_position(view, place)):
        same = place is not None and place.chain in chain
        origin = "by another version of provstore" if same else "from another journal than this one"
        raise ViewUnavailable(
            f"The {view.name} view was loaded {origin}.",
            f"Make it anew: provstore rebuild {view.name}",
        )
    return place


def _batch(entries: Iterable[Entry]) -> Iterator[Entry]:
    size = 0
    for entry in entries:
        yield entry
        size += len(entry.content)
        if size > BATCH_CHARACTERS:
            return


def view_position(view: View, place: Position) -> tuple[int, str]:
    """What a view keeps of a place in the journal, and of how its data are laid out.

    An empty view is at (0, ""), whatever hash a journal begins with.
    """
    return (0, "") if place == START else (place.position, f"{place.chain} {view.layout}")
