"""The code that README and the pages in `docs/` show, and what happens when it is run.

In: a page and an empty directory. Out: each block as it was run, with what it printed. A line `…`
in a shown output stands for any number of lines, a `…` within a line for any text.
`python -m tests.sessions` runs every page and writes the outputs anew, shortened as they were.
"""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from provstore.__main__ import main as provstore_main
from provstore.storage.settings import write_settings
from provstore.store import ProvStore
from provstore.views.view_contract import QueryView
from provstore.views.view_opening import QueryViews, open_views
from tests.reports import WORD

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in DOCS.rglob("*.md")
    if not {"_build", "generated"} & set(path.relative_to(DOCS).parts)
)
NOT_RUN = ("mermaid", "text", "toml", "nginx")
"""Kinds of blocks that are shown and not run. TOML and nginx are checked otherwise."""

TOUR = "provstore tour --keep tour-store"
"""The one command that is run once for all pages: each gets a copy of the store that it made."""

BLOCK = re.compile(r"^```(\S+?)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CAPTION = re.compile(r":caption: (\S+)\n")
EXPORT = re.compile(r"^(?:\$ )?export (\w+)=(\S+)$", re.MULTILINE)
TIMES = re.compile(r"\d+(\.\d+)? m?s\b")

CELLS = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for cell in sys.argv[1:]:
    shell.run_cell(cell).raise_error()
"""
"""Runs cells of one notebook, one after the other."""


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, and the file that it is to be saved as."""

    language: str
    text: str
    file: str = ""


@dataclass(frozen=True)
class Command:
    """A command of a session, the output that is shown for it, and the one that it had."""

    command: str
    shown: str
    printed: str
    failed: bool


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a page in their order."""
    for kind, argument, content in BLOCK.findall(text):
        if kind == "{code-block}":
            caption = CAPTION.search(content)
            yield Block(argument, content.split("\n\n", 1)[-1], caption[1] if caption else "")
        elif not kind.startswith("{"):
            yield Block(kind, content)


def commands_of(session: str) -> Iterator[tuple[str, str]]:
    """The commands of a console session, each with the output that is shown below it."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        count = next(number for number, line in enumerate(lines, 1) if not line.endswith("\\"))
        command = "\n".join(line.removeprefix("> ") for line in lines[:count])
        yield command, "\n".join(lines[count:]).strip("\n")


def matches(shown: str, printed: str) -> bool:
    """Whether a printed output is the one that is shown, times aside."""
    shown, printed = (TIMES.sub("0 s", tidy(text)) for text in (shown, printed))
    pattern = "\n".join(
        ".*" if line.strip() == "…" else ".*?".join(map(re.escape, line.split("…")))
        for line in shown.splitlines()
    )
    pattern = re.sub(r"(^|\n)\.\*(?=\n|$)", r"\1(?s:.*)", pattern)
    return re.fullmatch(pattern, printed) is not None


def tidy(text: str) -> str:
    """An output without empty lines at its ends and without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def shortened(shown: str, printed: str) -> str:
    """A printed output, cut where the shown one was cut: lines at its beginning and its end."""
    lines, before = tidy(printed).splitlines(), shown.splitlines()
    if "…" not in (kept := [line.strip() for line in before]):
        return "\n".join(lines)
    head, tail = kept.index("…"), [*reversed(kept)].index("…")
    return "\n".join([*lines[:head], "…", *(lines[-tail:] if tail else [])])


def run_page(text: str, directory: Path) -> list[Command]:
    """Run every block of a page in a directory.

    Raises:
        AssertionError: a block that is no session fails, or nothing is known that runs it.

    """
    results: list[Command] = []
    cells: list[str] = []
    with Desktop(directory) as desktop:
        for block in blocks_of(text):
            os.environ.update(EXPORT.findall(block.text))
            if block.file:
                Path(block.file).write_text(block.text, encoding="utf-8")
            elif block.language == "console":
                for command, shown in commands_of(block.text):
                    if command != TOUR:
                        results.append(Command(command, shown, *desktop.run(command)))
            elif block.language == "ipython":
                cells.append(block.text)
            elif block.language not in NOT_RUN:
                printed, failed = desktop.run_block(block)
                assert not failed, f"{block.text}\n{printed}"
        if cells:
            printed, failed = desktop.run_program([sys.executable, "-c", CELLS, *cells])
            assert not failed, printed
    return results


class Desktop(ExitStack):
    """A directory in which a reader types: `provstore` runs in this process, all else in a shell.

    Each command opens its store as it always does; only the engines of views stay up between two
    commands, which saves a second for each. A new store is predictable, so that pages can show it.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.views: dict[Path, Mapping[str, QueryView]] = {}
        environment = {key: value for key, value in os.environ.items() if key != "PROVSTORE"}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        environment["PYTHONUNBUFFERED"] = "1"
        environment["COLUMNS"] = "100"
        environment["XDG_STATE_HOME"] = account_of(directory)
        self.enter_context(chdir(directory))
        self.enter_context(patch.dict(os.environ, environment, clear=True))
        self.enter_context(patch("provstore.views.view_opening.open_views", self._open_views))
        self.enter_context(patch("provstore.storage.settings.write_settings", _write_settings))
        self.callback(self.close_views)

    def run(self, command: str) -> tuple[str, bool]:
        """What a command printed, and whether it failed."""
        words = shlex.split(command.replace("\\\n", " "))
        if words[0] == "provstore" and not set(command) & set("|>&;"):
            return self.run_provstore(words)
        return self.run_program(["bash", "-euo", "pipefail", "-c", command])

    def run_provstore(self, words: list[str]) -> tuple[str, bool]:
        """The same, for `provstore` in this process."""
        printed, code = io.StringIO(), 0
        with (
            redirect_stdout(Screen(printed)),
            redirect_stderr(printed),
            patch.object(sys, "argv", words),
        ):
            try:
                provstore_main()
            except SystemExit as end:
                code = int(end.code or 0)
        return printed.getvalue(), code != 0

    def run_program(self, command: list[str]) -> tuple[str, bool]:
        """The same, for another program, which may want the views for itself."""
        self.close_views()
        done = _run(command, os.environ)
        return done.stdout, done.returncode != 0

    def run_block(self, block: Block) -> tuple[str, bool]:
        """The same, for a whole block of Bash or Python."""
        if block.language == "python":
            printed = io.StringIO()
            with redirect_stdout(printed):
                exec(compile(block.text, "<page>", "exec"), {"__name__": "__main__"})
            return printed.getvalue(), False
        assert block.language == "bash", f"nothing runs {block.language}"
        lines = [line for line in block.text.splitlines() if line != TOUR]
        if any("<<" in line for line in lines):
            return self.run_program(["bash", "-euo", "pipefail", "-c", "\n".join(lines)])
        for line in lines:
            if not line.startswith("export "):
                printed_line, failed = self.run(line)
                if failed:
                    return f"{line}\n{printed_line}", True
        return "", False

    def close_views(self) -> None:
        """Let go of all engines."""
        while self.views:
            _, views = self.views.popitem()
            for view in views.values():
                view.close()

    def _open_views(self, directory: Path, *others: Any, **bounds: Any) -> Mapping[str, Any]:
        place = directory.resolve()
        if place not in self.views:
            self.views[place] = open_views(place, *others, **bounds)
        kept = {name: KeptView(view) for name, view in self.views[place].items()}
        return QueryViews({name: partial(kept.__getitem__, name) for name in kept})


class Screen(io.StringIO):
    """A terminal, whose text goes to another stream."""

    def __init__(self, printed: io.StringIO) -> None:
        super().__init__()
        self.printed = printed

    def isatty(self) -> bool:
        """Say that this is a terminal."""
        return True

    def write(self, text: str) -> int:
        """Write to the other stream."""
        return self.printed.write(text)


def _write_settings(directory: Path, base: str, former: str = "", _: str = "") -> None:
    """Write the settings of a new store, which gives people the identifiers that pages show."""
    write_settings(directory, base, former, WORD)


class KeptView:
    """A view that stays open when a store is closed."""

    def __init__(self, view: QueryView) -> None:
        self.view = view

    def __getattr__(self, name: str) -> Any:
        return getattr(self.view, name)

    def close(self) -> None:
        """Stay open."""


def _run(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


def make_tour(directory: Path) -> Path:
    """The store that the tour leaves, with the views that it has filled."""
    with chdir(directory):
        done = _run([sys.executable, "-m", *TOUR.split()], os.environ)
    assert done.returncode == 0, done.stdout
    return directory / "tour-store"


def account_of(directory: Path) -> str:
    """Where the account of a reader keeps checkpoints; each page has a reader of its own."""
    return f"{directory}-account"


def with_tour(text: str, tour: Path, directory: Path) -> Path:
    """An empty directory for a page, or one with a copy of the store of the tour if it wants it.

    The account of the reader then knows it as if the tour had been taken there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if "tour-store" in text:
        shutil.copytree(tour, directory / "tour-store")
        account = {"XDG_STATE_HOME": account_of(directory)}
        with patch.dict(os.environ, account), ProvStore(directory / "tour-store") as store:
            store.checkpoint()
    return directory


def rewrite(path: Path, results: Iterable[Command]) -> None:
    """Write the outputs of a page anew where they are no more as shown."""
    text = path.read_text(encoding="utf-8")
    position = 0
    for result in results:
        first, *others = result.command.splitlines()
        typed = "\n".join([f"$ {first}", *(f"> {line}" for line in others)])
        position = text.index(typed, position) + len(typed)
        if not matches(result.shown, result.printed):
            shown = f"\n{result.shown}" if result.shown else ""
            assert text[position:].startswith(shown), result.command
            new = shortened(result.shown, result.printed)
            text = text[:position] + (f"\n{new}" if new else "") + text[position + len(shown) :]
    path.write_text(text, encoding="utf-8")


def main(names: list[str]) -> None:
    """Run the pages that are named, or all, and write their outputs anew."""
    with tempfile.TemporaryDirectory(prefix="provstore-sessions-") as scratch:
        tour = make_tour(Path(scratch))
        for path in [Path(name).resolve() for name in names] or PAGES:
            text = path.read_text(encoding="utf-8")
            directory = with_tour(text, tour, Path(scratch) / path.stem)
            rewrite(path, run_page(text, directory))


if __name__ == "__main__":
    main(sys.argv[1:])
