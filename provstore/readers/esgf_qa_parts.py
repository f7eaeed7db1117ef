"""What esgf-qa writes beside its result: results of one file, and the files of each dataset.

In: JSON. Out: findings where a result is, files and dataset versions where files are listed. A
result of one file does not say which file it is about; the list of files does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.ingest.extracts import DatasetVersion, File, Finding, Thing, Told
from provstore.prov.notations.json_strict import pointer
from provstore.readers.common import Datasets, Notes, Taken, besides, quality, wholly
from provstore.readers.document_shapes import (
    anything,
    check,
    either,
    fields,
    filled,
    items,
    number,
    optional,
    row,
    table,
    text,
)
from provstore.readers.esgf_qa import SUITE, WEIGHTS
from provstore.readers.input_file import NO_OBJECT, Given
from provstore.readers.reader import Reader

# --- one file, or one dataset --------------------------------------------------------------------

_TEST = fields(
    {"weight": number},
    {"value": optional(row(number, number)), "msgs": optional(items(text)), "children": anything},
)
_BROKEN = table(text)  # what broke, by function
_TESTS = table(table(either(_TEST, items(_TEST, 1), _BROKEN), filled), filled, 1)
_RESULTS = items(_TESTS, 1)
_OF_A_TEST = wholly("weight", "value", "msgs")
_TAKEN: Taken = {"*": {"errors": {}, "*": {**_OF_A_TEST, "*": _OF_A_TEST}}}


def _first(document: object) -> object:
    return document[0] if isinstance(document, list) and document else document


def _is_tests(given: Given) -> str:
    document = _first(given.document)
    if not isinstance(document, dict):
        return NO_OBJECT
    tests = [test for each in document.values() if isinstance(each, dict) for test in each.values()]
    if any(
        isinstance(test, dict) and "weight" in test and "testname" not in test for test in tests
    ):
        return ""
    return "none of its members holds tests with a weight"


def _tell_tests(given: Given) -> Told:
    several = isinstance(given.document, list)  # from 0.6.0 on it may be
    document = check(_RESULTS if several else _TESTS, given.document, given.name)
    notes, groups = Notes(), document if several else [document]
    findings = tuple(one for group in groups for one in _test_findings(group))
    notes.say("", "The result does not say which file or dataset it is about.",
              "Hand in esgf-qa's list of files with it.")  # fmt: skip
    kept = tuple(besides(document, {"*": _TAKEN} if several else _TAKEN))
    return Told(quality({"name": SUITE}, findings), findings, (), notes.all(), kept)


def _test_findings(group: Mapping[str, Any]) -> Iterator[Finding]:
    for checker, tests in group.items():
        for name, told in tests.items():
            for test in told if isinstance(told, list) else [told]:
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
            check_id, "failed" if failed else "passed", WEIGHTS.get(level, "note"), message,
            level=level, tool=SUITE, derived=value is None and not failed,
        )  # fmt: skip


# --- which files there were ----------------------------------------------------------------------

_MAP = table(items(filled), filled, 1)
_FILES = table(
    fields({"id": filled}, dict.fromkeys(("id_dir", "id_fn", "ts", "result_file"), text)),
    filled, 1,
)  # fmt: skip


def _is_map(given: Given) -> str:
    if not isinstance(given.document, dict) or not given.document:
        return NO_OBJECT
    name, files = next(iter(given.document.items()))
    if not isinstance(files, list):
        return f"its member {name[:40]!r} is no list of files"
    if name.count(".") < 3 or any(isinstance(each, dict | list) for each in files):
        return f"its member {name[:40]!r} is no dataset with a list of files"
    return ""


def _tell_map(given: Given) -> Told:
    document = check(_MAP, given.document, given.name)
    return _tell_files(
        (dataset, path, pointer("", dataset))
        for dataset, paths in document.items()
        for path in paths
    )


def _is_files(given: Given) -> str:
    if not isinstance(given.document, dict) or not given.document:
        return NO_OBJECT
    name, row_ = next(iter(given.document.items()))
    if isinstance(row_, dict) and {"id", "result_file"} <= row_.keys():
        return ""
    return f"its member {name[:40]!r} has no 'id' and 'result_file'"


def _tell_listing(given: Given) -> Told:
    document = check(_FILES, given.document, given.name)
    told = _tell_files((each["id"], path, pointer("", path)) for path, each in document.items())
    kept = tuple(besides(document, {"*": wholly("id")}))
    return Told(told.answers, (), told.things, told.notes, kept)


def _tell_files(rows: Iterator[tuple[str, str, str]]) -> Told:
    notes = Notes()
    datasets = Datasets(notes)
    versions: dict[tuple[str, str], int] = {}
    files = []
    for dataset, path, where in rows:
        datasets.check_file(dataset, path, where)
        key = datasets.meet(dataset, where)
        versions[key] = versions.get(key, 0) + 1
        files.append(File(path.rpartition("/")[2], path, datasets.name(dataset, where)))
    things: tuple[Thing, ...] = (
        *(DatasetVersion(*key, files=number) for key, number in versions.items()),
        *files,
    )
    return Told({"checked_files": len(files)}, (), things, notes.all())


READERS = (
    Reader("esgf-qa-tests", "quality", "result of esgf-qa for one file", _is_tests, _tell_tests),
    Reader("esgf-qa-datasets", "quality", "map of datasets of esgf-qa", _is_map, _tell_map),
    Reader("esgf-qa-files", "quality", "list of files of esgf-qa", _is_files, _tell_listing),
)
