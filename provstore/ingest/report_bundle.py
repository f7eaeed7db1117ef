"""A report ⇄ its bundle: the answers of one agent in PROV.

In: a `Report`, the earlier ones of its ingest, the IRIs of the centre. Out: a `Bundle`;
`report_of_bundle` returns the report. Pure. A report sets attributes only of what it creates;
things that it mentions (dataset, person, form) only get facts that follow from their names.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provstore.ingest import extract_statements
from provstore.ingest.data_statements import state_data
from provstore.ingest.extracts import Extract
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import PREFIXES
from provstore.ingest.report import Report
from provstore.ingest.statements import (
    Statements,
    attributes,
    iri_value,
    json_value,
    time_value,
    utc,
)
from provstore.projects import workflow
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.model.terms import END_TIME, INGEST, PROV, ROLE, START_TIME, TYPE

_STATED_ANSWERS = frozenset({"agent", "started", "ended", "outcome", "findings"})
"""Answers that become statements instead of attributes."""


@gc_paused()
def bundle_of_report(
    report: Report,
    earlier: Sequence[Report],
    iris: IngestIris,
    extract: Extract | None = None,
    *,
    person: str,
) -> Bundle:
    """Write a report in PROV, with the content of the tool's file that it was made from.

    `person` is the IRI of who answered.

    Raises:
        BadForm: an answer names a run or a dataset that this report cannot concern.

    """
    if report.begins:
        return _bundle_of_start(report, iris, person)
    statements = Statements()
    place = (report.ingest, report.step, report.run)
    earlier = [past for past in earlier if not past.begins]
    activity, own = iris.run(*place), iris.report(*place)
    started, ended = utc(report.answers["started"]), utc(report.answers["ended"])
    step = workflow.STEPS[report.step]
    statements.element(
        activity,
        "activity",
        f"{report.step} {report.run} of {report.ingest}",
        INGEST + step.activity,
        ((START_TIME, time_value(started)), (END_TIME, time_value(ended))),
    )
    _state_agents(statements, report, activity, step.role, iris, person)
    statements.element(
        own,
        "entity",
        f"{report.step} report {report.run} of {report.ingest}",
        INGEST + step.report,
        (*attributes(_facts(report, earlier)), (INGEST + "answers", json_value(report.answers))),
    )
    statements.relate("wasGeneratedBy", own, activity, ended)
    statements.relate("wasAttributedTo", own, person)
    for vocabulary in report.vocabularies:
        statements.use(activity, extract_statements.state_vocabulary(statements, vocabulary, iris))
    if earlier:
        before = (earlier[-1].ingest, earlier[-1].step, earlier[-1].run)
        statements.use(activity, iris.report(*before))
        statements.derive(own, iris.report(*before), activity)
        statements.relate(
            "wasInformedBy", activity, statements.mention(iris.run(*before), "activity")
        )
    collection = ((TYPE, iri_value(PROV + "Collection")),)
    ingest = iris.ingest(report.ingest)
    statements.element(ingest, "entity", report.ingest, INGEST + "Ingest", collection)
    statements.relate("hadMember", ingest, own)
    state_data(statements, report, earlier, iris)
    run = extract_statements.RunIris(activity, own, statements.used_by(activity))
    if extract:
        extract_statements.state_extract(statements, extract, run, iris)
    else:
        extract_statements.state_findings(statements, report.answers.get("findings", []), run, iris)
    return statements.bundle(
        bundle_iri(report, iris), {"centre": iris.base, "ingest": INGEST, **PREFIXES}
    )


def _bundle_of_start(report: Report, iris: IngestIris, person: str) -> Bundle:
    """State a run that has begun, with agent and start; its report will repeat both."""
    statements = Statements()
    place = (report.ingest, report.step, report.run)
    activity, own, begun = iris.run(*place), iris.start(*place), utc(report.answers["started"])
    step = workflow.STEPS[report.step]
    label = f"{report.step} {report.run} of {report.ingest}"
    times = ((START_TIME, time_value(begun)),)
    statements.element(activity, "activity", label, INGEST + step.activity, times)
    _state_agents(statements, report, activity, step.role, iris, person)
    facts = (*attributes(_place(report)), (INGEST + "answers", json_value(report.answers)))
    statements.element(own, "entity", f"start of {label}", INGEST + "Start", facts)
    statements.relate("wasGeneratedBy", own, activity, begun)
    statements.relate("wasAttributedTo", own, person)
    statements.relate("hadMember", statements.mention(iris.ingest(report.ingest)), own)
    return statements.bundle(
        bundle_iri(report, iris), {"centre": iris.base, "ingest": INGEST, **PREFIXES}
    )


def bundle_iri(report: Report, iris: IngestIris) -> str:
    """Return the IRI of the bundle of a report."""
    place = (report.ingest, report.step, report.run)
    return f"{iris.start(*place)}/bundle" if report.begins else iris.bundle(*place)


FACTS_OF_ALL = frozenset({"answers", "ingest", "step", "run", "form", "formVersion"})
FACTS = (*FACTS_OF_ALL, "sequence", "after", "vocabulary")
"""The attributes of its entity that make a report; the first are in each."""


def report_of_bundle(bundle: Bundle) -> Report:
    """Return the report that `bundle_of_report` made this bundle from."""
    element = next(e for e in bundle.elements if e.values(INGEST + "answers"))
    return report_of_texts(
        {fact: [value.text for value in element.values(INGEST + fact)] for fact in FACTS}
    )


def report_of_texts(texts: Mapping[str, Sequence[str]]) -> Report:
    """Return the report whose entity has these attributes."""
    return Report(
        texts["ingest"][0],
        texts["step"][0],
        int(texts["run"][0]),
        int((texts.get("sequence") or texts["after"])[0]),
        texts["form"][0],
        texts["formVersion"][0],
        json.loads(texts["answers"][0]),
        tuple(texts.get("vocabulary", ())),
    )


def _state_agents(
    statements: Statements, report: Report, activity: str, role: str, iris: IngestIris, person: str
) -> None:
    """State the person who answered, their organisation, the form and the tool."""
    agent = report.answers["agent"]
    statements.element(person, "agent", agent["name"], PROV + "Person")
    plan = ""
    if not report.begins:  # a start follows no form of a step yet
        plan = iris.form(report.form, report.version)
        statements.element(
            plan, "entity", f"form {report.form}, version {report.version}", PROV + "Plan"
        )
    _associate(statements, activity, person, plan, role)
    organisation = agent["organisation"]
    office = iris.organisation(organisation["name"], organisation.get("ror", ""))
    statements.element(office, "agent", organisation["name"], PROV + "Organization")
    statements.relate("actedOnBehalfOf", person, office, activity)
    if tool := report.answers.get("tool"):
        program = iris.tool(tool["name"], tool["version"])
        label = f"{tool['name']} {tool['version']}"
        statements.element(program, "agent", label, PROV + "SoftwareAgent")
        _associate(statements, activity, program, "", "checker")
        statements.relate("actedOnBehalfOf", program, person, activity)


def _associate(statements: Statements, activity: str, agent: str, plan: str, role: str) -> None:
    attributes = ((ROLE, iri_value(INGEST + role)),)
    statements.relate("wasAssociatedWith", activity, agent, plan, attributes=attributes)


def _facts(report: Report, earlier: Sequence[Report]) -> Iterator[tuple[str, object]]:
    yield from _place(report)
    now = workflow.state_after(report.step, report.outcome, [past.move for past in earlier])
    yield "status", now.status
    if now.next:
        yield from (("awaits", now.awaits), ("next", now.next))
    yield from _flat(
        (name, answer) for name, answer in report.answers.items() if name not in _STATED_ANSWERS
    )


def _place(report: Report) -> Iterator[tuple[str, object]]:
    yield from (
        ("ingest", report.ingest),
        ("step", report.step),
        ("run", report.run),
        ("after" if report.begins else "sequence", report.sequence),
        ("form", report.form),
        ("formVersion", report.version),
        ("outcome", report.outcome),
        ("vocabulary", [*report.vocabularies]),
    )


def _flat(answers: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, object]]:
    """Yield answers as facts; a part of an answer carries both names: `tool_version`."""
    for name, answer in answers:
        if isinstance(answer, Mapping):
            yield from _flat((f"{name}_{part}", inner) for part, inner in answer.items())
        else:
            yield name, answer
