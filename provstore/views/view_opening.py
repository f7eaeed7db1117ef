"""Opens the query views of a store.

In: a directory or a server. Out: the views for Cypher and SPARQL. The engines' modules are imported
here and not earlier, because they are slow to load.
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
    """Open the views for Cypher and SPARQL in `directory`.

    `server` is address, user, password and database of a Neo4j server. `seconds` and `megabytes`
    limit each query.
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
