"""Questions as magics: bound to a store, typed, interruptible, and wrong in one readable block."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from jupyter_client.manager import start_new_kernel
from traitlets.config import Config

import provstore
from provstore.errors import BadParameter, BadQuery, Refused, StoreUnavailable, UnknownName
from provstore.results.cell_values import Iri
from provstore.results.data_frame import AnswerFrame
from provstore.store import ProvStore
from tests.example import play

THING = "https://doi.org/10.5072/exrcm1-eur11-rcp85"
ENDLESS = {
    "sparql": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "cypher": "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y RETURN max(x * y)",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the example deliveries, open nowhere."""
    directory = tmp_path_factory.mktemp("magics") / "store"
    with provstore.init(directory) as store:
        play(store)
    return directory


@pytest.fixture(scope="module")
def store(place: Path) -> Iterator[ProvStore]:
    with provstore.open(place) as opened:
        yield opened


class Notebook:
    """A shell without a kernel, in which cells are run."""

    def __init__(self, **variables: object) -> None:
        config = Config({"HistoryManager": {"enabled": False}})
        self.shell = InteractiveShell(config=config, user_ns=dict(variables))
        self.shell.run_line_magic("load_ext", "provstore.notebook")
        self.names = self.shell.user_ns

    def run(self, cell: str) -> Any:
        """The value of a cell, or the error that it ended with."""
        with capture_output() as self.said:
            done = self.shell.run_cell(cell)
        done.raise_error()
        return done.result

    def completions(self, line: str) -> list[str]:
        """What TAB offers behind this line."""
        completer: Any = self.shell.Completer
        with provisionalcompleter():
            return [one.text for one in completer.completions(line, len(line))]


