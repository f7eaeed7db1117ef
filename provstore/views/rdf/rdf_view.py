"""The RDF view: bundles in, answers to SPARQL out, on disk with Oxigraph.

One named graph per bundle; the default graph holds their union, materialised, because engines do
not remove doubles when they unite graphs at query time. It knows no journal: whoever loads says
up to which mark, and the mark is kept in the same transaction as the data.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import prov_o
from provstore.results.answer import Answer, Cell
from provstore.views.contract import Elsewhere
from provstore.views.rdf.oxigraph_engine import Oxigraph
from provstore.views.rdf.sparql import cell, known_first, parameter, refuse_federation

MARK = "https://w3id.org/provstore/view"
"""The graph, and the only subject and property in it, that say how far the view is."""

BULK = 4_000_000
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
        self, directory: Path, prefixes: Mapping[str, str], *, seconds: float = 60.0,
        megabytes: int = 2000,
    ) -> None:  # fmt: skip
        self.engine = Oxigraph(directory, seconds=seconds, megabytes=megabytes)
        self._prefixes = dict(prefixes)
        # Nobody else moves it while the directory is ours; of us one at a time looks or moves it.
        self._mark: tuple[int, str] | None = None
        self._moving = Lock()

    def close(self) -> None:
        """Let go of the directory."""
        with self._moving:
            self._mark = None
            self.engine.close()

    def mark(self) -> tuple[int, str]:
        """How far it is: position and seal of the last journal entry in it; (0, "") when empty."""
        with self._moving:
            if self._mark is None:
                self._mark = max(self._marks(), default=(0, ""))
            return self._mark

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and go from mark `before` to `after`: all of it or nothing.

        Does nothing if the view is not at `before` any more.
        """
        with self._moving:
            marks = self._marks()
            if max(marks, default=(0, "")) != before:
                return
            body = [text.encode() for bundle in bundles for text in prov_o.graphs(bundle)]
            size = sum(map(len, body))
            mark = f'<{MARK}> <{MARK}> "{_written(after)}" <{MARK}> .\n'
            old = [_written(one) for one in marks if one < after]
            # The bulk loader is twice as fast, and not one transaction. But RDF is a set, and the
            # mark comes last: what a crash leaves half done is loaded again before anybody asks.
            bulk = size > BULK
            request = {"load": size, "bulk": bulk, "graph": MARK, "mark": mark, "old": old}
            self._mark = None
            self.engine.tell(request, body)

    def clear(self) -> None:
        """Forget everything."""
        with self._moving:
            self._mark = None
            self.engine.clear()

    def query(
        self, text: str, parameters: Mapping[str, Cell] | None = None, *, rows: int | None = None,
        at: tuple[int, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Answer a SPARQL 1.1 query, with at most so many rows; our prefixes need no declaration.

        Raises:
            BadQuery: not a query, a write, one that asks other servers, or one that takes too much.
            Elsewhere: it is not `at` this mark.

        """
        refuse_federation(text)
        if at is not None and self.mark() != at:
            raise Elsewhere
        terms = {name: parameter(value) for name, value in (parameters or {}).items()}
        text = known_first(text, parameters or {})
        request = {"query": text, "prefixes": self._prefixes, "parameters": terms, "rows": rows}
        columns: tuple[str, ...] = ()
        found: list[tuple[Cell, ...]] = []
        cut = False
        for reply in self.engine.query(request):
            columns = tuple(reply.get("columns", columns))
            found += [tuple(map(cell, row)) for row in reply.get("rows", ())]
            cut = cut or "cut" in reply
        return Answer(columns, tuple(found), cut)

    def _marks(self) -> list[tuple[int, str]]:
        (reply,) = self.engine.tell({"graph": MARK})
        return [_read(one) for one in reply["marks"]]


def _read(mark: str) -> tuple[int, str]:
    position, _, chain = mark.partition(" ")
    return int(position), chain


def _written(mark: tuple[int, str]) -> str:
    return f"{mark[0]} {mark[1]}"
