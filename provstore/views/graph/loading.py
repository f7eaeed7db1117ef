"""The rows of bundles into a property graph, in the shapes that are right and fast on both engines.

In: a transaction and rows. Out: nothing; the graph has them when the transaction is committed.
What is missing is created with all its labels at once, then what was there is added to: neither
`MERGE` with two labels nor `MERGE … SET n:Label` is right on the embedded engine.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import neo4j

from provstore.prov.property_graph.graph_rows import RESOURCE, Node, Relationship, Rows
from provstore.prov.property_graph.property_values import united_properties

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
_BEGIN_HALF = f"MATCH (v:{_MARK} {{id: 1}}) SET v.half = $half"
_HALF = f"MATCH (v:{_MARK} {{id: 1}}) RETURN v.half AS half"
_END_HALF = f"{_ADVANCE}, v.half = null"
_FORGET = "MATCH (n:%s) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"


class HalfWritten(Exception):
    """The graph holds a part of what somebody wrote: no error that a user sees, `heal` mends it."""


def prepare(session: neo4j.Session) -> None:
    """Make the one constraint on things and the one on the mark, unless they are there."""
    for label, key in ((RESOURCE, "uri"), (_MARK, "id")):
        session.run(_CONSTRAINT % (label, key)).consume()


def mark(session: neo4j.Session) -> tuple[int, str]:
    """How far the graph is: position and seal of the last journal entry in it.

    A server reads one property after the other, also while they are changed. Two looks that agree
    saw no half of a change.
    """
    last, now = None, look(session)
    while now != last:
        last, now = now, look(session)
    return now


def look(session: neo4j.Session) -> tuple[int, str]:
    """The same at one look: whoever knows what it should be needs no second one."""
    return _mark(session.run(_WHERE).single())


def write(
    session: neo4j.Session, parts: Sequence[Rows], before: tuple[int, str], after: tuple[int, str]
) -> None:
    """Write the rows and go from mark to mark in one transaction; nothing if not at `before`."""
    nodes = _merge(node for part in parts for node in part.nodes)
    relationships = [one for part in parts for one in part.relationships]
    with session.begin_transaction() as transaction:
        if not _is_at(transaction, before):
            return
        _write_nodes(transaction, nodes)
        _write_relationships(transaction, relationships)
        transaction.run(_ADVANCE, position=after[0], chain=after[1]).consume()
        transaction.commit()


def write_in_parts(
    keeper: neo4j.Session, session: neo4j.Session, parts: Sequence[Rows],
    before: tuple[int, str], after: tuple[int, str],
) -> None:  # fmt: skip
    """Do as `write` does with more rows than one transaction can hold.

    The keeper has the mark locked meanwhile. While parts are written, the mark says `half`: whoever
    finds that and gets the lock comes after one who never ended, see `heal`.
    """
    nodes = _merge(node for part in parts for node in part.nodes)
    by_type = _by_type(one for part in parts for one in part.relationships)
    token = secrets.token_hex(16)
    with session.begin_transaction() as transaction:
        if not _is_at(transaction, before):
            return
        transaction.run(_BEGIN_HALF, half=token).consume()
        transaction.commit()
    with keeper.begin_transaction() as lock:
        if not _is_at(lock, before, token):
            return
        with session.begin_transaction() as transaction:
            new = _add_to_nodes(transaction, nodes)
            transaction.commit()
        for labels, rows in new.items():
            _in_parts(session, _CREATE % ":".join(labels), rows)
        for kind, rows in by_type.items():
            _in_parts(session, _RELATE % kind, rows)
        lock.run(_END_HALF, position=after[0], chain=after[1]).consume()
        lock.commit()


def heal(keeper: neo4j.Session, session: neo4j.Session) -> None:
    """Forget everything if somebody who wrote in parts never came to the end."""
    with keeper.begin_transaction() as lock:
        lock.run(_LOCK).consume()  # whoever is at it still is waited for
        if _half(lock):
            _forget(session, RESOURCE)
            lock.run(f"MATCH (v:{_MARK}) DETACH DELETE v").consume()
            lock.commit()


def begin_bulk(
    session: neo4j.Session, parts: Sequence[Rows], before: tuple[int, str], after: tuple[int, str]
) -> Iterator[dict[str, Any]] | None:
    """Write what a bulk load cannot, and give the requests for the rest; None if not at `before`.

    What is there already is added to, and of each set of labels one node is made: to do so again
    changes nothing, so a bulk load that fails is none. The mark is moved by the last request.
    """
    nodes = _merge(node for part in parts for node in part.nodes)
    relationships = [one for part in parts for one in part.relationships]
    rest: list[tuple[str, list[Any]]] = []
    with session.begin_transaction() as transaction:
        if not _is_at(transaction, before):
            return None
        new = _add_to_nodes(transaction, nodes)
        for labels, (first, *others) in new.items():
            _consume(transaction, _CREATE % ":".join(labels), [first])
            rest.append((first["uri"], others))
        transaction.commit()
    return _requests(rest, relationships, after)


def _requests(
    nodes: list[tuple[str, list[Any]]],
    relationships: list[Relationship],
    after: tuple[int, str],
) -> Iterator[dict[str, Any]]:
    for like, rows in nodes:
        for some in _batches(rows):
            yield {"like": like, "rows": some}
    for kind, rows in _by_type(relationships).items():
        for some in _batches([(row["a"], row["b"], row["p"]) for row in rows]):
            yield {"type": kind, "rows": some}
    yield {"text": _ADVANCE, "parameters": {"position": after[0], "chain": after[1]}}


def forget(session: neo4j.Session) -> None:
    """Delete everything that was written, and nothing else, a few thousand nodes at a time."""
    for label in (_MARK, RESOURCE):
        _forget(session, label)


def _forget(session: neo4j.Session, label: str) -> None:
    while session.run(_FORGET % label).single(strict=True)["gone"]:
        pass


def _is_at(transaction: neo4j.Transaction, before: tuple[int, str], half: str = "") -> bool:
    """Lock the mark and look whether it is where it should be.

    Raises:
        HalfWritten: somebody who wrote in parts never came to the end.

    """
    at = _mark(transaction.run(_LOCK).single())
    if _half(transaction) != half:
        raise HalfWritten
    return at == before


def _mark(row: neo4j.Record | None) -> tuple[int, str]:
    return (row[0] or 0, row[1] or "") if row else (0, "")


def _half(transaction: neo4j.Transaction) -> str:
    row = transaction.run(_HALF).single()
    return str(row["half"] or "") if row else ""


def _merge(nodes: Iterable[Node]) -> dict[str, Node]:
    """One row per IRI: what several bundles say of a thing, united."""
    merged: dict[str, Node] = {}
    for node in nodes:
        if twin := merged.get(node.uri):
            labels = tuple(sorted({*twin.labels, *node.labels}))
            node = Node(node.uri, labels, united_properties(twin.properties, node.properties))
        merged[node.uri] = node
    return merged


def _write_nodes(transaction: neo4j.Transaction, nodes: Mapping[str, Node]) -> None:
    """Create what is missing with all its labels at once, and add to what was there."""
    for labels, rows in _add_to_nodes(transaction, nodes).items():
        _consume(transaction, _CREATE % ":".join(labels), rows)


def _add_to_nodes(
    transaction: neo4j.Transaction, nodes: Mapping[str, Node]
) -> dict[tuple[str, ...], list[Any]]:
    """Add to the nodes that are there; gives the rows of the others, by their labels."""
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
        if (united := united_properties(properties, node.properties)) != properties:
            changed.append(united)
        if missing := tuple(sorted(set(node.labels) - there.labels)):
            labelled[missing].append(uri)
    _consume(transaction, _UPDATE, changed)
    for labels, rows in labelled.items():
        _consume(transaction, _LABEL % ":".join(labels), rows)
    return new


def _write_relationships(
    transaction: neo4j.Transaction, relationships: Iterable[Relationship]
) -> None:
    for kind, rows in _by_type(relationships).items():
        _consume(transaction, _RELATE % kind, rows)


def _by_type(relationships: Iterable[Relationship]) -> dict[str, list[Any]]:
    by_type: dict[str, list[Any]] = defaultdict(list)
    for kind, start, end, properties in relationships:
        by_type[kind].append({"a": start, "b": end, "p": properties})
    return by_type


def _run(transaction: neo4j.Transaction, text: str, rows: Sequence[Any]) -> Iterator[neo4j.Record]:
    for some in _batches(rows):
        yield from transaction.run(text, rows=some)


def _consume(transaction: neo4j.Transaction, text: str, rows: Sequence[Any]) -> None:
    for _ in _run(transaction, text, rows):
        pass


def _in_parts(session: neo4j.Session, text: str, rows: Sequence[Any]) -> None:
    for some in _batches(rows):
        session.run(text, rows=some).consume()


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
