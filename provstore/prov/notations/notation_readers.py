"""The readers of the notations: a PROV document → its bundles; the content decides the notation.

In: bytes, not trusted. Out: a `Reading`, or `BadDocument` with every problem. Documents in all
notations pass the same checks, those of `provjson.load`. Pure: fetches nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import orjson
import pyoxigraph as ox

from provstore.errors import BadDocument, Problem
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.iris import is_absolute
from provstore.prov.model.terms import PROV
from provstore.prov.notations import prov_library, provjson
from provstore.prov.notations.input_file import RDF_TEXTS, InputFile, RdfText
from provstore.prov.notations.json_strict import strict_json
from provstore.prov.notations.prov_o.prov_o_reader import Triple, interpret, triples_by_graph
from provstore.prov.notations.prov_o.prov_o_terms import BUNDLE, RDF_TYPE
from provstore.prov.notations.provjson import BLANK, Reading
from provstore.prov.notations.provjsonld import CONTEXTS
from provstore.prov.notations.provxml import refuse_unsafe_xml

# --- recognition ---------------------------------------------------------------------------------

_PROVN = re.compile(r"(?:\s|//[^\n\r]*|/\*.*?\*/)*document\b", re.S)
_ROOT = re.compile(
    r"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*<([\w.:-]+)", re.S
)
_ROOTS = {"document": "provxml", "RDF": "rdfxml"}
_FIRST_WORD = re.compile(r"\s*(?:#[^\n]*\n\s*)*(\S*)")
_SIGNS = {
    **dict.fromkeys(("@prefix", "@base", "prefix", "base"), ("turtle", "trig")),
    **dict.fromkeys(("<http", "<urn", "_:"), ("ntriples", "nquads")),
}
"""How a text begins that resembles a notation of RDF."""


def detect_notation(input_file: InputFile) -> str:
    """Return the notation, by content and never by file name.

    Raises:
        BadDocument: no notation matches; gives the reason for each.

    """
    if input_file.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json_notation(input_file)
    root = match[1] if (match := _ROOT.match(input_file.text)) else "no element"
    if known := _ROOTS.get(root.rpartition(":")[2]):
        return known
    if _PROVN.match(input_file.text):
        return "provn"
    rdf = input_file.rdf_text
    if isinstance(rdf, RdfText):
        return rdf.notation
    reasons = (
        Problem(", ".join(_ROOTS.values()), f"The document begins with {root}."),
        Problem("provn", "The text does not begin with the word document."),
        *rdf,
        *_json_problems(input_file),
    )
    raise BadDocument(
        input_file.name,
        reasons,
        "Or name the notation of the document.",
        code="PS-DOCUMENT-UNKNOWN-NOTATION",
    )


def resembled_notations(input_file: InputFile, problems: Iterable[Problem]) -> list[Problem]:
    """Return those of the reasons of `detect_notation` that concern what a document resembles.

    A text that is not UTF-8 resembles none, and that is what is wrong with it.
    """
    if not input_file.data.isascii() and (wrong := _not_utf_8(input_file)):
        return [wrong]
    match = _FIRST_WORD.match(input_file.text)
    first = match[1].lower() if match else ""
    likely = next((names for sign, names in _SIGNS.items() if first.startswith(sign)), ())
    return [problem for problem in problems if problem.where in likely]


def _not_utf_8(input_file: InputFile) -> Problem | None:
    problems = [fault for fault in _json_problems(input_file) if "UTF-8" in fault.what]
    return Problem("", problems[0].what) if problems else None


def _json_problems(input_file: InputFile) -> list[Problem]:
    try:
        strict_json(input_file.data, input_file.name)
    except BadDocument as error:
        return [
            Problem("provjson", f"{problem.what} {problem.mend}".strip())
            for problem in error.problems
        ]
    return [Problem("provjson", "A PROV-JSON document must be an object.")]


def _json_notation(input_file: InputFile) -> str:
    data = input_file.data
    if b'"@' in data:
        if input_file.faults:
            raise input_file.faults
        document = input_file.document
        if isinstance(document, list) or any(key[:1] == "@" for key in _keys(document)):
            return "provjsonld" if _is_provjsonld(document) else "jsonld"
    first, _, rest = data.lstrip().partition(b"\n")
    if rest.strip() and first.rstrip().endswith(b"}"):
        try:
            orjson.loads(first)
        except orjson.JSONDecodeError:
            return "provjson"
        return "provjson-lines"
    return "provjson"


def _keys(document: object) -> list[str]:
    return list(document) if isinstance(document, dict) else []


def _is_provjsonld(document: object) -> bool:
    """Return whether it refers to the context of PROV-JSONLD, or contains a copy of it."""
    context = document.get("@context") if isinstance(document, dict) else None
    contexts = context if isinstance(context, list) else [context]
    return any(
        entry in CONTEXTS
        if isinstance(entry, str)
        else isinstance(entry, dict) and isinstance(entry.get("Derivation"), dict)
        for entry in contexts
    )


# --- PROV-JSON, and notations that are converted to it -------------------------------------------


def read_provjson(input_file: InputFile, limit: int) -> Reading:
    """Read one PROV-JSON document."""
    return provjson.read(input_file, limit=limit)


def read_provjson_lines(input_file: InputFile, limit: int) -> Reading:
    """Read one PROV-JSON document per line; the limit applies to each line."""
    readings = [
        provjson.load(line, f"{input_file.name}, line {number}", limit=limit)
        for number, line in enumerate(input_file.data.splitlines(), 1)
        if line.strip()
    ]
    stated = [reading for reading in readings if reading.content]
    return Reading(
        tuple(bundle for reading in readings for bundle in reading.bundles),
        tuple(note for reading in readings for note in reading.notes),
        stated[0].content if len(stated) == 1 else "",
        readings[0].blank if len(readings) == 1 else "",
    )


def read_by_library(
    notation: prov_library.LibraryNotation, input_file: InputFile, limit: int
) -> Reading:
    """Read a document in a notation that the `prov` library converts to PROV-JSON."""
    name = input_file.name
    content, notes = prov_library.to_provjson(input_file.data, name, notation, limit)
    reading = provjson.load(content, name, limit=max(len(content), limit))
    return replace(reading, notes=(*notes, *reading.notes))


# --- PROV-O --------------------------------------------------------------------------------------


def read_rdf(form: ox.RdfFormat, input_file: InputFile, limit: int) -> Reading:
    """Read RDF: each named graph is a bundle, and so is the default graph (RDF 1.1 Datasets)."""
    data, name, base = input_file.data, input_file.name, input_file.base
    if len(data) > limit:
        fault = f"The input has {len(data):,} bytes; at most {limit:,} are allowed."
        raise BadDocument(name, [Problem("", fault)], code="PS-DOCUMENT-TOO-LARGE")
    if form == ox.RdfFormat.JSON_LD:
        strict_json(data, name, limit)
    elif form == ox.RdfFormat.RDF_XML:
        refuse_unsafe_xml(prov_library.decode_text(data, name, limit), name)
    blank = f"{BLANK}{input_file.sha256[:32]}/"
    try:
        quads, declared = _parse_rdf(form, input_file)
        graphs = triples_by_graph(quads, blank)
        prefixes = {prefix: iri for prefix, iri in declared.items() if prefix and is_absolute(iri)}
        notes = list(_place_default_graph(graphs, base.rstrip("/")))
        interpretations = interpret(graphs, blank)
    except SyntaxError as error:
        where = f"line {error.lineno}, column {error.offset}" if error.lineno else ""
        raise BadDocument(
            name, [Problem(where, str(error.msg))], code="PS-DOCUMENT-SYNTAX"
        ) from None
    except (TypeError, ValueError) as error:
        raise BadDocument(name, [Problem("", str(error))], code="PS-DOCUMENT-SYNTAX") from None
    if any(graphs.values()) and not any(map(_has_prov_term, graphs.values())):
        mend = "Provenance in RDF needs terms of PROV-O; this may be a description of data."
        raise BadDocument(
            name,
            [Problem("", f"The document uses no term of <{PROV}>.", mend)],
            code="PS-DOCUMENT-NO-PROVENANCE",
        )
    if any(base in str(triples) for triples in graphs.values()):
        notes.append(f"Relative IRIs are resolved against <{base}>.")
    bundles = [
        Bundle(
            interpretation.bundle.iri,
            interpretation.bundle.elements,
            interpretation.bundle.relations,
            prefixes,
        )
        for interpretation in interpretations
    ]
    content = provjson.dump(*bundles).encode()
    passed = provjson.load(content, name, limit=max(len(content), limit))
    sentences = [
        *notes,
        *(note for interpretation in interpretations for note in interpretation.notes),
    ]
    all_notes = (*(Problem("", note) for note in sentences), *passed.notes)
    read_bundles = passed.bundles
    if prefixes:
        read_bundles = tuple(replace(bundle, prefixes=prefixes) for bundle in read_bundles)
    return Reading(read_bundles, all_notes, base.rstrip("/"), blank)


def _parse_rdf(
    form: ox.RdfFormat, input_file: InputFile
) -> tuple[Iterable[ox.Quad | ox.Triple], Mapping[str, str]]:
    """Return statements and prefixes; reuse them if detecting the notation has parsed the file."""
    known = vars(input_file).get("rdf_text")
    if isinstance(known, RdfText) and RDF_TEXTS[known.notation] == form:
        return known.quads, known.prefixes
    parser = ox.parse(input_file.data, format=form, base_iri=input_file.base)
    quads = [*parser]
    return quads, parser.prefixes


def _has_prov_term(graph: list[Triple]) -> bool:
    return any(
        triple.predicate.startswith(PROV) or triple.object.text.startswith(PROV) for triple in graph
    )


def _place_default_graph(graphs: dict[str, list[Triple]], document: str) -> Iterator[str]:
    """Make the default graph a bundle, unless it only repeats the named graphs; yield notes."""
    default = graphs.pop("", [])
    typed = {triple.subject for triple in default if triple.predicate == RDF_TYPE}
    alone = {
        triple.subject
        for triple in default
        if triple.predicate == RDF_TYPE and triple.object.text == BUNDLE
    } - {triple.subject for triple in default if triple.object.text != BUNDLE}
    default = [
        triple for triple in default if triple.subject not in alone or triple.subject not in graphs
    ]
    repeated = {triple for graph in graphs.values() for triple in graph}
    if repeated and default and repeated.issuperset(default):
        yield "The default graph repeats the named graphs."
    elif default or not graphs:
        alone &= typed - graphs.keys()
        graphs[alone.pop() if len(alone) == 1 else document] = default
