"""Every question answers alike in both languages, on every engine, and as its card says."""

import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import provstore
from provstore.errors import BadParameter, BadQuestion, UnknownName, ViewUnavailable
from provstore.ingest.ingest_iris import IngestIris
from provstore.queries.catalogue import COSTS, Question, Questions, create_question, read_question
from provstore.queries.query_lint import lint_cypher, lint_sparql
from provstore.results.answer import Answer, Cell, Iri
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from provstore.views.graph.graph_view import Engine, GraphView
from provstore.views.journal_following import catch_up
from provstore.views.rdf.rdf_view import RdfView
from provstore.views.rdf.sparql import bind_known_iris, encode_parameter, read_term
from tests import plain
from tests.engines import ENGINES
from tests.example import EX, THINGS, play, play_more
from tests.example import store as store
from tests.plain.world import ANSWERS, World, answer
from tests.remote import RemoteView
from tests.reports import ADA, WORD, person_iri
from tests.servers.fuseki import Fuseki

FOLDER = Path(str(shipped("queries")))
QUESTIONS = Questions(FOLDER)
TEMPLATE = FOLDER / "template"


@pytest.fixture(scope="module")
def asked(engines: dict[str, Engine]) -> Iterator[dict[str, GraphView]]:
    """A view on each engine that was wanted so far; `holding` fills it."""

    class Views(dict[str, GraphView]):
        def __missing__(self, name: str) -> GraphView:
            self[name] = view = GraphView(engines[name])
            view.clear()
            return view

    views = Views()
    yield views
    for view in views.values():
        view._disconnect()


def holding(view: GraphView, store: ProvStore) -> GraphView:
    """The view with all that is in a store, and nothing else."""
    try:
        catch_up(view, store._journal)
    except ViewUnavailable:  # it holds another store
        view.clear()
        catch_up(view, store._journal)
    return view


@pytest.fixture(scope="module")
def remote(fuseki: Fuseki, store: ProvStore) -> RemoteView:
    """The example on a SPARQL server of others."""
    view = RemoteView(fuseki)
    view.fill(map(bundle_of, store.entries()))
    return view


def example_of(card: Question) -> dict[str, Cell]:
    return card.bind({key: one.example for key, one in card.parameters.items()})


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_answers_as_its_card_says_in_cypher(
    name: str, engine_name: str, store: ProvStore, asked: dict[str, GraphView]
) -> None:
    card = QUESTIONS[name]
    said = holding(asked[engine_name], store).query(card.cypher, example_of(card))
    assert (said.columns, said.csv()) == (card.columns, card.expected)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_answers_as_its_card_says_in_sparql(name: str, store: ProvStore) -> None:
    card = QUESTIONS[name]
    said = store.sparql(card.sparql, example_of(card))
    assert (said.columns, said.csv()) == (card.columns, card.expected)


@pytest.mark.xdist_group("fuseki")
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_answers_as_its_card_says_on_a_server_of_others(
    name: str, remote: RemoteView
) -> None:
    card = QUESTIONS[name]
    said = remote.query(card.sparql, example_of(card))
    assert (said.columns, said.csv()) == (card.columns, card.expected)


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_a_card_expects_is_what_plain_python_finds_in_the_journal(
    name: str, store: ProvStore
) -> None:
    card = QUESTIONS[name]
    rows = answer(name, World(store), example_of(card))
    assert Answer(card.columns, tuple(rows)).csv() == card.expected


def test_every_question_has_its_plain_answer() -> None:
    assert set(ANSWERS) == set(QUESTIONS)
    assert {QUESTIONS[name].theme for name in QUESTIONS} == set(plain.__all__)


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_on_the_example_is_never_empty(name: str) -> None:
    assert QUESTIONS[name].expected.count("\n") > 1


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_says_what_an_empty_answer_means(name: str) -> None:
    assert QUESTIONS[name].why.splitlines()[-1].startswith("An empty answer means ")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_that_no_parameter_bounds_says_what_its_cost_follows(name: str) -> None:
    card = QUESTIONS[name]
    first = card.cypher.index("MATCH (")
    begins = re.match(r"MATCH \(\w*:Resource \{uri: ", card.cypher[first:])
    assert card.cost or begins


