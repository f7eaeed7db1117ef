"""Errors of the disk: EIO and ENOSPC at every system call, and a disk that is really full.

A call fails once, or from then on. The act is acknowledged, or refused in plain words; then it is
tried again in the same process. Nothing half written is acknowledged, and what was acknowledged
stays.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import copytree, rmtree

from provstore.errors import ProvstoreError
from tests.torture.acts import answers, perform
from tests.torture.batches import Batch
from tests.torture.figures import Figures, Finding, describe, working_directory
from tests.torture.judge import judge
from tests.torture.kills import LIVES, PREPARED, count_calls, points, prepare, submit_under_strace
from tests.torture.scene import Scene, forms
from tests.torture.warm import Ending, WarmProcess

GROUPS = {
    "opening": ("openat", "mkdir"),
    "writing": (
        "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "unlinkat",
        "rmdir",
    ),
    "reading": ("read", "pread64", "newfstatat", "mmap"),
}  # fmt: skip
"""Calls that may fail."""

SHARED_MEMORY = ("journal.sqlite-shm", "search.sqlite-shm")
"""The files that are mapped. Where other memory cannot be had, it is not the disk that fails."""

READING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    act: ((*PREPARED, "search"), (act,))
    for act in ("look", "verify", "export", "search", "read 1", "backup")
}
"""Lives in which only something is read: all that reads the files of a store."""

STAYING = "staying"
GROUPS[STAYING] = GROUPS["writing"]
"""Calls that fail from then on, until the process ends: the disk stays broken, or full."""

ERRORS = {
    "EIO": ("opening", "writing", "reading", STAYING),
    "ENOSPC": ("opening", "writing", STAYING),
}
"""Errors, and the calls that may end with them."""

CASES = tuple(f"fault/{error}/{group}" for error, groups in ERRORS.items() for group in groups)


def run_life(
    warm: WarmProcess,
    name: str,
    case: str,
    figures: Figures,
    calls: Sequence[str] = (),
    every: int = 1,
) -> Figures:
    """Let each call of a case fail once in a life, and judge what came of it."""
    before, acts = {**LIVES, **READING}[name]
    _, error, group = case.split("/")
    with working_directory() as root:
        prepared = prepare(Path(root) / "prepared", before)
        counts = count_calls(warm, prepared, acts)
        counts["mmap"] = count_calls(warm, prepared, acts, SHARED_MEMORY)["mmap"]
        for call, number in points(counts, calls or GROUPS[group], every):
            place = Path(root) / "failing"
            copytree(prepared.directory, place)
            inject = f"inject={call}:error={error}:when={number}"
            inject += "+" if group == STAYING else ""
            options = ["-f", "-o", "/dev/null", "-e", inject]
            for file in SHARED_MEMORY if call == "mmap" else ():
                options += ["-P", str(place / "store" / file)]
            ending = warm.live(place / "store", acts, *options, retry=True)
            figures.count("errors injected")
            figures.count("refusals", len(ending.refused))
            figures.count("acknowledgements checked", len(ending.acknowledged))
            acknowledged = [*prepared.acknowledged, *ending.acknowledged]
            if "discard 1" in {ack.act for ack in acknowledged} or "discard 1" in acts:
                acknowledged = [ack for ack in acknowledged if ack.act != "draft 1"]
            findings = [*_behaviour(ending, acts)]
            if group != STAYING:
                findings += _recovery(ending)
            findings += judge(place / "store", acknowledged, (*before, *acts))
            figures.add(findings, f"{name}, {error} at {call} {number}", case)
            rmtree(place)
    return figures


def _behaviour(ending: Ending, acts: Sequence[str]) -> Iterator[Finding]:
    """What is refused is refused in plain words."""
    if ending.signal:
        yield Finding("died", f"signal {ending.signal}")
    for act, text in ending.raw:
        yield Finding("raw", f"{act}: {text}")
    if unknown := {ack.act for ack in ending.acknowledged} - set(acts):
        yield Finding("harness", f"{unknown} were not asked for")


def _recovery(ending: Ending) -> Iterator[Finding]:
    """Once the disk works, so does the open store."""
    for act, text in ending.refused:
        if act.endswith(" again") and not act.startswith("init"):
            yield Finding("no-recovery", f"{act}: {text}")


COMMAND_FAULTS = {
    "fault/command": (
        ("pwrite64", "ENOSPC", 1),
        ("fdatasync", "EIO", 3),
        ("fdatasync", "EIO", 1),
        ("openat", "ENOSPC", 2),
    ),
    "fault/command-reading": (
        ("openat", "EIO", 1),
        ("pread64", "EIO", 5),
        ("read", "EIO", 1),
        ("newfstatat", "EIO", 3),
    ),
}
"""Calls on files of the store that fail while a command runs: the call, the error, which one."""


def run_command(case: str, figures: Figures, most: int | None = None) -> Figures:
    """Whole commands: exit code 0 and a receipt, or exit code 1 and plain words."""
    with working_directory() as root:
        prepared = prepare(Path(root) / "prepared", PREPARED)
        form = Path(root) / "form.json"
        form.write_bytes(forms()["generic"].text(answers(3)).encode())
        for call, error, number in COMMAND_FAULTS[case][:most]:
            place = Path(root) / "failing"
            copytree(prepared.directory, place)
            inject = f"inject={call}:error={error}:when={number}"
            ending = submit_under_strace(place / "store", form, inject)
            figures.count("whole commands")
            figures.count("refusals", ending.returncode == 1)
            plain = ending.stderr.startswith("provstore: ") and not any(
                words in ending.stderr for words in ("should not happen", "Traceback")
            )
            findings = judge(place / "store", prepared.acknowledged, (*PREPARED, "submit 3"))
            if ending.returncode not in (0, 1) or (ending.returncode == 1 and not plain):
                findings.append(Finding("raw", f"exit {ending.returncode}: {ending.stderr[-300:]}"))
            figures.add(findings, f"provstore submit, {error} at {call} {number}", case)
            rmtree(place)
    return figures


def may_mount() -> bool:
    """Whether a small disk can be mounted here."""
    with working_directory() as root, _small_disk(Path(root) / "disk", 64) as mounted:
        return mounted


@contextmanager
def _small_disk(place: Path, kilobytes: int) -> Iterator[bool]:
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(["mount", *options], capture_output=True, check=False).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=False)


def fill_disk(figures: Figures, rounds: int) -> Figures:
    """Submit until a disk is full, free some space, go on in the same open store; some rounds.

    Each round leaves a little less, so that the disk is full at another place.
    """
    with (
        working_directory() as root,
        _small_disk(Path(root) / "disk", 2048) as mounted,
    ):
        if not mounted:
            raise PermissionError("no disk can be mounted here")
        scene = Scene(Path(root) / "disk" / "store")
        filler = Path(root) / "disk" / "filler"
        acknowledged = [perform(scene, act) for act in PREPARED]
        number, acts = 100, [*PREPARED]
        for turn in range(rounds):
            filler.write_bytes(b"x" * _free(filler.parent, 40_000 + 1234 * turn))
            refused = 0
            for _ in range(60):
                number += 1
                kind = ("submit", "package", "import", "keep", "draft")[number % 5]
                acts.append(f"{kind} {number}")
                try:
                    acknowledged.append(perform(scene, acts[-1]))
                except ProvstoreError:
                    refused += 1
                    if refused > 3:
                        break
                except Exception as error:
                    figures.add(
                        [Finding("raw", describe(error))], f"{acts[-1]}, disk full", "fault/full"
                    )
                    break
            figures.count("times full", bool(refused))
            filler.unlink()
            try:
                acknowledged.append(perform(scene, acts[-1]))
            except Exception as error:
                figures.add([Finding("no-recovery", describe(error))], acts[-1], "fault/full")
        scene.close()
        copy = Path(root) / "copy"
        copytree(scene.directory, copy)
        figures.count("acknowledgements checked", len(acknowledged))
        figures.add(judge(copy, acknowledged, acts), "after all", "fault/full")
    return figures


def _free(place: Path, rest: int) -> int:
    """How many bytes leave only this rest of a disk."""
    disk = os.statvfs(place)
    return max(0, disk.f_bavail * disk.f_frsize - rest)


def batches(factor: float) -> Iterator[Batch]:
    """The long form: both errors at every call of every life, and a full disk."""
    every = max(1, round(1 / factor))
    for case in CASES:
        for name in (*LIVES, *READING):
            yield Batch(f"{case}, {name}", 100 // every, partial(_fail_life, name, case, every))
    for case in COMMAND_FAULTS:
        yield Batch(case, len(COMMAND_FAULTS[case]), partial(run_command, case))
    if may_mount():
        yield Batch("full disk", 20, partial(fill_disk, rounds=20))


def _fail_life(name: str, case: str, every: int, figures: Figures) -> None:
    with WarmProcess() as warm:
        run_life(warm, name, case, figures, every=every)
