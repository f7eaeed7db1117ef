"""Loading a graph beside a bare `UNWIND … CREATE` loop of the very same rows, on one engine.

The bare loop is given the rows for nothing: it neither reads PROV nor looks what is there already.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import neo4j

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.prov.property_graph.graph_rows import Rows, bundle_to_rows
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import Engine, GraphView, Neo4jServer
from provstore.views.graph.loading import BATCH_ROWS, create_constraints
from tests.benchmarks.documents import document, findings
from tests.servers.java import ServerMissing
from tests.servers.neo4j import VERSIONS, neo4j_server

STATEMENTS = 50_000
FINDINGS = 100_000


def main() -> None:
    """Print one line for each engine that this machine can run, for each kind of bundle."""
    (hub,) = provjson.load(document(STATEMENTS)).bundles
    for what, bundle in (("a hub of activities", hub), ("a quality report", findings(FINDINGS))):
        print(f"{what}:")
        _compare(bundle)


def _compare(bundle: Bundle) -> None:
    rows = bundle_to_rows(bundle)
    print(f"{len(rows.nodes)} nodes, {len(rows.relationships)} relationships")
    for name in ("embedded", *VERSIONS):
        try:
            with _engine(name) as engine:
                view = GraphView(engine, seconds=600.0)
                view.clear()
                view.position()
                bare = _bare(engine, rows)
                view.clear()
                view.position()
                begun = time.perf_counter()
                view.load([bundle], (0, ""), (1, "x"))
                ours = time.perf_counter() - begun
                view.close()
        except ServerMissing as error:
            print(f"{name}: {error.reason}")
        else:
            print(f"{name:14} bare {bare:.1f} s, ours {ours:.1f} s: {bare / ours:.2f} of its speed")


@contextmanager
def _engine(name: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as place:
        if name == "embedded":
            yield EmbeddedServer(Path(place) / "graph")
        else:
            with neo4j_server(VERSIONS[name][0], Path(place)) as server:
                yield Neo4jServer(*server)


def _bare(engine: Engine, rows: Rows) -> float:
    """Seconds for the loop that everybody would write, once the constraint is there."""
    groups: dict[str, list[object]] = defaultdict(list)
    for node in rows.nodes:
        groups[":".join(node.labels)].append(node.properties)
    links: dict[str, list[object]] = defaultdict(list)
    for kind, start, end, properties in rows.relationships:
        links[kind].append({"a": start, "b": end, "p": properties})
    with (
        neo4j.GraphDatabase.driver(engine.address, auth=(engine.user, engine.password)) as driver,
        driver.session(database=engine.database) as session,
    ):
        create_constraints(session)
        begun = time.perf_counter()
        for labels, held in groups.items():
            _send(session, f"UNWIND $rows AS row CREATE (n:{labels}) SET n = row", held)
        for kind, held in links.items():
            text = (
                "UNWIND $rows AS row MATCH (a:Resource {uri: row.a}) "
                f"MATCH (b:Resource {{uri: row.b}}) CREATE (a)-[r:{kind}]->(b) SET r = row.p"
            )
            _send(session, text, held)
        return time.perf_counter() - begun


def _send(session: neo4j.Session, text: str, rows: list[object]) -> None:
    for start in range(0, len(rows), BATCH_ROWS):
        with session.begin_transaction() as transaction:
            transaction.run(text, rows=rows[start : start + BATCH_ROWS]).consume()
            transaction.commit()


if __name__ == "__main__":
    main()
