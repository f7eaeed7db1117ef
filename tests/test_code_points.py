"""What the tables of characters say, against XML parsers and Unicode itself."""

import sys
import unicodedata
from xml.parsers import expat

import pyoxigraph as ox

from provstore.prov.model.code_points import (
    character_outside_xml,
    disguise,
    is_prefix,
    plain_name,
    unfit_character,
)


def is_xml(text: str) -> bool:
    try:
        expat.ParserCreate().Parse(f"<a>{text}</a>".encode(errors="surrogatepass"), True)
    except expat.ExpatError:
        return False
    return True


def test_what_xml_cannot_carry_is_what_a_parser_refuses() -> None:
    for code in (*range(0x3000), *range(0xD7F0, 0x10010), 0x10FFFF):
        if chr(code) not in "<&":
            assert is_xml(chr(code)) is not bool(character_outside_xml(chr(code))), hex(code)


def test_what_a_parser_takes_as_a_prefix_is_one() -> None:
    for code in (*range(0x3100), *range(0xD7F0, 0x10010)):
        if is_prefix(f"a{chr(code)}b"):
            name = f"a{chr(code)}b"
            expat.ParserCreate("utf-8", " ").Parse(f'<{name}:x xmlns:{name}="urn:x"/>', True)
            list(ox.parse(f"@prefix {name}: <urn:x:> . {name}:a a {name}:b .", ox.RdfFormat.TURTLE))


def test_every_control_is_unfit_and_no_letter_is() -> None:
    for code in range(sys.maxunicode + 1):
        kind = unicodedata.category(chr(code))
        if kind in ("Cc", "Cs"):
            assert bool(unfit_character(chr(code))) is (chr(code) not in "\t\n\r")
        elif kind[0] in "LMNPSZ":
            assert not unfit_character(chr(code))


def test_a_name_without_a_disguise_looks_like_itself() -> None:
    for code in range(0x3000):
        text = unicodedata.normalize("NFC", f"x{chr(code)}y")
        if not disguise(text):
            assert plain_name(text) == text, hex(code)
