"""A query that finds nothing says which of its names nothing bears, and what was meant."""

import pytest

from provstore.errors import BadQuery, UnknownName
from provstore.queries.suggestions import unknown_prefixes
from provstore.store import ProvStore
from tests.example import store as store


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("MATCH (e:Entitiy) RETURN e", [("label", "Entitiy", "Entity")]),
        ("MATCH (e:Entity&!Agnet) WHERE e.uri = '' RETURN e", [("label", "Agnet", "Agent")]),
        ("MATCH (e) WHERE e:ingest__Ingests RETURN e",
         [("label", "ingest__Ingests", "ingest__Ingest")]),
        ("MATCH (e:Entitiy) RETURN count(e)", [("label", "Entitiy", "Entity")]),
        ("MATCH (a)-[:wasDerivedFrm|used]->(b {uri: 'x'}) RETURN b",
         [("relation", "wasDerivedFrm", "wasDerivedFrom")]),
        ("MATCH (a)-[r:usd*1..3]->(b) RETURN DISTINCT b", [("relation", "usd", "used")]),
        ("MATCH (e:Entity) WHERE e.ingest__outcom = 'ok' RETURN e.uri",
         [("property", "ingest__outcom", "ingest__outcome")]),
        ("MATCH (e:Resource {urri: 'x'}) RETURN e.uri", [("property", "urri", "uri")]),
        ("MATCH (a)-[r {bundel: 'x'}]->(b) RETURN r", [("property", "bundel", "bundle")]),
        # Nothing to say: the names are there, or only look like names.
        ("MATCH (e:Resource {uri: 'a:Entitiy'}) RETURN e", []),
        ("MATCH (e:Entity) WHERE e.uri = 'x' // e:Entitiy e.urii\n RETURN e", []),
        ("MATCH (e:Resource {uri: 'x'}) RETURN e {.uri, kind: e.name}, [n IN [1] | n][0..1]", []),
        ("MATCH (a:Resource {uri: 'x'})-[:wasQuotedFrom|wasInfluencedBy]->(b) RETURN b",
         [("relation", "wasQuotedFrom", "wasDerivedFrom")]),
        ("RETURN null AS x, duration.inSeconds(null, null) AS y", []),
    ],
)  # fmt: skip
def test_what_nothing_bears_is_named_in_cypher(
    store: ProvStore, text: str, notes: list[tuple[str, str, str]]
) -> None:
    said = store.cypher(text).notes
    assert len(said) == len(notes), said
    for note, (kind, wrong, meant) in zip(said, notes, strict=True):
        assert f"The {kind} {wrong!r}" in note
        assert (f"Did you mean {meant!r}" in note) if meant else ("mean" not in note)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("SELECT * { ?s prov:usd ?o }", [("prov:usd", "used")]),
        ("SELECT * { ?s a ingest:Ingests }", [("ingest:Ingests", "Ingest")]),
        ("PREFIX p: <http://www.w3.org/ns/prov#> ASK { ?s p:wasDerivedFrm/p:used* ?o }",
         [("p:wasDerivedFrm", "wasDerivedFrom")]),
        ("ASK { ?s <http://www.w3.org/ns/prov#hadRoles> ?o }",
         [("<http://www.w3.org/ns/prov#hadRoles>", "hadRole")]),
        ("SELECT (COUNT(*) AS ?n) { <http://example.org/x> ?p ?o }",
         [("<http://example.org/x>", "")]),
        ("SELECT * { ?s prov:used ?o FILTER(?o = 'prov:usd <a:b>') } # prov:usd", []),
        ("SELECT * { ?s ?p ?o FILTER(false) }", []),
    ],
)  # fmt: skip
def test_what_nothing_bears_is_named_in_sparql(
    store: ProvStore, text: str, notes: list[tuple[str, str]]
) -> None:
    said = store.sparql(text).notes
    assert len(said) == len(notes), said
    for note, (wrong, meant) in zip(said, notes, strict=True):
        assert note.startswith(f"{wrong} does not occur")
        assert (f"Did you mean {meant!r}" in note) if meant else ("mean" not in note)


def test_a_query_that_finds_something_gets_no_advice(store: ProvStore) -> None:
    """Half of it may be wrong all the same: `OPTIONAL` is for that."""
    answer = store.cypher("MATCH (e:ingest__Ingest) OPTIONAL MATCH (e)-[:usd]->(x) RETURN e.uri, x")
    assert answer.rows
    assert answer.notes == ()


def test_an_unknown_prefix_gets_the_near_ones(store: ProvStore) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'prov'"):
        store.sparql("SELECT * { ?s pro:used ?o }")
    with pytest.raises(BadQuery):
        store.sparql("SELECT * { ?s prov:used }")


def test_what_looks_like_a_prefix_and_is_none_is_left_alone() -> None:
    text = "PREFIX a: <x:y> SELECT * { _:b a:c '\\'d:e' ; a:f <g:h> . ?x:i a:j 1 } # k:l"
    assert unknown_prefixes(text.replace("?x:i", "?x"), {}) == []
    assert unknown_prefixes("ASK { ?s x:y ?o }", {"y": "z"}) == ["x"]
