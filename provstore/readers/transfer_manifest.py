"""Transfers of files: a Globus task or its list of files (JSON), and the output of rsync.

In: a task document or successful transfers of the Globus Transfer API, or the text of
`rsync --itemize-changes --stats` and its log files. Out: files, and answers to the transfer form.
"""

import re
from collections.abc import Iterator
from typing import Any

from provstore.ingest.extracts import ExtractParts, File, Tool
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import (
    Notes,
    canonical_checksum,
    handled,
    leaf_values,
    time_with_zone,
    unhandled_values,
)
from provstore.readers.document_shapes import (
    any_value,
    check_shape,
    list_of,
    natural,
    nonblank,
    object_of,
    one_of,
    optional,
    text,
)
from provstore.readers.input_checks import NO_OBJECT, numbered_lines
from provstore.readers.reader import Reader

_TASK = object_of(
    {"task_id": nonblank, "status": one_of("ACTIVE", "INACTIVE", "SUCCEEDED", "FAILED"),
     "files": natural, "bytes_transferred": natural},
    {"files_transferred": optional(natural), "faults": natural, "request_time": text,
     "completion_time": optional(text), "source_endpoint_display_name": optional(text),
     "destination_endpoint_display_name": optional(text), "type": one_of("TRANSFER", "DELETE")},
)  # fmt: skip
_MOVED = object_of(
    {"source_path": nonblank, "destination_path": nonblank},
    {"DATA_TYPE": one_of("successful_transfer"), "size": natural, "checksum": optional(text),
     "checksum_algorithm": optional(text)},
)  # fmt: skip
_OF_A_FILE = handled("destination_path", "size", "checksum", "checksum_algorithm", "DATA_TYPE")
_LIST = object_of({"DATA": list_of(_MOVED)}, {"next_marker": any_value})


def _is_task(input_file: InputFile) -> str:
    document = input_file.document
    if not isinstance(document, dict):
        return NO_OBJECT
    needed = {"task_id", "bytes_transferred"}
    return "" if needed <= document.keys() else "it has no task_id and bytes_transferred"


def _read_task(input_file: InputFile) -> ExtractParts:
    task: Any = check_shape(_TASK, input_file.document, input_file.name)
    notes = Notes()
    if task["status"] != "SUCCEEDED":
        notes.note("/status", f"The task is {task['status']}: not all files have arrived.")
    if task.get("type") == "DELETE":
        notes.note("/type", "This task deleted files and transferred none.")
    answers: dict[str, Any] = {
        "method": "globus",
        "files": task.get("files_transferred") or task["files"],
        "bytes": task["bytes_transferred"],
        "started": time_with_zone(task["request_time"], "/request_time", notes)
        if "request_time" in task
        else "",
        "ended": time_with_zone(task["completion_time"], "/completion_time", notes)
        if task.get("completion_time")
        else "",
    }
    moved, wanted = task.get("files_transferred"), task["files"]
    if moved is not None and moved != wanted:
        notes.note(
            "/files_transferred",
            f"{moved} of {wanted} files were transferred; the target had the others already.",
        )
    answers = {key: value for key, value in answers.items() if value != ""}
    return ExtractParts(answers, (), (Tool("Globus"),), notes.all(), tuple(leaf_values(task)))


def _is_list(input_file: InputFile) -> str:
    document = input_file.document
    if not isinstance(document, dict) or not isinstance(document.get("DATA"), list):
        return "it has no list 'DATA'" if isinstance(document, dict) else NO_OBJECT
    first = document["DATA"][0] if document["DATA"] else {}
    return (
        ""
        if isinstance(first, dict) and "destination_path" in first
        else ("its first entry has no destination_path")
    )


