"""A page before it is rendered: values, the questions behind it, and the bundles it is about.

In: values. Out: `Page`, and `bundle_about`: the statements about some elements, as one bundle. It
knows neither HTML nor HTTP.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from provstore.errors import ProvstoreError
from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.queries.catalogue import Question
from provstore.results.answer import Answer, Cell

ABOUT_NAMESPACE = "https://w3id.org/provstore/about/"
"""The namespace of bundles that are extracts of others: all statements about some elements."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question that was asked for a page, with its parameters, its answer and its duration."""

    question: Question
    parameters: Mapping[str, Cell]
    answer: Answer
    milliseconds: int


@dataclass(frozen=True)
class Page:
    """A page: `values` for its template, `rows` as its content in a table.

    `about` returns the bundles that describe the page's subject; it is called only for RDF.
    """

    template: str
    title: str
    values: Mapping[str, Any]
    asked: tuple[AskedQuestion, ...] = ()
    rows: Answer = field(default_factory=lambda: Answer((), ()))
    about: Callable[[], Iterable[Bundle]] = tuple
    fault: ProvstoreError | None = None
    """Why the question could not be answered, if the visitor can correct it on the page."""
    related: tuple[Question, ...] = ()
    """Questions that give the same facts, if the page needs none."""
    scripted: bool = False
    """Whether the page has an interactive picture; without scripts it shows the same content."""


def days_since(since: object) -> int:
    """Return the whole days since a time; 0 if it is not a time or has no zone."""
    if not isinstance(since, datetime) or since.tzinfo is None:
        return 0
    return (datetime.now(UTC) - since).days


def bundle_about(iris: Iterable[str], bundles: Iterable[Bundle]) -> Bundle:
    """Extract what `bundles` state about some elements: their attributes and their relations."""
    wanted = set(iris)
    elements: list[Element] = []
    relations: list[Relation] = []
    prefixes: dict[str, str] = {}
    for bundle in bundles:
        kept_relations = [
            relation
            for relation in bundle.relations
            if wanted.intersection((*relation.arguments, relation.id))
        ]
        elements += [element for element in bundle.elements if element.iri in wanted]
        relations += kept_relations
        prefixes |= dict(bundle.prefixes)
    name = ABOUT_NAMESPACE + hashlib.sha256("\n".join(sorted(wanted)).encode()).hexdigest()[:32]
    return Bundle(name, tuple(elements), tuple(relations), prefixes)
