"""A question of one's own begins right, and what is wrong with it is told."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import provstore
from provstore.cli.example_deliveries import read_deliveries
from provstore.cli.question_check import check_questions
from provstore.queries.catalogue import Questions, create_question
from provstore.results.receipts import QuestionVerdict
from provstore.storage.settings import shipped
from tests.example import play

TEMPLATE = shipped("queries").joinpath("template")
EXAMPLE = shipped("queries").joinpath("example")
NAME = "which-had-this"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of a new question."""
    return create_question(tmp_path / "questions", NAME, TEMPLATE)


def judged(own: Path, example: Path | None = None) -> QuestionVerdict:
    (one,) = check_questions(Questions(own.parents[1]), [NAME], example or EXAMPLE)
    return one


def change(own: Path, file: str, old: str, other: str) -> None:
    text = (own / file).read_text(encoding="utf-8")
    assert old in text
    (own / file).write_text(text.replace(old, other), encoding="utf-8")


def test_a_new_question_is_right_and_can_be_asked(own: Path, tmp_path: Path) -> None:
    assert judged(own) == QuestionVerdict(NAME, "right", ())
    with provstore.init(tmp_path / "store") as store:
        play(store)
        answer = store.ask(NAME, folder=own.parents[1], outcome="rejected", language="both")
        assert [row[2] for row in answer.rows] == ["review", "quality"]


WRONG: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "another answer": (
        lambda own: change(own, "expected.csv", "erratum,1", "erratum,2"),
        ["cypher: the answer differs", "cypher: -action-required", "cypher: +action-required",
         "sparql: the answer differs", "sparql: -action-required", "sparql: +action-required"],
    ),
    "another column": (
        lambda own: change(own, "question.cypher", "AS run\nORDER BY ingest, step, run",
                           "AS number\nORDER BY ingest, step, number"),
        ["cypher: the columns are outcome, ingest, step, number; question.md expects outcome,"],
    ),
    "one language says otherwise": (
        lambda own: change(own, "question.rq", "ingest:step ?step", 'ingest:step "review", ?step'),
        ["sparql: the answer differs", "sparql: -", "sparql: -", "sparql: -"],
    ),
    "no Cypher": (
        lambda own: change(own, "question.cypher", "RETURN", "RETRUN"),
        ["cypher: The Cypher query failed"],
    ),
    "a prefix nobody knows": (
        lambda own: change(own, "question.rq", "?ingest a ingest:Ingest", "?ingest a ingst:Ingest"),
        ["sparql: The SPARQL query failed"],
    ),
    "it may never end": (
        lambda own: change(own, "question.cypher", "-[:hadMember]->", "-[:hadMember*1..2]->"),
        ["The Cypher has a variable-length pattern"],
    ),
    "nobody knows what empty means": (
        lambda own: change(own, "question.md", "An empty answer means", "It is empty when"),
        ["The last line of question.md"],
    ),
    "no example": (
        lambda own: change(own, "question.md", 'example = "action-required"', 'example = "good"'),
        ["cypher: the answer differs", *["cypher: -"] * 4, "sparql: the answer differs",
         *["sparql: -"] * 4],
    ),
    "a card that is none": (
        lambda own: change(own, "question.md", 'kind = "text"', 'kind = "word"'),
        ["which-had-this: the kind of outcome must be one of"],
    ),
    "a file is missing": (
        lambda own: (own / "question.rq").unlink(),
        ["which-had-this lacks question.rq"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", WRONG)
def test_what_is_wrong_is_told(how: str, own: Path) -> None:
    spoil, words = WRONG[how]
    spoil(own)
    one = judged(own)
    assert one.verdict == "wrong"
    assert len(one.problems) == len(words), one
    for problem, begins in zip(one.problems, words, strict=True):
        assert problem.startswith(begins)


def test_an_answer_without_rows_shows_nothing(own: Path) -> None:
    change(own, "question.md", 'example = "action-required"', 'example = "good"')
    (own / "expected.csv").write_text("outcome,ingest,step,run\n")
    assert judged(own).problems == (
        "The expected answer (expected.csv) is empty: it proves nothing.",
    )


def test_other_line_ends_and_quotes_say_the_same(own: Path) -> None:
    rows = (own / "expected.csv").read_text().splitlines()
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in row.split(",")) for row in rows)
    (own / "expected.csv").write_bytes(quoted.encode())
    assert judged(own).verdict == "right"


def test_an_answer_that_has_no_order_may_come_in_any(own: Path) -> None:
    change(own, "question.md", "ordered = true", "ordered = false")
    change(own, "question.cypher", "ORDER BY ingest", "ORDER BY ingest DESC")
    assert judged(own).verdict == "right"
    change(own, "question.md", "ordered = false", "ordered = true")
    assert judged(own).verdict == "wrong"


def test_a_long_difference_is_told_in_part(own: Path) -> None:
    with (own / "expected.csv").open("a") as file:
        file.writelines(f"action-required,https://example.org/{n:02},x,1\n" for n in range(90))
    told = judged(own).problems
    assert len(told) == 2 * 22
    assert told[-1] == "sparql: … and 70 more lines"


def test_a_folder_has_deliveries_of_its_own(own: Path, tmp_path: Path) -> None:
    example = tmp_path / "example"
    example.mkdir()
    for file, content in list(read_deliveries(EXAMPLE))[:5]:
        (example / file).write_bytes(content)
    (own / "expected.csv").write_text(
        "outcome,ingest,step,run\n"
        "action-required,https://provstore.example/ingest/cordex-0001,quality,1\n"
    )
    assert judged(own, example).verdict == "right"
    shutil.rmtree(example)
    assert judged(own).verdict == "wrong"
