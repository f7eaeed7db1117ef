"""What tests cannot do without: missing, it is a loud skip, or a failure where it is required."""

import os
import shutil
import subprocess
from functools import cache
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
