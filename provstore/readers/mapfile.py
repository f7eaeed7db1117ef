"""ESGF mapfiles: one line for each file of the dataset versions to be published.

In: `dataset#version | path | size | key=value | …`, as esgmapfiles writes and esgcet reads it, or
`dataset.vVERSION | …`, as esgf-prepare 3 writes it. Out: dataset versions and files. Every line is
checked against its own dataset.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provstore.errors import Problem
from provstore.ingest.extracts import DatasetVersion, ExtractParts, File, Resource
from provstore.projects import data_identifiers
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Datasets, Notes, versioned_id
from provstore.readers.input_checks import numbered_lines, raise_problems
from provstore.readers.reader import Reader

_FORM = "Write each line as: dataset#version (or dataset.vVERSION) | path | size | key=value | ..."


@dataclass(frozen=True)
class _Line:
    where: str
    dataset: str
    path: str
    bytes: int
    checksum: str
    more: Mapping[str, str]


def _looks_like(input_file: InputFile) -> str:
    first = next((line for _, line in _lines(input_file)), "")
    if "|" not in first:
        return "its first line has no columns with | between them"
    dataset, _, size, *_ = [*(column.strip() for column in first.split("|")), "", ""]
    if "#" in dataset or (dataset.count(".") >= 2 and size.isdigit()):
        return ""
    return "its first column is not dataset#version or dataset.vVERSION, or its third is no size"


def _read(input_file: InputFile) -> ExtractParts:
    problems: list[Problem] = []
    rows = [_row(where, line, problems) for where, line in _lines(input_file)]
    seen: dict[str, _Line] = {}
    problems += [
        Problem(row.where, f"{row.path} already occurs in {before.where}.")
        for row in rows
        if row and (before := seen.setdefault(row.path, row)) is not row
    ]
    raise_problems(input_file, problems)
    notes = Notes()
    datasets = Datasets(notes)
    files: list[Resource] = []
    sizes: dict[tuple[str, str], list[int]] = {}
    kept = _remarks(input_file)
    for row in filter(None, rows):
        datasets.check_file(row.dataset, row.path, row.where)
        key = datasets.split(row.dataset, row.where)
        sizes.setdefault(key, []).append(row.bytes)
        name = row.path.rpartition("/")[2]
        files.append(File(name, row.path, versioned_id(*key), "", row.checksum, row.bytes))
        kept += [(row.where, f"{key}={value}") for key, value in row.more.items()]
    versions = [
        DatasetVersion(dataset, version, files=len(each), bytes=sum(each))
        for (dataset, version), each in sizes.items()
    ]
    answers = {"version": versions[0].version} if len(versions) == 1 else {}
    if len(versions) > 1:
        notes.note(
            "", f"The mapfile has {len(versions)} dataset versions, but a report can name only one."
        )
    return ExtractParts(answers, (), (*versions, *files), notes.all(), tuple(kept))


def _lines(input_file: InputFile) -> Iterator[tuple[str, str]]:
    return ((where, line) for where, line in numbered_lines(input_file) if not line.startswith("#"))


def _remarks(input_file: InputFile) -> list[tuple[str, str]]:
    return [(where, line) for where, line in numbered_lines(input_file) if line.startswith("#")]


def _row(where: str, line: str, problems: list[Problem]) -> _Line | None:
    """Parse a line; if it is faulty, add all its faults and return None."""
    columns = [part.strip() for part in line.split("|")]
    if len(columns) < 3:
        problems.append(Problem(where, f"This line has {len(columns)} columns.", _FORM))
        return None
    more: dict[str, str] = {}
    faults = [*_faults(where, columns), *_pairs(where, columns[3:], more)]
    digits, kind = more.pop("checksum", ""), more.pop("checksum_type", "")
    checksum = data_identifiers.parse_checksum(digits, where, kind) if digits else ""
    if isinstance(checksum, Problem):
        faults.append(checksum)
    problems += faults
    dataset, path, size, *_ = columns
    return None if faults else _Line(where, dataset, path, int(size), str(checksum), more)


def _faults(where: str, columns: list[str]) -> Iterator[Problem]:
    dataset, path, size, *_ = columns
    split = data_identifiers.split_version(dataset, where)
    if isinstance(split, Problem):
        yield split
    elif not split[1]:
        yield Problem(where, f"{dataset[:100]!r} has no version.", _FORM)
    if not path:
        yield Problem(where, "This line names no file.", _FORM)
    if not (size.isascii() and size.isdigit() and len(size) < 19):
        yield Problem(where, f"{size[:40]!r} is not a size in bytes.", _FORM)


def _pairs(where: str, pairs: list[str], values: dict[str, str]) -> Iterator[Problem]:
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            yield Problem(where, f"{pair[:80]!r} is not of the form key=value.", _FORM)
        elif key in values:
            yield Problem(where, f"{key} occurs twice.")
        else:
            values[key] = value


READERS = (Reader("esgf-mapfile", "publication", "ESGF mapfile", _looks_like, _read),)
