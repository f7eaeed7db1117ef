"""Every question answers alike in both languages, on every engine, and as its card says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import provstore
from provstore.errors import BadParameter, BadQuestion, UnknownName
from provstore.questions import Question, Questions, read
from provstore.settings import shipped
from provstore.store import ProvStore
from provstore.tour import deliver, deliveries
from provstore.views.graph import Engine, GraphView
from tests.engines import ENGINES
from tests.shapes import faults

FOLDER = Path(str(shipped("queries")))
QUESTIONS = Questions(FOLDER)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """A store that holds the example deliveries."""
    with provstore.init(tmp_path_factory.mktemp("example") / "store") as store:
        for file, content in deliveries(FOLDER / "example"):
            deliver(store, file, content)
        yield store


@pytest.fixture(scope="module")
def asked(example: ProvStore, engines: dict[str, Engine]) -> Iterator[dict[str, GraphView]]:
    """The example deliveries on each engine that was wanted so far."""

    class Filled(dict[str, GraphView]):
        def __missing__(self, name: str) -> GraphView:
            view = GraphView(engines[name])
            view.clear()
            provstore.store.catch_up(view, example.journal)
            self[name] = view
            return view

    views = Filled()
    yield views
    for view in views.values():
        view._disconnect()


@pytest.mark.parametrize("engine_name", [*ENGINES, "oxigraph"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_answers_as_its_card_says(
    name: str, engine_name: str, example: ProvStore, asked: dict[str, GraphView]
) -> None:
    card = QUESTIONS[name]
    parameters = card.bind({key: one.example for key, one in card.parameters.items()})
    if engine_name == "oxigraph":
        answer = example.sparql(card.sparql, parameters)
    else:
        answer = asked[engine_name].query(card.cypher, parameters)
    assert answer.columns == card.columns
    assert answer.csv() == card.expected


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_on_the_example_is_never_empty(name: str) -> None:
    assert QUESTIONS[name].expected.count("\n") > 1


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_says_what_an_empty_answer_means(name: str) -> None:
    assert QUESTIONS[name].why.splitlines()[-1].startswith("An empty answer means ")


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_uses_a_shape_that_may_never_end(name: str) -> None:
    assert faults(QUESTIONS[name].cypher) == []


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (e:Resource {uri: $x})-[:used*1..]->(y) RETURN y, count(*)",
        "MATCH (e:Resource {uri: $x})-[:used|wasInformedBy*]->(y) WITH DISTINCT y RETURN y",
        "MATCH p = (e:Resource {uri: $x})-[:used*1..]->(y) RETURN DISTINCT y",
        "MATCH (e:Resource {uri: $x}) CALL { WITH e MATCH (e)-[:used*1..]->(y) RETURN DISTINCT y }",
        "MATCH (e:Resource {uri: $x}) CALL (e) { MATCH (e)-[:used*2..]->(y) RETURN DISTINCT y }",
        "MATCH (e:Resource {uri: $x}) CALL (e) { MATCH (e)-[:used*1..]->(y) RETURN y }",
        "MATCH (a), (b) WHERE EXISTS { (a)-[:used*1..]->(b) } RETURN a",
        "MATCH (a:Resource {uri: $x}) MATCH q = allShortestPaths((a)-[:used]->(b)) RETURN q",
        "MATCH (a:Resource {uri: $x}) ((:Entity)-[:used]->(:Entity))+ (b) RETURN b",
        "MATCH (a:Resource {uri: $x})-[:$type]->(b) RETURN b",
        "MATCH (a:Entity {uri: $x}) RETURN a",
    ],
)
def test_the_judge_of_shapes_knows_a_bad_one(text: str) -> None:
    assert faults(text)


def test_the_judge_of_shapes_lets_the_good_one_pass() -> None:
    text = """// a comment with * in it
    MATCH (e:Resource {uri: $x})
    CALL (e) { MATCH (e)<-[:used|wasInformedBy*1..]-(y) RETURN DISTINCT y }
    RETURN y.uri, count(*), '*' """
    assert faults(text) == []


# ------------------------------------------------------------------------------- parameters


def question(tmp_path: Path, card: str, cypher: str = "RETURN $x", sparql: str = "$x") -> Question:
    (tmp_path / "question.md").write_text(f"+++\n{card}\n+++\nWhy.\n")
    (tmp_path / "question.cypher").write_text(cypher)
    (tmp_path / "question.rq").write_text(sparql)
    (tmp_path / "expected.csv").write_text("x\n")
    return read(tmp_path, "theme")


CARD = """question = "?"
columns = ["x"]
[parameters.x]
kind = "{}"
help = "A thing."
example = "{}" """


@pytest.mark.parametrize(
    ("kind", "example", "wrong"),
    [
        ("iri", "http://example.org/x", "no iri"),
        ("iri", "http://example.org/x", 'http://example.org/"> <x'),
        ("number", "7", "seven"),
        ("number", "7", "inf"),
        ("time", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00"),
        ("time", "2026-03-02T09:00:00Z", "yesterday"),
        ("text", "words", 7),
    ],
)
def test_a_parameter_of_another_kind_is_refused_with_an_example(
    tmp_path: Path, kind: str, example: str, wrong: object
) -> None:
    card = question(tmp_path, CARD.format(kind, example))
    card.bind({"x": example})
    with pytest.raises(BadParameter, match=example):
        card.bind({"x": wrong})


def test_missing_and_unknown_parameters_are_named(tmp_path: Path) -> None:
    card = question(tmp_path, CARD.format("text", "words"))
    with pytest.raises(BadParameter, match="needs --x"):
        card.bind({})
    with pytest.raises(UnknownName, match="'x'"):
        card.bind({"xx": "1", "x": "2"})


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ('question = "?"', "columns is missing"),
        ('question = "?"\ncolumns = ["y"]\nwhy = 1', "why is not known"),
        ("question = ", "not TOML"),
        ('question = 1\ncolumns = ["x"]', "not of the type str"),
        (CARD.format("word", "w"), "kind out of"),
        (CARD.format("text", "w").replace('["x"]', '["y", "x"]'), "begins with the parameters"),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(tmp_path: Path, card: str, words: str) -> None:
    with pytest.raises(BadQuestion, match=words):
        question(tmp_path, card)


def test_a_parameter_that_a_language_does_not_use_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(BadQuestion, match="SPARQL does not use"):
        question(tmp_path, CARD.format("text", "words"), sparql="nothing")


def test_an_incomplete_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "question.md").write_text("+++\n+++\n")
    with pytest.raises(BadQuestion, match=r"lacks question\.cypher, question\.rq, expected\.csv"):
        read(tmp_path, "theme")
