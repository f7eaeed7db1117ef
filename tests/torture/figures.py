"""What a suite reports: findings, each a broken promise, and the figures of a run."""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from provstore.errors import ProvstoreError


class Finding(NamedTuple):
    """A promise that was broken: which one, and how to see it again."""

    label: str
    detail: str
    after: str = ""
    case: str = ""
    """The test that sees it, as `open_faults.toml` names it."""

    def __str__(self) -> str:
        return f"{self.label}: {self.detail}" + (f" [{self.after}]" if self.after else "")


@dataclass
class Figures:
    """The counts of one suite, and all that it found."""

    suite: str
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    progress: float = 0.0
    """Every so many seconds the counts go to stderr; 0: never."""

    _printed: float = field(default_factory=time.monotonic)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count."""
        self.counts[name] += number
        if self.progress and time.monotonic() > self._printed + self.progress:
            self._printed = time.monotonic()
            cases = sorted({finding.case for finding in self.findings})
            print(self._line(), "| findings of:", *cases, file=sys.stderr, flush=True)

    def _line(self) -> str:
        counts = ", ".join(f"{number} {name}" for name, number in self.counts.items())
        return f"{self.suite}: {counts}"

    def add(self, findings: Iterable[Finding], after: str, case: str) -> None:
        """Keep findings, with what led to them and the case that they belong to."""
        self.findings += [finding._replace(after=after, case=case) for finding in findings]

    def of_case(self, case: str) -> list[Finding]:
        """The findings of a case."""
        return [finding for finding in self.findings if finding.case == case]

    def text(self, examples: int = 3) -> str:
        """The counts, and for each kind of finding how many there are and a few of them."""
        lines = [self._line()]
        kinds: dict[str, list[Finding]] = {}
        for finding in self.findings:
            kinds.setdefault(f"{finding.case}: {finding.label}", []).append(finding)
        for label, findings in sorted(kinds.items()):
            lines.append(f"  {label}: {len(findings)} times")
            shortest = sorted(findings, key=lambda finding: len(finding.after))[:examples]
            lines += [f"    {finding}" for finding in shortest]
        return "\n".join(lines if kinds else [*lines, "  no finding"])


def working_directory() -> "tempfile.TemporaryDirectory[str]":
    """A directory for thousands of small stores: in memory, where there is room."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    if usable:
        free = os.statvfs(memory)
        usable = free.f_bavail * free.f_frsize > 1 << 30
    return tempfile.TemporaryDirectory(
        prefix="provstore-torture-",
        dir=memory if usable else None,
        ignore_cleanup_errors=True,
    )


def describe(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def is_refusal(error: BaseException) -> bool:
    """Whether it is an error in plain words, as users may see it."""
    return isinstance(error, ProvstoreError)
