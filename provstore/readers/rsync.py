r"""The output of rsync: with --itemize-changes, with -v or -P, with --stats, and its log files.

In: text, in which names may have escaped bytes (`\#303`) or bytes that are no text. Out: files,
and answers to the transfer form. A dry run is refused: it delivers nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, File, Resource, Tool
from provstore.prov.notations.input_file import MAX_BYTES, InputFile
from provstore.readers.common import Notes
from provstore.readers.input_checks import raise_problems
from provstore.readers.reader import Reader

_STAMP = re.compile(r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[\d+\] (.*)")
_ITEM = re.compile(r"([<>ch.*][fdLDS][.+?cstTpoguaxbnC ]{7,9}) (.+)")
_DELETED = re.compile(r"(?:\*deleting +|deleting )(.+)")
_NUMBER = r"([\d,.]+[KMGTP]?)"
_STATS = {
    "files": re.compile(r"Number of (?:regular )?files transferred: ([\d,.]+)"),
    "bytes": re.compile(rf"Total transferred file size: {_NUMBER} ?(?:bytes|B)"),
}
_LISTED = re.compile(r"Number of files: [\d,.]+ \(reg: ([\d,.]+).*\)")
_HEAD = re.compile(
    r"(?:sending|receiving|building)(?: incremental)? file list(?: \.\.\. ?)?(?:done)?"
)
_SENT = re.compile(rf"sent {_NUMBER} ?(?:bytes|B) +received {_NUMBER} ?(?:bytes|B) .*")
_TOTAL = re.compile(r"total size is [\d,.]+[KMGTP]?B? +speedup is [\d,.]+(.*)")
_PROGRESS = re.compile(
    rf" *{_NUMBER} +(\d+)% +[\d,.]+[kKMGTP]?B/s +\d+:\d\d:\d\d(?: +\((xfe?r)#\d+, .*\))? *"
)
_FAULT = re.compile(
    r"rsync(?: error| warning)?: .*|@?ERROR:? .*|WARNING: .*|IO error encountered.*"
    r"|file has vanished: .*|cannot delete .*|symlink has no referent: .*|skipping .*"
)
_REMARK = re.compile(
    r"created (?:directory .*|\d+ director(?:y|ies) for .*)|done|delta-transmission .*"
    r"|\d+ files? to consider|\d+ files\.\.\.|opening connection using.*|total: +matches=.*"
    r"|.* is uptodate|\[\w+\] .*|connect from .*|rsync (?:to|on|allowed|denied) .*|name lookup .*"
    r"|sent \d+ bytes +received \d+ bytes +total size \d+"
)
_DAEMON = re.compile(r"(?:recv|send) \S+ \[[^\]]*\] \S* \([^)]*\) (.+) (\d{1,18})")
"""A line of the log of a daemon: host, module and user, then path and size of a file."""
_ESCAPE = re.compile(rb"\\#([0-3][0-7]{2})")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_LOOKED_AT = 500
"""How many lines at the beginning and at the end decide on the format."""


@dataclass
class _Output:
    """What the lines of an output say."""

    files: dict[str, int | None] = field(default_factory=dict)
    stats: dict[str, int] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)
    faults: bool = False
    dry: str = ""
    ended: bool = False

    def keep(self, where: str, text: str) -> None:
        """Keep a line as it stands."""
        self.kept.append((where, _shown(text)))


def _raw_lines(input_file: InputFile) -> list[bytes]:
    data = input_file.data
    if len(data) > MAX_BYTES or b"\0" in data or input_file.means_json:
        return []
    return data.removeprefix(b"\xef\xbb\xbf").split(b"\n")


def _lines(raw: list[bytes]) -> Iterator[tuple[str, str, str]]:
    """Yield place, stamp and text of each line; progress has lines of its own."""
    for number, line in enumerate(raw, 1):
        for part in line.decode(errors="surrogateescape").split("\r"):
            if part.strip():
                match = _STAMP.fullmatch(part)
                text = match[2] if match else part.rstrip()
                yield f"line {number}", match[1] if match else "", text


def _is_rsync(input_file: InputFile) -> str:
    raw = _raw_lines(input_file)
    ends = raw if len(raw) < 2 * _LOOKED_AT else [*raw[:_LOOKED_AT], *raw[-_LOOKED_AT:]]
    signs = (_ITEM, _DAEMON, _HEAD, _SENT, _TOTAL, _LISTED, *_STATS.values())
    own = ("rsync: ", "rsync error: ", "rsync warning: ")
    for _, _, line in _lines(ends):
        if line.startswith(own) or any(sign.fullmatch(line) for sign in signs):
            return ""
        if (match := _PROGRESS.fullmatch(line)) and match[3]:
            return ""
    return "none of its lines comes from rsync -v, --itemize-changes, --stats or a log of it"


def _read_rsync(input_file: InputFile) -> ExtractParts:
    notes = Notes()
    lines = [*_lines(_raw_lines(input_file))]
    output = _Output()
    if any(_ITEM.fullmatch(line) for *_, line in lines):
        _read_items(lines, output, notes)
    else:
        _read_names(lines, output, notes)
    if output.dry:
        message = "This is a dry run: rsync transferred nothing."
        problem = Problem(output.dry, message, "Submit the output of the transfer itself.")
        raise_problems(input_file, [problem])
    named = (File(path.rpartition("/")[2], path, bytes=size) for path, size in output.files.items())
    resources: tuple[Resource, ...] = (Tool("rsync"), *named)
    answers = _answers(output)
    _note_gaps(output, answers, notes)
    return ExtractParts(answers, (), resources, notes.all(), tuple(output.kept))


def _answers(output: _Output) -> dict[str, Any]:
    answers: dict[str, Any] = {"method": "rsync", **output.stats}
    if output.files:
        answers.setdefault("files", len(output.files))
        sizes = [*output.files.values()]
        if None not in sizes:
            answers.setdefault("bytes", sum(filter(None, sizes)))
    if output.faults:
        answers["outcome"] = "action-required"
    return answers


def _note_gaps(output: _Output, answers: dict[str, Any], notes: Notes) -> None:
    if output.files and answers["files"] != len(output.files):
        message = f"The output counts {answers['files']} files, but lists {len(output.files)}."
        notes.note("", message, "Submit the complete output.")
    if not output.ended and not output.faults:
        message = "The output ends without its summary, so it may be incomplete."
        notes.note("", message, "Run rsync with -v or --stats, and submit the whole output.")
    if "bytes" not in answers:
        message = "The output does not state the size of the files that were transferred."
        notes.note("", message, "Give it in your answers, or run rsync with --stats.")
    if "files" not in answers:
        notes.note("", "The output neither lists nor counts transferred files.")
    elif not answers["files"]:
        notes.note("", "No file was transferred.", "The target may have had them already.")
    if output.stamps:
        first, last = output.stamps[0], output.stamps[-1]
        message = f"The log is from {first} to {last}, without a time zone."
        notes.note("", message, "Give the times with their zone in your answers.")


def _read_items(lines: list[tuple[str, str, str]], output: _Output, notes: Notes) -> None:
    """Read output in which every name stands after its changes."""
    for where, stamp, line in lines:
        item = _ITEM.fullmatch(line)
        if item and item[1][1] == "f" and item[1][0] in "<>":
            output.files[_name(item[2], where, notes)] = None
            output.stamps += [stamp] if stamp else []
            output.keep(where, f"{stamp} {item[1]}".strip())
        else:
            _read_remark(where, stamp, line, output, notes)


def _read_names(lines: list[tuple[str, str, str]], output: _Output, notes: Notes) -> None:
    """Read output of -v or -P: names between the first line and the summary."""
    steps = [match for *_, line in lines if (match := _PROGRESS.fullmatch(line)) and match[3]]
    of_one_file = all(step[2] == "100" for step in steps)  # else of the whole transfer
    listing, name = False, ""
    for where, stamp, line in lines:
        progress, sent = _PROGRESS.fullmatch(line), _DAEMON.fullmatch(line)
        if sent:
            output.files[_name(sent[1], where, notes)] = int(sent[2])
            output.stamps += [stamp] if stamp else []
            output.keep(where, f"{stamp} {line}".strip())
        elif progress:
            output.keep(where, line)
            if name and progress[3] and of_one_file:
                output.files[name] = _size(progress[1], where, notes)
        elif _HEAD.fullmatch(line):
            listing = True
            output.keep(where, line)
        elif listing and _is_name(line):
            if line.endswith("/") or " -> " in line or " => " in line:
                output.keep(where, line)
            else:
                name = _name(line, where, notes)
                output.files[name] = None
                output.stamps += [stamp] if stamp else []
        else:
            listing = listing and not _SENT.fullmatch(line)
            _read_remark(where, stamp, line, output, notes)


def _is_name(line: str) -> bool:
    """Whether a line of a listing is the name of a file or directory."""
    others = (_DELETED, _SENT, _TOTAL, _FAULT, _REMARK, _LISTED, *_STATS.values())
    statistics = ("Number of ", "Total ", "Literal data: ", "Matched data: ", "File list ")
    return not line.startswith(statistics) and not any(sign.fullmatch(line) for sign in others)


def _read_remark(where: str, stamp: str, line: str, output: _Output, notes: Notes) -> None:
    """Read a line that names no transferred file."""
    output.keep(where, f"{stamp} {line}".strip())
    output.stamps += [stamp] if stamp else []
    for key, known in _STATS.items():
        if match := known.fullmatch(line):
            output.stats[key] = output.stats.get(key, 0) + _size(match[1], where, notes)
    total = _TOTAL.fullmatch(line)
    output.ended = output.ended or total is not None
    if total and ("DRY RUN" in total[1] or "BATCH ONLY" in total[1]):
        output.dry = where
    if _FAULT.fullmatch(line):
        output.faults = True
        notes.note(where, f"rsync reports: {_shown(line)[:200]}", "Files may be missing.")
    if deleted := _DELETED.fullmatch(line):
        notes.note(where, f"rsync deleted {_shown(deleted[1])[:200]}.")


def _size(number: str, where: str, notes: Notes) -> int:
    """Return a number; with a unit (rsync -h) it is rounded, which is noted."""
    unit = number[-1] if number[-1] in _UNITS else ""
    if not unit:
        return int(re.sub(r"[,.]", "", number)[:18] or 0)
    message = f"{number} is rounded (rsync -h), so the number of bytes is approximate."
    notes.note(where, message, "Give the exact size in your answers.")
    whole, _, part = number[:-1].replace(",", ".").rpartition(".")
    digits = re.sub(r"\D", "", whole)[:15] + (part := re.sub(r"\D", "", part)[:9])
    return int(digits or 0) * _UNITS[unit] // int(f"1{'0' * len(part if whole else '')}")


def _name(text: str, where: str, notes: Notes) -> str:
    """Return a name with its escaped bytes resolved; bytes that are no text are noted."""
    data = text.encode(errors="surrogateescape")
    data = _ESCAPE.sub(lambda match: bytes([int(match[1], 8)]), data)
    try:
        return data.decode()
    except UnicodeDecodeError:
        shown = data.decode(errors="backslashreplace")
        message = f"The name {shown[:200]} has bytes that are not UTF-8."
        notes.note(where, message, "They are written in hexadecimal.")
        return shown


def _shown(text: str) -> str:
    """A line as text: bytes that are no text in hexadecimal."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace")


READERS = (Reader("rsync", "transfer", "output of rsync", _is_rsync, _read_rsync),)
