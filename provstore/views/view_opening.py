"""Opens the query views of a store, each when it is first asked for.

In: a directory or a server. Out: the views for Cypher and SPARQL. The engines' modules are imported
here and not earlier, because they are slow to load: who asks in SPARQL needs no driver for Cypher.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Lock

from provstore.views.shared_engine import LINGER_SECONDS
from provstore.views.view_contract import QueryView


class QueryViews(Mapping[str, QueryView]):
    """The query views by name; `openers` open them."""

    def __init__(self, openers: Mapping[str, Callable[[], QueryView]]) -> None:
        self._openers = openers
        self._opened: dict[str, QueryView] = {}
        self._opening = Lock()

    def __getitem__(self, name: str) -> QueryView:
        with self._opening:
            if name not in self._opened:
                self._opened[name] = self._openers[name]()
            return self._opened[name]

    def __contains__(self, name: object) -> bool:
        return name in self._openers

    def __iter__(self) -> Iterator[str]:
        return iter(self._openers)

    def __len__(self) -> int:
        return len(self._openers)

    def close(self) -> None:
        """Close the views that were opened."""
        with self._opening:
            for view in self._opened.values():
                view.close()


def open_views(
    directory: Path,
    prefixes: Mapping[str, str],
    server: tuple[str, str, str, str] | None,
    *,
    seconds: float,
    megabytes: int,
    linger: float = LINGER_SECONDS,
    runtime: Path | None = None,
) -> QueryViews:
    """Return the views for Cypher and SPARQL in `directory`.

    `server` is address, user, password and database of a Neo4j server. `seconds` and `megabytes`
    limit each query. Engines stay `linger` seconds after their last client, and have their sockets
    in `runtime`, or else beside their data.
    """

    def open_graph() -> QueryView:
        from provstore.views.graph.arcadedb_engine import EmbeddedServer
        from provstore.views.graph.graph_view import GraphView, Neo4jServer

        if server:
            return GraphView(Neo4jServer(*server), seconds=seconds)
        engine = EmbeddedServer(
            directory / "graph",
            command_timeout=seconds,
            megabytes=megabytes,
            linger=linger,
            runtime=runtime,
        )
        return GraphView(engine, seconds=seconds)

    def open_rdf() -> QueryView:
        from provstore.views.rdf.rdf_view import RdfView

        return RdfView(
            directory / "rdf",
            prefixes,
            seconds=seconds,
            megabytes=megabytes,
            linger=linger,
            runtime=runtime,
        )

    return QueryViews({"graph": open_graph, "rdf": open_rdf})
