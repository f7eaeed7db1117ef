"""How long a store lets people wait, each beside the least that it could take.

Prints ratios of one run; asserts nothing. `python -m tests.benchmarks` runs all benchmarks.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from io import FileIO
from pathlib import Path
from statistics import median

import provstore
from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import GraphView

RUNS = 200
HUB = 100_000
BATCH = 2_000


def main() -> None:
    """Print every figure."""
    submit()
    importing()
    hub()


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def submit() -> None:
    """`submit` beside a write of as many bytes that is on the disk when it returns."""
    submits, writes, size = [], [], 0
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as place,
        provstore.init(Path(place) / "store") as store,
        (Path(place) / "raw").open("ab", buffering=0) as raw,
    ):
        form = store.forms["cordex"]
        for number in range(RUNS):
            answers = form.example() | {"comment": f"number {number}"}
            filled = {"form": "cordex", "version": form.version, "answers": answers}
            submits.append(seconds(partial(store.submit, filled)))
            size = len(next(store._journal.after(number)).content)
            writes.append(seconds(partial(_write, raw, size)))
        asked = seconds(lambda: store.ask("state-of-every-ingest", language="sparql"))
    ours, least = 1000 * median(submits[10:]), 1000 * median(writes[10:])
    print(
        f"submit            {ours:8.2f} ms   fdatasync of {size} bytes {least:.2f} ms; "
        f"allowed 2 x that + 2 ms = {2 * least + 2:.2f} ms"
    )
    print(f"ask after {RUNS}     {1000 * asked:8.0f} ms   the RDF view catches up and answers")


def _write(raw: FileIO, size: int) -> None:
    raw.write(b"x" * size)
    os.fdatasync(raw.fileno())


def importing() -> None:
    """`import provstore` beside an empty Python."""

    def best(words: str) -> float:
        command = [sys.executable, "-c", words]
        return min(seconds(partial(subprocess.run, command, check=True)) for _ in range(5))

    took = best("import provstore") - best("pass")
    print(f"import provstore  {1000 * took:8.0f} ms   beside an empty Python; allowed 300 ms")


def hub() -> None:
    """One agent of 10⁵ activities: a batch at the end beside a batch at the start."""
    agent = "http://example.org/agent"

    def bundle(number: int) -> Bundle:
        runs = [f"http://example.org/run/{number * BATCH + index}" for index in range(BATCH)]
        elements = [Element(run, ("activity",)) for run in runs] + [Element(agent, ("agent",))]
        relations = [Relation("wasAssociatedWith", (run, agent, "")) for run in runs]
        return Bundle(f"http://example.org/bundle/{number}", tuple(elements), tuple(relations))

    with tempfile.TemporaryDirectory() as place:
        view = GraphView(EmbeddedServer(Path(place)))
        times, at = [], (0, "")
        for number in range(HUB // BATCH):
            after = (number + 1, "x")
            times.append(seconds(partial(view.load, [bundle(number)], at, after)))
            at = after
        view.close()
    first, last = median(times[1:6]), median(times[-5:])
    print(
        f"hub of {HUB}     {sum(times):8.1f} s    a batch of {BATCH}: {first:.2f} s at the "
        f"start, {last:.2f} s at the end ({last / first:.1f} x)"
    )


if __name__ == "__main__":
    main()
