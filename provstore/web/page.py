"""What a page is before anybody chose a format: words, the questions behind it, what it is about.

In: values. Out: `Page`, and `bundle_about`: what bundles say of some things, as one bundle. It
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
"""Namespace of bundles that are cut out of others: all that is said of some things."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question that was asked for a page, with what it was asked about and how long it took."""

    question: Question
    parameters: Mapping[str, Cell]
    answer: Answer
    milliseconds: int


@dataclass(frozen=True)
class Page:
    """One page: `values` are for its template, `rows` is its content as a table.

    `about` gives the bundles that say what the page is about; it is called when RDF is wanted.
    """

    template: str
    title: str
    values: Mapping[str, Any]
    asked: tuple[AskedQuestion, ...] = ()
    rows: Answer = field(default_factory=lambda: Answer((), ()))
    about: Callable[[], Iterable[Bundle]] = tuple
    fault: ProvstoreError | None = None
    """Why what was asked could not be answered, where a person can mend it on the page."""
    scripted: bool = False
    """Whether it has a picture that moves where scripts run; it says the same without them."""


def days_since(since: object) -> int:
    """Whole days from a moment until now; 0 for what is none, or knows no zone."""
    if not isinstance(since, datetime) or since.tzinfo is None:
        return 0
    return (datetime.now(UTC) - since).days


def bundle_about(iris: Iterable[str], bundles: Iterable[Bundle]) -> Bundle:
    """All that `bundles` say of some things: their attributes, and every relation at them."""
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
