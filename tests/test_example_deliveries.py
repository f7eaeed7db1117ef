"""The example deliveries, in the order of their numbers and in any that their ingests allow."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from provstore.cli.example_deliveries import hand_in, read_deliveries
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from tests.properties import examples

ALL = tuple(read_deliveries(shipped("queries").joinpath("example")))


def ingest_of(file: str) -> str:
    return file.split(".")[1]


def begins(file: str) -> bool:
    return file.split(".")[2] in ("cordex", "generic")


@cache
def told(order: tuple[tuple[str, bytes], ...]) -> tuple[list[str], list[str]]:
    """What a store says after these deliveries: all its statements, and what it answers."""
    with (
        TemporaryDirectory() as place,
        ProvStore.create(Path(place) / "store", predictable="example") as store,
    ):
        for file, content in order:
            hand_in(store, file, content)
        quads = sorted("".join(store.export(None, "nquads")).splitlines())
        view = store.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").csv()
        states = store.ask("state-of-every-ingest", language="sparql").csv()
        return quads, [view, states]


@st.composite
def orders(draw: st.DrawFn) -> tuple[tuple[str, bytes], ...]:
    """Each ingest keeps its own order, and each form the order in which its ingests were begun."""
    left = {name: list(group) for name, group in _by_ingest()}
    order = []
    while left:
        open_now = [name for name in left if not _waits(name, left)]
        name = draw(st.sampled_from(open_now))
        order.append(left[name].pop(0))
        if not left[name]:
            del left[name]
    return tuple(order)


def _by_ingest() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    groups: dict[str, list[tuple[str, bytes]]] = {}
    for one in ALL:
        own = ingest_of(one[0])
        groups.setdefault(one[0] if own == "import" else own, []).append(one)
    yield from groups.items()


def _waits(name: str, left: dict[str, list[tuple[str, bytes]]]) -> bool:
    """Whether an ingest of the same form must begin before: names are numbers in that order."""
    form = name.rpartition("-")[0]
    return begins(left[name][0][0]) and any(
        other < name and other.rpartition("-")[0] == form and begins(group[0][0])
        for other, group in left.items()
    )


@examples(8)
@given(orders())
def test_any_interleaving_of_several_ingests_gives_the_same_statements_and_answers(
    order: tuple[tuple[str, bytes], ...],
) -> None:
    assert sorted(order) == sorted(ALL)
    assert told(order) == told(ALL)