@pytest.mark.parametrize("name", [name for name, card in QUESTIONS.items() if card.cost])
def test_a_card_says_why_its_cost_is_more_than_its_answer(name: str) -> None:
    card = QUESTIONS[name]
    reasons = [one for one in card.why.lower().split("\n\n") if COSTS[card.cost] in one]
    assert any(re.search(r"\b(read|listed|walked)\b", one) for one in reasons)


def test_a_cost_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    card = CARD.format("iri", EX)
    assert question(tmp_path, 'cost = "reports"\n' + card).cost == "reports"
    with pytest.raises(BadQuestion, match="the cost must be one of archive copies"):
        question(tmp_path, 'cost = "money"\n' + card)


@pytest.mark.parametrize("name", [name for name, card in QUESTIONS.items() if card.parameters])
def test_what_an_engine_is_told_first_changes_no_answer(name: str, store: ProvStore) -> None:
    card, bound = QUESTIONS[name], example_of(QUESTIONS[name])
    assert bind_known_iris(card.sparql, bound) != card.sparql or "iri" not in [
        one.kind for one in card.parameters.values()
    ]
    rdf = store.views["rdf"]
    store.sparql("ASK {}")
    assert isinstance(rdf, RdfView)
    with_it = rdf.query(card.sparql, bound)
    terms = {key: encode_parameter(value) for key, value in bound.items()}
    asked = {"query": card.sparql, "prefixes": dict(store.prefixes), "rows": None}
    replies = rdf.engine.query({**asked, "parameters": terms})
    rows = [tuple(map(read_term, row)) for reply in replies for row in reply.get("rows", ())]
    assert Answer(card.columns, tuple(rows)).csv() == with_it.csv() == card.expected


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_uses_a_shape_that_may_never_end(name: str) -> None:
    assert lint_cypher(QUESTIONS[name].cypher) == []
    assert lint_sparql(QUESTIONS[name].sparql) == []


def test_a_parameter_that_does_not_reach_a_sub_select_is_noticed() -> None:
    """There it is any value at all: the query answers, and wrongly."""
    good = "SELECT $x ?n { { SELECT $x ?n { $x ?p ?n } } }"
    assert lint_sparql(good) == []
    (fault,) = lint_sparql(good.replace("{ SELECT $x", "{ SELECT DISTINCT"))
    assert "uses $x" in fault
    assert lint_sparql("SELECT $x { OPTIONAL { $x ?p ?o }") == []  # the engine will say it


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
        "MATCH (a:Resource {uri : $x}) MATCH q = allshortestpaths((a)-[:used]->(b)) RETURN q",
        "MATCH p = shortest 1 (a:Resource)-[:used]->(b) RETURN p",
        "MATCH (e:Resource {uri: $x}) CALL {WITH e MATCH (e)-[:used*1..]->(y) RETURN DISTINCT y}",
        "MATCH (a:Resource {uri: $x})-[: $(t)]->(b) RETURN b",
        "MATCH (a:Resource {uri: $x})-[r:used|$(t)]->(b) RETURN b",
        "MATCH (a:Resource {uri: $x})-[:used]->{1,}(b) RETURN b",
        "MATCH (a:Resource {uri: $x})<-[:used]-+(b) RETURN b",
        "MATCH (a:Entity {uri : $x}) RETURN a",
        "MATCH (i:Ingest)-[:hadMember]->(r) WITH r MATCH (j:Ingest)-[:hadMember]->(r) RETURN j",
        "MATCH (e:Resource {uri: $x})<-[:used]-(a) MATCH (b), (c)-[:used]->(a) RETURN b",
        "MATCH (a:Entity) CALL (a) { MATCH (z)-[:used*1..]->(y) RETURN DISTINCT y } RETURN y",
    ],
)
def test_the_judge_of_shapes_knows_a_bad_one(text: str) -> None:
    assert lint_cypher(text)


