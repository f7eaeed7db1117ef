"""The child process of the built-in Cypher engine: ArcadeDB with Bolt on the loopback interface.

In: a line of JSON on standard input, then the word `stop` or the end of input. Out: a line of JSON
with the port on standard output, once Bolt answers. It must not import provstore: it runs as a
file, so that it starts quickly.
"""

import contextlib
import json
import os
import shutil
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

LOG_LIMIT = 8_000_000
"""The size in bytes at which the log is emptied: every failed query writes a stack trace."""

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


def main() -> None:
    """Serve until told to stop, or until the parent process ends."""
    # Only the port goes to standard output; all other output goes to the log.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    parent = os.getppid()
    configuration: dict[str, Any] = json.loads(sys.stdin.readline())
    server, port = _serve(configuration)
    with answer:
        json.dump({"port": port}, answer)
        answer.write("\n")
    threading.Thread(target=_wait_for_stop, args=(server,), daemon=True).start()
    # A fork of the parent keeps this standard input open after the parent is killed. So an open
    # input does not prove that the parent is alive.
    while os.getppid() == parent:
        time.sleep(0.5)
        if os.fstat(2).st_size > LOG_LIMIT:
            os.ftruncate(2, 0)
    os._exit(1)


def _serve(configuration: dict[str, Any]) -> tuple[Any, int]:
    """Start the server. All but `databases` is recreated: passwords change at each start."""
    directory = Path(configuration["directory"])
    for name in ("config", "log"):
        shutil.rmtree(directory / name, ignore_errors=True)
        (directory / name).mkdir(parents=True)
    groups = directory / "config" / "server-groups.json"
    groups.write_text(_groups(), encoding="utf-8")
    groups.chmod(0o600)  # like the engine's own files beside it
    (directory / "log" / "console.properties").write_text(_LOGGING, encoding="utf-8")
    os.chdir(directory)
    os.environ |= memory_settings(configuration["megabytes"])
    import arcadedb

    database = configuration["database"]
    reader = f"{configuration['reader']}:{configuration['reader_password']}:readonly"
    for attempt in range(5):
        port = _free_port()
        server = arcadedb.create_server(
            str(directory),
            configuration["password"],
            config={
                "host": "127.0.0.1",
                "http_port": 0,  # cannot be disabled; so: any free port, loopback, password
                "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
                "bolt_port": port,
                "bolt_host": "127.0.0.1",
                "bolt_defaultDatabase": database,
                "server_defaultDatabases": f"{database}[{reader}]",
                "server_saltIterations": 1000,  # the passwords are random and live for one start
                "mode": "development",  # `production` would hide why a query failed
            },
        )
        try:
            server.start()
            break
        except arcadedb.ArcadeDBError:
            # Another program may have taken the port in the meantime; other errors recur.
            if attempt == 4:
                raise
    # No setting of the server or of the driver limits a query, but this one does.
    server.create_database(database).command(
        "sql",
        f"ALTER DATABASE `arcadedb.command.timeout` {int(configuration['command_timeout'] * 1000)}",
    )
    return server, port


def memory_settings(megabytes: int) -> dict[str, str]:
    """Return environment variables that set the engine's heap to twice a query's limit.

    The library reads them when it is loaded, and splits them at spaces. The engine's directory may
    contain spaces, so the paths are relative to it.
    """
    heap = 2 * megabytes
    with contextlib.suppress(AttributeError, ValueError, OSError):  # never all of the memory
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
        heap = min(heap, machine * 8 // 10)
    arguments = f"-Xmx{heap}m -Djava.util.logging.config.file=log/console.properties"
    return {"ARCADEDB_NATIVE_ISOLATE_ARGS": arguments, "ARCADEDB_LOG_DIR": "log"}


def _wait_for_stop(server: Any) -> None:
    """Wait for the word `stop`, or for the end of standard input, when the parent has ended."""
    word = sys.stdin.readline().strip()
    if word == "stop":
        with contextlib.suppress(Exception):
            server.stop()
        os._exit(0)
    os._exit(1)


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
