"""Loading beside reading in the RDF view: every answer is that of one whole position.

As a program, it is one process that loads, reads, or asks what must be ended. As a module, it runs
many of them on one view, kills some, and counts what they saw.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import psutil

from provstore.errors import BadQuery, ViewUnavailable
from provstore.prov.model.bundle import Bundle, Element
from provstore.prov.model.terms import NAMESPACES
from provstore.views.rdf import rdf_view
from provstore.views.rdf.oxigraph_engine import POSITION_IRI
from provstore.views.rdf.rdf_view import RdfView
from provstore.views.view_contract import ViewNotAtPosition
from tests.processes import engines_in, soon
from tests.torture.batches import Batch
from tests.torture.figures import Figures, Finding, describe, working_directory

EX = "http://example.org/"
SMALL, LARGE, LARGE_EVERY = 40, 2000, 10
"""The entities of a bundle, and of every tenth one, which the bulk loader takes."""

BY_POSITION = f"""SELECT ?position (COUNT(?x) AS ?n) {{
  GRAPH <{POSITION_IRI}> {{ <{POSITION_IRI}> <{POSITION_IRI}> ?position }} ?x a prov:Entity
}} GROUP BY ?position"""
GRAPHS = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?x a prov:Entity } }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@dataclass(frozen=True)
class Crowd:
    """So many processes that load, that read, and that ask what must be ended; and for how long."""

    loaders: int = 2
    readers: int = 8
    endless: int = 1
    seconds: float = 300.0
    kills_every: float = 0.0
    """Every so many seconds a worker, the engine, or a loader is killed; 0: never."""


def size_of(number: int) -> int:
    """The entities of a bundle."""
    return SMALL if number % LARGE_EVERY else LARGE


def entities_at(position: int) -> int:
    """The model: how many entities a view has at a position."""
    large = position // LARGE_EVERY
    return large * LARGE + (position - large) * SMALL


def is_of_one_position(rows: Sequence[Sequence[object]]) -> bool:
    """Whether an answer has one position, and what the view has there."""
    if len(rows) != 1:
        return False
    position, entities = rows[0]
    return entities == entities_at(int(str(position).partition(" ")[0]))


def bundle(number: int) -> Bundle:
    """A bundle of entities that no other bundle has."""
    names = (f"{EX}{number}/{part}" for part in range(size_of(number)))
    return Bundle(f"{EX}bundle/{number}", tuple(Element(name, ("entity",)) for name in names), ())


def ask_together(crowd: Crowd, figures: Figures) -> Figures:
    """Let them work on one view, and check what they saw."""
    with working_directory() as root:
        directory = Path(root) / "rdf"
        started = time.monotonic()
        roles = ["load"] * crowd.loaders + ["read"] * crowd.readers + ["endless"] * crowd.endless
        running = [_start(directory, role, crowd.seconds) for role in roles]
        killed = 0
        while crowd.kills_every and time.monotonic() - started < crowd.seconds:
            time.sleep(crowd.kills_every)
            killed += _kill_one(directory, running, crowd.seconds - (time.monotonic() - started))
        figures.count("killed", killed)
        figures.peak("processes at once", len(roles))
        for process in running:
            output, errors = process.communicate(timeout=crowd.seconds + 120)
            for line in output.splitlines():
                kind, text = json.loads(line)
                if kind == "finding":
                    figures.add([Finding("wrong answer", text)], str(crowd), "readers")
                else:
                    figures.count(kind, int(text))
            if process.returncode not in (0, -signal.SIGKILL):
                figures.add([Finding("error", errors[-500:])], str(crowd), "readers")
        if killed:  # what an engine leaves that was killed, the next one removes
            _start(directory, "read", 0.5).communicate(timeout=120)
        if not soon(lambda: not engines_in(directory), 20):
            figures.add([Finding("left a process", str(engines_in(directory)))], str(crowd), "")
        if rest := {one.name for one in directory.iterdir()} - {"data"}:
            figures.add([Finding("left a file", str(rest))], str(crowd), "readers")
    return figures


def _start(directory: Path, role: str, seconds: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.torture.readers", str(directory), role, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def _kill_one(directory: Path, running: list["subprocess.Popen[str]"], seconds_left: float) -> int:
    """Kill a worker, the engine, or a loader, which another one replaces."""
    victims: dict[str, list[int]] = {"host": [], "worker": []}
    for pid in engines_in(directory):
        with suppress(psutil.Error):
            command = " ".join(psutil.Process(pid).cmdline())
            victims["worker" if "worker" in command else "host"].append(pid)
    kind = random.choice(("host", "worker", "worker", "load"))
    if kind == "load":
        index = random.randrange(2)
        running[index].kill()
        running[index].communicate()
        running[index] = _start(directory, "load", seconds_left)
        return 1
    for pid in random.sample(victims[kind], min(1, len(victims[kind]))):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return 1
    return 0


def batches(factor: float) -> Iterator[Batch]:
    """The long form: five minutes without kills, and five with them."""
    for kills_every in (0.0, 2.0):
        crowd = Crowd(seconds=300 * factor, kills_every=kills_every)
        yield Batch(str(crowd), round(5000 * factor), partial(ask_together, crowd))


# -------------------------------------------------------------------------- one of the processes


class _Seen(Counter[str]):
    def finding(self, text: str) -> None:
        print(json.dumps(["finding", text]), flush=True)


def _load(view: RdfView, seen: _Seen, is_over: Callable[[], bool]) -> None:
    rdf_view.BULK_BYTES = 200_000
    while not is_over():
        position, chain = view.position()
        after = position + 1
        view.load([bundle(after)], (position, chain), (after, f"chain-{after}"))
        seen["loads"] += 1


def _read(view: RdfView, seen: _Seen, is_over: Callable[[], bool]) -> None:
    latest = 0
    for number in count():
        if is_over():
            return
        at = view.position()
        if at[0] < latest:
            seen.finding(f"position {at[0]} after {latest}")
        latest = at[0]
        try:
            rows = view.query(GRAPHS if number % 2 else BY_POSITION, {}, at=at).rows
            wanted = ((at[0],),) if number % 2 else ((f"{at[0]} {at[1]}", entities_at(at[0])),)
            if rows != wanted and at != (0, ""):
                seen.finding(f"at {at}: {rows}")
            seen["answers at a position"] += 1
        except ViewNotAtPosition:
            seen["not at the position"] += 1
        try:
            rows = view.query(BY_POSITION).rows
        except ViewNotAtPosition:
            seen["between two positions"] += 1
            continue
        if latest and not is_of_one_position(rows):
            seen.finding(f"at any position: {rows}")
        seen["answers at any position"] += 1


def _ask_endless(view: RdfView, seen: _Seen, is_over: Callable[[], bool]) -> None:
    while not view.position()[0]:
        time.sleep(0.1)
    view.engine.seconds = 0.5
    while not is_over():
        try:
            view.query(ENDLESS)
            seen.finding("a query without end had an answer")
        except ViewNotAtPosition:
            seen["between two positions"] += 1
        except BadQuery as error:
            if "longer than 0.5 seconds" not in error.message:
                seen.finding(error.message)
        seen["queries ended"] += 1


def main() -> None:
    """Do one thing until the time is over."""
    directory, role, seconds = sys.argv[1:]
    view = RdfView(Path(directory), NAMESPACES, linger=1.0)
    end = time.monotonic() + float(seconds)
    seen = _Seen()
    act = {"load": _load, "read": _read, "endless": _ask_endless}[role]
    try:
        act(view, seen, lambda: time.monotonic() > end)
    except ViewUnavailable as error:
        seen.finding(describe(error))
    for kind, number in seen.items():
        print(json.dumps([kind, number]))


if __name__ == "__main__":
    main()
