"""Ours beside the `prov` package on the same documents, in one run, in CPU seconds.

Prints a table of ratios; asserts nothing. `python -m tests.benchmarks.bench_prov [STATEMENTS]`.
"""

import gc
import sys
import time
from collections.abc import Callable

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

    def their_json() -> str | None:
        return theirs().serialize(format="json")

    read, nquads = seconds(theirs), seconds(their_nquads, runs=1)
    rows = [
        ("read", seconds(ours, RUNS), read),
        ("read, write N-Quads", seconds(lambda: prov_o.nquads(ours()), RUNS), nquads),
        ("read, project to rows", seconds(lambda: property_graph.project(ours()), RUNS), read),
        (
            "read, write PROV-JSON",
            seconds(lambda: provjson.dump(ours()), RUNS),
            seconds(their_json),
        ),
    ]
    table = Table("", "provstore", "prov", "times faster", title=f"{statements:,} statements")
    for name, mine, other in rows:
        table.add_row(name, f"{mine:.2f} s", f"{other:.2f} s", f"{other / mine:.1f}")
    Console().print(table, "`prov` has no rows: beside ours stands its reading alone.")


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
