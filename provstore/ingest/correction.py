"""Answers that are corrected: the rows of a revision, and the answers that hold after it.

In: a form, the answers that held, those that shall hold, or the rows of a revision. Out: rows, or
answers. `corrected_answers(form, earlier, revision_rows(form, earlier, later)) == later`. Pure.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from provstore.errors import Refused
from provstore.ingest.report import Report
from provstore.ingest.statements import canonical
from provstore.projects.form_draft import Draft
from provstore.projects.form_fields import Field
from provstore.projects.forms import Form
from provstore.projects.workflow import FIRST

REVISION = "revision"


def revision_rows(
    form: Form, earlier: Mapping[str, Any], later: Mapping[str, Any]
) -> list[dict[str, str]]:
    """The changes as the form of a revision asks for them: the place, the text before and after.

    A text stands there as it is, any other answer as JSON; what there is none of is left out.
    """
    before, after = Draft(form, earlier), Draft(form, later)
    rows = []
    for change in after.changes(earlier):
        field = _field(form, change.where)
        texts = {
            "before": _text(field, before.get(change.where)),
            "after": _text(field, after.get(change.where)),
        }
        rows.append({"field": change.where, **{key: text for key, text in texts.items() if text}})
    return rows


def corrected_answers(
    form: Form, answers: Mapping[str, Any], changes: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The answers after these rows of a revision. Rows that name no field are about the data."""
    draft = Draft(form, answers)
    for row in changes:
        where = str(row["field"])
        where = where if where.startswith("/") else f"/{where}"
        field = _field(form, where)
        if field is not None:
            with suppress(ValueError):  # people write such rows too, in words of their own
                draft.set(where, _answer(field, row.get("after")))
    return draft.answers


def current_answers(form: Form, reports: Sequence[Report]) -> dict[str, Any]:
    """The provider's answers as they stand after all revisions of an ingest."""
    answers = dict(reports[0].answers)
    for report in reports[1:]:
        if report.step == REVISION and not report.begins:
            answers = corrected_answers(form, answers, report.answers["changes"])
    return answers


def revision_answers(
    form: Form, reports: Sequence[Report], answers: Mapping[str, Any], ended: str
) -> dict[str, Any]:
    """The answers to the form of a revision after which `answers` hold; its reason is still open.

    Raises:
        Refused: nothing is different.

    """
    changes = revision_rows(form, current_answers(form, reports), answers)
    if not changes:
        raise Refused(f"These are the answers that {reports[0].ingest} has already.")
    reported = [
        report for report in reports if report.step in (FIRST, REVISION) and not report.begins
    ]
    return {
        "agent": answers["agent"],
        "started": ended,
        "ended": ended,
        "outcome": "ok",
        "corrects": f"{reported[-1].step}/{reported[-1].run}",
        "changes": changes,
    }


def _field(form: Form, where: str) -> Field | None:
    """The field that a place leads to; groups and their parts, no rows of lists."""
    parts, field = form.fields, None
    for step in where.split("/")[1:]:
        field = next((part for part in parts if part.name == step), None)
        parts = field.parts if field and field.kind == "group" else ()
    return field


def _is_text(field: Field) -> bool:
    return field.kind in ("text", "time") or (
        field.kind == "choice" and all(isinstance(choice, str) for choice in field.choices)
    )


def _text(field: Field | None, answer: Any) -> str:
    if answer is None:
        return ""
    return str(answer) if field and _is_text(field) else canonical(answer)


def _answer(field: Field, text: str | None) -> Any:
    return text if text is None or _is_text(field) else json.loads(text)
