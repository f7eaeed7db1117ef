"""Reports of compliance-checker as HTML pages.

In: the page of compliance-checker 5 and later, about one file or several. Out: a finding for each
message. The page lists failures only.
"""

from html.parser import HTMLParser

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Notes
from provstore.readers.compliance_report import (
    JSON_ADVICE,
    TIME,
    TITLE,
    VERSION,
    Report,
    report_parts,
)
from provstore.readers.input_checks import raise_problems
from provstore.readers.reader import Reader

_TABLES = {"high-priority-table": "3", "medium-priority-table": "2", "low-priority-table": "1"}
_UNSEEN = ("style", "script")


class _Page(HTMLParser):
    """The reports of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reports: list[Report] = []
        self.kept: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._level = self._check = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        names = (dict(attrs).get("class") or "").split()
        for name in names:
            if name in _TABLES:
                self._level, self._check = _TABLES[name], ""
        self._open.append(tag)
        if tag == "tr":
            self._check = ""
        href = dict(attrs).get("href")
        if href and self.reports and self._inside("h3"):
            self.kept.append((self._place(), href))

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._text += data

    def close(self) -> None:
        super().close()
        self._flush()

    def _inside(self, tag: str) -> bool:
        return tag in self._open[-8:]

    def _place(self) -> str:
        return f"line {self.getpos()[0]}"

    def _flush(self) -> None:
        text, self._text = " ".join(self._text.split()), ""
        if not text or any(map(self._inside, _UNSEEN)):
            return
        if self._inside("h2") and text == TITLE:
            self.reports.append(Report(self._place()))
            self._level = ""
        elif self.reports and not self._take(self.reports[-1], text):
            self.kept.append((self._place(), text))

    def _take(self, report: Report, text: str) -> bool:
        """Whether the report needs this text; it is stored if so."""
        if self._inside("li") and self._check and self._level:
            report.messages.append((self._place(), self._level, self._check, text))
        elif self._inside("td") and self._level and not self._inside("ul"):
            if text.startswith("All ") and text.endswith("checks passed!"):
                return False
            self._check = text
        elif self._inside("h3") and not report.checker:
            report.checker = text
        elif self._inside("p") and (match := VERSION.fullmatch(text)):
            report.version = match[1]
        elif self._inside("p") and (match := TIME.fullmatch(text)):
            report.time = match[1]
        elif self._inside("p") and text.startswith("For dataset "):
            report.file = text.removeprefix("For dataset ")
        else:
            return False
        return True


def _is_page(input_file: InputFile) -> str:
    head = input_file.text[:200].lstrip().lower()
    if not head.startswith(("<!doctype html", "<html")):
        return "it is no HTML page"
    return "" if TITLE in input_file.text else f"it has no heading '{TITLE}'"


def _read_page(input_file: InputFile) -> ExtractParts:
    page, notes = _Page(), Notes()
    page.feed(input_file.text)
    page.close()
    problems = [
        Problem(report.where, "This report names neither its file nor its checker.", JSON_ADVICE)
        for report in page.reports
        if not report.file or not report.checker
    ]
    if not page.reports:
        problems.append(Problem("", "The page has no report.", JSON_ADVICE))
    if "</html>" not in input_file.text[-200:].lower():
        problems.append(Problem("", "The page ends early.", "Submit the whole page."))
    raise_problems(input_file, problems)
    for report in page.reports:
        report.passed = not report.messages
    return report_parts(page.reports, page.kept, notes, short=False)


READERS = (
    Reader(
        "compliance-checker-html", "quality", "HTML report of compliance-checker", _is_page,
        _read_page,
    ),
)  # fmt: skip
