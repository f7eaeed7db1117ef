"""Queries for the pages: asks questions by name, measures the time, and reads journal entries.

In: an open store and a visitor's input. Out: `AskedQuestion`, IRIs, bundles. It does not know the
pages.
"""

import time
from collections.abc import Hashable, Iterable, Mapping
from threading import Lock

from provstore.errors import BadParameter, Refused
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.iris import encode_iri, is_absolute
from provstore.queries.catalogue import Question
from provstore.results.answer import Iri
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry
from provstore.store import ProvStore
from provstore.web.delivery_table import Delivery, DeliveryTable
from provstore.web.page import AskedQuestion, bundle_about
from provstore.web.page_names import PageNames

MAX_BUNDLES = 200
"""The maximum number of bundles that are read to describe an element."""

MAX_THINGS = 50
"""The maximum number of elements that the RDF of a page describes."""

CACHED_ANSWERS, CACHED_ROWS = 50, 5000
"""The maximum number of cached answers, and of rows in each.

An answer stays valid until the journal grows.
"""

MAX_INPUT_LENGTH = 4000
"""The maximum number of characters of a visitor's input."""

_NAME_SCHEMES = ("hdl", "doi")
"""Prefixes that people write like URI schemes, for names with an https IRI."""


class PageQueries:
    """The queries of the pages, for use from several threads."""

    def __init__(self, store: ProvStore) -> None:
        self.store = store
        self.questions: Mapping[str, Question] = {
            question.name: question for question in store.questions.values()
        }
        self.names = PageNames(store.base, store.prefixes)
        store.open_views()  # now, by one thread
        self._table = DeliveryTable(store)
        self._cache: dict[Hashable, AskedQuestion] = {}
        self._cache_lock = Lock()

    def ask(
        self, name: str, parameters: Mapping[str, str] | None = None, language: str = "cypher"
    ) -> AskedQuestion:
        """Ask a question by name; a visitor's input becomes values, never query text.

        Raises:
            UnknownName, BadParameter, BadQuery, ViewUnavailable: as `ProvStore.ask`.

        """
        question = self.questions[name]
        if any(len(value) > MAX_INPUT_LENGTH for value in (parameters or {}).values()):
            raise BadParameter(
                f"A parameter has at most {MAX_INPUT_LENGTH} characters.", "Shorten it."
            )
        values = {
            key: self.iri(value) if self._is_iri(question, key) else value
            for key, value in (parameters or {}).items()
        }
        key = (self.store.position().chain, name, language, tuple(sorted(values.items())))
        if (cached := self._cache.get(key)) is not None:
            return cached
        started = time.perf_counter()
        answer = self.store.ask(question, values, language=language)
        milliseconds = round(1000 * (time.perf_counter() - started))
        asked = AskedQuestion(question, question.bind(values), answer, milliseconds)
        if len(answer) <= CACHED_ROWS:
            with self._cache_lock:
                self._cache[key] = asked
                while len(self._cache) > CACHED_ANSWERS:
                    del self._cache[next(iter(self._cache))]
        return asked

    def _is_iri(self, question: Question, parameter: str) -> bool:
        return parameter in question.parameters and question.parameters[parameter].kind == "iri"

    def iri(self, written: str) -> Iri:
        """Return the IRI that a visitor means: a full IRI, or one with a short name.

        Raises:
            BadParameter: the name is empty or too long.

        """
        if not written.strip() or len(written) > MAX_INPUT_LENGTH:
            raise BadParameter(
                "This page needs the name of an element.", "For example: cordex-0001"
            )
        scheme = written.partition(":")[0]
        absolute = is_absolute(written) and scheme not in self.store.prefixes
        if absolute and scheme not in _NAME_SCHEMES and encode_iri(written) == written:
            http = scheme in ("http", "https")  # handles and DOIs have one IRI, however written
            return self.store.iri(written) if http else Iri(written)
        return self.store.iri(written)

    def deliveries(self) -> Mapping[str, Delivery]:
        """Return the deliveries of the store by name."""
        return self._table.rows()

    def datasets(self) -> list[str]:
        """Return the names of all submitted datasets."""
        return sorted({delivery.dataset for delivery in self.deliveries().values()})

    def entries(self, thing: str) -> tuple[list[Entry], bool]:
        """Return the entries that mention an element, and whether there are more."""
        entries = self.store.bundles_about(Iri(thing), MAX_BUNDLES + 1)
        return entries[:MAX_BUNDLES], len(entries) > MAX_BUNDLES

    def bundles_about(self, iris: Iterable[str]) -> list[Bundle]:
        """Return all statements about some elements, as one bundle.

        Raises:
            Refused: there are too many statements for a page.

        """
        wanted = sorted(set(iris))
        if len(wanted) > MAX_THINGS:
            message = f"This page names {len(wanted)} elements; its RDF is limited to {MAX_THINGS}."
            raise Refused(message, "Narrow the page, or use: provstore export")
        entry_of: dict[str, Entry] = {}
        for thing in wanted:
            entries, more = self.entries(thing)
            if more:
                message = f"More than {MAX_BUNDLES} bundles mention {thing}."
                raise Refused(message, "Export the store: provstore export --format nquads")
            entry_of |= {entry.bundle: entry for entry in entries}
        return [bundle_about(wanted, map(bundle_of, sorted(entry_of.values())))] if wanted else []

    def bundles(self, ingest: str) -> list[Bundle]:
        """Return all bundles of an ingest, in order."""
        return [*map(bundle_of, self.store.entries(ingest))]

    def last_bundles(self, ingests: Iterable[str]) -> Iterable[Bundle]:
        """Yield the last bundle of each ingest, which gives its current state."""
        for ingest in ingests:
            yield bundle_of([*self.store.entries(ingest)][-1])
