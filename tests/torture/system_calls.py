"""What strace wrote (`-f -y -xx`), as system calls with plain arguments.

In: the lines of a trace. Out: `Call`s, in the order in which they ended. It knows no file system.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TRACED = (
    "openat", "open", "creat", "write", "pwrite64", "pwritev", "pwritev2", "writev", "fsync",
    "fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "mkdir", "mkdirat", "rmdir", "ftruncate", "truncate", "fallocate", "link", "linkat", "symlink",
    "symlinkat", "close", "dup", "dup2", "dup3", "fcntl", "mmap", "lseek", "copy_file_range",
    "sendfile", "splice", "sync", "syncfs", "msync", "chdir",
)  # fmt: skip
"""Every call that can change a file or its name, or make one durable."""

RECORD = ("-f", "-y", "-xx", "-s", "4000000", "-e", f"trace={','.join(TRACED)}")
"""Options of strace for a whole record."""

_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?|0x[0-9a-f]+)(?:<([^>]*)>)?.*", re.DOTALL)
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*?) *<unfinished \.\.\.>", re.DOTALL)
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)", re.DOTALL)
_ARGUMENT = re.compile(
    r'\s*(?:"(?P<text>(?:\\x[0-9a-f]{2})*)"(?P<cut>\.\.\.)?'
    r"|(?P<handle>-?\d+|AT_FDCWD)<(?P<path>[^>]*)>"
    r"|(?P<other>[^,\[\]{}]+|\{[^}]*\}|\[[^\]]*\]))\s*(?:,|$)"
)


@dataclass(frozen=True)
class Handle:
    """An open file: its number, and its path at that moment."""

    number: int
    path: str


Argument = Handle | bytes | str


@dataclass(frozen=True)
class Call:
    """A system call that ended."""

    process: int
    name: str
    arguments: tuple[Argument, ...]
    result: int
    result_path: str = ""

    def handle(self, index: int = 0) -> Handle:
        """The argument that is an open file."""
        argument = self.arguments[index]
        assert isinstance(argument, Handle), self
        return argument

    def data(self, index: int) -> bytes:
        """The argument that is bytes."""
        argument = self.arguments[index]
        assert isinstance(argument, bytes), self
        return argument

    def number(self, index: int) -> int:
        """The argument that is a number."""
        argument = self.arguments[index]
        assert isinstance(argument, str), self
        return int(argument, 0)


def read_calls(lines: Iterable[str]) -> Iterator[Call]:
    """The calls that ended, in order; one that another thread interrupted counts at its end.

    Raises:
        ValueError: a line is of no known form, or a text was cut short.

    """
    open_calls: dict[str, tuple[str, str]] = {}
    for raw in lines:
        line = raw.rstrip("\n")
        if unfinished := _UNFINISHED.fullmatch(line):
            open_calls[unfinished[1]] = (unfinished[2], unfinished[3])
            continue
        if resumed := _RESUMED.fullmatch(line):
            name, begun = open_calls.pop(resumed[1])
            line = f"{resumed[1]} {name}({begun}{resumed[3]}"
        if match := _LINE.fullmatch(line):
            process, name, arguments, result, path = match.groups()
            if result != "?":  # else the process ended within it, and it was never done
                value = int(result, 0)
                yield Call(int(process), name, _arguments(arguments), value, _plain(path or ""))
        elif "+++" not in line and "---" not in line and "strace:" not in line:
            raise ValueError(f"a line that nobody understands: {line[:300]}")


def _arguments(text: str) -> tuple[Argument, ...]:
    arguments: list[Argument] = []
    place = 0
    while place < len(text):
        match = _ARGUMENT.match(text, place)
        if match is None:
            raise ValueError(f"arguments that nobody understands: {text[place : place + 200]}")
        if match["cut"]:
            raise ValueError("a text was cut short: strace needs a larger -s")
        if match["text"] is not None:
            arguments.append(bytes.fromhex(match["text"].replace("\\x", "")))
        elif match["handle"]:
            number = -100 if match["handle"] == "AT_FDCWD" else int(match["handle"])
            arguments.append(Handle(number, _plain(match["path"])))
        else:
            arguments.append(match["other"].strip())
        place = match.end()
    return tuple(arguments)


def _plain(path: str) -> str:
    """A path as it is; strace writes it in hexadecimal where it is told to."""
    if path.startswith("\\x"):
        return bytes.fromhex(path.replace("\\x", "")).decode(errors="surrogateescape")
    return path
