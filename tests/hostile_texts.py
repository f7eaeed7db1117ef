"""The corpus of hostile texts, by what they are meant to harm. Every channel is tested with it.

In: nothing. Out: texts by kind, all of them, and texts that Hypothesis mixes from them.
"""

from hypothesis import strategies as st

HOSTILE_TEXTS: dict[str, tuple[str, ...]] = {
    "terminal code": (
        "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x1b\\link",
        "\x1b[2J\x1b[H", "a\rb", "a\x08\x08b",
    ),
    "C0": ("a\x01b", "a\x0bb", "a\x7fb", "bell\x07", "a\x1fb"),
    "C1": ("\x9b31mred", "\x9d0;title\x9c", "a\x85b", "a\x90b"),
    "NUL": ("a\x00b", "\x00", "end\x00"),
    "bidi": ("safe \u202egnp.exe", "\u2066a\u2069", "\u200fmark", "\u061cmark"),
    "homoglyph": ("\u0441ordex", "p\u0430ypal", "\u0391BC", "\uff43ordex", "\U0001d41cordex"),
    "twin": ("Zu\u0308rich", "Z\u00fcrich", "e\u0301", "\u212bngstrom"),
    "invisible": ("cor\u200bdex", "a\u00adb", "a\u2060b", "\ufeffa", "a\u3164b", "a\U000e0041b"),
    "separator": ("a\u2028b", "a\u2029b", "line\nbreak", "line\r\nbreak", "tab\tbed"),
    "non-character": ("a\ufffeb", "a\uffffb", "a\ufdd0b", "a\U0001fffeb", "a\U0010ffffb"),
    "surrogate": ("\ud800", "a\udfffb", "\udc00\ud800"),
    "formula": ("=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=1;2"),
    "markup": (
        "<script>alert(1)</script>", "</script><script>alert(1)</script>", "]]>", "<!--", "-->",
        "<svg onload=alert(1)>", "\"'&amp;<b>", "&lt;b&gt;", "&#x3c;", "<![CDATA[", "<?xml?>",
        "<img src=x onerror=alert(1)>", "javascript:alert(1)", "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    ),
    "picture": (
        'a"] --> b["c', "%%{init: {}}%%", "#quot;", "#35;", 'x", shape="box', "\\N\\G\\L", "end",
        "click n0 href", "subgraph", "back\\slash\\", "&amp;quot;",
    ),
    "quoting": (
        '"', "'", '"""', "'''", "\\", '\\"', "\\u0000", "\\x00", '{"$": 1}', "`", "``", "a`b",
        "`) DETACH DELETE n //", '" . <a> <b> <c> . "', '"^^<x>', '"@en', "${x}", "{{ 7*7 }}",
        "%s %d %n", "%00", "%", "%zz", "%2e%2e/", "../../etc/passwd", "~", "$(id)", "; rm -rf /",
        "'; DROP TABLE entries; --", "_:b1", "xsd:string", "@id", "prov:type", "a:b:c", "",
    ),
    "space": (" ", " a", "a ", "a b", "\u00a0", "\u3000a", "a\u2003b"),
    "braces": ("{", "}", "{}", "[", "]", "<", ">", "<>", "|", "^", "a<b>c", 'a"b', "(a)", "a,b;c"),
    "other plane": ("\U0001f600", "\U00020000", "\u6570\u636e\u96c6", "\u0645\u062b\u0627\u0644"),
    "long": ("x" * 50_000, "\u00e9" * 20_000, "a." * 5_000, "<" * 3_000),
}  # fmt: skip
"""Kind → texts of it."""

TEXTS = tuple(dict.fromkeys(text for texts in HOSTILE_TEXTS.values() for text in texts))
SHORT_TEXTS = tuple(text for text in TEXTS if len(text) < 100)
SENDABLE_TEXTS = tuple(
    text
    for text in SHORT_TEXTS
    if text.isprintable() or text.encode(errors="replace").decode() == text
)
"""What UTF-8 can say: all but halves of surrogate pairs."""

mixed_texts = st.one_of(
    st.sampled_from(SENDABLE_TEXTS),
    st.lists(st.sampled_from(SENDABLE_TEXTS), min_size=2, max_size=3).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
"""Hostile texts, several of them in a row, and any other text."""
