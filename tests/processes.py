"""Whether other processes are still there, and waiting for what becomes true soon."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie, which its new parent has not buried yet, has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def soon(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def engines_in(directory: Path) -> list[int]:
    """The engines that run in a directory."""
    pids = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        command = " ".join(process.info["cmdline"] or ())
        if "_main.py" in command and Path(process.info["cwd"] or "/").is_relative_to(directory):
            pids.append(process.info["pid"])
    return pids
