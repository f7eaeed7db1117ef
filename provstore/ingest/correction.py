"""Corrections of answers: the rows of a revision, and the answers after it.

In: a form, the earlier answers, and the new ones or the rows of a revision. Out: rows, or answers.
 `corrected_answers(form, earlier, revision_rows(form, earlier, later)) == later`. Pure.
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
    """Return the changes as the revision form asks for them: place, text before and text after.

    Texts are copied, other answers are written as JSON, and missing answers are left out.
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
    """Apply the rows of a revision to answers. Rows that name no field are about the data."""
    draft = Draft(form, answers)
    for row in changes:
        where = str(row["field"])
        where = where if where.startswith("/") else f"/{where}"
        field = _field(form, where)
        if field is not None:
            with suppress(ValueError):  # people also write such rows by hand, in free words
                draft.set(where, _answer(field, row.get("after")))
    return draft.answers


def current_answers(form: Form, reports: Sequence[Report]) -> dict[str, Any]:
    """Return the answers of the provider after all revisions of an ingest."""
    answers = dict(reports[0].answers)
    for report in reports[1:]:
        if report.step == REVISION and not report.begins:
            answers = corrected_answers(form, answers, report.answers["changes"])
    return answers


def revision_answers(
    form: Form, reports: Sequence[Report], answers: Mapping[str, Any], ended: str
) -> dict[str, Any]:
    """Return answers to a revision form that lead to `answers`; its reason is still open.

    Raises:
        Refused: the answers have not changed.

    """
    changes = revision_rows(form, current_answers(form, reports), answers)
    if not changes:
        raise Refused(
            f"{reports[0].ingest} has exactly these answers already. Change some first.",
            code="PS-REFUSED-NOTHING-REVISED",
        )
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
    """Return the field at a place: groups and their parts, but not rows of lists."""
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
