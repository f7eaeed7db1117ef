"""Runs the queries of the pages: named questions with their times, and bundles about a resource.

In: an open store, and the visitor's input. Out: `AskedQuestion`, IRIs, bundles. It knows no page.
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
from provstore.web.page import AskedQuestion, bundle_about
from provstore.web.page_names import PageNames

MAX_BUNDLES = 200
"""The most bundles that are read about one resource."""

MAX_THINGS = 50
"""The most resources of one page that are available as RDF."""

CACHED_ANSWERS, CACHED_ROWS = 50, 5000
"""The most answers in the cache, and the most rows of each; an answer cannot change until a new
bundle is recorded."""

MAX_INPUT_LENGTH = 4000
"""The most characters of a visitor's input."""

_NAME_SCHEMES = ("hdl", "doi")
"""Schemes that people write in names, but that the IRIs of the store do not use."""


class PageQueries:
    """The queries of the pages on one store, from several threads."""

    def __init__(self, store: ProvStore) -> None:
        self.store = store
        self.questions: Mapping[str, Question] = {
            question.name: question for question in store.questions.values()
        }
        self.names = PageNames(store.base, store.prefixes)
        store.open_views()  # now, while there is only one thread
        self._cache: dict[Hashable, AskedQuestion] = {}
        self._cache_lock = Lock()

    def ask(
        self, name: str, parameters: Mapping[str, str] | None = None, language: str = "cypher"
    ) -> AskedQuestion:
        """Ask a question by its name; the visitor's input becomes values, never query text.

        Raises:
            UnknownName, BadParameter, BadQuery, ViewUnavailable: as `ProvStore.ask`.

        """
        question = self.questions[name]
        if any(len(value) > MAX_INPUT_LENGTH for value in (parameters or {}).values()):
            raise BadParameter(
                f"The limit is {MAX_INPUT_LENGTH} characters per field.", "Shorten the input."
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
        """Return the IRI that a visitor means, written as a full IRI or as a name.

        Raises:
            BadParameter: the input is empty, or too long for a name.

        """
        if not written.strip() or len(written) > MAX_INPUT_LENGTH:
            raise BadParameter(
                "This page needs the name of a resource.", "For example: cordex-0001"
            )
        scheme = written.partition(":")[0]
        absolute = is_absolute(written) and scheme not in self.store.prefixes
        if absolute and scheme not in _NAME_SCHEMES and encode_iri(written) == written:
            http = scheme in ("http", "https")  # handles and DOIs have one IRI, however written
            return self.store.iri(written) if http else Iri(written)
        return self.store.iri(written)

    def datasets(self) -> list[str]:
        """Return the names of the datasets in all submissions."""
        return [str(row["dataset"]) for row in self.ask("final-disposition").answer]

    def entries(self, thing: str) -> tuple[list[Entry], bool]:
        """Return the entries that mention a resource, and whether there are more."""
        entries = self.store.bundles_about(Iri(thing), MAX_BUNDLES + 1)
        return entries[:MAX_BUNDLES], len(entries) > MAX_BUNDLES

    def bundles_about(self, iris: Iterable[str]) -> list[Bundle]:
        """Return all statements about these resources, as one bundle.

        Raises:
            Refused: there are too many resources or bundles for one page.

        """
        wanted = sorted(set(iris))
        if len(wanted) > MAX_THINGS:
            message = f"This page names {len(wanted)} resources; the limit for RDF is {MAX_THINGS}."
            raise Refused(message, "Choose a smaller page, or run: provstore export")
        entry_of: dict[str, Entry] = {}
        for thing in wanted:
            entries, more = self.entries(thing)
            if more:
                message = f"More than {MAX_BUNDLES} bundles mention {thing}."
                raise Refused(message, "Export the store instead: provstore export --format nquads")
            entry_of |= {entry.bundle: entry for entry in entries}
        return [bundle_about(wanted, map(bundle_of, sorted(entry_of.values())))] if wanted else []

    def bundles(self, ingest: str) -> list[Bundle]:
        """Return all bundles of an ingest, in order."""
        return [*map(bundle_of, self.store.entries(ingest))]

    def last_bundles(self, ingests: Iterable[str]) -> Iterable[Bundle]:
        """Yield the last bundle of each ingest, which shows its current state."""
        for ingest in ingests:
            yield bundle_of([*self.store.entries(ingest)][-1])
