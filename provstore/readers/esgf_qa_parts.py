"""Additional files of esgf-qa: results of single files, and lists of the files of each dataset.

In: JSON. Out: findings from results, files and dataset versions from lists. A result of a single
file does not name that file; the list of files does.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provstore.ingest.extracts import DatasetVersion, ExtractParts, File, Finding, Resource
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import pointer
from provstore.readers.common import (
    Datasets,
    HandledMembers,
    Notes,
    handled,
    leaf_values,
    quality_answers,
    unhandled_values,
)
from provstore.readers.document_shapes import (
    any_of,
    any_value,
    check_shape,
    list_of,
    mapping_of,
    nonblank,
    number,
    object_of,
    optional,
    text,
    tuple_of,
)
from provstore.readers.esgf_qa import SUITE, WEIGHTS
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader

# --- one file, or one dataset --------------------------------------------------------------------

_TEST = object_of(
    {"weight": number},
    {
        "value": optional(tuple_of(number, number)),
        "msgs": optional(list_of(text)),
        "children": any_value,
    },
)
_BROKEN = mapping_of(text)  # checks that broke, by function
_TESTS = mapping_of(mapping_of(any_of(_TEST, list_of(_TEST, 1), _BROKEN), nonblank), nonblank, 1)
_RESULTS = list_of(_TESTS, 1)
_OF_A_TEST = handled("weight", "value", "msgs")
_HANDLED: HandledMembers = {"*": {"errors": {}, "*": {**_OF_A_TEST, "*": _OF_A_TEST}}}


def _first(document: object) -> object:
    return document[0] if isinstance(document, list) and document else document


def _is_tests(input_file: InputFile) -> str:
    document = _first(input_file.document)
    if not isinstance(document, dict):
        return NO_OBJECT
    tests = [test for each in document.values() if isinstance(each, dict) for test in each.values()]
    if any(
        isinstance(test, dict) and "weight" in test and "testname" not in test for test in tests
    ):
        return ""
    return "none of its members has tests with a weight"


def _read_tests(input_file: InputFile) -> ExtractParts:
    several = isinstance(input_file.document, list)  # possible from 0.6.0 on
    document = check_shape(_RESULTS if several else _TESTS, input_file.document, input_file.name)
    notes, groups = Notes(), document if several else [document]
    findings = tuple(finding for group in groups for finding in _test_findings(group))
    notes.note(
        "",
        "The result does not name its file or dataset.",
        "Submit it together with the list of files of esgf-qa.",
    )
    kept = tuple(unhandled_values(document, {"*": _HANDLED} if several else _HANDLED))
    return ExtractParts(quality_answers({"name": SUITE}, findings), findings, (), notes.all(), kept)


def _test_findings(group: Mapping[str, Any]) -> Iterator[Finding]:
    for checker, tests in group.items():
        for name, results in tests.items():
            for test in results if isinstance(results, list) else [results]:
                if isinstance(test.get("weight"), int | float):
                    yield from _test(f"[{checker}] {name}", test)
                else:
                    for function, message in test.items():
                        check_id = f"[{checker}] {function}"
                        yield Finding(
                            check_id, "broken", "warning", message, level="error", tool=SUITE
                        )


def _test(check_id: str, test: Mapping[str, Any]) -> Iterator[Finding]:
    level, value = str(test["weight"]), test.get("value")
    messages = [str(each) for each in test.get("msgs") or ()]
    failed = bool(messages) or (value is not None and value[0] < value[1])
    for message in messages or [""]:
        yield Finding(
            check_id,
            "failed" if failed else "passed",
            WEIGHTS.get(level, "note"),
            message,
            level=level,
            tool=SUITE,
            derived=value is None and not failed,
        )


# --- lists of files ------------------------------------------------------------------------------

_MAP = mapping_of(list_of(nonblank), nonblank, 1)
_FILES = mapping_of(
    object_of({"id": nonblank}, dict.fromkeys(("id_dir", "id_fn", "ts", "result_file"), text)),
    nonblank, 1,
)  # fmt: skip


def _is_map(input_file: InputFile) -> str:
    if not isinstance(input_file.document, dict) or not input_file.document:
        return NO_OBJECT
    name, files = next(iter(input_file.document.items()))
    if not isinstance(files, list):
        return f"its member {name[:40]!r} is not a list of files"
    if name.count(".") < 3 or any(isinstance(each, dict | list) for each in files):
        return f"its member {name[:40]!r} is not a dataset with a list of files"
    return ""


def _read_map(input_file: InputFile) -> ExtractParts:
    document = check_shape(_MAP, input_file.document, input_file.name)
    return _read_files(
        (dataset, path, pointer("", dataset))
        for dataset, paths in document.items()
        for path in paths
    )


def _is_files(input_file: InputFile) -> str:
    if not isinstance(input_file.document, dict) or not input_file.document:
        return NO_OBJECT
    name, row_ = next(iter(input_file.document.items()))
    if isinstance(row_, dict) and {"id", "result_file"} <= row_.keys():
        return ""
    return f"its member {name[:40]!r} has no 'id' and 'result_file'"


def _read_listing(input_file: InputFile) -> ExtractParts:
    document = check_shape(_FILES, input_file.document, input_file.name)
    parts = _read_files((each["id"], path, pointer("", path)) for path, each in document.items())
    kept = tuple(unhandled_values(document, {"*": handled("id")}))
    return ExtractParts(parts.answers, (), parts.resources, parts.notes, kept)


_DIRECTORIES = mapping_of(mapping_of(list_of(nonblank), nonblank, 1), nonblank, 1)
_PATHS = list_of(nonblank, 1)


def _is_directories(input_file: InputFile) -> str:
    if not isinstance(input_file.document, dict) or not input_file.document:
        return NO_OBJECT
    name, groups = next(iter(input_file.document.items()))
    if name.startswith(("/", ".")) and isinstance(groups, dict) and groups:
        first = next(iter(groups.values()))
        if isinstance(first, list) and all(isinstance(each, str) for each in first):
            return ""
    return f"its member {name[:40]!r} is not a directory with groups of files"


def _read_directories(input_file: InputFile) -> ExtractParts:
    document = check_shape(_DIRECTORIES, input_file.document, input_file.name)
    paths = (path for groups in document.values() for each in groups.values() for path in each)
    return _read_paths(paths, tuple(leaf_values(document)))


def _is_paths(input_file: InputFile) -> str:
    if not isinstance(input_file.document, list) or not input_file.document:
        return "it is not a JSON list"
    if all(isinstance(each, str) and each.endswith(".nc") for each in input_file.document):
        return ""
    return "its entries are not paths that end in .nc"


def _read_list_of_paths(input_file: InputFile) -> ExtractParts:
    return _read_paths(check_shape(_PATHS, input_file.document, input_file.name), ())


def _read_paths(paths: Iterable[str], kept: tuple[tuple[str, str], ...]) -> ExtractParts:
    """Read paths without their datasets."""
    files = [File(path.rpartition("/")[2], path) for path in dict.fromkeys(paths)]
    notes = Notes()
    message = "The file lists what was to be checked, without results and datasets."
    notes.note("", message, "Submit it together with the result of esgf-qa.")
    return ExtractParts({"checked_files": len(files)}, (), tuple(files), notes.all(), kept)


def _read_files(rows: Iterator[tuple[str, str, str]]) -> ExtractParts:
    notes = Notes()
    datasets = Datasets(notes)
    versions: dict[tuple[str, str], int] = {}
    files = []
    for dataset, path, where in rows:
        datasets.check_file(dataset, path, where)
        key = datasets.split(dataset, where)
        versions[key] = versions.get(key, 0) + 1
        files.append(File(path.rpartition("/")[2], path, datasets.name(dataset, where)))
    resources: tuple[Resource, ...] = (
        *(DatasetVersion(*key, files=number) for key, number in versions.items()),
        *files,
    )
    return ExtractParts({"checked_files": len(files)}, (), resources, notes.all())


READERS = (
    Reader("esgf-qa-tests", "quality", "result of esgf-qa for one file", _is_tests, _read_tests),
    Reader("esgf-qa-datasets", "quality", "map of datasets of esgf-qa", _is_map, _read_map),
    Reader("esgf-qa-files", "quality", "list of files of esgf-qa", _is_files, _read_listing),
    Reader(
        "esgf-qa-directories",
        "quality",
        "map of directories of esgf-qa",
        _is_directories,
        _read_directories,
    ),
    Reader("esgf-qa-paths", "quality", "list of paths of esgf-qa", _is_paths, _read_list_of_paths),
)
