"""The one object that knows every room: what it takes, what it keeps, what it answers."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas
import pytest

import provstore
from provstore.errors import (
    BadDocument,
    BadForm,
    BadParameter,
    Refused,
    StoreReplaced,
    StoreUnavailable,
    UnknownName,
    ViewUnavailable,
)
from provstore.projects.workflow import ANY, COMMANDS
from provstore.prov.notations import provjson
from provstore.results.answer import Answer
from provstore.store import ProvStore

OUTPUTS = ("submitted", "reviewed", "ingested", "checked", "published", "archived")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with provstore.init(tmp_path / "store") as made:
        yield made


def filled(store: ProvStore, form: str, **answers: Any) -> Mapping[str, Any]:
    """A filled form: the form's own examples, and what is said otherwise here."""
    held = store.forms[form]
    given = held.example() | answers
    return {"form": form, "version": held.version, "answers": given}


def submitted(store: ProvStore, **answers: Any) -> str:
    return store.submit(filled(store, "generic", **answers)).ingest


# ---------------------------------------------------------------------------------- taking in


def test_a_submission_begins_an_ingest_and_says_what_comes_next(store: ProvStore) -> None:
    receipt = store.submit(filled(store, "cordex"))
    assert (receipt.ingest, receipt.step, receipt.run) == ("cordex-0001", "submission", 1)
    assert (receipt.status, receipt.next, receipt.awaits) == ("open", "review", "reviewer")
    assert receipt.new


def test_the_same_submission_again_changes_nothing(store: ProvStore) -> None:
    first = store.submit(filled(store, "cordex"))
    again = store.submit(filled(store, "cordex"))
    assert (again.ingest, again.position, again.new) == (first.ingest, first.position, False)
    assert store.status().bundles == 1


def test_the_same_report_again_changes_nothing_even_when_the_ingest_moved_on(
    store: ProvStore,
) -> None:
    ingest = submitted(store)
    first = store.report(ingest, "review", filled(store, "review"))
    store.report(ingest, "transfer", filled(store, "transfer"))
    again = store.report(ingest, "review", filled(store, "review"))
    assert (again.position, again.new, again.next) == (first.position, False, "quality")


def test_other_answers_are_another_ingest(store: ProvStore) -> None:
    assert submitted(store, title="one") == "generic-0001"
    assert submitted(store, title="two") == "generic-0002"


def test_three_faults_are_listed_as_three_and_nothing_is_written(store: ProvStore) -> None:
    wrong = filled(store, "cordex", started=None, grid_mapping_name="rotated_pole", domain="EUR11")
    with pytest.raises(BadForm) as caught:
        store.submit(wrong)
    where = {problem.where for problem in caught.value.problems}
    assert where == {"/answers/started", "/answers/grid_mapping_name", "/answers/domain"}
    assert all(problem.mend for problem in caught.value.problems)
    assert store.status().bundles == 0


def test_a_step_out_of_turn_is_refused_with_what_may_come(store: ProvStore) -> None:
    ingest = submitted(store)
    with pytest.raises(Refused, match="review"):
        store.report(ingest, "quality", filled(store, "quality"))
    assert store.status().bundles == 1


def test_unknown_names_are_answered_with_the_near_ones(store: ProvStore) -> None:
    submitted(store)
    review = filled(store, "review")
    with pytest.raises(UnknownName, match="generic-0001"):
        store.report("generic-001", "review", review)
    with pytest.raises(UnknownName, match="review"):
        store.report("generic-0001", "reviev", review)
    with pytest.raises(UnknownName, match="where-did-this-come-from"):
        store.ask("where-does-this-come-from")
    with pytest.raises(UnknownName, match="thing"):
        store.ask("where-did-this-come-from", things="generic-0001")
    with pytest.raises(UnknownName, match="generic-0001"):
        store.ask("who-did-what", ingest="generic-0011")
    with pytest.raises(BadParameter, match="thing"):
        store.ask("where-did-this-come-from")
    with pytest.raises(UnknownName, match="generic-0001"):
        store.lineage("generic-0002")
    with pytest.raises(UnknownName, match="rdf"):
        store.rebuild("rfd")


