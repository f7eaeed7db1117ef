"""Many writers at once, in processes and threads: every acknowledgement once, no gap in positions.

As a program, it is one process that forks the writers (a process that has loaded provstore once).
As a module, it starts that program and checks the history of all of them.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import NamedTuple

from provstore.errors import ProvstoreError
from tests.torture.acts import perform
from tests.torture.batches import Batch
from tests.torture.figures import Figures, Finding, describe, working_directory
from tests.torture.judge import judge
from tests.torture.scene import Acknowledgement, Scene

SHARED_EVERY = 5
"""Every so many acts, all writers send the same."""

TRIES = 20


class Event(NamedTuple):
    """One act of one writer: when it began and ended, and what was acknowledged."""

    writer: str
    begun: float
    ended: float
    acknowledgement: Acknowledgement


@dataclass(frozen=True)
class Writers:
    """So many processes, threads in each, and acts of each thread."""

    processes: int
    threads: int
    acts: int

    def act(self, process: int, thread: int, number: int) -> str:
        """The act that a writer does then: its own, or one that all writers do."""
        if number % SHARED_EVERY == 0:
            return f"package {number + 1}"
        own = 1000 + (process * self.threads + thread) * self.acts + number
        return f"{('submit', 'report', 'package', 'import')[number % 4]} {own}"


def write_together(writers: Writers, figures: Figures) -> Figures:
    """Let them write into one store, and check what they were told."""
    with working_directory() as root:
        directory = Path(root) / "store"
        scene = Scene(directory)
        perform(scene, "init")
        scene.close()
        begun = time.monotonic()
        sizes = map(str, (writers.processes, writers.threads, writers.acts))
        subprocess.run(
            [sys.executable, "-m", "tests.torture.writers", root, *sizes],
            check=True,
            cwd=Path(__file__).parents[2],
        )
        seconds = time.monotonic() - begun
        events, troubles = _read_events(Path(root))
        figures.peak("writers at once", writers.processes * writers.threads)
        figures.count("acknowledgements", len(events))
        figures.count("refused and sent again", sum(kind == "refused" for kind, _ in troubles))
        figures.peak("acknowledgements a second at most", round(len(events) / seconds))
        findings = [Finding(kind, text) for kind, text in troubles if kind != "refused"]
        wanted = writers.processes * writers.threads * writers.acts
        if len(events) != wanted:
            findings.append(Finding("never-acknowledged", f"{wanted - len(events)} acts"))
        findings += check_history(directory, events)
        figures.add(findings, str(writers), "writers")
    return figures


def check_history(directory: Path, events: Sequence[Event]) -> Iterator[Finding]:
    """The history of all writers against the journal: once, without gaps, in the order of time."""
    scene = Scene(directory)
    entries = list(scene.store.entries())
    scene.close()
    acknowledged: dict[str, Acknowledgement] = {}
    for event in events:
        ack = event.acknowledgement
        first = acknowledged.setdefault(ack.act, ack)
        if ack != first:
            yield Finding("acknowledged-differently", f"{ack.act}: {ack} and {first}")
    promised = [bundle for ack in acknowledged.values() for bundle in ack.bundles]
    if len(set(promised)) != len(promised):
        yield Finding("name-twice", f"{len(promised) - len(set(promised))} bundles")
    extra = {entry.bundle for entry in entries} - set(promised)
    # A report first submits its ingest, which is acknowledged within the same act.
    if extra := {name for name in extra if "/submission/" not in name}:
        yield Finding("never-acknowledged", f"{len(extra)}: {sorted(extra)[:3]}")
    yield from _order(events)
    yield from judge(directory, list(acknowledged.values()), [*acknowledged])


def _order(events: Sequence[Event]) -> Iterator[Finding]:
    """What was acknowledged before another act began has a lower position (linearisable)."""
    own: dict[str, list[Event]] = {}
    for event in events:
        own.setdefault(event.acknowledgement.act, []).append(event)
    alone = [group[0] for group in own.values() if len(group) == 1]
    placed = sorted(
        (max(at for at, _ in event.acknowledgement.bundles.values()), event) for event in alone
    )
    earliest_end = float("inf")
    for position, event in reversed(placed):
        if earliest_end < event.begun:
            yield Finding("out-of-order", f"position {position} began after a later one ended")
        earliest_end = min(earliest_end, event.ended)


def _read_events(root: Path) -> tuple[list[Event], list[tuple[str, str]]]:
    events, troubles = [], []
    for file in sorted(root.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            kind, begun, ended, text = json.loads(line)
            if kind == "acknowledged":
                events.append(Event(file.stem, begun, ended, Acknowledgement.from_text(text)))
            else:
                troubles.append((kind, text))
    return events, troubles


SHAPES = ((64, 1, 1000), (8, 8, 100), (1, 64, 40))
"""Processes, threads in each, and acts of each thread."""


def batches(factor: float) -> Iterator[Batch]:
    """The long form: 64 writers as processes, as processes with threads, and as threads."""
    for processes, threads, acts in SHAPES:
        writers = Writers(processes, threads, max(1, round(acts * factor)))
        yield Batch(
            str(writers), processes * threads * writers.acts, partial(write_together, writers)
        )


# -------------------------------------------------------------------------- the writers themselves


def _run_process(root: Path, writers: Writers, process: int) -> None:
    scene = Scene(root / "store")
    scene.store.position()
    start = Barrier(writers.threads)
    threads = [
        Thread(target=_run_thread, args=(root, scene, writers, process, thread, start))
        for thread in range(writers.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _run_thread(
    root: Path, scene: Scene, writers: Writers, process: int, thread: int, start: Barrier
) -> None:
    start.wait()
    with (root / f"{process}-{thread}.jsonl").open("w") as out:
        for number in range(writers.acts):
            act = writers.act(process, thread, number)
            for _ in range(TRIES):
                begun = time.monotonic()
                kind, text = _try(scene, act)
                out.write(json.dumps([kind, begun, time.monotonic(), text]) + "\n")
                if kind != "refused":
                    break


def _try(scene: Scene, act: str) -> tuple[str, str]:
    try:
        return "acknowledged", perform(scene, act).text()
    except ProvstoreError as error:
        return "refused", f"{act}: {describe(error)}"
    except Exception as error:
        return "raw", f"{act}: {describe(error)}"


def main() -> None:
    """Fork the writers, and wait for them."""
    root, *sizes = sys.argv[1:]
    writers = Writers(*map(int, sizes))
    children = []
    for process in range(writers.processes):
        child = os.fork()
        if child == 0:
            try:
                _run_process(Path(root), writers, process)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
