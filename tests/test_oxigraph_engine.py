"""What holds of the built-in SPARQL engine: it answers, obeys, keeps data, and leaves no trace."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.errors import BadQuery, ViewUnavailable
from provstore.prov.model.bundle import Bundle, Element
from provstore.prov.model.terms import NAMESPACES
from provstore.results.answer import Iri
from provstore.views.rdf.oxigraph_engine import OxigraphEngine
from provstore.views.rdf.rdf_view import RdfView
from tests.require import missing
from tests.test_arcadedb_engine import gone, soon

EX = "http://example.org/"
MANY = Bundle(EX + "many", tuple(Element(f"{EX}{n}", ("entity",)) for n in range(2000)), ())
ALL = "?a a prov:Entity . ?b a prov:Entity . ?c a prov:Entity . ?d a prov:Entity"
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {ALL} }}"
GREEDY = f"SELECT * {{ {ALL} }} ORDER BY ?d"

ASKER = f"""
import sys
from pathlib import Path
from provstore.views.rdf.rdf_view import RdfView
from provstore.prov.model.terms import NAMESPACES
view = RdfView(Path(sys.argv[1]), NAMESPACES, seconds=60.0)
view.position()
print(view.engine._child.pid, flush=True)
try:
    view.query({ENDLESS!r})
except KeyboardInterrupt:
    print("interrupted", len(view.query("SELECT ?x {{ ?x a prov:Entity }}")), flush=True)
"""


@pytest.fixture
def view(tmp_path: Path) -> Iterator[RdfView]:
    """A view with 2 000 entities."""
    held = RdfView(tmp_path / "Prüfung und Ablage", NAMESPACES, seconds=60.0, megabytes=300)
    held.load([MANY], (0, ""), (1, "seal"))
    yield held
    held.close()


def pid_of(view: RdfView) -> int:
    assert view.engine._child is not None
    return view.engine._child.pid


def entities(view: RdfView) -> int:
    return len(view.query("SELECT ?x { ?x a prov:Entity }"))


def test_a_query_that_runs_away_is_ended_and_the_next_one_answered(view: RdfView) -> None:
    runaway = pid_of(view)
    view.engine.seconds = 1.0
    began = time.monotonic()
    with pytest.raises(BadQuery, match="longer than 1 seconds"):
        view.query(ENDLESS)
    assert time.monotonic() - began < 5
    assert gone(runaway)
    view.engine.seconds = 60.0
    assert entities(view) == 2000
    assert view.position() == (1, "seal")


def test_a_query_that_wants_all_memory_is_ended_and_the_next_one_answered(view: RdfView) -> None:
    if sys.platform != "linux":
        missing("linux", "only Linux tells how large a process is")
    with pytest.raises(BadQuery, match="more than 300 MB of memory"):
        view.query(GREEDY)
    assert entities(view) == 2000


def test_loading_is_not_bound_by_what_a_query_may_take(tmp_path: Path) -> None:
    view = RdfView(tmp_path / "rdf", NAMESPACES, seconds=0.05, megabytes=1)
    view.load([MANY], (0, ""), (1, "seal"))
    assert view.position() == (1, "seal")
    view.close()


def test_an_engine_that_was_killed_is_started_anew_with_all_data(view: RdfView) -> None:
    os.kill(pid_of(view), signal.SIGKILL)
    assert entities(view) == 2000


def test_an_answer_is_cut_where_it_is_told_to_be(view: RdfView) -> None:
    text = "SELECT ?x { ?x a prov:Entity } ORDER BY ?x"
    whole = view.query(text, rows=2000)
    assert (len(whole), whole.cut) == (2000, False)
    some = view.query(text, rows=7)
    assert (some.rows, some.cut) == (whole.rows[:7], True)
    assert view.query(text, rows=1).remarks() == [
        "The answer was cut: there are more rows than the limit (1)."
    ]


def test_what_is_not_understood_costs_no_engine(view: RdfView) -> None:
    before = pid_of(view)
    for text in ("SELECT nonsense", "INSERT DATA { <a:b> <a:b> <a:b> }", "ASK { ?s nope:x ?o }"):
        with pytest.raises(BadQuery):
            view.query(text)
    assert pid_of(view) == before


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


def test_two_cannot_own_one_directory(view: RdfView) -> None:
    other = OxigraphEngine(view.engine.directory, seconds=1.0, megabytes=0)
    with pytest.raises(ViewUnavailable, match="in use by process"):
        other.send({"graph": "x:y"})
    held = entities(view)
    with pytest.raises(ViewUnavailable, match="in use by process"):
        other.clear()
    assert held
    assert entities(view) == held


def test_a_directory_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "rdf").mkdir()
    (tmp_path / "rdf" / "CURRENT").write_text("nonsense")
    view = RdfView(tmp_path / "rdf", NAMESPACES)
    with pytest.raises(ViewUnavailable, match="rebuild rdf"):
        view.position()
    view.clear()
    assert view.position() == (0, "")
    view.close()


def asker(view: RdfView) -> "tuple[subprocess.Popen[str], int]":
    """Another process that asks something endless of this view's directory."""
    view.close()
    process = subprocess.Popen(
        [sys.executable, "-c", ASKER, str(view.engine.directory)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def test_an_interrupt_ends_the_query_and_the_store_goes_on(view: RdfView) -> None:
    process, runaway = asker(view)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert said == "interrupted 2000\n"
    assert gone(runaway)


def test_nothing_outlives_whoever_asked(view: RdfView) -> None:
    """Killed in the middle of a query, it leaves an engine that notices, and a free directory."""
    process, runaway = asker(view)
    time.sleep(0.5)
    process.kill()
    process.wait()
    assert entities(view) == 2000
    assert soon(lambda: gone(runaway))