def test_a_form_of_another_step_is_refused(store: ProvStore) -> None:
    with pytest.raises(Refused, match="does not begin an ingest"):
        store.submit(filled(store, "review"))
    ingest = submitted(store)
    with pytest.raises(Refused, match="does not report on quality"):
        store.report(ingest, "quality", filled(store, "review"))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_form_of_no_step_is_refused_with_its_command(store: ProvStore, name: str) -> None:
    with pytest.raises(UnknownName, match=ANY):
        store.report(submitted(store), ANY, filled(store, name))
    with pytest.raises(Refused, match=re.escape(COMMANDS[name])):
        store.submit(filled(store, name))


def test_every_form_of_no_step_has_a_command(store: ProvStore) -> None:
    assert {name for name, form in store.forms.items() if form.step == ANY} == set(COMMANDS)


# ----------------------------------------------------------------------------------- asking


def test_ask_sees_what_was_just_submitted_in_both_languages(store: ProvStore) -> None:
    for number in (1, 2):
        submitted(store, title=str(number))
        answer = store.ask("state-of-every-ingest", language="both")
        assert len(answer) == number


def test_an_answer_without_rows_has_its_columns_in_both_languages(store: ProvStore) -> None:
    for name, card in store.questions.items():
        if not card.parameters:
            answer = store.ask(name, language="both")
            assert (answer.columns, answer.rows) == (card.columns, ())


def test_an_answer_becomes_a_data_frame(store: ProvStore) -> None:
    submitted(store)
    frame = store.ask("state-of-every-ingest").to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) == 1


def test_lineage_reaches_what_the_question_reaches(store: ProvStore) -> None:
    ingest = submitted(store, derived_from=["hdl:21.T12995/driving"])
    store.report(ingest, "review", filled(store, "review"))
    thing = f"{ingest}/review/1/report"
    steps = store.lineage(thing)
    asked = store.ask("where-did-this-come-from", thing=thing)
    column = asked.columns.index("ancestor")
    assert {row["other"] for row in steps} == {row[column] for row in asked.rows}
    assert "https://hdl.handle.net/21.T12995/driving" in {row["other"] for row in steps}
    near = store.lineage(thing, depth=1)
    assert {row["steps"] for row in near} == {1}
    down = store.lineage("https://hdl.handle.net/21.T12995/driving", down=True)
    assert store._names.iris.report(ingest, "review", 1) in {row["other"] for row in down}


def test_people_may_write_short_names(store: ProvStore) -> None:
    ingest = submitted(store)
    base = store.base
    assert store.iri(ingest) == f"{base}ingest/{ingest}"
    assert store.iri(f"{ingest}/review/1") == f"{base}ingest/{ingest}/review/1"
    assert store.iri("hdl:21.T12995/x") == "https://hdl.handle.net/21.T12995/x"
    assert store.iri("10.5072/x") == "https://doi.org/10.5072/x"
    assert store.iri("prov:Entity") == "http://www.w3.org/ns/prov#Entity"
    assert store.iri("a.b.c") == f"{base}dataset/a.b.c"
    assert store.iri("http://example.org/x") == "http://example.org/x"


# --------------------------------------------------------------------------------- the views


def test_rebuilding_gives_the_same_views(store: ProvStore) -> None:
    ingest = submitted(store)
    store.report(ingest, "review", filled(store, "review"))
    before = _everything(store)
    assert store.rebuild() == ["graph", "rdf", "search"]
    assert _everything(store) == before


