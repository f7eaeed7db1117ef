"""Runs a suite in batches, each in a process of its own, some at a time.

In: batches, and a ledger that knows which of them are done. Out: rows in the ledger, one for each
batch as soon as it ends, so that an interrupted run has figures and can go on.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tests.torture.figures import Figures, Finding
from tests.torture.ledger import Ledger, Row

LIMIT = 3 * 3600
"""Seconds after which a batch is taken for dead."""


class Batch(NamedTuple):
    """A part of a suite, with a name that is the same in every run with the same seed."""

    name: str
    cases: int
    """About so many, to tell how much is left."""

    run: Callable[[Figures], object]
    beside: bool = False
    """Whether it mostly waits, and takes no worker's place."""


class _Running(NamedTuple):
    suite: str
    batch: Batch
    file: Path
    begun: float


class Pool:
    """Runs batches, so many at a time beside those that mostly wait."""

    def __init__(self, ledger: Ledger, workers: int, root: Path) -> None:
        self._ledger, self._workers, self._root = ledger, workers, root
        self._running: dict[int, _Running] = {}
        self._progress: dict[str, _Progress] = {}

    def run(self, suite: str, batches: Iterable[Batch], about: int) -> None:
        """Run what the ledger does not have yet, of `about` so many cases.

        The last batches may still run at the end.
        """
        progress = self._progress[suite] = _Progress(suite, about)
        for number, batch in enumerate(batches):
            if self._ledger.has(suite, batch.name):
                progress.skip(batch.cases)
                continue
            while not batch.beside and self._busy() >= self._workers:
                self._collect()
            file = self._root / f"{suite}-{number}.json"
            running = _Running(suite, batch, file, time.monotonic())
            self._running[_fork(running)] = running

    def finish(self) -> None:
        """Wait for all that runs."""
        while self._running:
            self._collect()

    def _busy(self) -> int:
        return sum(not running.batch.beside for running in self._running.values())

    def _collect(self) -> None:
        process, status = os.wait()
        if running := self._running.pop(process, None):
            figures = _read(running, os.waitstatus_to_exitcode(status))
            seconds = time.monotonic() - running.begun
            self._ledger.add(Row(running.suite, running.batch.name, seconds, figures))
            self._progress[running.suite].show(running.batch.cases, figures)


def _fork(running: _Running) -> int:
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    try:
        signal.alarm(LIMIT)
        figures = Figures(running.suite, progress=600)
        try:
            running.batch.run(figures)
        except Exception:
            figures.add(
                [Finding("harness", traceback.format_exc())], running.batch.name, running.suite
            )
        running.file.write_text(json.dumps(figures.values()))
    finally:
        os._exit(0)


def _read(running: _Running, code: int) -> Figures:
    if running.file.exists():
        figures = Figures.from_values(running.suite, json.loads(running.file.read_text()))
        running.file.unlink()
        return figures
    figures = Figures(running.suite)
    figures.add([Finding("died", f"exit code {code}")], running.batch.name, running.suite)
    return figures


class _Progress:
    """Says how fast a suite goes, and how long it will take."""

    def __init__(self, suite: str, cases: int) -> None:
        self._suite, self._cases, self._done = suite, cases, 0
        self._begun, self._findings = time.monotonic(), 0

    def skip(self, cases: int) -> None:
        """Count what an earlier run has done."""
        self._cases -= cases

    def show(self, cases: int, figures: Figures) -> None:
        self._done += cases
        self._findings += len(figures.findings)
        seconds = time.monotonic() - self._begun
        rate = self._done / seconds
        left = max(0, self._cases - self._done) / rate / 60
        print(
            f"{self._suite}: {self._done:,} of about {self._cases:,} cases, {rate:.1f}/s, "
            f"{left:.0f} min left, {self._findings} findings",
            flush=True,
        )
