"""Apache Jena Fuseki for tests: one jar from Maven, in memory on loopback, dies with the tests.

In: an empty directory. Out: a `Fuseki` that takes N-Quads and answers SPARQL over HTTP. It knows
nothing of provstore's views; whoever asks puts the parameters into the text first.
"""

import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

import pyoxigraph as ox

from tests.servers.java import fetch, java_for, launched

VERSION, JAVA = "5.6.0", 17
_SECONDS = 120.0
_LATE = b"##  Query cancelled due to timeout"


class Fuseki:
    """A running server with one dataset."""

    def __init__(self, address: str) -> None:
        self.address = address

    def load(self, nquads: str) -> None:
        """Add quads to the dataset."""
        self._call("", nquads.encode(), {"Content-Type": "application/n-quads"})

    def clear(self) -> None:
        """Forget everything."""
        self._call("/update", urlencode({"update": "CLEAR ALL"}).encode(), {})

    def select(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean:
        """The solutions of a query.

        Raises:
            TimeoutError: it takes longer than it may.

        """
        accept = {"Accept": "application/sparql-results+json"}
        try:
            answer = self._call("/query", urlencode({"query": text}).encode(), accept)
        except HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            raise TimeoutError(text) from error
        if _LATE in answer[-200:]:  # it came too late to be said in the head
            raise TimeoutError(text)
        return ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)

    def _call(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        request = urllib.request.Request(f"{self.address}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            read: bytes = answer.read()
            return read


@contextmanager
def fuseki_server(
    data: Path, megabytes: int = 512, seconds: float = 60.0, flags: Sequence[str] = ()
) -> Iterator[Fuseki]:
    """Fuseki with so much memory and time for a query, its log under `data`, in the block.

    `flags` are Java's.
    """
    java = java_for(f"Fuseki {VERSION}", JAVA)
    artifact = f"-Dartifact=org.apache.jena:jena-fuseki-server:{VERSION}"
    jars = fetch(f"fuseki-{VERSION}", "dependency:copy", artifact)
    launcher = Path(__file__).with_name("FusekiLauncher.java")
    command = [
        java,
        *flags,
        f"-Xmx{megabytes}m",
        "-cp",
        f"{jars}/*",
        launcher,
        f"{1000 * seconds:.0f}",
    ]
    data.mkdir(parents=True, exist_ok=True)
    with launched(command, data / "launcher.log") as port:
        yield Fuseki(f"http://127.0.0.1:{port}/ds")
