"""A bundle ⇄ complete PROV-O: the direct triple *and* the qualified form of every relation.

In: a `Bundle`. Out: RDF triples as N-Triples lines, without blank nodes, in one order. `read`
gives the bundle back. Pure; knows no store. (W3C PROV-O Recommendation, 2013, 3.1 to 3.3.)
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

import pyoxigraph as ox

from provstore.prov.bundle import IRI, LANG_STRING, RELATION_IRI, Bundle, Element, Relation, Value
from provstore.prov.terms import (
    ELEMENTS,
    END_TIME,
    INGEST,
    LABEL,
    LOCATION,
    PROV,
    RDF,
    RDFS,
    RELATIONS,
    ROLE,
    START_TIME,
    SUBTYPES,
    TIME,
    TYPE,
    XSD,
)

ATTRIBUTE = "https://w3id.org/provstore/attribute/"
"""Namespace of an attribute whose own name would read as structure; the rest is that name."""

IDENTIFIER = INGEST + "sharedIdentifier"
"""From a relation to the identifier that it shares with another statement."""

_RDF_TYPE = RDF + "type"
_DATETIME = XSD + "dateTime"
_BUNDLE = PROV + "Bundle"
_TIMES = {START_TIME: PROV + "startedAtTime", END_TIME: PROV + "endedAtTime"}
_RESOURCES = {
    ROLE: (PROV + "hadRole", "https://w3id.org/provstore/role/"),
    LOCATION: (PROV + "atLocation", "https://w3id.org/provstore/location/"),
}
"""Attributes that PROV-O wants as resources: the property, and where a text is given an IRI."""

_KINDS = {cls: kind for kind, cls in ELEMENTS.items()}
_TERMS = {term.cls: term for term in RELATIONS.values()}
_CLASSES = frozenset({*_KINDS, *_TERMS})
_LINKS = frozenset(
    {
        *(term.direct for term in RELATIONS.values()),
        *(term.qualified for term in RELATIONS.values()),
        *(name for pair in SUBTYPES.values() for name in pair),
        PROV + "asInBundle",
    }
)
_STRUCTURE = frozenset(
    {
        *_LINKS, _RDF_TYPE, RDFS + "label", IDENTIFIER, *_TIMES.values(),
        *(predicate for predicate, _ in _RESOURCES.values()),
        *(a.predicate for term in RELATIONS.values() for a in term.arguments[1:]),
    }
)  # fmt: skip
_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
    | {chr(code): f"\\u{code:04X}" for code in range(0x20) if code not in (0x0A, 0x0D)}
)


def triples(bundle: Bundle) -> list[str]:
    """N-Triples lines without their full stops, each once, always in the same order."""
    lines: dict[str, None] = {f"<{bundle.iri}> <{_RDF_TYPE}> <{_BUNDLE}>": None}
    predicates: dict[str, str] = {}
    for iri, kinds, attributes in bundle.elements:
        for kind in kinds:
            lines[f"<{iri}> <{_RDF_TYPE}> <{ELEMENTS[kind]}>"] = None
        for key, value in attributes:
            lines.update(dict.fromkeys(_attribute(iri, key, value, predicates, bundle.iri)))
    covered = _need_a_node(bundle)
    for relation, node in zip(bundle.relations, bundle.relation_iris(), strict=True):
        lines.update(dict.fromkeys(_relation(relation, node, covered, predicates)))
    return list(lines)


def nquads(bundle: Bundle, *, union: bool = False) -> str:
    """The bundle as N-Quads in a graph of its name; with `union`, in the default graph too."""
    lines = triples(bundle)
    text = "".join([f"{line} <{bundle.iri}> .\n" for line in lines])
    return text + "".join([f"{line} .\n" for line in lines]) if union else text


def _need_a_node(bundle: Bundle) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Pairs of ends for which a relation without qualified form in PROV-O gets a node of ours."""
    return frozenset(
        (relation.kind, relation.arguments[:2])
        for relation in bundle.relations
        if not RELATIONS[relation.kind].in_prov_o
        and (relation.id or relation.attributes or not all(relation.arguments))
    )


