"""Finds the bundles that a notation cannot express: names them, or leaves them out.

In: bundles, and the writer of one notation. Out: its text, a refusal that names a bundle, or the
bundles that can be written. It knows no notation: a writer is tried, by halves.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from provstore.errors import Problem, Refused
from provstore.prov.model.bundle import Bundle

Write = Callable[[Iterable[Bundle]], Iterator[str]]


def write_or_name(bundles: Sequence[Bundle], write: Write) -> Iterator[str]:
    """Yield the text.

    Raises:
        Refused: the notation cannot express all bundles; names the first of those.

    """
    try:
        text = "".join(write(bundles))
    except Refused as error:
        for bundle, refusal in _refusals(bundles, write, error):
            named = "" if f"<{bundle.iri}>" in refusal.message else f"<{bundle.iri}>: "
            raise Refused(
                named + refusal.message, refusal.advice, code="PS-REFUSED-INEXPRESSIBLE"
            ) from None
        raise
    yield text


def expressible_bundles(
    bundles: Sequence[Bundle], write: Write, left_out: Callable[[Problem], object]
) -> list[Bundle]:
    """Return the bundles that can be written; `left_out` is called with a problem for each other.

    Raises:
        Refused: each can be written, but not all of them in one document.

    """
    try:
        for _ in write(bundles):
            pass
    except Refused as error:
        refused = {bundle.iri: refusal for bundle, refusal in _refusals(bundles, write, error)}
        for iri, refusal in refused.items():
            left_out(Problem(iri, refusal.message))
        if not refused:
            raise
        return [bundle for bundle in bundles if bundle.iri not in refused]
    return list(bundles)


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
            for _ in write(half):
                pass
        except Refused as inner:
            yield from _refusals(half, write, inner)
