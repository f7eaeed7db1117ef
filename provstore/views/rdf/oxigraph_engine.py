"""The built-in SPARQL engine: Oxigraph in a child process, which can be killed at any time.

In: a directory, and requests. Out: the replies of `oxigraph_child_main.py`. In the same process,
nothing could stop a runaway query, and a query that takes all memory would kill the program. It
must not know the stored data.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from provstore.errors import BadQuery, ViewUnavailable
from provstore.storage.atomic_files import (
    SHARED,
    create_file,
    is_for_group,
    make_directory,
    umask_of_engine,
)
from provstore.views.directory_lock import lock_directory
from provstore.views.rdf.sparql import point_to_error

_CHILD = Path(__file__).with_name("oxigraph_child_main.py")
_OPEN_SECONDS = 120.0
_MEMORY_SIGNALS = (-signal.SIGABRT, -signal.SIGSEGV)
"""The exit codes of an engine that ran out of memory."""
_GROUP_ADVICE = "List each parameter in SELECT too and, with aggregates, in GROUP BY."


class OxigraphEngine:
    """An RDF store in a directory that one process at a time owns.

    `seconds` and `megabytes` limit each query (0: no limit).
    """

    def __init__(self, directory: Path, *, seconds: float, megabytes: int) -> None:
        self.directory = Path(directory).absolute()
        self.seconds, self.megabytes = seconds, megabytes
        self._child: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._turn = threading.Lock()

    @property
    def log(self) -> Path:
        """The engine's log since its last start."""
        return self.directory.with_suffix(".log")

    def query(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the replies to a query, within the limits of time and memory.

        Raises:
            BadQuery: the query is invalid, or exceeds a limit.
            ViewUnavailable: the engine cannot be used.

        """
        with self._turn:
            yield from self._ask({**request, "memory": self.megabytes}, (), self.seconds)

    def send(self, request: Mapping[str, Any], body: Sequence[bytes] = ()) -> list[dict[str, Any]]:
        """Return the replies to another request; the pieces of `body` may be large: no copies.

        Raises:
            ViewUnavailable: the engine cannot be used.

        """
        with self._turn:
            return list(self._ask(request, body, 0.0))

    def close(self) -> None:
        """Stop the engine and release the directory."""
        self._end()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def clear(self) -> None:
        """Stop the engine after the current query, and delete all data.

        Raises:
            ViewUnavailable: another process owns the directory, or it cannot be removed.

        """
        with self._turn:
            self._end()
            try:
                self._own()
                shutil.rmtree(self.directory)
            except OSError as error:
                raise _unusable(str(error)) from error
            finally:
                self.close()

    # -------------------------------------------------------------------------- the child

    def _ask(
        self, request: Mapping[str, Any], body: Sequence[bytes], seconds: float
    ) -> Iterator[dict[str, Any]]:
        replies, again = 0, False
        while True:
            child, last = self._running(), None
            try:
                with _deadline(child, seconds) as late:
                    _write(child, orjson.dumps(request), b"\n", *body)
                    for reply in _lines(child):
                        if "done" in reply or "refused" in reply:
                            last = reply
                            break
                        replies += 1
                        yield reply
            except BaseException:
                # Also on Ctrl-C or when the caller stops reading: drop the remaining replies.
                self._end()
                raise
            if last is not None:
                break
            code = child.wait()
            self._end()
            if late.is_set() or replies or again or code in _MEMORY_SIGNALS:
                raise self._exit_error(code, late.is_set())
            again = True  # the engine was killed before its first reply: try once more
        if "refused" in last:
            advice = _GROUP_ADVICE if "SELECT projection" in last["refused"] else ""
            reason = point_to_error(
                str(request.get("query", "")), last["refused"].rstrip(".") + "."
            )
            raise BadQuery(f"The SPARQL query failed: {reason}", advice)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        try:
            self._own()
            self._child = child = self._launch()
        except OSError as error:
            self.close()
            raise _unusable(str(error)) from error
        try:
            with _deadline(child, _OPEN_SECONDS):
                reply = next(_lines(child), {"closed": f"no reply; see {self.log}"})
        except BaseException:
            self.close()
            raise
        if "closed" in reply:
            self.close()
            raise _unusable(reply["closed"])
        return child

    def _own(self) -> None:
        make_directory(self.directory)
        if self._lock is None:
            self._lock = lock_directory(self.directory.with_suffix(".lock"), "The RDF view")

    def _launch(self) -> "subprocess.Popen[bytes]":
        # The engine holds the lock too: it outlives this process for a moment after a kill.
        lock_files = () if self._lock is None else (self._lock,)
        flags = os.O_WRONLY | os.O_TRUNC
        if is_for_group(self.directory):  # of all its files, the engine opens only this one again
            os.close(create_file(self.directory / "LOCK", os.O_RDWR, SHARED))
        with os.fdopen(create_file(self.log, flags, SHARED), "wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(_CHILD), str(self.directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C must reach only this process, not the engine
                umask=umask_of_engine(self.directory),
                pass_fds=lock_files,
            )

    def _end(self) -> None:
        """End the process, and close its pipes."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()  # safe: confirmed loads are in the engine's log
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):  # the last output cannot be flushed to a dead process
                    pipe.close()

    def _exit_error(self, code: int, late: bool) -> Exception:
        advice = "Simplify the query, or raise the limit in [limits] of provstore.toml."
        if late:
            message = f"The query took longer than {self.seconds:g} seconds and was stopped."
            return BadQuery(message, advice)
        if code in _MEMORY_SIGNALS and self.megabytes:
            message = f"The query needed more than {self.megabytes} MB of memory and was stopped."
            return BadQuery(message, advice)
        return ViewUnavailable(
            f"The RDF engine ended unexpectedly (exit {code}).",
            f"The journal is complete: run the query again. The engine's log is {self.log}.",
        )


@contextmanager
def _deadline(child: "subprocess.Popen[bytes]", seconds: float) -> Iterator[threading.Event]:
    """Kill the child after `seconds` (0: never); the event is set if that happened."""
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    if seconds:
        timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _write(child: "subprocess.Popen[bytes]", *pieces: bytes) -> None:
    if child.stdin is not None:
        with suppress(BrokenPipeError):  # the process has ended: the missing reply shows it
            child.stdin.writelines(pieces)
            child.stdin.flush()


def _lines(child: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    if child.stdout is not None:
        for line in child.stdout:
            if line.endswith(b"\n"):  # a partial line comes from a killed process
                yield orjson.loads(line)


def _unusable(reason: str) -> ViewUnavailable:
    return ViewUnavailable(
        f"The RDF view cannot be opened: {reason}.", "Rebuild it: provstore rebuild rdf"
    )
