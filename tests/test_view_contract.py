"""One contract for every view: the graph view on each engine, the RDF view, the search view."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from threading import Event, Thread, Timer

import pyoxigraph as ox
import pytest

from provstore.errors import BadQuery
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from provstore.prov.model.terms import LABEL, NAMESPACES, PROV, TYPE, XSD
from provstore.prov.notations import prov_o
from provstore.prov.property_graph import graph_rows
from provstore.prov.property_graph.graph_rows import Node, Relationship, Rows
from provstore.results.answer import Iri
from provstore.views.graph import loading
from provstore.views.graph.graph_view import Engine, GraphView, Neo4jServer
from provstore.views.rdf.oxigraph_engine import POSITION_IRI
from provstore.views.rdf.rdf_view import RdfView
from provstore.views.rdf.sparql import bind_known_iris
from provstore.views.search import SearchView
from provstore.views.view_contract import QueryView, View, ViewNotAtPosition
from tests.engines import ENGINES
from tests.reports import WHOLE, life, prov_of

EX = "http://example.org/"
START = (0, "")


def opened(engine: Engine) -> Iterator[GraphView]:
    """An empty graph view on an engine that others use too."""
    view = GraphView(engine, seconds=60.0)
    view.clear()
    yield view
    view._disconnect()


@pytest.fixture
def graph(engine: Engine) -> Iterator[GraphView]:
    yield from opened(engine)


@pytest.fixture
def rdf(tmp_path: Path) -> RdfView:
    return RdfView(tmp_path / "rdf", NAMESPACES)


def whole_life() -> list[Bundle]:
    reports = life(*WHOLE)
    return [prov_of(one, reports[:index], IngestIris()) for index, one in enumerate(reports)]


def bundle(name: str, *things: Element | Relation) -> Bundle:
    elements = tuple(item for item in things if isinstance(item, Element))
    relations = tuple(item for item in things if isinstance(item, Relation))
    return Bundle(EX + name, elements, relations)


def entity(name: str, *pairs: tuple[str, Value]) -> Element:
    return Element(EX + name, ("entity",), pairs)


def load(view: View, *bundles: Bundle) -> None:
    """One bundle after the other, each in a transaction of its own."""
    for one in bundles:
        position, seal = view.position()
        view.load([one], (position, seal), (position + 1, f"seal {position + 1}"))


def held(view: GraphView) -> tuple[set[object], set[object]]:
    """All nodes and relationships, in a form that can be compared."""
    nodes = view.query("MATCH (n:Resource) RETURN n.uri, n AS node").rows
    relationships = view.query("MATCH (a:Resource)-[r]->(b) RETURN a.uri, r, b.uri").rows
    return {repr((uri, sorted(node.items()))) for uri, node in nodes}, {
        repr((a, sorted(r.items()), b)) for a, r, b in relationships
    }


def rows_of(view: GraphView, bundle: Bundle) -> Rows:
    """What the engine holds, as the rows that `property_graph.read` takes."""
    keys = graph_rows.bundle_to_rows(bundle).keys
    nodes = []
    for (found,) in view.query("MATCH (n:Resource) RETURN n AS node").rows:
        assert isinstance(found, dict)
        labels = tuple(map(str, found.pop("labels")))
        nodes.append(Node(str(found["uri"]), labels, found))
    relationships = []
    text = "MATCH (a:Resource)-[r]->(b) RETURN a.uri, b.uri, type(r), properties(r)"
    for start, end, kind, properties in view.query(text).rows:
        relationships.append(Relationship(str(kind), str(start), str(end), properties))
    return Rows(bundle.iri, tuple(nodes), tuple(relationships), keys)


# ----------------------------------------------------------------------------- the graph view


def test_a_bundle_can_be_read_back_from_the_graph(graph: GraphView) -> None:
    for one in whole_life()[:4]:
        graph.clear()
        load(graph, one)
        assert graph_rows.rows_to_bundle(rows_of(graph, one)) == one


def test_any_order_of_loading_gives_the_same_graph(graph: GraphView) -> None:
    number = Value("7", XSD + "integer")
    first = bundle("b1", entity("x", (LABEL, Value("one")), (EX + "size", number)))
    second = bundle(
        "b2", entity("x", (LABEL, Value("two")), (TYPE, Value(PROV + "Plan", "@id"))), entity("y")
    )
    third = bundle(
        "b3",
        Element(EX + "x", ("agent", "entity"), ((EX + "size", Value("8")),)),
        Relation("wasDerivedFrom", (EX + "y", EX + "x", "", "", "")),
    )
    seen = []
    for order in permutations([first, second, third]):
        graph.clear()
        load(graph, *order)
        seen.append(held(graph))
    graph.clear()
    graph.load([first, second, third], START, (3, "seal 3"))
    assert all(one == held(graph) for one in seen)
    (found,) = graph.query("MATCH (n:Resource {uri: $x}) RETURN labels(n)", {"x": EX + "x"}).rows
    assert {"Agent", "Entity", "Plan", "Resource"} == set(found[0])


def test_a_batch_and_single_steps_give_the_same_graph(graph: GraphView) -> None:
    bundles = whole_life()
    load(graph, *bundles)
    one_by_one = held(graph)
    graph.clear()
    graph.load(bundles, START, (len(bundles), "end"))
    assert held(graph) == one_by_one


def test_the_bulk_way_gives_the_same_graph(graph: GraphView, engine: Engine) -> None:
    """Also what is there already is added to, and values are of the same types."""
    kinds = ("3", "long"), ("0.5", "double"), ("true", "boolean"), ("2026-03-02", "date")
    values = tuple((EX + kind, Value(text, XSD + kind)) for text, kind in kinds)
    several = tuple((EX + "several", Value(text, XSD + "long")) for text in "123")
    relation = Relation("used", (EX + "a", EX + "x", ""), "", (*values, *several))
    bundles = [
        *whole_life(),
        bundle("b1", *(entity(name, *values, *several) for name in "xyz")),
        bundle("b2", entity("y", (TYPE, Value(PROV + "Plan", "@id"))), entity("v"), relation),
    ]
    load(graph, *bundles)
    ordinary = held(graph)
    in_bulk = GraphView(engine, seconds=60.0, bulk_from=1)
    for parts in ([[one] for one in bundles], [bundles]):
        in_bulk.clear()
        for part in parts:
            position, seal = in_bulk.position()
            in_bulk.load(part, (position, seal), (position + 1, "seal"))
        assert in_bulk.position() == (len(parts), "seal")
        assert held(in_bulk) == ordinary
        in_bulk.load(bundles, START, (9, "late"))
        assert held(in_bulk) == ordinary
    graph._disconnect()
    load(graph, bundle("after", entity("of another kind", (TYPE, Value(EX + "New", "@id")))))
    in_bulk._disconnect()


def test_what_was_half_written_is_forgotten(
    graph: GraphView, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = whole_life()
    load(graph, first)
    in_bulk = GraphView(engine, seconds=60.0, bulk_from=1)

    def ends(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(loading, "_in_parts" if engine.bulk is None else "_by_type", ends)
        if engine.bulk is None:
            patched.setattr(loading, "_by_type", lambda _: {"used": [{}]})
        with pytest.raises(KeyboardInterrupt):
            in_bulk.load(others, graph.position(), (2, "seal"))
    in_bulk._disconnect()
    if engine.bulk is None:
        graph.load(others, graph.position(), (2, "seal"))
    assert graph.position() == START
    assert held(graph) == (set(), set())
    graph.load([first], START, (1, "seal 1"))
    assert graph_rows.rows_to_bundle(rows_of(graph, first)) == first


def test_values_come_back_as_they_were(graph: GraphView) -> None:
    said = {
        "text": Value('a "quoted"\n\\text{}\' ü 漢 \U0001f30d'),
        "empty": Value(""),
        "long": Value("9223372036854775807", XSD + "long"),
        "huge": Value("9" * 40, XSD + "integer"),
        "half": Value("0.5", XSD + "double"),
        "odd": Value("0.50", XSD + "double"),
        "yes": Value("true", XSD + "boolean"),
        "one": Value("1", XSD + "boolean"),
        "day": Value("2026-03-02", XSD + "date"),
        "nan": Value("NaN", XSD + "double"),
        "word": Value("Wort", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "de"),
    }
    pairs = [(EX + name, value) for name, value in said.items()]
    several = [(EX + "several", value) for value in said.values()]
    one = bundle("b", entity("x", *pairs, *several))
    load(graph, one)
    assert graph_rows.rows_to_bundle(rows_of(graph, one)) == one


WRITES = [
    "CREATE (n:Resource {uri: 'x'})",
    "MATCH (n:Resource) SET n.x = 1",
    "MATCH (n:Resource) REMOVE n.name",
    "MATCH (n:Resource) DETACH DELETE n",
    "MERGE (n:Resource {uri: 'y'})",
    "MATCH (a:Resource), (b:Resource) CREATE (a)-[:used]->(b)",
    "CREATE INDEX FOR (n:Resource) ON (n.name)",
    "MATCH (n:Resource) CALL (n) { SET n.x = 1 } RETURN n",
    "FOREACH (x IN [1] | CREATE (:Resource {uri: 'z'}))",
    "LOAD CSV FROM 'file:///etc/hosts' AS line RETURN line",
]


@pytest.mark.parametrize("text", WRITES)
def test_nothing_can_be_written_with_a_query(graph: GraphView, text: str) -> None:
    load(graph, bundle("b", entity("x"), entity("y")))
    before = held(graph)
    with pytest.raises(BadQuery):
        graph.query(text)
    assert held(graph) == before


ENDLESS = (
    "MATCH (e:Resource {uri: $x})-[:wasDerivedFrom|wasInfluencedBy*1..]->(y) RETURN y, count(*)"
)


def diamonds() -> Bundle:
    """A ladder of diamonds: asked for every path, there are 2⁴⁰."""
    steps = [
        Relation("wasDerivedFrom", (f"{EX}{n + 1}", f"{EX}{n}", "", "", "")) for n in range(40)
    ]
    twins = [Relation("wasInfluencedBy", (f"{EX}{n + 1}", f"{EX}{n}")) for n in range(40)]
    return bundle("b", *(entity(str(n)) for n in range(41)), *steps, *twins)


def test_a_query_that_never_ends_is_ended(graph: GraphView) -> None:
    load(graph, diamonds())
    graph.seconds = 2.0
    with pytest.raises(BadQuery):
        graph.query(ENDLESS, {"x": f"{EX}40"})
    graph.seconds = 60.0
    assert graph.query("MATCH (n:Entity) RETURN count(n)").rows == ((41,),)


def test_an_interrupt_ends_the_query_and_the_graph_goes_on(graph: GraphView) -> None:
    """On a server, too, nothing goes on running of which nobody waits for the end."""
    load(graph, diamonds())
    Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        graph.query(ENDLESS, {"x": f"{EX}40"})
    assert time.monotonic() - begun < graph.seconds / 2
    assert graph.query("MATCH (n:Entity) RETURN count(n)").rows == ((41,),)
    if isinstance(graph.engine, Neo4jServer):
        for _ in range(100):
            running = graph.query("SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery").rows
            if (ENDLESS,) not in running:
                break
            time.sleep(0.1)
        assert (ENDLESS,) not in running


def test_what_was_ended_leaves_the_connection_alone_that_was_made_since(graph: GraphView) -> None:
    graph.query("RETURN 1")
    before = graph._drivers
    graph._disconnect()
    graph.query("RETURN 1")
    made_since = graph._drivers
    graph._abandon_engine(before)
    assert graph._drivers is made_since


@pytest.mark.parametrize("text", ["RETURN", "MATCH (n) RETURN m", "RETURN $nothing"])
def test_a_query_that_is_not_understood_is_said_to_be_bad(graph: GraphView, text: str) -> None:
    with pytest.raises(BadQuery, match="Cypher"):
        graph.query(text)


# ------------------------------------------------------------------------------- the RDF view


def test_a_bundle_can_be_read_back_from_its_named_graph(rdf: RdfView) -> None:
    bundles = whole_life()
    rdf.load(bundles, START, (len(bundles), "end"))
    for one in bundles:
        answer = rdf.query("SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }", {"g": Iri(one.iri)})
        lines = prov_o.parse(prov_o.nquads(one))[one.iri]
        assert len(answer) == len(lines)


def test_the_default_graph_is_the_union_without_doubles(rdf: RdfView) -> None:
    rdf.load([bundle("b1", entity("x")), bundle("b2", entity("x"))], START, (2, "seal"))
    answer = rdf.query("SELECT (COUNT(*) AS ?n) { ?x a prov:Entity }")
    assert answer.rows == ((1,),)
    answer = rdf.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?x a prov:Entity } }")
    assert answer.rows == ((2,),)


def test_the_bulk_way_and_the_careful_way_hold_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a crash came between the bulk and the mark, so that all is loaded again."""
    bundles = whole_life()
    text = "SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    seen = []
    for name, least in (("careful", 1 << 40), ("bulk", 0)):
        monkeypatch.setattr("provstore.views.rdf.rdf_view.BULK_BYTES", least)
        view = RdfView(tmp_path / name, NAMESPACES)
        if name == "bulk":
            view.load(bundles[:5], START, START)
            assert view.position() == START
        view.load(bundles, START, (len(bundles), "end"))
        assert view.position() == (len(bundles), "end")
        seen.append({row for row in view.query(text).rows if row[0] != POSITION_IRI})
        view.close()
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * {#'\nSERVICE <http://127.0.0.1:9/> { ?s ?p ?o } #'\n}",
        "SELECT * { ?s ?p '\\'' . SERVICE <http://127.0.0.1:9/> { ?s ?p '' } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "INSERT DATA { <http://example.org/a> <http://example.org/b> 1 }",
        "LOAD <file:///etc/hosts>",
        "DROP ALL",
    ],
)
def test_sparql_stays_within_the_store_and_writes_nothing(rdf: RdfView, text: str) -> None:
    with pytest.raises(BadQuery):
        rdf.query(text)


