"""The workers of the RDF engine: processes that answer one query each, side by side.

In: queries, and the connections of clients. Out: the lines of `oxigraph_worker_main.py`, passed on
to the client, or how its query ended. Only a process can be ended in the middle of a query, and
limited in memory: a query that must be ended ends only itself. It must not import provstore.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

_PROGRAM = Path(__file__).with_name("oxigraph_worker_main.py")
_LAST_LINES = (b'{"done"', b'{"refused"')
_MEMORY_SIGNALS = (-signal.SIGABRT, -signal.SIGSEGV)
"""The exit codes of a worker that ran out of memory."""


class Workers:
    """At most `count` workers, confined to a directory; a query waits for a free one."""

    def __init__(self, count: int, directory: Path) -> None:
        self._directory = directory
        self._turns = threading.BoundedSemaphore(count)
        self._state = threading.Lock()
        self._idle = [_Worker(directory)]  # it starts while the engine opens its data
        self._busy: set[_Worker] = set()

    @contextmanager
    def free(self) -> Iterator["_Worker"]:
        """Lend a worker; it is ended if it does not come back ready."""
        with self._turns:
            with self._state:
                worker = self._idle.pop() if self._idle else _Worker(self._directory)
                self._busy.add(worker)
            try:
                yield worker
            finally:
                with self._state:
                    self._busy.discard(worker)
                    if worker.is_ready:
                        self._idle.append(worker)
                if not worker.is_ready:
                    worker.end()

    def close_snapshots(self) -> None:
        """Make idle workers close their files: those of the former snapshot are deleted."""
        with self._state:
            for worker in self._idle:
                worker.send({})

    def end(self) -> None:
        """End all workers, and so their queries."""
        with self._state:
            for worker in (*self._idle, *self._busy):
                worker.end()


class _Worker:
    """A worker process. It is ready if it has no query."""

    def __init__(self, directory: Path) -> None:
        self.is_ready = True
        self._directory = directory
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-P", str(_PROGRAM), str(self._directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def send(self, request: dict[str, Any]) -> None:
        """Send a request. If the process has ended, the missing reply will show it."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(orjson.dumps(request) + b"\n")
                self._process.stdin.flush()

    def answer(self, client: socket.socket, request: dict[str, Any]) -> None:
        """Answer a client's query within its limits, or say how the query was ended.

        Raises:
            OSError: the client is gone, or does not read.

        """
        seconds = request["seconds"] or None
        deadline = time.monotonic() + seconds if seconds else None
        if self._process.poll() is not None:  # it was killed while it was idle
            self.end()
            self._process = self._start()
        self.is_ready = False
        self.send(request)
        client.settimeout(seconds)
        try:
            is_in_time = self._pass_on(client, deadline)
        finally:
            client.settimeout(None)
        if not self.is_ready:
            client.sendall(orjson.dumps({"ended": self._reason(is_in_time)}) + b"\n")

    def _pass_on(self, client: socket.socket, deadline: float | None) -> bool:
        """Pass whole lines on until the last one; return whether time sufficed."""
        output = self._process.stdout
        if output is None:
            return True
        poll = select.poll()
        poll.register(output, select.POLLIN)
        poll.register(client, select.POLLIN)
        line: list[bytes] = []
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            ready = [handle for handle, _ in poll.poll(left)]
            if client.fileno() in ready:  # a client that waits for an answer sends nothing
                raise ConnectionAbortedError("the client is gone")
            if not ready or left == 0:
                return False
            if not (part := os.read(output.fileno(), 1 << 18)):
                return True
            whole, newline, rest = part.rpartition(b"\n")
            if not newline:
                line.append(part)
                continue
            lines = b"".join((*line, whole, newline))
            line = [rest]
            client.sendall(lines)
            if lines[lines.rfind(b"\n", 0, -1) + 1 :].startswith(_LAST_LINES):
                self.is_ready = True
                return True

    def _reason(self, is_in_time: bool) -> str:
        if not is_in_time:
            self.end()
            return "time"
        code = self._process.wait()
        return "memory" if code in _MEMORY_SIGNALS else f"exit {code}"

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # the last request was not read
                    pipe.close()
