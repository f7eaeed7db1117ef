"""Finds the question that people mean by their words; no model, no store.

In: words, and questions with their cards. Out: the questions with a score each, the best first. A
card counts as a whole (BM25F: a rare word counts more, and more in a name than in prose), and by
the phrases that are most like what was asked.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise

from provstore.queries.catalogue import Question
from provstore.queries.question_words import (
    DATASET,
    DAYS,
    ERRATUM,
    INGEST,
    INSTITUTE,
    MODEL,
    PAIR,
    PERIOD,
    PERSON,
    RELEASE,
    THING,
    TIME,
    comparable_words,
    cues_of,
    groups_of,
)

_CUES: Mapping[str, tuple[str, ...]] = {
    "ingest": (INGEST,), "uid": (ERRATUM,), "days": (DAYS,), "dataset": (DATASET, THING),
    "thing": (THING, DATASET), "correction": (THING,), "organisation": (INSTITUTE,),
    "driving_model": (MODEL,), "at": (TIME,), "since": (TIME, PERIOD), "earlier": (TIME, PERIOD),
    "person": (PERSON,), "other": (PAIR,), "source": (PAIR,), "second": (PAIR,),
    "first": (THING,), "version": (RELEASE,),
}  # fmt: skip
"""What words name that are about a question with this parameter."""
_CUE = 0.3
"""What it counts that a question has a parameter for all that the words name; a value doubly."""
_NO_TIME = 0.15
"""What it costs that a question is about a time, and the words name none."""
_K1 = 3.0
_GROUP = 0.9
"""What a word of the same meaning counts, compared to the word itself."""
_PAIR = 0.7
"""What two words in the same order count, compared to their mean."""
_WHOLE, _NEAREST = 1.5, (0.4, 0.3, 0.2, 0.1)
"""What a card counts as a whole, and what the phrases count that are most like the words."""
_NAME, _PHRASE, _PROSE = 2.0, 1.0, 0.3
_CLEAR, _NEAR = 0.7, 0.85
"""The least score of a clear choice, and the largest part of it that the second may have."""


@dataclass(frozen=True)
class _Card:
    """What is compared of one question: how often its words occur, and its phrases."""

    question: Question
    counts: Mapping[str, float]
    phrases: tuple[frozenset[str], ...]
    cues: frozenset[str]


def rank_questions(words: str, catalogue: Mapping[str, Question]) -> list[tuple[Question, float]]:
    """Rank the questions of a catalogue by what the words mean; those without a match are left out.

    A score lies between 0 and 3; an exact name has the score 3.

    >>> from provstore.queries.catalogue import Questions
    >>> from provstore.storage.settings import shipped
    >>> ranked = rank_questions("who checked the MPI data", Questions(shipped("queries")))
    >>> ranked[0][0].name
    'who-judged-this'
    """
    name = "-".join(words.casefold().split())
    if name in catalogue:
        return [(catalogue[name], 3.0)]
    cards = [_card(question) for question in catalogue.values()]
    rarity = _rarities(cards)
    asked = _features(words)
    weights = {feature: _weight(feature, rarity) for feature in asked if feature in rarity}
    most = sum(weights.values())
    if not most:
        return []
    cues = {cue: _CUE * count for cue, count in cues_of(words).items()}
    ranked = [
        (card.question, _score(card, weights, most, rarity) + _share(card.cues, cues))
        for card in cards
    ]
    return sorted((pair for pair in ranked if pair[1] > 0), key=lambda pair: -pair[1])


def _card(question: Question) -> _Card:
    phrases = [question.name.replace("-", " "), question.question, *question.synonyms]
    counts: dict[str, float] = defaultdict(float)
    for place, phrase in enumerate(phrases):
        for feature in _features(phrase):
            counts[feature] += _NAME if place < 2 else _PHRASE
    prose = [question.theme, question.why, *question.columns]
    prose += [parameter.help for parameter in question.parameters.values()]
    for feature in _features(" ".join(prose)):
        counts[feature] += _PROSE
    cues = frozenset(cue for name in question.parameters for cue in _CUES.get(name, ()))
    return _Card(question, counts, tuple(map(_features, phrases)), cues)


@lru_cache(8192)
def _features(text: str) -> frozenset[str]:
    words = comparable_words(text)
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    groups = [group for word in words for group in groups_of(word)]
    return frozenset([*words, *pairs, *groups])


def _rarities(cards: Iterable[_Card]) -> dict[str, float]:
    cards = list(cards)
    occurring: Counter[str] = Counter()
    for card in cards:
        occurring.update(feature for feature, count in card.counts.items() if count >= _PHRASE)
    return {
        feature: math.log(1 + (len(cards) - count + 0.5) / (count + 0.5))
        for feature, count in occurring.items()
    }


def _weight(feature: str, rarity: Mapping[str, float]) -> float:
    scale = _GROUP if feature[0] == "≈" else _PAIR if " " in feature else 1.0
    return scale * rarity.get(feature, 0.0)


def _score(
    card: _Card, weights: Mapping[str, float], most: float, rarity: Mapping[str, float]
) -> float:
    whole = sum(
        weight * count / (count + _K1)
        for feature, weight in weights.items()
        if (count := card.counts.get(feature, 0.0))
    )
    known = frozenset(weights)
    asked = math.sqrt(sum(weight**2 for weight in weights.values()))
    likeness = []
    for phrase in card.phrases:
        shared = sum(weights[feature] ** 2 for feature in phrase & known)
        if shared:
            size = math.sqrt(sum(_weight(feature, rarity) ** 2 for feature in phrase))
            likeness.append(shared / (size * asked))
    nearest = zip(_NEAREST, nlargest(len(_NEAREST), likeness), strict=False)
    return _WHOLE * whole / most + sum(share * like for share, like in nearest)


def _share(taken: frozenset[str], cues: Mapping[str, float]) -> float:
    missing = _NO_TIME if TIME in taken and not {TIME, PERIOD} & cues.keys() else 0.0
    return sum(cues[cue] for cue in taken & cues.keys()) / (len(cues) or 1) - missing


def clear_choice(ranked: Sequence[tuple[Question, float]]) -> Question | None:
    """Return the first of ranked questions, or None if it is not clearly the one that is meant."""
    if not ranked:
        return None
    (best, score), *others = ranked
    second = others[0][1] if others else 0.0
    return best if score >= _CLEAR and second <= _NEAR * score else None
