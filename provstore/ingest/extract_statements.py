"""The content of a tool's file as PROV: findings, versions, files, replicas, errata, citations.

In: an `Extract`, the run that it belongs to, the IRIs of the centre. Out: statements. Each resource
is one node in all files. Facts that may change (latest, retracted, node) do not become attributes
of it; they are kept with the file that states them.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

from provstore.ingest.extracts import (
    Citation,
    Collection,
    DatasetVersion,
    Erratum,
    Extract,
    File,
    Finding,
    Replica,
    Resource,
    Revision,
    Tool,
)
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.statements import Statements, attributes, iri_value, json_value
from provstore.ingest.version_chain import Event
from provstore.projects.data_identifiers import split_version
from provstore.prov.model.terms import INGEST, PROV, ROLE, TYPE


@dataclass(frozen=True)
class RunIris:
    """The run that a file belongs to: its activity, its report, and its data."""

    activity: str
    report: str
    about: str


def state_extract(statements: Statements, extract: Extract, run: RunIris, iris: IngestIris) -> None:
    """State the whole content of an extract."""
    _state_sources(statements, extract, run)
    for resource in extract.resources:
        _STATE_RESOURCE[type(resource)](statements, resource, run, iris)
    for number, finding in enumerate(extract.findings, 1):
        _state_finding(statements, finding, f"{run.activity}/finding/{number}", run, iris)


def state_findings(
    statements: Statements, rows: list[Mapping[str, Any]], run: RunIris, iris: IngestIris
) -> None:
    """State the findings that a person entered in a form."""
    for number, row in enumerate(rows, 1):
        finding = Finding(
            str(row.get("check", "")),
            "failed",
            str(row["severity"]),
            str(row["message"]),
            files=int(row.get("files", 0)),
        )
        _state_finding(statements, finding, f"{run.activity}/finding/{number}", run, iris)


def _state_sources(statements: Statements, extract: Extract, run: RunIris) -> None:
    """State the source files, with their checksums and the values that no statement covers."""
    for number, source in enumerate(extract.sources, 1):
        iri = f"{run.activity}/source/{number}"
        facts = [("reader", extract.reader), ("sha256", source.sha256), ("bytes", source.bytes)]
        kept = dict(extract.kept) if number == 1 else {}
        volatile = (
            [_volatile(resource) for resource in extract.resources if _volatile(resource)]
            if number == 1
            else []
        )
        more = tuple(
            (INGEST + key, json_value(value))
            for key, value in (("kept", kept), ("told", volatile))
            if value
        )
        statements.element(
            iri, "entity", source.name, INGEST + "Source", (*attributes(facts), *more)
        )
        statements.use(run.activity, iri)
        statements.derive(run.report, iri, run.activity)


_CHANGES = frozenset({"latest", "retracted", "nodes", "status", "moderation", "original"})
"""Return the facts about a resource that may change."""


def _volatile(resource: Resource) -> dict[str, Any]:
    if isinstance(resource, Event):
        return {"kind": "Event", **asdict(resource)}
    volatile = {
        part.name: value
        for part in fields(resource)
        if part.name in _CHANGES and (value := getattr(resource, part.name)) not in (None, "", ())
    }
    if not volatile:
        return {}
    own = {
        key: getattr(resource, key)
        for key in ("dataset", "version", "uid")
        if hasattr(resource, key)
    }
    return {"kind": type(resource).__name__, **own, **volatile}


def _state_finding(
    statements: Statements, finding: Finding, iri: str, run: RunIris, iris: IngestIris
) -> None:
    facts = {
        "severity": finding.severity,
        "check": finding.check,
        "message": finding.message,
        "result": finding.result,
        "level": finding.level,
        "files": finding.files or "",
        "dataset": finding.dataset,
        "file": finding.file,
        "tool_name": finding.tool,
        "tool_version": finding.tool_version,
        "vocabulary": finding.vocabulary,
        "derived": finding.derived or "",
    }
    values = attributes((name, fact) for name, fact in facts.items() if fact != "")
    label = finding.message or f"{finding.check}: {finding.result}"
    statements.element(iri, "entity", label, INGEST + "Finding", values)
    statements.relate("hadMember", run.report, iri)
    about = iris.file(finding.dataset, finding.file) if finding.file else run.about
    if finding.dataset and not finding.file:
        about = iris.dataset(finding.dataset)
    if about:
        statements.relate("wasInfluencedBy", iri, statements.mention(about))


def state_vocabulary(statements: Statements, name: str, iris: IngestIris) -> str:
    """State a release of a vocabulary or convention, and return its IRI."""
    return statements.element(iris.vocabulary(name), "entity", name, INGEST + "Vocabulary", _PLAN)


def _state_tool(statements: Statements, tool: Tool, run: RunIris, iris: IngestIris) -> None:
    program = iris.tool(tool.name, tool.version)
    statements.element(
        program, "agent", f"{tool.name} {tool.version}".strip(), PROV + "SoftwareAgent"
    )
    plan = ""
    if tool.vocabulary:
        plan = state_vocabulary(statements, tool.vocabulary, iris)
    role = ((ROLE, iri_value(INGEST + "checker")),)
    statements.relate("wasAssociatedWith", run.activity, program, plan, attributes=role)


_PLAN = ((TYPE, iri_value(PROV + "Plan")),)
_COLLECTION = ((TYPE, iri_value(PROV + "Collection")),)


def _state_version(
    statements: Statements, resource: DatasetVersion, _run: RunIris, iris: IngestIris
) -> None:
    dataset = iris.dataset(resource.dataset)
    statements.element(dataset, "entity", resource.dataset, INGEST + "Dataset")
    if not resource.version:
        return
    own = f"{resource.dataset}.{resource.version}"
    version = iris.dataset(own)
    statements.element(
        version, "entity", own, INGEST + "DatasetVersion", _version_attribute(resource.version)
    )
    statements.relate("specializationOf", version, dataset)
    for other in filter(
        None, (resource.pid, resource.doi and f"doi:{resource.doi.removeprefix('doi:')}")
    ):
        statements.relate("alternateOf", statements.mention(iris.thing(other)), version)


def _version_attribute(version: str) -> tuple[Any, ...]:
    return attributes([("version", version)])


def _state_file(statements: Statements, resource: File, _run: RunIris, iris: IngestIris) -> None:
    iri = iris.file(resource.dataset, resource.name)
    facts = (
        ("tracking_id", resource.tracking_id),
        ("checksum", resource.checksum),
        ("bytes", resource.bytes),
        ("path", resource.path),
        ("url", resource.url),
    )
    values = attributes((name, fact) for name, fact in facts if fact not in ("", None))
    statements.element(iri, "entity", resource.name, INGEST + "File", values)
    if resource.dataset:
        statements.relate("hadMember", statements.mention(iris.dataset(resource.dataset)), iri)
    if resource.tracking_id:
        statements.relate("alternateOf", statements.mention(iris.thing(resource.tracking_id)), iri)


def _state_replica(
    statements: Statements, resource: Replica, _run: RunIris, iris: IngestIris
) -> None:
    own = f"{resource.dataset}.{resource.version}"
    iri = iris.replica(own, resource.node)
    facts = attributes([("data_node", resource.node)])
    statements.element(iri, "entity", f"{own} at {resource.node}", INGEST + "Replica", facts)
    statements.relate("alternateOf", iri, statements.mention(iris.dataset(own)))


def _state_revision(
    statements: Statements, resource: Revision, _run: RunIris, iris: IngestIris
) -> None:
    later = iris.dataset(f"{resource.dataset}.{resource.version}")
    earlier = iris.dataset(f"{resource.dataset}.{resource.previous}")
    statements.derive(statements.mention(later), earlier, "", revision=True)


def _state_collection(
    statements: Statements, resource: Collection, _run: RunIris, iris: IngestIris
) -> None:
    iri = iris.thing(resource.identifier)
    statements.element(
        iri, "entity", resource.title or resource.identifier, INGEST + "Collection", _COLLECTION
    )
    for member in resource.members:
        statements.relate("hadMember", iri, statements.mention(iris.thing(_dotted_version(member))))


def _state_erratum(
    statements: Statements, resource: Erratum, _run: RunIris, iris: IngestIris
) -> None:
    iri = iris.erratum(resource.uid)
    facts = (
        ("title", resource.title),
        ("description", resource.description),
        ("severity", resource.severity),
        ("project", resource.project),
        ("url", list(resource.urls)),
        ("material", list(resource.materials)),
    )
    values = attributes((name, fact) for name, fact in facts if fact)
    label = resource.title or f"erratum {resource.uid}"
    statements.element(iri, "entity", label, INGEST + "ErratumIssue", values)
    for version in resource.affected:
        statements.relate(
            "wasInfluencedBy", iri, statements.mention(iris.dataset(_dotted_version(version)))
        )


def _state_citation(
    statements: Statements, resource: Citation, _run: RunIris, iris: IngestIris
) -> None:
    iri = iris.thing(f"doi:{resource.doi.removeprefix('doi:')}")
    facts = (
        ("title", resource.title),
        ("creator", list(resource.creators)),
        ("year", resource.year),
        ("publisher", resource.publisher),
        ("licence", resource.licence),
        ("citation", resource.text),
        ("related", [f"{kind} {other}" for kind, other in resource.related]),
    )
    values = attributes((name, fact) for name, fact in facts if fact)
    statements.element(iri, "entity", resource.title or resource.doi, INGEST + "Citation", values)


def _state_event(statements: Statements, resource: Event, run: RunIris, iris: IngestIris) -> None:
    """State the lasting consequences of an event; its file keeps the whole event."""
    _state_version(
        statements, DatasetVersion(resource.dataset, resource.version, resource.pid), run, iris
    )
    for node in resource.nodes:
        _state_replica(statements, Replica(resource.dataset, resource.version, node), run, iris)


def _dotted_version(identifier: str) -> str:
    """Return a dataset id with its version in the normal spelling: `id.v20180605`."""
    split = split_version(identifier)
    return ".".join(filter(None, split)) if isinstance(split, tuple) else identifier


_StateResource = Callable[[Statements, Any, RunIris, IngestIris], None]
_STATE_RESOURCE: Mapping[type, _StateResource] = MappingProxyType(
    {
        Tool: _state_tool,
        DatasetVersion: _state_version,
        File: _state_file,
        Replica: _state_replica,
        Revision: _state_revision,
        Collection: _state_collection,
        Erratum: _state_erratum,
        Citation: _state_citation,
        Event: _state_event,
    }
)
