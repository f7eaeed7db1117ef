"""A PROV document: statements of its own, and bundles (PROV-DM 5.4; PROV-N 3.7).

In: bundles. Out: a `Document` for a writer. A bundle from the journal is written as it is stored;
a document that was read is written back as it was: its own statements are in no bundle, relations
without an identifier stay without one, and blank names stay blank.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations.input_file import DOCUMENT

BLANK = "https://w3id.org/provstore/blank/"
"""Namespace of the names for blank names: each document has a namespace of its own in it."""


@dataclass(frozen=True)
class Document:
    """What one text states: `content` is in no bundle; `blank` is the namespace of blank names.

    `verbatim` forbids names and types that the document did not have.
    """

    bundles: Iterable[Bundle]
    content: Bundle | None = None
    blank: str = ""
    verbatim: bool = False

    def listed(self) -> "Document":
        """Return it with bundles that can be read again and again."""
        return replace(self, bundles=tuple(self.bundles))

    @cached_property
    def parts(self) -> Sequence[Bundle]:
        """The content, if there is any, then the bundles."""
        return tuple(self.stream())

    def stream(self) -> Iterator[Bundle]:
        """Yield the parts; only once if `bundles` can be read only once."""
        if self.content is not None:
            yield self.content
        yield from self.bundles

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes of the document: those of its content, or those that all bundles share."""
        if self.content is not None:
            return self.content.prefixes
        first, *others = [bundle.prefixes.items() for bundle in self.parts] or [{}.items()]
        return {
            prefix: namespace
            for prefix, namespace in first
            if all((prefix, namespace) in other for other in others)
        }


def document_of(bundles: Iterable[Bundle], name: str = "", blank: str = "") -> Document:
    """Make a document again from what was read; `name` is that of its content as a bundle."""
    bundles = tuple(bundles)
    content = next((bundle for bundle in bundles if name and bundle.iri == name), None)
    rest = [bundle for bundle in bundles if bundle is not content]
    if content is not None and content.is_empty and rest:
        rest = [
            Bundle(b.iri, b.elements, b.relations, {**content.prefixes, **b.prefixes}) for b in rest
        ]
        content = None
    return Document(tuple(rest), content, blank, verbatim=True)


def stored_document(bundle: Bundle) -> Document | None:
    """Return the document that a stored bundle once was, or None if it was a bundle."""
    if not bundle.iri.startswith(DOCUMENT):
        return None
    digest = bundle.iri.removeprefix(DOCUMENT).rstrip("/")
    return document_of([bundle], bundle.iri, f"{BLANK}{digest}/")
