"""Globus transfers: a task, a list of tasks, the files that arrived, the errors that were skipped.

In: documents of the Globus Transfer API, bare or in the envelope of a proxy. Out: files, and
answers to the transfer form. What was transferred, was there already, failed or was left out at
the source is counted apart.
"""

from collections.abc import Mapping
from typing import Any

from provstore.ingest.extracts import ExtractParts, File, Tool
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import pointer
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
    boolean,
    check_shape,
    integer,
    list_of,
    mapping_of,
    natural,
    nonblank,
    object_of,
    one_of,
    optional,
    text,
)
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader

_FAILURES: Mapping[str, str] = {
    "subtasks_failed": "subtasks failed",
    "subtasks_expired": "subtasks expired before they were done",
    "subtasks_canceled": "subtasks were cancelled",
    "subtasks_pending": "subtasks are not done yet",
    "subtasks_retrying": "subtasks are being tried again",
    "subtasks_skipped_errors": "errors at the source were skipped: what they are about is missing",
}
"""Counts of a task that tell of files that did not arrive."""
_COUNTS = ("files", "bytes_transferred", "files_transferred", "files_skipped", "faults")
_TASK = object_of(
    {"task_id": nonblank, "status": one_of("ACTIVE", "INACTIVE", "SUCCEEDED", "FAILED")},
    {**dict.fromkeys((*_COUNTS, *_FAILURES), optional(natural)),
     **dict.fromkeys(("request_time", "completion_time"), optional(text)),
     **dict.fromkeys(("verify_checksum", "delete_destination_extra"), optional(boolean)),
     "type": one_of("TRANSFER", "DELETE"), "fatal_error": optional(mapping_of(any_value))},
)  # fmt: skip
_MARKS = {"bytes_transferred", "files", "files_transferred", "subtasks_total"}


def _is_task_document(value: object) -> bool:
    return isinstance(value, dict) and "task_id" in value and bool(_MARKS & value.keys())


def _list_of_tasks(document: object) -> tuple[str, object]:
    """Return where the tasks are, and a task or a list of tasks; (…, None) if there are none."""
    if isinstance(document, list) and document and all(map(_is_task_document, document)):
        return "", document
    if isinstance(document, dict):
        if _is_task_document(document):
            return "", document
        rows = document.get("DATA")
        if document.get("DATA_TYPE") == "task_list" and isinstance(rows, list):
            return "/DATA", rows
        if isinstance(rows, list) and rows and all(map(_is_task_document, rows)):
            return "/DATA", rows
    return "", None


def _tasks(document: object) -> tuple[str, object]:
    """As `_list_of_tasks`; looks also into the members of an envelope."""
    where, tasks = _list_of_tasks(document)
    if tasks is None and isinstance(document, dict):
        for key, value in document.items():
            inner, tasks = _list_of_tasks(value)
            if tasks is not None:
                return pointer("", key) + inner, tasks
    return where, tasks


def _is_task(input_file: InputFile) -> str:
    if not isinstance(input_file.document, dict | list):
        return NO_OBJECT
    return "" if _tasks(input_file.document)[1] is not None else "it has no task with a task_id"


