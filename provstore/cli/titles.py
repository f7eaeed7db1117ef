"""Shows people and organisations by their names instead of their IRIs, in tables for people.

In: an answer and its store. Out: the same answer with another function that shortens IRIs. Cells
stay as they are.
"""

from collections.abc import Iterator
from dataclasses import replace

from provstore.results.answer import Answer
from provstore.store import ProvStore

_MOST = 1000
"""The number of people, and of organisations, whose names are looked up."""


def with_titles(answer: Answer, store: ProvStore) -> Answer:
    """Let the short form of a person or an organisation of the store be its name."""
    beginnings = (
        f"{store.base}person/", f"{store.base}organisation/", "https://orcid.org/",
        "https://ror.org/",
    )  # fmt: skip
    if not any(cell.startswith(beginnings) for cell in _texts(answer)):
        return answer
    titles = {
        hit.iri: hit.title
        for kind in ("Person", "Organization")
        for hit in store.search("", kind=kind, limit=_MOST).hits
    }
    short = answer.short
    return replace(answer, short=lambda iri: titles.get(iri) or short(iri))


def _texts(answer: Answer) -> Iterator[str]:
    return (cell for row in answer.rows for cell in row if isinstance(cell, str))
