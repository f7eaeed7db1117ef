"""The pause of the cycle collector ends, and no cycle that others make is kept for ever."""

import gc
from collections.abc import Iterator
from weakref import WeakSet

import pytest

from provstore.prov.model import gc_pause
from provstore.prov.model.gc_pause import MANY, gc_paused


class Cycle:
    """A value that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The collector as Python starts it."""
    was_enabled, threshold = gc.isenabled(), gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    gc.enable()
    gc.collect()
    yield
    gc.set_threshold(*threshold)
    (gc.enable if was_enabled else gc.disable)()


def test_the_collector_is_off_within_and_on_again_afterwards() -> None:
    with gc_paused():
        assert not gc.isenabled()
        with gc_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with gc_paused():
        pass
    assert not gc.isenabled()


def test_cycles_made_between_many_small_loads_are_freed() -> None:
    alive: WeakSet[Cycle] = WeakSet()
    for _ in range(20_000):
        alive.add(Cycle())
        with gc_paused():
            pass
    assert len(alive) < 5_000


def test_cycles_made_between_many_large_loads_are_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc_pause, "_debt", gc_pause._Debt())
    monkeypatch.setattr(gc_pause._debt, "limit", 10 * MANY)
    alive: WeakSet[Cycle] = WeakSet()
    for _ in range(30):
        alive.add(Cycle())
        with gc_paused():
            _ = [[] for _ in range(MANY + 1)]  # type: ignore[var-annotated]
            del _
            kept = [[] for _ in range(MANY + 1)]  # type: ignore[var-annotated]
        del kept
    assert len(alive) < 15


def test_a_large_load_is_not_searched_at_once() -> None:
    """After one, as many objects as before may be made before the collector runs."""
    with gc_paused():
        kept = [[number] for number in range(2 * MANY)]
        assert gc.get_count()[0] > MANY
    assert gc.get_count()[0] < MANY
    assert len(kept) == 2 * MANY
