"""The output of PrePARE (the checker of CMOR): text with a block per fault and a verdict per file.

In: the output, with or without colours, as LibCV/PrePARE/PrePARE.py of CMOR prints it. Out: a
finding for each block, and a passed one for each compliant file. PrePARE has no other format.
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
_START = re.compile(r"(?:Checking data\.\.\. .)?Processing: (.+)")
_END = "\0"  # never equal to a line of a text
_RULE = re.compile(r"[=!*]{5,}")
_VERDICT = re.compile(r"\* (This file is compliant|Error: The input file is not CMIP6 compliant)")


@dataclass
class _FileOutput:
    """The output on one file while it is read: blocks, verdict, and other lines."""

    path: str
    where: str
    blocks: list[str] = field(default_factory=list)
    verdict: str = ""
    loose: list[tuple[str, str]] = field(default_factory=list)


def _looks_like(input_file: InputFile) -> str:
    head = [_COLOUR.sub("", line).strip() for line in input_file.lines[:200]]
    return "" if any(map(_START.fullmatch, head)) else "no line of it begins with 'Processing: '"


def _read(input_file: InputFile) -> ExtractParts:
    notes, problems = Notes(), []
    before, *files = _files(input_file)
    for output in files:
        if not output.verdict:
            message = f"The output for {output.path!r} ends without a verdict."
            problems.append(Problem(output.where, message, "Submit the complete output."))
        elif output.verdict == "passed" and output.blocks:
            message = f"{output.path!r} is called compliant but has {len(output.blocks)} faults."
            problems.append(Problem(output.where, message))
    raise_problems(input_file, problems)
    findings = tuple(finding for output in files for finding in _findings(output))
    kept = tuple(line for output in (before, *files) for line in output.loose)
    if kept:
        notes.note(kept[0][0], f"{len(kept)} lines are not messages of PrePARE; they are kept.")
    notes.note(
        "",
        "The output gives neither the version of PrePARE nor that of its tables.",
        "Give both in your answers.",
    )
    failed = sum(output.verdict == "failed" for output in files)
    paths = dict.fromkeys(output.path for output in files)
    answers = quality_answers(
        {"name": TOOL}, findings, checked_files=len(paths), failed_files=failed
    )
    resources: tuple[Resource, ...] = (
        Tool(TOOL),
        *(File(path.rpartition("/")[2], path) for path in paths),
    )
    return ExtractParts(answers, findings, resources, notes.all(), kept)


def _files(input_file: InputFile) -> Iterator[_FileOutput]:
    """Yield the output on each file; a block is enclosed by two rules of one kind.

    Lines before the first file become an output without a path.
    """
    output = _FileOutput("", "")
    rule, block = "", list[tuple[str, str]]()
    for where, raw in (*numbered_lines(input_file), ("", _END)):
        line = _COLOUR.sub("", raw).strip()
        start = _START.fullmatch(line)
        if start or raw == _END:
            output.loose += block  # a block without an end is not a message
            yield output
            rule, block = "", []
            output = _FileOutput(start[1] if start else "", where)
        elif line and _RULE.fullmatch(line):
            if rule == line[0]:
                _close(output, rule, block)
            else:
                output.loose += block
            rule, block = ("" if rule == line[0] else line[0]), []
        elif line:
            (block if rule else output.loose).append((where, line))


def _close(output: _FileOutput, rule: str, block: list[tuple[str, str]]) -> None:
    verdict = next((match for _, line in block if (match := _VERDICT.match(line))), None)
    if rule == "*" and verdict:
        output.verdict = "passed" if verdict[1].startswith("This") else "failed"
        output.loose += [(where, line) for where, line in block if not line.startswith("*")]
    elif block:
        output.blocks.append(" ".join(line.strip("! ") for _, line in block).strip())


def _findings(output: _FileOutput) -> Iterator[Finding]:
    name = "CMIP6 compliance"
    for message in output.blocks:
        yield Finding(name, "failed", "error", message, "", output.path, level="FAIL", tool=TOOL)
    if not output.blocks:
        failure = "" if output.verdict == "passed" else "The input file is not CMIP6 compliant."
        yield Finding(name, output.verdict, "error", failure, "", output.path, tool=TOOL)


READERS = (Reader("prepare", "quality", "output of PrePARE", _looks_like, _read),)
