"""The RDF view: loads bundles and answers SPARQL, on disk with Oxigraph.

Each bundle is a named graph. The default graph contains their union, materialised, because engines
do not remove duplicates when they merge graphs at query time. It knows no journal: the caller gives
the position, which is stored in the same transaction as the data.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import prov_o
from provstore.results.answer import Answer, Cell
from provstore.views.rdf.oxigraph_engine import OxigraphEngine
from provstore.views.rdf.sparql import (
    bind_known_iris,
    encode_parameter,
    read_term,
    refuse_federation,
)
from provstore.views.shared_engine import LINGER_SECONDS, SharedEngine

BULK_BYTES = 4_000_000
"""From this number of bytes of N-Quads, the engine's bulk loader is used."""


class RdfView:
    """An RDF store in a directory that all processes share.

    `seconds` and `megabytes` limit each query of this process. `linger` is how many seconds the
    engine stays after its last client; `runtime` is the directory of its socket, if not beside
    the data.
    """

    name = "rdf"
    engine_name = "built-in Oxigraph"
    layout = 1

    def __init__(
        self,
        directory: Path,
        prefixes: Mapping[str, str],
        *,
        seconds: float = 60.0,
        megabytes: int = 2000,
        linger: float = LINGER_SECONDS,
        runtime: Path | None = None,
    ) -> None:
        self.engine = OxigraphEngine(
            directory, seconds=seconds, megabytes=megabytes, linger=linger, runtime=runtime
        )
        self._prefixes = dict(prefixes)

    @property
    def shared(self) -> SharedEngine:
        """The engine, which all processes share."""
        return self.engine.shared

    def close(self) -> None:
        """Leave the engine; it ends a little after its last client."""
        self.engine.close()

    def position(self) -> tuple[int, str]:
        """Return position and hash of the last loaded journal entry; (0, "") if empty.

        Raises:
            ViewUnavailable: the engine cannot be used.

        """
        return _parse_position(self.engine.position())

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and move from position `before` to `after`, atomically.

        Does nothing if the view is no longer at `before`: another process may have moved it.
        """
        nquads = (text.encode() for bundle in bundles for text in prov_o.graphs(bundle))
        self.engine.load(
            _position_text(before), _position_text(after), nquads, bulk_from=BULK_BYTES
        )

    def clear(self) -> None:
        """Delete all data."""
        self.engine.clear()

    def query(
        self,
        text: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        rows: int | None = None,
        at: tuple[int, str] | None = None,
    ) -> Answer:
        """Answer a SPARQL 1.1 query with at most `rows` rows; the store's prefixes are predefined.

        Raises:
            BadQuery: the query is invalid, writes, accesses other servers, or exceeds a limit.
            ViewNotAtPosition: the view is not `at` this position, or a load was interrupted.

        """
        refuse_federation(text)
        request = {
            "query": bind_known_iris(text, parameters or {}),
            "prefixes": self._prefixes,
            "parameters": {
                name: encode_parameter(value) for name, value in (parameters or {}).items()
            },
            "rows": rows,
            "at": None if at is None else _position_text(at),
        }
        return self.engine.repeat(lambda: self._answer(request))

    def _answer(self, request: Mapping[str, Any]) -> Answer:
        columns: tuple[str, ...] = ()
        answered: list[tuple[Cell, ...]] = []
        cut = False
        for reply in self.engine.query(request):
            columns = tuple(reply.get("columns", columns))
            answered += [tuple(map(read_term, row)) for row in reply.get("rows", ())]
            cut = cut or "cut" in reply
        return Answer(columns, tuple(answered), cut)


def _parse_position(text: str) -> tuple[int, str]:
    position, _, chain = text.partition(" ")
    return int(position or 0), chain


def _position_text(position: tuple[int, str]) -> str:
    """Write a position; that of an empty view is an empty text."""
    return f"{position[0]} {position[1]}" if any(position) else ""
