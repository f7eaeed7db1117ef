"""Strict JSON: what every reader reads alike is taken, everything else refused with its place."""

import gc
import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import BadDocument
from provstore.prov.notations import json_fast, json_strict
from provstore.prov.notations.json_strict import Number, pointer, strict_json
from provstore.prov.notations.json_text import MAX_DEPTH

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)  # fmt: skip


def refused(data: bytes, limit: int = 1 << 20) -> list[tuple[str, str]]:
    with pytest.raises(BadDocument) as caught:
        strict_json(data, "it", limit)
    return [(problem.where, problem.what) for problem in caught.value.problems]


@given(_json, st.booleans())
def test_all_of_json_is_read_as_the_standard_library_reads_it(
    value: object, ascii_only: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert strict_json(text.encode(), "it") == json.loads(text)


@given(st.binary() | st.text(alphabet='{}[]",:\\u0d8e1-. ntf', max_size=60).map(str.encode))
def test_bytes_are_json_or_refused_and_nothing_else_happens(data: bytes) -> None:
    with suppress(BadDocument):
        assert strict_json(data, "it") == json.loads(data)
    assert gc.isenabled()


_atoms = st.sampled_from(
    ['"a"', '""', '"\\\\"', '"\\\\\\""', '"{:,"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\/"', '"\t"',
     '"é"', "null", "true", "1", "-0", "1.50", "1E2", "01", "9" * 19, "1e999", "NaN", "", "'a'",
     "[" * 62 + "]" * 62, "[" * 63 + "]" * 63]
)  # fmt: skip
_written = st.recursive(
    _atoms,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[ {','.join(parts)}]")
        | st.lists(
            st.tuples(st.sampled_from(["a", "b", "\\u0061", '\\"', ":"]), inner), max_size=3
        ).map(lambda pairs: "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}")
    ),
    max_leaves=6,
)
"""Texts that are JSON, or nearly so: keys twice and in two spellings, numbers, half surrogates."""


@given(_written | _json.map(json.dumps), st.booleans())
def test_the_quick_way_and_the_close_look_agree(text: str, keep: bool) -> None:
    """Where the first has no doubt, it says what the second says: the value, to the type."""
    found = json_fast.read_json(text.encode(), MAX_DEPTH)
    if found is not json_fast.DOUBT:
        numbers = json_strict._AS_WRITTEN if keep else json_strict._NATIVE
        assert repr(found) == repr(json_strict._strictly(text.encode(), "it", 1 << 20, numbers))


@given(st.dictionaries(st.text(), st.text() | st.dictionaries(st.text(), st.text())))
def test_documents_of_texts_give_no_reason_to_doubt(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert json_fast.read_json(text.encode(), MAX_DEPTH) == value


def test_numbers_can_be_kept_as_they_were_written() -> None:
    kept = strict_json(b'[1.50, -0, 9223372036854775808, "1"]', "it", keep_numbers=True)
    assert kept == ["1.50", "-0", "9223372036854775808", "1"]
    assert isinstance(kept, list)
    assert [isinstance(each, Number) for each in kept] == [True, True, True, False]


@pytest.mark.parametrize(
    ("data", "where", "words"),
    [
        (b'{"a": 1, "a": 1}', "/a", "2 times"),
        (b'{"x": [{"a/b": 1, "a/b": 2}]}', "/x/0/a~1b", "2 times"),
        (b'{"a": NaN}', "/a", "NaN"),
        (b"[-Infinity]", "/0", "-Infinity"),
        (b"[1e999]", "/0", "too large"),
        (b"[9223372036854775808]", "/0", "64 bits"),
        (b"[" + b"9" * 2000 + b"]", "/0", "digits"),
        (b'["\\ud800"]', "/0", "surrogate"),
        (b'{"\\udc00": 1}', "/?", "surrogate"),
        (b'["\xff"]', "", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "", "byte order mark"),
        (b"\xff\xfe{\x00", "", "UTF-16"),
        (b"PK\x03\x04", "", "zip archive"),
        (b"\x89HDF", "", "NetCDF"),
        (b"", "", "empty"),
        (b" \n", "", "empty"),
        (b"{\x00}", "", "binary"),
        (b'{"a": [1, 2', "", "cut short"),
        (b'{"a": "x', "", "cut short"),
        (b"{'a': 1}", "", "line 1, column 2"),
        (b"[1] [2]", "", "extra text after the end"),
        (b"[1,]", "", "line 1"),
        (b'["\t"]', "", "control character"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "", "nested"),
    ],
)
def test_a_fault_is_named_with_its_place(data: bytes, where: str, words: str) -> None:
    ((place, what),) = refused(data)
    assert place == where
    assert words in what


def test_all_faults_are_named_in_the_order_of_the_document() -> None:
    data = b'{"a": NaN, "b": {"c": 1, "c": 2}, "d": ["\\ud800", 1e999]}'
    assert [where for where, _ in refused(data)] == ["/a", "/b/c", "/d/0", "/d/1"]


def test_depth_is_counted_outside_of_texts_only() -> None:
    deep = b"[" * MAX_DEPTH + b'"' + b"[" * 1000 + b'\\"[\\\\"' + b"]" * MAX_DEPTH
    assert strict_json(deep, "it")


@pytest.mark.parametrize(
    "data",
    [b"[" * 10**5, b"[" * 10**5 + b"]" * 10**5, b'{"a":' * 10**5 + b"1" + b"}" * 10**5,
     b"[]" * 10**6, b'"' * 10**6, b"[" + b"1," * 10**5, b"{" * 500_000 + b"]" * 500_000,
     b'["' + b"\\" * 999_999, b"[" + b"0," * 5_000_000 + b"0]"],
)  # fmt: skip
def test_hostile_bytes_are_refused_at_once(data: bytes) -> None:
    started = time.monotonic()
    refused(data, 1 << 24)
    assert time.monotonic() - started < 2


def test_too_many_bytes_are_refused_unread() -> None:
    ((_, what),) = refused(b"[" + b" " * 100 + b"]", 50)
    assert "at most 50" in what


def test_a_pointer_escapes_what_rfc_6901_escapes() -> None:
    assert pointer("/a", "b/c", "d~e", 0, "") == "/a/b~1c/d~0e/0/"


def test_a_fault_before_a_break_of_syntax_is_refused_too() -> None:
    """The first pass stops at the key, the second one meets what comes after it."""
    for text in ('{"a": 1, "a": 2}}', '{"a": 1, "a": 2', '[1e999, {"a": NaN}] x'):
        with pytest.raises(BadDocument) as caught:
            strict_json(text.encode(), "a")
        assert caught.value.problems
