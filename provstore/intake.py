"""Where reports come in: a filled form is checked, put in its place in its ingest, written down.

In: bytes, the journal, the names and forms of the centre. Out: a `Receipt`, or a refusal with every
fault. It asks no view: whatever they do, reports are taken.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from provstore.catching_up import bundle_of
from provstore.errors import BadDocument, BadForm, Refused, StoreUnavailable, UnknownName
from provstore.ingest.forms import Filled, Form, read_filled
from provstore.ingest.names import Names
from provstore.ingest.record import read, record
from provstore.ingest.report import START, Report, following, state, under_way
from provstore.ingest.statements import canonical
from provstore.ingest.workflow import FIRST, step_named
from provstore.journal import Entry, Journal, digest
from provstore.outbox import Outbox
from provstore.prov import provjson
from provstore.prov.json_strict import strict_json
from provstore.replies import Receipt


@dataclass(frozen=True)
class Intake:
    """The place where one store takes reports."""

    journal: Journal
    names: Names
    forms: Mapping[str, Form]
    outbox: Outbox

    def submit(self, data: bytes, name: str) -> Receipt:
        """Take a provider's filled form; it begins a new ingest. The same again changes nothing.

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            Refused: it is the form of another step.

        """
        filled = read_filled(data, name, self.forms)
        form = filled.form
        if form.step != FIRST:
            advice = f"Report it: provstore report INGEST {form.step} FILE"
            raise Refused(f"The form {form.name} does not begin an ingest.", advice)
        with self.journal.writing():
            fingerprint = _fingerprint(FIRST, filled=filled)
            if known := self.journal.find(fingerprint):
                return self._known(known)
            ingest = f"{form.name}-{self.journal.last_of(form.name) + 1:04}"
            report = following([], ingest, FIRST, form.name, form.version, filled.answers)
            return self._keep(report, [], fingerprint)

    def report(self, ingest: str, step: str, data: bytes, name: str) -> Receipt:
        """Take a report on the next run of a step. The same again changes nothing.

        Raises:
            UnknownName: there is no such ingest or step; names the near ones.
            BadForm: the answers do not fit the form; lists every problem.
            Refused: the step may not come now, or the form is that of another step.

        """
        wanted = step_named(step).forms
        filled = read_filled(data, name, self.forms)
        if filled.form.name not in wanted:
            advice = f"It wants {' or '.join(wanted)}."
            raise Refused(f"The form {filled.form.name} does not report on {step}.", advice)
        return self._take(ingest, step, filled)

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
        return self._take(ingest, step, read_filled(form.text(given).encode(), START, self.forms))

    def finish(self, ingest: str, step: str, data: bytes, name: str) -> Receipt:
        """Take the report on a run that was started: who and since when need not be said again.

        Raises:
            UnknownName: there is no such ingest or step; names the near ones.
            BadForm: the answers do not fit the form; lists every problem.
            Refused: nobody has started this step, or the form is that of another one.

        """
        step_named(step)
        begun = under_way(self.reports(ingest)).get(step)
        if begun is None:
            advice = f"Report on it: provstore report {ingest} {step} FILE"
            raise Refused(f"Nobody has started {step} of {ingest}.", advice)
        known = {key: begun.answers[key] for key in ("agent", "started")} | {"ended": now()}
        return self.report(ingest, step, _completed(data, name, known), name)

    def reports(self, ingest: str) -> list[Report]:
        """All reports of an ingest, in order.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        found = [read(bundle_of(entry)) for entry in self.journal.of_ingest(ingest)]
        if not found:
            raise UnknownName("ingest", ingest, self.journal.ingests())
        return found

    def _take(self, ingest: str, step: str, filled: Filled) -> Receipt:
        form = filled.form
        fingerprint = _fingerprint(ingest, step, filled=filled)
        with self.journal.writing():
            if known := self.journal.find(fingerprint):
                return self._known(known)
            earlier = self.reports(ingest)
            report = following(earlier, ingest, step, form.name, form.version, filled.answers)
            receipt = self._keep(report, earlier, fingerprint)
        with suppress(StoreUnavailable):  # what cannot be told now is told with the next report
            self.tell()
        return receipt

    def _keep(self, report: Report, earlier: list[Report], fingerprint: str) -> Receipt:
        bundle = record(report, earlier, self.names)
        content = provjson.dump(bundle)
        entry, new = self.journal.append(bundle.iri, fingerprint, report.ingest, content)
        return _receipt(entry, report, [*earlier, report], new=new)

    def _known(self, entry: Entry) -> Receipt:
        return _receipt(entry, read(bundle_of(entry)), self.reports(entry.ingest), new=False)

    def tell(self) -> int:
        """Put a message on every report that is new into the outbox; gives how many.

        Raises:
            StoreUnavailable: the outbox cannot be written.

        """
        return self.outbox.follow(self.journal, self._history_upto)

    def _history_upto(self, entry: Entry) -> Iterator[Report]:
        for one in self.journal.of_ingest(entry.ingest):
            if one.position <= entry.position:
                yield read(bundle_of(one))


def now() -> str:
    """The present moment in UTC, to the second, as forms want it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _fingerprint(*place: str, filled: Filled) -> str:
    return digest(canonical([*place, filled.form.name, filled.form.version, filled.answers]))


def _completed(data: bytes, name: str, known: Mapping[str, Any]) -> bytes:
    """A filled form with answers that are known already, where it leaves them open."""
    try:
        document = strict_json(data, name)
    except BadDocument as error:
        raise BadForm(name, error.problems) from None
    answers = document.get("answers") if isinstance(document, dict) else None
    if isinstance(document, dict) and isinstance(answers, dict):
        given = {key: answer for key, answer in answers.items() if answer is not None}
        document = {**document, "answers": {**known, **given}}
    return json.dumps(document, ensure_ascii=False).encode(errors="surrogatepass")


def _receipt(entry: Entry, report: Report, reports: list[Report], *, new: bool) -> Receipt:
    then = state(reports)
    return Receipt(
        report.ingest, report.step, report.run, report.outcome, then.status, then.next,
        then.awaits, entry.bundle, entry.position, new,
    )  # fmt: skip
