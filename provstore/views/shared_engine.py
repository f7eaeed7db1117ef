"""The client's side of a shared engine: whoever comes first starts it, everybody else joins.

In: the directory of the engine's data, and its main program. Out: leases. A lease is an open
connection to the engine's socket; the engine ends a little after the last lease. It must not know
what an engine does: that is between its main program and its view.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakSet

from provstore.errors import ViewUnavailable
from provstore.storage.atomic_files import (
    SHARED,
    create_file,
    lock_file,
    make_directory,
    write_atomically,
)
from provstore.storage.settings import EngineSettings
from provstore.views.engine_host import is_for_group, receive_line, send_line, write_address

LINGER_SECONDS = float(EngineSettings.of_environment().linger)
"""How long an engine stays after its last lease, unless the settings say otherwise."""

_START_SECONDS = 120.0
_STATE_SECONDS = 2.0
_WAIT_SECONDS = 0.01
_BACKLOG = 512
_STARTS = 2
"""How often a client starts an engine that ends before it answers: it may have been killed."""

_leases: "WeakSet[Lease]" = WeakSet()
_locks: set[int] = set()


def _close_in_fork() -> None:
    """Leases and locks stay with the process that got them; a fork gets its own."""
    for lease in list(_leases):
        lease.close()
    for lock in list(_locks):
        _release(lock)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_fork)


class Lease:
    """A lease of an engine: a connection, and what the engine said at its beginning.

    It ends when it is closed, or when the process ends in whatever way.
    """

    def __init__(self, connection: socket.socket, greeting: dict[str, Any]) -> None:
        self.connection, self.greeting = connection, greeting
        _leases.add(self)

    @property
    def pid(self) -> int:
        """The process of the engine."""
        return int(self.greeting["pid"])

    def is_open(self) -> bool:
        """Return whether the engine still has this lease; only if it sends nothing unasked."""
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def wait_for_end(self) -> None:
        """End the lease, and wait until the engine has noticed."""
        with suppress(OSError):
            self.connection.settimeout(_STATE_SECONDS)
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(65536):
                pass

    def close(self) -> None:
        """End the lease."""
        self.connection.close()


@dataclass(frozen=True)
class EngineState:
    """A running engine: its process, and how many leases and processes as clients it has.

    `guards` says what keeps it from the network and from other files (`engine_sandbox.py`).
    """

    pid: int
    leases: int
    clients: int
    version: str
    guards: Mapping[str, str]


class SharedEngine:
    """An engine that belongs to a store, whichever process started it.

    `directory` has its data; beside it lie its lock file, its log and, unless there is a `runtime`
    directory for it, its socket. `program` is its main program, which gets the `configuration` and
    uses `EngineHost`. Only engines of the same `version` are joined. An engine that was started
    with another configuration is joined too, and ends as soon as nobody uses it.
    """

    def __init__(
        self,
        directory: Path,
        program: Path,
        configuration: Mapping[str, Any],
        *,
        description: str,
        version: str,
        linger: float = LINGER_SECONDS,
        runtime: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = Path(directory).absolute()
        self.program, self.configuration = program, dict(configuration)
        self.description, self.version, self.linger = description, version, linger
        self.runtime, self.environment = runtime, dict(environment or {})

    @property
    def lock_path(self) -> Path:
        """The lock file; whoever has locked it owns the data. It says where the engine is."""
        return self.directory.with_name(f"{self.directory.name}.lock")

    @property
    def log(self) -> Path:
        """The engine's log since its last start."""
        return self.directory.with_name(f"{self.directory.name}.log")

    @property
    def socket_path(self) -> Path:
        """The socket of an engine that this client would start."""
        return (self.runtime or self.directory.parent) / f"{self.directory.name}.sock"

    def connect(self) -> Lease:
        """Return a lease of the running engine, which is started if there is none.

        Raises:
            ViewUnavailable: it cannot be started, or does not answer.

        """
        with self._system_errors():
            return self._connect()

    def leave(self, leases: Iterable[Lease]) -> None:
        """End leases. An engine that does not linger has ended then, if they were the last."""
        for lease in leases:
            if self.linger == 0:
                lease.wait_for_end()
            lease.close()
        deadline = time.monotonic() + _STATE_SECONDS
        while self.linger == 0 and time.monotonic() < deadline and self.directory.exists():
            with suppress(OSError):
                if (lock := self._try_lock()) is not None:
                    _release(lock)
                    break
            if (state := self.state()) and state.leases:
                break
            time.sleep(_WAIT_SECONDS)

    def state(self) -> EngineState | None:
        """Return the state of the engine, which is not started for that; None if none runs."""
        try:
            if (connection := self._reach()) is None:
                return None
            with connection:
                connection.settimeout(_STATE_SECONDS)
                send_line(connection, {"ask": "state"})
                reply = receive_line(connection)
        except (OSError, ValueError):
            return None
        return EngineState(**reply) if reply else None

    @contextmanager
    def stopped(self, work: str) -> Iterator[int]:
        """Stop the engine, and own its data within the block; clients wait for the end.

        The block gets the lock's handle: a child process that inherits it keeps the data its own.
        `work` says what is done meanwhile, as in "loading".

        Raises:
            ViewUnavailable: the engine does not end.

        """
        with self._system_errors():
            lock = self._take_lock()
        try:
            self.forget_position()
            write_address(lock, {"work": work, "pid": os.getpid()})
            yield lock
        finally:
            with suppress(OSError):  # the file was removed with the directory
                write_address(lock, {})
            _release(lock)

    # ---------------------------------------------------------------------- the noted position

    @property
    def _note(self) -> Path:
        return self.directory.with_name(f"{self.directory.name}.position")

    def noted_position(self) -> tuple[int, str] | None:
        """Return the position of the data without starting the engine; None if it is not known."""
        if not self.directory.exists():
            return (0, "")
        try:
            position, chain = json.loads(self._note.read_bytes())
        except (OSError, ValueError, TypeError):
            return None
        return int(position), str(chain)

    def note_position(self, position: tuple[int, str]) -> None:
        """Note the position for those who only want to know it."""
        with suppress(OSError):  # then they start the engine
            write_atomically(self._note, json.dumps(position).encode(), SHARED)

    def forget_position(self) -> None:
        """Forget the position before the data change."""
        with suppress(OSError):
            self._note.unlink(missing_ok=True)

    # ----------------------------------------------------------------------------- exclusion

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Change the data alone within the block: other clients wait for their turn."""
        with self._system_errors():
            path = self.directory.with_name(f"{self.directory.name}.turn")
            while (turn := self._try_lock(path)) is None:
                time.sleep(_WAIT_SECONDS)
        try:
            yield
        finally:
            _release(turn)

    def end(self, pid: int) -> None:
        """End the engine at once, if it is still this process; whatever it did is lost.

        Clients lose their leases and start another engine.
        """
        with suppress(OSError):
            if connection := self._reach():
                with connection:
                    send_line(connection, {"ask": "end", "pid": pid})
                    connection.settimeout(_STATE_SECONDS)
                    receive_line(connection)

    # --------------------------------------------------------------------------- connecting

    def _connect(self) -> Lease:
        starts, deadline = 0, time.monotonic() + _START_SECONDS
        while True:
            connection = self._reach()
            if connection is None and (lock := self._try_lock()) is not None:
                try:
                    connection = self._start(lock)
                finally:
                    _release(lock)
                starts += 1
            if connection is not None:
                if (greeting := self._greet(connection)) and "refused" not in greeting:
                    return Lease(connection, greeting)
                connection.close()
                if starts == _STARTS and greeting is None:
                    raise self._no_start()
            address = self._address()
            if "work" in address:  # however long it takes: the lock ends with its owner
                deadline = time.monotonic() + _START_SECONDS
            elif time.monotonic() > deadline or self._is_elsewhere(address):
                raise self._no_answer(address)
            time.sleep(_WAIT_SECONDS)

    def _reach(self) -> socket.socket | None:
        """Connect to the socket, if an engine listens there."""
        path = self.lock_path.parent / self._address().get("socket", self.socket_path)
        connection = socket.socket(socket.AF_UNIX)
        try:
            with _short_path(path) as short:
                connection.connect(short)
        except (FileNotFoundError, NotADirectoryError, ConnectionError):
            connection.close()
            return None
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: socket.socket) -> dict[str, Any] | None:
        """Ask for a lease; return the greeting, or None if the engine ended or ends."""
        connection.settimeout(_START_SECONDS)
        hello = {
            "ask": "lease",
            "version": self.version,
            "configuration": self.configuration,
            "linger": self.linger,
        }
        try:
            send_line(connection, hello)
            greeting = receive_line(connection)
        except ConnectionError:
            return None
        except BaseException:
            connection.close()
            raise
        connection.settimeout(None)
        return greeting

    def _start(self, lock: int) -> socket.socket:
        """Start the engine, which inherits the lock; return a connection to it."""
        make_directory(self.directory, SHARED)
        with self._listener() as listener:
            address = os.path.relpath(self.socket_path, self.lock_path.parent)
            if self.runtime is not None:
                address = str(self.socket_path.absolute())
            write_address(lock, {"socket": address})
            # Before the engine runs: so it has a client, and does not end at once.
            connection = self._reach()
            start = {
                "configuration": self.configuration,
                "version": self.version,
                "linger": self.linger,
                "is_for_group": is_for_group(self.lock_path.parent),
                "lock": lock,
                "lock_path": str(self.lock_path),
                "listener": listener.fileno(),
                "socket_path": str(self.socket_path.absolute()),
                "address": address,
            }
            flags = os.O_WRONLY | os.O_TRUNC | os.O_APPEND
            with os.fdopen(create_file(self.log, flags, SHARED), "ab") as log:
                child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                    [sys.executable, "-P", str(self.program)],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    cwd=self.directory,
                    env={**os.environ, **self.environment},
                    start_new_session=True,  # Ctrl-C must not reach the engine
                    pass_fds=(lock, listener.fileno()),
                )
            child.communicate(json.dumps(start).encode())
        if connection is None:
            raise FileNotFoundError(f"{self.socket_path} was removed")
        return connection

    def _listener(self) -> socket.socket:
        """Return a new listening socket; it replaces the file that a killed engine left."""
        if self.runtime is not None:
            make_directory(self.runtime)
        self.socket_path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        with _short_path(self.socket_path) as short:
            listener.bind(short)
        # Until it listens, nobody can connect, whatever its permissions.
        self.socket_path.chmod(0o660 if is_for_group(self.lock_path.parent) else 0o600)
        listener.listen(_BACKLOG)
        return listener

    # ------------------------------------------------------------------------------ the lock

    def _try_lock(self, path: Path | None = None) -> int | None:
        """Lock the lock file, or another, unless somebody else has."""
        if not self.directory.parent.is_dir():
            make_directory(self.directory.parent)
        lock = create_file(path or self.lock_path, os.O_RDWR, SHARED)
        _locks.add(lock)
        if lock_file(lock) and _is_file(lock, path or self.lock_path):
            return lock
        _release(lock)
        return None

    def _take_lock(self) -> int:
        """Get the lock: from the engine, which ends then, or when its owner releases it."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if connection := self._reach():
                with connection:
                    lock = _receive_lock(connection)
            else:
                lock = self._try_lock()
            if lock is not None:
                if _is_file(lock, self.lock_path):
                    return lock
                _release(lock)
            address = self._address()
            if "work" in address:
                deadline = time.monotonic() + _START_SECONDS
            elif time.monotonic() > deadline or self._is_elsewhere(address):
                raise self._no_answer(address)
            time.sleep(_WAIT_SECONDS)

    def _address(self) -> dict[str, Any]:
        """Return what the lock file says; nothing if it is about to be written."""
        try:
            address = json.loads(self.lock_path.read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return {}
        return address if isinstance(address, dict) else {}

    def _is_elsewhere(self, address: Mapping[str, Any]) -> bool:
        """Whether another host has the lock: its sockets cannot be reached from here."""
        if address.get("host", socket.gethostname()) == socket.gethostname():
            return False
        if (lock := self._try_lock()) is None:
            return True
        _release(lock)
        return False

    # ------------------------------------------------------------------------------- errors

    @contextmanager
    def _system_errors(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise self._no_answer(self._address()) from None
        except OSError as error:
            raise ViewUnavailable(
                f"{self.description} cannot use {self.directory}: {error.strerror or error}.",
                "Make sure that you can write to this directory.",
            ) from error

    def _no_start(self) -> ViewUnavailable:
        return ViewUnavailable(
            f"{self.description} did not start: {self.log_tail()}",
            f"Its log is {self.log}. The journal is complete: "
            f"provstore rebuild {self.directory.name}",
        )

    def _no_answer(self, address: Mapping[str, Any]) -> ViewUnavailable:
        if self._is_elsewhere(address):
            return ViewUnavailable(
                f"{self.description} runs on {address['host']}, and can be reached only there.",
                f"Ask on {address['host']}, or wait until nobody uses it there.",
            )
        state = self.state()
        if state is not None and state.version != self.version:
            return ViewUnavailable(
                f"{self.description} was started by another version of provstore, and "
                f"{state.clients} others use it.",
                "Close the store there, or use the same version.",
            )
        return ViewUnavailable(
            f"{self.description} does not answer (process {address.get('pid', '?')}).",
            f"Its log is {self.log}. End that process; the journal is complete.",
        )

    def log_tail(self) -> str:
        """Return the last lines of the log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return "\n".join(lines[-8:]) or "its log is empty."


def _receive_lock(connection: socket.socket) -> int | None:
    """Ask the engine for its lock; None if it ends without giving it."""
    connection.settimeout(_START_SECONDS)
    try:
        send_line(connection, {"ask": "lock"})
        _, handles, _, _ = socket.recv_fds(connection, 16, 1)
    except ConnectionError:
        return None
    for handle in handles:
        os.set_inheritable(handle, False)
        _locks.add(handle)
    return handles[0] if handles else None


def _is_file(handle: int, path: Path) -> bool:
    """Whether this is still the file of that name: the former one may have been removed."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _release(lock: int) -> None:
    _locks.discard(lock)
    os.close(lock)


@contextmanager
def _short_path(path: Path) -> Iterator[str]:
    """Return a path to this socket that is short enough: systems allow about 100 bytes."""
    if Path("/proc/self/fd").is_dir():
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{directory}/{path.name}"
        finally:
            os.close(directory)
    elif len(os.fsencode(path)) < 100:
        yield str(path)
    else:
        link = Path(tempfile.gettempdir()) / f"ps{secrets.token_hex(8)}"
        link.symlink_to(path.parent, target_is_directory=True)
        try:
            yield str(link / path.name)
        finally:
            link.unlink()
