"""Takes reports: checks a filled form, finds its run in the ingest, and records it.

In: bytes, the journal, the names and forms of the centre. Out: a `Receipt`, or a refusal that lists
every problem. It uses no view, so reports are accepted even when a view is down.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from provstore.commands.name_checks import disguised_names, unkept_texts
from provstore.commands.report_assembly import (
    check_dataset,
    contradicted_answers,
    json_answers,
    means_form,
    merge_answers,
)
from provstore.commands.sent_answers import (
    SentAnswers,
    UnjudgedReport,
    report_by_answers,
    sent_as_read,
    sent_by_delivery,
)
from provstore.errors import BadForm, BadInput, Problem, Refused, StoreUnavailable
from provstore.ingest.correction import REVISION, revision_answers
from provstore.ingest.extracts import Extract
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.ingest_series import ingest_name, series_name
from provstore.ingest.journal_acts import redacted_files
from provstore.ingest.missing_errata import missing_errata
from provstore.ingest.report import (
    START,
    Report,
    current_state,
    last_finished_run,
    next_report,
    next_run,
    started_runs,
)
from provstore.ingest.report_bundle import bundle_iri, bundle_of_report
from provstore.ingest.sealed_package import Delivery, files_in_answers, open_delivery
from provstore.projects.forms import FilledForm, Form, drop_unanswered
from provstore.projects.workflow import FIRST, Step, check_has_step, check_move, step_named
from provstore.prov.model.utc_time import utc_now
from provstore.prov.notations import provjson
from provstore.prov.notations.input_file import InputFile
from provstore.results.receipts import Receipt
from provstore.storage.attachments import Attachments
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Entry, Journal
from provstore.storage.outbox import Outbox

_NO_ANSWERS: Mapping[str, Any] = MappingProxyType({})
_NO_FILES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Intake:
    """Takes the reports of one store."""

    journal: Journal
    reports: IngestReports
    names: IngestIris
    forms: Mapping[str, Form]
    outbox: Outbox
    attachments: Attachments
    generation: int = 1

    def submit(self, input_file: InputFile) -> Receipt:
        """Begin an ingest with a filled form or a sealed package. Repeating it changes nothing.

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            BadPackage: the package was changed after it was sealed; lists every problem.
            Refused: the form belongs to another step, or to none; or the file is a record of the
                first generation.

        """
        if b'"workflow"' in input_file.data:
            _refuse_record(input_file)
        delivery = open_delivery(input_file)
        sent = sent_by_delivery(delivery)
        try:
            filled = delivery.read(self.forms)
            _check_begins(filled.form)
        except (BadForm, Refused):
            if earlier := self._earlier(sent, FIRST, attached=delivery.attachments):
                return earlier
            raise
        self.keep_attachments(delivery.attachments.values())  # before the report that names them
        missing = self._missing_files(filled.answers)
        with self.journal.writing():
            fingerprints = _fingerprints(sent, sent_as_read(filled), FIRST)
            if known := self._entry_of(fingerprints):
                return self._earlier_receipt(known)
            form = filled.form
            series = series_name(form.name, self.generation)
            ingest = ingest_name(series, self.journal.last_number(series) + 1)
            contents = (form.name, form.version, filled.answers, form.vocabularies)
            report = next_report([], ingest, FIRST, *contents)
            notes = (*filled.notes, *missing)
            return replace(self._append_report(report, [], fingerprints[0]), notes=notes)

    def _entry_of(self, fingerprints: Iterable[str]) -> Entry | None:
        return next(filter(None, map(self.journal.entry_of_input, fingerprints)), None)

    def _earlier(
        self,
        sent: SentAnswers | None,
        *place: str,
        attached: Mapping[str, bytes] = _NO_FILES,
    ) -> Receipt | None:
        """Return the receipt of what was recorded earlier, if it is sent again; None if not.

        A rule that is newer than the entry refuses no repeat.
        """
        fingerprints = sent.fingerprints(*place) if sent else []
        known = None
        with suppress(StoreUnavailable):  # then the refusal says more
            known = self._entry_of(fingerprints)
        if known is None or sent is None:
            return None
        named = {checksum for _, _, checksum in files_in_answers(sent.answers)}
        self.keep_attachments(
            content for content in attached.values() if sha256(content).hexdigest() in named
        )
        notes = self._missing_files(sent.answers)
        with self.journal.writing():  # nobody replaced the store meanwhile
            return replace(self._earlier_receipt(known), notes=tuple(notes))

    def keep_attachments(self, contents: Iterable[bytes]) -> None:
        """Keep files, apart from those that were redacted.

        Raises:
            StoreUnavailable: they cannot be written.

        """
        contents = [*contents]
        if not contents:
            return
        acts = map(bundle_of, self.journal.acts()) if self.journal.last_replacement() else ()
        redacted = {checksum for act in acts for checksum in redacted_files(act)}
        self.attachments.keep(contents, but=redacted)

    def report(
        self,
        ingest: str,
        step: str,
        files: Sequence[InputFile],
        answers: Mapping[str, Any] = _NO_ANSWERS,
    ) -> Receipt:
        """Record a report on the next run of a step. Repeating it changes nothing.

        The report is a filled form, or files of tools; `answers` then add what the files lack. For
        a revision, it may be the provider's form again: its changes become the revision.

        Raises:
            UnknownName: no such ingest or step; suggests similar names.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader knows a file, or a file is faulty; lists every problem.
            Refused: the step is not allowed now, or the form or file belongs to another step.

        """
        answers = json_answers(answers)
        try:
            unjudged = self._read_report(ingest, step, files, answers)
            return self._write_report(ingest, step, unjudged)
        except BadInput:  # report a step that is not allowed first: mending the input is no use
            check_move(ingest, [past.move for past in self.reports.of_ingest(ingest)], step)
            raise

    def start(self, ingest: str, step: str, answers: Mapping[str, Any]) -> Receipt:
        """Record that an agent has started the next run of a step.

        The answers are `agent`, `started` and `comment`.

        Raises:
            UnknownName: no such ingest or step; suggests similar names.
            BadForm: the answers do not fit the form `start`; lists every problem.
            Refused: the step is not allowed now, or has already been started.

        """
        step_named(step)
        form = self.forms[START]
        known = drop_unanswered({"started": utc_now(), **json_answers(answers)})
        unjudged = report_by_answers(form, known, START)
        return self._write_report(ingest, step, unjudged, timed="started" not in answers)

    def finish(
        self,
        ingest: str,
        step: str,
        files: Sequence[InputFile],
        answers: Mapping[str, Any] = _NO_ANSWERS,
    ) -> Receipt:
        """Record the report on a started run; its agent and start time are already known.

        What was finished already, with the same answers, is not recorded again: the receipt is the
        earlier one.

        Raises:
            UnknownName: no such ingest or step; suggests similar names.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader knows a file, or a file is faulty; lists every problem.
            Refused: the step has not been started, or the form or file belongs to another step.

        """
        step_named(step)
        reports = self.reports.of_ingest(ingest)
        if begun := started_runs(reports).get(step):
            known = {key: begun.answers[key] for key in ("agent", "started")}
            known["ended"] = utc_now()
            unjudged = self._read_report(ingest, step, files, json_answers(answers), known)
            sent = unjudged.sent
            timed = sent is not None and sent.answers.get("ended") == known["ended"]
            return self._write_report(ingest, step, unjudged, timed=timed)
        if finished := last_finished_run(reports, step):
            begun, done = finished
            known = {key: begun.answers[key] for key in ("agent", "started")}
            known["ended"] = done.answers.get("ended")
            unjudged = self._read_report(ingest, step, files, json_answers(answers), known)
            places = ((ingest, step), (ingest, step, str(done.run)))
            attached = unjudged.attachments
            for place in places:
                if earlier := self._earlier(unjudged.sent, *place, attached=attached):
                    return earlier
            read = sent_as_read(unjudged.judge(), unjudged.files)
            for place in places:
                if earlier := self._earlier(read, *place, attached=attached):
                    return earlier
        advice = f"To report without a start, run: provstore report {ingest} {step} FILE"
        raise Refused(
            f"The step {step} of {ingest} has not been started.",
            advice,
            code="PS-REFUSED-NOT-STARTED",
        )

    def _read_report(
        self,
        ingest: str,
        step: str,
        files: Sequence[InputFile],
        answers: Mapping[str, Any],
        known: Mapping[str, Any] = _NO_ANSWERS,
    ) -> UnjudgedReport:
        """Read the input as a filled form, with the extract if tools wrote the files.

        A form's own answers take precedence over `answers`, `answers` over the answers that readers
        extract, and those over `known`. Without a file, `answers` and `known` are the report.
        """
        row = step_named(step)
        if len(files) == 1 and means_form(files[0]):
            delivery = open_delivery(files[0])
            attachments = delivery.attachments
            if step == REVISION and self._begins_ingest(delivery):
                judge = partial(self._read_revision, ingest, delivery, answers)
                return UnjudgedReport(None, judge, attachments=attachments)
            known = {**known, **answers}
            judge = partial(self._read_form, row, delivery, known)
            sent = sent_by_delivery(delivery, known)
            return UnjudgedReport(sent, judge, attachments=attachments)
        form = self.forms[row.forms[0]]
        if not files:
            whole = merge_answers(known, answers)
            return report_by_answers(form, whole, f"report on {step}")
        from provstore.readers import reader_registry  # imported late: the readers are many

        extract = reader_registry.merge_extracts([*map(reader_registry.read_file, files)])
        if extract.step != step:
            name, reader = extract.sources[0].name, extract.reader
            message = f"{name} ({reader}) reports on {extract.step}, not on {step}."
            raise Refused(
                message,
                f"Run: provstore report {ingest} {extract.step} FILE",
                code="PS-REFUSED-FILE-OTHER-STEP",
            )
        whole = merge_answers({**known, **extract.answers}, answers)
        name = " + ".join(input_file.name for input_file in files)
        notes = (*extract.notes, *contradicted_answers(extract, whole))
        return report_by_answers(form, whole, name, replace(extract, notes=notes))

    def _read_form(self, row: Step, delivery: Delivery, known: Mapping[str, Any]) -> FilledForm:
        """Read a filled form, which reports on this step."""
        filled = delivery.read(self.forms, known)
        if filled.form.name not in row.forms:
            advice = f"The step {row.name} needs the form {' or '.join(row.forms)}."
            raise Refused(
                f"The form {filled.form.name} does not report on {row.name}.",
                advice,
                code="PS-REFUSED-FORM-OTHER-STEP",
            )
        self.keep_attachments(delivery.attachments.values())
        return filled

    def _begins_ingest(self, delivery: Delivery) -> bool:
        form = self.forms.get(delivery.form_name)
        return form is not None and form.step == FIRST

    def _read_revision(
        self, ingest: str, delivery: Delivery, answers: Mapping[str, Any]
    ) -> FilledForm:
        """Read the provider's form again; its changes become the revision."""
        filled, earlier = delivery.read(self.forms), self.reports.of_ingest(ingest)
        if filled.form.name != earlier[0].form:
            message = f"{ingest} began with the form {earlier[0].form}, not {filled.form.name}."
            raise Refused(
                message,
                f"Fill in that form: provstore form {earlier[0].form}",
                code="PS-REFUSED-FORM-OTHER-PROJECT",
            )
        form = self.forms[REVISION]
        merged = merge_answers(
            revision_answers(filled.form, earlier, filled.answers, utc_now()), answers
        )
        form.check(merged, delivery.form_file.name)
        self.keep_attachments(delivery.attachments.values())
        return FilledForm(form, merged, filled.notes)

    def _write_report(
        self,
        ingest: str,
        step: str,
        unjudged: UnjudgedReport,
        *,
        timed: bool = False,
    ) -> Receipt:
        """Record the report on its run, once.

        If the store set a time itself (`timed`), to the second, an earlier run may have the same
        fingerprint; the number of the run then tells them apart.
        """
        sent, extract = unjudged.sent, unjudged.extract
        try:
            filled = unjudged.judge()
        except (BadForm, Refused):
            place, attached = (ingest, step), unjudged.attachments
            if repeated := self._earlier(sent, *place, attached=attached):
                return repeated
            raise
        form, read = filled.form, sent_as_read(filled, unjudged.files)
        missing = self._missing_files(filled.answers)
        with self.journal.writing():
            earlier = self.reports.of_ingest(ingest)
            fingerprints = _fingerprints(sent, read, ingest, step)
            known = self._entry_of(fingerprints)
            run = next_run(earlier, step)
            if known and timed and self.reports.of_entry(known).run != run:
                fingerprints = _fingerprints(sent, read, ingest, step, str(run))
                known = self._entry_of(fingerprints)
            if known:
                return self._earlier_receipt(known)
            contents = (form.name, form.version, filled.answers, form.vocabularies)
            report = next_report(earlier, ingest, step, *contents)
            if extract:
                extract = check_dataset(extract, report, str(earlier[0].answers["dataset"]))
            receipt = self._append_report(report, earlier, fingerprints[0], extract)
            notes = (*filled.notes, *missing, *missing_errata(report, earlier))
            notes += receipt.notes
            receipt = replace(receipt, notes=notes)
        # a message that cannot be written now is written with the next report
        with suppress(StoreUnavailable):
            self.write_messages()
        return receipt

    def _append_report(
        self,
        report: Report,
        earlier: Sequence[Report],
        fingerprint: str,
        extract: Extract | None = None,
    ) -> Receipt:
        concealer = self.journal.personal.concealer(bundle_iri(report, self.names))
        person = self.names.person(concealer.agent(report.answers["agent"]))
        fields = self.forms[report.form].fields
        concealed = replace(report, answers=concealer.answers(fields, report.answers))
        bundle = bundle_of_report(concealed, earlier, self.names, extract, person=person)
        dataset = str(earlier[0].answers.get("dataset", "")) if earlier else ""
        about = f"{report.step} of {report.ingest}"
        if unkept := dict.fromkeys(unkept_texts([bundle])):
            raise BadForm(about, unkept, code="PS-FORM-NUL")
        if posing := dict.fromkeys(disguised_names(bundle, report.answers, self.names, dataset)):
            raise BadForm(about, posing, code="PS-FORM-NAME-IN-DISGUISE")
        content = provjson.dump(concealer.statements(bundle))
        entry, new = self.journal.append(bundle.iri, fingerprint, report.ingest, content, concealer)
        receipt = _receipt(entry, report, [*earlier, report], new=new)
        return replace(receipt, reader=extract.reader, notes=extract.notes) if extract else receipt

    def _missing_files(self, answers: Mapping[str, Any]) -> list[Problem]:
        """Return a note for each file that the answers name but nobody has sent.

        Those that are here are on the disk then, whoever sent them.
        """
        files = [*files_in_answers(answers)]
        if files:
            self.attachments.make_durable([checksum for _, _, checksum in files])
        mend = "Send a package that contains it."
        return [
            Problem(where, f"The file {called!r} is named but was not sent.", mend)
            for where, called, checksum in files
            if not self.attachments.has(checksum)
        ]

    def _earlier_receipt(self, entry: Entry) -> Receipt:
        report = self.reports.of_entry(entry)
        return _receipt(entry, report, self.reports.of_ingest(entry.ingest), new=False)

    def write_messages(self) -> int:
        """Write a message about each new report to the outbox; return how many.

        Raises:
            StoreUnavailable: the outbox cannot be written.

        """
        return self.outbox.follow(self.journal, self.reports)