def test_service_may_be_a_word_in_a_text_or_a_name(rdf: RdfView) -> None:
    text = (
        "PREFIX service: <http://example.org/SERVICE/> "
        "SELECT ?SERVICE { ?SERVICE service:SERVICE 'a SERVICE' } # SERVICE"
    )
    assert rdf.query(text).rows == ()


# ------------------------------------------------------------------------------ every view


def each_view(name: str, engines: dict[str, Engine], place: Path) -> Iterator[View]:
    if name == "rdf":
        yield RdfView(place / "rdf", NAMESPACES)
    elif name == "search":
        yield SearchView(place / "search.sqlite", NAMESPACES)
    else:
        yield from opened(engines[name])


@pytest.fixture(params=[*ENGINES, "rdf", "search"])
def view(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path: Path
) -> Iterator[View]:
    """Each view in turn."""
    yield from each_view(request.param, engines, tmp_path)


@pytest.fixture(params=[*ENGINES, "rdf"])
def queried(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path: Path
) -> Iterator[View]:
    """Each view that speaks a language in turn."""
    yield from each_view(request.param, engines, tmp_path)


def entities(view: View) -> list[object]:
    """The entities that a view holds, by whatever it is asked with."""
    if isinstance(view, SearchView):
        return [hit.iri for hit in view.search("").hits]
    text = {"graph": "MATCH (n:Entity) RETURN n.uri", "rdf": "SELECT ?x { ?x a prov:Entity }"}
    assert isinstance(view, GraphView | RdfView)
    return [row[0] for row in view.query(text[view.name], {}).rows]


