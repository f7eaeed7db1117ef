"""The client of the built-in SPARQL engine: Oxigraph in processes that everybody shares.

In: the directory of the data, and requests. Out: the replies of `oxigraph_host_main.py`. It must
not know the stored data.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import orjson

from provstore.errors import BadQuery, ViewUnavailable
from provstore.views.rdf.sparql import point_to_error
from provstore.views.shared_engine import LINGER_SECONDS, Lease, SharedEngine
from provstore.views.view_contract import ViewNotAtPosition

POSITION_IRI = "https://w3id.org/provstore/view"
"""The named graph with the view's position, and the only subject and property in it."""

_PROGRAM = Path(__file__).with_name("oxigraph_host_main.py")
_LAST = frozenset(("done", "refused", "moved", "unusable", "ended"))
"""The keys of a last reply."""
_VERSION = "1"
"""Increases with every change of the requests, the replies, or the files of the engine."""
_GROUP_ADVICE = "List each parameter in SELECT too and, with aggregates, in GROUP BY."
_LIMIT_ADVICE = "Simplify the query, or raise the limit in [limits] of provstore.toml."
_REBUILD_ADVICE = "Rebuild it: provstore rebuild rdf"


_Result = TypeVar("_Result")


class EngineLost(Exception):
    """The engine ended during a request; users never see it."""


class WorkerLost(EngineLost):
    """The worker ended; a query can be the reason."""


_ATTEMPTS = {EngineLost: 20, WorkerLost: 3}
"""How often a request is made that is lost in this way: somebody may kill engine or worker."""


