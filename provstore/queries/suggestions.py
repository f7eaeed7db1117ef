"""Names in a query that do not occur in the store, with suggestions.

A typo in a label, relation, property or term is no error in either language; the query just finds
nothing. In: the text of a query, and a function that runs queries. Out: sentences. It knows no
engine.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from provstore.errors import similar_names
from provstore.prov.model.terms import ELEMENTS, INGEST, PROV, RELATIONS
from provstore.prov.property_graph.graph_rows import RELATIONSHIP_TYPES
from provstore.results.answer import Answer, Cell, Iri
from provstore.storage.settings import shipped
from provstore.views.rdf.sparql import TOKEN

Ask = Callable[[str, Mapping[str, Cell]], Answer]

_COMMENT_OR_TEXT = re.compile(
    r"//[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL
)
_RELATION = re.compile(r"-\s*\[\s*\w*\s*:([\w\s|:&!]+)")
_NODE = re.compile(r"\(\s*\w*\s*:([\w\s|:&!]+)")
_HAS_LABEL = re.compile(r"[\w)]:([A-Za-z_]\w*)")
_MAP = re.compile(r"(?:\(|-\s*\[)[^(){}\[\]]*\{([^{}]*)\}")
_PROPERTY = re.compile(r"[A-Za-z_]\w*\.([A-Za-z_]\w*)\b(?!\s*\()")

SAMPLE_SIZE = 2000
"""How many nodes and relationships are searched for property keys, which engines do not list."""

_LABELS = "CALL db.labels() YIELD label RETURN label"
_TYPES = "CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType"
_KEYS = (
    f"MATCH (n:Resource) WITH n LIMIT {SAMPLE_SIZE} UNWIND keys(n) AS key RETURN DISTINCT key",
    f"MATCH ()-[r]->() WITH r LIMIT {SAMPLE_SIZE} UNWIND keys(r) AS key RETURN DISTINCT key",
)
_IS_KNOWN = "ASK { { ?s $term ?o } UNION { $term ?p ?o } UNION { ?s ?p $term } }"


def suggest_for_cypher(text: str, ask: Ask) -> Iterator[str]:
    """Report labels, relations and properties of a Cypher query that do not occur in the store."""
    plain = _COMMENT_OR_TEXT.sub("''", text)
    maps = " ".join(_MAP.findall(plain))
    outside = _MAP.sub(lambda match: match[0].partition("{")[0], plain)
    types = _names(_RELATION.findall(outside))
    labels = _names(_NODE.findall(outside)) | set(_HAS_LABEL.findall(_RELATION.sub("", outside)))
    keys = {*_PROPERTY.findall(plain), *re.findall(r"(\w+)\s*:", maps)}
    yield from _unknown("label", labels, _column(ask(_LABELS, {})))
    yield from _unknown("relation", types, {*_column(ask(_TYPES, {})), *RELATIONSHIP_TYPES})
    known = {key for sample in _KEYS for key in _column(ask(sample, {}))}
    for key in sorted(keys - known):
        # Not all keys are known, so only a key that resembles a known one is reported.
        if near := _did_you_mean(key, known):
            yield f"The property {key!r} does not occur in a sample of this store.{near}"


def suggest_for_sparql(text: str, prefixes: Mapping[str, str], ask: Ask) -> Iterator[str]:
    """Report terms of a SPARQL query that do not occur; suggestions come from PROV-O and ours."""
    known = {*_ours(), *_prov_o()}
    for written, iri in sorted(_terms(text, prefixes)):
        if not ask(_IS_KNOWN, {"term": Iri(iri)}).rows[0][0]:
            space, name = _split(iri)
            names = {term.removeprefix(space) for term in known if _split(term)[0] == space}
            yield f"{written} does not occur in this store.{_did_you_mean(name, names)}"


def unknown_prefixes(text: str, prefixes: Mapping[str, str]) -> list[str]:
    """Return the undeclared prefixes of a SPARQL query."""
    known = {*prefixes, *_declared(text), "_"}
    used = {token["name"].partition(":")[0] for token in TOKEN.finditer(text) if token["name"]}
    return sorted(used - known)


def _names(groups: Iterable[str]) -> set[str]:
    return {name for group in groups for name in re.findall(r"\w+", group)}


def _column(answer: Answer) -> set[str]:
    return {str(row[0]) for row in answer.rows}


def _unknown(kind: str, names: set[str], known: set[str]) -> Iterator[str]:
    for name in sorted(names - known):
        yield f"The {kind} {name!r} does not occur in this store.{_did_you_mean(name, known)}"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = similar_names(name, known)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


def _terms(text: str, prefixes: Mapping[str, str]) -> set[tuple[str, str]]:
    """Yield each IRI in a query, as written and in full."""
    bound = {**prefixes, **_declared(text)}
    terms = set()
    declares = False
    for token in TOKEN.finditer(text):
        if token["iri"] is not None and not declares:
            terms.add((token[0], token["iri"]))
        elif token["name"] and not declares:
            prefix, _, local = token["name"].partition(":")
            if prefix in bound:
                terms.add((token["name"], bound[prefix] + local))
        declares = (token["word"] or "").upper() in ("PREFIX", "BASE") or (
            declares and token["name"] is not None
        )
    return terms


def _declared(text: str) -> dict[str, str]:
    return dict(re.findall(r"(?i)\bPREFIX\s+([\w.-]*):\s*<([^<>]*)>", text))


def _split(iri: str) -> tuple[str, str]:
    end = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:end], iri[end:]


def _ours() -> list[str]:
    ontology = shipped("ontologies").joinpath("ingest.ttl").read_text(encoding="utf-8")
    return [INGEST + name for name in re.findall(r"(?m)^ingest:(\w+)", ontology)]


def _prov_o() -> Iterator[str]:
    yield from ELEMENTS.values()
    for term in RELATIONS.values():
        yield from (term.direct, term.qualified, term.cls)
        yield from (argument.predicate for argument in term.arguments[1:])
    yield from (
        PROV + name for name in ("startedAtTime", "endedAtTime", "hadRole", "wasRevisionOf")
    )
