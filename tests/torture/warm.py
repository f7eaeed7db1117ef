"""A warm Python process that forks one child for each life of a store, so that imports cost once.

As a program: jobs come in as JSON lines. A child waits until it is told to go, so that strace can
hold it by then. As a module: `WarmProcess` gives it jobs.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from ctypes import CDLL
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, Self

from provstore.__main__ import main
from provstore.errors import ProvstoreError
from tests.torture.acts import perform
from tests.torture.figures import describe
from tests.torture.scene import Acknowledgement, Scene

MARK = "MARK "
"""Begins what a child writes to /dev/null, for whoever reads its system calls."""

_ANY_TRACER = 0x59616D61  # PR_SET_PTRACER: without it, some systems let no brother trace


class Ending(NamedTuple):
    """How a life ended: by a signal (or 0), and what came of each act."""

    signal: int
    acknowledged: tuple[Acknowledgement, ...]
    refused: tuple[tuple[str, str], ...]
    raw: tuple[tuple[str, str], ...]
    code: int = 0
    """The exit code of a command."""


class WarmProcess:
    """A process that has loaded provstore, and forks children on request."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def live(
        self,
        directory: Path,
        acts: Sequence[str],
        *strace: str,
        autocheckpoint: int = 1000,
        retry: bool = False,
    ) -> Ending:
        """Let a child do these acts in a directory, under strace with these options if there are.

        With `retry`, an act that is refused is done once more, in the same process.
        """
        job = {
            "directory": str(directory),
            "acts": list(acts),
            "autocheckpoint": autocheckpoint,
            "retry": retry,
        }
        return self._run(job, strace)

    def command(
        self, arguments: Sequence[str], account: Path, output: Path, *strace: str
    ) -> Ending:
        """Let a child run a whole command line, from its arguments to its exit code.

        `account` is the state directory of the account that runs it.
        """
        job = {"command": list(arguments), "account": str(account), "output": str(output)}
        return self._run(job, strace)

    def _run(self, job: dict[str, Any], strace: Sequence[str]) -> Ending:
        child = self._ask(job)["pid"]
        tracer = _attach(child, strace) if strace else None
        ending = self._ask({"go": True})
        if tracer is not None:
            tracer.wait(60)
            assert tracer.stderr is not None
            tracer.stderr.close()
        return Ending(
            ending["signal"],
            tuple(map(Acknowledgement.from_text, ending["acknowledged"])),
            tuple((act, text) for act, text in ending["refused"]),
            tuple((act, text) for act, text in ending["raw"]),
            ending["code"],
        )

    def _ask(self, message: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _attach(child: int, options: Sequence[str]) -> "subprocess.Popen[str]":
    tracer = subprocess.Popen(
        ["strace", *options, "-p", str(child)], stderr=subprocess.PIPE, text=True
    )
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    if "attached" not in line:
        raise RuntimeError(f"strace cannot attach: {line}")
    return tracer


# ------------------------------------------------------------------------- inside the warm process


@dataclass
class _Child:
    pid: int
    gate: socket.socket


def _serve() -> None:
    _warm_up()
    while line := sys.stdin.readline():
        child = _fork(json.loads(line))
        _reply({"pid": child.pid})
        sys.stdin.readline()
        child.gate.send(b"go")
        _reply(_outcome(child))


def _warm_up() -> None:
    """Do everything once: what is imported late is imported now."""
    with tempfile.TemporaryDirectory() as directory:
        scene = Scene(Path(directory) / "store")
        for act in (
            "init", "submit 1", "package 2", "report 1", "import 1", "messages", "draft 1",
            "look", "search", "verify", "export", "read 1",
            "finish 3", "rebuild", "backup 1", "restore 1", "damage 1", "repair 1",
        ):  # fmt: skip
            perform(scene, act)
        scene.close()
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            for command in (["rebuild", "search"], ["start"], ["submit", "missing.json"]):
                sys.argv = ["provstore", *command, "--store", str(scene.directory)]
                with suppress(SystemExit):
                    main()
        shutil.rmtree(directory, ignore_errors=True)


def _fork(job: dict[str, Any]) -> _Child:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    pid = os.fork()
    if pid == 0:
        ours.close()
        try:
            (_run_command if "command" in job else _live)(job, theirs)
        finally:
            os._exit(0)  # nothing is closed or put in order, as in a crash
    theirs.close()
    ours.recv(10)
    return _Child(pid, ours)


def _wait_at(gate: socket.socket) -> None:
    """Only what comes after this is seen by strace."""
    with suppress(OSError):
        CDLL(None).prctl(_ANY_TRACER, -1, 0, 0, 0)
    gate.send(b"ready")
    gate.recv(10)


def _run_command(job: dict[str, Any], gate: socket.socket) -> None:
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = ["provstore", *job["command"]]
    os.environ["XDG_STATE_HOME"] = job["account"]
    _wait_at(gate)
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))


def _live(job: dict[str, Any], gate: socket.socket) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    _wait_at(gate)

    def report(kind: str, act: str, text: str) -> None:
        with suppress(OSError):  # a fault may strike here, where nobody cares
            os.write(null, f"{MARK}{kind} {act}".encode())
        gate.send(json.dumps([kind, act, text]).encode())

    scene = Scene(Path(job["directory"]), job["autocheckpoint"])
    for act in job["acts"]:
        report("begun", act, "")
        for attempt in range(2 if job["retry"] else 1):
            name = act if attempt == 0 else f"{act} again"
            try:
                ack = perform(scene, act)
            except ProvstoreError as error:
                report("refused", name, describe(error))
            except Exception as error:
                report("raw", name, describe(error) + " | " + _place(error))
            else:
                report("acknowledged", act, ack.text())
                break


def _place(error: BaseException) -> str:
    """The places of an error inside provstore."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "/provstore/" in frame.filename]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(inside[-3:]))


def _outcome(child: _Child) -> dict[str, Any]:
    outcome: dict[str, Any] = {"acknowledged": [], "refused": [], "raw": []}
    while data := _next(child.gate):
        kind, act, text = json.loads(data)
        if kind == "acknowledged":
            outcome[kind].append(text)
        elif kind in outcome:
            outcome[kind].append([act, text])
    child.gate.close()
    _, status = os.waitpid(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return {**outcome, "signal": max(0, -code), "code": max(0, code)}


def _next(gate: socket.socket) -> bytes:
    """What a child says next; nothing if it has ended."""
    try:
        return gate.recv(1 << 20)
    except ConnectionResetError:  # it was killed before it read that it may go
        return b""


def _reply(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _serve()
