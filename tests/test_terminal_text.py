"""No text of others commands a terminal, and JSON keeps its meaning."""

import json

from hypothesis import given
from hypothesis import strategies as st

from provstore.results.terminal_text import visible, visible_json, visible_line

DANGEROUS = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u202a\u202b\u202d\u202e\u2066",
}


@given(st.text(st.characters(exclude_categories=[])))
def test_no_hidden_character_is_left(text: str) -> None:
    assert not set(visible_line(text)) & DANGEROUS
    assert not set(visible(text)) & (DANGEROUS - {"\n", "\t"})


@given(st.text())
def test_json_means_the_same(text: str) -> None:
    written = visible_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == text
    assert not set(written) & DANGEROUS


def test_plain_text_is_unchanged() -> None:
    assert visible("Zürich, 日本: naïve\n") == "Zürich, 日本: naïve\n"
