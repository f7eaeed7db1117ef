"""Confines an engine's process: no network, and no files but its own. Linux does the work.

In: directories, and whether the process listens on loopback. Out: what holds from now on. It must
not import provstore: the engines' main programs run as files and import it from their path.

A query text is never read here. Whatever an engine makes of a query, the kernel refuses.
"""

import contextlib
import ctypes
import errno
import os
import platform
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

NETWORK_GUARDS = ("namespace", "filter", "")
"""How a process is kept from the network: an empty network namespace, or a system call filter."""


@dataclass(frozen=True)
class Confinement:
    """What holds for a process: `network` is one of `NETWORK_GUARDS`; `files` is `landlock` or ``.

    An empty text means that the system has no such guard.
    """

    network: str
    files: str

    def description(self) -> dict[str, str]:
        """Return what holds, as JSON takes it."""
        return {"network": self.network, "files": self.files}

    @property
    def is_complete(self) -> bool:
        """Whether neither the network nor other files can be reached."""
        return bool(self.network and self.files)


def confine(own: Iterable[Path], *, listens: bool, without: Sequence[str] = ()) -> Confinement:
    """Confine this thread, and the threads and processes that it starts, for good.

    `own` are the directories that it may read and write; besides, it may only read programs. If it
    `listens`, it can accept connections on a TCP port, but open none; if not, it must be the only
    thread of its process. `without` names guards that are not used, as if the system did not have
    them: `namespace`, `filter`, `landlock`; so does the variable PROVSTORE_WITHOUT_GUARDS.
    """
    without = (*without, *os.environ.get("PROVSTORE_WITHOUT_GUARDS", "").split(","))
    if sys.platform != "linux" or (calls := _SYSTEM_CALLS.get(platform.machine())) is None:
        return Confinement("", "")
    kernel = _Kernel()
    network = ""
    if not listens and "namespace" not in without and kernel.leave_network():
        network = "namespace"
    # A listening process must stay in the host's network; so its calls are filtered.
    files = "landlock" if "landlock" not in without and kernel.keep_to_files([*own]) else ""
    if "filter" not in without and kernel.filter_calls(calls, listens=listens):
        network = network or "filter"
    return Confinement(network, files)


