"""The RDF engine of a store: one process that writes the data, and workers that answer queries.

In: requests on each client's connection, each a line of JSON. Out: lines of JSON. It must not
import provstore: it runs as a file, so that it starts quickly. It may be killed at any time:
confirmed loads are safe.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

if TYPE_CHECKING:
    from provstore.views.engine_host import EngineHost
    from provstore.views.engine_sandbox import available_guards
    from provstore.views.rdf.oxigraph_dataset import Dataset, Moved
    from provstore.views.rdf.oxigraph_workers import Workers
else:
    sys.path += map(str, (Path(__file__).parent, Path(__file__).parents[1]))
    from engine_host import EngineHost
    from engine_sandbox import available_guards
    from oxigraph_dataset import Dataset, Moved
    from oxigraph_workers import Workers

_LEAST_WORKERS, _MOST_WORKERS = 8, 16
"""Limits of the queries that run side by side: more than cores, so that long ones block nobody."""

_LOAD_TURN_SECONDS = 20.0
"""How long a client waits for another one that loads; then both load, and the first one counts."""


class Engine:
    """Answers clients, each in a thread of its own. `end` ends the process soon."""

    def __init__(self, dataset: Dataset, workers: Workers, end: Callable[[], None]) -> None:
        self._dataset, self._workers, self._end = dataset, workers, end
        self._load_turn = threading.Lock()

    def serve(self, client: socket, _: dict[str, Any]) -> None:
        """Answer a client's requests, one after the other, until its lease ends.

        Raises:
            OSError: the client is gone.

        """
        with client.makefile("rb") as requests:
            while line := requests.readline():
                if not self._dataset.is_in_place():
                    self._end()  # the client starts another engine, in a new directory
                    return
                request = orjson.loads(line)
                (kind,) = _REQUESTS.keys() & request.keys()
                try:
                    _REQUESTS[kind](self, client, request, requests)
                except Moved:
                    _send(client, {"moved": True})
                except (ConnectionError, TimeoutError):
                    raise
                except (OSError, SyntaxError, ValueError, RuntimeError) as error:
                    _send(client, {"unusable": str(error)})

    def _query(self, client: socket, request: dict[str, Any], _: BinaryIO) -> None:
        with self._workers.free() as worker, self._dataset.snapshot(request["at"]) as snapshot:
            worker.answer(client, {**request, "snapshot": str(snapshot)})

    def _load(self, client: socket, request: dict[str, Any], requests: BinaryIO) -> None:
        before, after = request["load"]
        is_in_turn = self._load_turn.acquire(timeout=_LOAD_TURN_SECONDS)
        try:
            if self._dataset.position() != before:
                raise Moved
            _send(client, {"go": True})
            nquads = [*_pieces(requests)]
            self._dataset.load(before, after, nquads, bulk_from=request["bulk_from"])
        finally:
            if is_in_turn:
                self._load_turn.release()
        self._workers.close_snapshots()
        _send(client, {"done": True})

    def _position(self, client: socket, _: dict[str, Any], __: BinaryIO) -> None:
        _send(client, {"position": self._dataset.position()})
        _send(client, {"done": True})

    def _clear(self, client: socket, _: dict[str, Any], __: BinaryIO) -> None:
        self._dataset.clear()
        self._workers.close_snapshots()
        _send(client, {"done": True})


_REQUESTS: dict[str, Callable[[Engine, socket, dict[str, Any], BinaryIO], None]] = {
    "query": Engine._query,
    "load": Engine._load,
    "position": Engine._position,
    "clear": Engine._clear,
}


def _pieces(requests: BinaryIO) -> Iterator[bytes]:
    """Yield the N-Quads of a load: each piece follows a line with its size, the last size is 0."""
    while size := int(requests.readline() or -1):
        piece = requests.read(max(size, 0))
        if len(piece) != size:
            raise ConnectionAbortedError("the client is gone")
        yield piece


def _send(client: socket, reply: dict[str, Any]) -> None:
    client.sendall(orjson.dumps(reply) + b"\n")


def main() -> None:
    """Serve the data in the working directory until nobody needs them."""
    host = EngineHost.detach()
    # This process starts others, so it cannot be confined; it sees no query but passes them on.
    host.guards = available_guards([Path.cwd()], listens=False).description()
    workers = Workers(min(_MOST_WORKERS, max(_LEAST_WORKERS, os.cpu_count() or 1)), Path.cwd())
    dataset = Dataset(Path.cwd(), host.configuration["position_iri"])

    def stop() -> None:
        workers.end()
        dataset.close()

    host.serve(Engine(dataset, workers, host.end).serve, stop=stop)


if __name__ == "__main__":
    main()
