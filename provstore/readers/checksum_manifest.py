"""Checksum manifests: of sha256sum and similar tools (plain or --tag), and of BagIt.

In: a line for each file, as GNU coreutils and RFC 8493 (2.1.3) write it. Out: files with their
checksums. In a manifest of BagIt (all its files are below data/), line ends and per cent signs of
names are encoded: `%0A`, `%0D`, `%25`. File names are never used to open files.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, File
from provstore.projects import data_identifiers
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Notes
from provstore.readers.input_checks import numbered_lines, raise_problems
from provstore.readers.reader import Reader

_PLAIN = re.compile(r"(\\?)([0-9A-Fa-f]{32,128})(?: [ *]|[ \t]+)(\S.*)")
_TAGGED = re.compile(r"(\\?)(MD5|SHA1|SHA256|SHA512) \((.+)\) = ([0-9A-Fa-f]+)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ENCODED = re.compile(r"%(0A|0D|25)", re.IGNORECASE)
_ESCAPES = {"n": "\n", "r": "\r", "\\": "\\"}


def _looks_like(input_file: InputFile) -> str:
    first = next((line for _, line in numbered_lines(input_file) if not line.startswith("#")), "")
    if _PLAIN.fullmatch(first) or _TAGGED.fullmatch(first):
        return ""
    return "its first line is not a checksum with a file name"


def _read(input_file: InputFile) -> ExtractParts:
    problems: list[Problem] = []
    notes, kept = Notes(), list[tuple[str, str]]()
    files: dict[str, tuple[str, File]] = {}
    algorithms: dict[str, str] = {}
    for where, line in numbered_lines(input_file):
        if line.startswith("#"):
            kept.append((where, line))
            continue
        for file in _line(where, line, problems):
            before = files.setdefault(file.path, (where, file))
            if before[1].checksum != file.checksum:
                message = f"{file.path} has a different checksum in {before[0]}."
                problems.append(Problem(where, message, "Correct the one that is wrong."))
            elif before[1] is not file:
                notes.note(where, f"{file.path} already occurs in {before[0]}.")
            algorithms.setdefault(file.checksum.partition(":")[0], where)
    if len(algorithms) > 1:
        kinds = ", ".join(f"{name} ({where})" for name, where in algorithms.items())
        problems.append(
            Problem(
                "", f"The manifest mixes algorithms: {kinds}.", "Write one manifest per algorithm."
            )
        )
    raise_problems(input_file, problems)
    decoded = _decoded(files, notes)
    answers = {"files": len(files), "checksum_manifest_sha256": input_file.sha256}
    if "bagit.txt" in files:
        message = "This is a tag manifest of BagIt: it lists the files of the bag, not the data."
        notes.note("", message, "Submit the manifest of the data: manifest-sha256.txt.")
        answers = {}
    return ExtractParts(answers, (), decoded, notes.all(), tuple(kept))


def _decoded(files: Mapping[str, tuple[str, File]], notes: Notes) -> tuple[File, ...]:
    """The files; with names decoded, and a note for each, if this is a manifest of BagIt."""
    if not all(path.startswith("data/") for path in files):
        return tuple(file for _, file in files.values())
    decoded = []
    for where, file in files.values():
        path = _ENCODED.sub(lambda each: chr(int(each[1], 16)), file.path)
        if path != file.path:
            message = f"The name {file.path[:200]!r} has encoded characters."
            notes.note(where, message, "They are decoded, as BagIt requires.")
        decoded.append(replace(file, name=path.rpartition("/")[2], path=path))
    return tuple(decoded)


def _line(where: str, line: str, problems: list[Problem]) -> Iterator[File]:
    plain, tagged = _PLAIN.fullmatch(line), _TAGGED.fullmatch(line)
    if plain:
        mark, digits, path = plain.groups()
        parsed = data_identifiers.parse_checksum(digits, where)
    elif tagged:
        mark, kind, path, digits = tagged.groups()
        parsed = data_identifiers.parse_checksum(digits, where, kind)
    else:
        message = f"{line[:80]!r} is not a checksum with a file name."
        problems.append(Problem(where, message, "Write each line as: <hex>  <path>"))
        return
    if isinstance(parsed, Problem):
        problems.append(parsed)
        return
    if mark:  # coreutils escapes line breaks and backslashes and marks such lines
        path = _ESCAPED.sub(lambda each: _ESCAPES.get(each[1], each[0]), path)
    yield File(path.rpartition("/")[2], path, checksum=str(parsed))


READERS = (Reader("checksums", "transfer", "checksum manifest", _looks_like, _read),)
