"""The engine's side of a shared engine: it leaves its starter, counts leases, and ends after them.

In: on standard input, what `shared_engine.py` sends to a main program. Out: a greeting and answers
on each connection. It must not import provstore: main programs run as files and import this module
from their path, so that they start quickly.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Answer = Callable[[socket.socket, dict[str, Any]], None]
"""Answers a client until its lease ends; it gets the connection and the client's hello."""

LOG_LIMIT = 8_000_000
"""The size in bytes at which the log is emptied: engines write a stack trace for every fault."""

_HELLO_SECONDS = 10.0
_STOP_SECONDS = 10.0
_LINE_BYTES = 1 << 20


class EngineHost:
    """A process that serves one engine to everyone who may use the store.

    The lock file is locked as long as this process lives: whoever has the lock owns the data. An
    open connection is a lease. The process ends when there was no lease for `linger` seconds.
    """

    def __init__(self, start: Mapping[str, Any]) -> None:
        self.configuration: dict[str, Any] = start["configuration"]
        self.version: str = start["version"]
        self.linger: float = start["linger"]
        self._is_for_group: bool = start["is_for_group"]
        self._lock, self._lock_path = int(start["lock"]), Path(start["lock_path"])
        self._socket_path = Path(start["socket_path"])
        self._listener = socket.socket(fileno=start["listener"])
        self._state = threading.Lock()
        self._open = 0
        self._leases: dict[socket.socket, int] = {}  # with the process of each
        self._is_ending = self._is_retiring = False
        self._successor: socket.socket | None = None
        self._idle_since = time.monotonic()
        self.guards: dict[str, str] = {}
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    @classmethod
    def detach(cls) -> "EngineHost":
        """Read the start message, and leave the process that started this one.

        The first process ends at once, so that the engine is nobody's child.
        """
        start = json.loads(sys.stdin.buffer.read())
        if os.fork():
            os._exit(0)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.umask(0o007 if start["is_for_group"] else 0o077)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        host = cls(start)
        write_address(host._lock, {"socket": start["address"], "pid": os.getpid()})
        return host

    def serve(
        self,
        answer: Answer | None = None,
        *,
        greeting: Mapping[str, Any] | None = None,
        stop: Callable[[], None] | None = None,
    ) -> None:
        """Serve until it is time to end; then `stop` the engine and end the process.

        `greeting` is what each client learns. Without `answer`, a client only keeps its lease.
        """
        signal.signal(signal.SIGTERM, lambda *_: self.end())
        handle = _wait_for_end if answer is None else answer
        selector = selectors.DefaultSelector()
        selector.register(self._listener, selectors.EVENT_READ)
        selector.register(self._woken, selectors.EVENT_READ)
        while not self._is_ending:
            patience = self._patience()
            ready = [key.fileobj for key, _ in selector.select(patience)]
            if self._woken in ready:
                os.read(self._woken, 4096)
            if self._listener in ready:
                with contextlib.suppress(ConnectionError):
                    connection, _ = self._listener.accept()
                    with self._state:
                        self._open += 1
                    threading.Thread(
                        target=self._receive, args=(connection, handle, greeting or {}), daemon=True
                    ).start()
            if not ready and patience == 0.0:
                break
            self._keep_house()
        self._finish(stop)

    def end(self) -> None:
        """End soon, even if there are leases: their owners start the next engine."""
        self._is_ending = True
        self._wake_up()

    def _patience(self) -> float:
        """Return for how many seconds to wait for clients; 0 if it is time to end without any."""
        with self._state:
            if self._open:
                return 1.0
            linger = 0.0 if self._is_retiring else self.linger
            return min(max(self._idle_since + linger - time.monotonic(), 0.0), 1.0)

    def _wake_up(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it has much to read already
            os.write(self._wake, b"!")

    def _keep_house(self) -> None:
        """End if the lock file is not ours any more: somebody removed the directory."""
        if not self._owns_lock_path():
            self.end()
        if os.fstat(2).st_size > LOG_LIMIT:
            os.ftruncate(2, 0)

    def _owns_lock_path(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._lock), os.stat(self._lock_path))
        except OSError:
            return False

    def fail(self, reason: str) -> None:
        """End at once, without stopping the engine: its data survive that, like kill -9."""
        print(reason, file=sys.stderr, flush=True)
        if self._owns_lock_path():
            self._socket_path.unlink(missing_ok=True)
        os._exit(1)

    def _finish(self, stop: Callable[[], None] | None) -> None:
        """End the engine. Clients that connected too late lose their connection and try again."""
        with self._state:
            self._is_ending = True
            for lease in self._leases:  # before the engine begins to refuse what clients ask
                with contextlib.suppress(OSError):
                    lease.shutdown(socket.SHUT_RDWR)
        if self._owns_lock_path():
            with contextlib.suppress(OSError):
                self._socket_path.unlink(missing_ok=True)
        self._listener.close()
        last = threading.Timer(_STOP_SECONDS, os._exit, (1,))
        last.daemon = True
        last.start()
        if stop is not None:
            try:
                stop()
            except Exception as error:  # the process ends anyway
                print(f"The engine did not stop cleanly: {error!r}", file=sys.stderr)
        if self._successor is not None:
            with contextlib.suppress(OSError):
                socket.send_fds(self._successor, [b"{}\n"], [self._lock])
        os._exit(0)

    # -------------------------------------------------------------------------- connections

    def _receive(
        self, connection: socket.socket, answer: Answer, greeting: Mapping[str, Any]
    ) -> None:
        try:
            with connection:
                connection.settimeout(_HELLO_SECONDS)
                hello = receive_line(connection) if self._may_connect(connection) else None
                if hello is None:
                    return
                if hello["ask"] != "lease":
                    self._answer_request(connection, hello)
                elif self._grant(connection, hello):
                    send_line(connection, {**self._describe(), **greeting})
                    connection.settimeout(None)
                    try:
                        answer(connection, hello)
                    finally:
                        self._end_lease(connection)
                elif not self._is_ending:
                    send_line(connection, {**self._describe(), "refused": "version"})
        except (OSError, ValueError, KeyError) as error:
            if not isinstance(error, ConnectionError):
                print(f"A client was cut off: {error!r}", file=sys.stderr)
        finally:
            with self._state:
                self._open -= 1
                self._leases.pop(connection, None)
            self._wake_up()

    def _end_lease(self, connection: socket.socket) -> None:
        """Forget a lease before its connection is closed, so that its client can rely on that."""
        with self._state:
            del self._leases[connection]
            self._idle_since = time.monotonic()

    def _answer_request(self, connection: socket.socket, request: Mapping[str, Any]) -> None:
        if request["ask"] == "state":
            send_line(connection, self._describe())
        elif request["ask"] == "lock":
            self._hand_over(connection)
        elif request["ask"] == "end" and request["pid"] == os.getpid():
            self.fail("A client ends the engine, because a query did not end.")

    def _may_connect(self, connection: socket.socket) -> bool:
        """Whether the client is this account, root, or somebody who the socket file lets in."""
        if self._is_for_group or not hasattr(socket, "SO_PEERCRED"):
            return True  # the system has checked the permissions of the socket file
        return _peer(connection)[1] in (0, os.getuid())

    def _grant(self, connection: socket.socket, hello: Mapping[str, Any]) -> bool:
        """Count a lease, unless this process ends or is of another version.

        An engine that a client would have started in another way ends as soon as nobody uses it.
        """
        if not self._owns_lock_path():  # somebody removed the directory a moment ago
            self.end()
        with self._state:
            is_other = hello["version"] != self.version
            if is_other or hello["configuration"] != self.configuration:
                self._is_retiring = True
            if self._is_ending or is_other:
                return False
            self.linger = float(hello["linger"])
            self._leases[connection] = _peer(connection)[0]
            return True

    def _hand_over(self, connection: socket.socket) -> None:
        """End, and give the locked lock file to this client."""
        with self._state:
            if self._is_ending:
                return
            self._successor = connection.dup()
            self._is_ending = True
        self._wake_up()

    def _describe(self) -> dict[str, Any]:
        with self._state:
            return {
                "pid": os.getpid(),
                "version": self.version,
                "leases": len(self._leases),
                "clients": len({*self._leases.values()}),
                "guards": self.guards,
            }


