"""The RDF view: bundles in, answers to SPARQL out, on disk with Oxigraph.

One named graph per bundle; the default graph holds their union, materialised, because engines do
not remove doubles when they unite graphs at query time. It knows no journal: whoever loads says
up to which position, and the position is kept in the same transaction as the data.
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
"""The graph, and the only subject and property in it, that say how far the view is."""

BULK_BYTES = 4_000_000
"""Bytes of N-Quads from which on the engine's bulk loader is used."""


class RdfView:
    """An RDF store in a directory; one process at a time owns it.

    Raises:
        ViewUnavailable: another process holds it, or the directory cannot be used.

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
        # Nobody else moves it while the directory is ours; of us one at a time looks or moves it.
        self._position: tuple[int, str] | None = None
        self._moving = Lock()

    def close(self) -> None:
        """Let go of the directory."""
        with self._moving:
            self._position = None
            self.engine.close()

    def position(self) -> tuple[int, str]:
        """How far it is: position and hash of the last journal entry in it; (0, "") when empty."""
        with self._moving:
            if self._position is None:
                self._position = max(self._positions(), default=(0, ""))
            return self._position

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and go from position `before` to `after`: all of it or nothing.

        Does nothing if the view is not at `before` any more.
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
            # The bulk loader is twice as fast, and not one transaction. But RDF is a set, and the
            # position comes last: what a crash leaves half done is loaded again before any query.
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
        """Forget everything."""
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
        """Answer a SPARQL 1.1 query, with at most so many rows; our prefixes need no declaration.

        Raises:
            BadQuery: not a query, a write, one that asks other servers, or one that takes too much.
            ViewNotAtPosition: it is not `at` this position.

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
