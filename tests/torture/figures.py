"""What a suite reports: findings, each a broken promise, and the figures of a run."""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

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
    peaks: dict[str, int] = field(default_factory=dict)
    """Values that do not add up, such as a memory or a rate: the largest one."""

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

    def peak(self, name: str, number: int) -> None:
        """Keep a value if it is the largest one."""
        self.peaks[name] = max(number, self.peaks.get(name, 0))

    def merge(self, other: "Figures") -> None:
        """Add what another part of the suite counted and found."""
        self.counts += other.counts
        for name, number in other.peaks.items():
            self.peak(name, number)
        self.findings += other.findings

    def values(self) -> dict[str, Any]:
        """As values of JSON."""
        return {"counts": self.counts, "peaks": self.peaks, "findings": self.findings}

    @classmethod
    def from_values(cls, suite: str, values: dict[str, Any]) -> "Figures":
        """Read back what `values` gave."""
        findings = [Finding._make(finding) for finding in values["findings"]]
        return cls(suite, Counter(values["counts"]), values["peaks"], findings)

    def counted(self) -> str:
        """All counts in one line."""
        numbers = {**self.counts, **self.peaks}
        return ", ".join(f"{number:,} {name}".replace(",", " ") for name, number in numbers.items())

    def _line(self) -> str:
        return f"{self.suite}: {self.counted()}"

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