def test_the_judge_of_shapes_lets_the_good_one_pass() -> None:
    text = """// a comment with * in it
    MATCH (e:Resource {uri: $x})
    CALL (e) { MATCH (e)<-[:used|wasInformedBy*1..]-(y) RETURN DISTINCT y }
    RETURN y.uri, count(*), '*' """
    assert lint_cypher(text) == []


# ---------------------------------------------------------------- beyond the example deliveries


@pytest.fixture(scope="module")
def beyond(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """The example, deliveries that are corrected and taken back, many more, and odd documents."""
    with provstore.init(tmp_path_factory.mktemp("beyond") / "store", predictable=WORD) as store:
        play(store)
        play_more(store)
        yield store


@pytest.fixture(scope="module")
def world(beyond: ProvStore) -> World:
    """The same in plain Python."""
    return World(beyond)


_INGEST = "https://provstore.example/ingest/cordex-"
_TIMES = ("2012-01-01T00:00:00Z", "2026-03-06T09:00:00Z", "2027-01-01T00:00:00Z")
ASKED = {
    "thing": THINGS,
    "ingest": [_INGEST + number for number in ("0001", "1000", "1001", "9999")],
    "correction": [
        f"{_INGEST}1000/{step}/1/report" for step in ("erratum", "retraction", "review")
    ],
    "person": [person_iri(IngestIris(), ADA), EX + "agent"],
    "version": ["0.6.0", "1", "0.6.1-rc1"],
    "days": ["0", "0.5"],
    "dataset": ["https://provstore.example/" + name for name in ("dataset/none", "dataset/obs")],
    **dict.fromkeys(("at", "now", "since", "later"), _TIMES),
}
"""What questions are asked about besides the examples of their cards."""


def _asked_for(card: Question) -> Iterable[dict[str, str]]:
    """The example, and each parameter's other values, one at a time."""
    example = {name: one.example for name, one in card.parameters.items()}
    yield example
    for name in card.parameters:
        yield from (example | {name: other} for other in ASKED.get(name, ()))


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("name", QUESTIONS)
def test_both_languages_answer_alike_and_soon_whatever_was_said(
    name: str, engine_name: str, beyond: ProvStore, world: World, asked: dict[str, GraphView]
) -> None:
    """SPARQL texts that look harmless took a minute on 200 ingests."""
    card, view = QUESTIONS[name], holding(asked[engine_name], beyond)
    beyond.sparql("ASK {}")
    for values in _asked_for(card):
        parameters = card.bind(values)
        begun = time.perf_counter()
        cypher = view.query(card.cypher, parameters)
        sparql = beyond.sparql(card.sparql, parameters)
        took = time.perf_counter() - begun
        expected = Answer(card.columns, tuple(answer(name, world, parameters))).csv()
        assert Answer(card.columns, cypher.rows).csv() == expected
        assert sparql.csv() == expected
        assert took < SOON, f"{values} took {took:.1f} s"


SOON = 10.0
"""Seconds: over ten times what is needed now, and less than what a bad plan takes."""

_V = "dataset/cordex.output.EUR-11.EXAMPLE.MPI-M-MPI-ESM-LR.rcp85.r1i1p1.EXRCM1.v1"


def short(said: Answer) -> list[str]:
    """Rows without the names' base, and without those of the example itself."""
    rows = [line.replace("https://provstore.example/", "") for line in said.csv().splitlines()]
    return [row for row in rows[1:] if not re.search("cordex-[02]|generic-0", row)]


def test_what_was_taken_back_and_what_was_published_again(beyond: ProvStore) -> None:
    version, names = f"{_V}.v20260302", "hdl:21.T12995/one,https://doi.org/10.5072/one"
    assert short(beyond.ask("what-was-published", language="both")) == [
        f"{version},ingest/cordex-{number},2026-03-{day}T09:00:00Z,,{names},2026-03-13T09:00:00Z"
        for number, day in (("1001", "06"), ("1000", "10"), ("1001", "11"))
    ]


def test_every_kind_of_correction_is_counted(beyond: ProvStore) -> None:
    ada = person_iri(IngestIris(), ADA).removeprefix(IngestIris().base)
    life, twice = "ingest/cordex-1000", "ingest/cordex-1001"
    assert short(beyond.ask("what-was-corrected", language="both")) == [
        f"{life}/erratum/1/report,{life},{_V}.v20260302,,{ada},2026-03-12T09:00:00Z",
        f"{life}/retraction/1/report,{life},{_V}.v20260302,units,{ada},2026-03-13T09:00:00Z",
        f"{life}/revision/1/report,{life},{life}/quality/1/report,units,{ada},2026-03-06T09:00:00Z",
        f"{twice}/revision/1/report,{twice},{twice}/quality/1/report,units,{ada},"
        "2026-03-07T09:00:00Z",
    ]


def test_what_others_published_has_no_quality_report_here(beyond: ProvStore) -> None:
    answer = beyond.ask("published-without-passed-quality", language="both")
    assert [row[0] for row in answer.rows if str(row[0]).startswith(EX)] == [
        EX + "v1",
        EX + "v2",
        EX + "v3",
        EX + "v3",
    ]
    assert len(answer) == 5  # and the driving model of the example


def test_a_thing_that_came_from_itself_is_its_own_ancestor(beyond: ProvStore) -> None:
    for name in ("self", "round"):
        asked = {"thing": Iri(EX + name)}
        answer = beyond.ask("where-did-this-come-from", asked, language="both")
        assert EX + name in [row[1] for row in answer.rows]


# ------------------------------------------------------------------------------- parameters


def question(tmp_path: Path, card: str, cypher: str = "RETURN $x", sparql: str = "$x") -> Question:
    (tmp_path / "question.md").write_text(f"+++\n{card}\n+++\nWhy.\n")
    (tmp_path / "question.cypher").write_text(cypher)
    (tmp_path / "question.rq").write_text(sparql)
    (tmp_path / "expected.csv").write_text("x\n")
    return read_question(tmp_path, "theme")


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
        ('question = "?"\ncolumns = ["x"]\nsynonyms = [1]', "synonyms are not all texts"),
        (CARD.format("word", "w"), "kind of x must be one of"),
        (
            CARD.format("text", "w").replace('["x"]', '["y", "x"]'),
            "must be the parameters",
        ),
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
        read_question(tmp_path, "theme")


def test_a_folder_of_questions_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadQuestion, match="The folder of questions"):
        Questions(tmp_path / "nowhere")


