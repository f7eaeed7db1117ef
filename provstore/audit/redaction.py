"""Redacts personal values: replaces them in the journal, and removes their traces beside it.

In: an open journal, a plan, who does it and why. Out: one more entry, which names each replaced
value; files without them. All hashes of the chain still fit. A redaction that was interrupted is
finished by `finish_acts`, with the next opening of the store.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from provstore.audit.redaction_search import RedactionPlan, RedactionWish, plan_redaction
from provstore.audit.repair import KEPT
from provstore.commands.personal_acts import PersonalAct, record_act
from provstore.errors import BadForm, Problem, Refused, StoreUnavailable, ViewUnavailable
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.journal_acts import REDACTION
from provstore.ingest.personal_values import Concealer
from provstore.ingest.redaction_plan import without_terms
from provstore.ingest.statements import Statements
from provstore.projects.forms import Form
from provstore.prov.model.terms import PROV
from provstore.storage.atomic_files import remove_nameless
from provstore.storage.attachments import Attachments
from provstore.storage.drafts import Drafts
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Journal
from provstore.storage.outbox import Outbox
from provstore.storage.sqlite_files import remove_halves
from provstore.views.view_removal import remove_views

FORM = "redaction"
"""The form that asks who redacts, and why."""
_IN_USE = "views"
"""What work is called of which only views are left that somebody used."""


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
            raise Refused(
                "Everything that was named is redacted already. Nothing was changed.",
                code="PS-REFUSED-REDACTED-ALREADY",
            )
        check_reason(plan, str(answers["reason"]))
        people = [(subject.identifier, subject.number) for subject in plan.subjects]
        # before the act is recorded: who redacts their own data is somebody new in it
        journal.personal.forget_people(people, plan.nameless)
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
    return plan, position


def check_reason(plan: RedactionPlan, reason: str) -> None:
    """Check that the reason does not name whom it forgets.

    Raises:
        BadForm: it does.

    """
    if any(without_terms(reason, subject) != reason for subject in plan.subjects):
        mend = "Say why without naming the person."
        raise BadForm(
            FORM, [Problem("/answers/reason", "It names the person.", mend)], code="PS-FORM-ANSWERS"
        )


def finish_acts(journal: Journal, reports: IngestReports, views: Path) -> list[str]:
    """Remove what acts left beside the tables; return what is still in use.

    Messages and drafts with a redacted name go, and all views, which are made again when they are
    asked. Then the journal's file is written anew, so that nothing is left in free pages and logs.
    Views that somebody uses are removed with the next opening of the store.

    Raises:
        StoreUnavailable: a file cannot be changed, or others use the journal all the time; the next
            opening of the store tries again.

    """
    directory = journal.path.parent
    in_use: Mapping[str, ViewUnavailable] = {}
    unfinished = {at: _read(work, at) for at, work in journal.replacements().items() if work}
    try:
        for position, work in unfinished.items():
            in_use = remove_views(views, work.get(_IN_USE))
            if _IN_USE in work:  # all else is done
                journal.note_work(position, json.dumps({_IN_USE: [*in_use]}) if in_use else "")
                continue
            Attachments(directory / "attachments").forget(work.get("attachments", ()))
            Outbox(directory / "outbox").rewrite(journal, reports, work.get("ingests", ()))
            for name in ("attachments", "outbox"):
                remove_nameless(directory / name)
            Drafts(directory / "drafts").discard_mentions(work.get("terms", ()))
            for kept in directory.glob(f"{KEPT}*"):
                kept.unlink(missing_ok=True)
            with journal.locked():  # nobody writes a new journal meanwhile
                remove_halves(directory)
            journal.note_work(position, "{}")  # the names go, before the file is written anew
            journal.forget_freed()
            journal.note_work(position, json.dumps({_IN_USE: [*in_use]}) if in_use else "")
    except (OSError, StoreUnavailable) as error:
        raise StoreUnavailable(
            f"The act is recorded, but traces are left in {directory}: {error}",
            "They are removed when the store is opened the next time.",
            code="PS-STORE-TRACES",
        ) from error
    return [*map(str, in_use.values())]


def _read(work: str, position: int) -> Mapping[str, Any]:
    """Read what is left to do for an act.

    Raises:
        StoreUnavailable: it is damaged.

    """
    with suppress(ValueError):
        if isinstance(read := json.loads(work), dict):
            return read
    message = f"What is left to do for entry {position} cannot be read."
    raise StoreUnavailable(message, "See all damage: provstore verify.", code="PS-STORE-REDACTION")
