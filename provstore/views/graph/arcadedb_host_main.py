"""The main program of the built-in Cypher engine: ArcadeDB with Bolt on the loopback interface.

In: a configuration from `arcadedb_engine.py`. Out: each client learns address and passwords over
the engine's socket; the rest is Bolt. It must not import provstore: it runs as a file, so that it
starts quickly.
"""

import base64
import contextlib
import http.client
import json
import os
import secrets
import shutil
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_RECORDS = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]
_GROUPS = {
    "admin": (["updateSecurity", "updateSchema", "updateDatabaseSettings"], _RECORDS),
    "readonly": ([], ["readRecord"]),
    "*": ([], []),
}
"""The rights of each group: on the database, and on the records of every type."""

_LOGGING = """\
handlers = java.util.logging.ConsoleHandler
.level = WARNING
java.util.logging.ConsoleHandler.level = WARNING
java.util.logging.ConsoleHandler.formatter = com.arcadedb.log.LogFormatter
"""
_WATCH_SECONDS = 5.0
_GRACE_SECONDS = 10.0


def main() -> None:
    """Serve until nobody uses the engine any more."""
    sys.path.append(str(Path(__file__).parents[1]))
    from engine_host import EngineHost, receive_line  # type: ignore[import-not-found]
    from engine_sandbox import confine  # type: ignore[import-not-found]

    host = EngineHost.detach()
    # All threads of the server begin in this one, and are confined with it. Others only watch, and
    # see no query.
    confined = ThreadPoolExecutor(1)
    own = [Path(host.configuration["directory"])]
    host.guards = confined.submit(confine, own, listens=True).result().description()
    engine = _ArcadeDB(host.configuration, confined)
    threading.Thread(target=engine.watch, args=(host.fail,), daemon=True).start()

    def answer(connection: socket.socket, hello: dict[str, Any]) -> None:
        seconds = float(hello["configuration"]["seconds"])
        engine.add_limit(seconds)
        try:
            while receive_line(connection) is not None:
                pass
        finally:
            engine.remove_limit(seconds)

    host.serve(answer, greeting=engine.greeting(), stop=engine.stop)


