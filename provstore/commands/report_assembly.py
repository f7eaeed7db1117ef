"""What was handed in, before anybody knows whether it can be taken: a form, or what a tool wrote.

In: bytes, answers, what was read. Out: the same in one piece, or a refusal. Pure; knows no store.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provstore.errors import BadDocument, BadForm, Problem, Refused
from provstore.ingest.extracts import DatasetVersion, Extract
from provstore.ingest.report import Report
from provstore.ingest.sealed_package import looks_like_package
from provstore.projects.forms import looks_like_form
from provstore.prov.notations.json_strict import strict_json


def complete_form(data: bytes, name: str, known: Mapping[str, Any]) -> bytes | None:
    """The filled form that a file is meant to be, or None: then a tool wrote it.

    What is known already is put where the form leaves it open; a package stays as it was sealed.
    """
    if looks_like_package(data):
        return data
    try:
        document = strict_json(data, name)
    except BadDocument as error:
        if b'"answers"' in data[:1000] and b'"form"' in data[:1000]:
            raise BadForm(name, error.problems) from None
        return None
    if not isinstance(document, dict) or not looks_like_form(document):
        return None
    answers: object = document.get("answers")
    if isinstance(answers, dict):
        answered = {key: answer for key, answer in answers.items() if answer is not None}
        document = {**document, "answers": {**known, **answered}}
    return json.dumps(document, ensure_ascii=False).encode(errors="surrogatepass")


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
