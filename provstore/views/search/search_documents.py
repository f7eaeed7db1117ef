"""Converts a bundle to search documents. It knows no index.

In: a `Bundle`. Out: a `Document` for each element that it names. The union of an element's
documents does not depend on their order or repetition.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson

from provstore.ingest.ingest_series import project_of_ingest
from provstore.ingest.statements import JSON
from provstore.projects.workflow import STEPS
from provstore.prov.model.bundle import IRI, Attributes, Bundle
from provstore.prov.model.iris import Prefixes, split_iri
from provstore.prov.model.terms import (
    ELEMENTS,
    END_TIME,
    INGEST,
    LABEL,
    PROV,
    RELATIONS,
    ROLE,
    START_TIME,
    TIME,
    TYPE,
    XSD,
)

LONGEST_TEXT = 100_000
"""The number of characters that are indexed of a text, and of all texts of an element together."""

TITLE, NAME = "label", "name"
WEIGHTS: Mapping[str, float] = {
    **dict.fromkeys((TITLE, "title", "rdfs:label", "dcterms:title", "schema:name", "foaf:name",
                     "skos:prefLabel"), 8.0),
    NAME: 5.0,
    **dict.fromkeys(("dataset", "version", "pid", "doi", "identifier", "tracking_id", "checksum",
                     "sha256", "check", "file", "creator", "agent_name", "agent_email",
                     "agent_orcid", "dcterms:identifier", "dcterms:creator"), 3.0),
}  # fmt: skip
"""The weight of a word by attribute; 1 in all other attributes. Those above 1 are heads."""

_ORDER = {name: number for number, name in enumerate(STEPS)}
_NOT_WORDS = frozenset(
    XSD + name
    for name in ("boolean", "integer", "int", "long", "short", "byte", "decimal", "double", "float",
                 "nonNegativeInteger", "positiveInteger", "unsignedInt", "unsignedLong", "dateTime",
                 "date", "time", "duration")
)  # fmt: skip
_NOT_SEARCHED = frozenset({TYPE, ROLE, START_TIME, END_TIME})
_TIME_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+Z-]+")
_PLACE = re.compile(r"ingest/([^/]+)/([^/]+)/([0-9]+)/(?:start/)?bundle")

Home = tuple[bool, bool, str, int, int, str, str]
"""Where an element is described first: not described, in no ingest, ingest, step, run, bundle, name
of the step. The smallest of all is used."""


@dataclass
class Document:
    """The searchable content of an element; `texts` are pairs of attribute and text."""

    iri: str
    home: Home
    types: set[str] = field(default_factory=set)
    texts: set[tuple[str, str]] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)
    bundles: int = 1

    def unite(self, other: "Document") -> None:
        """Add the content of the same element in another bundle."""
        self.home = min(self.home, other.home)
        self.types |= other.types
        self.texts |= other.texts
        self.steps |= other.steps
        self.projects |= other.projects
        self.bundles += other.bundles

    def kind(self) -> str:
        """Return the kind to show: the most specific of the types."""
        return min(self.types, key=_type_order)[2:]

    def facets(self) -> dict[str, list[str]]:
        """Return the facet values of the element."""
        kind, steps = [self.kind()], sorted(self.steps)
        return {"kind": kind, "step": steps, "project": sorted(self.projects)}

    def searchable_texts(self) -> list[tuple[str, str]]:
        """Return the indexed texts, heads first."""
        kept, size = [], 0
        for pair in sorted(self.texts, key=_text_order):
            kept.append(pair)
            size += len(pair[1])
            if size > LONGEST_TEXT:
                break
        return kept


def bundle_documents(bundle: Bundle, names: Prefixes) -> dict[str, Document]:
    """Make the documents of all elements in a bundle; `names` has the store's prefixes."""
    ingest, step, run = _reported_run(bundle.iri, names.prefixes.get("centre", "\n"))
    steps = {step} - {""}
    projects = {project_of_ingest(ingest)} - {""}
    documents: dict[str, Document] = {}

    def add_document(iri: str, described: bool) -> Document:
        home = (not described, not ingest, ingest, _ORDER.get(step, 99), run, bundle.iri, step)
        document = Document(iri, home, steps=set(steps), projects=set(projects))
        document.texts.add((NAME, _name(iri, names)))
        documents[iri] = document
        return document

    for element in bundle.elements:
        document = add_document(element.iri, bool(element.attributes))
        document.types.update(f"3 {split_iri(ELEMENTS[kind])[1]}" for kind in element.kinds)
        document.types.update(_types(element.attributes))
        document.texts.update(_texts(element.attributes, names))
    for relation in bundle.relations:
        for argument, iri in zip(
            RELATIONS[relation.kind].arguments, relation.arguments, strict=False
        ):
            if iri and argument.kind != TIME and iri not in documents:
                known = ELEMENTS.get(argument.kind, PROV + "Thing")
                add_document(iri, False).types.add(f"4 {split_iri(known)[1]}")
        if relation.attributes and (subject := relation.arguments[0]):
            documents[subject].texts.update(_texts(relation.attributes, names))
    return documents


