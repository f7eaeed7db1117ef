"""Where reports come in: a filled form is checked, put in its place in its ingest, written down.

In: bytes, the journal, the names and forms of the centre. Out: a `Receipt`, or a refusal with every
fault. It asks no view: whatever they do, reports are taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from provstore.commands.assembly import about_its_dataset, form_file, united
from provstore.errors import BadInput, Problem, Refused, StoreUnavailable, UnknownName
from provstore.ingest.correction import REVISION, revision_answers
from provstore.ingest.extracts import Extract
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.missing_errata import missing_errata
from provstore.ingest.report import (
    START,
    Report,
    current_state,
    next_report,
    next_run,
    started_runs,
)
from provstore.ingest.report_bundle import bundle_of_report
from provstore.ingest.report_from_json import report_from_json
from provstore.ingest.sealed_package import files_in_answers, read_delivery, read_form_name
from provstore.ingest.statements import canonical
from provstore.projects.forms import FilledForm, Form, read_filled_form
from provstore.projects.workflow import FIRST, check_move, step_named
from provstore.prov.notations import provjson
from provstore.results.receipts import Receipt
from provstore.storage.attachments import Attachments
from provstore.storage.journal import Entry, Journal, digest
from provstore.storage.outbox import Outbox

File = tuple[bytes, str]
"""What is in a file, and what it is called."""

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Intake:
    """The place where one store takes reports."""

    journal: Journal
    names: IngestIris
    forms: Mapping[str, Form]
    outbox: Outbox
    attachments: Attachments

    def submit(self, data: bytes, name: str) -> Receipt:
        """Take a filled form or a sealed package; it begins an ingest. Again, it changes nothing.

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            BadPackage: a package is not as it was sealed; lists every problem.
            Refused: it is the form of another step.

        """
        filled, attached = read_delivery(data, name, self.forms)
        form = filled.form
        if form.step != FIRST:
            advice = f"Report it: provstore report INGEST {form.step} FILE"
            raise Refused(f"The form {form.name} does not begin an ingest.", advice)
        self.attachments.keep(attached.values())  # before the report that names them is there
        with self.journal.writing():
            fingerprint = _fingerprint(FIRST, filled=filled)
            if known := self.journal.find(fingerprint):
                return self._known(known)
            ingest = f"{form.name}-{self.journal.last_of(form.name) + 1:04}"
            said = (form.name, form.version, filled.answers, form.vocabularies)
            report = next_report([], ingest, FIRST, *said)
            notes = (*filled.notes, *self._absent(filled))
            return replace(self._keep(report, [], fingerprint), notes=notes)

    def report(
        self, ingest: str, step: str, files: Sequence[File], answers: Mapping[str, Any] = _NONE
    ) -> Receipt:
        """Take a report on the next run of a step. The same again changes nothing.

        It is a filled form, or what tools wrote: then `answers` are what these do not tell. For a
        revision it may be the provider's form once more: what is different in it is the revision.

        Raises:
            UnknownName: there is no such ingest or step; names the near ones.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader knows a file, or the one that does lists what is wrong with it.
            Refused: the step may not come now, or form or file are those of another step.

        """
        try:
            if step == REVISION and len(files) == 1 and self._begins(*files[0]):
                filled, told = self._corrected(ingest, *files[0], answers), None
            else:
                filled, told = self._understood(step, files, answers)
        except BadInput:  # nobody should mend what may not come anyway
            check_move(ingest, [past.move for past in self.reports(ingest)], step)
            raise
        return self._take(ingest, step, filled, told)

    def start(self, ingest: str, step: str, answers: Mapping[str, Any]) -> Receipt:
        """Say that somebody has begun the next run of a step: `agent`, `started`, `comment`.

        Raises:
            UnknownName: there is no such ingest or step; names the near ones.
            BadForm: the answers do not fit the form `start`; lists every problem.
            Refused: the step may not come now, or has been started already.

        """
        step_named(step)
        form = self.forms[START]
        given = {"started": now(), **answers}
        filled = read_filled_form(form.text(given).encode(), START, self.forms)
        return self._take(ingest, step, filled, timed="started" not in answers)

    def finish(
        self, ingest: str, step: str, files: Sequence[File], answers: Mapping[str, Any] = _NONE
    ) -> Receipt:
        """Take the report on a run that was started: who and since when need not be said again.

        Raises:
            UnknownName: there is no such ingest or step; names the near ones.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader knows a file, or the one that does lists what is wrong with it.
            Refused: nobody has started this step, or form or file are those of another one.

        """
        step_named(step)
        begun = started_runs(self.reports(ingest)).get(step)
        if begun is None:
            advice = f"Report on it: provstore report {ingest} {step} FILE"
            raise Refused(f"Nobody has started {step} of {ingest}.", advice)
        known = {key: begun.answers[key] for key in ("agent", "started")}
        known["ended"] = now()
        filled, told = self._understood(step, files, answers, known)
        timed = filled.answers.get("ended") == known["ended"]
        return self._take(ingest, step, filled, told, timed=timed)

    def _understood(
        self, step: str, files: Sequence[File], answers: Mapping[str, Any],
        known: Mapping[str, Any] = _NONE,
    ) -> tuple[FilledForm, Extract | None]:  # fmt: skip
        """What was handed in, as a filled form, and what tools told besides.

        Without a file, the answers are all there is.
        `answers` stand above what tools tell, `known` below; what a form says stands above all.
        """
        row = step_named(step)
        if len(files) == 1 and (filling := form_file(*files[0], {**known, **answers})):
            filled, attached = read_delivery(filling, files[0][1], self.forms)
            if filled.form.name not in row.forms:
                advice = f"It wants {' or '.join(row.forms)}."
                raise Refused(f"The form {filled.form.name} does not report on {step}.", advice)
            self.attachments.keep(attached.values())
            return filled, None
        form = self.forms[row.forms[0]]
        if not files:
            whole = united(known, answers)
            form.check(whole, f"report on {step}")
            return FilledForm(form, whole), None
        from provstore.readers import registry  # only now: they are many

        told = registry.merge_extracts([registry.read_extract(data, name) for data, name in files])
        if told.step != step:
            what = f"{told.sources[0].name} is for {told.step}, not for {step} ({told.reader})."
            raise Refused(what, f"Report it there: provstore report INGEST {told.step} FILE")
        whole = united({**known, **told.answers}, answers)
        form.check(whole, " + ".join(name for _, name in files))
        return FilledForm(form, whole), told

    def _begins(self, data: bytes, name: str) -> bool:
        """Whether this is meant to be a form that begins an ingest."""
        form = self.forms.get(read_form_name(data, name))
        return form is not None and form.step == FIRST

    def _corrected(
        self, ingest: str, data: bytes, name: str, answers: Mapping[str, Any]
    ) -> FilledForm:
        filled, attached = read_delivery(data, name, self.forms)
        earlier = self.reports(ingest)
        if filled.form.name != earlier[0].form:
            what = f"{ingest} was begun with the form {earlier[0].form}, not {filled.form.name}."
            raise Refused(what, f"Fill in that one: provstore form {earlier[0].form}")
        form = self.forms[REVISION]
        said = united(revision_answers(filled.form, earlier, filled.answers, now()), answers)
        form.check(said, name)
        self.attachments.keep(attached.values())
        return FilledForm(form, said, filled.notes)

    def reports(self, ingest: str) -> list[Report]:
        """All reports of an ingest, in order.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        found = [self._report(entry) for entry in self.journal.of_ingest(ingest)]
        if not found:
            raise UnknownName("ingest", ingest, self.journal.ingests())
        return found

    def _report(self, entry: Entry) -> Report:
        return report_from_json(entry.content, entry.bundle, self.names)

    def _take(
        self, ingest: str, step: str, filled: FilledForm, told: Extract | None = None,
        *, timed: bool = False,
    ) -> Receipt:  # fmt: skip
        """Put it in its place, once.

        Where it was `timed` by us, to the second, another run may have looked the same.
        """
        form = filled.form
        seals = [source.sha256 for source in told.sources] if told else []
        with self.journal.writing():
            earlier = self.reports(ingest)
            fingerprint = _fingerprint(ingest, step, *seals, filled=filled)
            known = self.journal.find(fingerprint)
            run = next_run(earlier, step)
            if known and timed and self._report(known).run != run:
                fingerprint = _fingerprint(ingest, step, str(run), *seals, filled=filled)
                known = self.journal.find(fingerprint)
            if known:
                return self._known(known)
            said = (form.name, form.version, filled.answers, form.vocabularies)
            report = next_report(earlier, ingest, step, *said)
            if told:
                told = about_its_dataset(told, report, str(earlier[0].answers["dataset"]))
            receipt = self._keep(report, earlier, fingerprint, told)
            notes = (*filled.notes, *self._absent(filled), *missing_errata(report, earlier))
            notes += receipt.notes
            receipt = replace(receipt, notes=notes)
        with suppress(StoreUnavailable):  # what cannot be told now is told with the next report
            self.tell()
        return receipt

    def _keep(
        self, report: Report, earlier: list[Report], fingerprint: str, told: Extract | None = None
    ) -> Receipt:
        bundle = bundle_of_report(report, earlier, self.names, told)
        content = provjson.dump(bundle)
        entry, new = self.journal.append(bundle.iri, fingerprint, report.ingest, content)
        receipt = _receipt(entry, report, [*earlier, report], new=new)
        return replace(receipt, reader=told.reader, notes=told.notes) if told else receipt

    def _absent(self, filled: FilledForm) -> Iterator[Problem]:
        """Files that the answers name and nobody has sent."""
        for where, called, checksum in files_in_answers(filled.answers):
            if not self.attachments.has(checksum):
                mend = "Send a package that holds it."
                yield Problem(where, f"The file {called!r} is named, but was not sent.", mend)

    def _known(self, entry: Entry) -> Receipt:
        return _receipt(entry, self._report(entry), self.reports(entry.ingest), new=False)

    def tell(self) -> int:
        """Put a message on every report that is new into the outbox; gives how many.

        Raises:
            StoreUnavailable: the outbox cannot be written.

        """
        return self.outbox.follow(self.journal, self._history_upto)

    def _history_upto(self, entry: Entry) -> Iterator[Report]:
        for one in self.journal.of_ingest(entry.ingest):
            if one.position <= entry.position:
                yield self._report(one)


def now() -> str:
    """The present moment in UTC, to the second, as forms want it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _fingerprint(*place: str, filled: FilledForm) -> str:
    return digest(canonical([*place, filled.form.name, filled.form.version, filled.answers]))


def _receipt(entry: Entry, report: Report, reports: list[Report], *, new: bool) -> Receipt:
    then = current_state(reports)
    return Receipt(
        report.ingest, report.step, report.run, report.outcome, then.status, then.next,
        then.awaits, entry.bundle, entry.position, new,
    )  # fmt: skip
