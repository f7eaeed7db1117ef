"""A PROV document in any notation → its bundles; its content says which notation it is.

In: bytes, hostile until read. Out: a `Reading`, as `provjson.load` gives it, whatever the notation:
each passes the same gate. Or `BadDocument`, with every problem. Pure: fetches nothing.
"""

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

import orjson
import pyoxigraph as ox

from provstore.errors import BadDocument, Problem, UnknownName
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.iris import is_absolute
from provstore.prov.model.terms import PROV
from provstore.prov.notations import prov_library, provjson
from provstore.prov.notations.json_strict import MAX_BYTES, strict_json
from provstore.prov.notations.prov_o.prov_o_reader import Triple, graphs, understand
from provstore.prov.notations.prov_o.prov_o_terms import BUNDLE, RDF_TYPE
from provstore.prov.notations.provjson import BLANK, DOCUMENT, Reading
from provstore.prov.notations.provjsonld import CONTEXTS
from provstore.prov.notations.provxml import plain_xml


def read(data: bytes, name: str, notation: str | None = None, *, limit: int = MAX_BYTES) -> Reading:
    """Read a document of at most `limit` bytes; without a `notation`, its content decides.

    Raises:
        UnknownName: there is no such notation.
        BadDocument: it is in none of them, or not as it must be; lists all problems.
        ProvstoreError: a package that this notation needs is not installed.

    """
    chosen = notation or notation_of(data, name)
    if chosen not in NOTATIONS:
        raise UnknownName("format", chosen, NOTATIONS)
    return NOTATIONS[chosen](data, name, limit)


# --- what it is ----------------------------------------------------------------------------------

_PROVN = re.compile(r"(?:\s|//[^\n\r]*|/\*.*?\*/)*document\b", re.S)
_ROOT = re.compile(
    r"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*<([\w.:-]+)", re.S
)
_ROOTS = {"document": "provxml", "RDF": "rdfxml"}
_TEXTS = {
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
}
"""From the narrowest to the widest: what is valid in the first is valid in the last, nearly."""
_BASE = "https://w3id.org/provstore/document/"


