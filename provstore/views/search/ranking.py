"""Ranks hits, and selects an excerpt of each. It knows no index.

BM25F (Robertson and Zaragoza 2009, 3.6): a word counts more in a name or title than in a comment,
more if it is rare, and less in long texts. Exact names come first.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from provstore.views.search.search_documents import TITLE, WEIGHTS
from provstore.views.search.search_words import Term, word_line, word_places

_K1, _B = 1.2, 0.75
CHARACTERS_BEFORE, CHARACTERS_AFTER = 60, 140
"""The number of characters of a long text that are shown before a match, and from it on."""

Texts = Sequence[tuple[str, str]]


class Excerpt(NamedTuple):
    """The best matching text of an element: attribute, text, and the matching places in it."""

    where: str
    text: str
    spans: tuple[tuple[int, int], ...]


def term_weight(total: int, matching: float) -> float:
    """Return the weight of a word that `matching` of `total` elements contain."""
    return math.log(1 + (total - matching + 0.5) / (matching + 0.5))


def score_texts(texts: Texts, weights: Mapping[Term, float], average: float) -> tuple[bool, float]:
    """Return whether a name matches the search exactly, and the score of the texts.

    `average` is the mean number of characters of an element.
    """
    often = dict.fromkeys(weights, 0.0)
    begins = [term.words[0] for term in weights]
    sought = [(term, _term_pattern(term)) for term in weights]
    called = " ".join(word for term in weights for word in term.words)
    exact, length = False, 0
    for name, text in texts:
        length += len(text)
        plain = text.lower()
        if text.isascii() and not any(word in plain for word in begins):
            continue  # true of most texts; splitting them into words would be most of the work
        line, weight = word_line(text), WEIGHTS.get(name, 1.0)
        exact = exact or (weight > 1 and line == called)
        for term, spaced in sought:
            often[term] += weight * f" {line} ".count(spaced)
    norm = _K1 * (1 - _B + _B * length / average)
    total = sum(weights[term] * count * (_K1 + 1) / (count + norm) for term, count in often.items())
    return exact, total


def _term_pattern(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.prefix else ' '}"


def best_excerpt(texts: Texts, terms: Iterable[Term]) -> Excerpt:
    """Return the text with the most matching terms, cut around the first match."""
    terms = tuple(terms)
    best = max(texts, key=lambda pair: _count_matches(pair, terms), default=(TITLE, ""))
    name, text = best
    spans = _matching_spans(text, terms)
    if len(text) <= CHARACTERS_BEFORE + CHARACTERS_AFTER:
        return Excerpt(name, text, tuple(spans))
    first = spans[0][0] if spans else 0
    start, end = max(0, first - CHARACTERS_BEFORE), first + CHARACTERS_AFTER
    shown = [(a - start, min(b, end) - start) for a, b in spans if start <= a < end]
    before, after = "… " if start else "", " …" if end < len(text) else ""
    moved = tuple((a + len(before), b + len(before)) for a, b in shown)
    return Excerpt(name, before + text[start:end] + after, moved)


def _count_matches(pair: tuple[str, str], terms: tuple[Term, ...]) -> tuple[int, float]:
    spaced = f" {word_line(pair[1])} "
    return sum(_term_pattern(term) in spaced for term in terms), WEIGHTS.get(pair[0], 1.0)


def _matching_spans(text: str, terms: tuple[Term, ...]) -> list[tuple[int, int]]:
    """Find the matching places in a text, in order and without overlaps."""
    words = list(word_places(text))
    spans: list[tuple[int, int]] = []
    for term in terms:
        last = len(term.words) - 1
        for at in range(len(words) - last):
            same = all(words[at + n][0] == term.words[n] for n in range(last))
            end, word = words[at + last], term.words[last]
            if same and (end[0] == word or (term.prefix and end[0].startswith(word))):
                spans.append((words[at][1], end[2]))
    return _merge_spans(spans)


def _merge_spans(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
