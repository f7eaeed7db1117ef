"""The long form: every suite with all its cases, and a figure for each (`make torture`).

    python -m tests.torture [SUITE…] [--seed N] [--factor F]

Findings that are listed in `open_faults.toml` are known; the exit code is 1 if there is any other.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping

from tests.torture import corruptions, crash_states, faults, kills, soak, writers
from tests.torture.figures import Figures
from tests.torture.open_faults import open_faults

Suite = Callable[[int, float], Figures]
"""Takes a seed and a factor; gives its figures."""


def _figures(suite: str) -> Figures:
    return Figures(suite, progress=60)


def _crash_states(seed: int, factor: float) -> Figures:
    return crash_states.run(_figures("crash states"), open_faults(), seed, int(8 * factor))


def _kills(_: int, factor: float) -> Figures:
    return kills.run(_figures("kills"), max(1, round(1 / factor)))


def _faults(_: int, factor: float) -> Figures:
    return faults.run(_figures("faults"), max(1, round(1 / factor)))


def _corruptions(seed: int, factor: float) -> Figures:
    return corruptions.run(_figures("corruptions"), seed, int(4200 * factor))


def _writers(_: int, factor: float) -> Figures:
    return writers.run(_figures("writers"), factor)


def _soak(seed: int, factor: float) -> Figures:
    return soak.soak(_figures("soak"), 600 * factor, seed)


SUITES: Mapping[str, Suite] = {
    "crash_states": _crash_states,
    "kills": _kills,
    "faults": _faults,
    "corruptions": _corruptions,
    "writers": _writers,
    "soak": _soak,
}


def main() -> int:
    """Run the suites that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("suites", nargs="*", choices=[[], *SUITES], metavar="SUITE")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--factor", type=float, default=1.0)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    unknown = 0
    for name in options.suites or SUITES:
        begun = time.monotonic()
        figures = SUITES[name](options.seed, options.factor)
        fresh = sorted({finding.case for finding in figures.findings} - open_faults().keys())
        unknown += len(fresh)
        print(f"{figures.text()}\n  {time.monotonic() - begun:.0f} s", flush=True)
        for case in fresh:
            print(f"  NEW: {case}", flush=True)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
