"""The built-in Cypher engine: ArcadeDB in a child process, reached over Bolt on loopback.

In: a directory. Out: an address, a user with write access, and a read-only user. It must not know
the stored data or speak Bolt: the graph view does, with the driver that it also uses for Neo4j.
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
from typing import IO, Any

import orjson

from provstore.errors import ViewUnavailable
from provstore.storage.atomic_files import (
    SHARED,
    create_file,
    flush_directory,
    is_for_group,
    make_directory,
    umask_of_engine,
)
from provstore.views.directory_lock import lock_directory
from provstore.views.graph.arcadedb_child_main import memory_settings

_CHILD = Path(__file__).with_name("arcadedb_child_main.py")
_BULK = _CHILD.with_name("arcadedb_bulk_main.py")
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class EmbeddedServer:
    """The built-in Cypher engine: ArcadeDB in a child process that speaks Bolt on loopback.

    One process owns the directory. The data persist; the passwords are new at each start.
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
        """The engine's log since its last start."""
        return self.directory / "engine.log"

    @property
    def _data(self) -> Path:
        return self.directory / "databases"

    def start(self) -> None:
        """Start the engine unless it is running; afterwards it answers at `address`."""
        with self._starting:
            if self.alive() and self._listens():
                return
            self._reap()
            with self._owned():
                if self._half.exists() or not self._is_usable():
                    self._forget()
                self._launch()

    def alive(self) -> bool:
        """Return whether the engine's process is running (it may not answer yet)."""
        return self._child is not None and self._child.poll() is None

    def _listens(self) -> bool:
        """Return whether the engine accepts connections; a killed process may still seem alive."""
        host, _, port = self.address.removeprefix("bolt://").partition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1.0).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Stop the engine cleanly, and release the directory."""
        self._end()
        self._reap()

    def kill(self) -> None:
        """Kill the engine: the last resort against a query that ignores its limit.

        While the engine starts or bulk-loads, it runs no query, and this does nothing.
        """
        if self._starting.acquire(blocking=False):
            try:
                self._reap()
            finally:
                self._starting.release()

    def clear(self) -> bool:
        """Stop the engine and delete all data; the next start begins empty."""
        with self._starting:
            self._reap()
            with self._owned():
                self._forget()
            self._reap()
        return True

    def _is_usable(self) -> bool:
        """Whether this account can use all files of the data; they may be of another account."""
        return all(os.access(file, os.R_OK | os.W_OK) for file in self._data.rglob("*"))

    def _open_to_group(self) -> None:
        """Let the group of a store use the files that the engine made for this account alone."""
        if self._data.is_dir() and is_for_group(self._data):
            for file in self._data.rglob("*"):
                with suppress(OSError):  # removed by now, or of another account
                    if file.is_file() and not file.is_symlink():
                        file.chmod(SHARED)

    def _forget(self) -> None:
        # Renaming is atomic: half a database would not start again.
        gone = self.directory / f"forgotten-{secrets.token_hex(8)}"
        if self._data.exists():
            self._data.rename(gone)
        self._half.unlink(missing_ok=True)
        for rest in self.directory.glob("forgotten-*"):
            shutil.rmtree(rest, ignore_errors=True)

    # ------------------------------------------------------------------------ bulk loading

    @property
    def _half(self) -> Path:
        """A file that exists during a bulk load; if it is left over, the data are deleted."""
        return self.directory / "half-loaded"

    def bulk(self, requests: Iterable[Mapping[str, Any]]) -> None:
        """Stop the engine and bulk-load; the next start has all of the data or none.

        `requests` are those of `arcadedb_bulk_main.py`.

        Raises:
            ViewUnavailable: the load failed; the view starts again from empty.

        """
        with self._starting:
            self._end()
            with self._owned():
                os.close(create_file(self._half, os.O_WRONLY, SHARED))
                flush_directory(self.directory)
                if code := self._load(requests):
                    raise ViewUnavailable(
                        f"The graph could not be loaded (exit {code}): {self._log_tail()}",
                        f"Its log is {self.log}. The journal is complete: run the query again.",
                    )
                self._half.unlink()
            self._reap()

    def _load(self, requests: Iterable[Mapping[str, Any]]) -> int:
        lock_files = () if self._lock is None else (self._lock,)
        with self._open_log() as log:
            self._child = child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(_BULK), str(self._data / self.database)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, **memory_settings(self.megabytes)},
                start_new_session=True,
                umask=umask_of_engine(self.directory),
                pass_fds=lock_files,
            )
        with suppress(BrokenPipeError):  # the process has ended: see its exit code
            for request in requests:
                _write(child, orjson.dumps(request) + b"\n")
            child.communicate()
        return child.wait()

    @contextmanager
    def _owned(self) -> Iterator[None]:
        """Own the directory within the block; release it if the block fails."""
        try:
            make_directory(self.directory)
            if self._lock is None:
                self._lock = lock_directory(self.directory / "engine.lock", "The graph view")
            yield
        except OSError as error:
            self._reap()
            raise ViewUnavailable(
                f"The graph engine cannot use {self.directory}: {error.strerror or error}.",
                "Make sure that you can write to this directory.",
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
        # The engine holds the lock too: it outlives this process for a moment after a kill.
        lock_files = () if self._lock is None else (self._lock,)
        self.log.unlink(missing_ok=True)
        with self._open_log() as log:
            self._child = child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(_CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,  # Ctrl-C must reach only this process, not the engine
                umask=umask_of_engine(self.directory),
                pass_fds=lock_files,
            )
        port = _read_port(child, json.dumps(configuration))
        if port is None:
            code = child.wait()
            raise ViewUnavailable(
                f"The graph engine did not start (exit {code}): {self._log_tail()}",
                f"Its log is {self.log}. The journal is complete: provstore rebuild graph",
            )
        self.address = f"bolt://127.0.0.1:{port}"

    def _open_log(self) -> IO[bytes]:
        return os.fdopen(create_file(self.log, os.O_WRONLY | os.O_APPEND, SHARED), "ab")

    def _end(self) -> None:
        """Tell the engine to stop, and wait for it; keep the directory."""
        child, self._child = self._child, None
        if child is not None:
            with suppress(OSError, ValueError, subprocess.TimeoutExpired):
                child.communicate(b"stop\n", timeout=_STOP_SECONDS)
            _end_process(child)
            self._open_to_group()

    def _reap(self) -> None:
        """End the process, and close the lock file."""
        child, self._child = self._child, None
        if child is not None:
            _end_process(child)
            self._open_to_group()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _log_tail(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return "\n".join(lines[-8:]) or "its log is empty."


def _end_process(child: "subprocess.Popen[bytes]") -> None:
    child.kill()  # safe: committed data are in the engine's transaction log
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # the last output could not be flushed to a dead process
                pipe.close()


def _write(child: "subprocess.Popen[bytes]", line: bytes) -> None:
    if child.stdin is not None:
        child.stdin.write(line)


def _read_port(child: "subprocess.Popen[bytes]", configuration: str) -> int | None:
    """Send the configuration and wait for the port; return None if the engine ends first."""
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
