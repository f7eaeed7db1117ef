"""The views: the property graph (Cypher), the RDF graph (SPARQL), and the index of words.

All keep one contract, `View`; the two that speak a language can be queried, too. Engines are loaded
when the first view is wanted, not before.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from provstore.prov.model.bundle import Bundle
from provstore.results.answer import Answer, Cell

LANGUAGES = {"cypher": "graph", "sparql": "rdf"}
"""Which view speaks which language."""


class ViewNotAtPosition(Exception):
    """The view is not where it should be to answer: no error that a user sees, it catches up."""


class View(Protocol):
    """Something that follows a journal. Its position is (entries, hash) of that journal.

    `layout` goes up whenever the same bundles give other data than before: whoever was loaded by
    an earlier version must be made anew.
    """

    name: str
    engine_name: str
    layout: int

    def position(self) -> tuple[int, str]:
        """How far it is; (0, "") when it is empty."""

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and go from `before` to `after`, whole or not at all; elsewhere, nothing."""

    def clear(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Let go of the engine."""


class QueryView(View, Protocol):
    """A view that speaks a language of queries."""

    def query(
        self,
        text: str,
        parameters: Mapping[str, Cell],
        *,
        rows: int | None = None,
        at: tuple[int, str] | None = None,
    ) -> Answer:
        """Answer with at most so many rows, without a right to write.

        Raises:
            ViewNotAtPosition: it is not `at` this position.

        """
