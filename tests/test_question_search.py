"""People find the question that they mean by their own words, in any order and with any ending."""

from pathlib import Path

import pytest

from provstore.queries.catalogue import Questions
from provstore.queries.question_search import clear_choice, rank_questions
from provstore.storage.settings import shipped

QUESTIONS = dict(Questions(shipped("queries")))
PHRASINGS = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "question_phrasings.tsv").read_text().splitlines()
]


def first_choice(words: str) -> str:
    ranked = rank_questions(words, QUESTIONS)
    return ranked[0][0].name if ranked else ""


def test_nine_of_ten_phrasings_find_their_question_first() -> None:
    """Most phrasings were written from the titles of the questions, before the synonyms."""
    assert {name for name, _ in PHRASINGS} == set(QUESTIONS)
    missed = [(name, words) for name, words in PHRASINGS if first_choice(words) != name]
    assert len(missed) <= len(PHRASINGS) // 10, missed


def test_no_phrasing_is_run_as_another_question_more_often_than_three_times_in_a_hundred() -> None:
    wrong = [
        (name, words, chosen.name)
        for name, words in PHRASINGS
        if (ranked := rank_questions(words, QUESTIONS))
        and (chosen := clear_choice(ranked))
        and chosen.name != name
    ]
    assert len(wrong) <= len(PHRASINGS) * 3 // 100, wrong


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_found_by_its_name_and_by_its_text(name: str) -> None:
    assert first_choice(name) == name
    assert first_choice(name.replace("-", " ")) == name
    assert first_choice(QUESTIONS[name].question) == name


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_card_has_synonyms_and_none_twice(name: str) -> None:
    synonyms = QUESTIONS[name].synonyms
    assert len(set(synonyms)) == len(synonyms) >= 15


def test_words_without_meaning_find_nothing() -> None:
    assert rank_questions("", QUESTIONS) == []
    assert rank_questions("the of \x1b[31m \u202e ¤ ≈ zzzqqq", QUESTIONS) == []


def test_the_order_of_words_and_capitals_hardly_matter() -> None:
    assert first_choice("OVERDUE deliveries") == first_choice("deliveries overdue")


def test_an_identifier_among_words_means_what_it_names() -> None:
    assert "ingest" in QUESTIONS[first_choice("cordex-0001 from A to Z")].parameters
    assert first_choice("impact of generic-0002/retraction/1") == "what-a-correction-reaches"


def test_two_near_questions_are_no_clear_choice() -> None:
    assert clear_choice(rank_questions("findings", QUESTIONS)) is None
    assert clear_choice([]) is None


def test_an_empty_catalogue_has_no_question() -> None:
    assert rank_questions("who checked this", {}) == []
