"""What a word is, for the index and for whoever asks it: the one place where text becomes words.

In: any text, also a hostile one. Out: folded words and where they stand, or what is looked for.
Letters and digits make words, whatever else stands between them parts them, so that an identifier
is found whole and by its parts. Case, accents and width do not count. It knows no index.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

LONGEST_WORD = 128
"""Characters of a word that count: a SHA-512 in hexadecimal, and no more."""

MOST_CHARACTERS = 4000
MOST_WORDS = 64
"""How much of what somebody looks for is read."""

TEXT_SEPARATOR = "¶"
"""Stands between texts in the index, so that no phrase reaches over the end of one."""

WHOLE_NAME = "called"
"""The facet of what a thing is called as a whole: its title, its name, its identifiers."""

_ASCII = re.compile(r"[a-z0-9]+")
_SEPARATE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"  # noqa: E501
"""Scripts that put no space between words: each character counts as one."""

_COMBINING_MARKS = (
    (0x300, 0x2000), (0x20D0, 0x2100), (0x2DE0, 0x2E00), (0x3099, 0x309B), (0xA660, 0xAC00),
    (0xFE00, 0xFE30),
)  # fmt: skip
"""Where in Unicode signs stand that belong to the letter before them."""

_ACCENTS = re.compile("[\u0300-\u036f]+")
_NO_WORD = re.compile(r"[\x00-\x2f\x3a-\x60\x7b-\x7f]+")
_SEARCH_TERM = re.compile(r'"([^"]*)"(\*?)|(\S+)')


class Term(NamedTuple):
    """Words that must follow one another; with `prefix`, the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False

    def __str__(self) -> str:
        return " ".join(self.words)

    def as_prefix(self) -> "Term":
        """The same, and the last word may go on. One letter begins too many words to be of use."""
        return Term(self.words, len(self.words[-1]) > 1)


def split_words(text: str) -> list[str]:
    """The words of a text in their order."""
    if text.isascii():
        words = _ASCII.findall(text.lower())
        return words if len(text) <= LONGEST_WORD else [word[:LONGEST_WORD] for word in words]
    return [word for word, _, _ in word_places(text)]


def word_places(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text, each with its start and its end there."""
    if text.isascii():
        for match in _ASCII.finditer(text.lower()):
            yield match[0][:LONGEST_WORD], *match.span()
        return
    for match in _word_pattern().finditer(text):
        if word := _fold(match[0]):
            yield word[:LONGEST_WORD], *match.span()


def word_line(text: str) -> str:
    """A text as its words."""
    return " ".join(split_words(text))


def join_lines(lines: Iterable[str]) -> str:
    """The words of several texts as the index takes them."""
    return f" {TEXT_SEPARATOR} ".join(lines)


def facet_word(name: str, value: str) -> str:
    """The word in the index for a value of a facet. Like ¶, no text holds it."""
    return "¤" + blake2b(f"{name}\n{value.casefold()}".encode(), digest_size=8).hexdigest()


def parse_search(text: str, legible: Callable[[str], str] = str) -> tuple[tuple[Term, ...], bool]:
    """What somebody looks for, and whether some of it was left out because it is too long.

    Several words must all be there, in any order; `"a phrase"` in this order; `begin*` may go on.
    Nothing else has a meaning of its own: no text is an error. `legible` turns a name as people
    copy it into one as it is indexed.
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
    # What is no word by itself must not part one: the fraction slash in ½.
    return _NO_WORD.sub("", folded)


@cache
def _word_pattern() -> re.Pattern[str]:
    marks = _combining_marks()
    return re.compile(rf"(?=[^\W_])[{_SEPARATE}][{marks}]*|(?:(?![{_SEPARATE}])[^\W_]|[{marks}])+")


def _combining_marks() -> str:
    """All signs that belong to the letter before them, as the inside of a character class."""
    ranges: list[list[int]] = []
    for code in chain(*(range(*block) for block in _COMBINING_MARKS)):
        if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
