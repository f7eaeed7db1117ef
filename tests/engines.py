"""The engines as fixtures: the built-in one and both Neo4j versions for Cypher, Fuseki for SPARQL.

Each is started once, when a test first wants it. Whoever uses one clears it first.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import Engine, Neo4jServer
from tests.require import missing
from tests.servers.fuseki import Fuseki, fuseki_server
from tests.servers.java import SHORT_LIVED, ServerMissing
from tests.servers.neo4j import VERSIONS, neo4j_server

NAMES = ("embedded", *VERSIONS)
ENGINES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES]
"""For `parametrize`: the tests of one engine stay in one worker, so that it is started once."""


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """The engines that run already, by name."""
    running: dict[str, Engine] = {}
    with ExitStack() as stack:

        def start(name: str) -> Engine:
            place = tmp_path_factory.mktemp(name)
            if name == "embedded":
                engine = EmbeddedServer(place)
                stack.callback(engine.stop)
                return engine
            try:
                server = stack.enter_context(neo4j_server(VERSIONS[name][0], place, SHORT_LIVED))
            except ServerMissing as error:
                missing(name, error.reason)
            return Neo4jServer(*server)

        class Started(dict[str, Engine]):
            def __missing__(self, name: str) -> Engine:
                self[name] = start(name)
                return self[name]

        running = Started()
        yield running


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, engines: dict[str, Engine]) -> Engine:
    """Each engine in turn."""
    return engines[request.param]


@pytest.fixture(scope="session")
def fuseki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuseki]:
    """A SPARQL server that is not ours."""
    with ExitStack() as stack:
        try:
            place = tmp_path_factory.mktemp("fuseki")
            server = stack.enter_context(fuseki_server(place, flags=SHORT_LIVED))
        except ServerMissing as error:
            missing("fuseki", error.reason)
        yield server