class _ArcadeDB:
    """The server. All but `databases` is made again: passwords change at each start.

    Only the `confined` thread calls it.
    """

    def __init__(self, configuration: dict[str, Any], confined: ThreadPoolExecutor) -> None:
        self._confined = confined
        self.directory = Path(configuration["directory"])
        self.database, self.reader = configuration["database"], configuration["reader"]
        self.password, self.reader_password = secrets.token_hex(24), secrets.token_hex(24)
        self._limits: list[float] = []
        self._limit = float(configuration["seconds"])
        self._changing = threading.Lock()
        if half_file(self.directory).exists() or not is_usable(self.directory):
            forget_data(self.directory)
        for name in ("config", "log"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
            (self.directory / name).mkdir(parents=True)
        groups = self.directory / "config" / "server-groups.json"
        groups.write_text(_groups(), encoding="utf-8")
        groups.chmod(0o600)  # like the engine's own files beside it
        (self.directory / "log" / "console.properties").write_text(_LOGGING, encoding="utf-8")
        self._call(self._start)
        self._set_timeout(self._limit)

    def _call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return self._confined.submit(work, *arguments).result()

    def stop(self) -> None:
        """Stop the server; the files are complete afterwards."""
        self._call(self.server.stop)
        open_to_group(self.directory)

    def greeting(self) -> dict[str, Any]:
        """Return what each client needs to log in."""
        return {
            "address": f"bolt://127.0.0.1:{self.port}",
            "password": self.password,
            "reader_password": self.reader_password,
        }

    def _start(self) -> None:
        import arcadedb

        self.server = self._launch(arcadedb)
        self._data = self.server.create_database(self.database)

    def _launch(self, arcadedb: Any) -> Any:
        reader = f"{self.reader}:{self.reader_password}:readonly"
        for attempt in range(5):
            self.port, self.http_port = _free_port(), _free_port()
            server = arcadedb.create_server(
                str(self.directory),
                self.password,
                config={
                    "host": "127.0.0.1",
                    "http_port": self.http_port,  # it cannot be disabled
                    "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
                    "bolt_port": self.port,
                    "bolt_host": "127.0.0.1",
                    "bolt_defaultDatabase": self.database,
                    "server_defaultDatabases": f"{self.database}[{reader}]",
                    "server_saltIterations": 1000,  # the passwords are random, for one start
                    "mode": "development",  # `production` would hide why a query failed
                },
            )
            try:
                server.start()
            except arcadedb.ArcadeDBError:
                # Another program may have taken a port in the meantime; other errors recur.
                if attempt == 4:
                    raise
            else:
                return server
        raise AssertionError

    # ---------------------------------------------------------------------------- time limits

    def add_limit(self, seconds: float) -> None:
        """Let a query run as long as the most patient client wants; each ends its own in time."""
        with self._changing:
            self._limits.append(seconds)
            self._set_timeout(max(self._limits))

    def remove_limit(self, seconds: float) -> None:
        """Forget the limit of a client that is gone."""
        with self._changing:
            self._limits.remove(seconds)

    def _set_timeout(self, seconds: float) -> None:
        # No setting of the server or of the driver limits a query, but this one does.
        milliseconds = int((seconds + 1.0) * 1000)
        if milliseconds != getattr(self, "_timeout", None):
            text = f"ALTER DATABASE `arcadedb.command.timeout` {milliseconds}"
            self._call(self._data.command, "sql", text)
            self._timeout = milliseconds

    def watch(self, fail: Any) -> None:
        """End the engine if a query ignores its limit and its client is not there to end it."""
        used = time.process_time()
        while True:
            time.sleep(_WATCH_SECONDS)
            before, used = used, time.process_time()
            if used - before < _WATCH_SECONDS / 2:
                continue  # nothing runs away
            limit = 1000 * (max([*self._limits, self._limit]) + _GRACE_SECONDS)
            try:
                queries = self._server_command("list queries").get("result", [])
            except (OSError, ValueError, http.client.HTTPException) as error:
                print(f"The running queries are not known: {error!r}", file=sys.stderr)
                continue
            if any(query.get("elapsedMs", 0) > limit for query in queries):
                fail("A query ignores its time limit, and its client is gone.")

    def _server_command(self, text: str) -> dict[str, Any]:
        token = base64.b64encode(f"root:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=10.0)
        try:
            headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
            body = json.dumps({"command": text})
            connection.request("POST", "/api/v1/server", body, headers)
            reply = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return reply if isinstance(reply, dict) else {}


def half_file(directory: Path) -> Path:
    """Return the file that exists during a bulk load; if it is left over, the data are deleted."""
    return directory / "half-loaded"


def is_usable(directory: Path) -> bool:
    """Whether this account can use all files of the data; they may be of another account."""
    files = (directory / "databases").rglob("*")
    return all(os.access(file, os.R_OK | os.W_OK) for file in files)


def open_to_group(directory: Path) -> None:
    """Let the group of a store use the files that the engine made for this account alone."""
    data, wanted = directory / "databases", stat.S_ISGID | stat.S_IWGRP
    if data.is_dir() and data.stat().st_mode & wanted == wanted:
        for file in data.rglob("*"):
            with contextlib.suppress(OSError):  # removed by now, or of another account
                if file.is_file() and not file.is_symlink():
                    file.chmod(0o660)


def forget_data(directory: Path) -> None:
    """Delete all data; the next start begins empty."""
    # Renaming is atomic: half a database would not start again.
    gone = directory / f"forgotten-{secrets.token_hex(8)}"
    if (directory / "databases").exists():
        (directory / "databases").rename(gone)
    half_file(directory).unlink(missing_ok=True)
    for rest in directory.glob("forgotten-*"):
        shutil.rmtree(rest, ignore_errors=True)


def _groups() -> str:
    groups = {
        name: {
            "resultSetLimit": -1,
            "readTimeout": -1,
            "access": access,
            "types": {"*": {"access": records}},
        }
        for name, (access, records) in _GROUPS.items()
    }
    return json.dumps({"databases": {"*": {"groups": groups}}, "version": 2})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
