"""A bundle ⇄ complete PROV-O: the direct triple *and* the qualified form of every relation.

In: a `Bundle`. Out: RDF triples as N-Triples lines, without blank nodes, in one order. `read`
gives the bundle back. Pure; knows no store. (W3C PROV-O Recommendation, 2013, 3.1 to 3.3.)
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from urllib.parse import quote

from provstore.prov.bundle import (
    IRI,
    LANG_STRING,
    STRING,
    Attributes,
    Bundle,
    Relation,
    Value,
)
from provstore.prov.garbage import no_garbage_hunt
from provstore.prov.prov_o_reader import Triple, parse, read
from provstore.prov.prov_o_terms import (
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
    minted,
)
from provstore.prov.shapes import element_shapes, relation_shapes, tables
from provstore.prov.terms import ELEMENTS, LABEL, RDFS, RELATIONS, SUBTYPES, TIME, TYPE

__all__ = ["Triple", "nquads", "parse", "read", "triples"]

_Column = Sequence[str]
_Piece = str | _Column

_A = f"<{RDF_TYPE}>"
_WITHOUT_NODE = frozenset(
    term.name for term in RELATIONS.values() if not term.in_prov_o and len(term.arguments) == 2
)
_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
    | {chr(code): f"\\u{code:04X}" for code in range(0x20) if code not in (0x0A, 0x0D)}
)


@no_garbage_hunt()
def triples(bundle: Bundle) -> list[str]:
    """N-Triples lines without their full stops, each once, always in the same order."""
    return "".join(_Lines(bundle, "\n").written()).split("\n")[:-1]


@no_garbage_hunt()
def nquads(bundle: Bundle, *, union: bool = False) -> str:
    """The bundle as N-Quads in a graph of its name; with `union`, in the default graph too."""
    end = f" <{bundle.iri}> .\n"
    text = "".join(_Lines(bundle, end).written())
    return text + text.replace(end, " .\n") if union else text


class _Table:
    """What is said of each row of a table, as pieces of text: fixed ones, and columns of others."""

    def __init__(self, end: str) -> None:
        self.end = end
        self.fixed = ""
        self.columns: list[Iterable[str]] = []

    def say(self, subjects: _Column, predicate: _Piece, *shown: _Piece) -> None:
        """A line for each row."""
        for piece in ("<", subjects, "> <", predicate, "> ", *shown, self.end):
            if isinstance(piece, str):
                self.fixed += piece
            else:
                self.columns += (repeat(self.fixed), piece)
                self.fixed = ""

    def texts(self) -> Iterable[str]:
        """For each row its lines, in one text."""
        return map("".join, zip(*self.columns, repeat(self.fixed), strict=False))


class _Lines:
    """The statements of a bundle, each closed by `end`.

    `once` holds those between IRIs that two attributes or relations may make alike; all others
    come once.
    """

    def __init__(self, bundle: Bundle, end: str) -> None:
        self.bundle = bundle
        self.end = end
        self.parts = [f"<{bundle.iri}> {_A} <{BUNDLE}>{end}"]
        self.once: dict[tuple[str, str, str], None] = {}

    def written(self) -> list[str]:
        elements, relations = self.bundle.elements, self.bundle.relations
        for table in tables(elements, element_shapes(elements)):
            iris, kinds, attributes = zip(*table, strict=True)
            lines = _Table(self.end)
            for kind in kinds[0]:
                lines.say(iris, RDF_TYPE, f"<{ELEMENTS[kind]}>")
            self._attributes(lines, iris, attributes)
            self.parts += lines.texts()
        noded = _need_a_node(self.bundle)
        named = zip(relations, self.bundle.relation_iris(), strict=True)
        for rows in tables(named, relation_shapes(relations)):
            self._direct([relation for relation, _ in rows])
            if rows[0][0].kind in _WITHOUT_NODE:
                rows = [row for row in rows if (row[0].kind, *row[0].arguments) in noded]
            if rows:
                self._qualified(*zip(*rows, strict=True))
        if self.once:
            source, predicate, target = zip(*self.once, strict=True)
            self._say(source, predicate, "<", target, ">")
        return self.parts

    def _direct(self, relations: Sequence[Relation]) -> None:
        source, target, *_ = zip(*[relation.arguments for relation in relations], strict=True)
        if source[0] and target[0]:
            self._once(source, RELATIONS[relations[0].kind].direct, target)

    def _qualified(self, relations: Sequence[Relation], nodes: _Column) -> None:
        (kind, *_), arguments, identifiers, attributes = zip(*relations, strict=True)
        source, *others = zip(*arguments, strict=True)
        term = RELATIONS[kind]
        lines = _Table(self.end)
        if source[0]:
            lines.say(source, term.qualified, "<", nodes, ">")
        lines.say(nodes, RDF_TYPE, f"<{term.cls}>")
        for argument, column in zip(term.arguments[1:], others, strict=True):
            if column[0]:
                before, after = ('"', f'"^^<{DATETIME}>') if argument.kind == TIME else "<>"
                lines.say(nodes, argument.predicate, before, column, after)
        self._attributes(lines, nodes, attributes)
        self.parts += lines.texts()
        for relation, node in zip(relations, nodes, strict=True) if identifiers[0] else ():
            if relation.id != node:
                self._say([node], IDENTIFIER, f"<{relation.id}>")
        if kind == "mentionOf" or (kind == "wasDerivedFrom" and attributes[0]):
            for relation, node in zip(relations, nodes, strict=True):
                self._more(relation, node)

    def _more(self, relation: Relation, node: str) -> None:
        """What PROV-O says of mentions and of the three kinds of derivation besides."""
        source, target, third, *_ = relation.arguments
        if relation.kind == "mentionOf" and source and target and third:
            self._once([source], AS_IN_BUNDLE, [third])
        for key, value in relation.attributes:
            if key == TYPE and value.text in SUBTYPES and relation.kind == "wasDerivedFrom":
                direct, qualified = SUBTYPES[value.text]
                if source:
                    self._once([source], qualified, [node])
                if source and target:
                    self._once([source], direct, [target])

    def _attributes(
        self, lines: _Table, subjects: _Column, attributes: tuple[Attributes, ...]
    ) -> None:
        """The attributes of each row; their keys and datatypes are those of the first row."""
        for column in zip(*attributes, strict=True):
            keys, values = zip(*column, strict=True)
            key, datatype = keys[0], values[0].datatype
            shown = _objects(values)
            if key in RESOURCES:
                self._resources(subjects, key, values)
            elif key == TYPE:
                predicates = [self._type(*row) for row in zip(subjects, values, strict=True)]
                lines.say(subjects, predicates, *shown)
            elif key in TIMES:
                predicate = TIMES[key] if datatype == DATETIME else _quoted(key)
                lines.say(subjects, predicate, *shown)
            else:
                lines.say(subjects, _predicate(key), *shown)

    def _type(self, subject: str, value: Value) -> str:
        """The property of a type: our own where its text would read as structure (PROV-O 3.1)."""
        text, datatype, _ = value
        mine = text == BUNDLE and subject == self.bundle.iri
        return TYPE if mine or text in CLASSES or datatype != IRI else RDF_TYPE

    def _resources(self, subjects: _Column, key: str, values: Sequence[Value]) -> None:
        """Roles and locations: resources in PROV-O (3.1); what they were beside, if not that."""
        predicate, namespace = RESOURCES[key]
        resource = {value: minted(namespace, value) for value in set(values)}
        self._once(subjects, predicate, [resource[value] for value in values])
        other = {
            value
            for value, iri in resource.items()
            if value.datatype != IRI or iri.startswith(namespace)
        }
        held = [row for row in zip(subjects, values, strict=True) if row[1] in other]
        if held:
            subjects, values = zip(*held, strict=True)
            self._say(subjects, key, *_objects(values))

    def _say(self, subjects: _Column, predicate: _Piece, *shown: _Piece) -> None:
        lines = _Table(self.end)
        lines.say(subjects, predicate, *shown)
        self.parts += lines.texts()

    def _once(self, subjects: _Column, predicate: str, objects: _Column) -> None:
        self.once |= dict.fromkeys(zip(subjects, repeat(predicate), objects, strict=False))


def _need_a_node(bundle: Bundle) -> frozenset[tuple[str, ...]]:
    """Kind and ends of the relations without qualified form in PROV-O that get a node of ours."""
    return frozenset(
        (relation.kind, *relation.arguments)
        for relation in bundle.relations
        if relation.kind in _WITHOUT_NODE
        and (relation.id or relation.attributes or not all(relation.arguments))
    )


def _predicate(key: str) -> str:
    if key == LABEL:
        return RDFS + "label"
    return _quoted(key) if key in STRUCTURE or key.startswith(ATTRIBUTE) else key


def _quoted(key: str) -> str:
    return ATTRIBUTE + quote(key, safe="")


def _objects(values: Sequence[Value]) -> Sequence[_Piece]:
    """How values of one datatype are shown."""
    texts, (datatype, *_), languages = zip(*values, strict=True)
    if datatype == IRI:
        return "<", texts, ">"
    texts = _escaped(texts)
    if datatype == STRING:
        return '"', texts, '"'
    if datatype == LANG_STRING:
        return '"', texts, '"@', languages
    return '"', texts, f'"^^<{datatype}>'


def _escaped(texts: tuple[str, ...]) -> tuple[str, ...]:
    together = "".join(texts)
    if together.isprintable() and '"' not in together and "\\" not in together:
        return texts
    return tuple([text if text.isalnum() else text.translate(_ESCAPES) for text in texts])
