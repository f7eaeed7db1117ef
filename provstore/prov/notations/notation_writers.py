"""The writers of the notations: documents → text; `notation_registry` has their table.

In: documents. Out: text in pieces; equal documents give equal text. A writer omits nothing: it
refuses content that its notation cannot express (`tests/notation_limits.py` lists these cases).
Pure; knows no store.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from xml.parsers import expat

import orjson
import pyoxigraph as ox

from provstore.errors import BadDocument, ProvstoreError, Refused
from provstore.prov.model.bundle import IRI, Bundle, Element, Relation, Value
from provstore.prov.model.code_points import character_outside_xml, describe, is_prefix
from provstore.prov.model.iris import Prefixes, split_iri
from provstore.prov.model.terms import NAMESPACES, PROV, RDFS, RELATIONS, SUBTYPES, TIME, XSD
from provstore.prov.notations import prov_library, prov_o, provjson
from provstore.prov.notations.document import Document
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.notation_readers import read_by_library
from provstore.prov.notations.prov_o.prov_o_terms import (
    AS_IN_BUNDLE,
    DATETIME,
    RDF_TYPE,
    RESOURCES,
    TIMES,
)

# --- PROV-JSON, and notations made from it -------------------------------------------------------


def write_provjson(document: Document) -> Iterator[str]:
    """Write one PROV-JSON document."""
    yield provjson.dump_document(document.listed()) + "\n"


def write_provjson_toolbox(document: Document) -> Iterator[str]:
    """Write one PROV-JSON document for ProvToolbox, with `@id` in bundles, or refuse.

    ProvToolbox reads one statement for each identifier, and no mentions.
    """
    document = document.listed()
    for bundle in document.parts:
        named = Counter(
            (relation.kind, relation.id) for relation in bundle.relations if relation.id
        )
        shared = next(
            (f"two statements named <{iri}>" for (_, iri), n in named.items() if n > 1), ""
        )
        mention = any(relation.kind == "mentionOf" for relation in bundle.relations)
        if fault := shared or ("a mention" if mention else ""):
            raise Refused(
                f"ProvToolbox cannot read {fault} in PROV-JSON: <{bundle.iri}>.",
                "Use provjson or provn.",
                code="PS-REFUSED-INEXPRESSIBLE",
            )
    yield provjson.dump_document(document, names_in_bundles=True) + "\n"


def write_provjson_lines(document: Document) -> Iterator[str]:
    """Write PROV-JSON documents, one per line: the statements in no bundle, then each bundle."""
    if not document.verbatim:
        return (provjson.dump(bundle) + "\n" for bundle in document.bundles)
    blank = document.blank if len(document.parts) == 1 else ""  # a line shares no blank names
    parts = [Document((bundle,), None, blank) for bundle in document.bundles]
    if document.content is not None:
        parts.insert(0, Document((), document.content, blank))
    return (provjson.dump_document(part) + "\n" for part in parts)


def write_by_library(notation: prov_library.LibraryNotation, document: Document) -> Iterator[str]:
    """Write with the `prov` library, and read the result back: refuse it if anything was lost.

    The prefixes are those of the document or, if `prov` confuses them, similar ones.
    """
    prov_library.require_packages(notation)
    document = replace(document.listed(), blank="")  # `prov` has no blank names
    if notation == "provxml":
        _refuse_outside_xml(document.parts)
    fault = ""
    for candidate in (document, _plain(document))[not document.verbatim :]:
        try:
            text = prov_library.from_provjson(provjson.dump_document(candidate), notation)
            read_back = read_by_library(notation, InputFile(text.encode(), notation), len(text) * 4)
        except BadDocument as error:
            fault = error.problems[0].what
        except ProvstoreError as error:
            fault = error.message
        else:
            changed = _statements(document) - _statements(read_back.document)
            if not changed:
                yield text
                return
            fault = f"<{min(changed)[0]}> would be altered."
    raise Refused(
        f"{notation} cannot express all of these statements: {fault}",
        "Use trig, nquads, jsonld or provjson.",
        code="PS-REFUSED-INEXPRESSIBLE",
    )


def _statements(document: Document) -> set[tuple[str, Bundle]]:
    """Return each part with its name; the content has none."""
    content = document.content
    own = () if content is None else (("", replace(content, iri="")),)
    return {*((bundle.iri, bundle) for bundle in document.bundles), *own}


def _plain(document: Document) -> Document:
    """Return the same document with prefixes that `prov` does not confuse.

    It writes a bundle's name with the prefixes declared inside the bundle, and does not declare the
    default namespace in XML.
    """
    of_bundles = {
        f"bundle{number}": namespace
        for number, namespace in enumerate(
            dict.fromkeys(split_iri(bundle.iri)[0] for bundle in document.bundles)
        )
    }

    def bare(bundle: Bundle) -> Bundle:
        known = _prefixes([bundle]).items()
        rest = {name: iri for name, iri in known if iri not in of_bundles.values()}
        return replace(bundle, prefixes={**rest, **of_bundles})

    content = document.content and bare(document.content)
    return replace(document, bundles=tuple(map(bare, document.bundles)), content=content)


# --- PROV-O --------------------------------------------------------------------------------------


def write_nquads(document: Document) -> Iterator[str]:
    """Write N-Quads: each bundle is a named graph, and statements in none the default graph."""
    return prov_o.document_lines(document)


def write_ntriples(document: Document) -> Iterator[str]:
    """Write N-Triples of the union of all bundles, without duplicates."""
    seen: set[str] = set()
    for text in prov_o.document_lines(document, union=True):
        new = [line for line in text.split("\n")[:-1] if line not in seen]
        seen.update(new)
        yield "".join([f"{line}\n" for line in new])


def write_turtle(document: Document) -> Iterator[str]:
    """Write Turtle of the union of all bundles."""
    document = document.listed()
    lines = sorted("".join(write_ntriples(document)).split("\n"))
    yield _pretty(lines, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE, document)


def write_trig(document: Document) -> Iterator[str]:
    """Write TriG: each bundle is a named graph, and statements in none the default graph."""
    document = document.listed()
    lines = [line for text in write_nquads(document) for line in sorted(text.split("\n"))]
    yield _pretty(lines, ox.RdfFormat.N_QUADS, ox.RdfFormat.TRIG, document)


def write_rdfxml(document: Document) -> Iterator[str]:
    """Write RDF/XML, or refuse: each property needs an XML name (RDF 1.1 XML Syntax, 7.2.14)."""
    document = document.listed()
    _refuse_outside_xml(document.parts)
    triples = list(ox.parse("".join(write_ntriples(document)), format=ox.RdfFormat.N_TRIPLES))
    triples.sort(key=str)
    prefixes = {name: iri for name, iri in _used_prefixes(document, "").items() if iri.isascii()}
    written = ox.serialize(
        (quad.triple for quad in triples), format=ox.RdfFormat.RDF_XML, prefixes=prefixes
    )
    written = (written or b"").replace(b"\r", b"&#13;")  # XML readers make it a line feed (2.11)
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(written, True)
        again = ox.parse(written, format=ox.RdfFormat.RDF_XML, rename_blank_nodes=False)
        same = set(again) == set(triples)
    except (SyntaxError, expat.ExpatError):
        same = False
    if not same:
        reason = "RDF/XML cannot express a property name or a character of these statements."
        raise Refused(
            reason, "Use turtle, trig, nquads or jsonld.", code="PS-REFUSED-INEXPRESSIBLE"
        )
    yield written.decode()


def _refuse_outside_xml(bundles: Iterable[Bundle]) -> None:
    """Refuse bundles with a character that XML cannot carry, not even escaped."""
    for bundle in bundles:
        parts: Iterable[Element | Relation] = (*bundle.elements, *bundle.relations)
        texts = "".join([value.text for part in parts for _, value in part.attributes])
        if letter := character_outside_xml(texts):
            raise Refused(
                f"XML cannot carry {describe(letter)}, which is in <{bundle.iri}>.",
                "Use turtle, trig, nquads or jsonld.",
                code="PS-REFUSED-INEXPRESSIBLE",
            )


def _pretty(
    lines: list[str], source: ox.RdfFormat, target: ox.RdfFormat, document: Document
) -> str:
    """Write the statements with short names; the prefixes come first, sorted."""
    text = "\n".join(lines)
    prefixes = _used_prefixes(document, text)
    serialized = ox.serialize(ox.parse(text, format=source), format=target, prefixes=prefixes)
    written = (serialized or b"").decode().split("\n")  # a name may have other line ends
    return "\n".join([*sorted(written[: len(prefixes)]), *written[len(prefixes) :]])


def _used_prefixes(document: Document, text: str) -> dict[str, str]:
    """Return the prefixes of a document as it was; of bundles of ours, those that are in use."""
    known = _prefixes(document.parts)
    if not document.verbatim:
        return {name: iri for name, iri in known.items() if not text or f"<{iri}" in text}
    declared = {name: iri for name, iri in document.prefixes.items() if known.get(name) == iri}
    more = {
        name: iri
        for name, iri in known.items()
        if iri not in declared.values() and (f"<{iri}" in text or name in ("prov", "xsd"))
    }
    return more | declared


def _prefixes(bundles: Iterable[Bundle]) -> dict[str, str]:
    """Return our prefixes, and those of the bundles that can be written and are used alike."""
    namespaces: dict[str, str] = {}
    for bundle in bundles:
        for prefix, namespace in bundle.prefixes.items():
            writable = prefix != "default" and is_prefix(prefix)
            if writable and namespaces.setdefault(prefix, namespace) != namespace:
                namespaces[prefix] = ""
    return {name: namespace for name, namespace in namespaces.items() if namespace} | dict(
        NAMESPACES
    )


# --- JSON-LD -------------------------------------------------------------------------------------

_LINKS = {
    iri.removeprefix(PROV): iri
    for iri in sorted(
        {
            *(term.direct for term in RELATIONS.values()),
            *(term.qualified for term in RELATIONS.values()),
            *(a.predicate for t in RELATIONS.values() for a in t.arguments[1:] if a.kind != TIME),
            *(name for pair in SUBTYPES.values() for name in pair),
            *(predicate for predicate, _ in RESOURCES.values()),
            AS_IN_BUNDLE,
        }
    )
    if iri.startswith(PROV)
}
_MOMENTS = {iri.removeprefix(PROV): iri for iri in (PROV + "atTime", *TIMES.values())}
_PLAIN = {"label": RDFS + "label", "value": PROV + "value"}
_TERM_OF = {iri: term for term, iri in (_LINKS | _MOMENTS | _PLAIN).items()}

CONTEXT: Mapping[str, Any] = MappingProxyType(
    dict(sorted(NAMESPACES.items()))
    | {term: {"@id": iri, "@type": "@id"} for term, iri in _LINKS.items()}
    | {term: {"@id": iri, "@type": XSD + "dateTime"} for term, iri in _MOMENTS.items()}
    | {term: {"@id": iri} for term, iri in _PLAIN.items()}
)
"""Our JSON-LD context (JSON-LD 1.1, 3.1); `ontologies/context.jsonld` publishes it."""


def write_jsonld(document: Document) -> Iterator[str]:
    """Write compact JSON-LD with its context; each bundle is a named graph (JSON-LD 1.1, 4.9)."""
    document = document.listed()
    prefixes = {
        prefix: namespace
        for prefix, namespace in sorted(_prefixes(document.parts).items())
        if prefix not in CONTEXT and namespace[-1] in ":/?#[]@" and prefix.isalnum()
    }
    graphs = prov_o.parse("".join(prov_o.document_lines(document)), "_:")
    schemes = {iri.partition(":")[0] for graph in graphs.values() for iri in _iris(graph)}
    prefixes = {prefix: iri for prefix, iri in prefixes.items() if prefix not in schemes}
    shortened = Prefixes({"default": "", **prefixes})

    def short(iri: str) -> str:
        return iri if iri.startswith("_:") else shortened.short(iri)

    whole = _nodes(graphs.pop("", []), short) + [
        {"@id": short(iri), "@graph": _nodes(graph, short)} for iri, graph in graphs.items()
    ]
    context = {**CONTEXT, **prefixes}
    if document.verbatim:
        kept = {*shortened.used, *document.prefixes, *_keys(whole)}
        context = {key: value for key, value in context.items() if key in kept}
    written = {"@context": context, "@graph": whole}
    yield orjson.dumps(written, option=orjson.OPT_INDENT_2).decode() + "\n"


def _keys(nodes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for node in nodes:
        yield from node
        yield from _keys(node.get("@graph", ()))


def _iris(graph: Iterable[prov_o.Triple]) -> Iterator[str]:
    for subject, predicate, value in graph:
        yield from (subject, predicate, value.text if value.datatype == IRI else value.datatype)


def _nodes(graph: Iterable[prov_o.Triple], short: Callable[[str], str]) -> list[dict[str, Any]]:
    """Make one object per subject, with its properties by name, all sorted."""
    about: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in sorted(graph):
        about[subject][predicate].append(value)
    nodes = []
    for subject, properties in about.items():
        node: dict[str, Any] = {"@id": short(subject)}
        for predicate, values in properties.items():
            kinds = {value.datatype for value in values}
            if predicate == RDF_TYPE and kinds == {IRI}:
                node["@type"] = [short(value.text) for value in values]
                continue
            term = _TERM_OF.get(predicate, "")
            coerced = (kinds == {IRI} and term in _LINKS) or (
                kinds == {DATETIME} and term in _MOMENTS
            )
            key = term if coerced or term in _PLAIN else short(predicate)
            shown = [
                (short(value.text) if value.datatype == IRI else value.text)
                if coerced
                else _object(value, short)
                for value in values
            ]
            node[key] = shown[0] if len(shown) == 1 else shown
        nodes.append(node)
    return nodes


def _object(value: Value, short: Callable[[str], str]) -> Any:
    text, datatype, language = value
    if datatype == IRI:
        return {"@id": short(text)}
    if language:
        return {"@value": text, "@language": language}
    return text if datatype == XSD + "string" else {"@value": text, "@type": short(datatype)}
