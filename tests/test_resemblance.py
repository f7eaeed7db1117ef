"""An unknown file is answered with the format that it resembles most, and what is wrong with it."""

import json
from typing import Any

import pytest

from provstore.commands.file_checks import check_source
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped
from tests.tool_files import DATACITE, GLOBUS_TASK, HANDLE, QA_DKRZ

FORMS = load_forms(shipped("forms"))


def answer(data: bytes) -> str:
    verdict = check_source(data, FORMS)
    assert verdict.verdict == "malformed"
    return str(verdict.problems[0])


def without(document: dict[str, Any], *keys: str) -> bytes:
    kept = {key: value for key, value in document.items() if key not in keys}
    return json.dumps(kept).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (without(GLOBUS_TASK, "task_id"), "looks like 'Globus task', but it has no task"),
        (without(HANDLE, "responseCode"), "looks like 'handle record', but it has no 'response"),
        (json.dumps(HANDLE).encode()[:900], "looks like 'handle record', but it is not JSON"),
        (json.dumps(DATACITE).replace("creators", "authors").replace("titles", "names")
         .replace('"publisher"', '"by"').encode(), "looks like 'DataCite metadata'"),
        (b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n", "a tag file of BagIt"),
        (b'{"$schema": "x", "properties": {"uid": {}}}', "looks like a JSON Schema"),
    ],
)  # fmt: skip
def test_the_format_is_named_with_what_is_wrong(data: bytes, words: str) -> None:
    assert words in answer(data)


def test_a_summary_with_unescaped_quotes_is_recognised_and_the_log_is_asked_for() -> None:
    broken = json.dumps(QA_DKRZ).replace("Missing cell_methods.", 'Missing "cell_methods".')
    told = answer(broken.encode())
    assert "This looks like 'summary of QA-DKRZ', but it is not JSON" in told
    assert "Submit the log file that QA_logfile names" in told


@pytest.mark.parametrize(
    "data", [b'{"a": 1}', b"hello", b"", b'{"eventTime": "2026", "producer": "x", "inputs": []}']
)
def test_what_resembles_nothing_is_nothing_that_is_read(data: bytes) -> None:
    assert answer(data).startswith("(whole input): This is nothing that provstore reads.")
    assert "provstore formats" in answer(data)
