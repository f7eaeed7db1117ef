"""What holds of the engine's workers: one query each, ended alone, replaced when they are gone."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import psutil
import pyoxigraph as ox
import pytest

from provstore.views.rdf.oxigraph_workers import Workers
from tests.listening import listening
from tests.processes import is_gone, soon
from tests.require import need_guards

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ONE = "SELECT (1 AS ?one) {}"


@pytest.fixture
def snapshot(tmp_path: Path) -> str:
    """A store of 1 000 triples."""
    store = ox.Store(str(tmp_path / "store"))
    lines = "".join(f"<a:{number}> <a:is> <a:{number}> .\n" for number in range(1000))
    store.load(lines, format=ox.RdfFormat.N_QUADS)
    store.backup(str(tmp_path / "snapshot"))
    return str(tmp_path / "snapshot")


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """At most two workers; afterwards none runs."""
    with closing_workers(tmp_path) as made:
        yield made


@contextmanager
def closing_workers(directory: Path) -> Iterator[Workers]:
    made = Workers(2, directory)
    yield made
    made.end()
    assert soon(lambda: not pids())


def pids() -> set[int]:
    running = set()
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if "oxigraph_worker" in str(child.cmdline()):
                running.add(child.pid)
    return running


def request(query: str, snapshot: str, seconds: float = 0.0) -> dict[str, object]:
    asked = {"query": query, "snapshot": snapshot, "seconds": seconds, "memory": 0}
    return {**asked, "rows": None, "prefixes": {}, "parameters": {}}


def answer(workers: Workers, asked: dict[str, object]) -> list[dict[str, object]]:
    """The replies to one query."""
    client, server = socket.socketpair()
    with client, server:
        with workers.free() as worker:
            worker.answer(server, asked)
        server.close()
        with client.makefile() as lines:
            return [json.loads(line) for line in lines]


def test_a_worker_answers_again_and_again(workers: Workers, snapshot: str) -> None:
    for _ in range(3):
        replies = answer(workers, request(ONE, snapshot))
        assert replies[0] == {"columns": ["one"]}
        assert replies[-1] == {"done": True}
    assert len(pids()) == 1


def test_a_worker_that_was_killed_is_replaced(workers: Workers, snapshot: str) -> None:
    (pid,) = pids()
    os.kill(pid, signal.SIGKILL)
    assert soon(lambda: is_gone(pid))
    replies = answer(workers, request(ONE, snapshot))
    if replies == [{"ended": "exit -9"}]:  # its last thread was still there; clients ask again
        replies = answer(workers, request(ONE, snapshot))
    assert replies[-1] == {"done": True}


def test_time_ends_a_query_and_its_worker(workers: Workers, snapshot: str) -> None:
    (pid,) = pids()
    assert answer(workers, request(ENDLESS, snapshot, 0.3)) == [{"ended": "time"}]
    assert is_gone(pid)
    assert answer(workers, request(ONE, snapshot))[-1] == {"done": True}


def test_a_query_ends_with_its_client(workers: Workers, snapshot: str) -> None:
    (pid,) = pids()
    client, server = socket.socketpair()
    with server, workers.free() as worker:
        thread = Thread(target=client.close)
        thread.start()
        with pytest.raises(ConnectionError):
            worker.answer(server, request(ENDLESS, snapshot))
        thread.join()
    assert is_gone(pid)


def test_a_client_that_does_not_read_keeps_its_worker_no_longer_than_its_limit(
    workers: Workers, snapshot: str
) -> None:
    client, server = socket.socketpair()
    every = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    with client, server, workers.free() as worker, pytest.raises(TimeoutError):
        worker.answer(server, request(every, snapshot, 0.5))
    assert not pids()


def test_more_queries_than_workers_wait_for_one(workers: Workers, snapshot: str) -> None:
    ended: list[object] = []
    seconds = (0.6, 0.6, 0.6, 0.6)
    threads = [
        Thread(target=lambda: ended.extend(answer(workers, request(ENDLESS, snapshot, limit))))  # noqa: B023
        for limit in seconds
    ]
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        most = max(most, len(pids()))
    assert (most, ended) == (2, [{"ended": "time"}] * 4)


SERVICE = "SELECT * { SERVICE SILENT <http://127.0.0.1:%d/> { ?a ?b ?c } }"


@pytest.mark.parametrize("without", ["", "namespace"])
def test_no_query_reaches_the_network(
    tmp_path: Path, snapshot: str, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    """Nor with a system call filter alone, where there is no network namespace."""
    need_guards()
    monkeypatch.setenv("PROVSTORE_WITHOUT_GUARDS", without)
    with listening() as (port, heard), closing_workers(tmp_path) as workers:
        answer(workers, request(SERVICE % port, snapshot))
        assert (
            "refused"
            in answer(workers, request(SERVICE.replace("SILENT ", "") % port, snapshot))[-1]
        )
        assert not heard


def test_without_any_guard_a_query_would_reach_the_network(
    tmp_path: Path, snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVSTORE_WITHOUT_GUARDS", "namespace,filter,landlock")
    with listening() as (port, heard), closing_workers(tmp_path) as workers:
        answer(workers, request(SERVICE % port, snapshot))
        assert soon(lambda: bool(heard))


def test_no_worker_opens_files_outside_the_data(tmp_path: Path, snapshot: str) -> None:
    """Not even a store of its own kind: such a worker ends without an answer."""
    need_guards()
    (tmp_path / "own").mkdir()
    with closing_workers(tmp_path / "own") as workers:
        assert answer(workers, request(ONE, snapshot)) == [{"ended": "exit 1"}]
