"""`store.lineage` of a thousand ancestors beside the same query on the bare driver.

A chain, each thing derived from the one before; a lattice in which each thing has three of the row
before, and one thing that was made of the last row. The bare driver is given the text and keeps the
rows as they come: it neither looks whether the view is up to date nor counts steps. Each has its
own connection, and both are asked equally often, now one first and now the other. Prints the
medians of many such turns, after some that only warm the engine, and the median of the ratio within
a turn, in which the machine is as fast for one as for the other; asserts nothing.
"""

import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import neo4j

import provstore
from provstore.queries import lineage
from provstore.store import ProvStore
from provstore.views.graph.graph_view import GraphView, Neo4jServer
from tests.servers.java import ServerMissing
from tests.servers.neo4j import VERSIONS, neo4j_server

logging.getLogger("neo4j.notifications").disabled = True  # a terminal is not what is measured
ANCESTORS, WIDE, RUNS, WARM = 1000, 25, 100, 30
EX = "http://example.org/"


def main() -> None:
    """Print one line for each shape on each engine that this machine can run."""
    for name in ("embedded", *VERSIONS):
        try:
            with _store(name) as store:
                for shape, pairs in (("chain", _chain()), ("lattice", _lattice())):
                    _import(store, pairs)
                    _compare(f"{name} {shape}", store, EX + pairs[-1][0])
        except ServerMissing as error:
            print(f"{name}: {error.reason}")


@contextmanager
def _store(name: str) -> Iterator[ProvStore]:
    with tempfile.TemporaryDirectory() as place, provstore.init(Path(place) / "store") as store:
        if name == "embedded":
            yield store
            return
        with neo4j_server(VERSIONS[name][0], Path(place) / "server") as server:
            store.views["graph"].close()
            store.views = {**store.views, "graph": GraphView(Neo4jServer(*server))}
            yield store


def _chain() -> list[tuple[str, str]]:
    return [(f"c{number + 1}", f"c{number}") for number in range(ANCESTORS)]


def _lattice() -> list[tuple[str, str]]:
    rows = ANCESTORS // WIDE
    pairs = [
        (f"l{row}.{place}", f"l{row - 1}.{(place + step) % WIDE}")
        for row in range(1, rows)
        for place in range(WIDE)
        for step in (-1, 0, 1)
    ]
    return pairs + [("lattice", f"l{rows - 1}.{place}") for place in range(WIDE)]


def _import(store: ProvStore, pairs: list[tuple[str, str]]) -> None:
    names = {f"ex:{one}": {"prov:label": one} for pair in pairs for one in pair}
    made = {
        f"_:{number}": {"prov:generatedEntity": f"ex:{later}", "prov:usedEntity": f"ex:{old}"}
        for number, (later, old) in enumerate(pairs)
    }
    document = {"prefix": {"ex": EX}, "entity": names, "wasDerivedFrom": made}
    store.import_document(json.dumps(document).encode())


def _compare(what: str, store: ProvStore, thing: str) -> None:
    text = lineage.START + lineage.ALL_UP + lineage.UP + lineage.ROWS
    view = store.views["graph"]
    assert isinstance(view, GraphView)
    found = store.lineage(thing)
    engine = view.engine
    with neo4j.GraphDatabase.driver(engine.address, auth=engine.reader) as driver:

        def bare() -> list[list[object]]:
            with driver.session(
                database=engine.database, default_access_mode=neo4j.READ_ACCESS
            ) as session:
                return session.run(text, things=[thing]).values()

        assert len(bare()) == len(found)
        both: list[tuple[Callable[[], object], list[float]]] = [
            (lambda: store.lineage(thing), []),
            (bare, []),
        ]
        for turn in range(WARM + RUNS):
            for work, times in both[:: (-1) ** turn]:
                begun = time.perf_counter()
                work()
                times.append(1000 * (time.perf_counter() - begun))
    kept = [times[WARM:] for _, times in both]
    ours, same = map(median, kept)
    ratio = median(one / other for one, other in zip(*kept, strict=True))
    ancestors = len({row[3] for row in found.rows})
    print(
        f"{what:24} {ancestors} ancestors, {len(found)} statements: ours {ours:.1f} ms, "
        f"bare {same:.1f} ms; in a turn {ratio:.2f} x, allowed 1.2 x"
    )


if __name__ == "__main__":
    main()
