"""The news for a provider after each step: one message, as text and as facts.

In: the reports of an ingest, the last of them being the news. Out: a `Message`. Nothing is sent
here, and nobody is addressed but the one who submitted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
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
        "search_url": "Found at",
        "archive": "Archive",
        "identifier": "Identifier there",
        "erratum": "Erratum",
        "uid": "Erratum",
        "reason": "Reason",
        "target": "Target",
        "files": "Files",
        "comment": "Comment",
    }
)
"""The answers that concern a provider, and what they are called in a message."""

MAX_FINDINGS = 200
"""Findings in a letter; whoever has more reads them with a program."""


@dataclass(frozen=True)
class Message:
    """News for the provider of an ingest."""

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
        """The names and values, ready for JSON."""
        return asdict(self) | {"facts": dict(self.facts)}


def message(reports: Sequence[Report]) -> Message:
    """The message on the last of these reports; the first is the submission."""
    report, provider = reports[-1], reports[0].answers["agent"]
    standing = current_state(reports)
    facts = {name: report.answers[name] for name in FACT_LABELS if name in report.answers}
    findings = tuple(row for row in report.answers.get("findings", ()) if isinstance(row, Mapping))
    words = meaning(report.step, report.outcome).words
    subject = f"{report.ingest}: {report.step}, {report.outcome.replace('-', ' ')}"
    lines = [
        f"Dear {provider['name']},",
        "",
        f"{report.step} {report.run} of your delivery {report.ingest}"
        f" ({reports[0].answers.get('dataset', 'no dataset named')}): {words}.",
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
        yield from ("", "What was found:")
    for row in findings[:MAX_FINDINGS]:
        about = f" ({row['dataset']})" if "dataset" in row else ""
        yield f"- {row.get('severity', 'finding')}, {row.get('check', '')}{about}: " + str(
            row.get("message", "")
        )


def _more(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(findings) > MAX_FINDINGS:
        more = len(findings) - MAX_FINDINGS
        yield f"- and {more} more, which stand in the JSON beside this text."


def _next_step(status: str, step: str, awaits: str) -> str:
    if not step:
        return f"The delivery is {status}."
    yours = "you are" if awaits == "provider" else f"{ROLES[awaits]} is"
    return f"What comes next is {step}, and {yours} to do it."
