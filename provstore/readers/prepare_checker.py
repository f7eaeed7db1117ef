"""The output of PrePARE (the checker of CMOR): text with a block per fault and a verdict per file.

In: the output, with or without colours and progress, as LibCV/PrePARE/PrePARE.py of CMOR prints it:
up to 3.3 a verdict below the name of its file, from 3.4 on a verdict with the name below its
blocks, and two counts at the end. Out: a finding for each block, each compliant or skipped file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, File, Finding, Resource, Tool
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Notes, quality_answers
from provstore.readers.input_checks import numbered_lines, raise_problems
from provstore.readers.reader import Reader

TOOL = "PrePARE"
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\r")
_PROGRESS = re.compile(r"Check netCDF file\(s\): \d+% \| \d+/\d+ files")
_START = re.compile(r"(?:Checking data\.\.\. .)?Processing: (.+)")
_END = "\0"  # never equal to a line of a text
_RULE = re.compile(r"[=!*]{5,}")
_VERDICT = re.compile(r"\* (This file is compliant|Error: The input file is not CMIP6 compliant)")
_OUTCOME = re.compile(r"\W*:: (CV SUCCESS|CV FAIL|SKIPPED) *:: (\S.*)")
_RESULTS = {"CV SUCCESS": "passed", "CV FAIL": "failed", "SKIPPED": "broken"}
_COUNT = re.compile(r"Number of files? (scanned|with error\(s\)): (\d{1,15})")
_FRAME = re.compile(r"C Traceback:|!.*|Checking data, please wait\.\.\.")
"""Lines around messages: they are kept, but need no note."""


@dataclass
class _FileOutput:
    """The output on one file while it is read: blocks, verdict, and other lines."""

    path: str
    where: str
    blocks: list[str] = field(default_factory=list)
    verdict: str = ""
    loose: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Output:
    """The output on all files; `rest` has the lines that belong to none, `counts` the totals."""

    files: list[_FileOutput]
    rest: _FileOutput
    counts: dict[str, int] = field(default_factory=dict)
    later: bool = False


def _text_lines(input_file: InputFile) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, without colours and progress."""
    for where, line in numbered_lines(input_file):
        if text := _PROGRESS.sub("", _COLOUR.sub("", line)).strip():
            yield where, text


def _looks_like(input_file: InputFile) -> str:
    if input_file.means_json:
        return "it is JSON"
    if any(":: " in line or "Number of file" in line for line in input_file.lines):
        known = (_OUTCOME, _COUNT)
        lines = (text for _, text in _text_lines(input_file))
        if any(sign.fullmatch(text) for text in lines for sign in known):
            return ""
    head = [_COLOUR.sub("", line).strip() for line in input_file.lines[:200]]
    if any(map(_START.fullmatch, head)) or any(map(_PROGRESS.match, head)):
        return ""
    return "it has no verdict such as ':: CV FAIL ::', and no line that begins with 'Processing: '"


def _read(input_file: InputFile) -> ExtractParts:
    notes = Notes()
    output = _later_output(input_file)
    if not output.later:
        output.rest, *output.files = _files(input_file)
    problems = [*_problems(output)]
    raise_problems(input_file, problems)
    findings = [finding for each in output.files for finding in _findings(each)]
    unlisted = _unlisted(output)
    if unlisted:
        findings.append(_finding("passed", files=unlisted))
        message = f"{unlisted} files passed; the output does not name them."
        notes.note("", message, "Run PrePARE with --all to list them.")
    findings += [_finding("failed", message) for message in output.rest.blocks]
    kept = tuple(line for each in (output.rest, *output.files) for line in each.loose)
    unknown = [line for line in kept if not (output.later and _FRAME.fullmatch(line[1]))]
    if unknown:
        message = f"{len(unknown)} lines are not messages of PrePARE; they are kept."
        notes.note(unknown[0][0], message)
    _note_gaps(output, notes)
    paths = dict.fromkeys(each.path for each in output.files)
    results = {path: each.verdict for each in output.files for path in [each.path]}
    skipped = sum(result == "broken" for result in results.values())
    answers = {"failed_files": sum(result == "failed" for result in results.values())}
    if not output.later or "scanned" in output.counts:
        answers["checked_files"] = output.counts.get("scanned", len(paths)) - skipped
    resources: tuple[Resource, ...] = (
        Tool(TOOL),
        *(File(path.rpartition("/")[2], path) for path in paths),
    )
    quality = quality_answers({"name": TOOL}, findings, **answers)
    return ExtractParts(quality, tuple(findings), resources, notes.all(), kept)


def _problems(output: _Output) -> Iterator[Problem]:
    """Yield what shows that the output is incomplete, or contradicts itself."""
    whole = "Submit the complete output."
    if not output.files and not output.counts:
        yield Problem("", "The output has no verdict about any file.", whole)
    for each in output.files:
        if not each.verdict:
            message = f"The output for {each.path!r} ends without a verdict."
            yield Problem(each.where, message, whole)
        elif each.verdict == "passed" and (faults := [*filter(_is_fault, each.blocks)]):
            message = f"{each.path!r} is called compliant but has {len(faults)} faults."
            yield Problem(each.where, message)
    if output.later and any(map(_is_fault, output.rest.blocks)):
        yield Problem("", "The output has messages after the last verdict.", whole)
    if "with error(s)" in output.counts:
        listed = sum(each.verdict in ("failed", "broken") for each in output.files)
        stated = output.counts["with error(s)"]
        if listed != stated:
            message = f"The output counts {stated} files with errors, but lists {listed}."
            yield Problem("", message, whole)
    if "scanned" in output.counts and len(output.files) > output.counts["scanned"]:
        message = f"The output counts {output.counts['scanned']} files, but lists more."
        yield Problem("", message, whole)


