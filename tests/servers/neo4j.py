"""Neo4j community for tests: comes as Maven artifacts, listens on loopback, dies with the tests.

In: a version and an empty directory. Out: a `Server` to connect to. It knows nothing of provstore.
"""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import neo4j

VERSIONS = {"neo4j": ("5.26.30", 17), "neo4j-current": ("2026.08.1", 21)}
"""What we promise to work with: version and the oldest Java that runs it."""

_HERE = Path(__file__).parent
_READY_SECONDS = 90.0
_STOP_SECONDS = 15.0
_FETCH_SECONDS = 600.0
_FLAGS = (
    "-Xmx1g",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


class ServerMissing(Exception):
    """The machine cannot run the server; `reason` says what it lacks."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Server(NamedTuple):
    """A running server, as the driver wants to be told."""

    address: str
    user: str
    password: str
    database: str


@contextmanager
def neo4j_server(version: str, data: Path) -> Iterator[Server]:
    """Neo4j in that version, its data under `data`, until the block ends."""
    java = find_java(_java_for(version))
    if java is None:
        raise ServerMissing(f"Neo4j {version} needs a JDK {_java_for(version)} or newer")
    jars = _jars(version)
    data.mkdir(parents=True, exist_ok=True)
    log = data / "launcher.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [java, *_FLAGS, "-cp", f"{jars}{os.sep}*", _HERE / "Launcher.java", data],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C: the tests end first, and the server after them
        )
    try:
        yield _server(f"bolt://127.0.0.1:{_port(process, log)}")
    finally:
        _end(process)


def find_java(minimum: int) -> Path | None:
    """A JDK of at least that version: on the PATH, in JAVA_HOME, or where Linux keeps them."""
    home = os.environ.get("JAVA_HOME")
    found = [shutil.which("java"), *([f"{home}/bin/java"] if home else [])]
    found += sorted(map(str, Path("/usr/lib/jvm").glob("*/bin/java")))
    for java in filter(None, found):
        # The launcher is run from its source, which takes a compiler.
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


def _java_for(version: str) -> int:
    return next((java for known, java in VERSIONS.values() if known == version), 21)


def _jars(version: str) -> Path:
    """The folder of the jars, fetched at the first use; it is there whole or not at all."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "provstore-tests"
    jars = cache / f"neo4j-{version}"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerMissing(f"Neo4j {version} is fetched with Maven, and there is no mvn")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f"neo4j-{version}.") as half:
        new = Path(half, "lib")
        command = [maven, "-q", "-B", "-f", f"{_HERE / 'pom.xml'}", f"-Dneo4j.version={version}"]
        command += ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        fetched = subprocess.run(
            [*command, f"-DoutputDirectory={new}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_SECONDS,
        )
        if fetched.returncode:
            raise ServerMissing(f"Maven could not fetch Neo4j {version}: {fetched.stdout[-500:]}")
        try:
            new.rename(jars)
        except OSError:
            # Another worker was faster; a folder that is not empty is never replaced.
            if not jars.is_dir():
                raise
    return jars


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
                f"Neo4j was not ready after {_READY_SECONDS:.0f} s or ended: {words}"
            )
    finally:
        late.cancel()
    # Nobody reads on, so whatever else it says must not fill the pipe.
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return int(line.split()[1])


def _server(address: str) -> Server:
    """The server, once its well-known first password is replaced."""
    password = secrets.token_urlsafe(24)
    with neo4j.GraphDatabase.driver(address, auth=("neo4j", "neo4j")) as driver:
        driver.execute_query(
            "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password",
            password=password,
            database_="system",
        )
    return Server(address, "neo4j", password, "neo4j")


def _end(process: "subprocess.Popen[str]") -> None:
    """Close its standard input, which ends it; if not, insist."""
    assert process.stdin
    process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
