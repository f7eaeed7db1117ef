"""What holds of the built-in Cypher engine: it answers, obeys, keeps data, and leaves no trace."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import AuthError, ClientError, DriverError, Neo4jError

from provstore.errors import ViewUnavailable
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from tests.listening import listening
from tests.processes import engines_in, is_gone, soon
from tests.require import need_guards

CONSTRAINT = "CREATE CONSTRAINT FOR (n:Resource) REQUIRE n.uri IS UNIQUE"
LADDER = """
UNWIND range(0, 59) AS i
MATCH (a:Resource {uri: toString(i)}) MATCH (b:Resource {uri: toString(i + 1)})
CREATE (a)-[:wasDerivedFrom]->(b) CREATE (a)-[:wasInfluencedBy]->(b)
"""
ENDLESS = """
MATCH (a:Resource {uri: '0'}) MATCH (b:Resource {uri: 'nowhere'})
WHERE (a)-[:wasDerivedFrom|wasInfluencedBy*1..]->(b) RETURN a
"""
"""A walk that the command timeout does not end (the research, section 8)."""

CLIENT = """
import sys, time
from pathlib import Path
from provstore.views.graph.arcadedb_engine import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), linger=1.0)
server.start()
print(server.pid, server.password, *server.reader, flush=True)
time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a name that people give to directories."""
    return tmp_path / "Prüfung und Ablage"


@pytest.fixture
def server(place: Path) -> Iterator[EmbeddedServer]:
    engine = EmbeddedServer(place, linger=0.0)
    engine.start()
    yield engine
    engine.stop()
    assert engine.shared.state() is None


def ask(server: EmbeddedServer, query: str, *, reading: bool = False) -> list[dict[str, Any]]:
    auth = server.reader if reading else (server.user, server.password)
    # Not `execute_query`: it tries again for half a minute when the engine is gone. Not without
    # a transaction: a statement of several clauses would then be stored in part when it fails.
    with (
        neo4j.GraphDatabase.driver(server.address, auth=auth) as driver,
        driver.session(database=server.database) as session,
        session.begin_transaction() as transaction,
    ):
        rows = [row.data() for row in transaction.run(query)]
        transaction.commit()
        return rows


def pid_of(server: EmbeddedServer) -> int:
    assert server.pid is not None
    return server.pid


def client_process(place: Path) -> "tuple[subprocess.Popen[str], int]":
    """Another process that has joined the engine, and the engine's process."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(place)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, int(process.stdout.readline().split()[0])


def test_it_answers_the_official_driver(server: EmbeddedServer) -> None:
    assert server.is_current()
    assert ask(server, "RETURN 'ü' AS letter, 2 ^ 3 AS power") == [{"letter": "ü", "power": 8.0}]


def test_starting_twice_is_starting_once(server: EmbeddedServer) -> None:
    before = pid_of(server), server.address, server.password
    server.start()
    assert (pid_of(server), server.address, server.password) == before


def test_data_outlive_an_orderly_end_and_passwords_do_not(server: EmbeddedServer) -> None:
    ask(server, CONSTRAINT)
    ask(server, "CREATE (:Resource {uri: 'a'})")
    old = server.password
    server.stop()
    assert not server.is_current()
    server.start()
    assert ask(server, "MATCH (n:Resource) RETURN n.uri AS uri") == [{"uri": "a"}]
    assert old != server.password
    with (
        neo4j.GraphDatabase.driver(server.address, auth=(server.user, old)) as driver,
        pytest.raises(AuthError),
    ):
        driver.verify_connectivity()


def test_data_outlive_kill_9_of_the_engine(server: EmbeddedServer) -> None:
    ask(server, "CREATE (:Resource {uri: 'a'})")
    os.kill(pid_of(server), signal.SIGKILL)
    assert soon(lambda: not server.is_current())
    server.start()
    assert ask(server, "MATCH (n:Resource) RETURN n.uri AS uri") == [{"uri": "a"}]


def test_clearing_deletes_all_whoever_else_uses_it(place: Path, server: EmbeddedServer) -> None:
    ask(server, "CREATE (:Resource {uri: 'a'})")
    other = EmbeddedServer(place, linger=0.0)
    other.start()
    assert server.clear()
    assert not server.is_current()
    assert not other.is_current()
    other.start()
    assert ask(other, "MATCH (n) RETURN count(n) AS n") == [{"n": 0}]
    assert not list(place.glob("forgotten-*"))
    other.stop()


def test_a_second_client_joins_and_the_first_may_leave(place: Path, server: EmbeddedServer) -> None:
    second = EmbeddedServer(place, linger=0.0)
    second.start()
    assert pid_of(second) == pid_of(server)
    assert second.reader == server.reader
    server.stop()
    assert ask(second, "RETURN 1 AS one") == [{"one": 1}]
    second.stop()