def available_guards(own: Iterable[Path], *, listens: bool) -> Confinement:
    """Return what would hold for a process that confines itself: a child process tries it.

    This process must have only one thread.
    """
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            holds = confine(own, listens=listens)
            os.write(writer, f"{holds.network} {holds.files}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        network, _, files = answer.read().partition(" ")
    os.waitpid(child, 0)
    return Confinement(network, files)


# ------------------------------------------------------------------------------------- the kernel

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Landlock's system calls, which have the same numbers on every architecture."""


class _Kernel:
    """The system calls that Python does not have."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL(None, use_errno=True)
        self.call = self.library.syscall
        self.call.restype = ctypes.c_long

    def leave_network(self) -> bool:
        """Move to an empty network namespace; root needs no user namespace for it."""
        user, group = os.getuid(), os.getgid()
        if self.library.unshare(_NEW_NETWORK) == 0:
            return True
        if self.library.unshare(_NEW_USER | _NEW_NETWORK) != 0:
            return False
        for name, text in (
            ("uid_map", f"{user} {user} 1"),
            ("setgroups", "deny"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with contextlib.suppress(OSError):  # only names: whose files they are stays the same
                Path("/proc/self", name).write_text(text, encoding="ascii")
        return True

    def _give_up_privileges(self) -> bool:
        """Without this, the system grants neither Landlock nor a filter to ordinary accounts."""
        return bool(self.library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0)

    def keep_to_files(self, own: Sequence[Path]) -> bool:
        """Allow `own` directories wholly, and programs for reading; needs Landlock 3 (Linux 6.2).

        Older versions forbid to move files from one directory to another, or do not see when a file
        is cut. From version 4 on, it forbids TCP connections, too.
        """
        version = self.call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
        if version < 3 or not self._give_up_privileges():
            return False
        connections = _CONNECT_TCP if version >= 4 else 0
        handled = struct.pack("QQQ", _ALL_FILE_ACCESS, connections, 0)
        size = 16 if version >= 4 else 8
        ruleset = self.call(_CREATE_RULESET, handled, ctypes.c_size_t(size), ctypes.c_uint32(0))
        if ruleset < 0:
            return False
        try:
            for path, access in _file_rules(own):
                self._allow(ruleset, path, access)
            return bool(self.call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0)
        finally:
            os.close(ruleset)

    def _allow(self, ruleset: int, path: Path, access: int) -> None:
        try:
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except (FileNotFoundError, PermissionError, NotADirectoryError):
            return  # what is not there needs no rule
        try:
            if not path.is_dir():
                access &= _FILE_ONLY
            rule = struct.pack("=Qi", access, handle)
            # Without its rule, a path stays forbidden.
            self.call(_ADD_RULE, ctypes.c_int(ruleset), 1, rule, ctypes.c_uint32(0))
        finally:
            os.close(handle)

    def filter_calls(self, calls: "_SystemCalls", *, listens: bool) -> bool:
        """Let the system refuse calls that reach out, in all threads to come."""
        program = _filter_program(calls, listens=listens)
        buffer = ctypes.create_string_buffer(program, len(program))
        header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
        return (
            self._give_up_privileges()
            and self.library.prctl(_SET_SECCOMP, _FILTER, header, 0, 0) == 0
        )


# ---------------------------------------------------------------------------------------- files

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIRECTORY, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_ALL_FILE_ACCESS = (1 << 15) - 1
"""All that Landlock 3 can forbid: execute, write, read, list, remove, make, move and cut."""
_DEVICES_AND_SOCKETS = sum(1 << bit for bit in (6, 9, 10, 11, 12))
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _READ_FILE | _READ_DIRECTORY
_CONNECT_TCP = 2

_SYSTEM_FILES = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib",
    "/usr/share/zoneinfo", "/etc/localtime", "/etc/ld.so.cache",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm",
    "/sys/fs/cgroup", "/sys/devices/system", "/sys/kernel/mm",
    "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
"""What a runtime reads to find its libraries, its time zone, and its share of the machine."""


def _file_rules(own: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    for directory in own:
        yield directory, _ALL_FILE_ACCESS & ~_EXECUTE & ~_DEVICES_AND_SOCKETS
    yield Path("/dev/null"), _READ_FILE | _WRITE_FILE
    for name in _SYSTEM_FILES:
        yield Path(name), _READ
    for name in {*map(sysconfig.get_path, ("stdlib", "platstdlib")), *filter(None, sys.path)}:
        yield Path(name), _READ


# -------------------------------------------------------------------------------- system calls


@dataclass(frozen=True)
class _SystemCalls:
    """The numbers of an architecture: its own mark in a filter, and the calls that are refused."""

    architecture: int
    socket: int
    sending: tuple[tuple[int, int], ...]
    """Calls that send, and which of their arguments has the flags."""
    connecting: tuple[int, ...]
    other: tuple[int, ...]


_SYSTEM_CALLS = {
    # connect; execve, execveat, ptrace, process_vm_readv, process_vm_writev, and io_uring's three,
    # which do the work of other calls unseen; sendmmsg has flags for all its messages at once
    "x86_64": _SystemCalls(
        0xC000003E, 41, ((44, 3), (46, 2), (307, 3)), (42,), (59, 322, 101, 310, 311, 425, 426, 427)
    ),
    "aarch64": _SystemCalls(
        0xC00000B7, 198, ((206, 3), (211, 2), (269, 3)), (203,),
        (221, 281, 117, 270, 271, 425, 426, 427),
    ),
}  # fmt: skip

_FAST_OPEN = 0x20000000
"""The flag with which sending opens a connection (`MSG_FASTOPEN`)."""
_X32 = 0x40000000
_INTERNET, _INTERNET_6 = 2, 10
_STREAM, _SOCKET_KIND = 1, 0xF
_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


def _filter_program(calls: _SystemCalls, *, listens: bool) -> bytes:
    """Return the filter in the kernel's language, 8 bytes for each instruction.

    All new sockets are refused but, if the process `listens`, those of TCP.
    """
    lines: list[tuple[int, int, int, int]] = []

    def load(offset: int) -> None:
        lines.append((_LOAD, 0, 0, offset))

    def refuse_if(test: int, value: int) -> None:
        lines.extend([(test, 0, 1, value), (_RETURN, 0, 0, _REFUSE)])

    def refuse_unless(test: int, value: int) -> None:
        lines.extend([(test, 1, 0, value), (_RETURN, 0, 0, _REFUSE)])

    def argument(index: int) -> int:
        return _ARGUMENTS + 8 * index  # its lower half: both architectures are little-endian

    load(_ARCHITECTURE)
    refuse_unless(_EQUAL, calls.architecture)
    load(_NUMBER)
    refuse_if(_AT_LEAST, _X32)
    for number in (*calls.connecting, *calls.other):
        refuse_if(_EQUAL, number)
    for number, flags in calls.sending:
        # skip the next four lines unless it is this call
        lines.append((_EQUAL, 0, 4, number))
        load(argument(flags))
        refuse_if(_HAS_BITS, _FAST_OPEN)
        load(_NUMBER)
    lines.append((_EQUAL, 1, 0, calls.socket))
    lines.append((_RETURN, 0, 0, _ALLOW))
    if listens:
        load(argument(0))
        lines.append((_EQUAL, 2, 0, _INTERNET))
        refuse_unless(_EQUAL, _INTERNET_6)
        load(argument(1))
        lines.append((_AND, 0, 0, _SOCKET_KIND))
        refuse_unless(_EQUAL, _STREAM)
        lines.append((_RETURN, 0, 0, _ALLOW))
    lines.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("HBBI", *line) for line in lines)
