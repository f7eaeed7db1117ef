"""The views of one store, ready to be asked.

In: a directory, or a server. Out: the views that speak a language. Engines are loaded when the
first view is wanted, not before.
"""

from collections.abc import Mapping
from pathlib import Path

from provstore.views.view_contract import QueryView


def open_views(
    directory: Path,
    prefixes: Mapping[str, str],
    server: tuple[str, str, str, str] | None,
    *,
    seconds: float,
    megabytes: int,
) -> Mapping[str, QueryView]:
    """The views that speak a language, kept in `directory`.

    `server` is address, user, password, database of a Neo4j. `seconds` and `megabytes` are what a
    query may take.
    """
    from provstore.views.graph.arcadedb_engine import EmbeddedServer
    from provstore.views.graph.graph_view import GraphView, Neo4jServer
    from provstore.views.rdf.rdf_view import RdfView

    engine = (
        Neo4jServer(*server)
        if server
        else EmbeddedServer(directory / "graph", command_timeout=seconds, megabytes=megabytes)
    )
    rdf = RdfView(directory / "rdf", prefixes, seconds=seconds, megabytes=megabytes)
    return {"graph": GraphView(engine, seconds=seconds), "rdf": rdf}
