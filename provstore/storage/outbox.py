"""Writes messages to providers as files: text to read, JSON for the program that sends them.

In: a folder and a journal. Out: `000012.cordex-0001.review.1.txt` and `.json`, one pair for each
report. It follows the journal like a view and can be deleted at any time. It sends nothing.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provstore.errors import Problem
from provstore.ingest.provider_message import message
from provstore.ingest.report import Report
from provstore.storage.atomic_files import SHARED, atomic_file, make_directory
from provstore.storage.file_errors import file_errors
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import Position, Witness, sha256_of_text

WRITTEN_TOGETHER = 100
"""The position is saved after this many entries; after a crash, later messages are rewritten."""


_POSITION = re.compile(r"[0-9]{1,18}( [0-9a-f]{64}( [0-9a-f]{16})?)?")
_MESSAGE = re.compile(r"([0-9]{6,18})\.[^/]+\.(json|txt)")
_WORDS = ("subject", "text")
"""What a later version may word in another way; the text file has the same words."""


@dataclass(frozen=True)
class Outbox:
    """The outbox of one store; its file `position` records how far it has followed the journal."""

    directory: Path

    def follow(self, journal: Journal, reports: IngestReports) -> int:
        """Write a message about each new report; return how many.

        If the position is lost, all messages are due again, under the same names.

        Raises:
            StoreUnavailable: the folder cannot be read or written. The journal is not affected.
            DamagedStore: the journal does not have the last entry that the outbox followed.

        """
        with file_errors(self.directory / "position", "read"):
            written = self._confirmed(journal)
        with file_errors(self.directory, "written"):
            return self._write_messages(written, journal, reports)

    def _write_messages(self, written: int, journal: Journal, reports: IngestReports) -> int:
        count, last = 0, journal.head().position
        for ingest, at in journal.places(written, last):
            history = reports.of_ingest(ingest, at.position) if ingest else ()
            files = _files(at.position, history) if history else {}
            count += bool(files)
            if at.position == last or at.position % WRITTEN_TOGETHER == 0:
                files["position"] = _line(at)  # in this order: it follows the message
            self._write(files)
        return count

    def _confirmed(self, journal: Journal) -> int:
        """Return the position up to which all messages were written; 0 if nothing confirms one.

        Raises:
            DamagedStore: the journal has another entry there, or none.

        """
        position = self._read_position()
        known = journal.position_at(position.position)
        if position.chain and known != position and not journal.has(position):
            raise journal.contradicted_by(_witness(position))
        return position.position if known else 0

    def rewrite(self, journal: Journal, reports: IngestReports, ingests: Iterable[str]) -> None:
        """Write the messages about these ingests again that are still there.

        Messages to somebody without an address are removed.

        Raises:
            StoreUnavailable: a message cannot be written or removed.

        """
        with file_errors(self.directory, "written"):
            for ingest in ingests:
                for entry in journal.of_ingest(ingest):
                    present = [*self.directory.glob(f"{entry.position:06}.*")]
                    if not present:
                        continue
                    files = _files(entry.position, reports.of_ingest(ingest, entry.position))
                    self._write(files)  # first: whoever is stopped here has lost no message
                    for file in present:
                        if file.name not in files:
                            file.unlink(missing_ok=True)

    def begin_again(self, journal: Journal) -> None:
        """Note the hash that the last entry which the outbox followed has in a new journal.

        Raises:
            OSError: it cannot be written.

        """
        position = self._read_position().position
        if position and (known := journal.position_at(position)):
            self._write({"position": _line(known)})

    def witnesses(self) -> Iterator[Witness]:
        """Yield the entry of the journal that the outbox has followed to."""
        with suppress(OSError):  # whatever the outbox does, reports are taken
            position = self._read_position()
            if position.chain:
                yield _witness(position)

    def fault(self) -> str:
        """Return what is wrong with the file `position`, or ""."""
        try:
            text = (self.directory / "position").read_text()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            return f"It cannot be read: {error}."
        if _parse(text):
            return ""
        return "It is not a position. All messages are written again with the next."

    def problems(self, journal: Journal, reports: IngestReports) -> Iterator[Problem]:
        """Yield what is wrong with the messages that were written, and what is missing of them.

        Messages that somebody removed from the beginning on, or that were written before a restore,
        are not missing. What is wrong is written again by `mend`.
        """
        mend = "Write it again: provstore repair."
        for name in self._faulty(journal, reports):
            is_there = (self.directory / name).exists()
            fault = "It is not what was written." if is_there else "It was written and is missing."
            yield Problem(f"/outbox/{name}", fault, mend)

    def mend(self, journal: Journal, reports: IngestReports) -> list[str]:
        """Write again what `problems` names; return the names of the files.

        Raises:
            StoreUnavailable: the folder cannot be read or written.

        """
        faulty = self._faulty(journal, reports)
        with file_errors(self.directory, "written"):
            for number in sorted({int(name.partition(".")[0]) for name in faulty}):
                for entry in journal.after(number - 1, number):
                    history = reports.of_ingest(entry.ingest, entry.position)
                    self._write(_files(entry.position, history))
        return faulty

    def _faulty(self, journal: Journal, reports: IngestReports) -> list[str]:
        """Return the names of the files that `problems` tells of, sorted."""
        with file_errors(self.directory, "read"):
            present = {place.name for place in self.directory.glob("*.*.*.*.*")}
            numbers = [int(match[1]) for name in present if (match := _MESSAGE.fullmatch(name))]
            position = self._read_position()
            if not numbers or journal.position_at(position.position) is None:
                return []
            first, last = min(numbers), position.position
            faulty: list[str] = []
            for ingest in journal.ingests_between(first - 1, last):
                history = reports.history(ingest)
                for count, at in enumerate(history.positions, 1):
                    if first <= at <= last:
                        faulty += self._differing(_files(at, history.reports[:count]))
            return sorted(faulty)

    def _differing(self, files: Mapping[str, str]) -> Iterator[str]:
        """Yield which of the two files of a message are missing or not what was written."""
        kept = {name: self._read(name) for name in files}
        differing = [name for name in files if kept[name] != files[name]]
        if len(differing) == 2 and _is_reworded(kept, files):
            return
        yield from differing

    def _read(self, name: str) -> str:
        try:
            return (self.directory / name).read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def _read_position(self) -> Position:
        """Return how far the outbox has followed; before 0.3 it was written without the chain."""
        try:
            text = (self.directory / "position").read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return Position(0, "")
        return _parse(text) or Position(0, "")

    def _write(self, files: Mapping[str, str]) -> None:
        """Write the files that are not there yet, or have another content, in this order."""
        if files:
            make_directory(self.directory)
        for name, text in files.items():
            place, content = self.directory / name, text.encode()
            if not place.is_file() or place.read_bytes() != content:
                with atomic_file(place, SHARED) as out:
                    out.write(content)


def _files(position: int, reports: Sequence[Report]) -> dict[str, str]:
    """Return text and JSON of the message about the last of these reports, at this position.

    A provider who was redacted has no address, and gets none.
    """
    news = message(reports)
    if "@" not in news.to:
        return {}
    name = f"{position:06}.{news.ingest}.{news.step}.{news.run}"
    record = news.record()
    message_json = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    return {f"{name}.txt": _letter(record), f"{name}.json": message_json}


def _is_reworded(kept: Mapping[str, str], files: Mapping[str, str]) -> bool:
    """Whether two files say the same as these in the words of another version."""
    (letter, record_text), (_, expected) = kept.values(), files.values()
    try:
        record = json.loads(record_text)
        return _facts(record) == _facts(json.loads(expected)) and _letter(record) == letter
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False


def _letter(record: Mapping[str, Any]) -> str:
    return f"To: {record['to']}\nSubject: {record['subject']}\n\n{record['text']}"


def _facts(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in _WORDS}


def _line(position: Position) -> str:
    """Return the line for a position; its checksum tells a damaged line from another journal."""
    line = f"{position.position} {position.chain}"
    return f"{line} {sha256_of_text(line)[:16]}"


def _parse(text: str) -> Position | None:
    line = text.strip()
    if not _POSITION.fullmatch(line):
        return None
    number, _, rest = line.partition(" ")
    position = Position(int(number), rest[:64])
    return position if len(rest) <= 64 or line == _line(position) else None


def _witness(position: Position) -> Witness:
    return Witness("the outbox", position)
