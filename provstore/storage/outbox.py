"""Messages to providers as files in a folder: text to read, JSON for whatever sends them.

In: a folder and a journal. Out: `000012.cordex-0001.review.1.txt` and `.json`, one pair for each
report. It follows the journal as a view does, and can be deleted at any time. Nothing is sent.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from provstore.errors import StoreUnavailable
from provstore.ingest.provider_message import Message, message
from provstore.ingest.report import Report
from provstore.storage.journal import Entry, Journal


@dataclass(frozen=True)
class Outbox:
    """The outbox of one store; `position` in it holds how far it has followed the journal."""

    directory: Path

    def follow(self, journal: Journal, history: Callable[[Entry], Iterable[Report]]) -> int:
        """Write a message on each report that is new; gives how many.

        Raises:
            StoreUnavailable: the folder cannot be written. The journal is unharmed.

        """
        count = 0
        try:
            self.directory.mkdir(exist_ok=True)
            for entry in journal.after(self._read_position()):
                if entry.ingest:
                    self._write_message(entry.position, message(list(history(entry))))
                    count += 1
                _write_file(self.directory / "position", str(entry.position))
        except OSError as error:
            raise StoreUnavailable(f"{self.directory} cannot be written: {error}.") from error
        return count

    def _read_position(self) -> int:
        try:
            return int((self.directory / "position").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _write_message(self, position: int, news: Message) -> None:
        name = f"{position:06}.{news.ingest}.{news.step}.{news.run}"
        message_json = json.dumps(news.record(), ensure_ascii=False, indent=2) + "\n"
        letter = f"To: {news.to}\nSubject: {news.subject}\n\n{news.text}"
        _write_file(self.directory / f"{name}.txt", letter)
        _write_file(self.directory / f"{name}.json", message_json)


def _write_file(path: Path, text: str) -> None:
    """The file is there whole or not at all."""
    half = path.with_name(path.name + ".half")
    half.write_text(text, encoding="utf-8", newline="\n")
    half.replace(path)
