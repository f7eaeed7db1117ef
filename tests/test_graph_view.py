"""What holds of the graph view when many use it at once, and when some of them are killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from provstore.errors import BadQuery
from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.store import ProvStore
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import GraphView
from tests.people import ADA, delivery, store_in
from tests.processes import engines_in, soon

EX = "http://example.org/"
COUNT = "MATCH (n:Entity) RETURN count(n) AS n"
PLAIN = "MATCH p = (:Resource {uri: $x})-[*1..]->(b) RETURN min(length(p)) AS n"
STUBBORN = """
MATCH (a:Resource {uri: $x}) MATCH (b:Resource {uri: 'http://example.org/nowhere'})
WHERE (a)-[:wasDerivedFrom|wasInfluencedBy*1..]->(b) RETURN a
"""
"""A walk that the engine cannot end: it does not notice."""
SLOW = "UNWIND range(1, 500) AS i UNWIND range(1, 1000) AS j RETURN sum(sin(toFloat(i * j))) AS n"
START = (0, "")

PYTHON_CLIENT = """
import sys
import provstore
from tests.people import ADA, delivery
with provstore.open(sys.argv[1]) as store:
    ingest = delivery(store, ADA, title=sys.argv[2])
    rows = store.cypher("MATCH (i:ingest__Ingest) RETURN i.uri AS uri").rows
    assert any(str(uri).endswith(ingest) for uri, in rows), (ingest, rows)
    print(len(rows))
