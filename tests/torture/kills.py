"""kill -9 at every system call that touches a disk: nothing acknowledged is lost, nothing is twice.

An act is done once to count its calls. Then it is done again and again, each time killed at another
call, in the place where the kernel takes it; the directory that is left is judged.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

from tests.torture.acts import answers, perform
from tests.torture.figures import Figures, Finding, working_directory
from tests.torture.judge import judge
from tests.torture.scene import Acknowledgement, Scene, forms
from tests.torture.warm import WarmProcess

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "ftruncate",
    "close", "mmap", "munmap", "fcntl", "lseek", "rmdir", "unlinkat", "newfstatat", "read",
    "pread64",
)  # fmt: skip
"""All calls by which a store meets the kernel; what a kernel does not know, strace refuses."""

WRITING = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir")
"""Those that change something, or open it."""

PREPARED = ("init", "submit 1", "package 2", "report 1", "draft 1")
"""What was done to the store before the act that is killed."""

LIVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "init": ((), ("init", "submit 1")),
    "submit": (PREPARED, ("submit 3",)),
    "package": (PREPARED, ("package 4",)),
    "first package": (("init",), ("package 4",)),
    "report": (PREPARED, ("report 1", "report 3")),
    "import": (PREPARED, ("import 1",)),
    "messages": (("init", "submit 1", "package 2"), ("messages",)),
    "keep": (PREPARED, ("keep 1",)),
    "draft": (PREPARED, ("draft 1", "draft 2", "discard 1")),
    "finish": (PREPARED, ("finish 3", "finish 5")),
    "rebuild": (PREPARED, ("rebuild",)),
    "backup": ((*PREPARED, "backup 1", "package 4"), ("backup 2",)),
    "first backup": (PREPARED, ("backup 1",)),
    "restore": ((*PREPARED, "backup 1"), ("restore 1",)),
    "repair": ((*PREPARED, "backup 1", "damage 1"), ("repair 1",)),
    "reopen": (PREPARED, ("submit 3", "reopen", "submit 5", "reopen")),
}
"""Lives by name: what was done before, and the acts among which the kill strikes."""


@dataclass(frozen=True)
class Prepared:
    """A directory to copy, and what was acknowledged in it."""

    directory: Path
    acknowledged: tuple[Acknowledgement, ...]
    acts: tuple[str, ...]


def prepare(place: Path, acts: Sequence[str], *, closed: bool = True) -> Prepared:
    """Make a store by these acts; `closed` in order, or left with its write-ahead log."""
    scene = Scene(place.with_name("making") / "store")
    scene.directory.parent.mkdir(parents=True)
    acknowledged = tuple(perform(scene, act) for act in acts)
    if closed:
        scene.close()
    copytree(scene.directory.parent, place, ignore=ignore_patterns("*-shm"))
    scene.close()
    rmtree(scene.directory.parent)
    return Prepared(place, acknowledged, tuple(acts))


def count_calls(warm: WarmProcess, prepared: Prepared, acts: Sequence[str]) -> Counter[str]:
    """How often each call is made by these acts."""
    place, trace = prepared.directory.with_name("counted"), prepared.directory.with_name("trace")
    copytree(prepared.directory, place)
    options = ("-f", "-o", str(trace), "-e", f"trace={','.join(CALLS)}")
    ending = warm.live(place / "store", acts, *options)
    rmtree(place)
    if ending.refused or ending.raw:
        raise RuntimeError(f"not every act was done: {ending}")
    names = re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE)
    return Counter(names)


def points(
    counts: Counter[str], calls: Sequence[str] = CALLS, every: int = 1
) -> Iterator[tuple[str, int]]:
    """The calls at which to strike, every so many of them."""
    whole = [(name, number) for name in calls for number in range(1, counts[name] + 1)]
    yield from whole[every // 2 :: every]


def run_life(
    warm: WarmProcess,
    name: str,
    figures: Figures,
    calls: Sequence[str] = CALLS,
    every: int = 1,
    *,
    closed: bool = True,
    autocheckpoint: int = 1000,
) -> Figures:
    """Kill one life at each of its system calls, and judge what is left."""
    before, acts = LIVES[name]
    with working_directory() as root:
        prepared = prepare(Path(root) / "prepared", before, closed=closed)
        counts = count_calls(warm, prepared, acts)
        for call, number in points(counts, calls, every):
            place = Path(root) / "killed"
            copytree(prepared.directory, place)
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            options = ("-f", "-o", "/dev/null", "-e", inject)
            ending = warm.live(place / "store", acts, *options, autocheckpoint=autocheckpoint)
            figures.count("runs")
            figures.count("kills", ending.signal == 9)
            acknowledged = (*prepared.acknowledged, *ending.acknowledged)
            begun = (*before, *acts[: len(ending.acknowledged) + 1])
            if discarded := [act for act in begun if act.startswith("discard")]:
                numbers = {act.partition(" ")[2] for act in discarded}
                acknowledged = tuple(
                    ack for ack in acknowledged if ack.act not in {f"draft {n}" for n in numbers}
                )
            figures.count("acknowledgements checked", len(acknowledged))
            findings = judge(place / "store", acknowledged, begun)
            findings += [Finding("raw", f"{act}: {text}") for act, text in ending.raw]
            findings += [Finding("refused", f"{act}: {text}") for act, text in ending.refused]
            figures.add(findings, f"{name}, killed at {call} {number}", f"kill/{name}")
            rmtree(place)
    return figures


def run_command(figures: Figures, calls: Sequence[str], every: int = 1) -> Figures:
    """Kill a whole command line, `provstore submit`, at each of these calls until no kill strikes.

    Exit code 0 and a receipt are the acknowledgement.
    """
    with working_directory() as root:
        prepared = prepare(Path(root) / "prepared", PREPARED)
        form = Path(root) / "form.json"
        form.write_bytes(forms()["generic"].text(answers(3)).encode())
        for call in calls:
            for number in count(every // 2 + 1, every):
                place = Path(root) / "killed"
                copytree(prepared.directory, place)
                killed = _kill_command(call, number, place / "store", form, prepared, figures)
                rmtree(place)
                if not killed:
                    break
    return figures


def _kill_command(
    call: str, number: int, store: Path, form: Path, prepared: Prepared, figures: Figures
) -> bool:
    ending = submit_under_strace(store, form, f"inject={call}:signal=SIGKILL:when={number}")
    figures.count("whole commands")
    killed = ending.returncode in (-9, 137)
    figures.count("kills of commands", killed)
    findings = judge(store, prepared.acknowledged, (*prepared.acts, "submit 3"))
    if not killed and ending.returncode != 0:
        findings.append(Finding("refused", ending.stderr[:300]))
    figures.add(findings, f"provstore submit, killed at {call} {number}", "kill/command")
    return killed


def submit_under_strace(store: Path, form: Path, inject: str) -> "subprocess.CompletedProcess[str]":
    """Run `provstore submit`, and let strace strike at its calls on files of the store."""
    names = ("journal.sqlite", "journal.sqlite-wal", "provstore.toml", "attachments", "outbox")
    only = [option for path in (store, *map(store.joinpath, names)) for option in ("-P", str(path))]
    strace = ["strace", "-f", "-o", os.devnull, *only, "-e", inject]
    if "error=" in inject:  # with this filter, strace 6.1 is faster and sends no signal
        strace += ["--seccomp-bpf", "-e", f"trace={re.split('[=:]', inject)[1]}"]
    command = [sys.executable, "-m", "provstore", "submit", str(form), "--store", str(store)]
    return subprocess.run(
        [*strace, *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )


def run(figures: Figures, every: int = 1) -> Figures:
    """The long form: every life at every call, with and without a log that is left; commands."""
    with WarmProcess() as warm:
        for closed, autocheckpoint in ((True, 1000), (False, 1000), (True, 4), (False, 4)):
            for name in LIVES:
                run_life(
                    warm,
                    name,
                    figures,
                    every=every,
                    closed=closed,
                    autocheckpoint=autocheckpoint,
                )
    return run_command(figures, WRITING, every)