def _read_task(input_file: InputFile) -> ExtractParts:
    document = input_file.document
    where, rows_read = _tasks(document)
    shape = list_of(_TASK) if isinstance(rows_read, list) else _TASK
    check_shape(lambda value, _: shape(value, where), rows_read, input_file.name)
    rows: Any = rows_read
    tasks = (
        [(f"{where}/{index}", task) for index, task in enumerate(rows)]
        if isinstance(rows, list)
        else [(where, rows)]
    )
    notes = Notes()
    _note_missing_pages(document, len(tasks), notes)
    moved = [(place, task) for place, task in tasks if task.get("type") != "DELETE"]
    for place, task in tasks:
        if task.get("type") == "DELETE":
            notes.note(f"{place}/type", "This task deleted files and transferred none.")
    complete = [*(_task_is_complete(place, task, notes) for place, task in moved)]
    answers: dict[str, Any] = {"method": "globus"}
    answers |= _sums([task for _, task in moved])
    for key, member, choose in (
        ("started", "request_time", min),
        ("ended", "completion_time", max),
    ):
        times = [
            time_with_zone(task[member], f"{place}/{member}", notes)
            for place, task in moved
            if task.get(member)
        ]
        if times and all(times) and (key == "started" or len(times) == len(moved)):
            answers[key] = choose(times)
    if not all(complete):
        answers["outcome"] = "action-required"
    return ExtractParts(answers, (), (Tool("Globus"),), notes.all(), tuple(leaf_values(document)))


def _sums(tasks: list[Any]) -> dict[str, int]:
    """Return the files and bytes that were transferred, as far as every task states them."""
    transferred = []
    for task in tasks:
        number = task.get("files_transferred")
        if number is None and task["status"] == "SUCCEEDED" and "files_skipped" not in task:
            number = task.get("files")  # early versions of the API count only these
        transferred.append(number)
    sums = {"files": transferred, "bytes": [task.get("bytes_transferred") for task in tasks]}
    return {key: sum(each) for key, each in sums.items() if each and None not in each}


def _task_is_complete(where: str, task: Any, notes: Notes) -> bool:
    """Note what a task did not transfer, and why; return whether all files are at the target."""
    complete: bool = task["status"] == "SUCCEEDED"
    if not complete:
        fatal = task.get("fatal_error") or {}
        why = ", ".join(str(fatal[key])[:200] for key in ("code", "description") if fatal.get(key))
        message = f"The task is {task['status']}{f' ({why})' if why else ''}"
        notes.note(f"{where}/status", f"{message}: not all files have arrived.")
    for key, words in _FAILURES.items():
        if task.get(key):
            complete = False
            notes.note(f"{where}/{key}", f"{task[key]} {words}.")
    wanted, moved = task.get("files"), task.get("files_transferred")
    skipped = task.get("files_skipped") or 0
    if skipped:
        of = f" of {wanted}" if wanted is not None else ""
        message = f"{skipped}{of} files were not transferred: the target had them already."
        notes.note(f"{where}/files_skipped", message)
    if wanted is not None and moved is not None and moved + skipped < wanted:
        complete = False
        missing = wanted - moved - skipped
        message = f"{missing} of {wanted} files were neither transferred nor there already."
        notes.note(f"{where}/files_transferred", message, "Find out whether they are missing.")
    elif wanted is not None and moved is not None and moved + skipped > wanted:
        message = (
            f"{moved} files were transferred and {skipped} there already, but {wanted} wanted."
        )
        notes.note(f"{where}/files", message, "One of the numbers is wrong.")
    _note_manner(where, task, notes)
    return complete


def _note_manner(where: str, task: Any, notes: Notes) -> None:
    """Note what users should know of a transfer, complete or not."""
    if task.get("files_transferred") is None:
        message = "The task does not state how many files were transferred."
        notes.note(f"{where}/files_transferred", message)
    if task.get("faults"):
        message = f"{task['faults']} faults occurred; Globus tries again after each."
        notes.note(f"{where}/faults", message)
    if task.get("verify_checksum") is False:
        notes.note(f"{where}/verify_checksum", "The checksums of the files were not verified.")
    if task.get("delete_destination_extra"):
        message = "The task deleted files of the target that the source did not have."
        notes.note(f"{where}/delete_destination_extra", message)


def _note_missing_pages(document: object, number: int, notes: Notes) -> None:
    lists = [document, *document.values()] if isinstance(document, dict) else []
    for each in lists:
        if isinstance(each, dict) and each.get("DATA_TYPE") == "task_list":
            total = each.get("total")
            more = isinstance(total, int) and total > number
            if more or each.get("has_next_page"):
                message = f"The list is incomplete: it has {number} of {total or 'more'} tasks."
                notes.note("", message, "Submit only the tasks of this delivery.")