"""
ENDLESS_CLIENT = f"""
import sys
from pathlib import Path
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import GraphView
view = GraphView(EmbeddedServer(Path(sys.argv[1]), linger=1.0), seconds=60.0)
view.position()
print("asks", flush=True)
view.query({PLAIN!r}, {{"x": "{EX}40"}})
"""
LOADING_CLIENT = f"""
import sys, time
from pathlib import Path
from provstore.prov.model.bundle import Bundle, Element
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import GraphView
view = GraphView(EmbeddedServer(Path(sys.argv[1]), linger=1.0), bulk_from=int(sys.argv[2]))
entities = tuple(Element(f"{EX}m{{n}}", ("entity",)) for n in range(30000))
bundle = Bundle("{EX}many", entities, ())
position = view.position()
print("loads", flush=True)
view.load([bundle], position, (position[0] + 1, "killed"))
"""


def diamonds() -> Bundle:
    """A ladder of diamonds: asked for every path, there are 2⁴⁰."""
    steps = [
        Relation("wasDerivedFrom", (f"{EX}{n + 1}", f"{EX}{n}", "", "", "")) for n in range(40)
    ]
    twins = [Relation("wasInfluencedBy", (f"{EX}{n + 1}", f"{EX}{n}")) for n in range(40)]
    entities = [Element(f"{EX}{n}", ("entity",)) for n in [*range(41), "nowhere"]]
    return Bundle(EX + "b", tuple(entities), (*steps, *twins))


@pytest.fixture
def open_view(tmp_path: Path) -> Iterator[Callable[..., GraphView]]:
    """Opens clients of one view, which has a ladder of diamonds; afterwards no engine runs."""
    opened: list[GraphView] = []

    def client(**settings: Any) -> GraphView:
        engine = EmbeddedServer(
            tmp_path / "graph",
            linger=0.0,
            command_timeout=settings.get("seconds", 60.0),
        )
        opened.append(GraphView(engine, **settings))
        return opened[-1]

    client().load([diamonds()], START, (1, "seal"))
    yield client
    for view in opened:
        view.close()
    assert soon(lambda: engines_in(tmp_path) == [])


def in_background(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start work in a thread; its result, or its error, is in the list at its end."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, results


def pid_of(view: GraphView) -> int:
    assert isinstance(view.engine, EmbeddedServer)
    assert view.engine.pid is not None
    return view.engine.pid


def python(program: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PROVSTORE_LINGER": "2"},
    )


# --------------------------------------------------------------- a query that must be ended


def test_a_query_beyond_its_limit_is_ended_alone(open_view: Callable[..., GraphView]) -> None:
    """The engine goes on, and so do the queries of others, also of the same client."""
    hasty, patient = open_view(seconds=1.0), open_view()
    thread, answers = in_background(lambda: patient.query(SLOW).rows)
    before = pid_of(hasty) if hasty.position() else 0
    with pytest.raises(BadQuery, match="longer than 1 seconds"):
        hasty.query(PLAIN, {"x": EX + "40"})
    assert hasty.query(COUNT).rows == ((42,),)
    thread.join()
    assert isinstance(answers[0], tuple)
    assert pid_of(hasty) == pid_of(patient) == before


def test_a_query_that_cannot_be_ended_takes_no_answer_from_others(
    open_view: Callable[..., GraphView],
) -> None:
    """Its engine is ended; the others begin again with the next one, and notice nothing."""
    hasty, patient = open_view(seconds=1.0), open_view()
    expected = patient.query(SLOW).rows
    before = pid_of(patient)
    slow = in_background(lambda: [patient.query(SLOW).rows for _ in range(8)])
    quick = in_background(lambda: [patient.query(COUNT).rows for _ in range(300)])
    with pytest.raises(BadQuery, match="longer than 1 seconds"):
        hasty.query(STUBBORN, {"x": EX + "40"})
    for thread, _ in (slow, quick):
        thread.join()
    assert slow[1] == [[expected] * 8]
    assert quick[1] == [[((42,),)] * 300]
    assert hasty.query(COUNT).rows == ((42,),)
    assert pid_of(hasty) != before


def test_a_query_that_was_ended_for_another_of_its_text_begins_again(
    open_view: Callable[..., GraphView],
) -> None:
    """An engine shows texts and not clients: so both are ended, and only one was meant."""
    hasty, patient = open_view(seconds=1.0), open_view(seconds=4.0)
    begun = time.monotonic()
    thread, errors = in_background(lambda: patient.query(PLAIN, {"x": EX + "40"}))
    with pytest.raises(BadQuery, match="longer than 1 seconds"):
        hasty.query(PLAIN, {"x": EX + "40"})
    assert not errors
    thread.join()
    assert "longer than 4 seconds" in str(errors[0])
    assert time.monotonic() - begun > 4.0


def test_each_client_has_its_own_limit(open_view: Callable[..., GraphView]) -> None:
    """The first client does not decide for the others, whether they are more patient or less."""
    first, patient = open_view(seconds=1.0), open_view(seconds=60.0)
    first.position()
    slower = SLOW.replace("500", "10000")
    assert patient.query(slower).rows
    with pytest.raises(BadQuery, match="longer than 1 seconds"):
        first.query(slower)


def test_many_queries_run_side_by_side(open_view: Callable[..., GraphView]) -> None:
    """Also more than the engine would begin at once by itself; a quick one waits for none."""
    view = open_view()
    view.position()
    slow = [in_background(lambda: view.query(PLAIN, {"x": EX + "40"})) for _ in range(6)]
    time.sleep(1.0)
    assert view.query(COUNT).rows == ((42,),)
    assert [results for _, results in slow] == [[]] * 6
    view.engine.kill()


# ------------------------------------------------------------------------------- kill -9


def test_a_killed_engine_takes_no_answer(open_view: Callable[..., GraphView]) -> None:
    views = [open_view() for _ in range(3)]
    expected = views[0].query(SLOW).rows
    waiting = [
        in_background(lambda view=view: [view.query(SLOW).rows for _ in range(6)]) for view in views
    ]
    for _ in range(2):
        time.sleep(0.7)
        if (pid := views[0].engine.pid) is not None:  # type: ignore[attr-defined]
            os.kill(pid, signal.SIGKILL)
    for thread, _ in waiting:
        thread.join()
    assert [answers for _, answers in waiting] == [[[expected] * 6]] * 3


def test_a_client_that_is_killed_while_it_waits_disturbs_nobody(
    open_view: Callable[..., GraphView], tmp_path: Path
) -> None:
    view = open_view()
    view.position()
    client = python(ENDLESS_CLIENT, tmp_path / "graph")
    assert client.stdout
    assert client.stdout.readline() == "asks\n"
    time.sleep(0.5)
    client.kill()
    client.wait()
    assert view.query(COUNT).rows == ((42,),)


@pytest.mark.parametrize("bulk_from", [1, 1 << 30], ids=["in bulk", "in a transaction"])
def test_a_client_that_is_killed_while_it_loads_leaves_all_or_nothing(
    open_view: Callable[..., GraphView], tmp_path: Path, bulk_from: int
) -> None:
    """The others go on at once, and load what is missing."""
    view = open_view()
    client = python(LOADING_CLIENT, tmp_path / "graph", bulk_from)
    assert client.stdout
    assert client.stdout.readline() == "loads\n"
    time.sleep(1.5)
    client.kill()
    client.wait()
    position = view.position()
    counted = view.query(COUNT).rows
    assert (position, counted) in [
        ((1, "seal"), ((42,),)),
        ((2, "killed"), ((30042,),)),
        (START, ((0,),)),  # half of a bulk load cannot be kept
    ]
    extra = Bundle(EX + "extra", (Element(EX + "extra", ("entity",)),), ())
    view.load([extra], position, (position[0] + 1, "after"))
    assert view.position() == (position[0] + 1, "after")


# ------------------------------------------------------------------------------- loading


@pytest.mark.parametrize("bulk_from", [1, 1 << 30], ids=["in bulk", "in a transaction"])
def test_several_clients_that_load_the_same_load_it_once(
    open_view: Callable[..., GraphView], bulk_from: int
) -> None:
    views = [open_view(bulk_from=bulk_from) for _ in range(4)]
    bundles = [
        Bundle(
            f"{EX}bundle{number}",
            tuple(Element(f"{EX}{number}-{n}", ("entity",)) for n in range(50)),
            tuple(
                Relation("wasDerivedFrom", (f"{EX}{number}-{n}", f"{EX}{n % 40}", "", "", ""))
                for n in range(50)
            ),
        )
        for number in range(4)
    ]

    def follow(view: GraphView) -> None:
        while (at := view.position())[0] < 5:
            view.load([bundles[at[0] - 1]], at, (at[0] + 1, f"seal {at[0] + 1}"))

    loading = [in_background(lambda view=view: follow(view)) for view in views]
    counts = []
    while any(thread.is_alive() for thread, _ in loading):
        counts.append(views[0].query(COUNT).rows[0][0])
    assert [results for _, results in loading] == [[None]] * 4
    assert counts == sorted(counts)
    assert views[1].position() == (5, "seal 5")
    assert views[2].query(COUNT).rows == ((242,),)
    assert views[3].query("MATCH ()-[r]->() RETURN count(r) AS n").rows == ((280,),)


def test_clearing_while_others_are_connected(open_view: Callable[..., GraphView]) -> None:
    views = [open_view() for _ in range(3)]
    assert [view.query(COUNT).rows for view in views] == [((42,),)] * 3
    views[0].clear()
    assert [view.position() for view in views] == [START] * 3
    assert [view.query(COUNT).rows for view in views] == [((0,),)] * 3
    views[1].load([diamonds()], START, (1, "again"))
    assert [view.query(COUNT).rows for view in views] == [((42,),)] * 3


def test_a_fork_asks_on_connections_of_its_own(open_view: Callable[..., GraphView]) -> None:
    view = open_view()
    assert view.query(COUNT).rows == ((42,),)
    child = os.fork()
    if not child:
        code = 1
        try:
            code = int([view.query(COUNT).rows for _ in range(20)] != [((42,),)] * 20)
            view.close()
        finally:
            os._exit(code)
    assert [view.query(COUNT).rows for _ in range(20)] == [((42,),)] * 20
    assert os.waitpid(child, 0)[1] == 0
    assert view.query(COUNT).rows == ((42,),)


# -------------------------------------------------------------------------------- the store


def test_twenty_processes_ask_and_load_at_once(tmp_path: Path) -> None:
    """Command lines and Python, on one store; the engine is killed among them."""
    with store_in(tmp_path) as store:
        for number in range(3):
            delivery(store, ADA, title=f"delivery {number}")
    command = [sys.executable, "-m", "provstore", "ask", "state-of-every-ingest", "--json"]
    environment = {**os.environ, "PROVSTORE_LINGER": "2", "PROVSTORE": str(store.directory)}
    processes = []
    for number in range(10):
        processes.append(python(PYTHON_CLIENT, store.directory, f"more {number}"))
        processes.append(
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=environment,
            )
        )
    assert soon(lambda: bool(engines_in(store.directory)), 150.0)
    time.sleep(1.0)
    for pid in engines_in(store.directory):
        os.kill(pid, signal.SIGKILL)
    for process in processes:
        text, _ = process.communicate(timeout=200)
        assert process.returncode == 0, text
        assert "in use" not in text
        if text.startswith("["):
            assert len(json.loads(text)) >= 3
    with ProvStore(store.directory) as after:
        assert len(after.ask("state-of-every-ingest", language="both").rows) == 13
    assert soon(lambda: engines_in(store.directory) == [], 20.0)


def test_a_store_that_cannot_be_written_is_asked_by_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its views are in the cache of the account, its sockets in the runtime directory."""
    if not hasattr(os, "geteuid") or os.geteuid():
        pytest.skip("only root can mount")
    with store_in(tmp_path) as store:
        delivery(store, ADA)
    place = tmp_path / "medium"
    place.mkdir()
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    source = str(store.directory)
    for options in (["--bind", source, str(place)], ["-o", "remount,bind,ro", str(place)]):
        if subprocess.run(["mount", *options], check=False).returncode:
            pytest.skip("this container cannot mount")
    try:
        before = sorted(path.name for path in store.directory.iterdir())
        with ProvStore(place) as one, ProvStore(place) as two:
            for reader in (one, two):
                assert len(reader.ask("state-of-every-ingest", language="both").rows) == 1
            sockets = [path.name for path in (tmp_path / "run").rglob("*.sock")]
            assert sorted(sockets) == ["graph.sock", "rdf.sock"]
        assert sorted(path.name for path in store.directory.iterdir()) == before
        assert not [*(tmp_path / "run").rglob("*.sock")]
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_status_says_who_shares_it_and_starts_no_engine(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        states = {view.name: view for view in store.status().views}
        assert (states["graph"].state, states["graph"].behind) == ("behind", 1)
        assert states["graph"].engine_state == "not running"
        assert engines_in(store.directory) == []
        store.cypher("RETURN 1 AS one")
        states = {view.name: view for view in store.status().views}
        assert states["graph"].state == "up to date"
        assert states["graph"].engine_state == "running, shared by 1"
        assert "native build" in states["graph"].engine
        assert states["search"].engine_state == ""
    assert engines_in(store.directory) == []
    with ProvStore(store.directory) as again:
        states = {view.name: view for view in again.status().views}
        assert (states["graph"].state, states["graph"].behind) == ("up to date", 0)
        assert states["graph"].engine_state == "not running"
        delivery(again, ADA, title="another")
        states = {view.name: view for view in again.status().views}
        assert (states["graph"].state, states["graph"].behind) == ("behind", 1)
    assert engines_in(store.directory) == []


def test_the_driver_is_loaded_without_what_only_converts_values() -> None:
    """Neither pandas nor numpy; and whoever loads them afterwards gets them."""
    program = """
import sys
import provstore.views.graph.graph_view
assert "neo4j" in sys.modules
assert not {"pandas", "numpy", "pyarrow"} & set(sys.modules)
import pandas
assert pandas.DataFrame({"a": [1]}).a.sum() == 1
"""
    assert python(program).wait() == 0