def _relation(
    relation: Relation,
    node: str,
    covered: frozenset[tuple[str, tuple[str, ...]]],
    predicates: dict[str, str],
) -> Iterator[str]:
    kind, arguments, identifier, attributes = relation
    term = RELATIONS[kind]
    source, target = arguments[0], arguments[1]
    if source and target:
        yield f"<{source}> <{term.direct}> <{target}>"
        if kind == "mentionOf" and arguments[2]:
            yield f"<{source}> <{PROV}asInBundle> <{arguments[2]}>"
    if not term.in_prov_o and kind != "mentionOf" and (kind, arguments[:2]) not in covered:
        return
    if source:
        yield f"<{source}> <{term.qualified}> <{node}>"
    yield f"<{node}> <{_RDF_TYPE}> <{term.cls}>"
    for argument, held in zip(term.arguments[1:], arguments[1:], strict=True):
        if held and argument.kind == TIME:
            yield f'<{node}> <{argument.predicate}> "{held}"^^<{_DATETIME}>'
        elif held:
            yield f"<{node}> <{argument.predicate}> <{held}>"
    if identifier and identifier != node:
        yield f"<{node}> <{IDENTIFIER}> <{identifier}>"
    for key, value in attributes:
        yield from _attribute(node, key, value, predicates, "")
        if key == TYPE and kind == "wasDerivedFrom" and value.text in SUBTYPES and source:
            direct, qualified = SUBTYPES[value.text]
            yield f"<{source}> <{qualified}> <{node}>"
            if target:
                yield f"<{source}> <{direct}> <{target}>"


def _attribute(
    subject: str, key: str, value: Value, predicates: dict[str, str], bundle: str
) -> Iterator[str]:
    if key in _RESOURCES:
        predicate, namespace = _RESOURCES[key]
        if value.datatype == IRI:
            yield f"<{subject}> <{predicate}> <{value.text}>"
        else:
            yield f"<{subject}> <{predicate}> <{_minted(namespace, value)}>"
            yield f"<{subject}> <{key}> {_object(value)}"
        return
    if key == TYPE:
        structural = value.text in _CLASSES or (value.text == _BUNDLE and subject == bundle)
        plain = value.datatype == IRI and not structural
        yield f"<{subject}> <{_RDF_TYPE if plain else TYPE}> {_object(value)}"
        return
    found = predicates.get(key)
    if found is None:
        found = predicates[key] = _predicate(key)
    if key in _TIMES and value.datatype != _DATETIME:
        found = ATTRIBUTE + quote(key, safe="")
    yield f"<{subject}> <{found}> {_object(value)}"


def _predicate(key: str) -> str:
    if key in _TIMES:
        return _TIMES[key]
    if key == LABEL:
        return RDFS + "label"
    if key in _STRUCTURE or key.startswith(ATTRIBUTE):
        return ATTRIBUTE + quote(key, safe="")
    return key


def _minted(namespace: str, value: Value) -> str:
    return namespace + quote(value.text, safe="", errors="surrogatepass")


def _object(value: Value) -> str:
    text, datatype, language = value
    if datatype == IRI:
        return f"<{text}>"
    if not text.isalnum():
        text = text.translate(_ESCAPES)
    if datatype == XSD + "string":
        return f'"{text}"'
    return f'"{text}"@{language}' if datatype == LANG_STRING else f'"{text}"^^<{datatype}>'


# -------------------------------------------------------------------------------- reading back


class Triple(NamedTuple):
    """One RDF triple, its object as a `Value`."""

    subject: str
    predicate: str
    object: Value