class OxigraphEngine:
    """An RDF store in a directory, which all processes share.

    `seconds` and `megabytes` limit each query of this client (0: no limit). The engine ends
    `linger` seconds after its last client.
    """

    def __init__(
        self,
        directory: Path,
        *,
        seconds: float,
        megabytes: int,
        linger: float = LINGER_SECONDS,
        runtime: Path | None = None,
    ) -> None:
        self.seconds, self.megabytes = seconds, megabytes
        self.shared = SharedEngine(
            directory,
            _PROGRAM,
            {"position_iri": POSITION_IRI},
            description="The RDF view",
            version=_VERSION,
            linger=linger,
            runtime=runtime,
        )
        self._idle: list[Lease] = []

    @property
    def directory(self) -> Path:
        """The directory of the engine's data."""
        return self.shared.directory

    def query(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the replies to a query, within the limits of time and memory.

        If the caller stops reading, the query is ended.

        Raises:
            BadQuery: the query is invalid, or exceeds a limit.
            ViewNotAtPosition: the data are not at the position that the request names.
            ViewUnavailable: the engine cannot be used.
            EngineLost: it ended; see `repeat`.

        """
        limits = {"memory": self.megabytes, "seconds": self.seconds}
        with self._lease() as lease:
            _send(lease, _line({"at": None, **request, **limits}))
            for reply in _replies(lease):
                if reply.keys() & _LAST:
                    break
                yield reply
        self._check(reply, str(request["query"]))

    def position(self) -> str:
        """Return the position of the data, or "".

        Raises:
            ViewUnavailable: the engine cannot be used.

        """
        return str(self._ask({"position": True})["position"])

    def clear(self) -> None:
        """Delete all data; the queries of others that are running finish with theirs.

        Raises:
            ViewUnavailable: the engine cannot be used.

        """
        self._ask({"clear": True})

    def load(self, before: str, after: str, nquads: Iterable[bytes], *, bulk_from: int) -> None:
        """Add N-Quads and move from position `before` to `after`, atomically.

        Does nothing if the data are no longer at `before`: then `nquads` are not even iterated,
        unless another client was faster in the meantime. From `bulk_from` bytes, the engine uses
        its bulk loader.

        Raises:
            ViewUnavailable: the engine cannot be used.

        """
        pieces: list[bytes] = []
        rest = iter(nquads)

        def read_on() -> Iterator[bytes]:
            for piece in rest:
                pieces.append(piece)
                yield piece

        def load() -> None:
            with self._lease() as lease:
                _send(lease, _line({"load": [before, after], "bulk_from": bulk_from}))
                replies = _replies(lease)
                reply = next(replies)
                if "go" in reply:
                    for piece in filter(None, chain(tuple(pieces), read_on())):
                        _send(lease, b"%d\n" % len(piece), piece)
                    _send(lease, b"0\n")
                    reply = next(replies)
            if "moved" not in reply:
                self._check(reply)

        self.repeat(load)

    def repeat(self, request: Callable[[], _Result]) -> _Result:
        """Make a request; again if the engine, or the worker that answers, was killed meanwhile.

        Raises:
            ViewUnavailable: it ends each time.

        """
        losses: Counter[type[EngineLost]] = Counter()
        while True:
            try:
                return request()
            except EngineLost as lost:
                losses[type(lost)] += 1
                if losses[type(lost)] == _ATTEMPTS[type(lost)]:
                    raise ViewUnavailable(
                        f"The RDF engine ended unexpectedly ({lost}).",
                        "The journal is complete: run the query again. The log is "
                        f"{self.shared.log}.",
                    ) from lost

    def close(self) -> None:
        """End the leases of this client."""
        leases, self._idle = self._idle, []
        self.shared.leave(leases)

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return all replies to a simple request as one."""

        def ask() -> dict[str, Any]:
            result: dict[str, Any] = {}
            with self._lease() as lease:
                _send(lease, _line(request))
                for reply in _replies(lease):
                    result |= reply
                    if reply.keys() & _LAST:
                        break
            self._check(result)
            return result

        return self.repeat(ask)

    @contextmanager
    def _lease(self) -> Iterator[Lease]:
        """Lend a connection of its own to one request; after any error, it is closed."""
        try:
            lease = self._idle.pop()
        except IndexError:  # another thread may have been faster
            lease = self.shared.connect()
        if not lease.is_open():
            lease = self.shared.connect()
        try:
            yield lease
        except BaseException:
            lease.close()
            raise
        self._idle.append(lease)

    def _check(self, reply: Mapping[str, Any], query: str = "") -> None:
        """Raise what the last reply to a request says."""
        if "moved" in reply:
            raise ViewNotAtPosition
        if "unusable" in reply:
            message = f"The RDF view cannot be used: {reply['unusable']}."
            raise ViewUnavailable(message, _REBUILD_ADVICE)
        if "refused" in reply:
            advice = _GROUP_ADVICE if "SELECT projection" in reply["refused"] else ""
            reason = point_to_error(query, reply["refused"].rstrip(".") + ".")
            raise BadQuery(f"The SPARQL query failed: {reason}", advice)
        if "ended" not in reply:
            return
        if reply["ended"] == "time":
            message = f"The query took longer than {self.seconds:g} seconds and was stopped."
            raise BadQuery(message, _LIMIT_ADVICE)
        if reply["ended"] == "memory" and self.megabytes:
            message = f"The query needed more than {self.megabytes} MB of memory and was stopped."
            raise BadQuery(message, _LIMIT_ADVICE)
        raise WorkerLost(reply["ended"])


def _line(request: Mapping[str, Any]) -> bytes:
    return orjson.dumps(request) + b"\n"


def _send(lease: Lease, *pieces: bytes) -> None:
    try:
        for piece in pieces:
            lease.connection.sendall(piece)
    except OSError as error:
        raise EngineLost(str(error)) from error


def _replies(lease: Lease) -> Iterator[dict[str, Any]]:
    """Yield the replies to one request; there are more than are read only after an error."""
    try:
        with lease.connection.makefile("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                yield orjson.loads(line)
    except OSError as error:
        raise EngineLost(str(error)) from error
    raise EngineLost("the connection was closed")
