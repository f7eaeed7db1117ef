"""The built-in Cypher engine: ArcadeDB in a process of its own, reached over Bolt on loopback.

In: a directory. Out: an address, a user with write access, and a read-only user. Whoever starts it,
all clients of the store share it. It must not know the stored data or speak Bolt: the graph view
does, with the driver that it also uses for Neo4j.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import orjson

from provstore.errors import ViewUnavailable
from provstore.storage.atomic_files import (
    SHARED,
    create_file,
    flush_directory,
    make_directory,
    umask_of_engine,
)
from provstore.views.graph.arcadedb_host_main import forget_data, half_file, open_to_group
from provstore.views.shared_engine import LINGER_SECONDS, Lease, SharedEngine

_HOST = Path(__file__).with_name("arcadedb_host_main.py")
_BULK = Path(__file__).with_name("arcadedb_bulk_main.py")
_BUILDS = {"arcadedb": "native", "arcadedb-jvm": "JVM", "arcadedb-embedded": "JVM"}
"""The packages that bring the engine, and how each was built."""


_QUERIES = 1000
"""How many queries run at once; by itself, the engine would let the fifth wait, perhaps in vain."""


class EmbeddedServer:
    """The built-in Cypher engine: a process that speaks Bolt on loopback, shared by all clients.

    It ends `linger` seconds after its last client. The data persist; the passwords are new at each
    start. `command_timeout` and `megabytes` limit the queries of this client.
    """

    def __init__(
        self,
        directory: Path,
        *,
        command_timeout: float = 60.0,
        megabytes: int = 2000,
        linger: float = LINGER_SECONDS,
        runtime: Path | None = None,
    ) -> None:
        self.directory = Path(directory).absolute()
        self.command_timeout, self.megabytes = command_timeout, megabytes
        self.address = ""
        self.user, self.password = "root", ""
        self.database = "prov"
        self.reader = ("reader", "")
        package, version = _installed_build()
        self.name = f"built-in ArcadeDB {version}, {_BUILDS[package]} build"
        self._environment = memory_settings(megabytes)
        self.shared = SharedEngine(
            self.directory,
            _HOST,
            {
                "directory": str(self.directory),
                "database": self.database,
                "reader": self.reader[0],
                "seconds": command_timeout,
                "megabytes": megabytes,
            },
            description="The graph engine",
            version=f"2 {package} {version}",
            linger=linger,
            runtime=runtime,
            environment=self._environment,
        )
        self._lease: Lease | None = None
        self._starting = threading.Lock()

    @property
    def log(self) -> Path:
        """The engine's log since its last start."""
        return self.shared.log

    @property
    def pid(self) -> int | None:
        """The process of the engine that this client uses."""
        return self._lease.pid if self._lease and self.is_current() else None

    def start(self) -> None:
        """Join the engine, which is started if none runs; afterwards it answers at `address`."""
        with self._starting:
            if self.is_current():
                return
            self._release()
            self._lease = lease = self.shared.connect()
            self.address, self.password = lease.greeting["address"], lease.greeting["password"]
            self.reader = (self.reader[0], lease.greeting["reader_password"])

    def is_current(self) -> bool:
        """Return whether the engine that this client joined still runs."""
        return self._lease is not None and self._lease.is_open()

    def stop(self) -> None:
        """Leave the engine; it goes on for other clients."""
        with self._starting:
            lease, self._lease = self._lease, None
            if lease is not None:
                self.shared.leave([lease])

    def kill(self) -> None:
        """End the engine that this client joined: the last resort against a query.

        Other clients join the next one, and ask again what they asked. While the engine starts or
        bulk-loads, it runs no query, and this does nothing.
        """
        if self._starting.acquire(blocking=False):
            try:
                if self._lease is not None:
                    self.shared.end(self._lease.pid)
                self._release()
            finally:
                self._starting.release()

    def clear(self) -> bool:
        """Stop the engine and delete all data; the next start begins empty."""
        with self._starting, self.shared.turn(), self.shared.stopped("clearing"):
            self._release()
            if self.directory.exists():
                forget_data(self.directory)
        return True

    def turn(self) -> AbstractContextManager[None]:
        """Return a block within which no other client loads."""
        return self.shared.turn()

    # ------------------------------------------------------------------------ bulk loading

    def bulk(self, requests: Iterable[Mapping[str, Any]]) -> None:
        """Stop the engine and bulk-load; the next start has all of the data or none.

        `requests` are those of `arcadedb_bulk_main.py`. Other clients wait meanwhile. This client
        must have the turn: otherwise somebody else may load what `requests` have, too.

        Raises:
            ViewUnavailable: the load failed; the view starts again from empty.

        """
        with self._starting, self.shared.stopped("loading") as lock:
            self._release()
            make_directory(self.directory)
            os.close(create_file(half_file(self.directory), os.O_WRONLY, SHARED))
            flush_directory(self.directory)
            if code := self._load(requests, lock):
                raise ViewUnavailable(
                    f"The graph could not be loaded (exit {code}): {self.shared.log_tail()}",
                    f"Its log is {self.log}. The journal is complete: run the query again.",
                )
            half_file(self.directory).unlink()

    def _load(self, requests: Iterable[Mapping[str, Any]], lock: int) -> int:
        database = self.directory / "databases" / self.database
        flags = os.O_WRONLY | os.O_APPEND
        with os.fdopen(create_file(self.log, flags, SHARED), "ab") as log:
            child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [
                    sys.executable,
                    "-P",
                    str(_BULK),
                    str(database),
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, **self._environment},
                start_new_session=True,
                umask=umask_of_engine(self.directory),
                pass_fds=(lock,),
            )
        try:
            with suppress(BrokenPipeError):  # the process has ended: see its exit code
                for request in requests:
                    _write(child, orjson.dumps(request) + b"\n")
                child.communicate()
            code = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        open_to_group(self.directory)
        return code

    def _release(self) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.close()


def memory_settings(megabytes: int) -> dict[str, str]:
    """Return environment variables that set the engine's heap, and what no server setting can.

    The heap is twice the limit of a query. The library reads them when it is loaded, and splits
    them at spaces. The engine's directory may contain spaces, so the paths are relative to it.
    """
    heap = 2 * megabytes
    with suppress(AttributeError, ValueError, OSError):  # never all of the memory
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
        heap = min(heap, machine * 8 // 10)
    arguments = (
        f"-Xmx{heap}m -Djava.util.logging.config.file=log/console.properties "
        f"-Darcadedb.queryMaxConcurrent={_QUERIES}"
    )
    return {
        "ARCADEDB_NATIVE_ISOLATE_ARGS": arguments,
        "ARCADEDB_JVM_ARGS": arguments,
        "ARCADEDB_LOG_DIR": "log",
    }


def _installed_build() -> tuple[str, str]:
    """Return the package that brings the engine, and its version."""
    for package in _BUILDS:
        with suppress(metadata.PackageNotFoundError):
            return package, metadata.version(package)
    return "arcadedb", "missing"


def _write(child: "subprocess.Popen[bytes]", line: bytes) -> None:
    if child.stdin is not None:
        child.stdin.write(line)
