"""The graph view: loads bundles and answers Cypher, with the same driver for both engines.

The engine is the built-in one or a Neo4j server; this module treats both alike. It knows no
journal: the caller gives the positions, which are stored in the same transaction as the data. The
engine itself makes queries read-only.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import islice
from threading import RLock, Thread
from typing import Any, Protocol, TypeVar

from provstore.errors import BadQuery, ViewUnavailable
from provstore.prov.model.bundle import Bundle
from provstore.prov.property_graph.graph_rows import Rows, bundle_to_rows
from provstore.results.answer import Answer, Cell
from provstore.views.graph import loading
from provstore.views.graph.bolt_driver import exceptions, neo4j
from provstore.views.graph.cypher import (
    encode_parameter,
    plain_message,
    plan_lines,
    read_row,
    refuse_outside_access,
)
from provstore.views.shared_engine import SharedEngine
from provstore.views.view_contract import ViewNotAtPosition

logging.getLogger("neo4j.io").setLevel(
    logging.CRITICAL
)  # a broken connection raises an exception anyway

_ATTEMPTS = 5
"""How often a query or a load begins before it fails, because others restart a shared engine."""

_END_SECONDS = 3.0
"""How long a query may take to notice that it was ended; then the engine is ended."""

_SHOWN_CHARACTERS = 1000
"""How much of a query's text an engine shows at least."""

_SHOW_QUERIES = "SHOW TRANSACTIONS YIELD transactionId, currentQuery, elapsedTime"

_CONNECTION_LOST = (exceptions.ServiceUnavailable, exceptions.SessionExpired, BufferError)
"""The driver raises `BufferError` where another thread closes it while an answer arrives."""

_FAILED = (exceptions.Neo4jError, exceptions.DriverError)
_Drivers = tuple[neo4j.Driver, neo4j.Driver]
Result = TypeVar("Result")

_inherited: list[_Drivers] = []
"""Drivers that this process got by a fork: to close them would close the parent's connections."""

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
    def shared(self) -> SharedEngine | None:
        """The engine if clients share it: they may restart it, or end a query."""

    def is_current(self) -> bool:
        """Return whether the engine still runs that was started last."""

    def turn(self) -> AbstractContextManager[None]:
        """Return a block within which no other client loads."""

    @property
    def bulk(self) -> Callable[[Iterable[Mapping[str, Any]]], None] | None:
        """The function that bulk-loads while no query runs; if it fails, the engine is empty."""

    def start(self) -> None:
        """Start the engine, if provstore controls it."""

    def stop(self) -> None:
        """Stop the engine cleanly, if provstore controls it."""

    def kill(self) -> None:
        """Abort the engine's work for all clients, if provstore controls it."""

    def clear(self) -> bool:
        """Delete all data at once; return False if they must be deleted by queries."""


