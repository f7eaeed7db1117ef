"""Query views are opened when they are first asked for, and what is not asked for costs nothing."""

import subprocess
import sys
from pathlib import Path

from provstore.views.view_opening import QueryViews, open_views
from tests.people import ADA, delivery, store_in
from tests.processes import engines_in

SLOW = {"neo4j", "numpy", "pandas", "jsonschema", "tqdm", "rdflib", "prov", "matplotlib"}
"""Modules that take longer to import than an answer in SPARQL."""

ASK = """
import sys
from provstore.__main__ import main
sys.argv = ["provstore", "ask", "state-of-every-ingest", "--in", "sparql", "--store", sys.argv[1]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("modules", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


class Opened:
    """A view that only counts."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        """Count."""
        self.closed += 1


def test_a_view_is_opened_once_and_closed_if_it_was_opened() -> None:
    opened: list[Opened] = []

    def opener() -> Opened:
        opened.append(Opened())
        return opened[-1]

    views = QueryViews({"graph": opener, "rdf": opener})  # type: ignore[dict-item]
    assert [*views] == ["graph", "rdf"]
    assert len(views) == 2
    assert "rdf" in views
    assert "search" not in views
    views.close()
    assert opened == []
    assert views["rdf"] is views["rdf"]
    views.close()
    assert [one.closed for one in opened] == [1]


def test_views_that_are_opened_start_no_engine(tmp_path: Path) -> None:
    views = open_views(tmp_path, {}, None, seconds=1.0, megabytes=100)
    assert [view.name for view in views.values()] == ["graph", "rdf"]
    views.close()
    assert [*tmp_path.iterdir()] == []
    assert not engines_in(tmp_path)


def test_who_asks_in_sparql_loads_no_driver(tmp_path: Path) -> None:
    """With an engine that runs and has all entries, as it is for most queries."""
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        store.ask("state-of-every-ingest", language="sparql")
        command = [sys.executable, "-c", ASK, str(store.directory)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    *answer, modules = done.stdout.splitlines()
    assert "generic-0001" in "".join(answer)
    assert not SLOW & {*modules.split()}