def test_a_view_that_is_down_stops_no_submission(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store:
        _use_a_server(tmp_path / "store", "bolt://127.0.0.1:1")
    with provstore.open(tmp_path / "store") as store:
        ingest = submitted(store)
        graph, rdf, _ = store.status().views
        assert (graph.state, rdf.state, rdf.behind) == ("down", "behind", 1)
        with pytest.raises(ViewUnavailable, match="cannot be reached"):
            store.ask("state-of-every-ingest")
        assert len(store.ask("state-of-every-ingest", language="sparql")) == 1
    _use_a_server(tmp_path / "store", None)
    with provstore.open(tmp_path / "store") as store:
        assert [row["ingest"] for row in store.ask("state-of-every-ingest")] == [
            store._names.iris.ingest(ingest)
        ]


def test_a_killed_engine_is_started_again_and_catches_up(store: ProvStore) -> None:
    submitted(store, title="one")
    assert len(store.ask("state-of-every-ingest")) == 1
    os.kill(store.views["graph"].engine.pid, signal.SIGKILL)
    submitted(store, title="two")
    assert len(store.ask("state-of-every-ingest", language="both")) == 2


def test_a_view_of_another_journal_is_noticed_and_healed(store: ProvStore, tmp_path: Path) -> None:
    submitted(store)
    store.ask("state-of-every-ingest", language="both")
    store.search("")
    store.close()
    for name in ("journal.sqlite", "checkpoints.jsonl", "provstore.toml"):
        (tmp_path / "store" / name).unlink()
    with provstore.init(tmp_path / "store") as other:  # only the views are those of the former one
        submitted(other, title="another")
        with pytest.raises(ViewUnavailable, match="another journal"):
            other.ask("state-of-every-ingest")
        with pytest.raises(ViewUnavailable, match="rebuild search"):
            other.search("another")
        assert {view.state for view in other.status().views} == {"down"}
        other.rebuild()
        assert len(other.ask("state-of-every-ingest", language="both")) == 1
        assert other.search("another").total


def test_a_view_that_another_version_laid_out_is_rebuilt_and_the_answer_says_so(
    store: ProvStore, tmp_path: Path
) -> None:
    """It would answer otherwise than the query expects, and in silence."""
    submitted(store)
    before = store.ask("state-of-every-ingest", language="both").rows
    store.search("")
    store.close()
    with provstore.open(tmp_path / "store") as later:
        for view in later.all_views().values():
            view.layout += 1
        assert {(view.state, view.behind) for view in later.status().views} == {("behind", 1)}
        assert all("version of provstore" in view.message for view in later.status().views)
        for language, name in (("cypher", "graph"), ("sparql", "rdf")):
            answer = later.ask("state-of-every-ingest", language=language)
            assert answer.rows == before
            assert f"The {name} view" in answer.notes[0]
            assert not later.ask("state-of-every-ingest", language=language).notes
        assert "The search view" in later.search("").notes[0]
        assert not later.search("").notes
        assert {view.state for view in later.status().views} == {"up to date"}


def test_a_view_of_another_layout_and_another_journal_is_refused(
    store: ProvStore, tmp_path: Path
) -> None:
    """Only what this journal can give back is thrown away unasked."""
    submitted(store)
    store.ask("state-of-every-ingest", language="both")
    store.close()
    with provstore.init(tmp_path / "other") as other:
        submitted(other, title="another")
    for name in ("graph", "rdf"):
        shutil.move(tmp_path / "store" / name, tmp_path / "other" / name)
    with provstore.open(tmp_path / "other") as other:
        for language, view in (("cypher", "graph"), ("sparql", "rdf")):
            other.views[view].layout += 1
            with pytest.raises(ViewUnavailable, match="another journal"):
                other.ask("state-of-every-ingest", language=language)


def test_a_second_process_can_submit_and_ask_while_the_views_are_used(
    store: ProvStore, tmp_path: Path
) -> None:
    submitted(store, title="one")
    store.ask("state-of-every-ingest", language="both")
    (tmp_path / "form.json").write_text(json.dumps(filled(store, "generic", title="two")))
    command = [sys.executable, "-m", "provstore"]
    directory = ["--store", str(tmp_path / "store")]
    done = subprocess.run(
        [*command, "submit", str(tmp_path / "form.json"), *directory],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    asked = subprocess.run(
        [*command, "ask", "state-of-every-ingest", *directory], capture_output=True, text=True
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "generic-0002" in asked.stdout
    assert len(store.ask("state-of-every-ingest", language="both")) == 2


def test_a_store_that_is_killed_while_it_works_opens_again(tmp_path: Path) -> None:
    provstore.init(tmp_path / "store").close()
    program = textwrap.dedent(
        """
        import sys, provstore
        store = provstore.open(sys.argv[1])
        form = store.forms["generic"]
        for number in range(10000):
            answers = form.example() | {"title": f"{sys.argv[2]} {number}"}
            receipt = store.submit({"form": "generic", "version": form.version, "answers": answers})
            store.ask("state-of-every-ingest", language=("cypher", "sparql")[number % 2])
            print(receipt.ingest, flush=True)
        """
    )
    for run in range(3):
        worker = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "store"), str(run)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert worker.stdout is not None
        acknowledged = [worker.stdout.readline().strip() for _ in range(4 + run)]
        time.sleep(0.01 * run)
        worker.kill()
        worker.wait()
        with provstore.open(tmp_path / "store") as store:
            assert store.verify().problems == ()
            answer = store.ask("state-of-every-ingest", language="both")
            found = {str(row["ingest"]).rpartition("/")[2] for row in answer}
            assert set(acknowledged) <= found


# --------------------------------------------------------------------------------- the whole


def test_export_of_one_ingest_is_its_bundles_and_can_be_imported_elsewhere(
    store: ProvStore, tmp_path: Path
) -> None:
    ingest = submitted(store)
    text = "".join(store.export(ingest, "provjson"))
    with provstore.init(tmp_path / "other", "https://other.example.org/") as other:
        taken = other.import_document(text.encode())
        assert [bundle.new for bundle in taken.bundles] == [True]
        assert "".join(other.export(None, "nquads")) == "".join(store.export(None, "nquads"))
        again = other.import_document(text.encode())
        assert [bundle.new for bundle in again.bundles] == [False]


def test_export_of_a_thing_is_its_lineage(store: ProvStore) -> None:
    ingest = submitted(store, derived_from=["hdl:21.T12995/driving"])
    store.report(ingest, "review", filled(store, "review"))
    submitted(store, title="another")
    thing = store._names.iris.report(ingest, "review", 1)
    (cut,) = provjson.load("".join(store.export(thing, "provjson")).encode()).bundles
    way = {row["other"] for row in store.lineage(thing)}
    assert {thing, *way} <= {element.iri for element in cut.elements}
    assert any(relation.kind == "wasAttributedTo" for relation in cut.relations)
    assert not any("generic-0002" in element.iri for element in cut.elements)


def test_a_foreign_document_cannot_speak_as_a_report_of_this_store(store: ProvStore) -> None:
    name = store._names.iris.bundle("cordex-0007", "review", 1)
    local = "x:" + name.removeprefix(store.base)
    document = {"prefix": {"x": store.base}, "bundle": {local: {"entity": {"x:y": {}}}}}
    with pytest.raises(Refused, match="reserved for reports of this store"):
        store.import_document(json.dumps(document).encode())
    assert store.status().bundles == 0


def test_other_prefixes_do_not_make_another_bundle(store: ProvStore) -> None:
    def document(prefix: str) -> bytes:
        names = {prefix: "http://example.org/"}
        return json.dumps(
            {
                "prefix": names,
                "bundle": {f"{prefix}:b": {"prefix": names, "entity": {f"{prefix}:x": {}}}},
            }
        ).encode()

    assert store.import_document(document("x")).bundles[0].new
    assert not store.import_document(document("y")).bundles[0].new


@pytest.mark.parametrize(
    "said",
    [
        {"activity": {"c:cordex-0001/quality/1": {"prov:startTime": "2026-01-01T00:00:00Z"}}},
        {"hadMember": {"_:1": {"prov:collection": "c:cordex-0001", "prov:entity": "c:x"}}},
    ],
)
def test_the_life_of_our_ingests_is_told_by_our_reports_alone(
    said: dict[str, object], store: ProvStore
) -> None:
    """Answers unite what is said of a thing: anybody could close a delivery."""
    document = json.dumps({"prefix": {"c": store.base + "ingest/"}} | said).encode()
    with pytest.raises(BadDocument, match="makes statements about ingests of this store"):
        store.import_document(document)
    assert store.status().bundles == 0
    assert "makes statements about ingests of this store" in str(
        store.import_document(document, accept_invalid=True)
    )


def test_what_others_made_of_our_data_is_theirs_to_tell(store: ProvStore) -> None:
    said = {"_:1": {"prov:generatedEntity": "ex:figure", "prov:usedEntity": "c:cordex-0001/x"}}
    names = {"ex": "http://example.org/", "c": store.base + "ingest/"}
    document = json.dumps({"prefix": names, "wasDerivedFrom": said}).encode()
    assert store.import_document(document).bundles[0].new


def test_a_bundle_of_a_known_name_with_other_content_is_refused_whole(store: ProvStore) -> None:
    def document(*names: str) -> bytes:
        bundles = {f"x:{name}": {"entity": {f"x:{len(names)}": {}}} for name in names}
        return json.dumps({"prefix": {"x": "http://example.org/"}, "bundle": bundles}).encode()

    store.import_document(document("b"))
    with pytest.raises(Refused, match="already exists with other content"):
        store.import_document(document("a", "b"))
    assert store.status().bundles == 1


@pytest.mark.usefixtures("store")
def test_what_is_no_store_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no store"):
        provstore.open(tmp_path / "nowhere")
    with pytest.raises(Refused, match="already"):
        provstore.init(tmp_path / "store")
    with pytest.raises(Refused, match="base"):
        provstore.init(tmp_path / "third", "not a base")
    with pytest.raises(StoreUnavailable, match="No store can be created"):
        provstore.init("/proc/nowhere")


def test_of_two_who_make_a_store_at_the_same_time_one_is_told_that_it_is_there(
    tmp_path: Path,
) -> None:
    """None writes into a journal that another has replaced."""
    made: list[str] = []
    refused: list[str] = []

    def make(place: Path, name: str, gate: threading.Barrier) -> None:
        gate.wait()
        try:
            with provstore.init(place, f"https://{name}.example.org/") as store:
                store.import_document(b'{"entity": {"prov:thing": {}}}')
                made.append(name)
        except Refused as error:
            refused.append(str(error))

    for number in range(20):
        place, gate = tmp_path / str(number), threading.Barrier(4)
        args = [(place, name, gate) for name in ("one", "two", "three", "four")]
        threads = [threading.Thread(target=make, args=some) for some in args]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        with provstore.open(place) as store:
            assert store.position().position == 1
        assert len(made) == number + 1
    assert all("already" in words for words in refused)


def test_a_half_made_store_is_said_to_be_one_and_can_be_finished(tmp_path: Path) -> None:
    provstore.init(tmp_path / "store").close()
    (tmp_path / "store" / "provstore.toml").unlink()
    with pytest.raises(StoreUnavailable, match="is incomplete"):
        provstore.open(tmp_path / "store")
    with provstore.init(tmp_path / "store") as store:
        assert submitted(store) == "generic-0001"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('format = 99\nbase = "x"', "newer provstore"),
        ("format = 1", "base is missing"),
        ('format = "1"\nbase = "x"', "format is not of the type int"),
        ('format = 1\nbase = "x"\ngrahp = 1', "grahp is not known"),
        ('format = 1\nbase = "x"\n[graph]\npassword = "p"', "graph.password is not known"),
        ("format =", "cannot be read"),
    ],
)
def test_a_faulty_settings_file_is_said_to_be_faulty(tmp_path: Path, text: str, words: str) -> None:
    provstore.init(tmp_path / "store").close()
    (tmp_path / "store" / "provstore.toml").write_text(text)
    with pytest.raises(StoreUnavailable, match=words):
        provstore.open(tmp_path / "store")


