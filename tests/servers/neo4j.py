"""Neo4j community for tests: comes as Maven artifacts, listens on loopback, dies with the tests.

In: a version and an empty directory. Out: a `Server` to connect to. It knows nothing of provstore.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import neo4j

from tests.servers.java import fetch, java_for, launched

VERSIONS = {"neo4j": ("5.26.30", 17), "neo4j-current": ("2026.08.1", 21)}
"""What we promise to work with: version and the oldest Java that runs it."""

_HERE = Path(__file__).parent
_FLAGS = (
    "-Xmx1g",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


class Server(NamedTuple):
    """A running server, as the driver wants to be told."""

    address: str
    user: str
    password: str
    database: str


@contextmanager
def neo4j_server(version: str, data: Path, flags: Sequence[str] = ()) -> Iterator[Server]:
    """Neo4j in that version, its data under `data`, until the block ends; `flags` are Java's."""
    java = java_for(f"Neo4j {version}", _java_of(version))
    pom = ["-f", str(_HERE / "pom.xml"), f"-Dneo4j.version={version}"]
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
    jars = fetch(f"neo4j-{version}", *pom, *goal)
    data.mkdir(parents=True, exist_ok=True)
    command = [java, *_FLAGS, *flags, "-cp", f"{jars}{os.sep}*", _HERE / "Launcher.java", data]
    with launched(command, data / "launcher.log") as port:
        yield _server(f"bolt://127.0.0.1:{port}")


def _java_of(version: str) -> int:
    return next((java for known, java in VERSIONS.values() if known == version), 21)


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
