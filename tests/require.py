"""What tests cannot do without: missing, it is a loud skip, or a failure where it is required."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest


def missing(name: str, reason: str) -> NoReturn:
    """Skip, or fail if PROVSTORE_REQUIRE names it (CI does)."""
    if name in os.environ.get("PROVSTORE_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here, but {reason}", pytrace=False)
    pytest.skip(f"{name}: {reason}")


@cache
def _strace_refuses() -> str:
    """Why strace cannot be used here; "" if it can."""
    program = shutil.which("strace")
    if program is None:
        return "it is not installed"
    command = [program, "-f", "-o", os.devnull, "-e", "inject=fsync:error=EIO:when=1", "true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"it may not trace: {tried.stderr.strip()[:200]}"


def need_strace() -> None:
    """Skip, or fail if it is required, where strace cannot inject faults into system calls."""
    if reason := _strace_refuses():
        missing("strace", reason)


GUARDS = """
import sys
sys.path.insert(0, "provstore/views")
from engine_sandbox import available_guards
for listens, network in ((False, "namespace"), (True, "filter")):
    holds = available_guards([], listens=listens)
    if (holds.network, holds.files) != (network, "landlock"):
        sys.exit(f"this system has only: {holds}")
"""
"""Fails where the system lacks a guard of `engine_sandbox.py`; `.ci/run` runs it, too."""


@cache
def _guards_lack() -> str:
    command = [sys.executable, "-c", GUARDS]
    root = Path(__file__).parents[1]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, check=False).stderr


def need_guards() -> None:
    """Skip, or fail if they are required, where the system cannot confine a process."""
    if reason := _guards_lack():
        missing("guards", reason)
