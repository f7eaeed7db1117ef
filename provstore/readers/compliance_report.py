"""Reports of compliance-checker as text; what they share with those as HTML.

In: text of compliance-checker 5 and later, about one file or several. Out: a finding for each
message. The text lists failures only, and shortens the name of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, File, Finding, Resource, Tool
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Notes, quality_answers, time_with_zone
from provstore.readers.compliance_checker import TOOL
from provstore.readers.esgf_qa import WEIGHTS
from provstore.readers.input_checks import numbered_lines, raise_problems
from provstore.readers.reader import Reader

TITLE = "IOOS Compliance Checker Report"
JSON_ADVICE = "Run compliance-checker with -f json_new and submit that file."
_LEVELS = {
    **dict.fromkeys(("Errors", "High Priority", "Highly Recommended", "Required"), "3"),
    **dict.fromkeys(("Warnings", "Medium Priority", "Recommended"), "2"),
    **dict.fromkeys(("Info", "Low Priority", "Suggested"), "1"),
}
"""Headings of the checkers (cf, acdd, ioos and others) and their weights."""
_RULE = re.compile(r"-{20,}")
VERSION = re.compile(r"Version (\S+)")
TIME = re.compile(r"Report generated (\S+)")
_ISSUES = re.compile(r"(.+) has (-?[\d.]+) potential issues?")
_PASSED = "All tests passed!"
_COLUMNS = re.compile(r"Name +Reasoning|Name +:?Priority.*|.*Scoring Breakdown.*")


@dataclass
class Report:
    """The report of one checker on one file; `messages` are (where, level, check, message)."""

    where: str
    checker: str = ""
    version: str = ""
    time: str = ""
    file: str = ""
    passed: bool = False
    issues: str = ""
    messages: list[tuple[str, str, str, str]] = field(default_factory=list)


def report_parts(
    reports: list[Report], kept: list[tuple[str, str]], notes: Notes, *, short: bool
) -> ExtractParts:
    """Make findings, tools and files of reports; `short` names have no directories."""
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
        notes.note("", "The report names files without their directories.", JSON_ADVICE)
    message = "The report lists failures only; checks that passed or broke are not in it."
    notes.note("", message, JSON_ADVICE)
    named = (File(path.rpartition("/")[2], "" if short else path) for path in files)
    resources: tuple[Resource, ...] = (*tools, *named)
    return ExtractParts(answers, tuple(findings), resources, notes.all(), tuple(kept))


def _findings(report: Report, tool: Tool) -> Iterator[Finding]:
    of_tool = (tool.name, tool.version, tool.vocabulary)
    for _, level, check, message in report.messages:
        severity = WEIGHTS[level]
        yield Finding(check, "failed", severity, message, "", report.file, 1, level, *of_tool)
    if report.passed and not report.messages:
        yield Finding(report.checker, "passed", "note", "", "", report.file, 1, "", *of_tool)


def _note_gaps(report: Report, notes: Notes) -> None:
    if not report.file:
        message = f"The report of {report.checker} does not name its file."
        notes.note(report.where, message, JSON_ADVICE)
    if not report.messages and not report.passed:
        message = "The report lists none of the issues that it counts."
        notes.note(report.where, message, "Run the tool with a stricter --criteria.")


# --- text ----------------------------------------------------------------------------------------


def _is_text(input_file: InputFile) -> str:
    if any(line.strip() == TITLE for line in input_file.lines[:2000]):
        return ""
    return f"no line of it is '{TITLE}'"


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
    return report_parts(text.reports, text.kept, notes, short=True)


class _Text:
    """The reports of a text, read line by line."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.kept: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self.unread: list[str] = []
        self._heading = self._line = 0
        self._level = self._check = self._check_where = ""

    def read(self, where: str, line: str, follows: str) -> None:
        """Read a line; `follows` is the next one."""
        text, number = line.strip(), int(where.removeprefix("line "))
        gap, self._line = number - self._line > 1, number
        if text == TITLE:
            self.close()
            self.reports.append(Report(where))
            self._heading, self._level = 1, ""
        elif self.reports and self._heading:
            self._heading = _read_heading(self.reports[-1], text, self._heading, where, self.kept)
        elif text in _LEVELS and _RULE.fullmatch(follows):
            self.close()
            self._level = _LEVELS[text]
        elif self.reports and _COLUMNS.fullmatch(text):
            message = "This is the layout of an early version of compliance-checker."
            self.problems.append(Problem(where, message, JSON_ADVICE))
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
    report: Report, text: str, line: int, where: str, kept: list[tuple[str, str]]
) -> int:
    """Read a line of the heading; return the number of the next one, or 0 at its end."""
    if _RULE.fullmatch(text):
        return 0
    if match := VERSION.fullmatch(text):
        report.version = match[1]
    elif match := TIME.fullmatch(text):
        report.time = match[1]
    elif not report.checker:
        report.checker = text
    else:
        kept.append((where, text))
    return line + 1


def _read_result(
    report: Report, place: tuple[str, str], level: str, check: str, *, gap: bool
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


READERS = (
    Reader(
        "compliance-checker-text", "quality", "text report of compliance-checker", _is_text,
        _read_text,
    ),
)  # fmt: skip
