"""Where a form that is filled in goes: into a store, or into a package at home.

In: a form's name and where it is filled in. Out: a `Desk`: the form, the drafts, the answers to
start from, and a way to send. It knows no widgets.
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
from provstore.storage.atomic_files import write_whole
from provstore.storage.drafts import Drafts
from provstore.storage.settings import shipped

if TYPE_CHECKING:
    from provstore.results.receipts import Receipt
    from provstore.store import ProvStore

Files = Mapping[str, bytes]
"""Contents by the names that the answers give them."""


@dataclass(frozen=True)
class Letter:
    """What is sent: the answers, their files, the reason of a correction, when it was begun."""

    answers: Mapping[str, Any]
    files: Files
    reason: str = ""
    begun: str = ""


@dataclass(frozen=True)
class Desk:
    """One form at one place. `send` gives paragraphs that say what was done and what comes next.

    `earlier` are the answers that are corrected, none for a new report; `timed` says that begin
    and end are the person's own at this desk, and need not be asked.
    """

    form: Form
    drafts: Drafts
    send: Callable[[Letter], tuple[str, ...]]
    earlier: Mapping[str, Any] = field(default_factory=dict)
    verb: str = "Send"
    timed: bool = False


def at_centre(store: "ProvStore", name: str, ingest: str = "") -> Desk:
    """A desk in a store: begins an ingest, reports on one, or corrects the answers of one.

    Raises:
        UnknownName: there is no such form or ingest; names the near ones.

    """
    form, drafts = _form(name, store.forms), Drafts(store.settings.directory / "drafts")
    timed = STEPS[form.step].role == STEPS[FIRST].role if form.step in STEPS else False
    if not ingest:
        return Desk(form, drafts, lambda letter: _begun(store, form, letter), timed=timed)
    reports = store.reports(ingest)
    if form.step != FIRST:
        return Desk(form, drafts, lambda letter: _reported(store, form, ingest, letter))
    if reports[0].form != name:
        what = f"{ingest} was begun with the form {reports[0].form}, not with {name}."
        raise Refused(what, f"Correct that one: form({reports[0].form!r}, ingest={ingest!r}).")
    return Desk(
        form, drafts, lambda letter: _corrected(store, ingest, letter),
        current_answers(form, reports), "Send the correction", timed,
    )  # fmt: skip


def at_home(name: str, folder: str | os.PathLike[str] = ".") -> Desk:
    """A desk at the provider's own machine: a package is written into the folder.

    Raises:
        UnknownName: there is no such form; names the near ones.

    """
    place, form = Path(folder), _form(name, load_forms(shipped("forms")))
    drafts = Drafts(place / "provstore-drafts")
    return Desk(
        form, drafts, lambda letter: _packed(form, place, letter), verb="Make the package",
        timed=form.step == FIRST,
    )  # fmt: skip


def _form(name: str, forms: Mapping[str, Form]) -> Form:
    if name not in forms:
        raise UnknownName("form", name, forms)
    return forms[name]


def _begun(store: "ProvStore", form: Form, letter: Letter) -> tuple[str, ...]:
    receipt = store.submit(seal(form, letter.answers, letter.files))
    was = "is taken" if receipt.new else "was taken before"
    return (
        f"Your request {was}. Its name is {receipt.ingest}.",
        "Give this name whenever you write to us.",
        *_next(receipt),
    )


def _reported(store: "ProvStore", form: Form, ingest: str, letter: Letter) -> tuple[str, ...]:
    receipt = store.report(ingest, form.step, seal(form, letter.answers, letter.files))
    return (f"{form.title}: written down as {receipt.step} {receipt.run} of {ingest}.",
            *_next(receipt))  # fmt: skip


def _corrected(store: "ProvStore", ingest: str, letter: Letter) -> tuple[str, ...]:
    store.intake.attachments.keep(letter.files.values())
    answers, begun = letter.answers, letter.begun
    receipt = store.ingest(ingest).correct(answers, letter.reason, started=begun)
    return (f"The correction of {ingest} is taken.", *_next(receipt))


def _next(receipt: "Receipt") -> tuple[str, ...]:
    stands = f"It is {receipt.status}."
    if receipt.next:
        stands += f" Next: {receipt.next}, by the {receipt.awaits.replace('_', ' ')}."
    return (stands, *(f"{note.what} {note.mend}".strip() for note in receipt.notes))


def _packed(form: Form, folder: Path, letter: Letter) -> tuple[str, ...]:
    package = seal(form, letter.answers, letter.files)
    file = folder / f"{form.name}-{sha256(package).hexdigest()[:12]}.zip"
    try:
        write_whole(file, package)
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be written: {error}.") from error
    return (
        f"The package is {file.resolve()}.",
        "Send this file to your data centre as it is. Sent twice, it is still one request.",
    )
