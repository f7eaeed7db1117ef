"""Reports as tests need them: short answers, the same person, one hour each."""

from collections.abc import Mapping, Sequence
from typing import Any

from provstore.ingest.extracts import Extract
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import person_key
from provstore.ingest.report import START, Report, next_report, started_runs
from provstore.ingest.report_bundle import bundle_of_report
from provstore.projects.workflow import STARTED
from provstore.prov.model.bundle import Bundle
from provstore.storage.personal_data import IDENTIFIER_BYTES, RandomSource

ADA = {
    "name": "Ada Example",
    "email": "ada@example.org",
    "organisation": {"name": "Example Climate Institute"},
}
DATASET = "cordex.output.EUR-11.EXAMPLE.MPI-M-MPI-ESM-LR.rcp85.r1i1p1.EXRCM1.v1"
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "submission": {"dataset": DATASET, "derived_from": ["hdl:21.T12995/driving"]},
    "review": {"outcome": "ok"},
    "transfer": {"outcome": "ok", "files": 12, "bytes": 3456, "target": "data.example.org:/in"},
    "quality": {"outcome": "ok", "tool": {"name": "esgf-qa", "version": "0.6.0"}},
    "publication": {"outcome": "ok", "version": "v20260302", "pid": "hdl:21.T12995/one"},
    "archival": {"outcome": "ok", "identifier": "EXRCM1", "doi": "10.5072/one", "bytes": 3456},
    "revision": {"outcome": "ok", "corrects": "quality/1", "reason": "units"},
    "reopening": {"outcome": "ok", "reason": "the files were found"},
    "erratum": {"outcome": "ok", "affected": [{"dataset": DATASET, "version": "v20260302"}]},
    "retraction": {"outcome": "ok", "version": "v20260302", "reason": "units"},
}


def life(*steps: str, ingest: str = "cordex-0001") -> list[Report]:
    """The reports of an ingest; `quality:action-required` is a step with another outcome.

    `quality:started` is one that somebody has only begun.
    """
    reports: list[Report] = []
    for index, step in enumerate(steps):
        name, _, outcome = step.partition(":")
        answers = {
            "agent": ADA,
            "started": f"2026-03-{index + 1:02}T09:00:00+01:00",
            "ended": f"2026-03-{index + 1:02}T10:00:00+01:00",
            **ANSWERS[name],
        }
        form = "cordex" if name == "submission" else name
        if outcome == STARTED:
            form, answers = START, {"agent": ADA, "started": answers["started"]}
        elif outcome:
            answers["outcome"] = outcome
        if begun := started_runs(reports).get(name):
            answers["started"] = begun.answers["started"]
        reports.append(next_report(reports, ingest, name, form, "1", answers))
    return reports


WORD = "example"
"""What makes the identifiers of people predictable in the stores of tests."""


def person_iri(names: IngestIris, agent: Mapping[str, Any]) -> str:
    """The IRI that a predictable store gives to the person who answers."""
    orcid = agent.get("orcid", "")
    key = person_key(agent["name"], agent.get("email", ""), orcid)
    identifier = RandomSource(WORD).read(IDENTIFIER_BYTES, "person", key).hex()
    return str(orcid) or names.person(identifier)


def prov_of(
    report: Report, earlier: Sequence[Report], names: IngestIris, extract: Extract | None = None
) -> Bundle:
    """The bundle of a report, with nothing concealed."""
    person = person_iri(names, report.answers["agent"])
    return bundle_of_report(report, earlier, names, extract, person=person)


WHOLE = (
    "submission", "review", "transfer", "quality:started", "quality:action-required", "revision",
    "review", "transfer", "quality", "publication", "archival", "erratum", "retraction",
    "reopening",
)  # fmt: skip
