"""Pictures of a store: what they ask besides the answer, on the example deliveries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from provstore.cli import app
from provstore.pictures.picture import GraphPicture
from provstore.queries.picture_data import CORRECTION_QUERIES, DERIVATIONS, LABELS, PictureData
from provstore.results.answer import Answer
from provstore.store import ProvStore
from provstore.views.graph.graph_view import Engine, GraphView
from provstore.views.journal_following import catch_up
from tests.engines import ENGINES
from tests.example import play
from tests.test_svg_document import parsed, words

REPORT, ERRATUM = "cordex-0001/archival/1/report", "cordex-0001/erratum/1/report"
VERSION = "centre:dataset/cordex.output.EUR-11.EXAMPLE.MPI-M-MPI-ESM-LR.rcp85.r1i1p1.EXRCM1.v1"
HANDLE = "https://hdl.handle.net/21.T12995/6f0d3c1b-0001"
STUDY = "https://esgf.example.org/figures/heat-study"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("drawn") / "store"
    with ProvStore.create(directory, predictable="example") as made:
        play(made)
        made.board()  # the views have caught up
    return directory


@pytest.fixture
def store(place: Path) -> Iterator[ProvStore]:
    with ProvStore(place) as opened:
        yield opened


def marks(picture: GraphPicture) -> dict[str, tuple[str, ...]]:
    return {node.name: node.badges for node in picture.drawing.nodes if node.badges}


def test_a_lineage_is_an_answer_and_its_picture_shows_every_row(store: ProvStore) -> None:
    answer = store.lineage(REPORT)
    assert isinstance(answer, Answer)
    drawing = answer.draw().drawing
    for row in answer:
        assert (row["thing"], row["other"], row["relation"]) in {line[:3] for line in drawing.lines}
    assert drawing.title == f"Where {REPORT} came from"
    people = {node.label for node in drawing.nodes if node.kind == "agent"}
    assert {"Ada Example", "Cleo Demo", "esgf-qa 0.6.0"} <= people
    assert all(line.bundles for line in drawing.lines)
    assert not any(node.kind == "agent" for node in answer.draw(agents=False).drawing.nodes)


def test_nodes_say_what_they_are_and_who_said_it(store: ProvStore) -> None:
    nodes = {node.name: node for node in store.lineage(REPORT).draw().drawing.nodes}
    quality = nodes["cordex-0001/quality/2"]
    assert (quality.kind, quality.type_name, quality.time[:10]) == (
        "activity",
        "quality",
        "2026-01-28",
    )
    assert quality.bundles == ("https://provstore.example/ingest/cordex-0001/quality/2/bundle",)
    report = dict(nodes["cordex-0001/quality/2/report"].facts)
    assert report["ingest:outcome"] == "ok"
    assert nodes[REPORT].steps == 0


def test_what_has_become_of_things_is_marked_by_whichever_name_it_was_said(
    store: ProvStore,
) -> None:
    found = marks(store.lineage(STUDY).draw())
    assert found[f"{VERSION}.v20260202"] == ("corrected", "revised")
    assert marks(store.lineage(HANDLE, depth=1).draw())["hdl:21.T12995/6f0d3c1b-0001"] == (
        "corrected",
        "revised",
    )
    assert any("retracted" in marks for marks in found.values())
    assert found["cordex-0001/transfer/1/copy"] == ("revised",)
    assert not [name for name in found if "vocabulary" in name or name.endswith("archival/1")]


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_says_the_same_of_what_has_become_of_things(
    place: Path, name: str, engines: dict[str, Engine]
) -> None:
    with ProvStore(place) as store:
        things = [str(row["other"]) for row in store.lineage(STUDY)]
        expected = store._resources.picture_data.corrections(things)
        view = GraphView(engines[name])
        try:
            view.clear()
            catch_up(view, store._journal)
            behind = PictureData(
                view.query, store._resources.picture_data.bundles, store._names.iris
            )
            assert behind.corrections(things) == expected
            assert {mark for marks in expected.values() for mark in marks} == set(
                CORRECTION_QUERIES
            )
            assert [behind._kind(iri) for iri in things] == list(
                map(store._resources.picture_data._kind, things)
            )
            for query in (LABELS, DERIVATIONS):
                rows = set(view.query(query, {"things": [*things]}).rows)
                assert rows == set(
                    store._resources.picture_data.ask(query, {"things": [*things]}).rows
                )
        finally:
            view.clear()
            view._disconnect()


def test_near_things_alone_are_drawn_and_the_others_counted(store: ProvStore) -> None:
    whole = store.lineage(REPORT)
    for near in (store.lineage(REPORT, depth=2).draw(), whole.draw(depth=2)):
        assert {node.iri: node.more for node in near.drawing.nodes} == {
            node.iri: len(
                {row["other"] for row in whole if row["thing"] == node.iri}
                - {one.iri for one in near.drawing.nodes}
            )
            for node in near.drawing.nodes
        }
        assert sum(node.more for node in near.drawing.nodes) > 0
    assert whole.draw(limit=5).scene.hidden == len(whole.draw().drawing.nodes) - 5


def test_downwards_it_shows_what_depends_on_it(store: ProvStore) -> None:
    drawing = store.lineage(HANDLE, down=True).draw().drawing
    assert drawing.title.startswith("What depends on hdl:")
    assert drawing.nodes[0].label.startswith("cordex.output")


def test_what_has_no_lineage_is_drawn_as_what_it_is(store: ProvStore) -> None:
    ada = store.lineage("https://orcid.org/0000-0002-1825-0097").draw()
    assert [(node.label, node.kind) for node in ada.drawing.nodes] == [("Ada Example", "agent")]
    parsed(ada.svg())


def test_another_ingest_folds_into_one_box(store: ProvStore) -> None:
    folds = store.lineage(STUDY).draw().scene.folds
    assert {fold.caption for fold in folds if fold.noun == "elements"} == {
        "cordex-0001",
        "generic-0002",
    }


def test_an_impact_is_the_answer_of_the_question_as_a_tree(store: ProvStore) -> None:
    impact = store.impact(ERRATUM)
    asked = store.ask("what-a-correction-reaches", correction=ERRATUM)
    assert (impact.columns, impact.rows) == (asked.columns, asked.rows)
    picture = impact.draw()
    reached = {row["reached"] for row in asked}
    assert {node.iri for node in picture.drawing.nodes} >= reached
    assert len(picture.drawing.lines) == len(reached)
    assert "corrected" in picture.drawing.nodes[0].badges


def test_a_retraction_marks_the_version_that_was_taken_back(store: ProvStore) -> None:
    drawing = store.impact("generic-0002/retraction/1/report").draw().drawing
    assert "retracted" in drawing.nodes[0].badges


def test_the_board_has_every_ingest_and_who_is_at_it(store: ProvStore) -> None:
    shown = words(parsed(store.board().svg()))
    assert all(name in shown for name in store.ingests())
    assert "in progress: Ada Example" in shown


def test_an_ingest_draws_its_life(store: ProvStore) -> None:
    picture = store.ingest("cordex-0001").draw()
    assert len(picture.rows) == len(store.reports("cordex-0001"))
    assert len(picture.loops) == 3
    parsed(picture.svg())


def call(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--store", str(place)], catch_exceptions=False)


def test_the_command_line_draws_into_files_and_says_so(place: Path, tmp_path: Path) -> None:
    svg, html = tmp_path / "a.svg", tmp_path / "a.html"
    for arguments, title in (
        (("lineage", REPORT, "--depth", "2"), f"Where {REPORT} came from"),
        (("impact", ERRATUM), f"What {ERRATUM} reaches"),
        (("history", "cordex-0001"), "History of cordex-0001"),
        (("status",), "State of all ingests"),
    ):
        done = call(place, *arguments, "--svg", str(svg), "--html", str(html))
        assert done.stdout == ""
        assert done.stderr == f"{svg}: {title}\n{html}: {title}\n"
        assert parsed(svg.read_text()).findtext("{http://www.w3.org/2000/svg}title") == title
        assert title in html.read_text()


def test_the_command_line_prints_the_notations_of_others(place: Path) -> None:
    assert call(place, "lineage", REPORT, "--depth", "1", "--dot").stdout.startswith("digraph")
    text = call(place, "lineage", REPORT, "--depth", "1", "--mermaid").stdout
    assert "flowchart RL" in text
    assert call(place, "impact", ERRATUM, "--csv").stdout.startswith("correction,")