def test_a_new_view_is_at_the_beginning(view: View) -> None:
    assert view.position() == START


def test_the_mark_moves_with_the_data(view: View) -> None:
    load(view, bundle("b1", entity("x")), bundle("b2", entity("y")))
    assert view.position() == (2, "seal 2")


def test_a_view_knows_where_it_is_whoever_else_asks_meanwhile(view: View) -> None:
    """Who looks while another loads sees it before or after, and leaves it so."""
    seen: list[tuple[int, str]] = []
    over = Event()

    def look() -> None:
        while not over.is_set():
            seen.append(view.position())

    threads = [Thread(target=look) for _ in range(4)]
    for one in threads:
        one.start()
    for number in range(1, 31):
        load(view, bundle(f"b{number}", entity(f"x{number}")))
        assert view.position() == (number, f"seal {number}")
    over.set()
    for one in threads:
        one.join()
    assert set(seen) <= {START, *((number, f"seal {number}") for number in range(1, 31))}


def test_a_view_that_is_elsewhere_takes_nothing(view: View) -> None:
    load(view, bundle("b1", entity("x")))
    view.load([bundle("b2", entity("y"))], START, (9, "wrong"))
    view.load([bundle("b2", entity("y"))], (1, "other"), (9, "wrong"))
    assert view.position() == (1, "seal 1")
    assert entities(view) == [EX + "x"]


