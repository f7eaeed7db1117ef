"""Prepares the texts of a picture: cleans, shortens and wraps them.

In: any text, even hostile. Out: text that is valid in XML and shows all its characters. Only
`markup` escapes.
"""

import re
from html import escape
from unicodedata import category, east_asian_width

_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories without a visible glyph: controls, direction marks, surrogates and others.

XML 1.0 (2.2) forbids some of them; the others can make one text look like another.
"""

_BREAKS = (" ", "…", "./_-:,#")
_LOOSE = " ./_-:,"
_NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[^A-Za-z0-9]+")


def plain(text: str) -> str:
    """Return the text in one line with visible characters only: U+202E becomes `[U+202E]`."""
    if text.isascii() and text.isprintable():
        return text
    words = " ".join(text.split())
    return "".join(f"[U+{ord(c):04X}]" if category(c) in _INVISIBLE else c for c in words)


def markup(text: str) -> str:
    """Escape the text for an element or a quoted attribute in XML or HTML."""
    return escape(plain(text), quote=True)


def text_width(text: str) -> float:
    """Estimate the width of a text, in lower-case letters of a sans-serif font."""
    return sum(map(_letter_width, text))


def _letter_width(character: str) -> float:
    if character in "iljftrI.,:;'|!/ -()[]":
        return 0.6
    if character.isupper() or character in "mw%@…—":
        return 1.3
    return 2 if east_asian_width(character) in "WF" else 1


def shorten(text: str, width: float) -> str:
    """Cut out the middle of a long text: names differ at the beginning and at the end."""
    if text_width(text) <= width:
        return text
    half = (width - 1.3) / 2
    head, tail = _fitting(text, half), _fitting(text[::-1], half)[::-1]
    return f"{head.rstrip(_LOOSE)}…{tail.lstrip(_LOOSE)}"


def _fitting(text: str, width: float) -> str:
    used = 0.0
    for index, character in enumerate(text):
        used += _letter_width(character)
        if used > width:
            return text[:index]
    return text


def wrap(text: str, width: float) -> tuple[str, ...]:
    """Break a text into at most two lines, if possible between words or parts of names."""
    if text_width(text) <= width:
        return (text,)
    text = shorten(text, 2 * width - 4)
    first = _fitting(text, width)
    for breaks in _BREAKS:
        for cut in range(len(first), len(first) // 3, -1):
            if text[cut - 1] in breaks and text_width(text[cut:]) <= width:
                return text[:cut].rstrip(), text[cut:].lstrip()
    rest = text[len(first) :]
    return first, shorten(rest, width)


def split_name(name: str) -> str:
    """Split a name into words: `DatasetVersion` becomes `dataset version`."""
    parts = _NAME_PARTS.findall(name)
    return " ".join(part if part.isupper() else part.lower() for part in parts)


def plural(word: str) -> str:
    """Return the English plural of a word."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def counted(number: int, word: str) -> str:
    """Return a number with its noun: `1 element`, `5 elements`."""
    return f"{number:,} {word if number == 1 else plural(word)}".replace(",", "\u202f")
