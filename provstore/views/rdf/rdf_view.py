"""The RDF view: loads bundles and answers SPARQL, on disk with Oxigraph.

Each bundle is a named graph. The default graph contains their union, materialised, because engines
do not remove duplicates when they merge graphs at query time. It knows no journal: the caller gives
the position, which is stored in the same transaction as the data.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

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
from provstore.views.view_contract import ViewNotAtPosition

POSITION_IRI = "https://w3id.org/provstore/view"
"""The named graph with the view's position, and the only subject and property in it."""

BULK_BYTES = 4_000_000
"""From this number of bytes of N-Quads, the engine's bulk loader is used."""


class RdfView:
    """An RDF store in a directory that one process at a time owns.

    Raises:
        ViewUnavailable: another process owns the directory, or it cannot be used.

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
    ) -> None:
        self.engine = OxigraphEngine(directory, seconds=seconds, megabytes=megabytes)
        self._prefixes = dict(prefixes)
        # Only this process moves the position, and only one thread at a time reads or moves it.
        self._position: tuple[int, str] | None = None
        self._moving = Lock()

    def close(self) -> None:
        """Release the directory."""
        with self._moving:
            self._position = None
            self.engine.close()

    def position(self) -> tuple[int, str]:
        """Return position and hash of the last loaded journal entry; (0, "") if empty."""
        with self._moving:
            if self._position is None:
                self._position = max(self._positions(), default=(0, ""))
            return self._position

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and move from position `before` to `after`, atomically.

        Does nothing if the view is no longer at `before`.
        """
        with self._moving:
            positions = self._positions()
            if max(positions, default=(0, "")) != before:
                return
            body = [text.encode() for bundle in bundles for text in prov_o.graphs(bundle)]
            size = sum(map(len, body))
            iri = f"<{POSITION_IRI}>"
            position = f'{iri} {iri} "{_position_text(after)}" {iri} .\n'
            old = [_position_text(earlier) for earlier in positions if earlier < after]
            # The bulk loader is twice as fast, but not a transaction. Since RDF is a set and the
            # position comes last, an interrupted load is repeated before any query.
            bulk = size > BULK_BYTES
            request = {
                "load": size,
                "bulk": bulk,
                "graph": POSITION_IRI,
                "mark": position,
                "old": old,
            }
            self._position = None
            self.engine.send(request, body)

    def clear(self) -> None:
        """Delete all data."""
        with self._moving:
            self._position = None
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
            ViewNotAtPosition: the view is not `at` this position.

        """
        refuse_federation(text)
        if at is not None and self.position() != at:
            raise ViewNotAtPosition
        terms = {name: encode_parameter(value) for name, value in (parameters or {}).items()}
        text = bind_known_iris(text, parameters or {})
        request = {"query": text, "prefixes": self._prefixes, "parameters": terms, "rows": rows}
        columns: tuple[str, ...] = ()
        answered: list[tuple[Cell, ...]] = []
        cut = False
        for reply in self.engine.query(request):
            columns = tuple(reply.get("columns", columns))
            answered += [tuple(map(read_term, row)) for row in reply.get("rows", ())]
            cut = cut or "cut" in reply
        return Answer(columns, tuple(answered), cut)

    def _positions(self) -> list[tuple[int, str]]:
        (reply,) = self.engine.send({"graph": POSITION_IRI})
        return [_parse_position(text) for text in reply["marks"]]


def _parse_position(text: str) -> tuple[int, str]:
    position, _, chain = text.partition(" ")
    return int(position), chain


def _position_text(position: tuple[int, str]) -> str:
    return f"{position[0]} {position[1]}"
