"""Where a form that is filled in goes: into a store, or into a package at home.

In: a form's name and where it is filled in. Out: a `FormDestination`: the form, the drafts, the
answers to start from, and a way to send. It knows no widgets.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provstore.errors import Refused, StoreUnavailable, UnknownName
from provstore.ingest.correction import current_answers
from provstore.ingest.sealed_package import seal
from provstore.projects.forms import Form, load_forms
from provstore.projects.workflow import FIRST, STEPS
from provstore.storage.atomic_files import write_atomically
from provstore.storage.drafts import Drafts
from provstore.storage.settings import shipped

if TYPE_CHECKING:
    from provstore.results.receipts import Receipt
    from provstore.store import ProvStore

Files = Mapping[str, bytes]
"""Contents by the names that the answers give them."""


@dataclass(frozen=True)
class Submission:
    """What is sent: the answers, their files, the reason of a correction, when it was begun."""

    answers: Mapping[str, Any]
    files: Files
    reason: str = ""
    started: str = ""


@dataclass(frozen=True)
class FormDestination:
    """One form at one place. `send` gives paragraphs that say what was done and what comes next.

    `earlier` are the answers that are corrected, none for a new report; `timed` says that begin
    and end are the person's own there, and need not be asked.
    """

    form: Form
    drafts: Drafts
    send: Callable[[Submission], tuple[str, ...]]
    earlier: Mapping[str, Any] = field(default_factory=dict)
    verb: str = "Send"
    timed: bool = False


def store_destination(store: "ProvStore", name: str, ingest: str = "") -> FormDestination:
    """A destination in a store: begins an ingest, reports on one, or corrects the answers of one.

    Raises:
        UnknownName: there is no such form or ingest; names the near ones.

    """
    form, drafts = _find_form(name, store.forms), store.drafts()
    timed = STEPS[form.step].role == STEPS[FIRST].role if form.step in STEPS else False
    if not ingest:
        return FormDestination(
            form, drafts, lambda submission: _begin_ingest(store, form, submission), timed=timed
        )
    reports = store.reports(ingest)
    if form.step != FIRST:
        return FormDestination(
            form, drafts, lambda submission: _send_report(store, form, ingest, submission)
        )
    if reports[0].form != name:
        message = f"{ingest} was begun with the form {reports[0].form}, not with {name}."
        raise Refused(message, f"Correct that one: form({reports[0].form!r}, ingest={ingest!r}).")
    return FormDestination(
        form,
        drafts,
        lambda submission: _send_correction(store, ingest, submission),
        current_answers(form, reports),
        "Send the correction",
        timed,
    )


def package_destination(name: str, folder: str | os.PathLike[str] = ".") -> FormDestination:
    """A destination at the provider's own machine: a package is written into the folder.

    Raises:
        UnknownName: there is no such form; names the near ones.

    """
    directory, form = Path(folder), _find_form(name, load_forms(shipped("forms")))
    drafts = Drafts(directory / "provstore-drafts")
    return FormDestination(
        form,
        drafts,
        lambda submission: _write_package(form, directory, submission),
        verb="Make the package",
        timed=form.step == FIRST,
    )


def _find_form(name: str, forms: Mapping[str, Form]) -> Form:
    if name not in forms:
        raise UnknownName("form", name, forms)
    return forms[name]


def _begin_ingest(store: "ProvStore", form: Form, submission: Submission) -> tuple[str, ...]:
    receipt = store.submit(seal(form, submission.answers, submission.files))
    acceptance = "is taken" if receipt.new else "was taken before"
    return (
        f"Your request {acceptance}. Its name is {receipt.ingest}.",
        "Give this name whenever you write to us.",
        *_next_steps(receipt),
    )


def _send_report(
    store: "ProvStore", form: Form, ingest: str, submission: Submission
) -> tuple[str, ...]:
    receipt = store.report(ingest, form.step, seal(form, submission.answers, submission.files))
    return (
        f"{form.title}: written down as {receipt.step} {receipt.run} of {ingest}.",
        *_next_steps(receipt),
    )


def _send_correction(store: "ProvStore", ingest: str, submission: Submission) -> tuple[str, ...]:
    store.keep_attachments(submission.files.values())
    answers, started = submission.answers, submission.started
    receipt = store.ingest(ingest).correct(answers, submission.reason, started=started)
    return (f"The correction of {ingest} is taken.", *_next_steps(receipt))


def _next_steps(receipt: "Receipt") -> tuple[str, ...]:
    status = f"It is {receipt.status}."
    if receipt.next:
        status += f" Next: {receipt.next}, by the {receipt.awaits.replace('_', ' ')}."
    return (status, *(f"{note.what} {note.mend}".strip() for note in receipt.notes))


def _write_package(form: Form, folder: Path, submission: Submission) -> tuple[str, ...]:
    package = seal(form, submission.answers, submission.files)
    file = folder / f"{form.name}-{sha256(package).hexdigest()[:12]}.zip"
    try:
        write_atomically(file, package)
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be written: {error}.") from error
    return (
        f"The package is {file.resolve()}.",
        "Send this file to your data centre as it is. Sent twice, it is still one request.",
    )