def _read_list(input_file: InputFile) -> ExtractParts:
    document: Any = check_shape(_LIST, input_file.document, input_file.name)
    notes = Notes()
    files = []
    for index, each in enumerate(document["DATA"]):
        digits, kind = each.get("checksum") or "", each.get("checksum_algorithm") or ""
        file_checksum = canonical_checksum(digits, kind)
        if digits and not file_checksum:
            notes.note(
                f"/DATA/{index}/checksum", f"{digits[:80]!r} is not a checksum of {kind or '?'}."
            )
        path = each["destination_path"]
        files.append(File(path.rpartition("/")[2], path, "", "", file_checksum, each.get("size")))
    if document.get("next_marker"):
        notes.note(
            "/next_marker",
            "The list is incomplete: there are more files.",
            "Query the remaining pages as well.",
        )
    sizes = [file.bytes for file in files]
    answers: dict[str, Any] = {"method": "globus", "files": len(files)}
    if None not in sizes:
        answers["bytes"] = sum(filter(None, sizes))
    kept = tuple(unhandled_values(document, {"DATA": {"*": _OF_A_FILE}}))
    return ExtractParts(answers, (), (Tool("Globus"), *files), notes.all(), kept)


# --- rsync ---------------------------------------------------------------------------------------

_STAMP = re.compile(r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[\d+\] (.*)")
_ITEM = re.compile(r"([<>ch.*][fdLDS][.+?cstTpoguaxbnC ]{7,9}) (.+)")
_DELETED = re.compile(r"\*deleting +(.+)")
_STATS = {
    "files": re.compile(r"Number of (?:regular )?files transferred: ([\d,.]+)"),
    "bytes": re.compile(r"Total transferred file size: ([\d,.]+) bytes"),
}
_SENT = re.compile(r"sent [\d,.]+ bytes +received [\d,.]+ bytes.*|total size is [\d,.]+ .*")
_FAULT = re.compile(r"rsync(?: error)?:? .*")


def _is_rsync(input_file: InputFile) -> str:
    for _, line in _rsync_lines(input_file):
        if _ITEM.fullmatch(line) or any(known.fullmatch(line) for known in _STATS.values()):
            return ""
    return "none of its lines comes from rsync --itemize-changes or --stats"


def _rsync_lines(input_file: InputFile) -> Iterator[tuple[str, str]]:
    for where, line in numbered_lines(input_file):
        match = _STAMP.fullmatch(line)
        yield where, match[2] if match else line.strip()


def _read_rsync(input_file: InputFile) -> ExtractParts:
    notes = Notes()
    files: dict[str, File] = {}
    stats: dict[str, int] = {}
    kept = []
    for where, line in _rsync_lines(input_file):
        item = _ITEM.fullmatch(line)
        if item and item[1][1] == "f" and item[1][0] in "<>":
            files[item[2]] = File(item[2].rpartition("/")[2], item[2])
            continue
        kept.append((where, line))
        for key, known in _STATS.items():
            if match := known.fullmatch(line):
                stats[key] = int(re.sub(r"[,.]", "", match[1])[:18] or 0)
        if _FAULT.fullmatch(line):
            notes.note(where, f"rsync reports: {line[:200]}", "Files may be missing.")
        if _DELETED.fullmatch(line):
            notes.note(where, f"rsync deleted {line.partition(' ')[2].strip()[:200]}.")
    if files and stats.get("files", len(files)) != len(files):
        message = f"The output counts {stats['files']} files, but lists {len(files)}."
        notes.note("", message, "Submit the complete output.")
    answers: dict[str, Any] = {"method": "rsync", **stats}
    if files and "files" not in stats:
        answers["files"] = len(files)
    return ExtractParts(answers, (), (Tool("rsync"), *files.values()), notes.all(), tuple(kept))


READERS = (
    Reader("globus-task", "transfer", "Globus task", _is_task, _read_task),
    Reader("globus-files", "transfer", "list of files of a Globus task", _is_list, _read_list),
    Reader("rsync", "transfer", "output of rsync", _is_rsync, _read_rsync),
)
