"""What people call things → IRIs, ingests, entries and bundles of one journal.

In: a name as somebody writes it. Out: its IRI, or what the journal has under it. It asks no view.
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
    """The names of one journal, and the IRIs that its centre gives."""

    journal: Journal
    iris: IngestIris

    def iri(self, name: str) -> str:
        """The IRI of an IRI, an ingest, `INGEST/STEP/RUN`, `prefix:name`, a handle, or a DRS id."""
        ingest, _, rest = name.partition("/")
        if self.journal.has_ingest(ingest):
            return self.iris.ingest(ingest) + (f"/{rest}" if rest else "")
        return self.iris.any(name)

    def ingest_iri(self, name: str) -> str:
        """The IRI of an ingest that there is.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        iri = self.iri(name)
        if not self.find_ingest(iri):
            raise UnknownName("ingest", name, self.journal.ingests())
        return iri

    def find_ingest(self, name: str) -> list[Entry]:
        """The entries of an ingest, by its name or its IRI; none if there is no such ingest."""
        return self.journal.of_ingest(name.removeprefix(self.iris.base + "ingest/"))

    def entries_of_ingest(self, name: str) -> list[Entry]:
        """The entries of an ingest, in order.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        if entries := self.find_ingest(name):
            return entries
        raise UnknownName("ingest", name, self.journal.ingests())

    def bundles(self, iris: Iterable[str]) -> list[Bundle]:
        """The bundles of these IRIs; those that the journal does not have are left out."""
        entries = map(self.journal.entry_of_bundle, iris)
        return [bundle_of(entry) for entry in entries if entry]
