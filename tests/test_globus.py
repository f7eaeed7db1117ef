"""Globus: what was transferred, was there already, failed or was left out is told apart."""

import json
from typing import Any

from provstore.ingest.extracts import Extract, File
from provstore.readers.reader_registry import read_extract
from tests.tool_files import GLOBUS_ERRORS, GLOBUS_TASK


def task(**members: Any) -> Extract:
    return read_extract(json.dumps({**GLOBUS_TASK, **members}).encode(), "task.json")


def texts(extract: Extract) -> str:
    return "\n".join(map(str, extract.notes))


def test_nothing_transferred_is_not_everything() -> None:
    read = task(files=1400, files_transferred=0, files_skipped=1400, bytes_transferred=0)
    assert (read.answers["files"], read.answers["bytes"]) == (0, 0)
    assert "outcome" not in read.answers
    assert "1400 of 1400 files were not transferred: the target had them already" in texts(read)


def test_what_did_not_arrive_contradicts_a_good_outcome() -> None:
    for members in (
        {"status": "FAILED", "fatal_error": {"code": "EXPIRED", "description": "too late"}},
        {"subtasks_failed": 3},
        {"subtasks_skipped_errors": 2},
        {"files_transferred": 11},
        {"status": "ACTIVE", "completion_time": None},
    ):
        assert task(**members).answers["outcome"] == "action-required", members
    assert "2 errors at the source were skipped" in texts(task(subtasks_skipped_errors=2))
    assert "EXPIRED, too late" in texts(task(status="FAILED", fatal_error={
        "code": "EXPIRED", "description": "too late"}))  # fmt: skip


def test_tasks_of_a_list_are_summed_and_an_envelope_is_opened() -> None:
    tasks = {"DATA_TYPE": "task_list", "DATA": [GLOBUS_TASK, GLOBUS_TASK], "total": 5}
    read = read_extract(json.dumps(tasks).encode(), "tasks.json")
    assert (read.answers["files"], read.answers["bytes"]) == (24, 2_500_000)
    assert "it has 2 of 5 tasks" in texts(read)
    for envelope in ({"result": GLOBUS_TASK, "status": "success"}, {"result": [GLOBUS_TASK]}):
        assert read_extract(json.dumps(envelope).encode(), "x.json").answers["files"] == 12


def test_a_number_that_is_not_stated_is_not_answered() -> None:
    read = task(files_transferred=None, files_skipped=0)
    assert "files" not in read.answers
    assert "does not state how many files were transferred" in texts(read)


def test_skipped_errors_are_no_files_that_arrived() -> None:
    read = read_extract(json.dumps(GLOBUS_ERRORS).encode(), "errors.json")
    assert read.answers == {"method": "globus", "outcome": "action-required"}
    assert not any(isinstance(resource, File) for resource in read.resources)
    assert "/hpc/a.nc did not arrive (PERMISSION_DENIED)" in texts(read)
