"""What holds of the RDF view of a store: whoever asks or reports at once, all are served."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.prov.model.bundle import Bundle, Element
from provstore.prov.model.terms import NAMESPACES
from provstore.queries import runner
from provstore.storage.journal import Journal
from provstore.store import ProvStore
from provstore.views.journal_following import catch_up
from provstore.views.rdf.rdf_view import RdfView
from tests.people import ADA, delivery, filled, store_in
from tests.processes import engines_in, soon

COUNT = "SELECT (COUNT(*) AS ?n) { ?run a prov:Activity }"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    """A store with one delivery."""
    with store_in(tmp_path) as made:
        delivery(made, ADA)
        yield made


def command(store: ProvStore, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "provstore", *words, "--store", str(store.directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_20_commands_at_once_are_all_served(store: ProvStore, tmp_path: Path) -> None:
    """Half of them ask, half of them submit and ask for what they have just submitted."""
    running = [
        command(store, "ask", "state-of-every-ingest", "--in", "sparql", "--json")
        for _ in range(10)
    ]
    program = """
import sys
from pathlib import Path
import provstore
with provstore.open(sys.argv[1]) as store:
    ingest = store.submit(Path(sys.argv[2]).read_bytes()).ingest
    rows = store.ask("state-of-every-ingest", language="sparql").rows
    assert any(str(row[0]).endswith(ingest) for row in rows), (ingest, rows)
"""
    for number in range(10):
        form = tmp_path / f"{number}.json"
        form.write_bytes(filled(store, "generic", {**ADA, "name": f"Person {number}"}))
        words = [sys.executable, "-c", program, str(store.directory), str(form)]
        running.append(
            subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        )
    for process in running:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        assert "in use" not in output
    assert len(store.ask("state-of-every-ingest", language="sparql").rows) == 11


def test_each_open_store_sees_what_any_other_reports(store: ProvStore) -> None:
    """Also after one of them has rebuilt the view."""
    with ProvStore(store.directory) as other:
        for number in range(3):
            for one, two in ((store, other), (other, store)):
                before = one.sparql(COUNT).rows
                delivery(one, {**ADA, "name": f"Person {number} of {id(one)}"})
                assert two.sparql(COUNT).rows == one.sparql(COUNT).rows != before
            other.rebuild("rdf")
        assert len(engines_in(store.directory)) > 1


def test_no_answer_comes_from_a_view_that_is_emptied_meanwhile(
    store: ProvStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process rebuilds it when this one has just brought it up to date."""
    whole = store.sparql(COUNT).rows
    emptied = []
    store.views["rdf"].clear()

    def catch_up_in_vain(view: RdfView, journal: Journal) -> bool:
        rebuilt = catch_up(view, journal)
        if len(emptied) < 2:
            with ProvStore(store.directory) as other:
                other.views["rdf"].clear()
            emptied.append(1)
        return rebuilt

    monkeypatch.setattr(runner, "catch_up", catch_up_in_vain)
    assert store.sparql(COUNT).rows == whole
    assert len(emptied) == 2


def test_closing_one_store_leaves_the_engine_to_the_others(store: ProvStore) -> None:
    with ProvStore(store.directory) as other:
        before = other.sparql(COUNT)
        engine = engines_in(store.directory)
        store.sparql(COUNT)
        store.close()
        assert other.sparql(COUNT).rows == before.rows
        assert {*engine} <= {*engines_in(store.directory)}


def test_a_view_that_was_never_asked_starts_no_engine(tmp_path: Path) -> None:
    view = RdfView(tmp_path / "rdf", NAMESPACES)
    view.close()
    assert not engines_in(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_bundle_that_cannot_be_written_leaves_the_view_as_it_was(tmp_path: Path) -> None:
    view = RdfView(tmp_path / "rdf", NAMESPACES, linger=0.0)

    def bundles() -> Iterator[Bundle]:
        yield Bundle("http://e/1", (Element("http://e/x", ("entity",)),), ())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        view.load(bundles(), (0, ""), (1, "chain"))
    assert view.position() == (0, "")
    assert view.query("ASK { ?s ?p ?o }").rows == ((False,),)
    view.close()
    assert soon(lambda: not engines_in(tmp_path))
