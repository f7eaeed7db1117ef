"""How long the board's pages take in a large store, and what slow connections do to them.

Prints CPU milliseconds of a page, and percentiles of waiting; asserts nothing.
`python -m tests.benchmarks` runs all benchmarks.
"""

import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import quantiles

from starlette.testclient import TestClient

import provstore
from provstore.ingest.report import Report
from provstore.store import ProvStore
from provstore.web.access_guard import Guard
from provstore.web.access_policy import AccessPolicy
from provstore.web.app import make_site
from provstore.web.connection_limits import ConnectionLimits
from tests.benchmarks import deliveries
from tests.guarded import ask, board, connect
from tests.test_access_policy import AnyPort

INGESTS = 2_000
SLOW = 1_000
VISITS = 300
HOST = "testserver"
PATHS = ("/", "/?project=cordex&age=30&sort=title", "/?person=Manager+4&page=9", "/search?q=rule")


def main() -> None:
    """Print every figure."""
    slow_connections()
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as folder,
        provstore.init(Path(folder) / "store") as store,
    ):
        fill(store, INGESTS)
        pages(store)


def fill(store: ProvStore, ingests: int) -> None:
    """Record deliveries without waiting for the disk after each report."""
    for first in range(0, ingests, 100):
        with store._journal.writing():
            for number in range(first, min(ingests, first + 100)):
                _deliver(store, number)


def _deliver(store: ProvStore, number: int) -> None:
    earlier: list[Report] = []
    lives = deliveries._LIVES[number % deliveries.BLOCK]
    words = lives[number // deliveries.BLOCK % len(lives)].split()
    for index, word in enumerate(words):
        step, _, outcome = word.partition(":")
        report = deliveries._report(earlier, number, step, outcome or "ok", index)
        extract = deliveries._told(report, number)
        store._intake._append_report(report, earlier, f"{number}/{index}", extract)
        earlier.append(report)


def pages(store: ProvStore) -> None:
    """CPU time of pages: the first of all, again, and after one more report."""
    client = TestClient(Guard(make_site(store), AccessPolicy(frozenset({HOST}))))
    form = store.forms["generic"]

    def visit(path: str) -> None:
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path

    for path in PATHS:
        times = [_cpu(visit, path), _cpu(visit, path)]
        store.submit(form.text(form.example() | {"comment": f"{path} {time.time()}"}).encode())
        times.append(_cpu(visit, path))
        first, again, after = (f"{1000 * seconds:8.1f}" for seconds in times)
        print(f"board {path:42} first {first} ms   again {again} ms   after a report {after} ms")


def slow_connections() -> None:
    """Waiting times of visitors beside connections that never send a whole head."""
    limits = ConnectionLimits()
    with board(AccessPolicy(AnyPort()), limits) as port:
        alone = _waits(port)
        ready, stop = multiprocessing.Event(), multiprocessing.Event()
        attacker = multiprocessing.Process(target=_attack, args=(port, ready, stop), daemon=True)
        attacker.start()
        try:
            ready.wait(60)
            beside = _waits(port)
        finally:
            stop.set()
            attacker.join(60)
    for name, waits in (("alone", alone), (f"beside {SLOW} slow connections", beside)):
        cuts = quantiles(waits, n=100)
        print(f"board {name:42} p50 {1000 * cuts[49]:7.1f} ms   p99 {1000 * cuts[98]:7.1f} ms")


def _waits(port: int) -> list[float]:
    waits = []
    for _ in range(VISITS):
        begun = time.perf_counter()
        assert " 200 " in ask(port, "/").partition("\r\n")[0]
        waits.append(time.perf_counter() - begun)
    return waits


def _attack(port: int, ready: Event, stop: Event) -> None:
    """Keep so many connections half open; send a byte on each in turn; open lost ones again."""
    half = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    opened: list[socket.socket] = [connect(port, half) for _ in range(SLOW)]
    ready.set()
    while not stop.is_set():
        for index, made in enumerate(opened):
            try:
                made.sendall(b"x")
            except OSError:
                made.close()
                opened[index] = connect(port, half)
        time.sleep(0.1)
    for made in opened:
        made.close()


def _cpu(work: Callable[[str], None], argument: str) -> float:
    begun = time.process_time()
    work(argument)
    return time.process_time() - begun
