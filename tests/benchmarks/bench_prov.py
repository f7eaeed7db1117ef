"""Ours beside the `prov` package and beside bare JSON, on the same documents, in one run.

Prints CPU seconds, peak memory and how cost grows; asserts nothing.
`python -m tests.benchmarks.bench_prov [STATEMENTS]`.
"""

import gc
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import log
from multiprocessing import get_context
from pathlib import Path

import orjson
import pyoxigraph as ox
import rdflib
from prov.model import ProvDocument
from rich.console import Console
from rich.table import Table

from provstore.prov import property_graph, prov_o, provjson
from provstore.prov.bundle import Bundle
from tests.benchmarks.documents import document

STATEMENTS = 100_000
RUNS = 3


def main(statements: int = STATEMENTS) -> None:
    """Measure and print."""
    data = document(statements)
    text = data.decode()

    def ours() -> Bundle:
        (bundle,) = provjson.load(data).bundles
        return bundle

    def theirs() -> ProvDocument:
        return ProvDocument.deserialize(content=text, format="json")

    def their_nquads() -> str | None:
        return theirs().serialize(format="rdf", rdf_format="nquads")

    def their_store() -> rdflib.Dataset:
        return rdflib.Dataset().parse(data=their_nquads(), format="nquads")

    def our_store(*, union: bool = False) -> None:
        nquads = prov_o.nquads(ours(), union=union).encode()
        ox.Store().bulk_load(nquads, format=ox.RdfFormat.N_QUADS)

    def their_json() -> str | None:
        return theirs().serialize(format="json")

    bare = seconds(lambda: orjson.loads(data), RUNS)
    read, nquads = seconds(theirs), seconds(their_nquads)
    store = seconds(their_store)
    rows = [
        ("read", seconds(ours, RUNS), read),
        ("read, write N-Quads", seconds(lambda: prov_o.nquads(ours()), RUNS), nquads),
        ("read, project to rows", seconds(lambda: property_graph.project(ours()), RUNS), read),
        ("read, fill a store in memory", seconds(our_store), store),
        (
            "… and the default graph, as the RDF view",
            seconds(partial(our_store, union=True)),
            store,
        ),
        ("read, write PROV-JSON", seconds(lambda: provjson.dump(ours())), seconds(their_json)),
    ]
    columns = ("", "provstore", "prov", "times faster", "times bare JSON")
    table = Table(*columns, title=f"{statements:,} statements")
    for name, mine, other in rows:
        ratio, over = f"{other / mine:.1f}", f"{mine / bare:.1f}"
        table.add_row(name, f"{mine:.2f} s", f"{other:.2f} s", ratio, over)
    console = Console()
    console.print(table, "`prov` has no rows: beside ours stands its reading alone.")
    mine, other = peak("ours", statements), peak("theirs", statements)
    console.print(f"peak memory: {mine:.0f} MB, prov {other:.0f} MB, {other / mine:.1f} times more")
    sizes = [10**4, 10**5, 10**6]
    costs = [seconds(partial(to_nquads, document(size))) for size in sizes]
    told = ", ".join(f"{size:,}: {cost:.2f} s" for size, cost in zip(sizes, costs, strict=True))
    console.print(f"to N-Quads: {told}; exponent {log(costs[2] / costs[0]) / log(100):.2f}")


def to_nquads(data: bytes) -> int:
    """The way of `convert`: read, and write in pieces."""
    return sum(len(prov_o.nquads(bundle)) for bundle in provjson.load(data, limit=1 << 30).bundles)


def peak(who: str, statements: int) -> float:
    """MB that turning a document into N-Quads takes at most, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_peak, who, statements).result()


def _peak(who: str, statements: int) -> float:
    data = document(statements)
    before = _high_water()
    if who == "ours":
        to_nquads(data)
    else:
        document_of = ProvDocument.deserialize(content=data.decode(), format="json")
        document_of.serialize(format="rdf", rdf_format="nquads")
    return _high_water() - before


def _high_water() -> float:
    """MB that this process has held at most (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def seconds(work: Callable[[], object], runs: int = 1) -> float:
    """CPU seconds of the best of some runs, each beginning without garbage of the one before."""
    found = []
    for _ in range(runs):
        gc.collect()
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
