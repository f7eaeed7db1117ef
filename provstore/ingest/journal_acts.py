"""What was done to the journal itself, as opposed to a delivery: its bundles in PROV.

In: the act, who did it. Out: a `Bundle`. Pure. Such an act is an entry like a report.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import PREFIXES
from provstore.ingest.statements import Statements, attributes, json_value, time_value
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import END_TIME, INGEST, PROV, START_TIME

UPGRADE, REDACTION, AMENDMENT = "upgrade", "redaction", "amendment"


class Act(NamedTuple):
    """An act that replaced personal values, and the position of its entry.

    `answers` are those of the person with the IRI `person`, concealed. `replaced` has position,
    reference, and a commitment to what is there now.
    """

    name: str
    position: int
    time: str
    answers: Mapping[str, Any]
    person: str
    replaced: Sequence[tuple[int, str, str]]


def act_bundle_iri(act: str, position: int, iris: IngestIris) -> str:
    """Return the IRI of the bundle of an act that is recorded at this position."""
    return f"{iris.act(act, position)}/bundle"


def act_bundle(
    act: Act,
    attachments: Sequence[str],
    iris: IngestIris,
    more: Callable[[Statements, str], None],
) -> Bundle:
    """State who replaced which values, and why; `more` adds statements about the activity.

    `attachments` are the SHA-256 of those that were deleted.
    """
    statements = Statements()
    activity, agent = iris.act(act.name, act.position), act.answers["agent"]
    own, label = f"{activity}/report", f"{act.name} {act.position}"
    _state_activity(statements, activity, act.name, label, act.time)
    facts = attributes([("reason", act.answers["reason"]), ("redactedFile", list(attachments))])
    details = (
        (INGEST + "replaced", json_value([*map(list, act.replaced)])),
        (INGEST + "answers", json_value(act.answers)),
    )
    kind = f"{INGEST}{act.name.capitalize()}Report"
    statements.element(own, "entity", f"report on {label}", kind, (*facts, *details))
    statements.element(act.person, "agent", agent["name"], PROV + "Person")
    office = agent["organisation"]
    centre = iris.organisation(office["name"], office.get("ror", ""))
    statements.element(centre, "agent", office["name"], PROV + "Organization")
    statements.relate("wasAssociatedWith", activity, act.person, "")
    statements.relate("actedOnBehalfOf", act.person, centre, activity)
    statements.relate("wasGeneratedBy", own, activity, act.time)
    statements.relate("wasAttributedTo", own, act.person)
    more(statements, activity)
    return _bundle(statements, act.name, act.position, iris)


def replaced_values(bundle: Bundle) -> Iterator[tuple[int, str, str]]:
    """Yield what an act replaced: position, reference, commitment to what is there now."""
    for element in bundle.elements:
        for value in element.values(INGEST + "replaced"):
            yield from ((row[0], row[1], row[2]) for row in json.loads(value.text))


def redacted_files(bundle: Bundle) -> Iterator[str]:
    """Yield the SHA-256 of the attachments that a redaction deleted."""
    for element in bundle.elements:
        yield from (value.text for value in element.values(INGEST + "redactedFile"))


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
    _state_activity(statements, activity, UPGRADE, label, time)
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


def _state_activity(statements: Statements, activity: str, act: str, label: str, time: str) -> None:
    times = ((START_TIME, time_value(time)), (END_TIME, time_value(time)))
    statements.element(activity, "activity", label, INGEST + act.capitalize(), times)


def _bundle(statements: Statements, act: str, position: int, iris: IngestIris) -> Bundle:
    prefixes = {"centre": iris.base, "ingest": INGEST, **PREFIXES}
    return statements.bundle(act_bundle_iri(act, position, iris), prefixes)
