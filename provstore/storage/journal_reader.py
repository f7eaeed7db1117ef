"""The entries of a journal as people read them, with personal values in their places.

In: positions, names, fingerprints. Out: entries whose hashes and values were compared. It writes
nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from provstore.errors import DamagedStore
from provstore.ingest.personal_values import PRINCIPAL, PersonalValue, marks_of, restore
from provstore.storage.journal_entries import (
    START,
    Damage,
    Entry,
    Position,
    Witness,
    base_of_report,
    fault_of_row,
    fault_of_values,
)
from provstore.storage.journal_rows import JournalRows
from provstore.storage.journal_tables import BETWEEN

_OF_LENGTH = "(SELECT max(ingest) FROM entry WHERE length(ingest) = ?1 + {} AND ingest >= ?2 AND ingest < ?3)"  # noqa: E501 - a row
_LAST = f"SELECT coalesce({', '.join(map(_OF_LENGTH.format, range(13, 4, -1)))})"
_PLACES = f"SELECT ingest, position, chain FROM entry {BETWEEN}"  # noqa: S608 - our own words
_INGESTS_BETWEEN = (  # by position: a few new rows, not the whole index of names
    "SELECT DISTINCT ingest FROM entry NOT INDEXED "
    "WHERE position > ? AND position <= ? AND ingest > '' ORDER BY ingest"
)
_ANY_REPORT = "SELECT bundle, ingest FROM entry INDEXED BY entry_ingest WHERE ingest > '' LIMIT 1"
_WHERE_OF_INGEST = "WHERE ingest = ? AND position > ? ORDER BY position"


class JournalReader(JournalRows):
    """Look-ups in a journal; an entry that is not what was recorded is an error."""

    def head(self) -> Position:
        """Return the position of the last entry; `START` if the journal is empty."""
        return self._read_position(
            "SELECT position, chain FROM entry ORDER BY position DESC LIMIT 1"
        )

    def position_at(self, position: int) -> Position | None:
        """Return the position with its chain hash; None if the journal is shorter."""
        if position == 0:
            return START
        place = self._read_position(
            "SELECT position, chain FROM entry WHERE position = ?", position
        )
        return None if place == START else place

    def first_chain(self) -> str:
        """Return the chain hash of the first entry, as it was before an upgrade."""
        with self._reading():
            former = self.personal.former_chain(1) if self.format > 1 else None
        return former or (self.position_at(1) or START).chain

    def has(self, place: Position) -> bool:
        """Whether the journal has this entry, under its present hash or the one before an upgrade.

        A former hash that a redaction deleted cannot be compared any more; it counts as known.
        """
        if self.position_at(place.position) == place:
            return True
        with self._reading():
            former = self.personal.former_chain(place.position) if self.format > 1 else None
        return former in ("", place.chain)

    def contradicted_by(self, witness: Witness) -> DamagedStore:
        """Return the error that something outside the journal knows another entry of it."""
        return self._damaged([witness.problem(self.head())])

    def entry_of_input(self, fingerprint: str) -> Entry | None:
        """Return the entry made from the input with this fingerprint, if any."""
        with self._reading():
            known = fingerprint if self.format == 1 else self.personal.keyed_hash(fingerprint)
        return next(self._entries("WHERE fingerprint = ?", known), None)

    def entry_of_bundle(self, iri: str) -> Entry | None:
        """Return the entry of this bundle, if any."""
        return next(self._entries("WHERE bundle = ?", iri), None)

    def last_replacement(self) -> int:
        """Return the position of the last act that replaced values; 0 without any."""
        with self._reading():
            return self.personal.last_replacement() if self.format > 1 else 0

    def has_replaced(self) -> bool:
        """Whether any value is said to be replaced, or an act to have replaced one."""
        with self._reading():
            return self.format > 1 and self.personal.has_replaced()

    def replacements(self) -> Mapping[int, str]:
        """Return what is still to be done, or "", by the positions of acts that replaced values."""
        with self._reading():
            return self.personal.replacements() if self.format > 1 else {}

    def acts(self) -> list[Entry]:
        """Return the entries about the journal itself: no reports, nothing that others wrote.

        The whole text of what others wrote is one personal value, so it begins with a mark.
        """
        if self.format == 1:
            return []
        return list(self._entries("WHERE ingest = '' AND substr(content, 1, 1) = '{' ORDER BY 1"))

    def of_ingest(self, name: str, after: int = 0) -> list[Entry]:
        """Return the entries of an ingest after a position, in order; none if it does not exist."""
        return list(self._entries(_WHERE_OF_INGEST, name, after))

    def has_ingest(self, name: str) -> bool:
        """Whether an ingest of that name exists."""
        with self._reading() as db:
            query = "SELECT 1 FROM entry WHERE ingest = ? LIMIT 1"
            return bool(name) and db.execute(query, (name,)).fetchone() is not None

    def last_number(self, series: str) -> int:
        """Return the highest number of the ingests `<series>-0001`, `-0002`, …; 0 if none exist."""
        with self._reading() as db:
            row = db.execute(_LAST, (len(series), f"{series}-0", f"{series}-:")).fetchone()
        return int(row[0].removeprefix(f"{series}-")) if row[0] else 0

    def ingests(self) -> list[str]:
        """Return the names of all ingests, sorted."""
        with self._reading() as db:
            rows = db.execute("SELECT DISTINCT ingest FROM entry WHERE ingest > ''")
            return sorted(str(name) for (name,) in rows)

    def base(self) -> str:
        """Return the base that the reports were named with; "" if there are none."""
        with self._reading() as db:
            row = db.execute(_ANY_REPORT).fetchone()
        return base_of_report(*row) if row else ""

    def ingests_between(self, after: int, upto: int) -> list[str]:
        """Return the ingests with an entry after one position and up to another."""
        with self._reading() as db:
            return [str(name) for (name,) in db.execute(_INGESTS_BETWEEN, (after, upto))]

    def after(self, position: int, upto: int | None = None) -> Iterator[Entry]:
        """Yield the entries after a position, in order, without loading the whole journal."""
        last = self.head().position if upto is None else upto
        for start in range(position, last, 1000):
            yield from self._entries(BETWEEN, start, min(start + 1000, last))

    def _entries(self, where: str, *values: object) -> Iterator[Entry]:
        with self._reading() as db:
            rows = db.execute(self._select + where, values).fetchall()
        return self.restored(map(self._sound, map(Entry._make, rows)))

    def places(self, after: int, last: int) -> Iterator[tuple[str, Position]]:
        """Yield the ingest and the place of each entry after a position, up to another one."""
        for start in range(after, last, 1000):
            with self._reading() as db:
                rows = db.execute(_PLACES, (start, min(start + 1000, last))).fetchall()
            for ingest, position, chain in rows:
                yield ingest, Position(position, chain)

    def restored(self, stored: Iterable[Entry]) -> Iterator[Entry]:
        """Yield entries as people read them: with the personal values in their places.

        Raises:
            DamagedStore: a value is missing, or is not what was recorded.

        """
        entries = [*stored]
        if not any(entry.personal for entry in entries):
            return iter(entries)
        with self._reading():
            values = self.personal.values(entry.position for entry in entries)
        return (self._restore(entry, values.get(entry.position, ())) for entry in entries)

    def _restore(self, entry: Entry, values: Sequence[PersonalValue]) -> Entry:
        marks = marks_of(entry.content)
        if fault := fault_of_values(entry, values, marks):
            raise self._damaged([Damage(entry.position, fault).problem()])
        principal = next((value.value for value in values if value.kind == PRINCIPAL), "")
        return entry._replace(principal=principal, content=restore(entry.content, values, marks))

    def _sound(self, entry: Entry) -> Entry:
        """Return an entry whose content is what was recorded.

        Raises:
            DamagedStore: it is not.

        """
        if fault := fault_of_row(entry):
            raise self._damaged([Damage(entry.position, fault).problem()])
        return entry

    def _read_position(self, query: str, *values: object) -> Position:
        with self._reading() as db:
            row = db.execute(query, values).fetchone()
        return Position(*row) if row else START
