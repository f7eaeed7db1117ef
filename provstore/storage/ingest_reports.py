"""Caches the reports of each ingest, and extends them as the journal grows.

In: a journal. Out: the reports of an ingest, in order. It knows neither steps nor outcomes:
`provstore.ingest.report` derives the state.
"""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from provstore.errors import UnknownName
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import Report
from provstore.ingest.report_from_json import report_from_json
from provstore.storage.journal import Entry, Journal

KEPT_INGESTS = 256
"""The number of ingests in the cache; the least recently used ones are dropped first."""


class History(NamedTuple):
    """The reports of an ingest, and the positions of their entries."""

    positions: tuple[int, ...] = ()
    reports: tuple[Report, ...] = ()


class IngestReports:
    """The reports in one journal; safe to use from several threads.

    Do not read between an append and the end of its transaction: the cache would keep reports
    that are rolled back.
    """

    def __init__(self, journal: Journal, iris: IngestIris) -> None:
        self._journal, self._iris = journal, iris
        self._kept: OrderedDict[str, History] = OrderedDict()
        self._replacement = 0
        self._lock = Lock()  # held briefly, never while the journal is read

    def of_ingest(self, ingest: str, upto: int | None = None) -> tuple[Report, ...]:
        """Return the reports of an ingest, in order; with `upto`, only those up to that position.

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        history = self.history(ingest)
        count = sum(upto is None or position <= upto for position in history.positions)
        return history.reports[:count]

    def history(self, ingest: str) -> History:
        """Return the reports of an ingest with the positions of their entries.

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        replacement = self._journal.last_replacement()
        with self._lock:
            if replacement != self._replacement:  # what was read before has names that are gone
                self._kept.clear()
                self._replacement = replacement
            history = self._kept.get(ingest, History())
        last = history.positions[-1] if history.positions else 0
        if new := self._journal.of_ingest(ingest, last):
            positions = (*history.positions, *(entry.position for entry in new))
            history = History(positions, (*history.reports, *map(self.of_entry, new)))
        if not history.reports:
            raise UnknownName("ingest", ingest, self._journal.ingests(), code="PS-NAME-INGEST")
        with self._lock:
            self._kept[ingest] = history
            self._kept.move_to_end(ingest)
            if len(self._kept) > KEPT_INGESTS:
                self._kept.popitem(last=False)
        return history

    def of_entry(self, entry: Entry) -> Report:
        """Return the report of an entry."""
        return report_from_json(entry.content, entry.bundle, self._iris)
