"""Which of some things fits best, and which part of its texts shows it. Pure; knows no index.

BM25F (Robertson and Zaragoza 2009, 3.6): a word counts more in a name or a title than in a comment,
more where it is rare, and less in long texts. What is called exactly so comes before all others.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from provstore.views.search.search_documents import TITLE, WEIGHTS
from provstore.views.search.search_words import Term, word_line, word_places

_K1, _B = 1.2, 0.75
CHARACTERS_BEFORE, CHARACTERS_AFTER = 60, 140
"""Characters of a long text that are shown before what matched, and from there on."""

Texts = Sequence[tuple[str, str]]


class Excerpt(NamedTuple):
    """The part of a thing's texts that matches: its attribute, the text, and where in it."""

    where: str
    text: str
    spans: tuple[tuple[int, int], ...]


def term_weight(total: int, matching: float) -> float:
    """How much a word counts that so many of all things hold."""
    return math.log(1 + (total - matching + 0.5) / (matching + 0.5))


def score_texts(texts: Texts, weights: Mapping[Term, float], average: float) -> tuple[bool, float]:
    """Whether a thing is called exactly what is looked for, and how well it fits.

    `average` is how many characters a thing has.
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
            continue  # most texts: to part them into words would be most of the work
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
    """The text that holds most of what is looked for, cut around it, with its places."""
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
    """Where what is looked for stands in a text: in order, none overlapping another."""
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