def test_it_outlives_its_starter_and_ends_after_the_last_client(place: Path) -> None:
    """The starter is another process, killed with SIGKILL: nothing of it can clean up."""
    starter, pid = client_process(place)
    engine = EmbeddedServer(place, linger=0.0)
    engine.start()
    assert pid_of(engine) == pid
    starter.kill()
    starter.wait()
    time.sleep(1.5)
    assert ask(engine, "RETURN 1 AS one") == [{"one": 1}]
    engine.stop()
    assert is_gone(pid)
    assert engines_in(place) == []


def test_a_client_that_is_killed_leaves_an_engine_that_ends(place: Path) -> None:
    client, pid = client_process(place)
    client.kill()
    client.wait()
    assert soon(lambda: is_gone(pid))


def test_a_password_is_seen_by_no_other_process(server: EmbeddedServer) -> None:
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc here: the arguments of a process cannot be read")
    for name in ("cmdline", "environ"):
        seen = Path(f"/proc/{pid_of(server)}/{name}").read_bytes().decode(errors="replace")
        assert "arcadedb_host" in seen or name == "environ"
        assert server.password not in seen
        assert server.reader[1] not in seen
    kept = b"".join(
        file.read_bytes() for file in server.directory.parent.rglob("*") if file.is_file()
    )
    assert server.password.encode() not in kept


def test_it_listens_on_this_machine_only(server: EmbeddedServer) -> None:
    if not Path("/proc/net/tcp").is_file():
        pytest.skip("no /proc here: the sockets of a process cannot be listed")
    ours = set()
    for link in Path(f"/proc/{pid_of(server)}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # files come and go under a running engine
            ours.add(os.readlink(link))
    heard = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid_of(server)}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in ours:
                heard.append(fields[1].partition(":")[0])
    assert heard
    assert all(address.endswith("0100007F") for address in heard)


