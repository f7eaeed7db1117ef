"""Brings views up to date with the journal, and reports their state. Data reach a view only here.

In: a journal and a view. Out: the view at the journal's head, or its state. First load, later load,
rebuild and recovery are the same loop.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from provstore.errors import ViewUnavailable
from provstore.results.receipts import ViewState
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import START, Entry, Journal, Position
from provstore.views.view_contract import View

BATCH_CHARACTERS = 16_000_000
"""The approximate size of a batch of PROV-JSON; a batch has at least one bundle.

It is large enough for the engines' bulk loading, and needs some hundred megabytes of memory.
"""

PROGRESS_FROM = 500
"""From this number of entries, progress is shown, on a terminal or in a notebook."""


def catch_up(view: View, journal: Journal) -> bool:
    """Load the journal entries that the view lacks; return whether the view was rebuilt.

    A view with the layout of another version of provstore is rebuilt.

    Raises:
        ViewUnavailable: its engine is down, or the view was loaded from another journal.

    """
    from tqdm.auto import tqdm  # imported here: the import takes longer than most answers

    at, rebuilt = _locate(view, journal)
    if rebuilt:
        view.clear()
        at = START
    head = journal.head()
    if at.position == head.position:
        return rebuilt
    if view.shared:
        view.shared.forget_position()
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
    if view.shared:
        view.shared.note_position(view_position(view, at))
    return rebuilt


def rebuild(view: View, journal: Journal) -> None:
    """Load all journal entries into a view that is emptied before."""
    if view.shared:
        view.shared.forget_position()
    view.clear()
    catch_up(view, journal)


def rebuilt_note(view: View) -> str:
    """Return the note for a query that had to rebuild its view."""
    return f"The {view.name} view came from another version of provstore and was rebuilt."


def view_state(view: View, journal: Journal) -> ViewState:
    """Return the state of a view: up to date, behind or down; and who shares its engine.

    The engine is started only if nobody noted its position.
    """
    head = journal.head().position
    engine = view.shared.state() if view.shared else None
    sharing: tuple[Any, ...] = ()
    if view.shared:
        sharing = (engine.clients, True, engine.guards) if engine else (0, False)
    noted = view.shared.noted_position() if view.shared else None
    try:
        at, is_of_other_layout = _locate(view, journal, noted)
    except ViewUnavailable as error:
        return ViewState(view.name, view.engine_name, "down", None, None, str(error), *sharing)
    if view.shared and noted is None:
        view.shared.note_position(view_position(view, at))
    if is_of_other_layout:
        message = "It comes from another version of provstore; the next query rebuilds it."
        return ViewState(view.name, view.engine_name, "behind", 0, head, message, *sharing)
    lag = head - at.position
    state = "behind" if lag else "up to date"
    return ViewState(view.name, view.engine_name, state, at.position, lag, "", *sharing)


def _locate(
    view: View, journal: Journal, noted: tuple[int, str] | None = None
) -> tuple[Position, bool]:
    """Return a view's position in the journal, and whether it must be rebuilt.

    It must if its layout is of another version, or if values that it has were replaced since.
    """
    position, chain_and_layout = noted or view.position()
    place = journal.position_at(position)
    if place is None or (position and chain_and_layout.partition(" ")[0] != place.chain):
        raise ViewUnavailable(
            f"The {view.name} view was loaded from another journal.",
            f"Rebuild it: provstore rebuild {view.name}",
        )
    is_of_this_layout = (position, chain_and_layout) == view_position(view, place)
    is_replaced = position < journal.last_replacement()
    return place, bool(position) and (is_replaced or not is_of_this_layout)


def _batch(entries: Iterable[Entry]) -> Iterator[Entry]:
    size = 0
    for entry in entries:
        yield entry
        size += len(entry.content)
        if size > BATCH_CHARACTERS:
            return


def view_position(view: View, place: Position) -> tuple[int, str]:
    """Return the position that a view stores: a journal position and the view's layout.

    An empty view is at (0, ""), whatever the journal's first hash.
    """
    return (0, "") if place == START else (place.position, f"{place.chain} {view.layout}")
