"""The contract of the views: `View` for all, `QueryView` for those with a query language.

It knows no engine.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from provstore.prov.model.bundle import Bundle
from provstore.results.answer import Answer, Cell
from provstore.views.shared_engine import SharedEngine

LANGUAGES = {"cypher": "graph", "sparql": "rdf"}
"""Query language → view that answers it."""


class ViewNotAtPosition(Exception):
    """The view is not at the required position; the caller lets it catch up. Users never see it."""


class View(Protocol):
    """A view that follows a journal. Its position is (entries, hash) of that journal.

    `layout` increases whenever the same bundles give different data: a view that an earlier version
    loaded must then be rebuilt.
    """

    name: str
    engine_name: str
    layout: int

    @property
    def shared(self) -> SharedEngine | None:
        """The engine of its own that it shares with other clients, if any."""

    def position(self) -> tuple[int, str]:
        """Return the position of the view; (0, "") if it is empty."""

    def load(
        self, bundles: Iterable[Bundle], before: tuple[int, str], after: tuple[int, str]
    ) -> None:
        """Add bundles and move from `before` to `after`, atomically, if at `before`."""

    def clear(self) -> None:
        """Delete all data."""

    def close(self) -> None:
        """Release the engine."""


class QueryView(View, Protocol):
    """A view with a query language."""

    def query(
        self,
        text: str,
        parameters: Mapping[str, Cell],
        *,
        rows: int | None = None,
        at: tuple[int, str] | None = None,
    ) -> Answer:
        """Answer a read-only query with at most `rows` rows.

        Raises:
            ViewNotAtPosition: the view is not `at` this position, or a load was interrupted.

        """