# --------------------------------------------------------------------------------- real input


def test_the_life_of_a_real_delivery_can_be_asked_for(store: ProvStore, real_inputs: Path) -> None:
    """After importing a record of the first generation, its archived output's ancestry is whole."""
    taken = store.import_document(real_inputs / "dkrz-forms-records" / "ingest_prov_1.json")
    assert len(taken.bundles) == 1
    names = [row["uri"] for row in store.cypher("MATCH (n:Entity) RETURN n.uri AS uri")]
    archived = next(str(name) for name in names if "arch" in str(name) and "out" in str(name))
    for language in ("cypher", "sparql"):
        answer = store.ask("where-did-this-come-from", thing=archived, language=language)
        found = " ".join(str(row["ancestor"]) for row in answer)
        for word in ("_pub", "_che", "_ing", "_rev", "_sub"):
            assert f"out1{word}" in found, (language, word, found)


def test_real_documents_are_taken_whole_and_both_views_hold_the_same(
    store: ProvStore, corpora: Path, real_inputs: Path
) -> None:
    """Whatever is PROV-JSON is taken, and a record of the first forms, too; never half."""
    paths = [
        *sorted((corpora / "real-documents").rglob("*.json")),
        *sorted((real_inputs / "dkrz-forms-records").glob("*.json")),
    ]
    taken, refused = [], {}
    for path in paths:
        try:
            taken += store.import_document(path, accept_invalid=True).bundles
        except BadDocument as error:
            refused[path.name] = error.problems
    assert len(taken) > 30
    assert not refused
    verdicts = store.cypher("MATCH (v:ingest__Verdict) RETURN count(v)").rows[0][0]
    assert store.status().bundles - int(str(verdicts)) == len({one.bundle for one in taken})
    assert int(str(verdicts)) > 0
    for kind in ("Entity", "Activity", "Agent", "Bundle"):
        nodes = store.cypher(f"MATCH (n:{kind}) RETURN n.uri AS uri ORDER BY uri")
        subjects = store.sparql(f"SELECT DISTINCT ?uri {{ ?uri a prov:{kind} }} ORDER BY ?uri")
        assert nodes.csv() == subjects.csv(), kind
    for name in ("used", "wasGeneratedBy", "wasDerivedFrom", "wasAssociatedWith", "hadMember"):
        text = f"MATCH (a:Resource)-[:{name}]->(b) RETURN DISTINCT a.uri AS a, b.uri AS b"
        pairs = store.cypher(text + " ORDER BY a, b")
        triples = store.sparql(f"SELECT ?a ?b {{ ?a prov:{name} ?b }} ORDER BY ?a ?b")
        assert len(pairs) > 0
        assert pairs.csv() == triples.csv(), name


