"""Makes text safe for a terminal and for one line: hidden characters become visible escapes.

In: any text, even hostile. Out: text without control characters and without characters that change
the direction of writing. It knows no table and no stream.
"""

import re

_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls of ASCII and Latin 1, without tab and line feed
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # order of writing, separators of lines
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff"  # annotations, tags, half characters
)
_CONTROL = re.compile(f"[{_HIDDEN}]")
_CONTROL_OR_BREAK = re.compile(f"[{_HIDDEN}\t\n]")
_JSON_HIDDEN = re.compile(f"[{_HIDDEN}]")
_SPELLING = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def visible(text: str) -> str:
    r"""Write hidden characters as escapes; tabs and line feeds stay.

    >>> visible("\x1b[31mred\x1b[0m")
    '\\x1b[31mred\\x1b[0m'
    """
    return text if text.isascii() and text.isprintable() else _CONTROL.sub(_escape, text)


def visible_line(text: str) -> str:
    r"""Write hidden characters, tabs and line feeds as escapes.

    >>> visible_line("a\tb")
    'a\\tb'
    """
    return text if text.isascii() and text.isprintable() else _CONTROL_OR_BREAK.sub(_escape, text)


def visible_json(text: str) -> str:
    """Write hidden characters in JSON text as JSON escapes: it has the same meaning."""
    return _JSON_HIDDEN.sub(_json_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if spelling := _SPELLING.get(match[0]):
        return spelling
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(
        f"\\u{int.from_bytes(units[at : at + 2], 'big'):04x}" for at in range(0, len(units), 2)
    )
