"""The graph view: bundles in, answers to Cypher out, through the one driver for both engines.

The engine is the built-in one or a Neo4j server; neither this file nor a query can tell which. It
knows no journal: whoever loads says from which mark to which, and the mark is kept in the same
transaction as the data. Queries are read-only by the engine's own authority, never by guessing.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from datetime import timedelta
from threading import Thread
from typing import Any, Protocol, TypeVar, cast

import neo4j
from neo4j import exceptions, graph, time

from provstore.answer import Answer, Cell, Iri
from provstore.errors import BadQuery, ViewUnavailable
from provstore.prov.bundle import Bundle
from provstore.prov.property_graph import RESOURCE, Node, Relationship, project, unite

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

logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)

Result = TypeVar("Result")


class Engine(Protocol):
    """Where a graph engine is reached; `EmbeddedServer` and `Server` are such engines."""

    address: str
    user: str
    password: str
    database: str
    reader: tuple[str, str]

    def start(self) -> None:
        """Make it reachable, if that is in our power."""

    def stop(self) -> None:
        """Let it go in good order."""

    def kill(self) -> None:
        """End what it is doing, if that is in our power."""

    def clear(self) -> bool:
        """Forget all data at once, if it can; False where they must be deleted one by one."""


class Server:
    """A Neo4j server that somebody else runs."""

    def __init__(self, address: str, user: str, password: str, database: str = "neo4j") -> None:
        self.address, self.user, self.password = address, user, password
        self.database, self.reader = database, (user, password)

    def start(self) -> None:
        """Do nothing: it runs, or it does not."""

    def stop(self) -> None:
        """Do nothing: it is not ours to end."""

    def kill(self) -> None:
        """Do nothing: its own time limit ends the transaction."""

    def clear(self) -> bool:
        """Nothing at once: the database may hold other data too."""
        return False


class GraphView:
    """A property graph that can be loaded with bundles and asked in Cypher."""

    language = "cypher"

    def __init__(self, engine: Engine, *, seconds: float = 60.0) -> None:
        self.engine, self.seconds = engine, seconds
        self._drivers: tuple[neo4j.Driver, neo4j.Driver] | None = None

    def close(self) -> None:
        """Let go of the engine."""
        self._disconnect()
        self.engine.stop()

    # ------------------------------------------------------------------------------ asking

    def query(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a Cypher query, within the time limit and without a right to write.

        Raises:
            BadQuery: it is not understood, it writes, or it takes too long.
            ViewUnavailable: the engine cannot be reached.

        """
        values = {name: _parameter(cell) for name, cell in (parameters or {}).items()}

        def ask() -> Answer:
            _, reader = self._connected()
            query = neo4j.Query((text), timeout=self.seconds)
            with self._session(reader, neo4j.READ_ACCESS) as session:
                found = session.run(query, values)
                columns = tuple(found.keys())
                return Answer(columns, tuple(tuple(map(_cell, row)) for row in found))

        return self._within_time(lambda: self._whatever_happens(ask))

    def _within_time(self, work: Callable[[], Result]) -> Result:
        """Not every engine obeys its time limit for every query, so ours is kept here."""
        future: Future[Result] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # handed to whoever waits
                future.set_exception(error)

        Thread(target=run, daemon=True).start()
        try:
            return future.result(self.seconds + 2.0)
        except Late:
            self._give_up()
            message = f"The query took longer than {self.seconds:g} seconds and was ended."
            raise BadQuery(message, "Ask for less, or raise the limit.") from None
        except KeyboardInterrupt:
            self._give_up()
            raise

    def _give_up(self) -> None:
        self.engine.kill()
        drivers, self._drivers = self._drivers, None
        for driver in drivers or ():
            Thread(target=driver.close, daemon=True).start()

    # ------------------------------------------------------------------------------ loading

    def mark(self) -> tuple[int, str]:
        """How far it is: position and seal of the last journal entry in it; (0, "") when empty."""

        def read() -> tuple[int, str]:
            writer, _ = self._connected()
            with self._session(writer, neo4j.READ_ACCESS) as session:
                return _mark(session.run(_WHERE).single())

        return self._whatever_happens(read)

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and go from mark `before` to `after`, in one transaction.

        Does nothing if the view is not at `before` any more: another process was faster.
        """
        rows = [project(bundle) for bundle in bundles]
        nodes = _merge(node for part in rows for node in part.nodes)
        relationships = [one for part in rows for one in part.relationships]

        def write() -> None:
            writer, _ = self._connected()
            with (
                self._session(writer, neo4j.WRITE_ACCESS) as session,
                session.begin_transaction() as transaction,
            ):
                if _mark(transaction.run(_LOCK).single()) != before:
                    return
                _write_nodes(transaction, nodes)
                _write_relationships(transaction, relationships)
                transaction.run(_ADVANCE, position=after[0], chain=after[1]).consume()
                transaction.commit()

        self._whatever_happens(write)

    def clear(self) -> None:
        """Forget everything that was loaded; data of other programs in the database stay."""

        def forget() -> None:
            writer, _ = self._connected()
            with self._session(writer, neo4j.WRITE_ACCESS) as session:
                for label in (_MARK, RESOURCE):
                    while _gone(session, label):
                        pass

        self._disconnect()
        if not self.engine.clear():
            self._whatever_happens(forget)

    # --------------------------------------------------------------------------- connection

    def _connected(self) -> tuple[neo4j.Driver, neo4j.Driver]:
        """The drivers of who may write and of who may only read."""
        if self._drivers is None:
            self.engine.start()
            writer = self._driver((self.engine.user, self.engine.password))
            same = self.engine.reader == (self.engine.user, self.engine.password)
            self._drivers = (writer, writer if same else self._driver(self.engine.reader))
            with self._session(writer, neo4j.WRITE_ACCESS) as session:
                for label, key in ((RESOURCE, "uri"), (_MARK, "id")):
                    session.run(_CONSTRAINT % (label, key)).consume()
        return self._drivers

    def _driver(self, auth: tuple[str, str]) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(
            self.engine.address, auth=auth, connection_timeout=10.0, user_agent="provstore",
            max_transaction_retry_time=5.0, telemetry_disabled=True,
        )  # fmt: skip

    def _session(self, driver: neo4j.Driver, access: str) -> neo4j.Session:
        return driver.session(database=self.engine.database, default_access_mode=access)

    def _disconnect(self) -> None:
        drivers, self._drivers = self._drivers, None
        for driver in drivers or ():
            driver.close()

    def _whatever_happens(self, work: Callable[[], Result]) -> Result:
        """Do it, once more on a fresh connection if the engine went away; errors in our words."""
        try:
            try:
                return work()
            except (exceptions.ServiceUnavailable, exceptions.SessionExpired):
                self._disconnect()
                return work()
        except (exceptions.ServiceUnavailable, exceptions.SessionExpired) as error:
            self._disconnect()
            raise ViewUnavailable(
                f"The graph engine at {self.engine.address} cannot be reached: {error}.",
                "Nothing is lost: the journal has it all. Start the engine and ask again.",
            ) from error
        except (exceptions.AuthError, exceptions.ConfigurationError) as error:
            self._disconnect()
            raise ViewUnavailable(
                f"The graph engine at {self.engine.address} does not let us in: {error}.",
                "See [graph] in provstore.toml.",
            ) from error
        except (exceptions.Neo4jError, exceptions.DriverError) as error:
            raise BadQuery(f"This Cypher cannot be answered: {_plain(error)}") from error


# ------------------------------------------------------------------------------------ writing


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
        yield from transaction.run((text), rows=rows[start : start + BATCH])


def _consume(transaction: neo4j.Transaction, text: str, rows: Sequence[Any]) -> None:
    for _ in _run(transaction, text, rows):
        pass


def _gone(session: neo4j.Session, label: str) -> int:
    found = session.run(_FORGET % label).single(strict=True)
    return int(found["gone"])


# ------------------------------------------------------------------------------------- values


def _parameter(cell: Cell) -> Cell:
    return str(cell) if isinstance(cell, Iri) else cell


def _mark(row: neo4j.Record | None) -> tuple[int, str]:
    return (row[0] or 0, row[1] or "") if row else (0, "")


def _cell(value: Any) -> Cell:
    """What the driver gives as the cell that it is; nodes and paths as plain structures."""
    if isinstance(value, time.DateTime):
        return value.to_native()
    if isinstance(value, time.Duration):
        return _duration(value)
    if isinstance(value, time.Date | time.Time):
        return str(value.iso_format())
    if isinstance(value, graph.Node):
        return {"labels": [*sorted(value.labels)], **{k: _cell(v) for k, v in value.items()}}
    if isinstance(value, graph.Relationship):
        return {"type": value.type, **{k: _cell(v) for k, v in value.items()}}
    if isinstance(value, graph.Path):
        return [_cell(part) for pair in zip(value.nodes, [*value.relationships, None], strict=True)
                for part in pair if part is not None]  # fmt: skip
    if isinstance(value, list):
        return [_cell(part) for part in value]
    if isinstance(value, dict):
        return {str(k): _cell(v) for k, v in value.items()}
    return cast("Cell", value)


def _duration(value: time.Duration) -> Cell:
    if value.months:
        return value.iso_format()
    return timedelta(days=value.days, seconds=value.seconds, microseconds=value.nanoseconds / 1000)


def _plain(error: Exception) -> str:
    """The engine's message without its wrapping."""
    message = str(getattr(error, "message", None) or error)
    return " ".join(message.split())
