"""Forms of one word are one word, and a value is known by its shape."""

import pytest

from provstore.queries.question_words import comparable_words, cues_of, groups_of, stem


@pytest.mark.parametrize(
    "forms",
    [
        ("publish", "published", "publishing", "publishes"),
        ("delivery", "deliveries"),
        ("withdraw", "withdraws", "withdrawing"),
        ("error", "errors"),
        ("send", "sent"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_words_of_one_meaning_share_a_group() -> None:
    assert set(groups_of(stem("submission"))) & set(groups_of(stem("delivery")))
    assert not set(groups_of(stem("erratum"))) & set(groups_of(stem("archive")))


@pytest.mark.parametrize(
    ("words", "cue"),
    [
        ("what happened to cordex-cmip6-0012", "an ingest"),
        ("what happened to this delivery", "an ingest"),
        ("who made doi:10.5072/exrcm1", "a thing"),
        ("the issue 2f6b8a1e-5c3d-4e7f-9a0b-1c2d3e4f5a6b", "an erratum"),
        ("on 2026-03-01", "a time"),
        ("since last week", "a period"),
        ("for two weeks", "days"),
        ("runs driven by MPI-ESM-LR", "a model"),
        ("all from DKRZ", "an institute"),
    ],
)
def test_what_words_name_is_known_by_its_shape(words: str, cue: str) -> None:
    assert cue in cues_of(words)


def test_a_value_is_no_word_but_an_ingest_stands_for_its_noun() -> None:
    assert comparable_words("cordex-0001") == ["ingest"]
