"""Answers as they were sent, and the fingerprints by which a repeat of them is known.

In: a form's name, answers, checksums of files. Out: fingerprints. It judges nothing, so a repeat is
known whatever rules forms have since.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provstore.ingest.extracts import Extract
from provstore.ingest.sealed_package import Delivery
from provstore.ingest.statements import canonical
from provstore.projects.forms import FilledForm, Form, drop_unanswered
from provstore.storage.journal_entries import sha256_of_text


@dataclass(frozen=True)
class SentAnswers:
    """Answers to a form, in one of these versions: the first is that in which they are recorded.

    `files` are the SHA-256 of the files of tools that they were read from.
    """

    form: str
    versions: Sequence[str]
    answers: Mapping[str, Any]
    files: Sequence[str] = ()

    def fingerprints(self, *place: str) -> list[str]:
        """Return the fingerprints that these answers may have; `place` tells where they belong.

        What has no UTF-8 was never recorded, and has none.
        """
        texts = (
            canonical([*place, *self.files, self.form, version, self.answers])
            for version in self.versions
        )
        try:
            return [sha256_of_text(text) for text in texts]
        except UnicodeEncodeError:
            return []


@dataclass(frozen=True)
class UnjudgedReport:
    """A report as it was sent; `judge` returns its form, or refuses it.

    `sent` is None if it cannot be a repeat.
    """

    sent: SentAnswers | None
    judge: Callable[[], FilledForm]
    extract: Extract | None = None
    attachments: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def files(self) -> list[str]:
        """The SHA-256 of the files of tools that it was read from."""
        return [source.sha256 for source in self.extract.sources] if self.extract else []


def report_by_answers(
    form: Form, answers: Mapping[str, Any], name: str, extract: Extract | None = None
) -> UnjudgedReport:
    """Return a report that was sent without a version: an earlier one may have recorded it."""

    def judge() -> FilledForm:
        form.check(answers, name)
        return FilledForm(form, answers)

    report = UnjudgedReport(None, judge, extract)
    sent = SentAnswers(form.name, (form.version, *form.formerly), answers, report.files)
    return replace(report, sent=sent)


def sent_by_delivery(
    delivery: Delivery, known: Mapping[str, Any] | None = None
) -> SentAnswers | None:
    """Return the answers in a delivery; None if it has none. `known` ones fill what is open.

    Raises:
        BadForm: it is no JSON; lists every problem.

    """
    document = delivery.document(known)
    if not isinstance(document, dict) or not isinstance(document.get("answers"), dict):
        return None
    form, version = document.get("form"), document.get("version")
    if not isinstance(form, str) or not isinstance(version, str):
        return None
    return SentAnswers(form, (version,), drop_unanswered(document["answers"]))


def sent_as_read(filled: FilledForm, files: Sequence[str] = ()) -> SentAnswers:
    """Return answers as the form of today reads them."""
    return SentAnswers(filled.form.name, (filled.form.version,), filled.answers, files)
