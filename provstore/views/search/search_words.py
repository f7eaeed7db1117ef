"""Splits texts into words, for the index and for searches.

In: any text, even hostile. Out: folded words and their positions, or search terms. Words consist of
letters and digits; all other characters separate them, so that an identifier is found whole and by
its parts. Case, accents and width are ignored. It knows no index.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

LONGEST_WORD = 128
"""The number of characters of a word that are indexed: enough for a SHA-512 in hexadecimal."""

MOST_CHARACTERS = 4000
MOST_WORDS = 64
"""The number of words of a search that are used."""

TEXT_SEPARATOR = "¶"
"""Separates texts in the index, so that no phrase matches across two texts."""

WHOLE_NAME = "called"
"""The facet for the complete names of an element: its title, its name, its identifiers."""

_ASCII = re.compile(r"[a-z0-9]+")
_SEPARATE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"  # noqa: E501
"""Scripts without spaces between words: each character counts as a word."""

_COMBINING_MARKS = (
    (0x300, 0x2000), (0x20D0, 0x2100), (0x2DE0, 0x2E00), (0x3099, 0x309B), (0xA660, 0xAC00),
    (0xFE00, 0xFE30),
)  # fmt: skip
"""The Unicode ranges with marks that belong to the letter before them."""

_ACCENTS = re.compile("[\u0300-\u036f]+")
_NO_WORD = re.compile(r"[\x00-\x2f\x3a-\x60\x7b-\x7f]+")
_SEARCH_TERM = re.compile(r'"([^"]*)"(\*?)|(\S+)')


class Term(NamedTuple):
    """Consecutive words; with `prefix`, the last one may continue."""

    words: tuple[str, ...]
    prefix: bool = False

    def __str__(self) -> str:
        return " ".join(self.words)

    def as_prefix(self) -> "Term":
        """Return the term as a prefix, unless its last word is a single letter."""
        return Term(self.words, len(self.words[-1]) > 1)


def split_words(text: str) -> list[str]:
    """Return the words of a text, in order."""
    if text.isascii():
        words = _ASCII.findall(text.lower())
        return words if len(text) <= LONGEST_WORD else [word[:LONGEST_WORD] for word in words]
    return [word for word, _, _ in word_places(text)]


def word_places(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the words of a text, each with its start and end."""
    if text.isascii():
        for match in _ASCII.finditer(text.lower()):
            yield match[0][:LONGEST_WORD], *match.span()
        return
    for match in _word_pattern().finditer(text):
        if word := _fold(match[0]):
            yield word[:LONGEST_WORD], *match.span()


def word_line(text: str) -> str:
    """Return the words of a text, joined by spaces."""
    return " ".join(split_words(text))


def join_lines(lines: Iterable[str]) -> str:
    """Join the words of several texts for the index."""
    return f" {TEXT_SEPARATOR} ".join(lines)


def facet_word(name: str, value: str) -> str:
    """Return the index word for a facet value; like ¶, it occurs in no text."""
    return "¤" + blake2b(f"{name}\n{value.casefold()}".encode(), digest_size=8).hexdigest()


def parse_search(text: str, legible: Callable[[str], str] = str) -> tuple[tuple[Term, ...], bool]:
    """Parse a search into terms; return also whether it was too long and was cut.

    All words must occur, in any order; `"a phrase"` in this order; `prefix*` may continue. There is
    no other syntax: every text is valid. `legible` converts a copied name to its indexed form.
    """
    terms: dict[Term, None] = {}
    left, cut = MOST_WORDS, len(text) > MOST_CHARACTERS
    for match in _SEARCH_TERM.finditer(text[:MOST_CHARACTERS]):
        phrase, star, word = match.groups()
        parts = split_words(legible(word) if phrase is None else phrase)
        cut = cut or len(parts) > left
        if parts := parts[:left]:
            prefix = bool(star) if phrase is not None else word.endswith("*")
            term = Term(tuple(parts))
            terms[term.as_prefix() if prefix else term] = None
            left -= len(parts)
    return tuple(terms), cut


def _fold(word: str) -> str:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", word))
    folded = unicodedata.normalize("NFKC", plain).casefold()
    # Characters outside words, such as the fraction slash in ½, must not split a word.
    return _NO_WORD.sub("", folded)


@cache
def _word_pattern() -> re.Pattern[str]:
    marks = _combining_marks()
    return re.compile(rf"(?=[^\W_])[{_SEPARATE}][{marks}]*|(?:(?![{_SEPARATE}])[^\W_]|[{marks}])+")


def _combining_marks() -> str:
    """Return all combining marks, as the inside of a character class."""
    ranges: list[list[int]] = []
    for code in chain(*(range(*block) for block in _COMBINING_MARKS)):
        if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
