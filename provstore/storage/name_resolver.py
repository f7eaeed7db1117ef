"""Resolves names that people write to IRIs, ingests, entries and bundles of one journal.

In: a name. Out: its IRI, or the entries and bundles under it. It queries no view.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from provstore.errors import UnknownName
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Bundle
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry, Journal


@dataclass(frozen=True)
class NameResolver:
    """The names in one journal, and the IRIs that its centre assigns."""

    journal: Journal
    iris: IngestIris

    def iri(self, name: str) -> str:
        """Resolve an IRI, ingest, `INGEST/STEP/RUN`, `prefix:name`, handle or DRS id to its IRI."""
        ingest, _, rest = name.partition("/")
        if self.journal.has_ingest(ingest):
            return self.iris.ingest(ingest) + (f"/{rest}" if rest else "")
        return self.iris.any(name)

    def ingest_iri(self, name: str) -> str:
        """Return the IRI of an existing ingest.

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        iri = self.iri(name)
        if not self.find_ingest(iri):
            raise UnknownName("ingest", name, self.journal.ingests(), code="PS-NAME-INGEST")
        return iri

    def find_ingest(self, name: str) -> list[Entry]:
        """Return the entries of an ingest, by name or IRI; none if the ingest does not exist."""
        return self.journal.of_ingest(name.removeprefix(self.iris.base + "ingest/"))

    def entries_of_ingest(self, name: str) -> list[Entry]:
        """Return the entries of an ingest, in order.

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        if entries := self.find_ingest(name):
            return entries
        raise UnknownName("ingest", name, self.journal.ingests(), code="PS-NAME-INGEST")

    def bundles(self, iris: Iterable[str]) -> list[Bundle]:
        """Return the bundles with these IRIs; IRIs that the journal lacks are left out."""
        entries = map(self.journal.entry_of_bundle, iris)
        return [bundle_of(entry) for entry in entries if entry]
