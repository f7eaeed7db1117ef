"""The built-in Cypher engine: ArcadeDB in a process of its own, asked over Bolt on loopback.

In: a directory. Out: an address, a user who may write and one who cannot. It must not know what is
stored there, nor speak Bolt itself: the graph view does, with the driver that it uses for Neo4j.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from provstore.errors import ViewUnavailable
from provstore.storage.atomic_files import flush_directory
from provstore.views.directory_lock import lock_directory
from provstore.views.graph.arcadedb_child_main import memory_settings

_CHILD = Path(__file__).with_name("arcadedb_child_main.py")
_BULK = _CHILD.with_name("arcadedb_bulk_main.py")
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class EmbeddedServer:
    """The built-in Cypher engine: ArcadeDB in a child process that speaks Bolt on loopback.

    One process owns the directory. The data in it outlive every start; the passwords do not.
    """

    name = "built-in ArcadeDB"

    def __init__(
        self, directory: Path, *, command_timeout: float = 60.0, megabytes: int = 2000
    ) -> None:
        self.directory = Path(directory).absolute()
        self.command_timeout, self.megabytes = command_timeout, megabytes
        self.address = ""
        self.user, self.password = "root", ""
        self.database = "prov"
        self.reader = ("reader", "")
        self._child: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._starting = threading.Lock()

    @property
    def log(self) -> Path:
        """What the engine had to say since its last start."""
        return self.directory / "engine.log"

    @property
    def _data(self) -> Path:
        return self.directory / "databases"

    def start(self) -> None:
        """Start the engine unless it runs; afterwards it answers at `address`."""
        with self._starting:
            if self.alive() and self._listens():
                return
            self._reap()
            with self._owned():
                if self._half.exists():
                    self._forget()
                self._launch()

    def alive(self) -> bool:
        """Whether the engine's process runs (not: whether it answers)."""
        return self._child is not None and self._child.poll() is None

    def _listens(self) -> bool:
        """Whether it opens the door: one killed a moment ago may still count as alive."""
        host, _, port = self.address.removeprefix("bolt://").partition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1.0).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End the engine in good order, and give the directory back."""
        self._end()
        self._reap()

    def kill(self) -> None:
        """End the engine at once: the last resort against a query that obeys no limit.

        While it starts or loads in bulk, it answers nobody: then there is nothing to end.
        """
        if self._starting.acquire(blocking=False):
            try:
                self._reap()
            finally:
                self._starting.release()

    def clear(self) -> bool:
        """End the engine and forget all data; the next start begins with nothing."""
        with self._starting:
            self._reap()
            with self._owned():
                self._forget()
            self._reap()
        return True

    def _forget(self) -> None:
        # Gone at once or not at all: half a database would not start any more.
        gone = self.directory / f"forgotten-{secrets.token_hex(8)}"
        if self._data.exists():
            self._data.rename(gone)
        self._half.unlink(missing_ok=True)
        for rest in self.directory.glob("forgotten-*"):
            shutil.rmtree(rest, ignore_errors=True)

    # ------------------------------------------------------------------------ much at once

    @property
    def _half(self) -> Path:
        """Is there while the data are half loaded; whoever finds it later forgets the data."""
        return self.directory / "half-loaded"

    def bulk(self, requests: Iterable[Mapping[str, Any]]) -> None:
        """End the engine and load by its bulk way; the next start has all of it, or nothing at all.

        `requests` are those of `arcadedb_bulk_main.py`.

        Raises:
            ViewUnavailable: it did not come to its end; the view begins anew.

        """
        with self._starting:
            self._end()
            with self._owned():
                self._half.touch()
                flush_directory(self.directory)
                if code := self._load(requests):
                    raise ViewUnavailable(
                        f"The graph could not be loaded (exit {code}): {self._log_tail()}",
                        f"All it said is in {self.log}. Nothing is lost: ask again.",
                    )
                self._half.unlink()
            self._reap()

    def _load(self, requests: Iterable[Mapping[str, Any]]) -> int:
        lock_files = () if self._lock is None else (self._lock,)
        with self.log.open("ab") as log:
            self._child = child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(_BULK), str(self._data / self.database)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, **memory_settings(self.megabytes)},
                start_new_session=True,
                pass_fds=lock_files,
            )
        with suppress(BrokenPipeError):  # it is gone: its exit code tells
            for request in requests:
                _write(child, orjson.dumps(request) + b"\n")
            child.communicate()
        return child.wait()

    @contextmanager
    def _owned(self) -> Iterator[None]:
        """Do something in the directory as its only owner; give it back if that fails."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                self._lock = lock_directory(self.directory / "engine.lock", "The graph view")
            yield
        except OSError as error:
            self._reap()
            raise ViewUnavailable(
                f"The graph engine cannot use {self.directory}: {error.strerror or error}.",
                "Give the store a directory that you may write to.",
            ) from error
        except BaseException:
            self._reap()
            raise

    def _launch(self) -> None:
        self.password, reader_password = secrets.token_hex(24), secrets.token_hex(24)
        self.reader = (self.reader[0], reader_password)
        configuration = {
            "directory": str(self.directory),
            "database": self.database,
            "password": self.password,
            "reader": self.reader[0],
            "reader_password": reader_password,
            "command_timeout": self.command_timeout,
            "megabytes": self.megabytes,
        }
        # The engine holds the lock too: it outlives us for a moment when we are killed.
        lock_files = () if self._lock is None else (self._lock,)
        self.log.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._child = child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(_CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,  # Ctrl-C is for us: the engine ends after us, not before
                pass_fds=lock_files,
            )
        port = _read_port(child, json.dumps(configuration))
        if port is None:
            code = child.wait()
            raise ViewUnavailable(
                f"The graph engine did not start (exit {code}): {self._log_tail()}",
                f"All it said is in {self.log}. The graph view can be rebuilt from the journal.",
            )
        self.address = f"bolt://127.0.0.1:{port}"

    def _end(self) -> None:
        """Tell the engine to end, and wait for it; the directory stays ours."""
        child, self._child = self._child, None
        if child is not None:
            with suppress(OSError, ValueError, subprocess.TimeoutExpired):
                child.communicate(b"stop\n", timeout=_STOP_SECONDS)
            _end_process(child)

    def _reap(self) -> None:
        """Leave neither a process nor an open file behind."""
        child, self._child = self._child, None
        if child is not None:
            _end_process(child)
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _log_tail(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return "\n".join(lines[-8:]) or "it said nothing."


def _end_process(child: "subprocess.Popen[bytes]") -> None:
    child.kill()  # nothing is lost: what was committed is in its log
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # the last word could not be flushed to a dead process
                pipe.close()


def _write(child: "subprocess.Popen[bytes]", line: bytes) -> None:
    if child.stdin is not None:
        child.stdin.write(line)


def _read_port(child: "subprocess.Popen[bytes]", configuration: str) -> int | None:
    """Tell the engine what we want and wait for its port; nothing comes if it ends first."""
    if child.stdin is None or child.stdout is None:
        return None
    late = threading.Timer(_START_SECONDS, child.kill)
    late.daemon = True
    late.start()
    try:
        child.stdin.write(configuration.encode() + b"\n")
        child.stdin.flush()
        answer = child.stdout.readline()
    except BrokenPipeError:
        return None
    finally:
        late.cancel()
    return int(json.loads(answer)["port"]) if answer else None
