"""What moved the files: a Globus task or its list of files (JSON), and the output of rsync.

In: a task document or successful transfers of the Globus Transfer API, or the text of
`rsync --itemize-changes --stats` and its log files. Out: files, and answers to the transfer form.
"""

import re
from collections.abc import Iterator
from typing import Any

from provstore.ingest.extracts import File, Told, Tool
from provstore.readers.common import Notes, besides, checksum, leaves, time, wholly
from provstore.readers.document_shapes import (
    among,
    anything,
    check,
    count,
    fields,
    filled,
    items,
    optional,
    text,
)
from provstore.readers.input_file import NO_OBJECT, Given, numbered
from provstore.readers.reader import Reader

_TASK = fields(
    {"task_id": filled, "status": among("ACTIVE", "INACTIVE", "SUCCEEDED", "FAILED"),
     "files": count, "bytes_transferred": count},
    {"files_transferred": optional(count), "faults": count, "request_time": text,
     "completion_time": optional(text), "source_endpoint_display_name": optional(text),
     "destination_endpoint_display_name": optional(text), "type": among("TRANSFER", "DELETE")},
)  # fmt: skip
_MOVED = fields(
    {"source_path": filled, "destination_path": filled},
    {"DATA_TYPE": among("successful_transfer"), "size": count, "checksum": optional(text),
     "checksum_algorithm": optional(text)},
)  # fmt: skip
_OF_A_FILE = wholly("destination_path", "size", "checksum", "checksum_algorithm", "DATA_TYPE")
_LIST = fields({"DATA": items(_MOVED)}, {"next_marker": anything})


def _is_task(given: Given) -> str:
    document = given.document
    if not isinstance(document, dict):
        return NO_OBJECT
    needed = {"task_id", "bytes_transferred"}
    return "" if needed <= document.keys() else "it has no task_id and bytes_transferred"


def _tell_task(given: Given) -> Told:
    task: Any = check(_TASK, given.document, given.name)
    notes = Notes()
    if task["status"] != "SUCCEEDED":
        notes.say("/status", f"The task is {task['status']}: not all files have arrived.")
    if task.get("type") == "DELETE":
        notes.say("/type", "This task deleted files; it moved none.")
    answers: dict[str, Any] = {
        "method": "globus",
        "files": task.get("files_transferred") or task["files"],
        "bytes": task["bytes_transferred"],
        "started": time(task["request_time"], "/request_time", notes)
        if "request_time" in task
        else "",
        "ended": time(task["completion_time"], "/completion_time", notes)
        if task.get("completion_time")
        else "",
    }
    moved, wanted = task.get("files_transferred"), task["files"]
    if moved is not None and moved != wanted:
        notes.say("/files_transferred", f"{moved} of {wanted} files were moved; others were there.")
    answers = {key: value for key, value in answers.items() if value != ""}
    return Told(answers, (), (Tool("Globus"),), notes.all(), tuple(leaves(task)))


def _is_list(given: Given) -> str:
    document = given.document
    if not isinstance(document, dict) or not isinstance(document.get("DATA"), list):
        return "it has no list 'DATA'" if isinstance(document, dict) else NO_OBJECT
    first = document["DATA"][0] if document["DATA"] else {}
    return "" if isinstance(first, dict) and "destination_path" in first else (
        "its first entry has no destination_path"
    )  # fmt: skip


def _tell_list(given: Given) -> Told:
    document: Any = check(_LIST, given.document, given.name)
    notes = Notes()
    files = []
    for index, each in enumerate(document["DATA"]):
        digits, kind = each.get("checksum") or "", each.get("checksum_algorithm") or ""
        found = checksum(digits, kind)
        if digits and not found:
            notes.say(
                f"/DATA/{index}/checksum", f"{digits[:80]!r} is no checksum of {kind or '?'}."
            )
        path = each["destination_path"]
        files.append(File(path.rpartition("/")[2], path, "", "", found, each.get("size")))
    if document.get("next_marker"):
        notes.say("/next_marker", "This is a page; there are more files.", "Ask for the rest.")
    sizes = [one.bytes for one in files]
    answers: dict[str, Any] = {"method": "globus", "files": len(files)}
    if None not in sizes:
        answers["bytes"] = sum(filter(None, sizes))
    kept = tuple(besides(document, {"DATA": {"*": _OF_A_FILE}}))
    return Told(answers, (), (Tool("Globus"), *files), notes.all(), kept)


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


def _is_rsync(given: Given) -> str:
    for _, line in _rsync_lines(given):
        if _ITEM.fullmatch(line) or any(known.fullmatch(line) for known in _STATS.values()):
            return ""
    return "none of its lines is one that rsync --itemize-changes or --stats writes"


def _rsync_lines(given: Given) -> Iterator[tuple[str, str]]:
    for where, line in numbered(given):
        found = _STAMP.fullmatch(line)
        yield where, found[2] if found else line.strip()


def _tell_rsync(given: Given) -> Told:
    notes = Notes()
    files: dict[str, File] = {}
    stats: dict[str, int] = {}
    kept = []
    for where, line in _rsync_lines(given):
        item = _ITEM.fullmatch(line)
        if item and item[1][1] == "f" and item[1][0] in "<>":
            files[item[2]] = File(item[2].rpartition("/")[2], item[2])
            continue
        kept.append((where, line))
        for key, known in _STATS.items():
            if found := known.fullmatch(line):
                stats[key] = int(re.sub(r"[,.]", "", found[1])[:18] or 0)
        if _FAULT.fullmatch(line):
            notes.say(where, f"rsync says: {line[:200]}", "Files may be missing.")
        if _DELETED.fullmatch(line):
            notes.say(where, f"rsync deleted {line.partition(' ')[2].strip()[:200]}.")
    if files and stats.get("files", len(files)) != len(files):
        what = f"It counts {stats['files']} files, and lists {len(files)}."
        notes.say("", what, "Hand in the whole output.")
    answers: dict[str, Any] = {"method": "rsync", **stats}
    if files and "files" not in stats:
        answers["files"] = len(files)
    return Told(answers, (), (Tool("rsync"), *files.values()), notes.all(), tuple(kept))


READERS = (
    Reader("globus-task", "transfer", "Globus task", _is_task, _tell_task),
    Reader("globus-files", "transfer", "list of files of a Globus task", _is_list, _tell_list),
    Reader("rsync", "transfer", "output of rsync", _is_rsync, _tell_rsync),
)
