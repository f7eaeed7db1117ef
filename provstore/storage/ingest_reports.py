"""The reports of each ingest: read from its bundles once, and extended as the journal grows.

In: a journal. Out: the reports of an ingest, in order. It knows no step and no outcome: `report`
folds reports into a state.
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
"""So many ingests are kept; those that were asked for longest ago are read again."""


class _History(NamedTuple):
    positions: tuple[int, ...] = ()
    reports: tuple[Report, ...] = ()


class IngestReports:
    """The reports in one journal; several threads may ask.

    Nobody asks between an append and the end of its transaction: what is rolled back would stay.
    """

    def __init__(self, journal: Journal, iris: IngestIris) -> None:
        self._journal, self._iris = journal, iris
        self._kept: OrderedDict[str, _History] = OrderedDict()
        self._lock = Lock()  # held for a moment only, never while the journal is read

    def of_ingest(self, ingest: str, upto: int | None = None) -> tuple[Report, ...]:
        """Its reports, in order; with `upto`, only those up to that position of the journal.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        with self._lock:
            history = self._kept.get(ingest, _History())
        last = history.positions[-1] if history.positions else 0
        if new := self._journal.of_ingest(ingest, last):
            positions = (*history.positions, *(entry.position for entry in new))
            history = _History(positions, (*history.reports, *map(self.of_entry, new)))
        if not history.reports:
            raise UnknownName("ingest", ingest, self._journal.ingests())
        with self._lock:
            self._kept[ingest] = history
            self._kept.move_to_end(ingest)
            if len(self._kept) > KEPT_INGESTS:
                self._kept.popitem(last=False)
        count = sum(upto is None or position <= upto for position in history.positions)
        return history.reports[:count]

    def of_entry(self, entry: Entry) -> Report:
        """The report that an entry holds."""
        return report_from_json(entry.content, entry.bundle, self._iris)