def _peer(connection: socket.socket) -> tuple[int, int]:
    """Return process and account of the other side; 0 and -1 if the system does not tell."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return 0, -1
    pid, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, 12))
    return pid, user


def is_for_group(directory: Path) -> bool:
    """Whether a directory was made for its group: setgid, and writable for the group."""
    wanted = stat.S_ISGID | stat.S_IWGRP
    return directory.stat().st_mode & wanted == wanted


def write_address(lock: int, address: Mapping[str, Any]) -> None:
    """Write into the lock file where the engine is reached, and on which host."""
    text = json.dumps({"host": socket.gethostname(), **address}).encode()
    os.pwrite(lock, text, 0)
    os.ftruncate(lock, len(text))


def send_line(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send a message as one line of JSON."""
    connection.sendall(json.dumps(message).encode() + b"\n")


def receive_line(connection: socket.socket) -> dict[str, Any] | None:
    """Receive a message; None if the other side is gone. Nothing may follow it unasked."""
    line = b""
    while not line.endswith(b"\n"):
        try:
            part = connection.recv(65536)
        except ConnectionError:
            return None
        if not part:
            return None
        line += part
        if len(line) > _LINE_BYTES:
            raise ValueError("a message is too long")
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("a message is no JSON object")  # noqa: TRY004 - wrong data, not code
    return message


def _wait_for_end(connection: socket.socket, _: Mapping[str, Any]) -> None:
    while connection.recv(4096):
        pass
