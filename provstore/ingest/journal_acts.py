"""What was done to the journal itself, as opposed to a delivery: its bundles in PROV.

In: the act, who did it. Out: a `Bundle`. Pure. Such an act is an entry like a report.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import PREFIXES
from provstore.ingest.statements import Statements, attributes, json_value, time_value
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import END_TIME, INGEST, PROV, START_TIME

UPGRADE, REDACTION = "upgrade", "redaction"


class RedactionFacts(NamedTuple):
    """What a redaction did: the time, the values, the attachments, the people with their labels."""

    time: str
    replaced: Sequence[tuple[int, str, str]]
    attachments: Sequence[str]
    people: Sequence[tuple[str, str]]


def act_bundle_iri(act: str, position: int, iris: IngestIris) -> str:
    """Return the IRI of the bundle of an act that is recorded at this position."""
    return f"{iris.act(act, position)}/bundle"


def upgrade_bundle(
    position: int, time: str, former: tuple[int, int, str], iris: IngestIris
) -> Bundle:
    """State that a program copied a journal into a new format.

    `former` has the earlier format, the number of its entries, and its last chain hash.
    """
    journal_format, entries, chain = former
    statements = Statements()
    activity, own = iris.act(UPGRADE, position), f"{iris.act(UPGRADE, position)}/report"
    label = f"upgrade of the journal from format {journal_format}"
    times = ((START_TIME, time_value(time)), (END_TIME, time_value(time)))
    statements.element(activity, "activity", label, INGEST + "Upgrade", times)
    facts = (("formerFormat", journal_format), ("formerEntries", entries), ("formerChain", chain))
    statements.element(
        own, "entity", f"report on the {label}", INGEST + "UpgradeReport", attributes(facts)
    )
    statements.relate("wasGeneratedBy", own, activity, time)
    program = statements.element(
        iris.tool("provstore", "journal"), "agent", "provstore", PROV + "SoftwareAgent"
    )
    statements.relate("wasAssociatedWith", activity, program, "")
    statements.relate("wasAttributedTo", own, program)
    return _bundle(statements, UPGRADE, position, iris)


def redaction_bundle(
    position: int, answers: Mapping[str, Any], person: str, act: RedactionFacts, iris: IngestIris
) -> Bundle:
    """State who redacted what, and why; `person` is the IRI of who did it.

    Each replaced value is named by position and reference, with a commitment to what is there now.
    """
    statements = Statements()
    activity, own = iris.act(REDACTION, position), f"{iris.act(REDACTION, position)}/report"
    label, agent = f"redaction {position}", answers["agent"]
    times = ((START_TIME, time_value(act.time)), (END_TIME, time_value(act.time)))
    statements.element(activity, "activity", label, INGEST + "Redaction", times)
    replaced = [[position, reference, now] for position, reference, now in act.replaced]
    facts = attributes([("reason", answers["reason"]), ("redactedFile", list(act.attachments))])
    more = (
        (INGEST + "replaced", json_value(replaced)),
        (INGEST + "answers", json_value(answers)),
    )
    statements.element(
        own, "entity", f"report on {label}", INGEST + "RedactionReport", (*facts, *more)
    )
    statements.element(person, "agent", agent["name"], PROV + "Person")
    office = agent["organisation"]
    centre = iris.organisation(office["name"], office.get("ror", ""))
    statements.element(centre, "agent", office["name"], PROV + "Organization")
    statements.relate("wasAssociatedWith", activity, person, "")
    statements.relate("actedOnBehalfOf", person, centre, activity)
    statements.relate("wasGeneratedBy", own, activity, act.time)
    statements.relate("wasAttributedTo", own, person)
    for identifier, name in act.people:
        statements.element(iris.person(identifier), "agent", name, PROV + "Person")
    return _bundle(statements, REDACTION, position, iris)


def replaced_values(bundle: Bundle) -> Iterator[tuple[int, str, str]]:
    """Yield what a redaction replaced: position, reference, commitment to what is there now."""
    for element in bundle.elements:
        for value in element.values(INGEST + "replaced"):
            yield from ((row[0], row[1], row[2]) for row in json.loads(value.text))


def redacted_files(bundle: Bundle) -> Iterator[str]:
    """Yield the SHA-256 of the attachments that a redaction deleted."""
    for element in bundle.elements:
        yield from (value.text for value in element.values(INGEST + "redactedFile"))


def _bundle(statements: Statements, act: str, position: int, iris: IngestIris) -> Bundle:
    prefixes = {"centre": iris.base, "ingest": INGEST, **PREFIXES}
    return statements.bundle(act_bundle_iri(act, position, iris), prefixes)
