"""The two views that can be asked: the property graph (Cypher) and the RDF graph (SPARQL).

Both keep one contract, `View`. Engines are loaded when the first view is wanted, not before.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from provstore.answer import Answer, Cell
from provstore.prov.bundle import Bundle

LANGUAGES = {"cypher": "graph", "sparql": "rdf"}
"""Which view speaks which language."""


class View(Protocol):
    """Something that loads bundles and can be asked. A mark is (position, seal) of a journal."""

    name: str
    engine_name: str

    def mark(self) -> tuple[int, str]:
        """How far it is; (0, "") when it is empty."""

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and go from mark to mark, whole or not at all; nothing if not at `before`."""

    def query(self, text: str, parameters: Mapping[str, Cell]) -> Answer:
        """Answer, without a right to write."""

    def clear(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Let go of the engine."""


def views(
    directory: Path, prefixes: Mapping[str, str], server: tuple[str, str, str, str] | None
) -> Mapping[str, View]:
    """Both views, kept in `directory`; `server` is address, user, password, database of a Neo4j."""
    from provstore.views.embedded import EmbeddedServer
    from provstore.views.graph import GraphView, Server
    from provstore.views.rdf import RdfView

    engine = Server(*server) if server else EmbeddedServer(directory / "graph")
    return {"graph": GraphView(engine), "rdf": RdfView(directory / "rdf", prefixes)}
