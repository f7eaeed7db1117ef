"""Views follow the journal: load what is new, say how far each is. The only way data gets there.

In: a journal and a view. Out: the view at the journal's head, or its state in words. First load,
next load, rebuild and recovery are this one loop.
"""

from collections.abc import Iterable, Iterator

from provstore.errors import ViewUnavailable
from provstore.results.receipts import ViewState
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import START, Entry, Journal, Position
from provstore.views.view_contract import View

BATCH_CHARACTERS = 16_000_000
"""A view takes about this much PROV-JSON at once, and at least one bundle: enough that the engines'
bulk ways are worth their while, and some hundred megabytes of memory."""

PROGRESS_FROM = 500
"""Entries from which on progress is shown, on a terminal or in a notebook."""


def catch_up(view: View, journal: Journal) -> bool:
    """Load what the journal has and the view has not.

    A view that another version of provstore laid out is rebuilt. Gives whether that was so.

    Raises:
        ViewUnavailable: its engine is down, or it was loaded from another journal.

    """
    from tqdm.auto import tqdm  # here: it takes longer to import than most answers take

    at, rebuilt = _locate(view, journal)
    if rebuilt:
        view.clear()
        at = START
    head = journal.head()
    if at.position == head.position:
        return rebuilt
    long = rebuilt or head.position - at.position >= PROGRESS_FROM
    with tqdm(
        desc=f"{'rebuilding the ' if rebuilt else ''}{view.name} view",
        unit=" bundles",
        total=head.position,
        initial=at.position,
        disable=None if long else True,
        leave=False,
    ) as bar:
        while at.position < head.position:
            entries = list(_batch(journal.after(at.position, head.position)))
            end = Position(entries[-1].position, entries[-1].chain)
            bundles = (bundle_of(entry) for entry in entries)
            view.load(bundles, view_position(view, at), view_position(view, end))
            at, _ = _locate(view, journal)
            bar.update(at.position - bar.n)
    return rebuilt


def rebuilt_note(view: View) -> str:
    """What to tell whoever asked a view that was rebuilt for it."""
    return f"The {view.name} view was laid out by another version of provstore; it was rebuilt."


def view_state(view: View, journal: Journal) -> ViewState:
    """How far a view is, in words; one that is down is said to be down."""
    head = journal.head().position
    try:
        at, is_of_other_layout = _locate(view, journal)
    except ViewUnavailable as error:
        return ViewState(view.name, view.engine_name, "down", None, None, str(error))
    if is_of_other_layout:
        message = "Another version of provstore laid it out; it is rebuilt when it is asked."
        return ViewState(view.name, view.engine_name, "behind", 0, head, message)
    lag = head - at.position
    state = "behind" if lag else "up to date"
    return ViewState(view.name, view.engine_name, state, at.position, lag)


def _locate(view: View, journal: Journal) -> tuple[Position, bool]:
    """Where in this journal a view is, and whether another version laid it out."""
    position, chain_and_layout = view.position()
    place = journal.position_at(position)
    if place is None or (position and chain_and_layout.partition(" ")[0] != place.chain):
        raise ViewUnavailable(
            f"The {view.name} view was loaded from another journal than this one.",
            f"Make it anew: provstore rebuild {view.name}",
        )
    return place, bool(position) and (position, chain_and_layout) != view_position(view, place)


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
