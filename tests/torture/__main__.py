"""The long form: every suite with all its cases, and a table of figures (`make torture`).

    python -m tests.torture [--only SUITE]… [--factor F] [--seed N] [--results DIRECTORY]

The figures are written as it goes. A run that was interrupted goes on where it was, if it is given
the same seed and factor. The exit code is 1 if any promise was broken; `open_faults.toml` lists the
cases of which this is known.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.torture import (
    corruptions,
    crash_states,
    faults,
    forgetting,
    kills,
    readers,
    soak,
    writers,
)
from tests.torture.batches import Batch, Pool
from tests.torture.figures import working_directory
from tests.torture.ledger import Ledger
from tests.torture.open_faults import open_faults

Suite = Callable[[int, float, Path], Iterable[Batch]]
"""Takes a seed, a factor, and a directory to work in; gives its batches."""

SUITES: Mapping[str, tuple[Suite, int]] = {
    "soak": (lambda seed, factor, _: soak.batches(seed, factor), 360),
    "kills": (lambda _seed, factor, _: kills.batches(factor), 13_000),
    "forgetting": (lambda _seed, factor, _: forgetting.batches(factor), 980),
    "crash_states": (
        lambda seed, factor, _: crash_states.batches(open_faults(), seed, factor), 110_000
    ),
    "corruptions": (lambda seed, factor, root: corruptions.batches(root, seed, factor), 100_000),
    "faults": (lambda _seed, factor, _: faults.batches(factor), 15_000),
    "readers": (lambda _seed, factor, _: readers.batches(factor), 10_000),
    "writers": (lambda _seed, factor, _: writers.batches(factor), 73_000),
}  # fmt: skip
"""Suites, and about how many cases each has. The soak comes first: the others run beside it."""


def main() -> int:
    """Run the suites that are named, or all."""
    options = _options()
    ledger = Ledger(options.results, options.seed, options.factor)
    print(f"{ledger.title}: the figures are in {ledger.table_file}", flush=True)
    chosen = options.only or [*SUITES]
    with working_directory() as root:
        pool = Pool(ledger, options.workers, Path(root))
        for suite in chosen:
            place = Path(root) / suite
            place.mkdir()
            batches, about = SUITES[suite]
            cases = max(1, round(about * options.factor))
            pool.run(suite, batches(options.seed, options.factor, place), cases)
        pool.finish()
    broken = 0
    for suite in chosen:
        figures = ledger.figures(suite)
        broken += len(figures.findings)
        print(figures.text(), flush=True)
        for case in sorted({finding.case for finding in figures.findings}):
            print(f"  {'known' if case in open_faults() else 'NEW'}: {case}", flush=True)
    print(ledger.table(), flush=True)
    return 1 if broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("--only", action="append", choices=[*SUITES], help="repeatable")
    parser.add_argument("--factor", type=float, default=1.0, help="of the number of cases")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--results", type=Path, default=Path("build/torture"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
