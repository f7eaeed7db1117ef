"""The command line as its users meet it: a process, two streams and an exit code."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

import provstore
from provstore.cli import app
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`provstore` in an empty directory, with the default store."""
    environment = {key: value for key, value in os.environ.items() if key != "PROVSTORE"}

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "provstore", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return call


@pytest.fixture
def cordex(tmp_path: Path) -> Path:
    form = load_forms(shipped("forms"))["cordex"]
    path = tmp_path / "cordex.json"
    path.write_text(form.text(form.example()))
    return path


def test_the_walk_from_a_form_to_an_answer(run: Run, cordex: Path) -> None:
    assert run("init").returncode == 0
    (receipt,) = json.loads(run("submit", cordex.name, "--json").stdout)
    assert receipt["ingest"] == "cordex-0001"
    rows = json.loads(run("ask", "state-of-every-ingest", "--in", "both", "--json").stdout)
    assert [row["next"] for row in rows] == ["review"]
    assert run("ask", "state-of-every-ingest", "--csv").stdout.startswith("ingest,")
    assert "review" in run("ask", "state-of-every-ingest", "--table").stdout
    assert json.loads(run("status", "--json").stdout)["bundles"] == 1
    assert json.loads(run("verify", "--json").stdout)["problems"] == []
    assert json.loads(run("rebuild", "rdf", "--json").stdout) == {"rebuilt": ["rdf"]}
    assert run("export", "cordex-0001", "--format", "nquads").stdout.count("\n") > 50
    assert json.loads(run("cypher", "MATCH (n:Bundle) RETURN count(n) AS n", "--json").stdout) == [
        {"n": 1}
    ]
    counted = run("sparql", "SELECT (COUNT(*) AS ?n) { ?b a prov:Bundle }", "--json")
    assert json.loads(counted.stdout) == [{"n": 1}]
    lines = run("lineage", "cordex-0001/submission/1/report", "--depth", "1", "--csv").stdout
    assert "wasGeneratedBy" in lines


def test_forms_are_listed_shown_and_printed_blank(run: Run) -> None:
    names = {row["name"] for row in json.loads(run("form", "--json").stdout)}
    steps = {"review", "transfer", "quality", "publication", "archival"}
    assert {"generic", "cordex"} | steps <= names
    assert {"name", "label", "kind", "required"} <= json.loads(
        run("form", "cordex", "--json").stdout
    )[0].keys()
    blank = json.loads(run("form", "cordex", "--blank").stdout)
    assert blank["form"] == "cordex"


def test_questions_are_listed_without_a_store(run: Run) -> None:
    rows = json.loads(run("ask", "--json").stdout)
    assert len(rows) >= 8
    assert all(row.keys() == {"name", "theme", "question", "parameters"} for row in rows)


def test_a_form_with_three_faults_lists_three_and_exits_1(run: Run, cordex: Path) -> None:
    run("init")
    filled = json.loads(cordex.read_text())
    filled["answers"] |= {"started": None, "domain": "EUR11", "grid_mapping_name": "rotated_pole"}
    cordex.write_text(json.dumps(filled))
    done = run("submit", cordex.name)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n  - ") == 3
    for label in ("Started", "Domain", "Grid mapping"):
        assert label in done.stderr
    assert json.loads(run("status", "--json").stdout)["bundles"] == 0
    (checked,) = json.loads(run("check", cordex.name, "--json").stdout)
    assert (checked["kind"], checked["verdict"], len(checked["problems"])) == ("form", "invalid", 3)


def test_check_says_what_a_file_is(run: Run, cordex: Path, tmp_path: Path) -> None:
    (tmp_path / "prov.json").write_text('{"entity": {"prov:x": {}}}')
    (tmp_path / "words.json").write_text("no json")
    done = run("check", cordex.name, "prov.json", "words.json", "--json")
    assert done.returncode == 1
    found = [(one["kind"], one["verdict"]) for one in json.loads(done.stdout)]
    assert found == [("form", "valid"), ("prov", "valid"), ("unknown", "malformed")]
    keys = {"file", "kind", "reader", "verdict", "problems"}
    assert all(keys <= one.keys() for one in json.loads(done.stdout))