def test_a_cleared_view_is_empty(view: View) -> None:
    load(view, bundle("b1", entity("x")))
    view.clear()
    assert view.position() == START
    assert entities(view) == []
    load(view, bundle("b2", entity("y")))
    assert entities(view) == [EX + "y"]


def test_an_emptied_graph_has_nothing_at_all(queried: QueryView) -> None:
    load(queried, bundle("b1", entity("x")))
    queried.clear()
    text = {"graph": "MATCH (n) RETURN count(n)", "rdf": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
    assert queried.query(text[queried.name], {}).rows == ((0,),)


def test_a_view_answers_where_it_is_and_nowhere_else(queried: QueryView) -> None:
    text = "RETURN 1 AS one" if queried.name == "graph" else "SELECT (1 AS ?one) {}"
    assert queried.query(text, {}, at=START).rows == ((1,),)
    load(queried, bundle("b", entity("x")))
    assert queried.query(text, {}, at=queried.position()).rows == ((1,),)
    for elsewhere in (START, (1, "another seal"), (2, "seal 1")):
        with pytest.raises(ViewNotAtPosition):
            queried.query(text, {}, at=elsewhere)


def test_an_answer_is_cut_after_so_many_rows(queried: QueryView) -> None:
    load(queried, bundle("b1", *(entity(f"x{number}") for number in range(20))))
    text = {
        "graph": "MATCH (n:Entity) RETURN n.uri AS x ORDER BY x",
        "rdf": "SELECT ?x { ?x a prov:Entity } ORDER BY ?x",
    }[queried.name]
    whole = queried.query(text, {}, rows=20)
    some = queried.query(text, {}, rows=4)
    assert (len(whole), whole.cut) == (20, False)
    assert (some.rows, some.cut) == (whole.rows[:4], True)


def test_a_time_keeps_its_instant_as_a_parameter(queried: QueryView) -> None:
    moment = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=2)))
    text = {"graph": "RETURN datetime($t) AS t", "rdf": "SELECT $t {}"}[queried.name]
    assert queried.query(text, {"t": moment}).csv().splitlines()[1] == "2026-03-02T07:00:00Z"