def _everything(store: ProvStore) -> tuple[str, str]:
    graph = store.cypher("MATCH (n) OPTIONAL MATCH (n)-[r]->(m) RETURN n, r, m")
    rdf = store.sparql("SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")
    return tuple(
        "\n".join(sorted(Answer(answer.columns, (row,)).csv() for row in answer.rows))
        for answer in (graph, rdf)
    )


def _use_a_server(directory: Path, address: str | None) -> None:
    path = directory / "provstore.toml"
    kept = path.read_text().partition("\n[graph]")[0]
    path.write_text(kept + (f'\n[graph]\naddress = "{address}"\n' if address else ""))


def test_a_store_that_was_replaced_takes_nothing_and_the_next_goes_to_the_one_that_is_there(
    tmp_path: Path,
) -> None:
    """Moved away while it was open, and a backup put in its place."""
    place = tmp_path / "store"
    with ProvStore.create(place) as store:
        form = store.forms["generic"]
        store.submit(form.text(form.example()).encode())
        shutil.copytree(place, tmp_path / "backup")
        ingest = store.ingest("generic-0001")
        place.rename(tmp_path / "elsewhere")
        (tmp_path / "backup").rename(place)
        more = form.text(form.example() | {"comment": "more"}).encode()
        with pytest.raises(StoreReplaced, match="moved or replaced"):
            store.submit(more)
        receipt = store.submit(more)
        assert (receipt.ingest, receipt.new) == ("generic-0002", True)
        assert ingest.status().next == "review"
    with ProvStore(place) as again:
        assert again.ingests() == ["generic-0001", "generic-0002"]
    with ProvStore(tmp_path / "elsewhere") as moved:
        assert moved.ingests() == ["generic-0001"]


