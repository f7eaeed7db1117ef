"""Reading by tables: it says what the close look at each record says, or it leaves that to it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provstore.errors import BadDocument
from provstore.prov.model.iris import RESERVED
from provstore.prov.model.terms import ELEMENTS, RELATIONS
from provstore.prov.notations import input_file, json_fast, provjson
from provstore.prov.notations.provjson import provjson_tables
from provstore.prov.notations.provjson.provjson_scope import ResolvedNames
from tests import foreign
from tests.benchmarks.documents import document
from tests.properties import examples
from tests.strategies import bundles

NEVER = 1 << 60
_USUAL = ("e:a", "e:b", "e:c", "e:d", "y:a", "prov:type", "prov:role", "prov:label")
_UNUSUAL = ("_:r", "_:s", "e:a b", "e:é", "urn:x:a", "f:a", "prov:startedAtTime", "prov:hadRole")
_WRONG = ("a", "e:", "x:a", "prov:entity")
_BLANK = ("_:r", "_:s", "_:r", "_:t", "_:r s", "_:r%20s")
"""So few that one of them often stands in several roles, two of them with one IRI."""
_mixed = st.sampled_from((*_USUAL * 8, *_UNUSUAL * 2, *_WRONG))
_names = st.one_of(*[_mixed] * 7, st.sampled_from(_BLANK))
_keys = st.one_of(*[_mixed] * 2, st.sampled_from(_BLANK))
_times = st.sampled_from((*("2026-04-01T12:00:00Z",) * 8, '"2026-04-01T12:00:00Z"', "2026-04-01"))
_typed = st.fixed_dictionaries({"$": _names | _times | st.just(1)}) | st.fixed_dictionaries(
    {"$": _names},
    optional={
        "type": _names | st.sampled_from(["xsd:string", "xsd:QName", "rdf:langString"]),
        "lang": st.sampled_from(["en", "de", "EN", "?"]),
    },
)
_values = _names | _names | _typed | st.sampled_from([True, 1.5, None])
_anything = _values | st.lists(_values, max_size=2)


def _records(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    keys = [argument.key for argument in RELATIONS[kind].arguments] if kind in RELATIONS else []
    usual = st.fixed_dictionaries(dict.fromkeys(keys[:2], st.sampled_from(["e:a", "e:b"])))
    formal = st.fixed_dictionaries(
        {},
        optional={key: _times if key == "prov:time" else _names | _anything for key in keys},
    )
    said = st.dictionaries(_names, _values | _anything, max_size=3)
    record = st.builds(
        lambda *parts: {k: v for part in parts for k, v in part.items()}, said, formal, usual
    )
    usual_record = st.builds(lambda a, b: a | b, usual, st.just({}) | st.just({"e:a": "text"}))
    one = usual_record | record
    several = st.one_of(*[one] * 9, st.lists(one, max_size=2))
    return st.dictionaries(_keys, several, max_size=5)


_kinds = (
    "entity", "activity", "used", "wasGeneratedBy", "wasDerivedFrom", "wasStartedBy", "hadMember",
)  # fmt: skip
_prefix = {
    "prefix": st.just({"e": "http://example.org/", "y": "urn:y:", "f": "http://example.org/",
                       "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"})
}  # fmt: skip
_statements = {kind: _records(kind) for kind in _kinds}
_bundles = st.dictionaries(_keys, st.fixed_dictionaries({}, optional=_statements), max_size=2)
documents = st.fixed_dictionaries(_prefix, optional=_statements) | st.fixed_dictionaries(
    _prefix | {"bundle": _bundles}, optional=_statements
)
"""Documents in which next to nothing is as it should be, but much is alike."""

_ENDS = {"prov:generatedEntity": "e:a", "prov:usedEntity": "e:a"}
_AN_ACTIVITY_AND_A_DERIVATION = {
    "prefix": {"e": "http://example.org/"},
    "activity": {"e:a": {}, "_:r": {}},
    "wasDerivedFrom": dict.fromkeys(["e:a", "_:r", "e:b", "e:c"], _ENDS),
}
"""One blank name is an element's and a relation's key, the latter among keys that are not blank."""


def said(data: bytes, few: int, *, hasty: bool = True) -> object:
    """All that is told of a document, if records of `few` and more of one shape form a table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provjson_tables, "FEW", few)
        patch.setattr(json_fast, "HEAD", 0)  # else numbers would mostly be met too soon
        if not hasty:
            patch.setattr(input_file, "fast_json", lambda *_: None)
        try:
            reading = provjson.load(data)
        except BadDocument as refusal:
            return refusal.problems
    bundles = [repr((bundle.iri, bundle.elements, bundle.relations)) for bundle in reading.bundles]
    return bundles, reading.notes


