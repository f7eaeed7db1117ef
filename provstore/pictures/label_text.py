"""Words in a picture: made harmless, made short, broken into lines.

In: any text, hostile or not. Out: text that every XML reader takes and no reader misreads. It
escapes no markup: whoever writes the markup does.
"""

import re
from html import escape
from unicodedata import category, east_asian_width

_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories without a glyph of their own: controls, marks that turn the reading order, halves of
pairs. XML 1.0 (2.2) forbids some of them; the others let one text look like another."""

_BREAKS = (" ", "…", "./_-:,#")
_LOOSE = " ./_-:,"
_NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[^A-Za-z0-9]+")


def plain(text: str) -> str:
    """The text in one line, in which every character is seen: U+202E stands as `[U+202E]`."""
    if text.isascii() and text.isprintable():
        return text
    words = " ".join(text.split())
    return "".join(f"[U+{ord(c):04X}]" if category(c) in _INVISIBLE else c for c in words)


def markup(text: str) -> str:
    """The text for an element or a quoted attribute, in XML as in HTML."""
    return escape(plain(text), quote=True)


def text_width(text: str) -> float:
    """How wide a text is, about, in small letters of a sans-serif."""
    return sum(map(_letter_width, text))


def _letter_width(character: str) -> float:
    if character in "iljftrI.,:;'|!/ -()[]":
        return 0.6
    if character.isupper() or character in "mw%@…—":
        return 1.3
    return 2 if east_asian_width(character) in "WF" else 1


def shorten(text: str, width: float) -> str:
    """The text, or its beginning and its end: names differ at both."""
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
    """At most two lines; broken where words or parts of names end, if they do."""
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
    """`DatasetVersion` as people say it: `dataset version`."""
    parts = _NAME_PARTS.findall(name)
    return " ".join(part if part.isupper() else part.lower() for part in parts)


def plural(word: str) -> str:
    """More than one of them, in English."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def counted(number: int, word: str) -> str:
    """`1 thing`, `5 things`."""
    return f"{number:,} {word if number == 1 else plural(word)}".replace(",", "\u202f")