def test_after_explain_the_answer_is_the_plan(graph: GraphView) -> None:
    load(graph, bundle("b1", entity("x")))
    answer = graph.query("EXPLAIN MATCH (n:Resource {uri: $x}) RETURN n.uri", {"x": EX + "x"})
    assert answer.columns == ("plan",)
    assert len(answer) > 1
    assert "uri" in answer.csv()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("SELECT $x ?y { $x ?p ?y }", 1),
        ("SELECT ?x ?y WHERE { ?x ?p ?y }", 1),
        ("SELECT $x { { SELECT DISTINCT $x ?y { $x ?p ?y } } }", 2),
        ("SELECT $x { SELECT $x { $x ?p ?o } }", 1),
        ("SELECT $x { # why\n SELECT $x { $x ?p ?o } }", 1),
        ("SELECT ?y { ?y ?p ?o }", 0),
        ("SELECT (COUNT(?x) AS ?n) { ?x ?p ?o }", 0),
        ("SELECT (EXISTS { $x ?p ?o } AS ?e) $x { $x ?p ?o }", 1),
        ("SELECT $literal { $literal ?p ?o }", 0),
        ("SELECT ?y { ?y ?p 'SELECT $x {' } # SELECT $x {", 0),
        ("ASK { $x ?p ?o }", 0),
    ],
)
def test_each_select_is_told_what_is_known_and_nothing_else_is(text: str, places: int) -> None:
    told = bind_known_iris(text, {"x": Iri(EX + "x"), "literal": "x"})
    hint = f" VALUES (?x) {{ (<{EX}x>) }} "
    assert told.count("VALUES") == places
    assert told.replace(hint, "") == text
    if "{ $x" in text:
        ox.Store().query(told)


def test_what_is_no_iri_is_never_written_into_a_query() -> None:
    text = "SELECT $x { $x ?p ?o }"
    assert bind_known_iris(text, {"x": Iri("http://e/> } #")}) == text