def test_two_questions_of_one_name_are_noticed(tmp_path: Path) -> None:
    create_question(tmp_path, "here/which-are-late", TEMPLATE)
    with pytest.raises(BadQuestion, match="already"):
        create_question(tmp_path, "there/which-are-late", TEMPLATE)
    (tmp_path / "here").rename(tmp_path / "elsewhere")
    create_question(tmp_path / "x", "here/which-are-late", TEMPLATE)
    (tmp_path / "x" / "here").rename(tmp_path / "here")
    with pytest.raises(BadQuestion, match="both in elsewhere and in here"):
        Questions(tmp_path)


@pytest.mark.parametrize("name", ["", "Late", "../late", "a/b/c", "late.md", "-", "a//b", "/late"])
def test_what_cannot_name_a_question_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadQuestion, match="cannot name"):
        create_question(tmp_path / "questions", name, TEMPLATE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["from", "in", "json", "two words", "1st", "é", "folder"])
def test_a_parameter_that_could_not_be_given_is_refused(tmp_path: Path, name: str) -> None:
    card = CARD.format("text", "words").replace('["x"]', f'["{name}"]')
    with pytest.raises(BadQuestion, match="a parameter cannot have the name"):
        question(tmp_path, card.replace("parameters.x", f'parameters."{name}"'))


def test_a_question_that_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = create_question(tmp_path, "which-are-late", TEMPLATE)
    (folder / "question.rq").write_bytes(b"SELECT \xff")
    with pytest.raises(BadQuestion, match="cannot be read"):
        Questions(tmp_path)["which-are-late"]
