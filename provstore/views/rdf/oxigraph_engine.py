"""The built-in SPARQL engine: Oxigraph in a process of its own, which can be ended at any time.

In: a directory, and requests. Out: the replies of `oxigraph_child_main.py`. In our own process
nothing could stop a query that runs away, and one that takes all memory would take us with it. It
must not know what is stored there.
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
from provstore.views.directory_lock import lock_directory
from provstore.views.rdf.sparql import point_to_error

_CHILD = Path(__file__).with_name("oxigraph_child_main.py")
_OPEN_SECONDS = 120.0
_MEMORY_SIGNALS = (-signal.SIGABRT, -signal.SIGSEGV)
"""How an engine ends that is refused memory."""
_GROUP_ADVICE = "A parameter stands in SELECT too, and in GROUP BY where something is counted."


class OxigraphEngine:
    """An RDF store in a directory; one process at a time owns it.

    `seconds` and `megabytes` are what a query may take before it is ended (0: no bound).
    """

    def __init__(self, directory: Path, *, seconds: float, megabytes: int) -> None:
        self.directory = Path(directory).absolute()
        self.seconds, self.megabytes = seconds, megabytes
        self._child: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._turn = threading.Lock()

    @property
    def log(self) -> Path:
        """What the engine had to say since its last start."""
        return self.directory.with_suffix(".log")

    def query(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The replies to a query, within time and memory.

        Raises:
            BadQuery: it cannot be understood, or takes too long or too much.
            ViewUnavailable: the engine cannot be used.

        """
        with self._turn:
            yield from self._ask({**request, "memory": self.megabytes}, (), self.seconds)

    def send(self, request: Mapping[str, Any], body: Sequence[bytes] = ()) -> list[dict[str, Any]]:
        """The replies to anything else; the pieces of `body` may be large, and are not copied.

        Raises:
            ViewUnavailable: the engine cannot be used.

        """
        with self._turn:
            return list(self._ask(request, body, 0.0))

    def close(self) -> None:
        """End the engine and give the directory back."""
        self._end()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def clear(self) -> None:
        """End the engine when nobody asks any more, and forget all data.

        Raises:
            ViewUnavailable: another process has the directory, or it cannot be removed.

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
                # Also Ctrl-C, and whoever stops listening: what it still says is for nobody.
                self._end()
                raise
            if last is not None:
                break
            code = child.wait()
            self._end()
            if late.is_set() or replies or again or code in _MEMORY_SIGNALS:
                raise self._exit_error(code, late.is_set())
            again = True  # somebody ended it, as it was or was not about to begin
        if "refused" in last:
            advice = _GROUP_ADVICE if "SELECT projection" in last["refused"] else ""
            reason = point_to_error(
                str(request.get("query", "")), last["refused"].rstrip(".") + "."
            )
            raise BadQuery(f"This SPARQL cannot be answered: {reason}", advice)

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
                reply = next(_lines(child), {"closed": f"it said nothing; see {self.log}"})
        except BaseException:
            self.close()
            raise
        if "closed" in reply:
            self.close()
            raise _unusable(reply["closed"])
        return child

    def _own(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = lock_directory(self.directory.with_suffix(".lock"), "The RDF view")

    def _launch(self) -> "subprocess.Popen[bytes]":
        # The engine holds the lock too: it outlives us for a moment when we are killed.
        lock_files = () if self._lock is None else (self._lock,)
        with self.log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(_CHILD), str(self.directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we end the engine, or leave it be
                pass_fds=lock_files,
            )

    def _end(self) -> None:
        """Leave neither a process nor an open pipe behind."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()  # nothing is lost: what was loaded is in its log
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):  # the last word cannot be flushed to a dead process
                    pipe.close()

    def _exit_error(self, code: int, late: bool) -> Exception:
        advice = "Ask for less, or raise the limit: [limits] in provstore.toml."
        if late:
            message = f"The query took longer than {self.seconds:g} seconds and was ended."
            return BadQuery(message, advice)
        if code in _MEMORY_SIGNALS and self.megabytes:
            message = f"The query wanted more than {self.megabytes} MB of memory and was ended."
            return BadQuery(message, advice)
        return ViewUnavailable(
            f"The RDF engine ended (exit {code}).",
            f"Nothing is lost: ask again. All it said is in {self.log}.",
        )


@contextmanager
def _deadline(child: "subprocess.Popen[bytes]", seconds: float) -> Iterator[threading.Event]:
    """End the child when the time is over (0: never); the event tells that it was this."""
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
        with suppress(BrokenPipeError):  # it is gone: that it says nothing tells
            child.stdin.writelines(pieces)
            child.stdin.flush()


def _lines(child: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    if child.stdout is not None:
        for line in child.stdout:
            if line.endswith(b"\n"):  # half a line is the last word of one who was ended
                yield orjson.loads(line)


def _unusable(reason: str) -> ViewUnavailable:
    return ViewUnavailable(
        f"The RDF view cannot be opened: {reason}.", "Make it anew: provstore rebuild rdf"
    )
