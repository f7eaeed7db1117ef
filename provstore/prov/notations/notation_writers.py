"""The writers of the notations: bundles → text; `notation_registry` has their table.

In: bundles. Out: text in pieces; equal bundles give equal text. A writer omits nothing: it refuses
bundles that its notation cannot express (`tests/notation_limits.py` lists these cases). Pure; knows
no store.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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


def write_provjson(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write one PROV-JSON document."""
    yield provjson.dump(*bundles) + "\n"


def write_provjson_lines(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write one PROV-JSON document per line, each with one bundle."""
    return (provjson.dump(bundle) + "\n" for bundle in bundles)


def write_by_library(
    notation: prov_library.LibraryNotation, bundles: Iterable[Bundle]
) -> Iterator[str]:
    """Write with the `prov` library, and read the result back: refuse it if anything was lost."""
    bundles = list(bundles)
    reason = f"{notation} cannot express all of these statements"
    advice = "Use trig, nquads, jsonld or provjson."
    prov_library.require_packages(notation)
    if notation == "provxml":
        _refuse_outside_xml(bundles)
    try:
        plain = [_plain(number, bundle) for number, bundle in enumerate(bundles)]
        text = prov_library.from_provjson(provjson.dump(*plain), notation)
        read_back = read_by_library(notation, InputFile(text.encode(), notation), len(text) * 4)
    except BadDocument as error:
        raise Refused(
            f"{reason}: {error.problems[0].what}", advice, code="PS-REFUSED-INEXPRESSIBLE"
        ) from None
    except ProvstoreError as error:
        raise Refused(error.message, advice, code="PS-REFUSED-INEXPRESSIBLE") from None
    if changed := set(bundles).difference(read_back.bundles):
        raise Refused(
            f"{reason}: <{min(bundle.iri for bundle in changed)}> would be altered.",
            advice,
            code="PS-REFUSED-INEXPRESSIBLE",
        )
    yield text


def _plain(number: int, bundle: Bundle) -> Bundle:
    """Return the same bundle with prefixes that `prov` does not confuse.

    It writes a bundle's name with the prefixes declared inside the bundle, and does not declare the
    default namespace in XML.
    """
    namespace = split_iri(bundle.iri)[0]
    rest = {name: iri for name, iri in _prefixes([bundle]).items() if iri != namespace}
    prefixes = {**rest, f"bundle{number}": namespace}
    return Bundle(bundle.iri, bundle.elements, bundle.relations, prefixes)


# --- PROV-O --------------------------------------------------------------------------------------


def write_nquads(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write N-Quads: each bundle is a named graph."""
    return (prov_o.nquads(bundle) for bundle in bundles)


def write_ntriples(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write N-Triples of the union of all bundles, without duplicates."""
    seen: set[str] = set()
    for bundle in bundles:
        new = [line for line in prov_o.triples(bundle) if line not in seen]
        seen.update(new)
        yield "".join([f"{line} .\n" for line in new])


def write_turtle(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write Turtle of the union of all bundles."""
    bundles = list(bundles)
    lines = sorted("".join(write_ntriples(bundles)).split("\n"))
    yield _pretty(lines, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE, bundles)


def write_trig(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write TriG: each bundle is a named graph."""
    bundles = list(bundles)
    lines = [line for bundle in bundles for line in sorted(prov_o.nquads(bundle).split("\n"))]
    yield _pretty(lines, ox.RdfFormat.N_QUADS, ox.RdfFormat.TRIG, bundles)


def write_rdfxml(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write RDF/XML, or refuse: each property needs an XML name (RDF 1.1 XML Syntax, 7.2.14)."""
    bundles = list(bundles)
    _refuse_outside_xml(bundles)
    triples = list(ox.parse("".join(write_ntriples(bundles)), format=ox.RdfFormat.N_TRIPLES))
    triples.sort(key=str)
    prefixes = {name: iri for name, iri in _prefixes(bundles).items() if iri.isascii()}
    written = ox.serialize(
        (quad.triple for quad in triples), format=ox.RdfFormat.RDF_XML, prefixes=prefixes
    )
    written = (written or b"").replace(b"\r", b"&#13;")  # XML readers make it a line feed (2.11)
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(written, True)
        same = set(ox.parse(written, format=ox.RdfFormat.RDF_XML)) == set(triples)
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
    lines: list[str], source: ox.RdfFormat, target: ox.RdfFormat, bundles: Iterable[Bundle]
) -> str:
    """Write the statements with short names; the prefixes in use come first, sorted."""
    text = "\n".join(lines)
    prefixes = {name: iri for name, iri in _prefixes(bundles).items() if f"<{iri}" in text}
    serialized = ox.serialize(ox.parse(text, format=source), format=target, prefixes=prefixes)
    written = (serialized or b"").decode().split("\n")  # a name may have other line ends
    return "\n".join([*sorted(written[: len(prefixes)]), *written[len(prefixes) :]])


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


def write_jsonld(bundles: Iterable[Bundle]) -> Iterator[str]:
    """Write compact JSON-LD with its context; each bundle is a named graph (JSON-LD 1.1, 4.9)."""
    bundles = list(bundles)
    prefixes = {
        prefix: namespace
        for prefix, namespace in sorted(_prefixes(bundles).items())
        if prefix not in CONTEXT and namespace[-1] in ":/?#[]@" and prefix.isalnum()
    }
    graphs = [(bundle, prov_o.parse(prov_o.nquads(bundle))[bundle.iri]) for bundle in bundles]
    schemes = {iri.partition(":")[0] for _, graph in graphs for iri in _iris(graph)}
    prefixes = {prefix: iri for prefix, iri in prefixes.items() if prefix not in schemes}
    short = Prefixes({"default": "", **prefixes}).short
    whole = [{"@id": short(bundle.iri), "@graph": _nodes(graph, short)} for bundle, graph in graphs]
    document = {"@context": {**CONTEXT, **prefixes}, "@graph": whole}
    yield orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


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
