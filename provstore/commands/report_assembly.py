"""What was handed in, before anybody knows whether it can be taken: a form, or what a tool wrote.

In: bytes, answers, what was read. Out: the same in one piece, or a refusal. Pure; knows no store.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provstore.errors import BadForm, Problem, Refused
from provstore.ingest.extracts import DatasetVersion, Extract
from provstore.ingest.report import Report
from provstore.ingest.sealed_package import looks_like_delivery
from provstore.prov.notations.input_file import InputFile


def means_form(input_file: InputFile) -> bool:
    """Whether it is a package or a filled form, or what is left of a damaged one."""
    head = input_file.data[:1000]
    damaged = input_file.faults is not None and b'"answers"' in head and b'"form"' in head
    return damaged or looks_like_delivery(input_file)


def json_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers that came from Python, as JSON has them: a tuple is a list.

    Raises:
        BadForm: JSON cannot hold them.

    """
    try:
        plain: dict[str, Any] = json.loads(json.dumps(answers))
    except (TypeError, ValueError, RecursionError) as error:
        problem = Problem("/answers", f"JSON cannot hold these answers: {error}.")
        raise BadForm("the answers", [problem]) from None
    return plain


def check_dataset(reading: Extract, report: Report, dataset: str) -> Extract:
    """What was read, with a note where it is about other data than the ingest.

    Raises:
        Refused: a publication of other data would become one of this dataset.

    """
    named = {
        resource.dataset for resource in reading.resources if isinstance(resource, DatasetVersion)
    }
    if not named or any(f"{name}.".startswith(f"{dataset}.") for name in named):
        return reading
    message = f"It speaks of {', '.join(sorted(named)[:3])}; {report.ingest} is about {dataset}."
    if report.step == "publication":
        raise Refused(message, "Report it on the ingest of that dataset.")
    return replace(reading, notes=(*reading.notes, Problem("", message)))


def merge_answers(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where both answer, the second counts, part by part."""
    whole = dict(first)
    for name, answer in second.items():
        known = whole.get(name)
        parts = isinstance(answer, Mapping) and isinstance(known, Mapping)
        whole[name] = merge_answers(known or {}, answer) if parts else answer
    return whole
