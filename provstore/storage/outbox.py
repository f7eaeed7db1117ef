"""Writes messages to providers as files: text to read, JSON for the program that sends them.

In: a folder and a journal. Out: `000012.cordex-0001.review.1.txt` and `.json`, one pair for each
report. It follows the journal like a view and can be deleted at any time. It sends nothing.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from provstore.errors import StoreUnavailable
from provstore.ingest.provider_message import Message, message
from provstore.storage.atomic_files import SHARED, write_atomically
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import Position, Witness

WRITTEN_TOGETHER = 100
"""The position is saved after this many entries; after a crash, later messages are rewritten."""


_POSITION = re.compile(r"[0-9]{1,18}( [0-9a-f]{64})?")


@dataclass(frozen=True)
class Outbox:
    """The outbox of one store; its file `position` records how far it has followed the journal."""

    directory: Path

    def follow(self, journal: Journal, reports: IngestReports) -> int:
        """Write a message about each new report; return how many.

        Raises:
            StoreUnavailable: the folder cannot be written. The journal is not affected.

        """
        count = 0
        try:
            written = at = self._read_position().position
            for entry in journal.after(written):
                if entry.ingest:
                    news = message(reports.of_ingest(entry.ingest, entry.position))
                    if "@" in news.to:  # a redacted provider has no address
                        self._write_message(entry.position, news)
                        count += 1
                at, chain = entry.position, entry.chain
                if at % WRITTEN_TOGETHER == 0:
                    self._write_file("position", f"{at} {chain}")
            if at > written:
                self._write_file("position", f"{at} {chain}")
        except OSError as error:
            raise StoreUnavailable(f"{self.directory} cannot be written: {error}.") from error
        return count

    def rewrite(self, journal: Journal, reports: IngestReports, ingests: Iterable[str]) -> None:
        """Write the messages about these ingests again that are still there.

        Messages to somebody without an address are removed.

        Raises:
            OSError: a message cannot be written.

        """
        for ingest in ingests:
            for entry in journal.of_ingest(ingest):
                files = [*self.directory.glob(f"{entry.position:06}.*")]
                if not files:
                    continue
                news = message(reports.of_ingest(ingest, entry.position))
                for file in files:
                    file.unlink()
                if "@" in news.to:
                    self._write_message(entry.position, news)

    def begin_again(self, journal: Journal) -> None:
        """Note the hash that the last entry which the outbox followed has in a new journal.

        Raises:
            OSError: it cannot be written.

        """
        position = self._read_position().position
        if position and (known := journal.position_at(position)):
            self._write_file("position", f"{known.position} {known.chain}")

    def witnesses(self) -> Iterator[Witness]:
        """Yield the entry of the journal that the outbox has followed to."""
        with suppress(OSError):  # whatever the outbox does, reports are taken
            position = self._read_position()
            if position.chain:
                yield Witness("the outbox", position)

    def fault(self) -> str:
        """Return what is wrong with the file `position`, or ""."""
        try:
            text = (self.directory / "position").read_text()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            return f"It cannot be read: {error}."
        if _POSITION.fullmatch(text.strip()):
            return ""
        return "It is not a position. All messages are written again with the next."

    def _read_position(self) -> Position:
        """Return how far the outbox has followed; before 0.3 it was written without the chain."""
        try:
            text = (self.directory / "position").read_text().strip()
        except (FileNotFoundError, ValueError):
            return Position(0, "")
        if not _POSITION.fullmatch(text):
            return Position(0, "")
        number, _, chain = text.partition(" ")
        return Position(int(number), chain)

    def _write_message(self, position: int, news: Message) -> None:
        name = f"{position:06}.{news.ingest}.{news.step}.{news.run}"
        message_json = json.dumps(news.record(), ensure_ascii=False, indent=2) + "\n"
        letter = f"To: {news.to}\nSubject: {news.subject}\n\n{news.text}"
        self._write_file(f"{name}.txt", letter)
        self._write_file(f"{name}.json", message_json)

    def _write_file(self, name: str, text: str) -> None:
        write_atomically(self.directory / name, text.encode(), SHARED)
