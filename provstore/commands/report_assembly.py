"""Prepares submitted input (a form, or an extract from a tool's file) before the store accepts it.

In: bytes, answers, extracts. Out: merged answers and checked extracts, or a refusal. It has no
side effects and knows no store.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from provstore.errors import BadForm, Problem, Refused
from provstore.ingest.extracts import DatasetVersion, Extract
from provstore.ingest.report import Report
from provstore.ingest.sealed_package import looks_like_delivery
from provstore.projects.form_rules import quote_answer
from provstore.prov.notations.input_file import InputFile


def means_form(input_file: InputFile) -> bool:
    """Whether the input is a package or a filled form, even a damaged one."""
    head = input_file.data[:1000]
    damaged = input_file.faults is not None and b'"answers"' in head and b'"form"' in head
    return damaged or looks_like_delivery(input_file)


def json_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Convert answers from Python to plain JSON values: a tuple becomes a list.

    Raises:
        BadForm: JSON cannot express them.

    """
    try:
        plain: dict[str, Any] = json.loads(json.dumps(answers))
    except (TypeError, ValueError, RecursionError) as error:
        problem = Problem("/answers", f"JSON cannot express these answers: {error}.")
        raise BadForm("the answers", [problem], code="PS-FORM-ANSWERS-NO-JSON") from None
    return plain


def check_dataset(reading: Extract, report: Report, dataset: str) -> Extract:
    """Return the extract, with a note if it is about another dataset than the ingest.

    Raises:
        Refused: the report is a publication of another dataset.

    """
    named = {
        resource.dataset for resource in reading.resources if isinstance(resource, DatasetVersion)
    }
    if not named or any(f"{name}.".startswith(f"{dataset}.") for name in named):
        return reading
    message = f"This is about {', '.join(sorted(named)[:3])}; {report.ingest} is about {dataset}."
    if report.step == "publication":
        raise Refused(
            message, "Report it for the ingest of that dataset.", code="PS-REFUSED-OTHER-DATASET"
        )
    return replace(reading, notes=(*reading.notes, Problem("", message)))


def merge_answers(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two sets of answers, part by part; where both answer, the second counts."""
    whole = dict(first)
    for name, answer in second.items():
        known = whole.get(name)
        parts = isinstance(answer, Mapping) and isinstance(known, Mapping)
        whole[name] = merge_answers(known or {}, answer) if parts else answer
    return whole


def contradicted_answers(extract: Extract, answers: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a note for each answer that differs from what a file of a tool says."""
    file = " + ".join(source.name for source in extract.sources)
    for name, read in extract.answers.items():
        answer = answers.get(name)
        if isinstance(read, Mapping) and isinstance(answer, Mapping):
            same = all(answer.get(part) == value for part, value in read.items())
        else:
            same = answer == read
        if not same:
            message = f"The answer is {quote_answer(answer)}, but {file} says {quote_answer(read)}."
            yield Problem(f"/answers/{name}", message, "The answer counts; check which is right.")