def _reported_run(bundle: str, base: str) -> tuple[str, str, int]:
    """Return ingest, step and run of a report's bundle; imported bundles cannot have such names."""
    place = _PLACE.fullmatch(bundle.removeprefix(base)) if bundle.startswith(base) else None
    return (unquote(place[1]), place[2], int(place[3])) if place else ("", "", 0)


def legible_name(word: str, names: Prefixes) -> str:
    """Return an IRI or qualified name as `bundle_documents` writes it; other words unchanged."""
    prefix, _, local = word.partition(":")
    if local.startswith("//"):
        return _name(word, names)
    return _name(names.prefixes[prefix] + local, names) if prefix in names.prefixes else word


def _name(iri: str, names: Prefixes) -> str:
    """Return the readable name of an IRI: without the base IRI, or without the scheme."""
    short = names.short(iri)
    return unquote(iri.partition("://")[2] or iri if short == iri else short.partition(":")[2])


def _types(attributes: Attributes) -> Iterator[str]:
    """Yield the local names of types, after a digit: 0 provstore's, 1 other, 2 PROV's."""
    for key, value in attributes:
        if key == TYPE and value.text.strip():
            namespace, local = split_iri(value.text)
            order = {INGEST: "0", PROV: "2"}.get(namespace, "1")
            yield f"{order} {unquote(local or value.text)[:100]}"


def _type_order(type_: str) -> tuple[str, str]:
    return (type_[0], type_)


def _texts(attributes: Attributes, names: Prefixes) -> Iterator[tuple[str, str]]:
    for key, (text, datatype, _) in attributes:
        if key in _NOT_SEARCHED or datatype in _NOT_WORDS:
            continue
        if datatype == JSON:
            yield from _leaves("" if key == INGEST + "answers" else _key(key, names), text)
        elif text.strip():
            yield _key(key, names), (unquote(text) if datatype == IRI else text)[:LONGEST_TEXT]


def _key(iri: str, names: Prefixes) -> str:
    """Return an attribute's name: plain for provstore's own, qualified for all others."""
    if iri == LABEL:
        return TITLE
    return iri.removeprefix(INGEST) if iri.startswith(INGEST) else names.short(iri)


def _leaves(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the texts in a structured answer, each named by its path: `tool_version`."""
    try:
        todo: list[tuple[str, Any]] = [(name, orjson.loads(text))]
    except orjson.JSONDecodeError:
        todo = [(name, text)]
    while todo:
        path, part = todo.pop()
        if isinstance(part, dict):
            todo += [(f"{path}_{key}".lstrip("_"), inner) for key, inner in part.items()]
        elif isinstance(part, list):
            todo += [(path, inner) for inner in part]
        elif isinstance(part, str) and part.strip() and not _TIME_TEXT.fullmatch(part):
            yield path, part[:LONGEST_TEXT]


def _text_order(pair: tuple[str, str]) -> tuple[float, str, str]:
    return (-WEIGHTS.get(pair[0], 1.0), *pair)


def unite_documents(bundles: Iterable[Bundle], prefixes: Mapping[str, str]) -> dict[str, Document]:
    """Make the documents of several bundles, united by element."""
    united: dict[str, Document] = {}
    names = Prefixes(prefixes)
    for bundle in bundles:
        for iri, document in bundle_documents(bundle, names).items():
            if twin := united.get(iri):
                twin.unite(document)
            else:
                united[iri] = document
    return united
