"""Answers are cut where a limit says so, and say it, in both languages."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import provstore
from provstore.errors import BadQuery, StoreUnavailable
from provstore.storage import settings
from provstore.store import ProvStore
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import GraphView
from tests.example import play
from tests.reports import WORD


def limited(place: Path, limits: str) -> ProvStore:
    provstore.init(place).close()
    with (place / settings.FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(f"[limits]\n{limits}\n")
    return provstore.open(place)


def test_an_answer_has_no_more_rows_than_the_store_allows(tmp_path: Path) -> None:
    with limited(tmp_path / "store", "rows = 3") as store:
        play(store)
        texts = {
            "cypher": "MATCH (n:Entity) RETURN n.uri",
            "sparql": "SELECT ?n { ?n a prov:Entity }",
        }
        for answer in (store.cypher(texts["cypher"]), store.sparql(texts["sparql"])):
            assert (len(answer), answer.cut) == (3, True)
            assert "limit" in answer.remarks()[0]
            assert "limit" in answer._repr_html_()
        both = store.ask("state-of-every-ingest", language="both")
        assert (len(both), both.cut) == (3, True)
        assert not store.cypher("MATCH (n:Entity) RETURN n.uri LIMIT 3").cut
        # What the store asks for itself is whole.
        assert len(store.lineage("cordex-0001/archival/1/report")) > 20


def test_a_query_has_no_more_time_than_the_store_allows(tmp_path: Path) -> None:
    with limited(tmp_path / "store", "seconds = 1") as store:
        play(store)
        store.sparql("ASK {}")
        store.cypher("RETURN 1")
        with pytest.raises(BadQuery, match="longer than 1 seconds"):
            store.sparql("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
        with pytest.raises(BadQuery):
            store.cypher("MATCH (a), (b), (c), (d) WHERE a.uri + b.uri + c.uri = d.uri RETURN a")
        assert store.ask("state-of-every-ingest", language="both").rows


def test_the_time_in_which_an_engine_starts_is_not_that_of_the_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = EmbeddedServer(tmp_path / "graph")
    start = engine.start

    def slowly() -> None:
        time.sleep(2.5)
        start()

    monkeypatch.setattr(engine, "start", slowly)
    view = GraphView(engine, seconds=0.3)
    assert view.query("RETURN 1 AS one").rows == ((1,),)
    view.close()


def test_a_view_that_somebody_emptied_is_full_again_in_the_next_answer(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store:
        play(store)
        before = store.ask("final-disposition", language="both")
        for view in store.views.values():
            view.clear()
        assert before.rows
        assert store.ask("final-disposition", language="both") == before


def test_threads_that_ask_at_once_start_one_engine_and_get_one_answer(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store", predictable=WORD) as store:
        play(store)
        assert store._runner
        with ThreadPoolExecutor(12) as many:
            asked = [
                many.submit(store.ask, "final-disposition", language="both") for _ in range(24)
            ]
            answers = {one.result().csv() for one in asked}
        assert answers == {store.questions["final-disposition"].expected}


def test_a_query_that_is_ended_for_its_time_ends_no_other(tmp_path: Path) -> None:
    with limited(tmp_path / "store", "seconds = 1") as store, ThreadPoolExecutor(4) as many:
        play(store)
        expected = store.ask("state-of-every-ingest").csv()
        text = "MATCH (a), (b), (c), (d) WHERE a.uri + b.uri + c.uri = d.uri RETURN a"
        slow = [many.submit(store.cypher, text) for _ in range(2)]
        while not all(task.done() for task in slow):
            assert store.ask("state-of-every-ingest").csv() == expected
        assert all(isinstance(task.exception(), BadQuery) for task in slow)


def test_a_cypher_query_has_no_more_memory_than_the_store_allows(tmp_path: Path) -> None:
    with limited(tmp_path / "store", "megabytes = 150") as store:
        text = "UNWIND range(1, 60) AS i WITH collect(range(1, 1900000)) AS l RETURN size(l)"
        with pytest.raises(BadQuery, match="eap"):
            store.cypher(text)
        assert store.cypher("RETURN 1").rows == ((1,),)


@pytest.mark.parametrize("limits", ["seconds = 0", 'rows = "many"', "gigabytes = 1", "rows = -1"])
def test_limits_that_are_none_are_refused(tmp_path: Path, limits: str) -> None:
    with pytest.raises(StoreUnavailable, match="limits"):
        limited(tmp_path / "store", limits)