def _unlisted(output: _Output) -> int:
    """The number of files that passed without a line of their own."""
    return max(output.counts.get("scanned", 0) - len(output.files), 0) if output.later else 0


def _note_gaps(output: _Output, notes: Notes) -> None:
    if skipped := sum(each.verdict == "broken" for each in output.files):
        message = f"{skipped} files were skipped: PrePARE could not check them."
        notes.note("", message, "Nothing is known about them; check them again.")
    if output.later and "scanned" not in output.counts:
        message = "The output does not count the files that were scanned."
        notes.note("", message, "Only listed files are known; submit the complete output.")
    blocks = [block for each in (*output.files, output.rest) for block in each.blocks]
    if _unlisted(output) and not all(map(_is_fault, blocks)):
        message = "A warning may be about a file that passed and is not named."
        notes.note("", message, "Run PrePARE with --all to name it.")
    notes.note(
        "",
        "The output gives neither the version of PrePARE nor that of its tables.",
        "Give both in your answers.",
    )


def _later_output(input_file: InputFile) -> _Output:
    """Read the layout of 3.4 and later: the verdict of a file follows its blocks."""
    output, current = _Output([], _FileOutput("", "")), _FileOutput("", "")
    rule, block = "", list[tuple[str, str]]()
    for where, line in _text_lines(input_file):
        outcome, count = _OUTCOME.fullmatch(line), _COUNT.fullmatch(line)
        if outcome or count:
            output.later = True
            current.loose += block  # a block without an end is not a message
            rule, block = "", []
        if outcome:
            current.path, current.where = outcome[2], where
            current.verdict = _RESULTS[outcome[1]]
            if current.verdict == "broken":  # the error that stopped the check
                current.blocks += [text for _, text in current.loose if not _FRAME.fullmatch(text)]
                current.loose = [each for each in current.loose if _FRAME.fullmatch(each[1])]
            last = output.files[-1] if output.files else current
            same = (last.path, last.verdict) == (current.path, current.verdict)
            if same and last is not current and not current.blocks:
                last.loose += current.loose  # PrePARE repeats some verdicts
            else:
                output.files.append(current)
            current = _FileOutput("", "")
        elif count:
            output.counts[count[1]] = output.counts.get(count[1], 0) + int(count[2])
        elif _RULE.fullmatch(line):
            if rule == line[0]:
                _close(current, rule, block)
            else:
                current.loose += block
            rule, block = ("" if rule == line[0] else line[0]), []
        else:
            (block if rule else current.loose).append((where, line))
    current.loose += block
    output.rest = current
    return output


def _files(input_file: InputFile) -> Iterator[_FileOutput]:
    """Yield the output on each file; a block is enclosed by two rules of one kind.

    Lines before the first file become an output without a path.
    """
    output = _FileOutput("", "")
    rule, block = "", list[tuple[str, str]]()
    for where, line in (*_text_lines(input_file), ("", _END)):
        start = _START.fullmatch(line)
        if start or line == _END:
            output.loose += block  # a block without an end is not a message
            yield output
            rule, block = "", []
            output = _FileOutput(start[1] if start else "", where)
        elif _RULE.fullmatch(line):
            if rule == line[0]:
                _close(output, rule, block)
            else:
                output.loose += block
            rule, block = ("" if rule == line[0] else line[0]), []
        else:
            (block if rule else output.loose).append((where, line))


def _close(output: _FileOutput, rule: str, block: list[tuple[str, str]]) -> None:
    verdict = next((match for _, line in block if (match := _VERDICT.match(line))), None)
    if rule == "*" and verdict:
        output.verdict = "passed" if verdict[1].startswith("This") else "failed"
        output.loose += [(where, line) for where, line in block if not line.startswith("*")]
    elif block:
        output.blocks.append(" ".join(line.strip("! ") for _, line in block).strip())


def _findings(output: _FileOutput) -> Iterator[Finding]:
    for message in output.blocks:
        result = "failed" if output.verdict == "passed" else output.verdict
        yield _finding(result, message, output.path, level="FAIL")
    if not output.blocks or output.verdict == "passed":
        failure = {"failed": "The input file is not CMIP6 compliant.", "broken": "It was skipped."}
        yield _finding(output.verdict, failure.get(output.verdict, ""), output.path)


def _finding(
    result: str, message: str = "", file: str = "", files: int = 1, level: str = ""
) -> Finding:
    severity = "error" if result != "broken" and _is_fault(message) else "warning"
    return Finding(
        "CMIP6 compliance", result, severity, message, "", file, files, level, TOOL,
        derived=result == "passed" and not file,
    )  # fmt: skip


def _is_fault(message: str) -> bool:
    """Whether a message is more than a warning of the CMOR library."""
    return not message.startswith("Warning:")


READERS = (Reader("prepare", "quality", "output of PrePARE", _looks_like, _read),)