HOSTILE = {
    "truncated": b'{"entity": {"ex:a": {',
    "nested": b'{"a":' * 200_000,
    "binary": bytes(range(256)) * 4000,
    "empty": b"",
    "huge": b'{"entity": {"' + b"x" * (70 << 20) + b'": {}}}',
    "wide": b"[" + b"0," * 5_000_000 + b"0]",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("command", ["submit", "import", "check"])
def test_a_hostile_file_is_refused_at_once(
    run: Run, tmp_path: Path, kind: str, command: str
) -> None:
    """In words, without a traceback, and in a few seconds of the processor."""
    run("init")
    (tmp_path / "file.json").write_bytes(HOSTILE[kind])
    begun = processor_seconds()
    run("--version")
    empty, begun = processor_seconds() - begun, processor_seconds()
    done = run(command, "file.json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert "file.json" in done.stderr + done.stdout
    assert processor_seconds() - begun < 2 * empty + 5


def processor_seconds() -> float:
    """What the programs that were run have taken so far; a busy machine adds nothing to it."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["export", "--format", "rdfcsv"], 2),
        (["ask", "where-did-this-come-from"], 2),
        (["ask", "where-did-this-come-from", "thing"], 2),
        (["status", "--json", "--unknown"], 2),
        (["ask", "nothing-of-that-name"], 1),
        (["report", "cordex-0001", "review", "none.json"], 1),
        (["submit", "none.json"], 1),
        (["submit", "."], 1),
        (["cypher", "CREATE (n:X)"], 1),
        (["sparql", "DROP ALL"], 1),
        (["lineage", "http://example.org/unknown"], 1),
        (["convert", "none.json", "--to", "turtle"], 1),
        (["form", "cordx"], 1),
        (["form", "redaction", "--serve"], 1),
    ],
)
def test_what_cannot_be_done_is_said_on_stderr_with_its_exit_code(
    run: Run, words: list[str], code: int
) -> None:
    run("init")
    done = run(*words)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_without_a_store_every_command_says_how_to_make_one(run: Run) -> None:
    for words in (["status"], ["submit", "x"], ["verify"], ["ask", "x"], ["export"]):
        done = run(*words)
        assert done.returncode == 1
        assert "provstore init" in done.stderr


def test_convert_needs_no_store_and_writes_whole_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(
        '{"prefix": {"ex": "http://example.org/"}, "entity": {"ex:a": {}}}'
    )
    done = run("convert", "in.json", "--to", "turtle", "-o", "out.ttl")
    assert (done.returncode, done.stdout) == (0, "")
    assert (
        "<http://example.org/a>" in (tmp_path / "out.ttl").read_text()
        or "ex:a" in (tmp_path / "out.ttl").read_text()
    )
    assert run("convert", "in.json", "--to", "turtle").stdout == (tmp_path / "out.ttl").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.json", "out.ttl"]


def test_one_refused_file_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    run("init")
    for name in "ab":
        (tmp_path / f"{name}.json").write_text(json.dumps({"entity": {f"prov:{name}": {}}}))
    done = run("import", "a.json", "none.json", "b.json", "--json")
    assert done.returncode == 1
    assert [one["name"] for one in json.loads(done.stdout)] == ["a.json", "b.json"]
    assert "none.json" in done.stderr


def test_a_store_that_is_interrupted_at_any_moment_opens_again(tmp_path: Path) -> None:
    for number, moment in enumerate((0.0, 0.2, 0.4, 0.8, 1.2, 1.6)):
        place = tmp_path / str(number)
        tour = subprocess.Popen(
            [sys.executable, "-u", "-m", "provstore", "tour", "--keep", str(place)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert tour.stdout is not None
        while "init" not in tour.stdout.readline():
            pass
        time.sleep(moment)
        tour.send_signal(signal.SIGINT)
        _, errors = tour.communicate(timeout=60)
        assert "Traceback" not in errors
        if not (place / "provstore.toml").exists():
            provstore.init(place).close()
        with provstore.open(place) as store:
            assert store.verify().problems == ()
            found = len(store.ask("state-of-every-ingest", language="both"))
            assert found == store.status().ingests


def test_help_names_every_command_and_nothing_that_is_not_there(run: Run) -> None:
    text = run("--help").stdout
    for word in (
        "init",
        "form",
        "submit",
        "report",
        "import",
        "check",
        "convert",
        "ask",
        "cypher",
        "sparql",
        "search",
        "board",
        "lineage",
        "export",
        "rebuild",
        "verify",
        "status",
        "tour",
    ):
        assert f" {word} " in text
    assert "rdfcsv" not in run("export", "--help").stdout


def test_no_help_is_cut_off_or_wider_than_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    with command.context_class(command, info_name="provstore") as context:
        pages = {"provstore": command.get_help(context)}
        width = max(map(len, command.commands))
        for name, subcommand in command.commands.items():
            assert subcommand.help
            summary = subcommand.help.split("\n\n")[0]
            assert f"  {name:<{width}}  {summary}\n" in pages["provstore"] + "\n"
            with subcommand.context_class(subcommand, info_name=name, parent=context) as inner:
                pages[name] = subcommand.get_help(inner)
    assert len(pages) >= 23
    for name, page in pages.items():
        assert "…" not in page, name
        assert [line for line in page.splitlines() if len(line) > 80] == [], name


def test_the_import_of_the_library_is_quick() -> None:
    """No engine and no terminal library is loaded before it is wanted."""
    program = "import sys, provstore; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    for name in ("neo4j", "arcadedb", "typer", "rich", "tqdm", "jsonschema", "pandas", "rdflib"):
        assert name not in loaded.stdout.split()


def test_a_form_without_faults_is_said_to_have_none(run: Run) -> None:
    assert json.loads(run("form", "cmip6", "--lint", "--json").stdout) == []
    assert "conforms to the form profile" in run("form", "cmip6", "--lint").stdout


def test_a_question_of_ones_own_is_begun_checked_and_asked(run: Run, tmp_path: Path) -> None:
    run("init")
    begun = run("ask", "own/which-had-this", "--new", "--from", "mine")
    assert begun.returncode == 0
    assert begun.stdout.rstrip().endswith("provstore ask which-had-this --check --from mine")
    (listed,) = json.loads(run("ask", "--from", "mine", "--json").stdout)
    assert (listed["name"], listed["parameters"]) == ("which-had-this", ["outcome"])
    asked = ("ask", "which-had-this", "--from", "mine", "--outcome", "ok", "--in", "both")
    assert "An empty answer means" in run(*asked).stderr
    checked = run("ask", "--check", "--from", "mine", "--json")
    assert (checked.returncode, json.loads(checked.stdout)) == (
        0,
        [{"question": "which-had-this", "verdict": "right", "problems": []}],
    )
    (tmp_path / "mine/own/which-had-this/expected.csv").write_text("outcome,ingest,step,run\n")
    wrong = run("ask", "which-had-this", "--check", "--from", "mine")
    assert wrong.returncode == 1
    assert "which-had-this: wrong\n  - The expected answer (expected.csv) is empty" in wrong.stdout
    assert run("ask", "which-had-this", "--new", "--from", "mine").returncode == 1
    assert run("ask", "--new").returncode == 2
    assert run("ask", "--from", "nowhere").returncode == 1


def test_an_answer_that_was_cut_says_so_beside_the_data(run: Run, tmp_path: Path) -> None:
    run("init")
    with (tmp_path / "provstore-data" / "provstore.toml").open("a") as file:
        file.write("[limits]\nrows = 1\n")
    said = run("sparql", "SELECT ?x { VALUES ?x { 1 2 } }", "--json")
    assert json.loads(said.stdout) == [{"x": 1}]
    assert "limit" in said.stderr
