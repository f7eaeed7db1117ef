"""Hours of work in one: a process that writes all the time, others that are killed meanwhile.

Nothing acknowledged is lost, and neither memory nor open files of the long-lived process grow.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from provstore.errors import ProvstoreError
from tests.torture.acts import perform
from tests.torture.batches import Batch
from tests.torture.figures import Figures, Finding, describe, working_directory
from tests.torture.judge import judge
from tests.torture.scene import Acknowledgement, Scene

GROWTH = 0.05
"""So much may the memory of a process grow after its warm-up, as a part of it."""

EVERY = 10
"""So many seconds, more or less, lie between two kills."""

RATE = 20
"""So many acts a second the long-lived process does, so that other suites can run beside it."""

WARM_UP = 1200
"""Acts before memory is measured: by then the histories of 256 ingests are kept."""


def soak(figures: Figures, seconds: float, seed: int) -> Figures:
    """Work for so long, and judge everything that was acknowledged."""
    luck = random.Random(seed)
    with working_directory() as root:
        directory = Path(root) / "store"
        scene = Scene(directory)
        perform(scene, "init")
        scene.close()
        steady = _start(root, "steady", 1_000_000)
        until, round_number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            round_number += 1
            victim = _start(root, f"victim-{round_number}", 2_000_000 + 1000 * round_number)
            time.sleep(luck.uniform(0.5, 1.5) * EVERY)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            figures.count("kills")
            if steady.poll() is not None:
                figures.add([Finding("died", f"code {steady.returncode}")], "", "soak")
                break
        (Path(root) / "stop").touch()
        steady.wait(60)
        acknowledged, findings = _read(Path(root), figures)
        figures.count("acknowledgements", len(acknowledged))
        findings += _growth(Path(root) / "steady.measures", figures)
        begun = [ack.act for ack in acknowledged]
        findings += judge(directory, acknowledged, begun[:: max(1, len(begun) // 500)])
        figures.add(findings, f"seed {seed}, {seconds} s", "soak")
    return figures


def _start(root: str, name: str, first: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.torture.soak", root, name, str(first)],
        cwd=Path(__file__).parents[2],
    )


def _read(root: Path, figures: Figures) -> tuple[list[Acknowledgement], list[Finding]]:
    """What was acknowledged; the last line of a killed writer may be half, and does not count."""
    acknowledged, findings = [], []
    for file in sorted(root.glob("*.jsonl")):
        for line in file.read_text().split("\n")[:-1]:
            kind, text = json.loads(line)
            if kind == "acknowledged":
                acknowledged.append(Acknowledgement.from_text(text))
            else:
                figures.count(kind)
                findings.append(Finding(kind, text))
    return acknowledged, findings


def _growth(file: Path, figures: Figures) -> list[Finding]:
    """Whether memory or open files grew after the warm-up."""
    rows = [tuple(map(int, line.split())) for line in file.read_text().splitlines()]
    if len(rows) < 9:
        return [Finding("too-short", f"{len(rows)} measures: let it run longer")]
    third = len(rows) // 3
    before, after = median(row[0] for row in rows[:third]), median(row[0] for row in rows[-third:])
    figures.peak("kB of memory in the first third", int(before))
    figures.peak("kB in the last third", int(after))
    findings = []
    if after > before * (1 + GROWTH):
        findings.append(Finding("memory-grows", f"from {before} to {after} kB"))
    files = {row[1] for row in rows}
    figures.peak("open files at most", max(files))
    if max(files) > rows[0][1] + 2:  # a file that is just being written
        findings.append(Finding("files-grow", f"{sorted(files)}"))
    return findings


def batches(seed: int, factor: float) -> Iterator[Batch]:
    """The long form: an hour."""
    seconds = 3600 * factor
    run = partial(soak, seconds=seconds, seed=seed)
    yield Batch(f"{seconds:.0f} s", round(seconds / EVERY), run, beside=True)


# ----------------------------------------------------------------------------------- the processes


def _work(root: Path, name: str, first: int) -> None:
    scene = Scene(root / "store")
    out = os.open(root / f"{name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    number, ingest, begun = 0, "", time.monotonic()
    with (root / f"{name}.measures").open("w", buffering=1) as measures:
        while not (root / "stop").exists():
            kind = ("submit", "report", "package", "import", "messages", "draft")[number % 6]
            act = f"{kind} {first + number - number % 2}"
            try:
                ack = perform(scene, act)
                outcome = ("acknowledged", ack.text())
                ingest = ack.ingest or ingest
            except ProvstoreError as error:
                outcome = ("refused", f"{act}: {describe(error)}")
            except Exception as error:
                outcome = ("raw", f"{act}: {describe(error)}")
            os.write(out, (json.dumps(outcome) + "\n").encode())
            number += 1
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            if number % 50 == 0:
                scene.store.ingest(ingest).history()
                if number > WARM_UP:
                    measures.write(f"{_memory()} {len(os.listdir('/proc/self/fd'))}\n")


def _memory() -> int:
    """The memory of this process, in kB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise OSError("/proc has no VmRSS")


if __name__ == "__main__":
    _work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
