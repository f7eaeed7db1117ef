"""Java servers for tests: found or fetched with Maven, on loopback, ended with the tests.

In: what to fetch and how to start it. Out: the port on which it listens. It knows no server.
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SHORT_LIVED = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Flags for the servers of tests: their best compiler would take more time than it saves. Where
times are measured, it must work."""

_READY_SECONDS = 90.0
_STOP_SECONDS = 15.0
_FETCH_SECONDS = 600.0


class ServerMissing(Exception):
    """The machine cannot run the server; `reason` says what it lacks."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def java_for(what: str, minimum: int) -> Path:
    """A JDK of at least that version.

    Raises:
        ServerMissing: there is none.

    """
    java = find_java(minimum)
    if java is None:
        raise ServerMissing(f"{what} needs a JDK {minimum} or newer")
    return java


def find_java(minimum: int) -> Path | None:
    """A JDK of at least that version: on the PATH, in JAVA_HOME, or where Linux keeps them."""
    home = os.environ.get("JAVA_HOME")
    found = [shutil.which("java"), *([f"{home}/bin/java"] if home else [])]
    found += sorted(map(str, Path("/usr/lib/jvm").glob("*/bin/java")))
    for java in filter(None, found):
        # The launchers are run from their source, which takes a compiler.
        if Path(java).resolve().with_name("javac").exists() and _java_version(java) >= minimum:
            return Path(java)
    return None


def _java_version(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(version[1]) if version else 0


def fetch(name: str, *goal: str) -> Path:
    """The folder of the jars, fetched at the first use; it is there whole or not at all."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "provstore-tests"
    jars = cache / name
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerMissing(f"{name} is fetched with Maven, and there is no mvn")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f"{name}.") as half:
        new = Path(half, "lib")
        fetched = subprocess.run(
            [maven, "-q", "-B", *goal, f"-DoutputDirectory={new}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_SECONDS,
        )
        if fetched.returncode:
            raise ServerMissing(f"Maven could not fetch {name}: {fetched.stdout[-500:]}")
        try:
            new.rename(jars)
        except OSError:
            # Another worker was faster; a folder that is not empty is never replaced.
            if not jars.is_dir():
                raise
    return jars


@contextmanager
def launched(command: Sequence[str | Path], log: Path) -> Iterator[int]:
    """The port of a program that prints `ready PORT` and ends with its standard input."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C: the tests end first, and the server after them
        )
    try:
        yield _port(process, log)
    finally:
        _end(process)


def _port(process: "subprocess.Popen[str]", log: Path) -> int:
    assert process.stdout
    late = threading.Timer(_READY_SECONDS, process.kill)
    late.daemon = True
    late.start()
    try:
        for line in process.stdout:
            if line.startswith("ready "):
                break
        else:
            words = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(
                f"The server was not ready after {_READY_SECONDS:.0f} s or ended: {words}"
            )
    finally:
        late.cancel()
    # Nobody reads on, so whatever else it says must not fill the pipe.
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return int(line.split()[1])


def _end(process: "subprocess.Popen[str]") -> None:
    """Close its standard input, which ends it; if not, insist."""
    assert process.stdin
    process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
