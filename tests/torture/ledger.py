"""Keeps the figures of a run in a file as it goes: one line for each batch, and a table beside it.

In: rows. Out: what is done already, and the table that the documentation quotes.
"""

import json
import os
import platform
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.torture.figures import Figures


class Row(NamedTuple):
    """What one batch of a suite gave."""

    suite: str
    batch: str
    seconds: float
    figures: Figures


class Ledger:
    """The rows of one run: of one seed and one factor."""

    def __init__(self, directory: Path, seed: int, factor: float) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.title = f"seed {seed}, factor {factor:g}"
        self.file = directory / f"seed-{seed}-factor-{factor:g}.jsonl"
        self.table_file = self.file.with_suffix(".md")
        self.rows = [*self._read()] if self.file.exists() else []

    def _read(self) -> Iterator[Row]:
        for line in self.file.read_text().split("\n")[:-1]:  # a last line without end is half
            suite, batch, seconds, values = json.loads(line)
            yield Row(suite, batch, seconds, Figures.from_values(suite, values))

    def has(self, suite: str, batch: str) -> bool:
        """Whether this batch is done."""
        return any((row.suite, row.batch) == (suite, batch) for row in self.rows)

    def add(self, row: Row) -> None:
        """Write a row down, and the table anew."""
        self.rows.append(row)
        values = [row.suite, row.batch, round(row.seconds, 1), row.figures.values()]
        with self.file.open("a") as out:
            out.write(json.dumps(values) + "\n")
        self.table_file.write_text(self.table())

    def figures(self, suite: str) -> Figures:
        """The figures of all batches of a suite."""
        whole = Figures(suite)
        for row in self.rows:
            if row.suite == suite:
                whole.merge(row.figures)
        return whole

    def table(self) -> str:
        """The figures of all suites, as a table in Markdown."""
        lines = [
            f"{self.title}; {_machine()}",
            "",
            "| suite | what was tried | broken promises | minutes of one core |",
            "|---|---|---|---|",
        ]
        for suite in dict.fromkeys(row.suite for row in self.rows):
            figures = self.figures(suite)
            minutes = sum(row.seconds for row in self.rows if row.suite == suite) / 60
            lines.append(
                f"| {suite} | {figures.counted()} | {len(figures.findings)} | {minutes:.0f} |"
            )
        return "\n".join(lines) + "\n"


def _machine() -> str:
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{platform.system()} {platform.release()}, {os.cpu_count()} cores"
    )
