"""Reports of compliance-checker for people: as text, and as HTML.

In: text of compliance-checker 5 and later, or its HTML page, about one file or several. Out: a
finding for each message. Both list failures only; the text shortens the name of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, File, Finding, Resource, Tool
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Notes, quality_answers, time_with_zone
from provstore.readers.compliance_checker import TOOL
from provstore.readers.esgf_qa import WEIGHTS
from provstore.readers.input_checks import numbered_lines, raise_problems
from provstore.readers.reader import Reader

_TITLE = "IOOS Compliance Checker Report"
_JSON = "Run compliance-checker with -f json_new and submit that file."
_LEVELS = {
    **dict.fromkeys(("Errors", "High Priority", "Highly Recommended", "Required"), "3"),
    **dict.fromkeys(("Warnings", "Medium Priority", "Recommended"), "2"),
    **dict.fromkeys(("Info", "Low Priority", "Suggested"), "1"),
}
"""Headings of the checkers (cf, acdd, ioos and others) and their weights."""
_RULE = re.compile(r"-{20,}")
_VERSION = re.compile(r"Version (\S+)")
_TIME = re.compile(r"Report generated (\S+)")
_ISSUES = re.compile(r"(.+) has (-?[\d.]+) potential issues?")
_PASSED = "All tests passed!"
_COLUMNS = re.compile(r"Name +Reasoning|Name +:?Priority.*|.*Scoring Breakdown.*")


@dataclass
class _Report:
    """The report of one checker on one file; `messages` are (where, level, check, message)."""

    where: str
    checker: str = ""
    version: str = ""
    time: str = ""
    file: str = ""
    passed: bool = False
    issues: str = ""
    messages: list[tuple[str, str, str, str]] = field(default_factory=list)


def _parts(
    reports: list[_Report], kept: list[tuple[str, str]], notes: Notes, *, short: bool
) -> ExtractParts:
    findings, tools, files = list[Finding](), dict[Tool, None](), dict[str, None]()
    ended = ""
    for report in reports:
        tool = Tool(TOOL, report.version, report.checker, report.checker)
        tools[tool] = None
        stamp = time_with_zone(report.time, report.where, notes) if report.time else ""
        ended = max(ended, stamp)
        files |= {report.file: None} if report.file else {}
        findings += _findings(report, tool)
        _note_gaps(report, notes)
    versions = {tool.version for tool in tools}
    if len(versions) > 1:
        notes.note("", f"The results are of several versions: {', '.join(sorted(versions))}.")
    failed = {finding.file for finding in findings if finding.result == "failed"}
    counts = {} if "" in (report.file for report in reports) else {"checked_files": len(files)}
    answers = quality_answers(
        {"name": TOOL, "version": versions.pop() if len(versions) == 1 else ""},
        findings, failed_files=len(failed - {""}), ended=ended, **counts,
    )  # fmt: skip
    if short:
        notes.note("", "The report names files without their directories.", _JSON)
    message = "The report lists failures only; checks that passed or broke are not in it."
    notes.note("", message, _JSON)
    named = (File(path.rpartition("/")[2], "" if short else path) for path in files)
    resources: tuple[Resource, ...] = (*tools, *named)
    return ExtractParts(answers, tuple(findings), resources, notes.all(), tuple(kept))


def _findings(report: _Report, tool: Tool) -> Iterator[Finding]:
    of_tool = (tool.name, tool.version, tool.vocabulary)
    for _, level, check, message in report.messages:
        severity = WEIGHTS[level]
        yield Finding(check, "failed", severity, message, "", report.file, 1, level, *of_tool)
    if report.passed and not report.messages:
        yield Finding(report.checker, "passed", "note", "", "", report.file, 1, "", *of_tool)


def _note_gaps(report: _Report, notes: Notes) -> None:
    if not report.file:
        message = f"The report of {report.checker} does not name its file."
        notes.note(report.where, message, _JSON)
    if not report.messages and not report.passed:
        message = "The report lists none of the issues that it counts."
        notes.note(report.where, message, "Run the tool with a stricter --criteria.")


# --- text ----------------------------------------------------------------------------------------


def _is_text(input_file: InputFile) -> str:
    if any(line.strip() == _TITLE for line in input_file.lines[:2000]):
        return ""
    return f"no line of it is '{_TITLE}'"


def _read_text(input_file: InputFile) -> ExtractParts:
    text = _Text()
    lines = [*numbered_lines(input_file)]
    for (where, line), (_, follows) in zip(lines, [*lines[1:], ("", "")], strict=True):
        text.read(where, line, follows.strip())
    text.close()
    problems = text.problems
    problems += [
        Problem(report.where, "This report ends within its heading.", "Submit the whole report.")
        for report in text.reports
        if not (report.passed or report.issues)
    ]
    raise_problems(input_file, problems)
    notes = Notes()
    if text.unread:
        message = f"{len(text.unread)} lines are not those of a report; they are kept."
        notes.note(text.unread[0], message)
    return _parts(text.reports, text.kept, notes, short=True)


class _Text:
    """The reports of a text, read line by line."""

    def __init__(self) -> None:
        self.reports: list[_Report] = []
        self.kept: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self.unread: list[str] = []
        self._heading = self._line = 0
        self._level = self._check = self._check_where = ""

    def read(self, where: str, line: str, follows: str) -> None:
        """Read a line; `follows` is the next one."""
        text, number = line.strip(), int(where.removeprefix("line "))
        gap, self._line = number - self._line > 1, number
        if text == _TITLE:
            self.close()
            self.reports.append(_Report(where))
            self._heading, self._level = 1, ""
        elif self.reports and self._heading:
            self._heading = _read_heading(self.reports[-1], text, self._heading, where, self.kept)
        elif text in _LEVELS and _RULE.fullmatch(follows):
            self.close()
            self._level = _LEVELS[text]
        elif self.reports and _COLUMNS.fullmatch(text):
            message = "This is the layout of an early version of compliance-checker."
            self.problems.append(Problem(where, message, _JSON))
        elif not _RULE.fullmatch(text) and text != "Corrective Actions":
            self._read_result((where, line), gap=gap)

    def _read_result(self, place: tuple[str, str], *, gap: bool) -> None:
        check = None
        if self.reports:
            check = _read_result(self.reports[-1], place, self._level, self._check, gap=gap)
        if check is None:
            self.kept.append(place)
            self.unread.append(place[0])
        elif check != self._check:
            self.close()
            self._check, self._check_where = check, place[0]

    def close(self) -> None:
        """End a check; one without messages has failed without a reason."""
        messages = self.reports[-1].messages if self.reports else []
        if self._check and not (messages and messages[-1][2] == self._check):
            messages.append((self._check_where, self._level, self._check, ""))
        self._check = ""


def _read_heading(
    report: _Report, text: str, line: int, where: str, kept: list[tuple[str, str]]
) -> int:
    """Read a line of the heading; return the number of the next one, or 0 at its end."""
    if _RULE.fullmatch(text):
        return 0
    if match := _VERSION.fullmatch(text):
        report.version = match[1]
    elif match := _TIME.fullmatch(text):
        report.time = match[1]
    elif not report.checker:
        report.checker = text
    else:
        kept.append((where, text))
    return line + 1


def _read_result(
    report: _Report, place: tuple[str, str], level: str, check: str, *, gap: bool
) -> str | None:
    """Read a line below a heading; return the check that it belongs to, or None if unknown."""
    where, line = place
    if line.strip() == _PASSED:
        report.passed = True
        return ""
    issues = _ISSUES.fullmatch(line.strip())
    if issues and not report.issues and not level:
        report.file, report.issues = issues[1], issues[2]
        return ""
    if not level:
        return None
    if line.startswith("* ") and check:
        report.messages.append((where, level, check, line[2:].strip()))
        return check
    if not gap and check and report.messages and report.messages[-1][2] == check:
        place_, level_, check_, message = report.messages.pop()
        report.messages.append((place_, level_, check_, f"{message} {line.strip()}"))
        return check
    return line.strip()


# --- HTML ----------------------------------------------------------------------------------------

_TABLES = {"high-priority-table": "3", "medium-priority-table": "2", "low-priority-table": "1"}
_UNSEEN = ("style", "script")


class _Page(HTMLParser):
    """The reports of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reports: list[_Report] = []
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
        if self._inside("h2") and text == _TITLE:
            self.reports.append(_Report(self._place()))
            self._level = ""
        elif self.reports and not self._take(self.reports[-1], text):
            self.kept.append((self._place(), text))

    def _take(self, report: _Report, text: str) -> bool:
        """Whether the report needs this text; it is stored if so."""
        if self._inside("li") and self._check and self._level:
            report.messages.append((self._place(), self._level, self._check, text))
        elif self._inside("td") and self._level and not self._inside("ul"):
            if text.startswith("All ") and text.endswith("checks passed!"):
                return False
            self._check = text
        elif self._inside("h3") and not report.checker:
            report.checker = text
        elif self._inside("p") and (match := _VERSION.fullmatch(text)):
            report.version = match[1]
        elif self._inside("p") and (match := _TIME.fullmatch(text)):
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
    return "" if _TITLE in input_file.text else f"it has no heading '{_TITLE}'"


def _read_page(input_file: InputFile) -> ExtractParts:
    page, notes = _Page(), Notes()
    page.feed(input_file.text)
    page.close()
    problems = [
        Problem(report.where, "This report names neither its file nor its checker.", _JSON)
        for report in page.reports
        if not report.file or not report.checker
    ]
    if not page.reports:
        problems.append(Problem("", "The page has no report.", _JSON))
    if "</html>" not in input_file.text[-200:].lower():
        problems.append(Problem("", "The page ends early.", "Submit the whole page."))
    raise_problems(input_file, problems)
    for report in page.reports:
        report.passed = not report.messages
    return _parts(page.reports, page.kept, notes, short=False)


READERS = (
    Reader(
        "compliance-checker-text", "quality", "text report of compliance-checker", _is_text,
        _read_text,
    ),
    Reader(
        "compliance-checker-html", "quality", "HTML report of compliance-checker", _is_page,
        _read_page,
    ),
)  # fmt: skip
