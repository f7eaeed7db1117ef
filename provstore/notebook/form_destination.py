"""The destination of a filled form: a store, or a package file.

In: a form's name, and a store or a folder. Out: a `FormDestination`: the form, the drafts, the
initial answers, and a function that sends. It knows no widgets.
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
from provstore.projects.workflow import FIRST, STEPS, check_has_step
from provstore.storage.atomic_files import write_atomically
from provstore.storage.drafts import Drafts
from provstore.storage.settings import shipped

if TYPE_CHECKING:
    from provstore.results.receipts import Receipt
    from provstore.store import ProvStore

Files = Mapping[str, bytes]
"""The contents of files, by their names in the answers."""


@dataclass(frozen=True)
class Submission:
    """A filled form: answers, files, the reason for a correction, and the time of the start."""

    answers: Mapping[str, Any]
    files: Files
    reason: str = ""
    started: str = ""


@dataclass(frozen=True)
class FormDestination:
    """A form and its destination. `send` returns paragraphs: the result and the next step.

    `earlier` contains the answers to correct; it is empty for a new report. If `timed`, filling in
    the form is the run, so that its start and end are measured and not asked.
    """

    form: Form
    drafts: Drafts
    send: Callable[[Submission], tuple[str, ...]]
    earlier: Mapping[str, Any] = field(default_factory=dict)
    verb: str = "Send"
    timed: bool = False


def store_destination(store: "ProvStore", name: str, ingest: str = "") -> FormDestination:
    """Make a destination in a store: to begin an ingest, report on it, or correct its answers.

    Raises:
        UnknownName: there is no such form or ingest; suggests similar names.
        Refused: the form belongs to no step, or the ingest began with another form.

    """
    form, drafts = _find_form(name, store.forms), store.drafts()
    timed = STEPS[form.step].role == STEPS[FIRST].role
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
        message = f"{ingest} was submitted with the form {reports[0].form}, not with {name}."
        raise Refused(message, f"Correct that form: form({reports[0].form!r}, ingest={ingest!r}).")
    return FormDestination(
        form,
        drafts,
        lambda submission: _send_correction(store, ingest, submission),
        current_answers(form, reports),
        "Send the correction",
        timed,
    )


def package_destination(name: str, folder: str | os.PathLike[str] = ".") -> FormDestination:
    """Make a destination on the provider's computer: a package in the folder.

    Raises:
        UnknownName: there is no such form; suggests similar names.
        Refused: the form belongs to no step.

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
    check_has_step(name)
    return forms[name]


def _begin_ingest(store: "ProvStore", form: Form, submission: Submission) -> tuple[str, ...]:
    receipt = store.submit(seal(form, submission.answers, submission.files))
    acceptance = "has been accepted" if receipt.new else "had already been accepted"
    return (
        f"Your request {acceptance}. Its name is {receipt.ingest}.",
        "Please quote this name whenever you contact the data centre.",
        *_next_steps(receipt),
    )


def _send_report(
    store: "ProvStore", form: Form, ingest: str, submission: Submission
) -> tuple[str, ...]:
    receipt = store.report(ingest, form.step, seal(form, submission.answers, submission.files))
    return (
        f"{form.title}: recorded as {receipt.step} {receipt.run} of {ingest}.",
        *_next_steps(receipt),
    )


def _send_correction(store: "ProvStore", ingest: str, submission: Submission) -> tuple[str, ...]:
    store.keep_attachments(submission.files.values())
    answers, started = submission.answers, submission.started
    receipt = store.ingest(ingest).correct(answers, submission.reason, started=started)
    return (f"The correction of {ingest} has been accepted.", *_next_steps(receipt))


def _next_steps(receipt: "Receipt") -> tuple[str, ...]:
    status = f"Status: {receipt.status}."
    if receipt.next:
        status += f" Next step: {receipt.next}, by the {receipt.awaits.replace('_', ' ')}."
    return (status, *(f"{note.what} {note.mend}".strip() for note in receipt.notes))


def _write_package(form: Form, folder: Path, submission: Submission) -> tuple[str, ...]:
    package = seal(form, submission.answers, submission.files)
    file = folder / f"{form.name}-{sha256(package).hexdigest()[:12]}.zip"
    try:
        write_atomically(file, package)
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be written: {error}.") from error
    return (
        f"The package is saved as {file.resolve()}.",
        "Send this file unchanged to your data centre. If it arrives twice, it counts once.",
    )
