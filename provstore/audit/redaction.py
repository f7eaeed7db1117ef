"""Redacts personal values: replaces them in the journal, and removes their traces beside it.

In: an open journal, a plan, who does it and why. Out: one more entry, which names each replaced
value; files without them. All hashes of the chain still fit. A redaction that was interrupted is
finished by `finish_acts`, with the next opening of the store.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provstore.audit.redaction_search import RedactionPlan, RedactionWish, plan_redaction
from provstore.audit.repair import KEPT
from provstore.commands.personal_acts import PersonalAct, record_act
from provstore.errors import Refused, StoreUnavailable
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.journal_acts import REDACTION
from provstore.ingest.personal_values import Concealer
from provstore.ingest.statements import Statements
from provstore.projects.forms import Form
from provstore.prov.model.terms import PROV
from provstore.storage.attachments import Attachments
from provstore.storage.drafts import Drafts
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Journal
from provstore.storage.outbox import Outbox
from provstore.views.view_removal import remove_views

FORM = "redaction"
"""The form that asks who redacts, and why."""


def redact(
    journal: Journal,
    wish: RedactionWish,
    form: Form,
    answers: Mapping[str, Any],
    iris: IngestIris,
) -> tuple[RedactionPlan, int]:
    """Replace personal values; return what was replaced, and the position of the redaction.

    On return the values are gone from the tables of the journal, for ever. `finish_acts`
    removes the rest. `answers` are answers to the form.

    Raises:
        BadForm: the answers do not fit the form; lists every problem.
        UnknownName: nobody is called that, or there is no such answer or attachment.
        Refused: a name belongs to several people, or everything was redacted before.

    """
    form.check(answers, FORM)
    with journal.writing():
        plan = plan_redaction(journal, wish, iris)
        if not plan.replaced and not plan.attachments:
            raise Refused("Everything that was named is redacted already. Nothing was changed.")
        work = {
            "terms": [term for subject in plan.subjects for term in subject.searched()],
            "ingests": plan.ingests,
            "attachments": plan.attachments,
        }

        def state_people(statements: Statements, _activity: str, _concealer: Concealer) -> None:
            for subject in plan.subjects:
                person = iris.person(subject.identifier)
                statements.element(person, "agent", subject.label, PROV + "Person")

        act = PersonalAct(REDACTION, form, answers, plan.replaced, work)
        position = record_act(journal, act, iris, state_people)
        people = [(subject.identifier, subject.number) for subject in plan.subjects]
        journal.personal.forget_people(people)
    return plan, position


def finish_acts(journal: Journal, reports: IngestReports, views: Path) -> list[str]:
    """Remove what acts left beside the tables; return what is still in use.

    Messages and drafts with a redacted name go, and all views, which are made again when they are
    asked. Last, the journal's file is written anew, so that nothing is left in free pages and logs.

    Raises:
        StoreUnavailable: a file cannot be changed, or others use the journal all the time; the next
            opening of the store tries again.

    """
    directory = journal.path.parent
    notes: list[str] = []
    try:
        unfinished = ((at, work) for at, work in journal.replacements().items() if work)
        for position, text in unfinished:
            work = json.loads(text)
            Attachments(directory / "attachments").forget(work.get("attachments", ()))
            Outbox(directory / "outbox").rewrite(journal, reports, work.get("ingests", ()))
            Drafts(directory / "drafts").discard_mentions(work.get("terms", ()))
            for kept in directory.glob(f"{KEPT}*"):
                kept.unlink()
            notes += map(str, remove_views(views))
            journal.note_work(position, "{}")  # the names go, before the file is written anew
            journal.forget_freed()
            journal.note_work(position, "")
    except OSError as error:
        raise StoreUnavailable(
            f"The act is recorded, but traces are left in {directory}: {error}.",
            "They are removed when the store is opened the next time.",
        ) from error
    return notes
