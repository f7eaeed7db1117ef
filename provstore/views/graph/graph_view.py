"""The graph view: loads bundles and answers Cypher, with the same driver for both engines.

The engine is the built-in one or a Neo4j server; this module treats both alike. It knows no
journal: the caller gives the positions, which are stored in the same transaction as the data. The
engine itself makes queries read-only.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from itertools import islice
from threading import Event, RLock, Thread
from typing import Any, Protocol, TypeVar

import neo4j
from neo4j import exceptions

from provstore.errors import BadQuery, ViewUnavailable
from provstore.prov.model.bundle import Bundle
from provstore.prov.property_graph.graph_rows import bundle_to_rows
from provstore.results.answer import Answer, Cell
from provstore.views.graph import loading
from provstore.views.graph.cypher import (
    encode_parameter,
    plain_message,
    plan_lines,
    read_row,
    refuse_outside_access,
)
from provstore.views.view_contract import ViewNotAtPosition

logging.getLogger("neo4j.io").setLevel(
    logging.CRITICAL
)  # a broken connection raises an exception anyway

_CONNECTION_LOST = (exceptions.ServiceUnavailable, exceptions.SessionExpired)
_Drivers = tuple[neo4j.Driver, neo4j.Driver]
Result = TypeVar("Result")

BULK_ROWS = 20_000
"""From this number of nodes and relationships, the engine's bulk loading is used, if any."""

FETCH_ROWS = 10_000
"""The number of rows fetched at once: the engine pauses at each further request."""


class Engine(Protocol):
    """A graph engine: `EmbeddedServer` or `Neo4jServer`."""

    name: str
    address: str
    user: str
    password: str
    database: str
    reader: tuple[str, str]

    @property
    def bulk(self) -> Callable[[Iterable[Mapping[str, Any]]], None] | None:
        """The function that bulk-loads while no query runs; if it fails, the engine is empty."""

    def start(self) -> None:
        """Start the engine, if provstore controls it."""

    def stop(self) -> None:
        """Stop the engine cleanly, if provstore controls it."""

    def kill(self) -> None:
        """Abort the engine's work, if provstore controls it."""

    def clear(self) -> bool:
        """Delete all data at once; return False if they must be deleted by queries."""


class Neo4jServer:
    """A Neo4j server that runs independently; over Bolt it has no bulk loading."""

    bulk = None

    def __init__(self, address: str, user: str, password: str, database: str = "neo4j") -> None:
        self.name = f"Neo4j at {address}"
        self.address, self.user, self.password = address, user, password
        self.database, self.reader = database, (user, password)

    def start(self) -> None:
        """Do nothing: the server runs independently."""

    def stop(self) -> None:
        """Do nothing: the server runs independently."""

    def kill(self) -> None:
        """Do nothing: the server's own time limit ends the transaction."""

    def clear(self) -> bool:
        """Return False: the database may contain other data too."""
        return False


