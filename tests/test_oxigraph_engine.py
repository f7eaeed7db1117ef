"""What holds of the built-in SPARQL engine: it answers, obeys, keeps data, and leaves no trace."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import psutil
import pytest

from provstore.errors import BadQuery, ViewUnavailable
from provstore.prov.model.bundle import Bundle, Element
from provstore.prov.model.terms import NAMESPACES
from provstore.results.answer import Iri
from provstore.views.rdf.rdf_view import RdfView
from provstore.views.view_contract import ViewNotAtPosition
from tests.processes import engines_in, is_gone, soon
from tests.require import missing
from tests.torture import readers
from tests.torture.figures import Figures

EX = "http://example.org/"
START, ONE, TWO = (0, ""), (1, "chain"), (2, "chain 2")
MANY = Bundle(EX + "many", tuple(Element(f"{EX}{n}", ("entity",)) for n in range(2000)), ())
MORE = Bundle(EX + "more", tuple(Element(f"{EX}new/{n}", ("entity",)) for n in range(3000)), ())
ALL = "?a a prov:Entity . ?b a prov:Entity . ?c a prov:Entity . ?d a prov:Entity"
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {ALL} }}"
GREEDY = f"SELECT * {{ {ALL} }} ORDER BY ?d"
LONG = "SELECT (COUNT(*) AS ?n) { ?a a prov:Entity . ?b a prov:Entity }"

CLIENT = f"""
import sys, time
from pathlib import Path
from provstore.views.rdf.rdf_view import RdfView
from provstore.prov.model.bundle import Bundle, Element
from provstore.prov.model.terms import NAMESPACES
view = RdfView(Path(sys.argv[1]), NAMESPACES, seconds=60.0, linger=0.5)
view.position()

def half():
    yield Bundle("{EX}half", (Element("{EX}half/1", ("entity",)),), ())
    print("half", flush=True)
    time.sleep(60)

print("ready", flush=True)
try:
    if sys.argv[2] == "load":
        view.load(half(), (1, "chain"), (2, "lost"))
    else:
        view.query({ENDLESS!r})
except KeyboardInterrupt:
    print("interrupted", len(view.query("SELECT ?x {{ ?x a prov:Entity }}")), flush=True)