# --- files of a task -----------------------------------------------------------------------------

_MOVED = object_of(
    {"source_path": nonblank, "destination_path": nonblank},
    {"DATA_TYPE": one_of("successful_transfer"), "size": optional(natural),
     "checksum": optional(text), "checksum_algorithm": optional(text)},
)  # fmt: skip
_OF_A_FILE = handled("destination_path", "size", "checksum", "checksum_algorithm", "DATA_TYPE")
_LIST = object_of({"DATA": list_of(_MOVED)}, {"next_marker": any_value})
_SKIPPED = object_of(
    {"source_path": nonblank},
    {"DATA_TYPE": one_of("skipped_error"), "destination_path": optional(text),
     "error_code": optional(text), "error_details": optional(text), "http_status": integer},
)  # fmt: skip
_ERRORS = object_of({"DATA": list_of(_SKIPPED)}, {"next_marker": any_value})


def _first_row(input_file: InputFile) -> Any:
    document = input_file.document
    rows = document.get("DATA") if isinstance(document, dict) else None
    return (rows[0] if rows else {}) if isinstance(rows, list) else None


def _data_type(input_file: InputFile) -> object:
    return input_file.document.get("DATA_TYPE") if isinstance(input_file.document, dict) else None


def _is_list(input_file: InputFile) -> str:
    row = _first_row(input_file)
    if row is None:
        return "it has no list 'DATA'" if isinstance(input_file.document, dict) else NO_OBJECT
    if _data_type(input_file) == "successful_transfers":
        return ""
    if isinstance(row, dict) and "destination_path" in row and "error_code" not in row:
        return ""
    return "its first entry has no destination_path, or an error_code"


def _is_errors(input_file: InputFile) -> str:
    row = _first_row(input_file)
    if row is None:
        return "it has no list 'DATA'" if isinstance(input_file.document, dict) else NO_OBJECT
    if _data_type(input_file) == "skipped_errors":
        return ""
    if isinstance(row, dict) and {"error_code", "source_path"} <= row.keys():
        return ""
    return "its first entry has no source_path and error_code"


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
    _note_next_page(document, notes)
    sizes = [file.bytes for file in files]
    answers: dict[str, Any] = {"method": "globus", "files": len(files)}
    if None not in sizes:
        answers["bytes"] = sum(filter(None, sizes))
    kept = tuple(unhandled_values(document, {"DATA": {"*": _OF_A_FILE}}))
    return ExtractParts(answers, (), (Tool("Globus"), *files), notes.all(), kept)


def _read_errors(input_file: InputFile) -> ExtractParts:
    document: Any = check_shape(_ERRORS, input_file.document, input_file.name)
    notes = Notes()
    for index, each in enumerate(document["DATA"]):
        code = each.get("error_code") or "an error"
        message = f"{each['source_path'][:300]} did not arrive ({code[:80]})."
        notes.note(f"/DATA/{index}", message)
    _note_next_page(document, notes)
    answers = {"method": "globus"} | ({"outcome": "action-required"} if document["DATA"] else {})
    return ExtractParts(answers, (), (Tool("Globus"),), notes.all(), tuple(leaf_values(document)))


def _note_next_page(document: Any, notes: Notes) -> None:
    if document.get("next_marker"):
        notes.note(
            "/next_marker",
            "The list is incomplete: there are more files.",
            "Query the remaining pages as well.",
        )


READERS = (
    Reader("globus-task", "transfer", "Globus task", _is_task, _read_task),
    Reader("globus-files", "transfer", "list of files of a Globus task", _is_list, _read_list),
    Reader(
        "globus-errors", "transfer", "skipped errors of a Globus task", _is_errors, _read_errors
    ),
)
