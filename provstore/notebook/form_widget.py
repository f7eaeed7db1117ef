"""The form widget: sections, problems at each field and in a summary, review and receipt.

In: a `FormDestination` and a draft. Out: a widget. It writes every answer to the draft at once. The
draft checks the answers, and the destination sends them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import ipywidgets as w

from provstore.errors import BadInput, ProvstoreError, Refused
from provstore.ingest.sealed_package import files_in_answers
from provstore.notebook import form_style
from provstore.notebook.control_choice import make_controls
from provstore.notebook.controls import Control, Lines, Problems
from provstore.notebook.form_destination import FormDestination, Submission
from provstore.projects.form_draft import Draft, answer_text
from provstore.projects.form_fields import Field

_OWN_TIMES = ("started", "ended")
_REASON = Field(
    "reason",
    "/reason",
    "Reason for the correction",
    "One or two sentences.",
    True,
    "text",
    long=True,
)


class FormWidget:
    """A form with its answers so far. Anyone who knows the key `draft_id` can open the draft.

    Raises:
        Refused: the draft belongs to another user or to another form.
        UnknownName: `draft_id` cannot be the key of a draft.

    """

    def __init__(
        self,
        destination: FormDestination,
        draft_id: str = "",
        answers: Mapping[str, Any] | None = None,
        user: str = "",
    ) -> None:
        self.destination, self.draft_id = destination, draft_id or destination.drafts.new()
        saved = (
            destination.drafts.read(self.draft_id) if destination.drafts.has(self.draft_id) else {}
        )
        self._user = str(saved.get("user", "")) or user
        if self._user != user or saved.get("form", destination.form.name) != destination.form.name:
            message = "This draft belongs to another user or to another form."
            raise Refused(message, "Begin a new draft.")
        start = saved.get("answers") or {**destination.earlier, **(answers or {})}
        self.draft = Draft(destination.form, start)
        self._saved, self._reason = bool(saved), str(saved.get("reason", ""))
        self._started = str(saved.get("begun") or _now())
        self.draft.touched = set(saved.get("touched", ()))
        self._hidden = set(_OWN_TIMES) if destination.timed else set()
        self._status = form_style.html("", "pv-status")
        self._page = form_style.box()
        style = form_style.html(f"<style>{form_style.STYLE}</style>")
        self.box = form_style.box(style, self._page, self._status, classes=["pv-form"])
        self._fill_in()

    def _repr_mimebundle_(self, **asked: Any) -> Any:
        return self.box._repr_mimebundle_(**asked)

    # ------------------------------------------------------------------------------- filling in

    def _fill_in(self) -> None:
        make = make_controls(lambda content: self.destination.drafts.attach(self.draft_id, content))
        fields = {field.name: field for field in self.destination.form.fields}
        self._controls: dict[str, Control] = {}
        self._sections: list[tuple[w.Box, tuple[str, ...]]] = []
        for section in self.destination.form.sections:
            names = tuple(name for name in section.fields if name not in self._hidden)
            self._controls |= {
                name: make(fields[name], f"/{name}", self._set_answer) for name in names
            }
            head = form_style.html(form_style.heading(section.title, section.description, 2))
            children = [head, *(self._controls[name].box for name in names)]
            self._sections.append((form_style.box(*children), names))
        if self.destination.earlier:
            self._reason_control = Lines(_REASON, "/reason", self._set_reason)
            self._reason_control.show(self._reason or None)
        self._summary = form_style.box(classes=["pv-summary"])
        self._alert = form_style.html("")
        review = form_style.button("Check and review", "pv-main")
        review.on_click(lambda _: self._review())
        discard = form_style.button("Discard everything", "pv-link")
        discard.on_click(lambda _: self._discard(discard))
        form = self.destination.form
        many = len(form.sections) > 1
        self._page.children = [
            form_style.html(form_style.heading(form.title, form.description, 1)),
            form_style.html(self._introduction()),
            *(box if many else form_style.box(*box.children[1:]) for box, _ in self._sections),
            *([self._reason_control.box] if self.destination.earlier else []),
            self._summary,
            self._alert,
            form_style.box(review, discard, classes=["pv-bar"]),
        ]
        for control in self._controls.values():
            control.show(self.draft.get(control.where))
        self._show_state()
        self._show_status()

    def _introduction(self) -> str:
        text = "Fields with an asterisk (*) are required. Your answers are saved as you type."
        if self._user:
            text = f"You are signed in as {self._user}. {text}"
        if self._saved:
            text += " The answers that you saved before have been restored."
        if self.destination.earlier:
            text += " The form shows the current answers. Change those that need a correction."
        unknown = self.draft.answers.keys() - {field.name for field in self.destination.form.fields}
        kept = f" Kept, but not part of this form: {', '.join(sorted(unknown))}." if unknown else ""
        return f"<p>{form_style.escape(text + kept)}</p>"

    def _set_answer(self, where: str, answer: Any) -> None:
        """Record an answer from a control."""
        self.draft.set(where, answer)
        name = where.split("/")[1]
        self._controls[name].show(self.draft.get(f"/{name}"))
        self._show_state()
        self._save()

    def _set_reason(self, _where: str, reason: Any) -> None:
        self._reason = str(reason or "")
        self._save()

    def _show_state(self) -> None:
        """Show the fields that apply now, and their problems."""
        asked, needed = self.destination.form.asked(self.draft.answers)
        problems = self._problems()
        for name, control in self._controls.items():
            answered = self.draft.get(control.where) is not None
            form_style.set_visible(
                control.box, name in asked or answered
            )  # a wrong answer does not disappear
            control.need(name in needed)
            control.show_problems(problems)
        for box, names in self._sections:
            form_style.set_visible(
                box, any(name in asked or self.draft.get(f"/{name}") is not None for name in names)
            )
        self._summarise(problems if self.draft.checked else {})

    def _problems(self) -> Problems:
        problems = self.draft.problems(shown=True)
        return {
            where: problem
            for where, problem in problems.items()
            if where.split("/")[1] not in self._hidden
        }

    def _summarise(self, problems: Problems) -> None:
        form_style.set_visible(self._summary, bool(problems))
        if not problems:
            self._summary.children = []
            return
        count = len(problems)
        summary = f"{count} answer{' needs' if count == 1 else 's need'} correction"
        links = []
        for where, problem in list(problems.items())[:50]:
            link = form_style.button(problem.what, "pv-link")
            link.on_click(lambda _, at=where: self._controls[at.split("/")[1]].focus(at))
            links.append(link)
        more = f"<p>and {count - 50} more</p>" if count > 50 else ""
        head = f'<div role="alert"><h3>{summary}</h3></div>'
        self._summary.children = [form_style.html(head), *links, form_style.html(more)]

    # ------------------------------------------------------------------------------- keeping

    def _save(self) -> None:
        draft = self.draft
        try:
            self.destination.drafts.write(
                self.draft_id,
                {
                    "form": draft.form.name,
                    "version": draft.form.version,
                    "answers": draft.answers,
                    "touched": sorted(draft.touched),
                    "begun": self._started,
                    "reason": self._reason,
                    "user": self._user,
                },
            )
        except ProvstoreError as error:
            self._status.value = _alert_html(f"NOT saved: {error.message} {error.advice}")
        else:
            self._show_status(f"Saved {datetime.now(UTC):%H:%M:%S} UTC.")

    def _show_status(self, saved: str = "") -> None:
        progress = self.draft.progress()
        hidden_required = sum(
            name in self._hidden for name in self.destination.form.asked(self.draft.answers)[1]
        )
        hidden_answered = sum(self.draft.get(f"/{name}") is not None for name in self._hidden)
        answered = progress.answered - hidden_answered
        required = progress.required - hidden_required
        status = f"{answered} of {required} required fields answered."
        self._status.value = (
            f'<div role="status">{form_style.escape(f"{saved} {status}".strip())}</div>'
        )

    def _discard(self, button: w.Button) -> None:
        if button.description != _CONFIRM_DISCARD:
            button.description = _CONFIRM_DISCARD
            return
        self.destination.drafts.discard(self.draft_id)
        self.draft = Draft(self.destination.form, self.destination.earlier)
        self._saved, self._reason, self._started = False, "", _now()
        self._fill_in()

    # ------------------------------------------------------------------------------- sending

    def _review(self) -> None:
        """Check all answers; show them for review, or show the problems."""
        self.draft.checked = True
        self._alert.value = ""
        if self.destination.timed and not self.destination.earlier:
            self.draft.answers |= {"started": self._started, "ended": max(_now(), self._started)}
        if problems := self.draft.check():
            self._show_state()
            hidden = [p for at, p in problems.items() if at.split("/")[1] in self._hidden]
            self._alert.value = "".join(_alert_html(str(problem)) for problem in hidden)
            return
        self._show_state()
        if self.destination.earlier and not self._reason.strip():
            self._alert.value = _alert_html(f"{_REASON.label}: not answered yet.")
            self._reason_control.focus("/reason")
            return
        self._page.children = self._review_page()

    def _review_page(self) -> list[w.Widget]:
        form, answers = self.destination.form, self.draft.answers
        fields = {field.name: field for field in form.fields}
        children: list[w.Widget] = [
            form_style.html(
                form_style.heading("Review your answers", "Nothing has been sent yet.", 1)
            )
        ]
        if self.destination.earlier:
            changes = self.draft.changes(self.destination.earlier)
            rows = [[(c.label, ""), (c.before, ""), (c.after, "")] for c in changes]
            children += [
                form_style.html(form_style.heading("Changes", self._reason, 2)),
                form_style.html(form_style.table(("Field", "Before", "Now"), rows, "Changes")),
            ]
        for section in form.sections:
            answered = [
                (fields[name].label, answer_text(fields[name], answers[name]))
                for name in section.fields
                if answers.get(name) is not None
            ]
            if answered:
                head = form_style.heading(section.title, "", 2) if len(form.sections) > 1 else ""
                children.append(form_style.html(head + form_style.answer_table(answered)))
        send = form_style.button(self.destination.verb, "pv-main")
        send.on_click(lambda _: self._send(send))
        back = form_style.button("Back to the form")
        back.on_click(lambda _: self._fill_in())
        return [*children, self._alert, form_style.box(send, back, classes=["pv-bar"])]

    def _send(self, button: w.Button) -> None:
        button.disabled = True  # a second click would change nothing
        answers = self.draft.answers
        try:
            files = {
                name: self.destination.drafts.attached(self.draft_id, checksum)
                for _, name, checksum in files_in_answers(answers)
            }
            paragraphs = self.destination.send(
                Submission(answers, files, self._reason, self._started)
            )
        except ProvstoreError as error:
            button.disabled = False
            advice = map(str, error.problems) if isinstance(error, BadInput) else [error.advice]
            self._alert.value = _alert_html(" ".join([error.message, *advice]))
            return
        self.destination.drafts.discard(self.draft_id)
        first, *others = map(form_style.escape, paragraphs)
        body = f"<h1>{first}</h1>" + "".join(f"<p>{other}</p>" for other in others)
        self._page.children = [
            form_style.html(f'<div class="pv-said pv-said-well" role="status">{body}</div>')
        ]
        self._status.value = ""


_CONFIRM_DISCARD = "Click again to discard all answers"


def _alert_html(message: str) -> str:
    return f'<div class="pv-said pv-said-ill" role="alert">{form_style.escape(message)}</div>'


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
