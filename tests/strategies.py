"""Bundles as people would not write them, but may: whatever the model allows, small and strange."""

from typing import TypeVar

from hypothesis import strategies as st

from provstore.prov.model.bundle import IRI, LANG_STRING, Bundle, Element, Relation, Value
from provstore.prov.model.iris import encode_iri
from provstore.prov.model.terms import (
    END_TIME,
    LABEL,
    LOCATION,
    PROV,
    RDF,
    RDFS,
    RELATIONS,
    ROLE,
    START_TIME,
    TIME,
    TYPE,
    XSD,
    RelationTerm,
)

T = TypeVar("T")
EX = "http://example.org/"
WORDS = (
    *(EX + name for name in ("a", "b", "c#d", "c#e")), "urn:x:a", "urn:x:b", EX, "http://[::1]/é",
    PROV + "Bundle", PROV + "Entity", PROV + "Revision", PROV + "Generation",
    "https://w3id.org/provstore/relation/0", "https://w3id.org/provstore/role/in",
)  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
"""Any text that JSON can carry: quotes, line ends, control characters, other planes."""

iris = st.sampled_from([encode_iri(word) for word in WORDS]) | texts.map(
    lambda text: encode_iri(f"{EX}ns/{text}")
)
"""IRIs that meet often, some of them words of PROV-O or of our own; and any other."""

times = st.datetimes().map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20))

values = st.one_of(
    texts.map(Value),
    iris.map(lambda iri: Value(iri, IRI)),
    st.builds(lambda text: Value(text, LANG_STRING, "en"), texts),
    st.builds(lambda text: Value(text, LANG_STRING, "de-ch"), texts),
    st.integers().map(lambda number: Value(str(number), XSD + "integer")),
    st.integers().map(lambda number: Value(str(number), XSD + "long")),
    st.floats().map(lambda number: Value(repr(number), XSD + "double")),
    st.sampled_from(["true", "false", "1", "TRUE"]).map(lambda text: Value(text, XSD + "boolean")),
    st.sampled_from(["007", "+1", "1_0", " 1", "1e400", "nan"]).flatmap(
        lambda text: st.sampled_from(["int", "double", "decimal"]).map(
            lambda name: Value(text, XSD + name)
        )
    ),
    st.builds(lambda text, iri: Value(text, iri), texts, iris),
)
"""Values of every shape: exact in Cypher, nearly so, and of datatypes nobody knows."""

_KEYS = st.sampled_from(
    [
        TYPE, LABEL, ROLE, LOCATION, EX + "k", EX + "k__type", EX + "K", "urn:x:k",
        RDF + "type", RDFS + "label", PROV + "value", PROV + "used",
        PROV + "qualifiedUsage", PROV + "atTime", "https://w3id.org/provstore/attribute/k",
    ]
)  # fmt: skip


def _attributes(*formal: str) -> st.SearchStrategy[tuple[tuple[str, Value], ...]]:
    """A few pairs; a formal argument is no attribute (PROV-DM 5.7.2)."""
    keys = (_KEYS | iris).filter(lambda key: key not in formal)
    return st.lists(st.tuples(keys, values), max_size=4).map(tuple)


def _timed(element: Element, kept: list[str]) -> Element:
    times_of = zip((START_TIME, END_TIME), kept, strict=False)
    pairs = tuple((key, Value(time, XSD + "dateTime")) for key, time in times_of)
    return element._replace(attributes=element.attributes + pairs)


elements = st.builds(
    _timed,
    st.builds(
        Element,
        iris,
        st.sets(st.sampled_from(["activity", "agent", "entity"]), min_size=1).map(
            lambda kinds: tuple(sorted(kinds))
        ),
        _attributes(),
    ),
    st.lists(times, max_size=2),
)


def _relation(term: RelationTerm) -> st.SearchStrategy[Relation]:
    absent = st.just("")
    arguments = [absent | (times if argument.kind == TIME else iris) for argument in term.arguments]
    formal = [PROV + argument.name for argument in term.arguments]
    return st.builds(
        Relation, st.just(term.name), st.tuples(*arguments), absent | iris, _attributes(*formal)
    )


relations = st.sampled_from(list(RELATIONS.values())).flatmap(_relation)

bundles = st.builds(
    Bundle,
    iris,
    st.lists(elements, max_size=4).map(tuple),
    st.lists(relations, max_size=5).map(tuple),
    st.dictionaries(
        st.sampled_from(["a", "default", "ns1", "dcterms", "bundle"]),
        st.sampled_from([EX, EX + "c#", "urn:x:", PROV]),
        max_size=3,
    ),
)
"""Any bundle that a document could have said."""


def shuffled(some: st.SearchStrategy[T], size: int) -> st.SearchStrategy[tuple[list[T], list[T]]]:
    """A list, and the same things in another order with the first of them once more."""
    return st.lists(some, max_size=size).flatmap(
        lambda one: st.tuples(st.just(one), st.permutations(one + one[:1]))
    )
