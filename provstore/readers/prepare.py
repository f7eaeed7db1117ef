"""What PrePARE (CMOR's checker) prints: text, a block for each fault, a verdict for each file.

In: its output, with or without colours, as LibCV/PrePARE/PrePARE.py of CMOR prints it. Out: a
finding for each block, a passed one for each file that complies. PrePARE writes no other format.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from provstore.errors import Problem
from provstore.ingest.extracts import File, Finding, Thing, Told, Tool
from provstore.readers.common import Notes, quality
from provstore.readers.input_file import Given, numbered, refuse
from provstore.readers.reader import Reader

TOOL = "PrePARE"
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\r")
_START = re.compile(r"(?:Checking data\.\.\. .)?Processing: (.+)")
_END = "\0"  # no line of a text is this one
_RULE = re.compile(r"[=!*]{5,}")
_VERDICT = re.compile(r"\* (This file is compliant|Error: The input file is not CMIP6 compliant)")


@dataclass
class _File:
    """One file while its output is read: its blocks, its verdict, and what was no block."""

    path: str
    where: str
    blocks: list[str] = field(default_factory=list)
    verdict: str = ""
    loose: list[tuple[str, str]] = field(default_factory=list)


def _looks_like(given: Given) -> str:
    head = [_COLOUR.sub("", line).strip() for line in given.lines[:200]]
    return "" if any(map(_START.fullmatch, head)) else "no line of it begins with 'Processing: '"


def _tell(given: Given) -> Told:
    notes, problems = Notes(), []
    before, *files = _files(given)
    for one in files:
        if not one.verdict:
            what = f"The output for {one.path!r} ends without a verdict."
            problems.append(Problem(one.where, what, "Hand in the whole output."))
        elif one.verdict == "passed" and one.blocks:
            what = f"{one.path!r} is called compliant, and has {len(one.blocks)} faults."
            problems.append(Problem(one.where, what))
    refuse(given, problems)
    findings = tuple(finding for one in files for finding in _findings(one))
    kept = tuple(line for one in (before, *files) for line in one.loose)
    if kept:
        notes.say(kept[0][0], f"{len(kept)} lines are no message of PrePARE's: they are kept.")
    notes.say(
        "", "The output does not say the version of PrePARE, nor of its tables.", "Answer it."
    )
    failed = sum(one.verdict == "failed" for one in files)
    paths = dict.fromkeys(one.path for one in files)
    answers = quality({"name": TOOL}, findings, checked_files=len(paths), failed_files=failed)
    things: tuple[Thing, ...] = (
        Tool(TOOL), *(File(path.rpartition("/")[2], path) for path in paths),
    )  # fmt: skip
    return Told(answers, findings, things, notes.all(), kept)


def _files(given: Given) -> Iterator[_File]:
    """The output of each file; a block stands between two rules of one kind.

    What stands before the first file is given as one without a path.
    """
    one = _File("", "")
    rule, block = "", list[tuple[str, str]]()
    for where, raw in (*numbered(given), ("", _END)):
        line = _COLOUR.sub("", raw).strip()
        start = _START.fullmatch(line)
        if start or raw == _END:
            one.loose += block  # a block that was never closed is no message
            yield one
            rule, block = "", []
            one = _File(start[1] if start else "", where)
        elif line and _RULE.fullmatch(line):
            if rule == line[0]:
                _close(one, rule, block)
            else:
                one.loose += block
            rule, block = ("" if rule == line[0] else line[0]), []
        elif line:
            (block if rule else one.loose).append((where, line))


def _close(one: _File, rule: str, block: list[tuple[str, str]]) -> None:
    verdict = next((found for _, line in block if (found := _VERDICT.match(line))), None)
    if rule == "*" and verdict:
        one.verdict = "passed" if verdict[1].startswith("This") else "failed"
        one.loose += [(where, line) for where, line in block if not line.startswith("*")]
    elif block:
        one.blocks.append(" ".join(line.strip("! ") for _, line in block).strip())


def _findings(one: _File) -> Iterator[Finding]:
    name = "CMIP6 compliance"
    for message in one.blocks:
        yield Finding(name, "failed", "error", message, "", one.path, level="FAIL", tool=TOOL)
    if not one.blocks:
        said = "" if one.verdict == "passed" else "The input file is not CMIP6 compliant."
        yield Finding(name, one.verdict, "error", said, "", one.path, tool=TOOL)


READERS = (Reader("prepare", "quality", "output of PrePARE", _looks_like, _tell),)