class GraphView:
    """A property graph that is loaded with bundles and queried in Cypher."""

    name = "graph"
    layout = 2

    def __init__(
        self, engine: Engine, *, seconds: float = 60.0, bulk_from: int = BULK_ROWS
    ) -> None:
        self.engine, self.seconds, self.bulk_from = engine, seconds, bulk_from
        self.engine_name = engine.name
        self._drivers: _Drivers | None = None
        self._connecting = RLock()  # several threads may query at once; they connect one by one

    def close(self) -> None:
        """Release the engine."""
        self._disconnect()
        self.engine.stop()

    # ------------------------------------------------------------------------------ asking

    def query(
        self,
        text: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        rows: int | None = None,
        at: tuple[int, str] | None = None,
    ) -> Answer:
        """Answer a read-only Cypher query with at most `rows` rows, within the time limit.

        After `EXPLAIN`, the answer is the plan. The position is checked in the same session,
        because a second session would take longer than many queries.

        Raises:
            BadQuery: the query is invalid, writes, or takes too long.
            ViewNotAtPosition: the view is not `at` this position.
            ViewUnavailable: the engine cannot be reached.

        """
        values = {name: encode_parameter(value) for name, value in (parameters or {}).items()}

        def ask() -> Answer:
            _, reader = self._connected()
            query = neo4j.Query(text, timeout=self.seconds)
            with self._session(reader, neo4j.READ_ACCESS) as session:
                if at is not None and loading.read_position(session) != at:
                    raise ViewNotAtPosition
                result = session.run(query, values)
                columns = tuple(result.keys())
                answered = tuple(map(read_row, islice(result, rows)))
                cut = rows is not None and next(result, None) is not None
                if plan := result.consume().plan:
                    return Answer(("plan",), tuple((line,) for line in plan_lines(plan)))
                return Answer(columns, answered, cut)

        refuse_outside_access(text)
        self._run_with_retry(
            self._connected
        )  # the start of the engine does not count as query time
        return self._within_time(ask)

    def _within_time(self, work: Callable[[], Result]) -> Result:
        """Enforce the time limit here, because engines do not enforce theirs for every query."""
        future: Future[Result] = Future()
        ended, drivers = Event(), self._drivers

        def run() -> None:
            try:
                future.set_result(self._run_with_retry(work, ended))
            except BaseException as error:  # raised again in the waiting thread
                future.set_exception(error)

        Thread(target=run, daemon=True).start()
        try:
            return future.result(self.seconds + 2.0)
        except FutureTimeout:
            ended.set()
            self._abandon_engine(drivers)
            message = f"The query took longer than {self.seconds:g} seconds and was stopped."
            advice = "Simplify the query, or raise the limit in [limits] of provstore.toml."
            raise BadQuery(message, advice) from None
        except KeyboardInterrupt:
            ended.set()
            self._abandon_engine(drivers)
            raise

    def _abandon_engine(self, drivers: _Drivers | None) -> None:
        """Kill the engine behind these drivers, but not one that was started since."""
        with self._connecting:
            if drivers is not None and drivers is not self._drivers:
                return
            self.engine.kill()
            drivers, self._drivers = self._drivers, None
        for driver in drivers or ():
            Thread(target=driver.close, daemon=True).start()

    # ------------------------------------------------------------------------------ loading

    def position(self) -> tuple[int, str]:
        """Return position and hash of the last loaded journal entry; (0, "") if empty."""
        return self._as_writer(loading.read_stable_position)

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and move from position `before` to `after`, atomically.

        This is one transaction. From `bulk_from` rows, it is the engine's bulk loading, or several
        transactions with a mark; an incomplete series is deleted later. If another process has
        already moved the view from `before`, nothing happens.
        """
        rows = [bundle_to_rows(bundle) for bundle in bundles]
        many = sum(len(part.nodes) + len(part.relationships) for part in rows) >= self.bulk_from
        try:
            if not many:
                self._as_writer(lambda session: loading.write_rows(session, rows, before, after))
            elif self.engine.bulk is None:
                self._as_writers(
                    lambda keeper, session: loading.write_in_parts(
                        keeper, session, rows, before, after
                    )
                )
            else:
                rest = self._as_writer(
                    lambda session: loading.begin_bulk(session, rows, before, after)
                )
                if rest is not None:
                    self._disconnect()
                    self.engine.bulk(rest)
        except loading.HalfWritten:
            self._as_writers(loading.forget_half_written)

    def clear(self) -> None:
        """Delete everything that was loaded; keep other programs' data in the database."""
        self._disconnect()
        if not self.engine.clear():
            self._as_writer(loading.delete_all)

    # --------------------------------------------------------------------------- connection

    def _connected(self) -> _Drivers:
        """Return the drivers with write access and with read-only access."""
        with self._connecting:
            if self._drivers is None:
                self.engine.start()
                writer = self._driver((self.engine.user, self.engine.password))
                same = self.engine.reader == (self.engine.user, self.engine.password)
                self._drivers = (writer, writer if same else self._driver(self.engine.reader))
                with self._session(writer, neo4j.WRITE_ACCESS) as session:
                    loading.create_constraints(session)
            return self._drivers

    def _driver(self, auth: tuple[str, str]) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(
            self.engine.address,
            auth=auth,
            connection_timeout=10.0,
            user_agent="provstore",
            max_transaction_retry_time=5.0,
            telemetry_disabled=True,
            notifications_min_severity="OFF",  # nobody reads them, and they slow down every answer
        )

    def _session(self, driver: neo4j.Driver, access: str) -> neo4j.Session:
        return driver.session(
            database=self.engine.database, default_access_mode=access, fetch_size=FETCH_ROWS
        )

    def _disconnect(self) -> None:
        with self._connecting:
            drivers, self._drivers = self._drivers, None
        for driver in drivers or ():
            driver.close()

    def _as_writer(self, work: Callable[[neo4j.Session], Result]) -> Result:
        def run() -> Result:
            writer, _ = self._connected()
            with self._session(writer, neo4j.WRITE_ACCESS) as session:
                return work(session)

        return self._run_with_retry(run)

    def _as_writers(self, work: Callable[[neo4j.Session, neo4j.Session], None]) -> None:
        """Work with two sessions: one holds a lock while the other writes."""

        def run(keeper: neo4j.Session) -> None:
            writer, _ = self._connected()
            with self._session(writer, neo4j.WRITE_ACCESS) as session:
                work(keeper, session)

        self._as_writer(run)

    def _run_with_retry(self, work: Callable[[], Result], ended: Event | None = None) -> Result:
        """Run `work`, retry once on a new connection, and translate the driver's errors.

        Work that was `ended` on purpose is not retried, and does not touch newer connections.
        """
        drivers = self._drivers
        try:
            try:
                return work()
            except _CONNECTION_LOST as error:
                if ended is not None and ended.is_set():
                    raise BadQuery("The query was stopped.") from error
                # A built-in engine that drops a connection is failing, even if it still listens.
                self._abandon_engine(drivers)
                return work()
        except _CONNECTION_LOST as error:
            self._disconnect()
            raise ViewUnavailable(
                f"The graph engine at {self.engine.address} cannot be reached: {error}.",
                "The journal is complete. Start the engine and run the query again.",
            ) from error
        except (exceptions.AuthError, exceptions.ConfigurationError) as error:
            self._disconnect()
            raise ViewUnavailable(
                f"The graph engine at {self.engine.address} refused the login: {error}.",
                "Check user and password in [graph] of provstore.toml.",
            ) from error
        except (exceptions.Neo4jError, exceptions.DriverError) as error:
            raise BadQuery(f"The Cypher query failed: {plain_message(error)}") from error