"""


def view_of(directory: Path) -> RdfView:
    return RdfView(directory, NAMESPACES, seconds=60.0, megabytes=300, linger=0.5)


@pytest.fixture
def view(tmp_path: Path) -> Iterator[RdfView]:
    """A view with 2 000 entities; afterwards its engine ends and leaves only its data."""
    opened = view_of(tmp_path / "Prüfung und Ablage" / "rdf")
    opened.engine.directory.parent.mkdir()
    opened.load([MANY], START, ONE)
    yield opened
    opened.close()
    assert soon(lambda: not engines_in(tmp_path))
    assert names_in(opened) <= {"rdf", "rdf.log", "rdf.lock", "data"}


def names_in(view: RdfView) -> set[str]:
    directory = view.engine.directory
    return {one.name for one in (*directory.parent.iterdir(), *directory.iterdir())}


def host_of(view: RdfView) -> int:
    state = view.engine.shared.state()
    assert state is not None
    return state.pid


def workers_of(view: RdfView) -> set[int]:
    return {child.pid for child in psutil.Process(host_of(view)).children()}


def busy_workers(view: RdfView) -> set[int]:
    """The workers that are calculating now."""
    busy = set()
    for pid in workers_of(view):
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).cpu_percent(0.1) > 5:
                busy.add(pid)
    return busy


def entities(view: RdfView) -> int:
    return len(view.query("SELECT ?x { ?x a prov:Entity }"))


@contextmanager
def in_background(view: RdfView, work: Callable[[RdfView], object]) -> Iterator[list[object]]:
    """Let another client of the same directory work; the list gets its result, or its error."""
    results: list[object] = []
    other = view_of(view.engine.directory)

    def run() -> None:
        try:
            results.append(work(other))
        except Exception as error:
            results.append(error)
        other.close()

    thread = Thread(target=run)
    thread.start()
    yield results
    thread.join()


@contextmanager
def endless(view: RdfView) -> Iterator[int]:
    """Let another process ask something endless meanwhile; gives the process of its worker."""
    process = client(view, "query")
    assert soon(lambda: bool(busy_workers(view)))
    (worker,) = busy_workers(view)
    yield worker
    assert not is_gone(worker)
    process.kill()
    process.communicate()
    assert soon(lambda: is_gone(worker))


def client(view: RdfView, work: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(view.engine.directory), work],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


# ----------------------------------------------------------------------------------- the limits


def test_a_query_that_runs_away_is_ended_and_the_next_one_answered(view: RdfView) -> None:
    (runaway,) = workers_of(view)
    view.engine.seconds = 0.5
    with pytest.raises(BadQuery, match=r"longer than 0\.5 seconds"):
        view.query(ENDLESS)
    assert is_gone(runaway)
    view.engine.seconds = 60.0
    assert entities(view) == 2000
    assert view.position() == ONE


def test_a_query_that_wants_all_memory_is_ended_and_the_next_one_answered(view: RdfView) -> None:
    if sys.platform != "linux":
        missing("linux", "only Linux tells how large a process is")
    with pytest.raises(BadQuery, match="more than 300 MB of memory"):
        view.query(GREEDY)
    assert entities(view) == 2000


def test_a_query_that_must_be_ended_ends_only_itself(view: RdfView) -> None:
    """Also for want of memory; others keep their workers, and are not asked twice."""
    host = host_of(view)
    with endless(view), in_background(view, lambda other: other.query(LONG).rows) as rows:
        view.engine.seconds = 0.5
        with pytest.raises(BadQuery, match=r"0\.5 seconds"):
            view.query(ENDLESS)
        view.engine.seconds = 60.0
        with pytest.raises(BadQuery, match="300 MB"):
            view.query(GREEDY)
    assert rows == [((2000 * 2000,),)]
    assert host_of(view) == host


def test_each_client_has_limits_of_its_own(view: RdfView) -> None:
    strict = RdfView(view.engine.directory, NAMESPACES, seconds=0.2, megabytes=1, linger=0.5)
    with pytest.raises(BadQuery, match=r"0\.2 seconds"):
        strict.query(LONG)
    assert view.query(LONG).rows == ((2000 * 2000,),)
    strict.close()


def test_loading_is_not_bound_by_what_a_query_may_take(tmp_path: Path) -> None:
    view = RdfView(tmp_path / "rdf", NAMESPACES, seconds=0.05, megabytes=1, linger=0.0)
    view.load([MANY], START, ONE)
    assert view.position() == ONE
    view.close()


# ------------------------------------------------------------------------------------- together


def test_queries_run_side_by_side(view: RdfView) -> None:
    with endless(view) as first, in_background(view, lambda other: other.query(LONG)) as answers:
        assert soon(lambda: len(busy_workers(view) | {first}) == 2 or bool(answers))
        assert entities(view) == 2000


@pytest.mark.parametrize("bulk_from", [10**9, 1])
def test_loading_goes_on_beside_reading(
    view: RdfView, bulk_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provstore.views.rdf.rdf_view.BULK_BYTES", bulk_from)
    with endless(view):
        view.load([MORE], ONE, TWO)
        assert view.query("ASK {}", {}, at=TWO).rows == ((True,),)
        assert entities(view) == 5000
        with pytest.raises(ViewNotAtPosition):
            view.query("ASK {}", {}, at=ONE)


def test_a_position_is_reached_by_one_of_those_who_load_it(view: RdfView) -> None:
    """Who comes too late gives nothing, and does not even say it in RDF."""
    late = []

    def late_ones() -> Iterator[Bundle]:
        late.append(1)
        yield Bundle(EX + "late", (Element(EX + "late", ("entity",)),), ())

    with in_background(view, lambda other: other.load(late_ones(), ONE, (2, "other"))) as first:
        view.load([MORE], ONE, TWO)
    assert first == [None]
    assert view.position() in (TWO, (2, "other"))
    view.load(late_ones(), ONE, (2, "third"))
    assert len(late) == (view.position() == (2, "other"))
    assert entities(view) == (2001 if late else 5000)


def test_others_go_on_when_a_view_is_cleared(view: RdfView) -> None:
    """A running query finishes with the data that it began with; the next one sees the new ones."""
    with endless(view) as worker, in_background(view, lambda other: other.query(LONG).rows) as rows:
        assert soon(lambda: busy_workers(view) > {worker} or bool(rows))
        view.clear()
        assert view.position() == START
        assert entities(view) == 0
        view.load([MORE], START, ONE)
        assert entities(view) == 3000
    assert rows == [((2000 * 2000,),)]


def test_20_processes_ask_and_load_at_once() -> None:
    """Every answer is that of a whole position, and queries without end end alone."""
    crowd = readers.Crowd(loaders=6, readers=12, endless=2, seconds=6.0)
    figures = readers.ask_together(crowd, Figures("readers"))
    assert not figures.findings, figures.text()
    for count in ("loads", "answers at a position", "answers at any position", "queries ended"):
        assert figures.counts[count], figures.text()


# --------------------------------------------------------------------------------- kill and stop


def test_kills_of_anybody_disturb_nobody() -> None:
    crowd = readers.Crowd(loaders=2, readers=3, endless=1, seconds=15.0, kills_every=2.0)
    figures = readers.ask_together(crowd, Figures("readers"))
    assert not figures.findings, figures.text()
    assert figures.counts["killed"] > 3


@pytest.mark.parametrize("moved", [False, True])
def test_a_directory_that_is_removed_meanwhile_gets_a_new_engine(
    view: RdfView, moved: bool, tmp_path: Path
) -> None:
    directory, host = view.engine.directory, host_of(view)
    if moved:
        directory.rename(tmp_path / "moved")
    while directory.exists():  # the engine may make and remove files at the same time
        shutil.rmtree(directory, ignore_errors=True)
    assert view.position() == START
    view.load([MORE], START, ONE)
    assert entities(view) == 3000
    assert soon(lambda: is_gone(host))


def test_an_engine_that_was_killed_is_started_anew_with_all_data(view: RdfView) -> None:
    host, workers = host_of(view), workers_of(view)
    os.kill(host, signal.SIGKILL)
    assert entities(view) == 2000
    assert soon(lambda: all(map(is_gone, {host, *workers})))


def test_a_query_whose_engine_or_worker_is_killed_is_repeated(view: RdfView) -> None:
    for find in (lambda: busy_workers(view), lambda: {host_of(view)}):
        with in_background(view, lambda other: other.query(LONG).rows) as rows:
            assert soon(lambda: bool(busy_workers(view)))
            for pid in find():
                os.kill(pid, signal.SIGKILL)
        assert rows == [((2000 * 2000,),)]


def test_a_query_that_kills_each_worker_is_given_up(view: RdfView) -> None:
    with in_background(view, lambda other: other.query(ENDLESS)) as results:
        while not results:
            for pid in busy_workers(view):
                os.kill(pid, signal.SIGKILL)
    (error,) = results
    assert isinstance(error, ViewUnavailable)
    assert "exit -9" in str(error)


def test_who_is_killed_in_the_middle_of_a_load_leaves_nothing(view: RdfView) -> None:
    process = client(view, "load")
    assert process.stdout
    assert process.stdout.readline() == "half\n"
    process.kill()
    process.communicate()
    assert (view.position(), entities(view)) == (ONE, 2000)
    view.load([MORE], ONE, TWO)
    assert (view.position(), entities(view)) == (TWO, 5000)


def test_an_interrupt_ends_the_query_and_the_store_goes_on(view: RdfView) -> None:
    process = client(view, "query")
    assert soon(lambda: bool(busy_workers(view)))
    (runaway,) = busy_workers(view)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert output == "interrupted 2000\n"
    assert is_gone(runaway)


def test_nothing_outlives_whoever_asked(view: RdfView) -> None:
    """Who is killed in the middle of a query leaves an engine that notices."""
    process = client(view, "query")
    host = host_of(view)
    view.close()
    process.kill()
    process.communicate()
    assert soon(lambda: is_gone(host))


def test_20_starts_and_stops_leave_no_process_and_no_file(tmp_path: Path) -> None:
    hosts = set()
    for number in range(20):
        view = RdfView(tmp_path / "rdf", NAMESPACES, linger=0.0)
        view.load([], (number, ""), (number + 1, ""))
        assert view.query("ASK {}", {}, at=(number + 1, "")).rows == ((True,),)
        hosts.add(host_of(view))
        view.close()
        if number % 2:
            assert soon(lambda: not engines_in(tmp_path))
            assert names_in(view) == {"rdf", "rdf.log", "rdf.lock", "data"}
    assert len(hosts) >= 10
    assert soon(lambda: not engines_in(tmp_path))


def test_the_socket_can_be_in_a_directory_of_its_own(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    views = [RdfView(tmp_path / "rdf", NAMESPACES, linger=0.0, runtime=runtime) for _ in range(2)]
    views[0].load([MANY], START, ONE)
    assert entities(views[1]) == 2000
    assert [one.name for one in runtime.iterdir()] == ["rdf.sock"]
    assert views[0].engine.shared.state() == views[1].engine.shared.state()
    for one in views:
        one.close()


# -------------------------------------------------------------------------------------- answers


def test_an_answer_is_cut_where_it_is_told_to_be(view: RdfView) -> None:
    text = "SELECT ?x { ?x a prov:Entity } ORDER BY ?x"
    whole = view.query(text, rows=2000)
    assert (len(whole), whole.cut) == (2000, False)
    some = view.query(text, rows=7)
    assert (some.rows, some.cut) == (whole.rows[:7], True)
    assert view.query(text, rows=1).remarks() == [
        "The answer was cut: there are more rows than the limit (1)."
    ]


def test_a_large_answer_arrives_whole(view: RdfView) -> None:
    """Also if it is read by nobody else meanwhile, and is larger than all buffers."""
    text = "SELECT ?a ?b { ?a a prov:Entity . ?b a prov:Entity } LIMIT 100000"
    assert len({*view.query(text).rows}) == 100_000


def test_what_is_not_understood_costs_no_worker(view: RdfView) -> None:
    before = workers_of(view)
    for text in ("SELECT nonsense", "INSERT DATA { <a:b> <a:b> <a:b> }", "ASK { ?s nope:x ?o }"):
        with pytest.raises(BadQuery):
            view.query(text)
    assert workers_of(view) == before


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("ASK { $x a prov:Entity }", ((True,),)),
        ("CONSTRUCT { $x a prov:Plan } { $x a prov:Entity }",
         ((EX + "7", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
           "http://www.w3.org/ns/prov#Plan"),)),
        ("SELECT $x ?n { $x a ?t BIND(1.5 AS ?n) }", ((EX + "7", 1.5),)),
        ("SELECT $x ?n { $x a ?t BIND('é\\n' AS ?n) }", ((EX + "7", "é\n"),)),
        ("SELECT $x ?n ?m { $x a ?t BIND('e'@de AS ?n) }", ((EX + "7", "e", None),)),
        ("SELECT $x ?n { $x a ?t BIND('1'^^xsd:dateTime AS ?n) }", ((EX + "7", "1"),)),
    ],
)  # fmt: skip
def test_every_form_of_query_gives_rows(view: RdfView, text: str, rows: object) -> None:
    assert view.query(text, {"x": Iri(EX + "7")}).rows == rows


def test_a_directory_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "rdf" / "data").mkdir(parents=True)
    (tmp_path / "rdf" / "data" / "CURRENT").write_text("nonsense")
    view = RdfView(tmp_path / "rdf", NAMESPACES, linger=0.0)
    with pytest.raises(ViewUnavailable, match="rebuild rdf"):
        view.position()
    view.clear()
    assert view.position() == START
    view.close()
