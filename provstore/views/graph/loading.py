"""Writes the rows of bundles to a property graph, with statements that suit both engines.

In: a transaction and rows. Out: nothing; the graph contains the rows after the commit. Missing
nodes are created with all their labels at once, then existing nodes are updated: neither `MERGE`
with two labels nor `MERGE … SET n:Label` works correctly on the embedded engine.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provstore.prov.property_graph.graph_rows import RESOURCE, Node, Relationship, Rows
from provstore.prov.property_graph.property_values import united_properties
from provstore.views.graph.bolt_driver import neo4j

BATCH_ROWS = 2000
"""The rows per statement: more would gain nothing and slow the embedded engine (see benchmarks)."""

_POSITION_LABEL = "ProvstoreView"
_READ_NODES = f"UNWIND $rows AS uri MATCH (n:{RESOURCE} {{uri: uri}}) RETURN n"
_CREATE_NODES = "UNWIND $rows AS row CREATE (n:%s) SET n = row"
_UPDATE_NODES = f"UNWIND $rows AS row MATCH (n:{RESOURCE} {{uri: row.uri}}) SET n = row"
_ADD_LABELS = f"UNWIND $rows AS uri MATCH (n:{RESOURCE} {{uri: uri}}) SET n:%s"
_CREATE_RELATIONSHIPS = (
    f"UNWIND $rows AS row MATCH (a:{RESOURCE} {{uri: row.a}}) MATCH (b:{RESOURCE} {{uri: row.b}}) "
    "CREATE (a)-[r:%s]->(b) SET r = row.p"
)
_LOCK_POSITION = (
    f"MERGE (v:{_POSITION_LABEL} {{id: 1}}) SET v.locked = true RETURN v.position, v.chain"
)
_ADVANCE_POSITION = (
    f"MATCH (v:{_POSITION_LABEL} {{id: 1}}) SET v.position = $position, v.chain = $chain"
)
_READ_POSITION = f"MATCH (v:{_POSITION_LABEL} {{id: 1}}) RETURN v.position, v.chain"
_BEGIN_HALF = f"MATCH (v:{_POSITION_LABEL} {{id: 1}}) SET v.half = $half"
_HALF = f"MATCH (v:{_POSITION_LABEL} {{id: 1}}) RETURN v.half AS half"
_END_HALF = f"{_ADVANCE_POSITION}, v.half = null"
CONSTRAINTS = tuple(
    f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.{key} IS UNIQUE"
    for label, key in ((RESOURCE, "uri"), (_POSITION_LABEL, "id"))
)
"""The statements that prepare an empty database; running them again changes nothing."""

_DELETE_NODES = "MATCH (n:%s) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"


class HalfWritten(Exception):
    """The graph contains an incomplete series of writes; `forget_half_written` deletes it.

    Users never see this exception.
    """


def create_constraints(session: neo4j.Session) -> None:
    """Create the constraints on elements and on the position, unless they exist."""
    for text in CONSTRAINTS:
        session.run(text).consume()


def read_stable_position(session: neo4j.Session) -> tuple[int, str]:
    """Return position and chain hash of the last loaded journal entry, read twice.

    A server may read one property before and one after a change. Two equal readings exclude that.
    """
    last, now = None, read_position(session)
    while now != last:
        last, now = now, read_position(session)
    return now


def read_position(session: neo4j.Session) -> tuple[int, str]:
    """Return the position from one reading, enough to compare it with an expected position."""
    return _position_of(session.run(_READ_POSITION).single())


def write_rows(
    session: neo4j.Session, parts: Sequence[Rows], before: tuple[int, str], after: tuple[int, str]
) -> None:
    """Write the rows and move from `before` to `after` in one transaction, if at `before`."""
    nodes = _merge(node for part in parts for node in part.nodes)
    relationships = [row for part in parts for row in part.relationships]
    with session.begin_transaction() as transaction:
        if not _is_at_position(transaction, before):
            return
        _write_nodes(transaction, nodes)
        _write_relationships(transaction, relationships)
        transaction.run(_ADVANCE_POSITION, position=after[0], chain=after[1]).consume()
        transaction.commit()


def write_in_parts(
    keeper: neo4j.Session,
    session: neo4j.Session,
    parts: Sequence[Rows],
    before: tuple[int, str],
    after: tuple[int, str],
) -> None:
    """Write more rows than one transaction can hold, like `write_rows`.

    Meanwhile, `keeper` locks the position, which is marked `half`. A process that gets the lock and
    finds this mark knows that an earlier writer failed; see `forget_half_written`.
    """
    nodes = _merge(node for part in parts for node in part.nodes)
    by_type = _by_type(row for part in parts for row in part.relationships)
    token = secrets.token_hex(16)
    with session.begin_transaction() as transaction:
        if not _is_at_position(transaction, before):
            return
        transaction.run(_BEGIN_HALF, half=token).consume()
        transaction.commit()
    with keeper.begin_transaction() as lock:
        if not _is_at_position(lock, before, token):
            return
        with session.begin_transaction() as transaction:
            new = _add_to_nodes(transaction, nodes)
            transaction.commit()
        for labels, rows in new.items():
            _in_parts(session, _CREATE_NODES % ":".join(labels), rows)
        for kind, rows in by_type.items():
            _in_parts(session, _CREATE_RELATIONSHIPS % kind, rows)
        lock.run(_END_HALF, position=after[0], chain=after[1]).consume()
        lock.commit()


def forget_half_written(keeper: neo4j.Session, session: neo4j.Session) -> None:
    """Delete all data if an earlier writer failed between its parts."""
    with keeper.begin_transaction() as lock:
        lock.run(_LOCK_POSITION).consume()  # wait for a writer that is still active
        if _half(lock):
            _delete_labelled(session, RESOURCE)
            lock.run(f"MATCH (v:{_POSITION_LABEL}) DETACH DELETE v").consume()
            lock.commit()


def begin_bulk(
    session: neo4j.Session, parts: Sequence[Rows], before: tuple[int, str], after: tuple[int, str]
) -> Iterator[dict[str, Any]] | None:
    """Write what a bulk load cannot, and return the requests for the rest; None if not at `before`.

    Existing nodes are updated, and one node is created for each set of labels. Both are idempotent,
    so a failed bulk load has no effect. The last request moves the position.
    """
    nodes = _merge(node for part in parts for node in part.nodes)
    relationships = [row for part in parts for row in part.relationships]
    rest: list[tuple[str, list[Any]]] = []
    with session.begin_transaction() as transaction:
        if not _is_at_position(transaction, before):
            return None
        new = _add_to_nodes(transaction, nodes)
        for labels, (first, *others) in new.items():
            _consume(transaction, _CREATE_NODES % ":".join(labels), [first])
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
    yield {"text": _ADVANCE_POSITION, "parameters": {"position": after[0], "chain": after[1]}}


def delete_all(session: neo4j.Session) -> None:
    """Delete everything that provstore wrote, a few thousand nodes at a time."""
    for label in (_POSITION_LABEL, RESOURCE):
        _delete_labelled(session, label)


def _delete_labelled(session: neo4j.Session, label: str) -> None:
    while session.run(_DELETE_NODES % label).single(strict=True)["gone"]:
        pass


def _is_at_position(
    transaction: neo4j.Transaction, before: tuple[int, str], half: str = ""
) -> bool:
    """Lock the position, and return whether it equals `before`.

    Raises:
        HalfWritten: an earlier writer failed between its parts.

    """
    at = _position_of(transaction.run(_LOCK_POSITION).single())
    if _half(transaction) != half:
        raise HalfWritten
    return at == before


def _position_of(row: neo4j.Record | None) -> tuple[int, str]:
    return (row[0] or 0, row[1] or "") if row else (0, "")


def _half(transaction: neo4j.Transaction) -> str:
    row = transaction.run(_HALF).single()
    return str(row["half"] or "") if row else ""


def _merge(nodes: Iterable[Node]) -> dict[str, Node]:
    """Merge the rows with the same IRI from several bundles."""
    merged: dict[str, Node] = {}
    for node in nodes:
        if twin := merged.get(node.uri):
            labels = tuple(sorted({*twin.labels, *node.labels}))
            node = Node(node.uri, labels, united_properties(twin.properties, node.properties))
        merged[node.uri] = node
    return merged


def _write_nodes(transaction: neo4j.Transaction, nodes: Mapping[str, Node]) -> None:
    """Create missing nodes with all their labels at once, and update existing ones."""
    for labels, rows in _add_to_nodes(transaction, nodes).items():
        _consume(transaction, _CREATE_NODES % ":".join(labels), rows)


def _add_to_nodes(
    transaction: neo4j.Transaction, nodes: Mapping[str, Node]
) -> dict[tuple[str, ...], list[Any]]:
    """Update the existing nodes; return the rows of the missing ones, by their labels."""
    new: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    changed: list[Any] = []
    labelled: dict[tuple[str, ...], list[str]] = defaultdict(list)
    present = {row["n"]["uri"]: row["n"] for row in _run(transaction, _READ_NODES, list(nodes))}
    for uri, node in nodes.items():
        old = present.get(uri)
        if old is None:
            new[node.labels].append(node.properties)
            continue
        properties = dict(old.items())
        if (united := united_properties(properties, node.properties)) != properties:
            changed.append(united)
        if missing := tuple(sorted(set(node.labels) - old.labels)):
            labelled[missing].append(uri)
    _consume(transaction, _UPDATE_NODES, changed)
    for labels, rows in labelled.items():
        _consume(transaction, _ADD_LABELS % ":".join(labels), rows)
    return new


def _write_relationships(
    transaction: neo4j.Transaction, relationships: Iterable[Relationship]
) -> None:
    for kind, rows in _by_type(relationships).items():
        _consume(transaction, _CREATE_RELATIONSHIPS % kind, rows)


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
    for start in range(0, len(rows), BATCH_ROWS):
        yield rows[start : start + BATCH_ROWS]
