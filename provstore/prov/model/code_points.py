"""What single characters do to a text or a name: which cannot be kept, which hide, which pose.

In: any text. Out: the first such character, or "". Facts are those of Unicode (`unicodedata`), of
XML 1.0 (2.2, 2.3) and of a short table of letters that are drawn alike. Pure.
"""

from types import MappingProxyType
from unicodedata import category, decomposition, is_normalized, lookup, name, normalize

NUL = "\0"
"""The one character that no store of texts is sure to keep: databases and XML end a text there."""

_LINE = "\t\n\r"
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_OUTSIDE_XML = frozenset(map(chr, (*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF))) - {
    *_LINE
}
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories without a glyph of their own: controls, direction marks, joiners, tags and others."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
"""Letters and marks that show nothing: fillers and variation selectors."""

_DRAWN_ALIKE = (
    ("CYRILLIC CAPITAL LETTER", "A A, VE B, IE E, DZE S, BYELORUSSIAN-UKRAINIAN I I, JE J, KA K"),
    (
        "CYRILLIC CAPITAL LETTER",
        "EM M, EN H, O O, ER P, ES C, TE T, HA X, STRAIGHT U Y, QA Q, WE W",
    ),
    ("CYRILLIC SMALL LETTER", "A a, IE e, O o, ER p, ES c, U y, HA x, DZE s, JE j, SHHA h, WE w"),
    ("CYRILLIC SMALL LETTER", "BYELORUSSIAN-UKRAINIAN I i, KOMI DE d, QA q, PALOCHKA l"),
    ("GREEK CAPITAL LETTER", "ALPHA A, BETA B, EPSILON E, ZETA Z, ETA H, IOTA I, KAPPA K, MU M"),
    ("GREEK CAPITAL LETTER", "NU N, OMICRON O, RHO P, TAU T, UPSILON Y, CHI X"),
    ("GREEK SMALL LETTER", "OMICRON o"),
    ("ARMENIAN SMALL LETTER", "OH o, SEH u, CO g"),
    ("CHEROKEE LETTER", "A D, E R, I T, GO A, GU J, GV E, LA W, LU M, MI H, TLV P, TSO K"),
    ("LATIN SMALL LETTER", "SCRIPT G g, ALPHA a"),
)
"""Alphabet, and its letters that fonts draw like Latin ones (a choice from Unicode TS 39)."""
_POSES_AS = MappingProxyType(
    {
        lookup(f"{alphabet} {pair[:-2]}"): pair[-1]
        for alphabet, pairs in _DRAWN_ALIKE
        for pair in pairs.split(", ")
    }
)


def unfit_character(text: str) -> str:
    r"""Return the first control character, half pair or non-character; tabs and lines are fine.

    >>> unfit_character("1st line\n2nd line"), unfit_character("\x9b31m")
    ('', '\x9b')
    """
    if text.isprintable():
        return ""
    return next((letter for letter in text if _is_unfit(letter)), "")


def _is_unfit(letter: str) -> bool:
    kind = category(letter)
    return (kind in ("Cc", "Cs") and letter not in _LINE) or (
        kind == "Cn" and (ord(letter) & 0xFFFE == 0xFFFE or ord(letter) in _NONCHARACTERS)
    )


def character_outside_xml(text: str) -> str:
    r"""Return the first character that XML 1.0 cannot carry, not even escaped (2.2).

    >>> character_outside_xml("\x85\t"), character_outside_xml("a\x1b[0m")
    ('', '\x1b')
    """
    if _OUTSIDE_XML.isdisjoint(text):
        return ""
    return next(letter for letter in text if letter in _OUTSIDE_XML)


def disguise(text: str) -> str:
    r"""Say why people could take this name for another, or "".

    >>> disguise("cordex.output.EUR-11"), disguise("Δt.nc")
    ('', '')
    >>> disguise("\u0441ordex")
    "it has U+0441 CYRILLIC SMALL LETTER ES, which looks like 'c'"
    """
    if text.isascii() and text.isprintable():
        return ""
    for letter in text:
        if category(letter) in _HIDDEN or letter in _BLANK:
            return f"it has {describe(letter)}, which nobody sees"
    if not is_normalized("NFC", text):
        return f"it is not in normal form NFC, as {normalize('NFC', text)!r} is"
    for word in _words(text):
        posing = [letter for letter in word if _latin(letter) != letter]
        latin = any(letter.isascii() and letter.isalpha() for letter in word)
        if posing and (latin or all(_latin(letter).isascii() for letter in word)):
            return f"it has {describe(posing[0])}, which looks like {_latin(posing[0])!r}"
    return ""


def plain_name(text: str) -> str:
    r"""Return how a name looks: two names with one plain name are taken for each other.

    >>> plain_name("\u0441ord\u200bex") == plain_name("cordex")
    True
    """
    if text.isascii() and text.isprintable():
        return text
    seen = (c for c in normalize("NFC", text) if not (category(c) in _HIDDEN or c in _BLANK))
    return "".join(map(_latin, seen))


def describe(letter: str) -> str:
    """Return code point and name: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    return f"U+{ord(letter):04X} {name(letter, '')}".rstrip()


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


def _latin(letter: str) -> str:
    """Return the letter of ASCII that this one is drawn like, or itself."""
    if letter.isascii():
        return letter
    styled = decomposition(letter).startswith(("<wide>", "<font>", "<narrow>"))
    plain = normalize("NFKC", letter) if styled else _POSES_AS.get(letter, letter)
    return plain if plain.isascii() else letter


def is_prefix(text: str) -> bool:
    """Whether Turtle, XML and PROV-N all take this text as a prefix.

    >>> is_prefix("cmip6"), is_prefix("a b"), is_prefix("_"), is_prefix("x.")
    (True, False, False, False)
    """
    letters = text.replace("-", "").replace("_", "").replace(".", "")
    return text.isascii() and letters.isalnum() and text[0].isalpha() and not text.endswith(".")