class Neo4jServer:
    """A Neo4j server that runs independently; over Bolt it has no bulk loading."""

    bulk = None
    shared = None

    def __init__(self, address: str, user: str, password: str, database: str = "neo4j") -> None:
        self.name = f"Neo4j at {address}"
        self.address, self.user, self.password = address, user, password
        self.database, self.reader = database, (user, password)

    def is_current(self) -> bool:
        """Return True: the driver connects again by itself."""
        return True

    def turn(self) -> AbstractContextManager[None]:
        """Return a block: the server's own locks keep loads apart."""
        return nullcontext()

    def start(self) -> None:
        """Do nothing: the server runs independently."""

    def stop(self) -> None:
        """Do nothing: the server runs independently."""

    def kill(self) -> None:
        """Do nothing: the server has ended the query, or ends it when it can."""

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
        self._process = os.getpid()
        self._connecting = RLock()  # several threads may query at once; they connect one by one

    @property
    def shared(self) -> SharedEngine | None:
        """The engine that all processes share; None for a server."""
        return self.engine.shared

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
        because a second session would take longer than many queries. A query that others interrupt
        begins again, and its time with it.

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

        def ask_in_time() -> Answer:
            self._connected()  # the start of the engine does not count as query time
            return self._within_time(ask, text)

        refuse_outside_access(text)
        return self._retry(ask_in_time)

    def _within_time(self, work: Callable[[], Result], text: str) -> Result:
        """Enforce the time limit here, because engines do not enforce theirs for every query."""
        future: Future[Result] = Future()
        begun, drivers = time.monotonic(), self._drivers

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # raised again in the waiting thread
                future.set_exception(error)

        Thread(target=run, daemon=True).start()
        try:
            return future.result(self.seconds + 1.0)
        except FutureTimeout:
            self._end_query(text, begun, future, drivers)
            raise self._took_too_long() from None
        except KeyboardInterrupt:
            self._end_query(text, begun, future, drivers)
            raise

    def _end_query(
        self, text: str, begun: float, query: "Future[Any]", drivers: _Drivers | None
    ) -> None:
        """End a query of this text, or at last the engine: the clients of others ask again."""
        if self.shared and drivers is not None:
            writer, _ = drivers
            seconds = time.monotonic() - begun - 1.0

            def terminate() -> None:
                with suppress(*_FAILED), self._session(writer, neo4j.WRITE_ACCESS) as session:
                    while not query.done():
                        for identifier in _matching_queries(session, text, seconds):
                            session.run(f"TERMINATE TRANSACTIONS '{identifier}'").consume()
                        time.sleep(0.05)

            Thread(target=terminate, daemon=True).start()
            with suppress(FutureTimeout, Exception):
                query.result(_END_SECONDS)
        if not query.done():
            self._abandon_engine(drivers)

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

        def read() -> tuple[int, str]:
            _, reader = self._connected()
            with self._session(reader, neo4j.READ_ACCESS) as session:
                return loading.read_stable_position(session)

        return self._retry(read)

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
        self._connected()
        with self.engine.turn():
            self._as_writer(loading.create_constraints)
            try:
                self._load(rows, before, after, many=many)
            except loading.HalfWritten:
                self._as_writers(loading.forget_half_written)

    def _load(
        self, rows: list[Rows], before: tuple[int, str], after: tuple[int, str], *, many: bool
    ) -> None:
        if not many:
            self._as_writer(lambda session: loading.write_rows(session, rows, before, after))
        elif self.engine.bulk is None:
            self._as_writers(
                lambda keeper, session: loading.write_in_parts(keeper, session, rows, before, after)
            )
        else:
            rest = self._as_writer(lambda session: loading.begin_bulk(session, rows, before, after))
            if rest is not None:
                self._disconnect()
                self.engine.bulk(rest)

    def clear(self) -> None:
        """Delete everything that was loaded; keep other programs' data in the database."""
        self._disconnect()
        if not self.engine.clear():
            self._as_writer(loading.delete_all)

    # --------------------------------------------------------------------------- connection

    def _connected(self) -> _Drivers:
        """Return the drivers with write access and with read-only access."""
        with self._connecting:
            if self._drivers is not None and self._process != os.getpid():
                _inherited.append(self._drivers)
                self._drivers = None
            if self._drivers is not None and not self.engine.is_current():
                self._disconnect()
            if self._drivers is None:
                self._process = os.getpid()
                self.engine.start()
                writer = self._driver((self.engine.user, self.engine.password))
                same = self.engine.reader == (self.engine.user, self.engine.password)
                self._drivers = (writer, writer if same else self._driver(self.engine.reader))
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

        return self._retry(run)

    def _as_writers(self, work: Callable[[neo4j.Session, neo4j.Session], None]) -> None:
        """Work with two sessions: one holds a lock while the other writes."""

        def run(keeper: neo4j.Session) -> None:
            writer, _ = self._connected()
            with self._session(writer, neo4j.WRITE_ACCESS) as session:
                work(keeper, session)

        self._as_writer(run)

    # -------------------------------------------------------------------------------- errors

    def _retry(self, work: Callable[[], Result]) -> Result:
        """Run `work`, again on a new connection if it was interrupted, and translate errors."""
        for attempt in range(_ATTEMPTS if self.shared else 2):
            drivers = self._drivers
            try:
                return work()
            except _CONNECTION_LOST as error:
                lost: Exception = error
                # An engine that drops connections again is failing, even if it still listens.
                if attempt and self.engine.is_current():
                    self._abandon_engine(drivers)
            except exceptions.Neo4jError as error:
                if not self._is_interrupted(error):
                    raise self._translated(error) from error
                lost = error
                time.sleep(0.05)
            except exceptions.DriverError as error:
                raise self._translated(error) from error
        self._disconnect()
        raise ViewUnavailable(
            f"The graph engine at {self.engine.address} cannot be reached: {lost}.",
            "The journal is complete. Start the engine and run the query again.",
        ) from lost

    def _is_interrupted(self, error: exceptions.Neo4jError) -> bool:
        """Whether the same work may succeed if it is tried again."""
        was_ended = str(error.code).endswith(".Transaction.Terminated")
        return isinstance(error, exceptions.TransientError) or bool(
            self.shared and (was_ended or not self.engine.is_current())
        )

    def _translated(self, error: Exception) -> Exception:
        if isinstance(error, exceptions.AuthError | exceptions.ConfigurationError):
            self._disconnect()
            return ViewUnavailable(
                f"The graph engine at {self.engine.address} refused the login: {error}.",
                "Check user and password in [graph] of provstore.toml.",
            )
        if "TransactionTimedOut" in str(getattr(error, "code", "")):
            return self._took_too_long()
        return BadQuery(f"The Cypher query failed: {plain_message(error)}")

    def _took_too_long(self) -> BadQuery:
        message = f"The query took longer than {self.seconds:g} seconds and was stopped."
        advice = "Simplify the query, or raise the limit in [limits] of provstore.toml."
        return BadQuery(message, advice)


def _matching_queries(session: neo4j.Session, text: str, seconds: float) -> list[str]:
    """Return the running queries of this text that have run for so long; engines tell no more."""
    return [
        row["transactionId"]
        for row in session.run(_SHOW_QUERIES)
        if row["currentQuery"][:_SHOWN_CHARACTERS] == text[:_SHOWN_CHARACTERS]
        and row["elapsedTime"].seconds >= seconds
    ]
