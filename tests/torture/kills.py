"""kill -9 at every system call that touches a disk: nothing acknowledged is lost, nothing is twice.

An act is done once to count its calls. Then it is done again and again, each time killed at another
call, in the place where the kernel takes it; the directory that is left is judged.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

from tests.torture.acts import ENDED, answers, perform
from tests.torture.batches import Batch
from tests.torture.figures import Figures, Finding, working_directory
from tests.torture.judge import judge
from tests.torture.scene import Acknowledgement, Scene, forms
from tests.torture.warm import Ending, WarmProcess

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "ftruncate",
    "close", "mmap", "munmap", "fcntl", "lseek", "rmdir", "unlinkat", "newfstatat", "read",
    "pread64",
)  # fmt: skip
"""All calls by which a store meets the kernel; what a kernel does not know, strace refuses."""

READING_EVERY = 4
"""Of the calls that write nothing, so many leave the same disk; one of them is struck."""

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


Point = tuple[str, int]
"""A system call, and which one of its name."""


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


def count_calls(
    warm: WarmProcess, prepared: Prepared, acts: Sequence[str], only: Sequence[str] = ()
) -> Counter[str]:
    """How often each call is made by these acts; or each call on these files of the store."""
    place, trace = prepared.directory.with_name("counted"), prepared.directory.with_name("trace")
    copytree(prepared.directory, place)
    options = ["-f", "-o", str(trace), "-e", f"trace={','.join(CALLS)}"]
    for name in only:
        options += ["-P", str(place / "store" / name)]
    ending = warm.live(place / "store", acts, *options)
    rmtree(place)
    if ending.refused or ending.raw:
        raise RuntimeError(f"not every act was done: {ending}")
    return _count(trace)


def _count(trace: Path) -> Counter[str]:
    """How often each call is in a trace."""
    return Counter(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE))


def points(counts: Counter[str], calls: Sequence[str] = CALLS, every: int = 1) -> Iterator[Point]:
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
        chosen = [*points(count_calls(warm, prepared, acts), calls, every)]
        kill_at(chosen, warm, name, prepared, figures, autocheckpoint)
    return figures


def kill_at(
    chosen: Iterable[Point],
    warm: WarmProcess,
    name: str,
    prepared: Prepared,
    figures: Figures,
    autocheckpoint: int,
) -> None:
    """Kill one life at each of these calls, and judge what is left."""
    before, acts = LIVES[name]
    place = prepared.directory.with_name("killed")
    for call, number in chosen:
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


# ---------------------------------------------------------------------------------- whole commands


@dataclass(frozen=True)
class Command:
    """A command line; `{name}` stands for a place. The judge does `acts` once more."""

    before: tuple[str, ...]
    arguments: tuple[str, ...]
    acts: tuple[str, ...]


COMMANDS = {
    "submit": Command(PREPARED, ("submit", "{form}"), ("submit 3",)),
    "finish": Command(
        (*PREPARED, "start 3"),
        (
            "finish",
            "generic-0003",
            "review",
            "--answer",
            "outcome=ok",
            "--answer",
            f"ended={ENDED}",
        ),
        ("finish 3",),
    ),
    "rebuild": Command(PREPARED, ("rebuild", "search"), ("rebuild",)),
    "backup": Command(
        (*PREPARED, "backup 1", "package 4"), ("backup", "{root}/backup"), ("backup 2",)
    ),
    "restore": Command(
        (*PREPARED, "backup 1"), ("restore", "{root}/backup", "{root}/restored"), ("restore 1",)
    ),
    "repair": Command(
        (*PREPARED, "backup 1", "damage 1"), ("repair", "--from", "{root}/backup"), ("repair 1",)
    ),
}
"""Commands by name; each but `restore` is told the store."""


def run_command(
    warm: WarmProcess,
    name: str,
    figures: Figures,
    calls: Sequence[str] = CALLS,
    every: int = 1,
) -> Figures:
    """Kill a whole command at its system calls, from its arguments to its exit code.

    Exit code 0 is the acknowledgement.
    """
    command = COMMANDS[name]
    with working_directory() as temporary:
        prepared = prepare(Path(temporary) / "prepared", command.before)
        trace = Path(temporary) / "trace"
        options = ("-f", "-o", str(trace), "-e", f"trace={','.join(CALLS)}")
        if code := _run_command(warm, command, prepared, options).code:
            raise RuntimeError(f"{name} ends with exit code {code}: {_output(prepared)}")
        for call, number in points(_count(trace), calls, every):
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            ending = _run_command(warm, command, prepared, ("-f", "-o", "/dev/null", "-e", inject))
            figures.count("whole commands")
            figures.count("kills of commands", ending.signal == 9)
            store = _place(prepared) / "store"
            findings = judge(store, prepared.acknowledged, (*prepared.acts, *command.acts))
            if ending.code:
                findings.append(Finding("refused", _output(prepared)))
            figures.add(findings, f"{name}, killed at {call} {number}", "kill/command")
    return figures


def _run_command(
    warm: WarmProcess, command: Command, prepared: Prepared, strace: Sequence[str]
) -> Ending:
    """Run a command in a fresh copy of what was prepared."""
    root = _place(prepared)
    rmtree(root, ignore_errors=True)
    copytree(prepared.directory, root)
    form = root.with_name("form.json")
    form.write_bytes(forms()["generic"].text(answers(3)).encode())
    output = root.with_name("output")
    output.write_text("")
    arguments = [text.format(root=root, form=form) for text in command.arguments]
    if arguments[0] != "restore":
        arguments += ["--store", str(root / "store")]
    return warm.command(arguments, root / "state", output, *strace)


def _place(prepared: Prepared) -> Path:
    return prepared.directory.with_name("killed")


def _output(prepared: Prepared) -> str:
    return prepared.directory.with_name("output").read_text()[-300:]


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


# ------------------------------------------------------------------------------------ the long form

VARIANTS = ((True, 1000), (False, 1000), (True, 4), (False, 4))
"""Whether the store was closed before, and after how many pages its log is written back."""

SIZE = 150
"""So many kills are one batch."""


def batches(factor: float) -> Iterator[Batch]:
    """Every life at every call, with and without a log that is left; and commands."""
    reading = [call for call in CALLS if call not in WRITING]
    with WarmProcess() as warm:
        for closed, autocheckpoint in VARIANTS:
            for name, (before, acts) in LIVES.items():
                with working_directory() as root:
                    prepared = prepare(Path(root) / "prepared", before, closed=closed)
                    counts = count_calls(warm, prepared, acts)
                chosen = [*points(counts, WRITING, _every(1, factor))]
                chosen += points(counts, reading, _every(READING_EVERY, factor))
                variant = f"{name}, {'closed' if closed else 'crashed'}, {autocheckpoint} pages"
                for start in range(0, len(chosen), SIZE):
                    part = chosen[start : start + SIZE]
                    run = partial(_run_batch, part, name, closed, autocheckpoint)
                    yield Batch(f"{variant}, from {start}", len(part), run)
    for name in COMMANDS:
        for calls, every in ((WRITING, 1), (reading, 16)):
            run_part = partial(_run_commands, name, calls, _every(every, factor))
            cases = 120 // _every(every, factor)
            yield Batch(f"command {name}, {calls[0]}", cases, run_part)


def _every(every: int, factor: float) -> int:
    return max(1, round(every / factor))


def _run_batch(
    chosen: Sequence[Point], name: str, closed: bool, autocheckpoint: int, figures: Figures
) -> None:
    before, _ = LIVES[name]
    with WarmProcess() as warm, working_directory() as root:
        prepared = prepare(Path(root) / "prepared", before, closed=closed)
        kill_at(chosen, warm, name, prepared, figures, autocheckpoint)


def _run_commands(name: str, calls: Sequence[str], every: int, figures: Figures) -> None:
    with WarmProcess() as warm:
        run_command(warm, name, figures, calls, every)
