"""CPU per submission and per report, of this tree and of another one.

    python -m tests.benchmarks.bench_submit [--other TREE] [--runs N] [--count N]

`--other` is a checkout of an earlier version (`git worktree add`). Each run is a process of its
own; the versions take turns, and the ratio of each pair of neighbours counts, so that a busy
machine slows both alike. Prints medians; asserts nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import provstore

TREE = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")
WARM_UP = 20
FORM, REPORT = "cordex", "review"


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures of each place where a store can lie."""
    options = _options(arguments)
    for place in (MEMORY, TREE / "build"):
        if place != MEMORY:
            place.mkdir(exist_ok=True)
        elif not place.is_dir():
            continue
        trees = [TREE, *([options.other.resolve()] if options.other else [])]
        runs = [[_run(tree, place, options.count) for tree in trees] for _ in range(options.runs)]
        for act in ("submit", "report"):
            _print(act, place, [[float(figures[act]) for figures in pair] for pair in runs])
        print(f"size of an entry  {runs[0][0]['size']:8} bytes")


def _print(act: str, place: Path, pairs: list[list[float]]) -> None:
    ours = median(pair[0] for pair in pairs)
    name = "memory" if place == MEMORY else "disk"
    line = f"{act} ({name})".ljust(18) + f"{1000 * ours:8.3f} ms of CPU"
    if len(pairs[0]) > 1:
        ratios = sorted(own / other for own, other in pairs)
        line += (
            f"   the other {1000 * median(pair[1] for pair in pairs):.3f} ms; ratio of medians "
            f"{ours / median(pair[1] for pair in pairs):.3f}, median of {len(ratios)} ratios "
            f"{median(ratios):.3f}, from {ratios[0]:.3f} to {ratios[-1]:.3f}"
        )
    print(line, flush=True)


def _run(tree: Path, place: Path, count: int) -> dict[str, Any]:
    """Measure one version in a process of its own."""
    with tempfile.TemporaryDirectory(dir=place, prefix="bench-submit-") as directory:
        environment = os.environ | {"PYTHONPATH": str(tree), "XDG_STATE_HOME": f"{directory}/state"}
        command = [
            sys.executable,
            str(Path(__file__)),
            "--measure",
            directory,
            "--count",
            str(count),
        ]
        ended = subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment, cwd=directory
        )
    figures: dict[str, Any] = json.loads(ended.stdout)
    if Path(figures["package"]) != tree / "provstore":
        raise RuntimeError(f"{figures['package']} was measured instead of {tree}")
    return figures


def measure(directory: Path, count: int) -> dict[str, Any]:
    """CPU seconds per submission and per report, in this process; bytes of an entry."""
    with provstore.init(directory / "store") as store:
        form, review = store.forms[FORM], store.forms[REPORT]
        example, answers = form.example(), review.example()
        forms = [
            form.text(example | {"comment": f"number {number}"}).encode()
            for number in range(count + WARM_UP)
        ]
        reports = [
            review.text(answers | {"comment": f"number {number}"}).encode()
            for number in range(count + WARM_UP)
        ]
        ingests = [store.submit(text).ingest for text in forms[:WARM_UP]]
        begun = time.process_time()
        ingests += [store.submit(text).ingest for text in forms[WARM_UP:]]
        submitting = time.process_time() - begun
        for ingest, text in zip(ingests[:WARM_UP], reports[:WARM_UP], strict=True):
            store.report(ingest, REPORT, text)
        begun = time.process_time()
        for ingest, text in zip(ingests[WARM_UP:], reports[WARM_UP:], strict=True):
            store.report(ingest, REPORT, text)
        reporting = time.process_time() - begun
        size = len(next(iter(store.entries())).content)
    package = str(Path(provstore.__file__).parent)
    return {
        "submit": submitting / count, "report": reporting / count, "size": size, "package": package,
    }  # fmt: skip


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_submit")
    parser.add_argument("--other", type=Path, help="a checkout of another version")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--count", type=int, default=200, help="of submissions in a run")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    given = _options(sys.argv[1:])
    if given.measure:
        print(json.dumps(measure(given.measure, given.count)))
    else:
        main(sys.argv[1:])
