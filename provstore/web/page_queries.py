"""Where pages ask: the store's questions by name, timed, and what the journal holds of a thing.

In: an open store and what a visitor wrote. Out: `Asked`, IRIs, bundles. It knows no page.
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
from provstore.web.page import Asked, about
from provstore.web.page_names import PageNames

MOST_BUNDLES = 200
"""So many bundles are read to say what is known of one thing."""

MOST_THINGS = 50
"""Of so many things at once it is told what is known of them."""

KEPT, KEPT_ROWS = 50, 5000
"""So many answers of at most so many rows are kept: until something new is written down, an answer
cannot change."""

LONGEST = 4000
"""Characters of anything that a visitor writes."""

_OURS = ("hdl", "doi")
"""Schemes in which people write names that have another IRI here."""


class Desk:
    """A store as its pages ask it, from several threads."""

    def __init__(self, store: ProvStore) -> None:
        self.store = store
        self.cards: Mapping[str, Question] = {card.name: card for card in store.questions.values()}
        self.names = PageNames(store.names)
        self.asking = store.asking  # made now, by one thread
        self._kept: dict[Hashable, Asked] = {}
        self._keeping = Lock()

    def ask(
        self, name: str, said: Mapping[str, str] | None = None, language: str = "cypher"
    ) -> Asked:
        """Ask a question by its name; a visitor's words become values, never query text.

        Raises:
            UnknownName, BadParameter, BadQuery, ViewUnavailable: as `ProvStore.ask`.

        """
        card = self.cards[name]
        if any(len(value) > LONGEST for value in (said or {}).values()):
            raise BadParameter(f"An answer has at most {LONGEST} characters.", "Write less.")
        values = {
            key: self.iri(value) if self._is_iri(card, key) else value
            for key, value in (said or {}).items()
        }
        key = (self.store.journal.head().chain, name, language, tuple(sorted(values.items())))
        if (known := self._kept.get(key)) is not None:
            return known
        begun = time.perf_counter()
        answer = self.store.answer(card, values, language)
        took = round(1000 * (time.perf_counter() - begun))
        asked = Asked(card, card.bind(values), answer, took)
        if len(answer) <= KEPT_ROWS:
            with self._keeping:
                self._kept[key] = asked
                while len(self._kept) > KEPT:
                    del self._kept[next(iter(self._kept))]
        return asked

    def _is_iri(self, card: Question, parameter: str) -> bool:
        return parameter in card.parameters and card.parameters[parameter].kind == "iri"

    def iri(self, written: str) -> Iri:
        """The IRI that a visitor means: one that is written whole, or what people call a thing.

        Raises:
            BadParameter: nothing is written, or more than a name can be.

        """
        if not written.strip() or len(written) > LONGEST:
            raise BadParameter("This page needs the name of a thing.", "For example: cordex-0001")
        scheme = written.partition(":")[0]
        whole = is_absolute(written) and scheme not in self.store.names.prefixes
        if whole and scheme not in _OURS and encode_iri(written) == written:
            http = scheme in ("http", "https")  # handles and DOIs have one IRI, however written
            return self.store.iri(written) if http else Iri(written)
        return self.store.iri(written)

    def datasets(self) -> list[str]:
        """What submissions call the datasets that they are about."""
        return [str(row["dataset"]) for row in self.ask("final-disposition").answer]

    def entries(self, thing: str) -> tuple[list[Entry], bool]:
        """The entries that speak of a thing, and whether there are more."""
        found = self.store.bundles_about(Iri(thing), MOST_BUNDLES + 1)
        return found[:MOST_BUNDLES], len(found) > MOST_BUNDLES

    def about(self, things: Iterable[str]) -> list[Bundle]:
        """All that is said of some things, as one bundle.

        Raises:
            Refused: that is too much for a page.

        """
        wanted = sorted(set(things))
        if len(wanted) > MOST_THINGS:
            what = f"This page names {len(wanted)} things; RDF is told of {MOST_THINGS} at most."
            raise Refused(what, "Ask for less, or: provstore export")
        found: dict[str, Entry] = {}
        for thing in wanted:
            entries, more = self.entries(thing)
            if more:
                what = f"More than {MOST_BUNDLES} bundles speak of {thing}."
                raise Refused(what, "Take it all: provstore export --format nquads")
            found |= {entry.bundle: entry for entry in entries}
        return [about(wanted, map(bundle_of, sorted(found.values())))] if wanted else []

    def bundles(self, ingest: str) -> list[Bundle]:
        """All bundles of an ingest, in order."""
        return [bundle_of(entry) for entry in self.store.journal.of_ingest(ingest)]

    def last_bundles(self, ingests: Iterable[str]) -> Iterable[Bundle]:
        """The last bundle of each ingest: where it stands now."""
        for name in ingests:
            yield bundle_of(self.store.journal.of_ingest(name)[-1])
