"""Finds the bundles that a notation cannot express: names them, or leaves them out.

In: a document, and the writer of one notation. Out: its text, a refusal that names a bundle, or the
document without those bundles. It knows no notation: a writer is tried, by halves.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from provstore.errors import Problem, Refused
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations.document import Document

Write = Callable[[Document], Iterator[str]]


def write_or_name(document: Document, write: Write) -> Iterator[str]:
    """Yield the text.

    Raises:
        Refused: the notation cannot express all bundles; names the first of those.

    """
    document = document.listed()
    try:
        text = "".join(write(document))
    except Refused as error:
        for bundle, refusal in _refusals(document.parts, write, error):
            named = "" if f"<{bundle.iri}>" in refusal.message else f"<{bundle.iri}>: "
            raise Refused(
                named + refusal.message, refusal.advice, code="PS-REFUSED-INEXPRESSIBLE"
            ) from None
        raise
    yield text


def expressible(
    document: Document, write: Write, left_out: Callable[[Problem], object]
) -> Document:
    """Return what can be written; `left_out` is called with a problem for each other bundle.

    Raises:
        Refused: each can be written, but not all of them in one document.

    """
    document = document.listed()
    try:
        for _ in write(document):
            pass
    except Refused as error:
        refused = {b.iri: refusal for b, refusal in _refusals(document.parts, write, error)}
        for iri, refusal in refused.items():
            left_out(Problem(iri, refusal.message))
        if not refused:
            raise
        content = document.content
        return replace(
            document,
            bundles=tuple(bundle for bundle in document.bundles if bundle.iri not in refused),
            content=None if content is None or content.iri in refused else content,
        )
    return document


def _refusals(
    bundles: Sequence[Bundle], write: Write, error: Refused
) -> Iterator[tuple[Bundle, Refused]]:
    """Yield each refused bundle of refused ones, with the reason."""
    if len(bundles) == 1:
        yield bundles[0], error
        return
    middle = len(bundles) // 2
    for half in (bundles[:middle], bundles[middle:]):
        try:
            for _ in write(Document(half)):
                pass
        except Refused as inner:
            yield from _refusals(half, write, inner)
