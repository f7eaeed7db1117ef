"""How fast provenance is checked, in CPU seconds, and how that grows with its size.

Prints figures; asserts nothing. `python -m tests.benchmarks.bench_constraints [STATEMENTS…]`.
"""

import sys
import time
from collections.abc import Callable
from math import log

from provstore.prov.constraints import check
from provstore.prov.constraints.plausibility import check_plausibility
from provstore.prov.model.bundle import Bundle, Relation
from provstore.prov.notations import provjson
from tests.benchmarks.documents import document

SIZES = (10_000, 100_000, 1_000_000)
CHAIN = 20_000
EX = "http://example.org/"


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure and print."""
    spent: list[tuple[int, float]] = []
    for size in sizes:
        (bundle,) = provjson.load(document(size), limit=10**10).bundles
        count = len(bundle.elements) + len(bundle.relations)
        seconds = cpu(lambda held=bundle: check(held))
        spent.append((count, seconds))
        plausible = cpu(lambda held=bundle: check_plausibility(held))
        print(
            f"{count:>9,} statements   check {seconds:7.2f} s = {count / seconds:>9,.0f}/s   "
            f"look {plausible:7.2f} s = {count / plausible:>9,.0f}/s"
        )
    if len(spent) > 1:
        (small, quick), (large, slow) = spent[0], spent[-1]
        print(f"exponent {log(slow / quick) / log(large / small):.2f} from {small:,} to {large:,}")
    for name, bundle in (("circle of derivations", circle()), ("merges into one", merges())):
        print(f"{CHAIN:>9,} {name:<22} {cpu(lambda held=bundle: check(held)):7.2f} s")


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of the best of three runs."""
    spent = []
    for _ in range(3):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return min(spent)


def circle() -> Bundle:
    """Every entity is derived from the next one, and the last from the first."""
    names = [f"{EX}e{number}" for number in range(CHAIN)]
    pairs = zip(names, names[1:] + names[:1], strict=True)
    return Bundle(EX, (), tuple(Relation("wasDerivedFrom", (*pair, "", "", "")) for pair in pairs))


def merges() -> Bundle:
    """One start told many times, each time a little differently."""
    return Bundle(
        EX,
        (),
        tuple(
            Relation(
                "wasStartedBy", (EX + "a", EX + "e", "", f"2026-01-01T00:00:00.{number:05}Z"), EX
            )
            for number in range(CHAIN)
        ),
    )


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