def test_nothing_reaches_the_terminal(place: Path) -> None:
    """Neither a start nor a query that fails; the log has it."""
    program = f"""
from pathlib import Path
import neo4j
from provstore.views.graph.arcadedb_engine import EmbeddedServer
server = EmbeddedServer(Path({str(place)!r}))
server.start()
with neo4j.GraphDatabase.driver(server.address, auth=(server.user, server.password)) as driver:
    try:
        driver.execute_query("RETURN nothing.at(all)", database_=server.database)
    except neo4j.exceptions.Neo4jError:
        pass
server.stop()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert place.with_name(f"{place.name}.log").stat().st_size > 0


def test_a_query_that_obeys_no_limit_is_ended_by_force_and_nothing_is_lost(place: Path) -> None:
    engine = EmbeddedServer(place, command_timeout=0.5, linger=0.0)
    engine.start()
    ask(engine, CONSTRAINT)
    ask(engine, "UNWIND range(0, 60) AS i CREATE (:Resource {uri: toString(i)})")
    ask(engine, "CREATE (:Resource {uri: 'nowhere'})")
    ask(engine, LADDER)
    ended: list[BaseException] = []

    def walk() -> None:
        try:
            ask(engine, ENDLESS)
        except (Neo4jError, DriverError) as error:
            ended.append(error)

    walker = threading.Thread(target=walk, daemon=True)
    walker.start()
    walker.join(2.0)
    assert walker.is_alive(), "the engine can end this query itself now: say so in the research"
    engine.kill()
    assert not engine.is_current()
    walker.join(20.0)
    assert ended
    engine.start()
    assert ask(engine, "MATCH (:Resource)-[r]->() RETURN count(r) AS n") == [{"n": 120}]
    engine.stop()


def test_the_command_timeout_ends_a_plain_runaway(place: Path) -> None:
    engine = EmbeddedServer(place, command_timeout=0.5, linger=0.0)
    engine.start()
    ask(engine, CONSTRAINT)
    ask(engine, "UNWIND range(0, 60) AS i CREATE (:Resource {uri: toString(i)})")
    ask(engine, LADDER)
    with pytest.raises(Neo4jError, match=r"(?i)timed? ?out"):
        ask(engine, "MATCH p = (:Resource {uri: '0'})-[*1..]->(b) RETURN min(length(p)) AS n")
    engine.stop()


WRITES = [
    "CREATE (n:Resource {uri: 'c'})",
    "CREATE (n:New)",
    "CREATE (n)",
    "MERGE (n:Resource {uri: 'c'})",
    "MERGE (n:Resource {uri: 'a'}) ON MATCH SET n.k = 1",
    "MATCH (n:Resource {uri: 'a'}) SET n.k = 1",
    "MATCH (n:Resource {uri: 'a'}) SET n += {k: 1}",
    "MATCH (n:Resource {uri: 'a'}) SET n = {uri: 'q'}",
    "MATCH (n:Resource {uri: 'a'}) SET n:Agent",
    "MATCH (n:Resource {uri: 'a'}) SET n:New",
    "MATCH (n:Resource {uri: 'a'}) REMOVE n:Entity",
    "MATCH (n:Resource {uri: 'a'}) REMOVE n.l",
    "MATCH (n:Resource {uri: 'a'}) DETACH DELETE n",
    "MATCH (n:Resource {uri: 'alone'}) DELETE n",
    "MATCH ()-[r]->() DELETE r",
    "MATCH ()-[r]->() SET r.k = 2",
    "MATCH (a:Resource {uri: 'a'}) MATCH (b:Resource {uri: 'b'}) CREATE (a)-[:used]->(b)",
    "MATCH (a:Resource {uri: 'a'}) MATCH (b:Resource {uri: 'b'}) CREATE (a)-[:new]->(b)",
    "FOREACH (x IN [1] | CREATE (:Resource {uri: 'c'}))",
    "CALL () { CREATE (:Resource {uri: 'c'}) }",
    "UNWIND [1] AS x CALL (x) { CREATE (:Resource {uri: 'c'}) } IN TRANSACTIONS OF 1 ROWS",
    "CALL merge.node(['Resource'], {uri: 'c'}, {})",
    "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Agent) REQUIRE n.name IS UNIQUE",
    "CREATE INDEX i IF NOT EXISTS FOR (n:Resource) ON (n.l)",
    "DROP CONSTRAINT resource_uri",
    "LOAD CSV FROM 'file:///etc/hosts' AS line RETURN line",
    "CREATE USER other SET PASSWORD 'abcdefgh1'",
    "DROP USER root",
]
CONTENT = """
MATCH (n) OPTIONAL MATCH (n)-[r]->(m)
RETURN labels(n) AS labels, properties(n) AS node, properties(r) AS edge, m.uri AS end
ORDER BY n.uri
"""


def test_the_reader_reads_and_cannot_write(server: EmbeddedServer) -> None:
    """By no statement, neither alone nor in a transaction; the server refuses, not a lexer."""
    ask(server, "CREATE CONSTRAINT resource_uri FOR (n:Resource) REQUIRE n.uri IS UNIQUE")
    ask(
        server,
        "CREATE (:Resource:Entity {uri: 'a', l: ['x']})-[:used {k: 1}]->"
        "(:Resource:Agent {uri: 'b'}), (:Resource {uri: 'alone'})",
    )
    before = ask(server, CONTENT)
    assert ask(server, CONTENT, reading=True) == before
    walk = "MATCH (e:Resource {uri: 'a'})-[:used*1..]->(y) RETURN DISTINCT y.uri AS uri"
    assert ask(server, walk, reading=True) == [{"uri": "b"}]
    allowed = []
    with (
        neo4j.GraphDatabase.driver(server.address, auth=server.reader) as driver,
        driver.session(database=server.database) as session,
    ):
        for query in WRITES:
            try:
                session.run(query).consume()
            except ClientError:
                pass
            else:
                allowed.append(query)
            try:
                with session.begin_transaction() as transaction:
                    transaction.run(query).consume()
                    transaction.commit()
            except ClientError:
                pass
            else:
                allowed.append(f"in a transaction: {query}")
    assert not allowed
    assert ask(server, CONTENT) == before
    assert "resource_uri" in {row["name"] for row in ask(server, "SHOW CONSTRAINTS")}


def test_a_directory_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ViewUnavailable, match="file"):
        EmbeddedServer(tmp_path / "file").start()


def test_an_engine_that_does_not_come_up_tells_its_last_words(place: Path) -> None:
    """Here because its data are damaged; the directory is free again afterwards."""
    (place / "databases").mkdir(parents=True)
    (place / "databases" / "prov").write_text("no directory")
    engine = EmbeddedServer(place, linger=0.0)
    with pytest.raises(ViewUnavailable, match="did not start") as failure:
        engine.start()
    assert str(engine.log) in str(failure.value)
    assert not engine.is_current()
    (place / "databases" / "prov").unlink()
    engine.start()
    engine.stop()


def test_no_query_reaches_the_network_or_other_files(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    """Whatever a user with all rights asks for; the engine itself says what guards it."""
    need_guards()
    secret = tmp_path / "secret.csv"
    secret.write_text("secret", encoding="utf-8")
    with listening() as (port, heard):
        for text in (
            f"LOAD CSV FROM 'http://localhost:{port}/a' AS line RETURN line",
            f"LOAD CSV FROM 'file://{secret}' AS line RETURN line",
            f"LOAD CSV FROM '{secret}' AS line RETURN line",
        ):
            with pytest.raises(Neo4jError):
                ask(server, text)
        assert not heard
    state = server.shared.state()
    assert state is not None
    assert dict(state.guards) == {"network": "filter", "files": "landlock"}
