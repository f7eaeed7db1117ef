"""The rows of bundles into a property graph, in the shapes that are right and fast on both engines.

In: a transaction and rows. Out: nothing; the graph has them when the transaction is committed.
What is missing is created with all its labels at once, then what was there is added to: neither
`MERGE` with two labels nor `MERGE … SET n:Label` is right on the embedded engine.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import neo4j

from provstore.prov.property_graph import RESOURCE, Node, Relationship, Rows, unite

BATCH = 2000
"""Rows per statement: more gains nothing and costs the embedded engine (see the benchmarks)."""

_MARK = "ProvstoreView"
_CONSTRAINT = "CREATE CONSTRAINT IF NOT EXISTS FOR (n:%s) REQUIRE n.%s IS UNIQUE"
_READ = f"UNWIND $rows AS uri MATCH (n:{RESOURCE} {{uri: uri}}) RETURN n"
_CREATE = "UNWIND $rows AS row CREATE (n:%s) SET n = row"
_UPDATE = f"UNWIND $rows AS row MATCH (n:{RESOURCE} {{uri: row.uri}}) SET n = row"
_LABEL = f"UNWIND $rows AS uri MATCH (n:{RESOURCE} {{uri: uri}}) SET n:%s"
_RELATE = (
    f"UNWIND $rows AS row MATCH (a:{RESOURCE} {{uri: row.a}}) MATCH (b:{RESOURCE} {{uri: row.b}}) "
    "CREATE (a)-[r:%s]->(b) SET r = row.p"
)
_LOCK = f"MERGE (v:{_MARK} {{id: 1}}) SET v.locked = true RETURN v.position, v.chain"
_ADVANCE = f"MATCH (v:{_MARK} {{id: 1}}) SET v.position = $position, v.chain = $chain"
_WHERE = f"MATCH (v:{_MARK} {{id: 1}}) RETURN v.position, v.chain"
_FORGET = "MATCH (n:%s) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"


def prepare(session: neo4j.Session) -> None:
    """Make the one constraint on things and the one on the mark, unless they are there."""
    for label, key in ((RESOURCE, "uri"), (_MARK, "id")):
        session.run(_CONSTRAINT % (label, key)).consume()


def mark(session: neo4j.Session) -> tuple[int, str]:
    """How far the graph is: position and seal of the last journal entry in it."""
    return _mark(session.run(_WHERE).single())


def write(
    session: neo4j.Session, parts: Sequence[Rows], before: tuple[int, str], after: tuple[int, str]
) -> None:
    """Write the rows and go from mark to mark in one transaction; nothing if not at `before`."""
    nodes = _merge(node for part in parts for node in part.nodes)
    relationships = [one for part in parts for one in part.relationships]
    with session.begin_transaction() as transaction:
        if _mark(transaction.run(_LOCK).single()) != before:
            return
        _write_nodes(transaction, nodes)
        _write_relationships(transaction, relationships)
        transaction.run(_ADVANCE, position=after[0], chain=after[1]).consume()
        transaction.commit()


def forget(session: neo4j.Session) -> None:
    """Delete everything that was written, and nothing else, a few thousand nodes at a time."""
    for label in (_MARK, RESOURCE):
        while session.run(_FORGET % label).single(strict=True)["gone"]:
            pass


def _mark(row: neo4j.Record | None) -> tuple[int, str]:
    return (row[0] or 0, row[1] or "") if row else (0, "")


def _merge(nodes: Iterable[Node]) -> dict[str, Node]:
    """One row per IRI: what several bundles say of a thing, united."""
    merged: dict[str, Node] = {}
    for node in nodes:
        if twin := merged.get(node.uri):
            labels = tuple(sorted({*twin.labels, *node.labels}))
            node = Node(node.uri, labels, unite(twin.properties, node.properties))
        merged[node.uri] = node
    return merged


def _write_nodes(transaction: neo4j.Transaction, nodes: Mapping[str, Node]) -> None:
    """Create what is missing with all its labels at once, then add to what was there."""
    new: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    changed: list[Any] = []
    labelled: dict[tuple[str, ...], list[str]] = defaultdict(list)
    held = {row["n"]["uri"]: row["n"] for row in _run(transaction, _READ, list(nodes))}
    for uri, node in nodes.items():
        there = held.get(uri)
        if there is None:
            new[node.labels].append(node.properties)
            continue
        properties = dict(there.items())
        if (united := unite(properties, node.properties)) != properties:
            changed.append(united)
        if missing := tuple(sorted(set(node.labels) - there.labels)):
            labelled[missing].append(uri)
    for labels, rows in new.items():
        _consume(transaction, _CREATE % ":".join(labels), rows)
    _consume(transaction, _UPDATE, changed)
    for labels, rows in labelled.items():
        _consume(transaction, _LABEL % ":".join(labels), rows)


def _write_relationships(
    transaction: neo4j.Transaction, relationships: Iterable[Relationship]
) -> None:
    by_type: dict[str, list[Any]] = defaultdict(list)
    for kind, start, end, properties in relationships:
        by_type[kind].append({"a": start, "b": end, "p": properties})
    for kind, rows in by_type.items():
        _consume(transaction, _RELATE % kind, rows)


def _run(transaction: neo4j.Transaction, text: str, rows: Sequence[Any]) -> Iterator[neo4j.Record]:
    for start in range(0, len(rows), BATCH):
        yield from transaction.run(text, rows=rows[start : start + BATCH])


def _consume(transaction: neo4j.Transaction, text: str, rows: Sequence[Any]) -> None:
    for _ in _run(transaction, text, rows):
        pass
