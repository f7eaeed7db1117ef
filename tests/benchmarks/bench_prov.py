"""Ours beside the `prov` package and beside bare JSON, on the same documents, in one run.

Each is measured in a process of its own, so that none works in what another left of the memory.
Prints CPU seconds, peak memory and how cost grows; asserts nothing.
`python -m tests.benchmarks.bench_prov [STATEMENTS]`.
"""

import gc
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from math import log
from multiprocessing import get_context
from pathlib import Path

import orjson
import pyoxigraph as ox
import rdflib
from prov.model import ProvDocument
from rich.console import Console
from rich.table import Table

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import prov_o, provjson
from provstore.prov.property_graph import graph_rows
from tests.benchmarks.documents import document

STATEMENTS = 100_000
RUNS = 5

Work = Callable[[bytes], object]


def main(statements: int = STATEMENTS) -> None:
    """Measure and print."""
    bare = seconds(orjson.loads, statements)
    columns = ("", "provstore", "prov", "times faster", "times bare JSON")
    table = Table(*columns, title=f"{statements:,} statements")
    others = {work: seconds(work, statements, 1) for _, work in ROWS.values()}
    for name, (ours, theirs) in ROWS.items():
        mine, other = seconds(ours, statements), others[theirs]
        ratio, over = f"{other / mine:.1f}", f"{mine / bare:.1f}"
        table.add_row(name, f"{mine:.2f} s", f"{other:.2f} s", ratio, over)
    console = Console()
    console.print(table, "`prov` has no rows: beside ours stands its reading alone.")
    mine, other = peak(nquads, statements), peak(their_nquads, statements)
    console.print(f"peak memory: {mine:.0f} MB, prov {other:.0f} MB, {other / mine:.1f} times more")
    sizes = [10**4, 10**5, 10**6]
    costs = [seconds(nquads, size, 3) for size in sizes]
    told = ", ".join(f"{size:,}: {cost:.2f} s" for size, cost in zip(sizes, costs, strict=True))
    console.print(f"to N-Quads: {told}; exponent {log(costs[2] / costs[0]) / log(100):.2f}")


# --- what is measured ----------------------------------------------------------------------------


def read(data: bytes) -> Bundle:
    """Ours: PROV-JSON in."""
    (bundle,) = provjson.load(data, limit=1 << 30).bundles
    return bundle


def nquads(data: bytes) -> str:
    """Ours: N-Quads out."""
    return prov_o.nquads(read(data))


def rows(data: bytes) -> graph_rows.Rows:
    """Ours: rows of a graph out."""
    return graph_rows.bundle_to_rows(read(data))


def store(data: bytes) -> ox.Store:
    """Ours: a store that can be asked."""
    return _stored(prov_o.nquads(read(data)))


def view(data: bytes) -> ox.Store:
    """Ours: the same with the default graph, as the RDF view has it."""
    return _stored(prov_o.nquads(read(data), union=True))


def _stored(text: str) -> ox.Store:
    held = ox.Store()
    held.bulk_load(text.encode(), format=ox.RdfFormat.N_QUADS)
    return held


def json(data: bytes) -> str:
    """Ours: PROV-JSON out again."""
    return provjson.dump(read(data))


def their_reading(data: bytes) -> ProvDocument:
    """`prov`: PROV-JSON in."""
    return ProvDocument.deserialize(content=data.decode(), format="json")


def their_nquads(data: bytes) -> str | None:
    """`prov` and rdflib: N-Quads out."""
    return their_reading(data).serialize(format="rdf", rdf_format="nquads")


def their_store(data: bytes) -> rdflib.Dataset:
    """`prov` and rdflib: a store that can be asked."""
    return rdflib.Dataset().parse(data=their_nquads(data), format="nquads")


def their_json(data: bytes) -> str | None:
    """`prov`: PROV-JSON out again."""
    return their_reading(data).serialize(format="json")


ROWS: dict[str, tuple[Work, Work]] = {
    "read": (read, their_reading),
    "read, write N-Quads": (nquads, their_nquads),
    "read, project to rows": (rows, their_reading),
    "read, fill a store in memory": (store, their_store),
    "… and the default graph, as the RDF view": (view, their_store),
    "read, write PROV-JSON": (json, their_json),
}
"""What is done → by us, and by `prov`."""


# --- measuring -----------------------------------------------------------------------------------


def seconds(work: Work, statements: int, runs: int = RUNS) -> float:
    """CPU seconds of the best of some runs, each beginning without garbage of the one before."""
    return _alone(_seconds, work, statements, runs)


def peak(work: Work, statements: int) -> float:
    """MB that it takes at most."""
    return _alone(_peak, work, statements, 1)


def _alone(measure: Callable[[Work, bytes, int], float], *asked: object) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_of_a_document, measure, *asked).result()


def _of_a_document(
    measure: Callable[[Work, bytes, int], float], work: Work, statements: int, runs: int
) -> float:
    return measure(work, document(statements), runs)


def _seconds(work: Work, data: bytes, runs: int) -> float:
    found = []
    for _ in range(runs):
        gc.collect()
        begun = time.process_time()
        work(data)
        found.append(time.process_time() - begun)
    return min(found)


def _peak(work: Work, data: bytes, _: int) -> float:
    before = _high_water()
    work(data)
    return _high_water() - before


def _high_water() -> float:
    """MB that this process has held at most (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
