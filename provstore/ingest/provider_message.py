"""The message that a provider gets after each step, as text and as facts.

In: the reports of an ingest; the message is about the last of them. Out: a `Message`, addressed to
the person who submitted the delivery. This module sends nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from provstore.ingest.report import Report, current_state
from provstore.projects.workflow import ROLES, meaning

FACT_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "version": "Version",
        "pid": "Handle",
        "doi": "DOI",
        "data_node": "Data node",
        "search_url": "Search page",
        "archive": "Archive",
        "identifier": "Identifier in the archive",
        "erratum": "Erratum",
        "uid": "Erratum",
        "reason": "Reason",
        "target": "Copied to",
        "files": "Number of files",
        "comment": "Comment",
    }
)
"""The answers that a message repeats, with their labels."""

MAX_FINDINGS = 200
"""The text lists at most this many findings; the JSON has them all."""


@dataclass(frozen=True)
class Message:
    """A message to the provider of an ingest: text to read and facts for programs."""

    to: str
    subject: str
    text: str
    ingest: str
    step: str
    run: int
    outcome: str
    status: str
    next: str
    awaits: str
    facts: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]

    def record(self) -> dict[str, Any]:
        """Return all fields as a dictionary for JSON."""
        return vars(self) | {"facts": dict(self.facts)}


def message(reports: Sequence[Report]) -> Message:
    """Write the message about the last of these reports; the first is the submission."""
    report, provider = reports[-1], reports[0].answers["agent"]
    standing = current_state(reports)
    facts = {name: report.answers[name] for name in FACT_LABELS if name in report.answers}
    findings = tuple(row for row in report.answers.get("findings", ()) if isinstance(row, Mapping))
    words = meaning(report.step, report.outcome).words
    outcome = report.outcome.replace("-", " ")
    subject = f"{report.ingest}: {report.step}, {outcome}"
    dataset = f" ({name})" if (name := reports[0].answers.get("dataset")) else ""
    lines = [
        f"Dear {provider['name']},",
        "",
        f"this is an update on your data delivery {report.ingest}{dataset}.",
        "",
        f"Step: {report.step}, run {report.run}",
        f"Outcome: {outcome}. {words[0].upper()}{words[1:]}.",
        *_facts(facts),
        *_findings(findings),
        *_more(findings),
        "",
        _next_step(standing.status, standing.next, standing.awaits),
    ]
    return Message(
        provider["email"],
        subject,
        "\n".join(lines) + "\n",
        report.ingest,
        report.step,
        report.run,
        report.outcome,
        standing.status,
        standing.next,
        standing.awaits,
        facts,
        findings,
    )


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts:
        yield ""
    for name, answer in facts.items():
        yield f"{FACT_LABELS[name]}: {answer}"


def _findings(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if findings:
        yield from ("", "Findings:")
    for row in findings[:MAX_FINDINGS]:
        about = f" ({row['dataset']})" if "dataset" in row else ""
        yield f"- {row.get('severity', 'finding')}, {row.get('check', '')}{about}: " + str(
            row.get("message", "")
        )


def _more(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(findings) > MAX_FINDINGS:
        more = len(findings) - MAX_FINDINGS
        yield f"- and {more} more: see the JSON file that belongs to this message."


def _next_step(status: str, step: str, awaits: str) -> str:
    if not step:
        return f"Your delivery is {status}. No further step is planned."
    if awaits == "provider":
        return f"Next step: {step} (yours). Please fill in the form for this step and submit it."
    return f"Next step: {step} (by {ROLES[awaits]})."
