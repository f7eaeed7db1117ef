"""A table is the same table as CSV, as JSON and in a notebook."""

import json
from datetime import UTC, datetime

from provstore.results.answer import Answer


def test_csv_and_json_hold_every_row() -> None:
    answer = Answer(("a", "b"), (("x,y", None), ('"', 1.5)))
    assert answer.csv() == 'a,b\n"x,y",\n"""",1.5\n'
    assert json.loads(json.dumps(answer.records())) == [
        {"a": "x,y", "b": None},
        {"a": '"', "b": 1.5},
    ]
    assert list(answer) == answer.records()


def test_a_time_is_text_in_json() -> None:
    answer = Answer(("t",), ((datetime(2026, 3, 2, tzinfo=UTC),),))
    assert answer.records() == [{"t": "2026-03-02T00:00:00Z"}]


def test_in_a_notebook_a_cell_is_text_and_never_markup() -> None:
    shown = Answer(("<b>",), (("<script>",),))._repr_html_()
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


def test_an_answer_says_what_it_answers_how_long_that_took_and_how_much_it_is() -> None:
    rows = tuple((f"https://data.example.org/{number}",) for number in range(1200))
    told = {"asked": "Which are there?", "seconds": 0.034, "short": lambda iri: f"ex:{iri[-1]}"}
    answer = Answer(("thing",), rows, cut=True, notes=("A note.",), **told)  # type: ignore[arg-type]
    for shown in (answer._repr_html_(), answer.to_pandas()._repr_html_()):
        assert shown
        assert "Which are there? · 34 ms · 1,200 rows · the first 100 are shown" in shown
        assert '<span title="https://data.example.org/1">ex:1</span>' in shown
        assert "there are more rows than the limit (1200)" in shown
        assert "A note." in shown
    assert answer == Answer(("thing",), rows, cut=True, notes=("A note.",))