@given(st.lists(st.integers()))
def test_every_record_is_in_one_table_with_others_of_its_shape(numbers: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provjson_tables, "CHUNK_ROWS", 3)
        found = list(provjson_tables.group_by_shape(numbers, [number % 2 for number in numbers]))
    assert all(0 < len(table) <= 3 for table in found)
    assert all(len({number % 2 for number in table}) == 1 for table in found)
    assert sorted(number for table in found for number in table) == sorted(numbers)


@examples(300)
@given(documents)
@example(_AN_ACTIVITY_AND_A_DERIVATION)
def test_tables_and_the_close_look_agree_on_strange_documents(content: dict[str, Any]) -> None:
    data = json.dumps(content).encode()
    assert said(data, 1) == said(data, NEVER)


_parts = st.sampled_from(
    ['"e:b"', "1", "1.50", '[["e:a", 1]]', '{"e:a": {"e:b": 2}}', "[" * 63 + "]" * 63]
)
_doubtful = st.sampled_from(["e:a", "e:b", "prefix", "bundle", "entity", "used", "prov:time"])


@examples(300)
@given(documents, st.booleans(), st.integers(0, 1 << 16), _doubtful, _parts)
def test_json_read_hastily_and_closely_says_the_same(
    content: dict[str, Any], within: bool, place: int, key: str, part: str
) -> None:
    """Also where a key comes twice, or a number or great depth stands anywhere."""
    text = json.dumps({"bundle": {"e:x": content}} | content if within else content)
    begin = [at + 1 for at, character in enumerate(text) if character == "{"]
    at = begin[place % len(begin)]
    more = "" if text[at] == "}" else ", "
    for data in (text.encode(), f'{text[:at]}"{key}": {part}{more}{text[at:]}'.encode()):
        assert said(data, 1) == said(data, 1, hasty=False)


@pytest.mark.parametrize(
    "text",
    [
        '{"entity": {"e:a": {"e:k": "1"}, "e:a": {"e:k": "2"}}}',
        '{"entity": {"e:a": {"e:k": "1", "e:k": "2"}}}',
        '{"entity": {"e:a": {"e:k": "1", "e:k": "\\u0022\\u0022\\u0022\\u0022"}}}',
        '{"entity": {"e:a": {}}, "entity": {"e:a": {}}}',
        '{"prefix": {"e": "urn:e:", "e": "urn:f:"}}',
        '{"prefix": 1}',
        '{"prefix": {"e": 1}}',
        '{"bundle": 1}',
        '{"bundle": {"e:b": 1}}',
        '{"bundle": {"e:b": {"prefix": {"f": 1}}}}',
        '{"bundle": {"e:b": {"bundle": 1}}}',
        '{"bundle": {"not:declared": {"madeUp": %s}}}' % ("[" * 70 + "]" * 70),
        '{"entity": 1}',
        '{"entity": {"e:a": 1}}',
        '{"entity": {"e:a": {"e:k": 1.50}}}',
        '{"used": {"_:u": {"prov:activity": "e:a", "prov:entity": "e:b", "prov:time": 1}}}',
        '{"used": {"_:u": {"prov:activity": 1, "prov:entity": "e:b"}}}',
        '{"madeUp": 1}',
        "1",
        '{"entity": {"e:a": {"e:k": %s}}}' % ("[" * 70 + "]" * 70),
    ],
)
def test_what_a_hasty_reader_would_miss_is_said(text: str) -> None:
    data = text.replace('{"entity', '{"prefix": {"e": "urn:e:"}, "entity').encode()
    assert said(data, 1) == said(data, 1, hasty=False)


@given(bundles)
def test_tables_and_the_close_look_agree_on_every_bundle(bundle: Any) -> None:
    data = provjson.dump(bundle).encode()
    assert said(data, 1) == said(data, NEVER)


def test_tables_and_the_close_look_agree_on_foreign_documents(corpora: Path) -> None:
    for path in foreign.documents(corpora):
        data = path.read_bytes()
        assert said(data, 1) == said(data, provjson_tables.FEW) == said(data, NEVER), path


def test_a_usual_document_gives_no_reason_to_doubt() -> None:
    """Else it would be read correctly and slowly, and nobody would know."""
    content = json.loads(document(1200))
    doubted = [
        rest
        for kind, records in content.items()
        if kind in ELEMENTS or kind in RELATIONS
        for rest in [_rest(kind, records, content["prefix"])]
    ]
    assert doubted == [{}] * len(doubted)
    assert len(doubted) == 8


def _rest(kind: str, records: dict[str, Any], prefixes: dict[str, str]) -> dict[str, Any]:
    known = ResolvedNames({**RESERVED, **prefixes})
    tables = provjson_tables.TableReader(known)
    if kind in ELEMENTS:
        return tables.read_elements(kind, records)
    return tables.read_relations(RELATIONS[kind], records)
