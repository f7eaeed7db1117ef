"""A bundle ⇄ complete PROV-O: the direct triple *and* the qualified form of every relation.

In: a `Bundle`. Out: RDF triples as N-Triples lines, without blank nodes, in one order. `read`
gives the bundle back. Pure; knows no store. (W3C PROV-O Recommendation, 2013, 3.1 to 3.3.)
"""

from urllib.parse import quote

from provstore.prov.bundle import IRI, LANG_STRING, Attributes, Bundle, Relation, Value
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
from provstore.prov.terms import ELEMENTS, LABEL, RDFS, RELATIONS, SUBTYPES, TIME, TYPE, XSD

__all__ = ["Triple", "nquads", "parse", "read", "triples"]

_A = f"<{RDF_TYPE}>"
_SPECIAL = frozenset({TYPE, *TIMES, *RESOURCES})
_WITHOUT_NODE = frozenset(
    term.name for term in RELATIONS.values() if not term.in_prov_o and len(term.arguments) == 2
)
_SHAPES = {
    term.name: (
        f"<{term.direct}>",
        f"<{term.qualified}>",
        f"<{term.cls}>",
        [(f"<{a.predicate}>", a.kind == TIME) for a in term.arguments[1:]],
    )
    for term in RELATIONS.values()
}
"""What `RELATIONS` says, as N-Triples writes it."""

_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
    | {chr(code): f"\\u{code:04X}" for code in range(0x20) if code not in (0x0A, 0x0D)}
)


@no_garbage_hunt()
def triples(bundle: Bundle) -> list[str]:
    """N-Triples lines without their full stops, each once, always in the same order."""
    return _Lines(bundle, "").written()


@no_garbage_hunt()
def nquads(bundle: Bundle, *, union: bool = False) -> str:
    """The bundle as N-Quads in a graph of its name; with `union`, in the default graph too."""
    end = f" <{bundle.iri}> .\n"
    text = "".join(_Lines(bundle, end).written())
    return text + text.replace(end, " .\n") if union else text


class _Lines:
    """The statements of a bundle, each closed by `end`.

    `rare` holds those that two attributes or relations may make alike; all others come once.
    """

    def __init__(self, bundle: Bundle, end: str) -> None:
        self.bundle = bundle
        self.end = end
        self.lines = [f"<{bundle.iri}> {_A} <{BUNDLE}>{end}"]
        self.rare: dict[str, None] = {}
        self.predicates: dict[str, str] = {}

    def written(self) -> list[str]:
        for iri, kinds, attributes in self.bundle.elements:
            self.lines += [f"<{iri}> {_A} <{ELEMENTS[kind]}>{self.end}" for kind in kinds]
            self._attributes(iri, attributes)
        self._relations()
        return [*self.lines, *self.rare]

    def _relations(self) -> None:
        end, write = self.end, self.lines.append
        noded = _need_a_node(self.bundle)
        before: tuple[str, ...] = ()
        for relation, node in zip(self.bundle.relations, self.bundle.relation_iris(), strict=True):
            kind, arguments, identifier, attributes = relation
            direct, qualified, cls, rest = _SHAPES[kind]
            source, target = ends = arguments[:2]
            if source and target and (kind, *ends) != before:  # sorted: the same ends are next
                write(f"<{source}> {direct} <{target}>{end}")
                before = (kind, *ends)
            if kind in _WITHOUT_NODE and (kind, *ends) not in noded:
                continue
            if source:
                write(f"<{source}> {qualified} <{node}>{end}")
            write(f"<{node}> {_A} {cls}{end}")
            for (predicate, is_time), held in zip(rest, arguments[1:], strict=True):
                if held:
                    shown = f'"{held}"^^<{DATETIME}>' if is_time else f"<{held}>"
                    write(f"<{node}> {predicate} {shown}{end}")
            if identifier and identifier != node:
                write(f"<{node}> <{IDENTIFIER}> <{identifier}>{end}")
            if attributes:
                self._attributes(node, attributes)
            if kind in ("mentionOf", "wasDerivedFrom"):
                self._more(relation, node)

    def _more(self, relation: Relation, node: str) -> None:
        """What PROV-O says of mentions and of the three kinds of derivation besides."""
        source, target, third, *_ = relation.arguments
        if relation.kind == "mentionOf" and source and target and third:
            self._once(source, AS_IN_BUNDLE, f"<{third}>")
        for key, value in relation.attributes:
            if key == TYPE and value.text in SUBTYPES and relation.kind == "wasDerivedFrom":
                direct, qualified = SUBTYPES[value.text]
                if source:
                    self._once(source, qualified, f"<{node}>")
                if source and target:
                    self._once(source, direct, f"<{target}>")

    def _attributes(self, subject: str, attributes: Attributes) -> None:
        for key, value in attributes:
            if key in _SPECIAL:
                self._special(subject, key, value)
                continue
            predicate = self.predicates.get(key)
            if predicate is None:
                predicate = self.predicates[key] = _predicate(key)
            self.lines.append(f"<{subject}> <{predicate}> {_object(value)}{self.end}")

    def _special(self, subject: str, key: str, value: Value) -> None:
        """Types, times, roles and locations: PROV-O has a form of its own for each (3.1)."""
        if key in RESOURCES:
            predicate, namespace = RESOURCES[key]
            resource = minted(namespace, value)
            self._once(subject, predicate, f"<{resource}>")
            if value.datatype == IRI and not resource.startswith(namespace):
                return
            predicate = key
        elif key == TYPE:
            mine = value.text == BUNDLE and subject == self.bundle.iri
            structural = value.text in CLASSES or mine or value.datatype != IRI
            predicate = TYPE if structural else RDF_TYPE
        else:
            predicate = TIMES[key] if value.datatype == DATETIME else _quoted(key)
        self.lines.append(f"<{subject}> <{predicate}> {_object(value)}{self.end}")

    def _once(self, subject: str, predicate: str, shown: str) -> None:
        self.rare[f"<{subject}> <{predicate}> {shown}{self.end}"] = None


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


def _object(value: Value) -> str:
    text, datatype, language = value
    if datatype == IRI:
        return f"<{text}>"
    if not text.isalnum():
        text = text.translate(_ESCAPES)
    if datatype == XSD + "string":
        return f'"{text}"'
    return f'"{text}"@{language}' if datatype == LANG_STRING else f'"{text}"^^<{datatype}>'
