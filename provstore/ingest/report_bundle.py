"""A report ⇄ its bundle: what one agent answered, said in PROV.

In: a `Report`, the earlier ones of its ingest, the names of the centre. Out: a `Bundle`; `read`
gives the report back. Pure. A report gives attributes only to what it brings into the world;
whatever it meets (dataset, person, form) is described by facts that follow from its name.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provstore.ingest import extract_statements
from provstore.ingest.data_statements import tell
from provstore.ingest.extracts import Read
from provstore.ingest.ingest_iris import Names
from provstore.ingest.report import Report
from provstore.ingest.statements import (
    Statements,
    attributes,
    iri_value,
    json_value,
    time_value,
    utc,
)  # fmt: skip
from provstore.projects import workflow
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.model.terms import END_TIME, INGEST, PROV, ROLE, START_TIME, TYPE

_SAID = frozenset({"agent", "started", "ended", "outcome", "findings"})
"""Answers that have statements of their own."""


@gc_paused()
def record(
    report: Report, earlier: Sequence[Report], names: Names, told: Read | None = None
) -> Bundle:
    """Say a report in PROV, and what the tool's file that it was made of told besides.

    Raises:
        BadForm: an answer names a run or a dataset that this report cannot be about.

    """
    if report.begins:
        return _record_start(report, names)
    said = Statements()
    place = (report.ingest, report.step, report.run)
    earlier = [past for past in earlier if not past.begins]
    activity, own = names.run(*place), names.report(*place)
    started, ended = utc(report.answers["started"]), utc(report.answers["ended"])
    step = workflow.STEPS[report.step]
    said.element(
        activity, "activity", f"{report.step} {report.run} of {report.ingest}",
        INGEST + step.activity,
        ((START_TIME, time_value(started)), (END_TIME, time_value(ended))),
    )  # fmt: skip
    person = _say_agents(said, report, activity, step.role, names)
    said.element(
        own, "entity", f"{report.step} report {report.run} of {report.ingest}",
        INGEST + step.report,
        (*attributes(_facts(report, earlier)), (INGEST + "answers", json_value(report.answers))),
    )  # fmt: skip
    said.relate("wasGeneratedBy", own, activity, ended)
    said.relate("wasAttributedTo", own, person)
    for vocabulary in report.vocabularies:
        said.use(activity, extract_statements.vocabulary(said, vocabulary, names))
    if earlier:
        before = (earlier[-1].ingest, earlier[-1].step, earlier[-1].run)
        said.use(activity, names.report(*before))
        said.derive(own, names.report(*before), activity)
        said.relate("wasInformedBy", activity, said.meet(names.run(*before), "activity"))
    collection = ((TYPE, iri_value(PROV + "Collection")),)
    ingest = names.ingest(report.ingest)
    said.element(ingest, "entity", report.ingest, INGEST + "Ingest", collection)
    said.relate("hadMember", ingest, own)
    tell(said, report, earlier, names)
    run = extract_statements.Run(activity, own, said.used_by(activity))
    if told:
        extract_statements.tell(said, told, run, names)
    else:
        extract_statements.tell_rows(said, report.answers.get("findings", []), run, names)
    return said.bundle(names.bundle(*place), {"centre": names.base, "ingest": INGEST})


def _record_start(report: Report, names: Names) -> Bundle:
    """A run that goes on: who is at it since when. Its report will say the same, and the end."""
    said = Statements()
    place = (report.ingest, report.step, report.run)
    activity, own, begun = names.run(*place), names.start(*place), utc(report.answers["started"])
    step = workflow.STEPS[report.step]
    label = f"{report.step} {report.run} of {report.ingest}"
    times = ((START_TIME, time_value(begun)),)
    said.element(activity, "activity", label, INGEST + step.activity, times)
    person = _say_agents(said, report, activity, step.role, names)
    facts = (*attributes(_place(report)), (INGEST + "answers", json_value(report.answers)))
    said.element(own, "entity", f"start of {label}", INGEST + "Start", facts)
    said.relate("wasGeneratedBy", own, activity, begun)
    said.relate("wasAttributedTo", own, person)
    said.relate("hadMember", said.meet(names.ingest(report.ingest)), own)
    return said.bundle(own + "/bundle", {"centre": names.base, "ingest": INGEST})


def read(bundle: Bundle) -> Report:
    """The report that `record` made this bundle of."""
    held = next(e for e in bundle.elements if e.values(INGEST + "answers"))

    place = "sequence" if held.values(INGEST + "sequence") else "after"

    def one(name: str) -> str:
        return held.values(INGEST + name)[0].text

    return Report(
        one("ingest"), one("step"), int(one("run")), int(one(place)),
        one("form"), one("formVersion"), json.loads(one("answers")),
        tuple(value.text for value in held.values(INGEST + "vocabulary")),
    )  # fmt: skip


def _say_agents(said: Statements, report: Report, activity: str, role: str, names: Names) -> str:
    """The person who answered, for which organisation, by which form, with which tool."""
    agent = report.answers["agent"]
    person = names.person(agent["name"], agent["email"], agent.get("orcid", ""))
    said.element(person, "agent", agent["name"], PROV + "Person")
    plan = ""
    if not report.begins:  # whoever starts a step follows no form yet
        plan = names.form(report.form, report.version)
        said.element(plan, "entity", f"form {report.form}, version {report.version}", PROV + "Plan")
    _associate(said, activity, person, plan, role)
    organisation = agent["organisation"]
    office = names.organisation(organisation["name"], organisation.get("ror", ""))
    said.element(office, "agent", organisation["name"], PROV + "Organization")
    said.relate("actedOnBehalfOf", person, office, activity)
    if tool := report.answers.get("tool"):
        program = names.tool(tool["name"], tool["version"])
        label = f"{tool['name']} {tool['version']}"
        said.element(program, "agent", label, PROV + "SoftwareAgent")
        _associate(said, activity, program, "", "checker")
        said.relate("actedOnBehalfOf", program, person, activity)
    return person


def _associate(said: Statements, activity: str, agent: str, plan: str, role: str) -> None:
    attributes = ((ROLE, iri_value(INGEST + role)),)
    said.relate("wasAssociatedWith", activity, agent, plan, attributes=attributes)


def _facts(report: Report, earlier: Sequence[Report]) -> Iterator[tuple[str, object]]:
    yield from _place(report)
    now = workflow.after(report.step, report.outcome, [past.move for past in earlier])
    yield "status", now.status
    if now.next:
        yield from (("awaits", now.awaits), ("next", now.next))
    yield from _flat((name, answer) for name, answer in report.answers.items() if name not in _SAID)


def _place(report: Report) -> Iterator[tuple[str, object]]:
    yield from (
        ("ingest", report.ingest), ("step", report.step), ("run", report.run),
        ("after" if report.begins else "sequence", report.sequence),
        ("form", report.form), ("formVersion", report.version),
        ("outcome", report.outcome), ("vocabulary", [*report.vocabularies]),
    )  # fmt: skip


def _flat(answers: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, object]]:
    """Answers as facts: a part of an answer is named by both, `tool_version`."""
    for name, answer in answers:
        if isinstance(answer, Mapping):
            yield from _flat((f"{name}_{part}", inner) for part, inner in answer.items())
        else:
            yield name, answer
