"""A bundle ⇄ complete PROV-O: the direct triple *and* the qualified form of every relation.

In: a `Bundle` or a `Document`. Out: RDF triples as N-Triples lines, in a fixed order; blank nodes
only for a document as it was. The
reader returns an equal bundle. Pure; knows no store. (W3C PROV-O Recommendation, 2013, 3.1 to 3.3.)
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
from urllib.parse import quote

from provstore.prov.model.bundle import IRI, LANG_STRING, STRING, Bundle
from provstore.prov.model.columns import Column, Relations, Texts, selected_rows
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.model.relation_ids import RELATION_IRI, relation_ids
from provstore.prov.model.tables import chunked_tables
from provstore.prov.model.terms import ELEMENTS, LABEL, RDFS, RELATIONS, SUBTYPES, TIME, TYPE
from provstore.prov.notations.document import Document
from provstore.prov.notations.prov_o.prov_o_terms import (
    AS_IN_BUNDLE,
    ATTRIBUTE,
    BUNDLE,
    CLASSES,
    DATETIME,
    IDENTIFIER,
    RDF_TYPE,
    RESOURCES,
    STRUCTURE,
    TIMES,
    minted_iri,
)

_Piece = str | Texts
_Named = tuple[Relations, Texts]

_A = f"<{RDF_TYPE}>"
_WITHOUT_NODE = frozenset(
    term.name for term in RELATIONS.values() if not term.in_prov_o and len(term.arguments) == 2
)
_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
    | {chr(code): f"\\u{code:04X}" for code in range(0x20) if code not in (0x0A, 0x0D)}
)


@gc_paused()
def triples(bundle: Bundle) -> list[str]:
    """Write N-Triples lines without full stops or duplicates, in a fixed order."""
    return "".join(_Lines(bundle, "\n").written()).split("\n")[:-1]


def nquads(bundle: Bundle, *, union: bool = False) -> str:
    """Write N-Quads in a graph named like the bundle; with `union`, in the default graph too."""
    return "".join(graphs(bundle)) if union else _written(bundle, _end(bundle))


def graphs(bundle: Bundle) -> tuple[str, str]:
    """Write N-Quads in a graph named like the bundle, and in the default graph."""
    text = _written(bundle, _end(bundle))
    return text, text.replace(_end(bundle), " .\n")


@gc_paused()
def _written(bundle: Bundle, end: str, *, literals: bool = False) -> str:
    return "".join(_Lines(bundle, end, literals=literals).written())


def _end(bundle: Bundle) -> str:
    return f" <{bundle.iri}> .\n"


def document_lines(document: Document, *, union: bool = False) -> Iterator[str]:
    """Write N-Quads of a document, a part at a time; with `union`, N-Triples.

    What a document as it was did not name is a blank node, and so are its blank names.
    """
    labels = _Labels(document.blank)
    for bundle in document.stream():
        content = bundle is document.content
        end = " .\n" if union or content else _end(bundle)
        text = _written(bundle, end, literals=document.verbatim)
        if document.verbatim:
            # A graph has its bundle's name; an empty one, or a bundle without graph, needs this.
            if content or not (bundle.is_empty or (union and len(document.parts) == 1)):
                text = text.partition("\n")[2]
            text = labels.applied(text)
        yield text


class _Labels:
    """Replaces the IRIs that we made for relations and blank names by blank nodes."""

    def __init__(self, blank: str) -> None:
        self._blank = blank
        self._of: dict[str, str] = {}
        made = "|".join(re.escape(namespace) for namespace in (RELATION_IRI, blank) if namespace)
        iri = f"<((?:{made})[^>]*)>"
        self._places = (
            re.compile(rf"^(){iri}(?= )", re.M),
            re.compile(rf"^(\S+ <[^>]*> ){iri}(?= )", re.M),
            re.compile(rf"^([^\"]* ){iri}(?= \.$)", re.M),
        )

    def applied(self, text: str) -> str:
        """Return N-Quads of ours with blank nodes; a line has one statement."""
        for place in self._places:
            text = place.sub(self._replaced, text)
        return text

    def _replaced(self, match: re.Match[str]) -> str:
        before, iri = match.groups()
        label = self._of.get(iri)
        if label is None:
            local = iri.removeprefix(self._blank) if self._blank else iri
            kept = local.isascii() and local.isalnum() and not re.fullmatch(r"r\d+", local)
            label = self._of[iri] = f"_:{local}" if kept else f"_:r{len(self._of) + 1}"
        return before + label


class _Table:
    """The lines for each row of a table, as pieces of text: fixed ones, and columns of others."""

    def __init__(self, end: str) -> None:
        self.end = end
        self.fixed = ""
        self.columns: list[Iterable[str]] = []

    def add(self, subjects: Texts, predicate: _Piece, *shown: _Piece) -> None:
        """Add a line for each row."""
        self.columns += (repeat(f"{self.fixed}<"), subjects)
        if isinstance(predicate, str):
            self.fixed = f"> <{predicate}> "
        else:
            self.columns += (repeat("> <"), predicate)
            self.fixed = "> "
        for piece in shown:
            if isinstance(piece, str):
                self.fixed += piece
            else:
                self.columns += (repeat(self.fixed), piece)
                self.fixed = ""
        self.fixed += self.end

    def texts(self) -> Iterable[str]:
        """Return the lines of each row as one text."""
        return map("".join, zip(*self.columns, repeat(self.fixed), strict=False))


class _Lines:
    """The lines of a bundle, each with `end` at its end.

    `once` has the triples that several attributes or relations may state; others cannot repeat.
    With `literals`, a text that is a role or a location is only a text.
    """

    def __init__(self, bundle: Bundle, end: str, *, literals: bool = False) -> None:
        self.bundle = bundle
        self.end = end
        self.literals = literals
        self.parts = [f"<{bundle.iri}> {_A} <{BUNDLE}>{end}"]
        self.once: dict[tuple[str, str, str], None] = {}

    def written(self) -> list[str]:
        tables = chunked_tables(self.bundle)
        for kinds, subjects, attributes in tables.elements:
            lines = _Table(self.end)
            for kind in kinds:
                lines.add(subjects, RDF_TYPE, f"<{ELEMENTS[kind]}>")
            self._attributes(lines, subjects, attributes)
            self.parts += lines.texts()
        named = list(zip(tables.relations, relation_ids(self.bundle.iri, tables), strict=True))
        for table, iris in named:
            source, target, *_ = table.arguments
            if source and target:
                self._once(source, RELATIONS[table.kind].direct, target)
            if table.kind not in _WITHOUT_NODE:
                self._qualified(table, iris)
        for table, iris in _need_a_node(named):
            self._qualified(table, iris)
        if self.once:
            sources, predicates, targets = zip(*self.once, strict=True)
            self._add(sources, predicates, "<", targets, ">")
        return self.parts

    def _qualified(self, table: Relations, nodes: Texts) -> None:
        kind, (source, *others), identifiers, attributes = table
        term = RELATIONS[kind]
        lines = _Table(self.end)
        if source:
            lines.add(source, term.qualified, "<", nodes, ">")
        lines.add(nodes, RDF_TYPE, f"<{term.cls}>")
        for argument, column in zip(term.arguments[1:], others, strict=True):
            if column:
                before, after = ('"', f'"^^<{DATETIME}>') if argument.kind == TIME else "<>"
                lines.add(nodes, argument.predicate, before, column, after)
        self._attributes(lines, nodes, attributes)
        self.parts += lines.texts()
        for identifier, node in zip(identifiers, nodes, strict=False):
            if identifier != node:
                self._add([node], IDENTIFIER, f"<{identifier}>")
        if kind == "mentionOf" and all(table.arguments):
            self._once(source, AS_IN_BUNDLE, others[1])
        if kind == "wasDerivedFrom":
            for attribute in attributes:
                if attribute.key == TYPE:
                    self._subtypes(attribute.texts, source, others[0], nodes)

    def _subtypes(self, types: Texts, source: Texts, target: Texts, nodes: Texts) -> None:
        """Add the properties that PROV-O has for the three kinds of derivation."""
        for row, name in enumerate(types):
            if source and name in SUBTYPES:
                direct, qualified = SUBTYPES[name]
                self._once([source[row]], qualified, [nodes[row]])
                if target:
                    self._once([source[row]], direct, [target[row]])

    def _attributes(self, lines: _Table, subjects: Texts, attributes: Iterable[Column]) -> None:
        for column in attributes:
            key, datatype, _, texts = column
            shown = _objects(column)
            if key in RESOURCES:
                self._resources(subjects, column)
            elif key == TYPE:
                predicates = list(map(self._type, subjects, texts, repeat(datatype)))
                lines.add(subjects, predicates, *shown)
            elif key in TIMES:
                predicate = TIMES[key] if datatype == DATETIME else _quoted(key)
                lines.add(subjects, predicate, *shown)
            else:
                lines.add(subjects, _predicate(key), *shown)

    def _type(self, subject: str, text: str, datatype: str) -> str:
        """Return the property of a type; `prov:type` if the class has a meaning of its own here."""
        mine = text == BUNDLE and subject == self.bundle.iri
        return TYPE if mine or text in CLASSES or datatype != IRI else RDF_TYPE

    def _resources(self, subjects: Texts, column: Column) -> None:
        """Write roles and locations as resources (PROV-O 3.1), and other values also as written."""
        predicate, namespace = RESOURCES[column.key]
        if self.literals:
            self._add(subjects, predicate, *_objects(column))
            return
        values = column.values()
        resource = {value: minted_iri(namespace, value) for value in set(values)}
        self._once(subjects, predicate, [resource[value] for value in values])
        other = {
            value
            for value, iri in resource.items()
            if value.datatype != IRI or iri.startswith(namespace)
        }
        rest = [value in other for value in values]
        if any(rest):
            kept = column._replace(texts=tuple(compress(column.texts, rest)))
            self._add(tuple(compress(subjects, rest)), column.key, *_objects(kept))

    def _add(self, subjects: Texts, predicate: _Piece, *shown: _Piece) -> None:
        lines = _Table(self.end)
        lines.add(subjects, predicate, *shown)
        self.parts += lines.texts()

    def _once(self, subjects: Texts, predicate: str, objects: Texts) -> None:
        self.once |= dict.fromkeys(zip(subjects, repeat(predicate), objects, strict=False))


def _need_a_node(named: Iterable[_Named]) -> Iterator[_Named]:
    """Yield the relations that have no qualified form in PROV-O and need a node of ours.

    These are relations with an identifier or attributes, or without an end. All other relations
    with the same ends get a node too, which distinguishes them.
    """
    bare = [pair for pair in named if pair[0].kind in _WITHOUT_NODE]
    described = {
        (table.kind, ends)
        for table, _ in bare
        if table.ids or table.attributes or not all(table.arguments)
        for ends in table.argument_rows()
    }
    for table, iris in bare if described else ():
        rows = [
            row for row, ends in enumerate(table.argument_rows()) if (table.kind, ends) in described
        ]
        if rows:
            yield selected_rows(table, rows), [iris[row] for row in rows]


def _predicate(key: str) -> str:
    if key == LABEL:
        return RDFS + "label"
    return _quoted(key) if key in STRUCTURE or key.startswith(ATTRIBUTE) else key


def _quoted(key: str) -> str:
    return ATTRIBUTE + quote(key, safe="")


def _objects(column: Column) -> Sequence[_Piece]:
    """Return the pieces of text for the values of a column."""
    _, datatype, language, texts = column
    if datatype == IRI:
        return "<", texts, ">"
    texts = _escaped(texts)
    if datatype == STRING:
        return '"', texts, '"'
    if datatype == LANG_STRING:
        return '"', texts, f'"@{language}'
    return '"', texts, f'"^^<{datatype}>'


def _escaped(texts: Texts) -> Texts:
    joined = "".join(texts)
    if joined.isprintable() and '"' not in joined and "\\" not in joined:
        return texts
    return tuple([text if text.isalnum() else text.translate(_ESCAPES) for text in texts])