def test_an_init_that_a_power_failure_stopped_is_finished_by_the_next(tmp_path: Path) -> None:
    """Its settings have a name and no content, or no name; entries keep the base they have."""
    place, base = tmp_path / "store", "https://data.example.org/"
    with ProvStore.create(place, base) as store:
        form = store.forms["generic"]
        store.submit(form.text(form.example()).encode())
    for half in (b"", bytes(900)):
        (place / "provstore.toml").write_bytes(half)
        with pytest.raises(StoreUnavailable, match="incomplete"):
            ProvStore(place)
        with ProvStore.create(place) as store:
            assert (store.base, store.ingests()) == (base, ["generic-0001"])
            assert store.verify().problems == ()
        (place / "provstore.toml").unlink()
        with ProvStore.create(place) as store:
            assert store.base == base


def test_an_attachment_that_was_damaged_is_healed_when_it_comes_again(tmp_path: Path) -> None:
    with ProvStore.create(tmp_path / "store") as store:
        store.keep_attachments([b"an agreement"])
        (file,) = (store.directory / "attachments").iterdir()
        file.write_bytes(b"an agreemenT")
        assert [*store._intake.attachments.damaged()] == [file.name]
        store.keep_attachments([b"an agreement"])
        assert file.read_bytes() == b"an agreement"
        assert not [*store._intake.attachments.damaged()]
