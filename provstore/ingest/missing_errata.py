"""Check the ESGF rule that every change of published data needs an erratum.

In: a report and the earlier ones of its ingest. Out: problems, used as notes: the report is
accepted in any case. This check does not see errata reported on other ingests; the question
`why-versions-changed` sees them all. Pure.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from provstore.errors import Problem
from provstore.ingest.report import Report
from provstore.projects.workflow import PASSED


def missing_errata(report: Report, earlier: Sequence[Report]) -> Iterator[Problem]:
    """Yield a new version or a retraction that no erratum of the ingest explains."""
    errata = [past.answers for past in earlier if past.step == "erratum" and not past.begins]
    mend = (
        f"Register one and report it: provstore report {report.ingest} erratum FILE. "
        "For all ingests: provstore ask why-versions-changed"
    )
    if report.step == "publication" and report.outcome in PASSED:
        before = _published_version(earlier)
        explained = {
            str(affected.get("version"))
            for answers in errata
            for affected in _affected_versions(answers)
        }
        if before and report.answers["version"] != before and before not in explained:
            message = f"A new version of published data needs an erratum, but none names {before}."
            yield Problem("/answers/version", message, mend)
    if report.step == "retraction" and not report.begins:
        uid = report.answers.get("erratum")
        if uid not in {answers.get("uid") for answers in errata}:
            message = (
                f"A retraction needs an erratum, but this ingest has no report on {uid or 'any'}."
            )
            yield Problem("/answers/erratum", message, mend)


def _published_version(earlier: Sequence[Report]) -> str:
    """Return the published version, or ""."""
    passed = (past for past in reversed(earlier) if past.step == "publication")
    return next(
        (str(report.answers["version"]) for report in passed if report.outcome in PASSED), ""
    )


def _affected_versions(answers: Any) -> list[Any]:
    """Return the versions that an erratum names; version 1 of its form asked for a single one."""
    named = answers["affected"]
    return named if isinstance(named, list) else [named]