def _refuse_record(input_file: InputFile) -> None:
    from provstore.readers.dkrz_forms_record import looks_like_record  # for old records only

    if not looks_like_record(input_file):
        raise Refused(
            f"{input_file.name} is a record of the first generation, not a filled form.",
            "Import it with all its values: provstore import FILE",
            code="PS-REFUSED-FIRST-GENERATION",
        )


def _fingerprints(sent: SentAnswers | None, read: SentAnswers, *place: str) -> list[str]:
    """Return the fingerprints of answers as they were sent, and as they are read today.

    The first is recorded. Earlier versions of this software recorded the other one.
    """
    return [*dict.fromkeys(
        text for answers in (sent, read) if answers for text in answers.fingerprints(*place)
    )]  # fmt: skip


def _check_begins(form: Form) -> None:
    """Check that a form begins an ingest.

    Raises:
        Refused: it belongs to another step, or to none.

    """
    if form.step != FIRST:
        check_has_step(form.name)
        advice = f"To report it on an ingest, run: provstore report INGEST {form.step} FILE"
        raise Refused(
            f"The form {form.name} does not begin an ingest.",
            advice,
            code="PS-REFUSED-FORM-NO-SUBMISSION",
        )


def _receipt(entry: Entry, report: Report, reports: Sequence[Report], *, new: bool) -> Receipt:
    standing = current_state(reports)
    return Receipt(
        report.ingest,
        report.step,
        report.run,
        report.outcome,
        standing.status,
        standing.next,
        standing.awaits,
        entry.bundle,
        entry.position,
        new,
    )