def notation_of(data: bytes, name: str = "document") -> str:
    """The notation, by content and never by a file's name.

    Raises:
        BadDocument: it is none that can be read; says of each notation why.

    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json_notation(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    root = found[1] if (found := _ROOT.match(text)) else "no element"
    if known := _ROOTS.get(root.rpartition(":")[2]):
        return known
    if _PROVN.match(text):
        return "provn"
    reasons = [Problem(", ".join(_ROOTS.values()), f"It begins with {root}.")]
    reasons.append(Problem("provn", "It does not begin with the word document."))
    for notation, form in _TEXTS.items() if text.strip() else ():
        try:
            deque(ox.parse(data, format=form, base_iri=_BASE), maxlen=0)
        except SyntaxError as error:
            reasons.append(Problem(notation, f"{error.msg}."))
        else:
            return notation
    raise BadDocument(name, [*reasons, *_not_json(data, name)], "Or name its notation.")


def _not_json(data: bytes, name: str) -> list[Problem]:
    try:
        strict_json(data, name)
    except BadDocument as error:
        return [Problem("provjson", f"{one.what} {one.mend}".strip()) for one in error.problems]
    return [Problem("provjson", "A PROV-JSON document is an object.")]


def _json_notation(data: bytes, name: str) -> str:
    if b'"@' in data:
        document = strict_json(data, name, max(len(data), MAX_BYTES))
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
    """Whether it refers to the one context of PROV-JSONLD, or holds a copy of it."""
    held = document.get("@context") if isinstance(document, dict) else None
    contexts = held if isinstance(held, list) else [held]
    return any(
        one in CONTEXTS
        if isinstance(one, str)
        else isinstance(one, dict) and isinstance(one.get("Derivation"), dict)
        for one in contexts
    )


# --- PROV-JSON, and what becomes PROV-JSON -------------------------------------------------------


def _provjson(data: bytes, name: str, limit: int) -> Reading:
    return provjson.load(data, name, limit=limit)


def _provjson_lines(data: bytes, name: str, limit: int) -> Reading:
    """One document a line, as `notations` writes it; each is as large as a document may be."""
    readings = [
        provjson.load(line, f"{name}, line {number}", limit=limit)
        for number, line in enumerate(data.splitlines(), 1)
        if line.strip()
    ]
    return Reading(
        tuple(bundle for one in readings for bundle in one.bundles),
        tuple(note for one in readings for note in one.notes),
    )


def _foreign(notation: prov_library.Foreign, data: bytes, name: str, limit: int) -> Reading:
    content, notes = prov_library.to_provjson(data, name, notation, limit)
    found = provjson.load(content, name, limit=max(len(content), limit))
    return Reading(found.bundles, (*notes, *found.notes))


# --- PROV-O --------------------------------------------------------------------------------------


def _rdf(form: ox.RdfFormat, data: bytes, name: str, limit: int) -> Reading:
    """Each named graph is a bundle, and so is the default graph (PROV-O 3; RDF 1.1 Datasets)."""
    if len(data) > limit:
        what = f"It is {len(data):,} bytes long; at most {limit:,} are taken."
        raise BadDocument(name, [Problem("", what)])
    if form == ox.RdfFormat.JSON_LD:
        strict_json(data, name, limit)
    elif form == ox.RdfFormat.RDF_XML:
        plain_xml(prov_library.text_of(data, name, limit), name)
    digest = hashlib.sha256(data).hexdigest()[:32]
    blank, base = f"{BLANK}{digest}/", f"{DOCUMENT}{digest}/"
    try:
        parser = ox.parse(data, format=form, base_iri=base)
        found = graphs(parser, blank)
        prefixes = {
            prefix: iri for prefix, iri in parser.prefixes.items() if prefix and is_absolute(iri)
        }
        notes = list(_beside_graphs(found, DOCUMENT + digest))
        understood = understand(found, blank)
    except SyntaxError as error:
        where = f"line {error.lineno}, column {error.offset}" if error.lineno else ""
        raise BadDocument(name, [Problem(where, str(error.msg))]) from None
    except (TypeError, ValueError) as error:
        raise BadDocument(name, [Problem("", str(error))]) from None
    if any(found.values()) and not any(map(_speaks_prov, found.values())):
        mend = "It may be a description of data; provenance has terms of PROV-O."
        raise BadDocument(name, [Problem("", f"No term of <{PROV}> is used.", mend)])
    if any(base in str(one) for one in found.values()):
        notes.append(f"Relative IRIs are read as if it stood at <{base}>.")
    bundles = [
        Bundle(one.bundle.iri, one.bundle.elements, one.bundle.relations, prefixes)
        for one in understood
    ]
    content = provjson.dump(*bundles).encode()
    passed = provjson.load(content, name, limit=max(len(content), limit))
    said = [*notes, *(note for one in understood for note in one.notes)]
    return Reading(passed.bundles, (*(Problem("", note) for note in said), *passed.notes))


def _speaks_prov(graph: list[Triple]) -> bool:
    return any(one.predicate.startswith(PROV) or one.object.text.startswith(PROV) for one in graph)


def _beside_graphs(found: dict[str, list[Triple]], document: str) -> Iterator[str]:
    """What the default graph is: a bundle of its own, a named one, or what the others say again."""
    default = found.pop("", [])
    typed = {one.subject for one in default if one.predicate == RDF_TYPE}
    alone = {
        one.subject for one in default if one.predicate == RDF_TYPE and one.object.text == BUNDLE
    } - {one.subject for one in default if one.object.text != BUNDLE}
    default = [one for one in default if one.subject not in alone or one.subject not in found]
    said = {triple for graph in found.values() for triple in graph}
    if said and default and said.issuperset(default):
        yield "The default graph repeats what the named graphs say."
    elif default or not found:
        alone &= typed - found.keys()
        found[alone.pop() if len(alone) == 1 else document] = default


NOTATIONS: Mapping[str, Callable[[bytes, str, int], Reading]] = MappingProxyType(
    {
        "provjson": _provjson,
        "provjson-lines": _provjson_lines,
        "provn": partial(_foreign, "provn"),
        "provxml": partial(_foreign, "provxml"),
        "provjsonld": partial(_foreign, "provjsonld"),
        **{notation: partial(_rdf, form) for notation, form in _TEXTS.items()},
        "jsonld": partial(_rdf, ox.RdfFormat.JSON_LD),
        "rdfxml": partial(_rdf, ox.RdfFormat.RDF_XML),
    }
)
"""Every notation that can be read, and its reader."""
