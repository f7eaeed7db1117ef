"""What was done to the journal itself, as opposed to a delivery: its bundles in PROV.

In: the act, who did it. Out: a `Bundle`. Pure. Such an act is an entry of the journal, as a report is.
"""

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import PREFIXES
from provstore.ingest.statements import Statements, attributes, time_value
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import END_TIME, INGEST, PROV, START_TIME

UPGRADE, REDACTION = "upgrade", "redaction"


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


def _bundle(statements: Statements, act: str, position: int, iris: IngestIris) -> Bundle:
    prefixes = {"centre": iris.base, "ingest": INGEST, **PREFIXES}
    return statements.bundle(act_bundle_iri(act, position, iris), prefixes)
