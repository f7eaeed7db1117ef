"""Takes reports: checks a filled form, finds its run in the ingest, and records it.

In: bytes, the journal, the names and forms of the centre. Out: a `Receipt`, or a refusal that lists
every problem. It uses no view, so reports are accepted even when a view is down.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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
from provstore.ingest.statements import canonical
from provstore.projects.forms import FilledForm, Form, drop_unanswered
from provstore.projects.workflow import FIRST, check_has_step, check_move, step_named
from provstore.prov.model.utc_time import utc_now
from provstore.prov.notations import provjson
from provstore.prov.notations.input_file import InputFile
from provstore.results.receipts import Receipt
from provstore.storage.attachments import Attachments
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Entry, Journal, sha256_of_text
from provstore.storage.outbox import Outbox

_NO_ANSWERS: Mapping[str, Any] = MappingProxyType({})


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
        filled = delivery.read(self.forms)
        form = filled.form
        if form.step != FIRST:
            check_has_step(form.name)
            advice = f"To report it on an ingest, run: provstore report INGEST {form.step} FILE"
            raise Refused(
                f"The form {form.name} does not begin an ingest.",
                advice,
                code="PS-REFUSED-FORM-NO-SUBMISSION",
            )
        self.keep_attachments(delivery.attachments.values())  # before the report that names them
        missing = self._missing_files(filled)
        with self.journal.writing():
            fingerprint = _fingerprint(FIRST, filled=filled)
            if known := self.journal.entry_of_input(fingerprint):
                return self._earlier_receipt(known)
            series = series_name(form.name, self.generation)
            ingest = ingest_name(series, self.journal.last_number(series) + 1)
            contents = (form.name, form.version, filled.answers, form.vocabularies)
            report = next_report([], ingest, FIRST, *contents)
            notes = (*filled.notes, *missing)
            return replace(self._append_report(report, [], fingerprint), notes=notes)

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
            filled, extract = self._read_report(ingest, step, files, answers)
        except BadInput:  # report a step that is not allowed first: mending the input is no use
            check_move(ingest, [past.move for past in self.reports.of_ingest(ingest)], step)
            raise
        return self._write_report(ingest, step, filled, extract)

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
        form.check(known, START)
        filled = FilledForm(form, known)
        return self._write_report(ingest, step, filled, timed="started" not in answers)

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
            filled, extract = self._read_report(ingest, step, files, json_answers(answers), known)
            timed = filled.answers.get("ended") == known["ended"]
            return self._write_report(ingest, step, filled, extract, timed=timed)
        if finished := last_finished_run(reports, step):
            begun, done = finished
            known = {key: begun.answers[key] for key in ("agent", "started")}
            known["ended"] = done.answers.get("ended")
            filled, extract = self._read_report(ingest, step, files, json_answers(answers), known)
            for run in ((), (str(done.run),)):
                fingerprint = _report_fingerprint(
                    ingest, step, *run, filled=filled, extract=extract
                )
                if entry := self.journal.entry_of_input(fingerprint):
                    return self._earlier_receipt(entry)
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
    ) -> tuple[FilledForm, Extract | None]:
        """Read the input as a filled form, with the extract if tools wrote the files.

        A form's own answers take precedence over `answers`, `answers` over the answers that readers
        extract, and those over `known`. Without a file, `answers` and `known` are the report.
        """
        row = step_named(step)
        if len(files) == 1 and means_form(files[0]):
            delivery = open_delivery(files[0])
            if step == REVISION and self._begins_ingest(delivery):
                return self._read_revision(ingest, delivery, answers), None
            filled = delivery.read(self.forms, {**known, **answers})
            if filled.form.name not in row.forms:
                advice = f"The step {step} needs the form {' or '.join(row.forms)}."
                raise Refused(
                    f"The form {filled.form.name} does not report on {step}.",
                    advice,
                    code="PS-REFUSED-FORM-OTHER-STEP",
                )
            self.keep_attachments(delivery.attachments.values())
            return filled, None
        form = self.forms[row.forms[0]]
        if not files:
            whole = merge_answers(known, answers)
            form.check(whole, f"report on {step}")
            return FilledForm(form, whole), None
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
        form.check(whole, " + ".join(input_file.name for input_file in files))
        notes = (*extract.notes, *contradicted_answers(extract, whole))
        return FilledForm(form, whole), replace(extract, notes=notes)

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
        filled: FilledForm,
        extract: Extract | None = None,
        *,
        timed: bool = False,
    ) -> Receipt:
        """Record the report on its run, once.

        If the store set a time itself (`timed`), to the second, an earlier run may have the same
        fingerprint; the number of the run then tells them apart.
        """
        form = filled.form
        missing = self._missing_files(filled)
        with self.journal.writing():
            earlier = self.reports.of_ingest(ingest)
            fingerprint = _report_fingerprint(ingest, step, filled=filled, extract=extract)
            known = self.journal.entry_of_input(fingerprint)
            run = next_run(earlier, step)
            if known and timed and self.reports.of_entry(known).run != run:
                fingerprint = _report_fingerprint(
                    ingest, step, str(run), filled=filled, extract=extract
                )
                known = self.journal.entry_of_input(fingerprint)
            if known:
                return self._earlier_receipt(known)
            contents = (form.name, form.version, filled.answers, form.vocabularies)
            report = next_report(earlier, ingest, step, *contents)
            if extract:
                extract = check_dataset(extract, report, str(earlier[0].answers["dataset"]))
            receipt = self._append_report(report, earlier, fingerprint, extract)
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

    def _missing_files(self, filled: FilledForm) -> list[Problem]:
        """Return a note for each file that the answers name but nobody has sent.

        Those that are here are on the disk then, whoever sent them.
        """
        files = [*files_in_answers(filled.answers)]
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


def _report_fingerprint(*place: str, filled: FilledForm, extract: Extract | None) -> str:
    checksums = [source.sha256 for source in extract.sources] if extract else []
    return _fingerprint(*place, *checksums, filled=filled)


def _fingerprint(*place: str, filled: FilledForm) -> str:
    return sha256_of_text(
        canonical([*place, filled.form.name, filled.form.version, filled.answers])
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