def parse(text: str) -> dict[str, list[Triple]]:
    """N-Quads → the triples of each graph by its IRI, "" for the default graph."""
    graphs: dict[str, list[Triple]] = defaultdict(list)
    for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS):
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        subject, held = quad.subject, quad.object
        if isinstance(held, ox.Literal):
            value = Value(held.value, held.datatype.value, held.language or "")
        elif isinstance(held, ox.NamedNode):
            value = Value(held.value, IRI)
        else:
            raise TypeError(f"{held} is neither an IRI nor a literal")
        if not isinstance(subject, ox.NamedNode):
            raise TypeError(f"{subject} is not an IRI")
        graphs[graph].append(Triple(subject.value, quad.predicate.value, value))
    return dict(graphs)


def read(bundle: str, graph: Iterable[Triple]) -> Bundle:
    """The bundle that `triples` made this graph of."""
    about: dict[str, list[tuple[str, Value]]] = defaultdict(list)
    for subject, predicate, value in graph:
        about[subject].append((predicate, value))
    source_of = {
        value.text: subject
        for subject, pairs in about.items()
        for predicate, value in pairs
        if predicate in _LINKS and value.text in about
        and any(term.qualified == predicate for term in RELATIONS.values())
    }  # fmt: skip
    elements, relations = [], []
    covered: set[tuple[str, ...]] = set()
    for subject, pairs in about.items():
        types = {value.text for predicate, value in pairs if predicate == _RDF_TYPE}
        if kinds := tuple(sorted(_KINDS[cls] for cls in types if cls in _KINDS)):
            elements.append(
                Element(subject, kinds, tuple(_read_attributes(pairs, subject, bundle)))
            )
        for cls in types & _TERMS.keys():
            relation = _read_relation(subject, cls, pairs, source_of.get(subject, ""))
            relations.append(relation)
            covered.add((relation.kind, *relation.arguments[:2]))
    kind_of = {term.direct: term for term in RELATIONS.values()}
    for subject, pairs in about.items():
        for predicate, value in pairs:
            term = kind_of.get(predicate)
            if term and (term.name, subject, value.text) not in covered:
                rest = [""] * (len(term.arguments) - 2)
                relations.append(Relation(term.name, (subject, value.text, *rest)))
    return Bundle(bundle, tuple(elements), tuple(relations))


def _read_relation(node: str, cls: str, pairs: list[tuple[str, Value]], source: str) -> Relation:
    term = _TERMS[cls]
    held = {predicate: value.text for predicate, value in pairs}
    arguments = (source, *(held.get(argument.predicate, "") for argument in term.arguments[1:]))
    anonymous = node.startswith(RELATION_IRI)
    identifier = held.get(IDENTIFIER, "" if anonymous else node)
    structure = {argument.predicate for argument in term.arguments[1:]} | {IDENTIFIER}
    rest = [pair for pair in pairs if pair[0] not in structure]
    return Relation(term.name, arguments, identifier, tuple(_read_attributes(rest, node, "")))


def _read_attributes(
    pairs: list[tuple[str, Value]], subject: str, bundle: str
) -> Iterator[tuple[str, Value]]:
    minted = {
        (predicate, _minted(namespace, value))
        for key, (predicate, namespace) in _RESOURCES.items()
        for name, value in pairs
        if name == key
    }
    back = {predicate: key for key, predicate in _TIMES.items()}
    back |= {predicate: key for key, (predicate, _) in _RESOURCES.items()}
    back[RDFS + "label"] = LABEL
    for predicate, value in pairs:
        if predicate == _RDF_TYPE:
            own = value.text in _CLASSES or (value.text == _BUNDLE and subject == bundle)
            if not own:
                yield TYPE, value
        elif predicate.startswith(ATTRIBUTE):
            yield unquote(predicate.removeprefix(ATTRIBUTE)), value
        elif predicate not in _LINKS and (predicate, value.text) not in minted:
            yield back.get(predicate, predicate), value