@pytest.fixture
def notebook(store: ProvStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """A notebook with the store bound."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    made = Notebook(store=store, thing=THING)
    made.run("%provstore store")
    return made


def test_a_store_is_bound_by_its_variable_or_its_directory(
    notebook: Notebook, store: ProvStore, tmp_path: Path
) -> None:
    notebook.run("%provstore")
    assert f"{store.directory}: 7 ingests" in notebook.said.stdout
    provstore.init(tmp_path / "other").close()
    notebook.names["elsewhere"] = tmp_path / "other"
    for way in ("elsewhere", f"'{tmp_path / 'other'}'"):
        notebook.run(f"%provstore {way}")
        assert "0 ingests" in notebook.said.stdout
    with pytest.raises(StoreUnavailable):
        notebook.run("%provstore nowhere")
    notebook.run("%provstore")  # the one before stays bound
    assert "0 ingests" in notebook.said.stdout


def test_without_a_store_or_with_a_closed_one_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="%provstore DIR"):
        Notebook().run("%ask")
    closed = provstore.init(tmp_path / "store")
    closed.close()
    with pytest.raises(StoreUnavailable, match="was closed"):
        Notebook(store=closed).run("%provstore store")


@pytest.mark.parametrize("language", ["cypher", "sparql", "both"])
def test_a_question_is_answered_as_the_function_answers_it(
    notebook: Notebook, store: ProvStore, language: str
) -> None:
    frame = notebook.run(f"%ask where-did-this-come-from --in {language}")
    answer = store.ask("where-did-this-come-from", thing=THING)
    assert [*frame.columns] == [*answer.columns]
    assert [[*row] for row in frame.itertuples(index=False)] == [[*row] for row in answer.rows]
    assert all(isinstance(one, Iri) for one in frame["ancestor"])


def test_a_result_is_typed_shown_with_short_names_and_says_what_it_is(notebook: Notebook) -> None:
    frame = notebook.run("%ask state-of-every-ingest")
    assert isinstance(frame, AnswerFrame)
    assert str(frame["since"].dtype) == "datetime64[us, UTC]"
    assert str(frame["run"].dtype) == "Int64"
    shown = frame._repr_html_() or ""
    assert "state-of-every-ingest, Cypher · " in shown
    assert "7 rows" in shown
    whole = "https://provstore.example/ingest/cordex-0001"
    assert f'<span title="{whole}">centre:ingest/cordex-0001</span>' in shown


@pytest.mark.parametrize("way", ["%ask which-went-round >> got", "%ask which-went-round -o got"])
def test_a_result_gets_a_name(notebook: Notebook, way: str) -> None:
    assert notebook.run(way) is notebook.names["got"]
    assert len(notebook.run("direct = %ask which-went-round\ndirect")) == len(notebook.names["got"])


def test_parameters_are_variables_and_never_text(notebook: Notebook) -> None:
    notebook.names["name"] = hostile = "x'}) DETACH DELETE n //"
    cell = "%%cypher >> got\nMATCH (n:Resource {uri: $thing}) RETURN n.uri AS uri, $name AS name"
    notebook.run(cell)
    assert notebook.names["got"].to_dict("records") == [{"uri": THING, "name": hostile}]
    notebook.names["name"] = hostile = '") } DROP ALL #'
    got = notebook.run("%%sparql -p label=name\nSELECT $label ?n { BIND(STRLEN($label) AS ?n) }")
    assert got.to_dict("records") == [{"label": hostile, "n": len(hostile)}]
    # IPython itself would put variables into the line of a magic.
    assert notebook.run("%cypher RETURN $thing AS t, '{thing}' AS u")["u"][0] == "{thing}"


def test_a_variable_of_the_function_comes_before_one_of_the_notebook(notebook: Notebook) -> None:
    notebook.run("def of(thing):\n    got = %cypher RETURN $thing AS thing\n    return got")
    assert notebook.run("of('mine')")["thing"][0] == "mine"


def test_lists_and_times_are_parameters(notebook: Notebook) -> None:
    notebook.names |= {"many": ["a", "b"], "at": datetime(2026, 3, 1, tzinfo=UTC)}
    got = notebook.run("%%cypher\nRETURN size($many) AS n, datetime($at) AS at")
    assert got.to_dict("records") == [{"n": 2, "at": notebook.names["at"]}]
    got = notebook.run("%%sparql\nSELECT $at { BIND($at AS ?same) }")
    assert got["at"][0] == notebook.names["at"]
    with pytest.raises(BadParameter, match="list"):
        notebook.run("%%sparql\nSELECT $many {}")


def test_what_comes_out_goes_in_again(notebook: Notebook) -> None:
    """An IRI of a Cypher answer is an IRI for SPARQL."""
    notebook.run("%ask where-did-this-come-from >> came")
    notebook.run("one = came['ancestor'][0]")
    assert len(notebook.run("%%sparql\nSELECT $one ?p ?o { $one ?p ?o }")) > 1


def test_a_name_with_a_dollar_may_be_a_variable_of_sparql(notebook: Notebook) -> None:
    assert len(notebook.run("%%sparql\nSELECT $x { $x a prov:Activity }")) > 10


def test_a_typo_answers_with_the_near_names(notebook: Notebook) -> None:
    for cell, near in {
        "%ask state-of-evry-ingest": "state-of-every-ingest",
        "%ask who-touched-this --thng x": "thing",
        "%ask who-touched-this --in cipher": "cypher",
        "%ask who-touched-this --show cipher": "cypher",
        "%%sparql\nSELECT ?x { ?x a prv:Entity }": "prov",
        "%%cypher\nRETURN $thng": "thing",
    }.items():
        with pytest.raises(UnknownName, match=near):
            notebook.run(cell)
    assert (
        "Did you mean 'Entity'" in notebook.run("%%cypher\nMATCH (n:Entty) RETURN n").pv_remarks[0]
    )
    found = notebook.run("%%sparql\nSELECT $thing ?o { $thing prov:wasDerivedFrm ?o }").pv_remarks
    assert "$thing is a text, not an IRI" in found[0]
    assert any("wasDerivedFrom" in one for one in found)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%%cypher\nMATCH (n:Resource)\nRETRUN n", "RETRUN n\n"),
        ("%%sparql\nSELECT ?x {\n ?x a = prov:Entity\n}", " ?x a = prov:Entity\n"),
        ("%%cypher\nCREATE (n)", "BadQuery: "),
        ("%%sparql\nINSERT DATA { <a:b> <a:b> <a:b> }", "BadQuery: "),
        ("%cypher", "The cell has no query"),
        ("%%sparql\nSELECT ?o { $thing ?p ?o }", "List each parameter in SELECT too"),
        ("%ask who-touched-this --thing 1 2", "Unexpected text"),
        ("%ask what-lies-between", "--source"),
    ],
)
def test_an_error_is_one_readable_block_and_an_error(
    notebook: Notebook, cell: str, told: str
) -> None:
    with pytest.raises(provstore.ProvstoreError):
        notebook.run(cell)
    shown = notebook.said.stdout
    assert told in shown
    assert "Traceback" not in shown
    assert ".py" not in shown


def test_explain_shows_the_plan(notebook: Notebook) -> None:
    plan = notebook.run("%%cypher\nEXPLAIN MATCH (n:Resource {uri: $thing}) RETURN n.uri")
    assert [*plan.columns] == ["plan"]
    assert any("Seek" in line for line in plan["plan"])


def test_the_query_of_a_question_is_shown_and_the_questions_are_listed(
    notebook: Notebook, store: ProvStore
) -> None:
    card = store.questions["who-touched-this"]
    for language, text in {"cypher": card.cypher, "sparql": card.sparql}.items():
        shown = notebook.run(f"%ask who-touched-this --show {language}")
        assert shown.data == text.strip()
        assert shown._repr_html_()
    assert [*notebook.run("%ask")["name"]] == [*store.questions]


def test_an_empty_answer_says_what_that_means(notebook: Notebook) -> None:
    found = notebook.run("%ask who-touched-this --thing https://data.example.org/nothing")
    assert found.pv_remarks[0].startswith("An empty answer means")


def test_tab_knows_questions_parameters_and_options(notebook: Notebook) -> None:
    assert "state-of-every-ingest" in notebook.completions("%ask state-of")
    assert "state-of-every-ingest" in notebook.completions("df = %ask state-of")
    options = ["--thing", "--in", "--show", "--from"]
    assert notebook.completions("%ask who-touched-this ") == options
    assert notebook.completions("%ask who-touched-this --th") == ["--thing"]
    assert notebook.completions("%ask who-touched-this --in ") == ["cypher", "sparql", "both"]
    assert notebook.completions("%ask who-touched-this --in sp") == ["sparql"]
    assert "thing" in notebook.completions("print(thi")


def test_the_extension_can_be_loaded_again(notebook: Notebook) -> None:
    matchers = len(notebook.shell.Completer.custom_matchers)
    notebook.run("%reload_ext provstore.notebook")
    assert len(notebook.shell.Completer.custom_matchers) == matchers
    with pytest.raises(Refused, match="No store is bound"):
        notebook.run("%ask")
    assert notebook.run("%provstore store\n%ask") is not None


# ---------------------------------------------------------------------------- a real kernel


class Kernel:
    """A kernel in a process of its own, spoken to as JupyterLab does."""

    def __init__(self, place: Path) -> None:
        self.manager, self.client = start_new_kernel(cwd=str(place))

    def run(self, cell: str, when: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """What is shown until the cell is over; it is interrupted as soon as `when` says so."""
        mine, shown, stopped = self.client.execute(cell), [], False
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=60)
            except Empty:
                pytest.fail(f"Nothing is heard of {cell!r}: {shown}")
            if message["parent_header"].get("msg_id") != mine:
                continue
            content = message["content"]
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return shown
            shown.append({"type": message["msg_type"], **content})
            if not stopped and when(shown):
                self.manager.interrupt_kernel()
                stopped = True


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel that imports what we test."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    started = Kernel(tmp_path)
    try:
        yield started
    finally:
        started.client.stop_channels()
        started.manager.shutdown_kernel(now=True)


def never(_: object) -> bool:
    return False


def says_that_it_runs(shown: list[dict[str, Any]]) -> bool:
    return shown[-1]["type"] == "display_data" and "has been running for" in json.dumps(shown[-1])


def test_an_interrupt_ends_the_query_and_leaves_the_store_usable(
    kernel: Kernel, tmp_path: Path
) -> None:
    """On both engines: it says that it runs, ends at once, and the next question is answered."""
    with provstore.init(tmp_path / "fresh") as fresh:
        play(fresh)
    kernel.run("%load_ext provstore.notebook\n%provstore fresh", never)
    for language, text in ENDLESS.items():
        shown = kernel.run(f"%%{language}\n{text}", says_that_it_runs)
        error = shown[-1]
        assert (error["type"], error["ename"]) == ("error", BadQuery.__name__)
        assert len(error["traceback"]) == 1
        assert "was interrupted after" in error["traceback"][0]
        wiped = [one for one in shown if one["type"] == "update_display_data"][-1]
        assert wiped["data"]["text/html"] == ""
        assert not [one for one in shown if one["type"] == "stream"]
        after = kernel.run("%ask state-of-every-ingest --in both", never)
        assert "7 rows" in after[-1]["data"]["text/html"]
