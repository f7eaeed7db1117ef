"""The graph view: bundles in, answers to Cypher out, through the one driver for both engines.

The engine is the built-in one or a Neo4j server; neither this file nor a query can tell which. It
knows no journal: whoever loads says from which position to which, and it is kept in the same
transaction as the data. Queries are read-only by the engine's own authority, never by guessing.
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

logging.getLogger("neo4j.io").setLevel(logging.CRITICAL)  # a connection that broke is an exception

_CONNECTION_LOST = (exceptions.ServiceUnavailable, exceptions.SessionExpired)
_Drivers = tuple[neo4j.Driver, neo4j.Driver]
Result = TypeVar("Result")

BULK_ROWS = 20_000
"""Nodes and relationships from which on the engine's bulk way is used, if it has one."""

FETCH_ROWS = 10_000
"""Rows that come at once: each time one asks for more, the engine stands still meanwhile."""


class Engine(Protocol):
    """Where a graph engine is reached; `EmbeddedServer` and `Neo4jServer` are such engines."""

    name: str
    address: str
    user: str
    password: str
    database: str
    reader: tuple[str, str]

    @property
    def bulk(self) -> Callable[[Iterable[Mapping[str, Any]]], None] | None:
        """Load much at once while nobody asks: all of it, or the engine forgets what it has."""

    def start(self) -> None:
        """Make it reachable, if that is in our power."""

    def stop(self) -> None:
        """Let it go in good order."""

    def kill(self) -> None:
        """End what it is doing, if that is in our power."""

    def clear(self) -> bool:
        """Forget all data at once, if it can; False where they must be deleted one by one."""


class Neo4jServer:
    """A Neo4j server that somebody else runs; over Bolt it has no bulk way but large batches."""

    bulk = None

    def __init__(self, address: str, user: str, password: str, database: str = "neo4j") -> None:
        self.name = f"Neo4j at {address}"
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

    name = "graph"
    layout = 2

    def __init__(
        self, engine: Engine, *, seconds: float = 60.0, bulk_from: int = BULK_ROWS
    ) -> None:
        self.engine, self.seconds, self.bulk_from = engine, seconds, bulk_from
        self.engine_name = engine.name
        self._drivers: _Drivers | None = None
        self._connecting = RLock()  # several threads may ask at once, and connect one by one

    def close(self) -> None:
        """Let go of the engine."""
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
        """Answer a Cypher query with at most so many rows, in time and without a right to write.

        After `EXPLAIN`, the answer is the plan. Whether it is `at` a position is asked in the same
        session: another one would take longer than many a question.

        Raises:
            BadQuery: it is not understood, it writes, or it takes too long.
            ViewNotAtPosition: it is not `at` this position.
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
        self._run_with_retry(self._connected)  # an engine's start is not the query's time
        return self._within_time(ask)

    def _within_time(self, work: Callable[[], Result]) -> Result:
        """Not every engine obeys its time limit for every query, so ours is kept here."""
        future: Future[Result] = Future()
        ended, drivers = Event(), self._drivers

        def run() -> None:
            try:
                future.set_result(self._run_with_retry(work, ended))
            except BaseException as error:  # handed to whoever waits
                future.set_exception(error)

        Thread(target=run, daemon=True).start()
        try:
            return future.result(self.seconds + 2.0)
        except FutureTimeout:
            ended.set()
            self._abandon_engine(drivers)
            message = f"The query took longer than {self.seconds:g} seconds and was ended."
            advice = "Ask for less, or raise the limit: [limits] in provstore.toml."
            raise BadQuery(message, advice) from None
        except KeyboardInterrupt:
            ended.set()
            self._abandon_engine(drivers)
            raise

    def _abandon_engine(self, drivers: _Drivers | None) -> None:
        """End the engine that was asked over these drivers, not one that was started since."""
        with self._connecting:
            if drivers is not None and drivers is not self._drivers:
                return
            self.engine.kill()
            drivers, self._drivers = self._drivers, None
        for driver in drivers or ():
            Thread(target=driver.close, daemon=True).start()

    # ------------------------------------------------------------------------------ loading

    def position(self) -> tuple[int, str]:
        """How far it is: position and hash of the last journal entry in it; (0, "") when empty."""
        return self._as_writer(loading.read_stable_position)

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and go from position `before` to `after`: all of it or nothing.

        That is one transaction; from `bulk_from` rows on it is the engine's bulk way, or several
        transactions and a note that they belong together. What is found half written is forgotten.
        Does nothing if the view is not at `before` any more: another process was faster.
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
        """Forget everything that was loaded; data of other programs in the database stay."""
        self._disconnect()
        if not self.engine.clear():
            self._as_writer(loading.delete_all)

    # --------------------------------------------------------------------------- connection

    def _connected(self) -> _Drivers:
        """The drivers of who may write and of who may only read."""
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
            notifications_min_severity="OFF",  # nobody sees them, and they cost each answer time
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
        """With two sessions: one keeps a lock while the other writes."""

        def run(keeper: neo4j.Session) -> None:
            writer, _ = self._connected()
            with self._session(writer, neo4j.WRITE_ACCESS) as session:
                work(keeper, session)

        self._as_writer(run)

    def _run_with_retry(self, work: Callable[[], Result], ended: Event | None = None) -> Result:
        """Do it, once more on a fresh connection if the engine went away; errors in our words.

        What was `ended` on purpose is not begun again, and leaves alone what was begun since.
        """
        drivers = self._drivers
        try:
            try:
                return work()
            except _CONNECTION_LOST as error:
                if ended is not None and ended.is_set():
                    raise BadQuery("The query was ended.") from error
                # An engine of ours that drops a connection is dying, even if it opens the door.
                self._abandon_engine(drivers)
                return work()
        except _CONNECTION_LOST as error:
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
            raise BadQuery(f"This Cypher cannot be answered: {plain_message(error)}") from error
