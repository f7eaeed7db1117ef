"""What a tool's file tells, said in PROV: findings, versions, files, replicas, errata, citations.

In: a `Read`, the run that it belongs to, the names of the centre. Out: statements. Each thing is
one node, whatever file names it first; what may change (latest, retracted, on which node) is not
made an attribute of it but kept with the file that said so.
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
    File,
    Finding,
    Read,
    Replica,
    Revision,
    Thing,
    Tool,
)
from provstore.ingest.ingest_iris import Names
from provstore.ingest.statements import Statements, attributes, iri_value, json_value
from provstore.ingest.versions import Event
from provstore.projects.identifiers import split_version
from provstore.prov.model.terms import INGEST, PROV, ROLE, TYPE


@dataclass(frozen=True)
class Run:
    """The run that a file belongs to: its activity, its report, and the data that it is about."""

    activity: str
    report: str
    about: str


def tell(said: Statements, read: Read, run: Run, names: Names) -> None:
    """Say all that was read."""
    _sources(said, read, run)
    for thing in read.things:
        _TELL[type(thing)](said, thing, run, names)
    for number, finding in enumerate(read.findings, 1):
        _finding(said, finding, f"{run.activity}/finding/{number}", run, names)


def tell_rows(said: Statements, rows: list[Mapping[str, Any]], run: Run, names: Names) -> None:
    """Say the findings that somebody typed into a form."""
    for number, row in enumerate(rows, 1):
        found = Finding(
            str(row.get("check", "")), "failed", str(row["severity"]), str(row["message"]),
            files=int(row.get("files", 0)),
        )  # fmt: skip
        _finding(said, found, f"{run.activity}/finding/{number}", run, names)


def _sources(said: Statements, read: Read, run: Run) -> None:
    """The files themselves: what was read stays provable, and what had no place is kept."""
    for number, source in enumerate(read.sources, 1):
        iri = f"{run.activity}/source/{number}"
        facts = [("reader", read.reader), ("sha256", source.sha256), ("bytes", source.bytes)]
        kept = dict(read.kept) if number == 1 else {}
        volatile = [_volatile(one) for one in read.things if _volatile(one)] if number == 1 else []
        more = tuple(
            (INGEST + key, json_value(value))
            for key, value in (("kept", kept), ("told", volatile))
            if value
        )
        said.element(iri, "entity", source.name, INGEST + "Source", (*attributes(facts), *more))
        said.use(run.activity, iri)
        said.derive(run.report, iri, run.activity)


_CHANGES = frozenset({"latest", "retracted", "nodes", "status", "moderation", "original"})
"""What is true of a thing today and may not be tomorrow."""


def _volatile(thing: Thing) -> dict[str, Any]:
    if isinstance(thing, Event):
        return {"kind": "Event", **asdict(thing)}
    found = {
        part.name: value
        for part in fields(thing)
        if part.name in _CHANGES and (value := getattr(thing, part.name)) not in (None, "", ())
    }
    if not found:
        return {}
    own = {key: getattr(thing, key) for key in ("dataset", "version", "uid") if hasattr(thing, key)}
    return {"kind": type(thing).__name__, **own, **found}


def _finding(said: Statements, found: Finding, iri: str, run: Run, names: Names) -> None:
    facts = {
        "severity": found.severity, "check": found.check, "message": found.message,
        "result": found.result, "level": found.level, "files": found.files or "",
        "dataset": found.dataset, "file": found.file, "tool_name": found.tool,
        "tool_version": found.tool_version, "vocabulary": found.vocabulary,
        "derived": found.derived or "",
    }  # fmt: skip
    given = attributes((name, fact) for name, fact in facts.items() if fact != "")
    label = found.message or f"{found.check}: {found.result}"
    said.element(iri, "entity", label, INGEST + "Finding", given)
    said.relate("hadMember", run.report, iri)
    about = names.file(found.dataset, found.file) if found.file else run.about
    if found.dataset and not found.file:
        about = names.dataset(found.dataset)
    if about:
        said.relate("wasInfluencedBy", iri, said.meet(about))


def vocabulary(said: Statements, name: str, names: Names) -> str:
    """A release of a vocabulary or convention; gives its IRI."""
    return said.element(names.vocabulary(name), "entity", name, INGEST + "Vocabulary", _PLAN)


def _tool(said: Statements, tool: Tool, run: Run, names: Names) -> None:
    program = names.tool(tool.name, tool.version)
    said.element(program, "agent", f"{tool.name} {tool.version}".strip(), PROV + "SoftwareAgent")
    plan = ""
    if tool.vocabulary:
        plan = vocabulary(said, tool.vocabulary, names)
    role = ((ROLE, iri_value(INGEST + "checker")),)
    said.relate("wasAssociatedWith", run.activity, program, plan, attributes=role)


_PLAN = ((TYPE, iri_value(PROV + "Plan")),)
_COLLECTION = ((TYPE, iri_value(PROV + "Collection")),)


def _version(said: Statements, thing: DatasetVersion, _run: Run, names: Names) -> None:
    dataset = names.dataset(thing.dataset)
    said.element(dataset, "entity", thing.dataset, INGEST + "Dataset")
    if not thing.version:
        return
    own = f"{thing.dataset}.{thing.version}"
    version = names.dataset(own)
    said.element(version, "entity", own, INGEST + "DatasetVersion", _named(thing.version))
    said.relate("specializationOf", version, dataset)
    for other in filter(None, (thing.pid, thing.doi and f"doi:{thing.doi.removeprefix('doi:')}")):
        said.relate("alternateOf", said.meet(names.thing(other)), version)


def _named(version: str) -> tuple[Any, ...]:
    return attributes([("version", version)])


def _file(said: Statements, thing: File, _run: Run, names: Names) -> None:
    iri = names.file(thing.dataset, thing.name)
    facts = (("tracking_id", thing.tracking_id), ("checksum", thing.checksum),
             ("bytes", thing.bytes), ("path", thing.path), ("url", thing.url))  # fmt: skip
    given = attributes((name, fact) for name, fact in facts if fact not in ("", None))
    said.element(iri, "entity", thing.name, INGEST + "File", given)
    if thing.dataset:
        said.relate("hadMember", said.meet(names.dataset(thing.dataset)), iri)
    if thing.tracking_id:
        said.relate("alternateOf", said.meet(names.thing(thing.tracking_id)), iri)


def _replica(said: Statements, thing: Replica, _run: Run, names: Names) -> None:
    own = f"{thing.dataset}.{thing.version}"
    iri = names.replica(own, thing.node)
    facts = attributes([("data_node", thing.node)])
    said.element(iri, "entity", f"{own} at {thing.node}", INGEST + "Replica", facts)
    said.relate("alternateOf", iri, said.meet(names.dataset(own)))


def _revision(said: Statements, thing: Revision, _run: Run, names: Names) -> None:
    later = names.dataset(f"{thing.dataset}.{thing.version}")
    earlier = names.dataset(f"{thing.dataset}.{thing.previous}")
    said.derive(said.meet(later), earlier, "", revision=True)


def _collection(said: Statements, thing: Collection, _run: Run, names: Names) -> None:
    iri = names.thing(thing.identifier)
    said.element(iri, "entity", thing.title or thing.identifier, INGEST + "Collection", _COLLECTION)
    for member in thing.members:
        said.relate("hadMember", iri, said.meet(names.thing(_plain(member))))


def _erratum(said: Statements, thing: Erratum, _run: Run, names: Names) -> None:
    iri = names.erratum(thing.uid)
    facts = (("title", thing.title), ("description", thing.description),
             ("severity", thing.severity), ("project", thing.project),
             ("url", list(thing.urls)), ("material", list(thing.materials)))  # fmt: skip
    given = attributes((name, fact) for name, fact in facts if fact)
    label = thing.title or f"erratum {thing.uid}"
    said.element(iri, "entity", label, INGEST + "ErratumIssue", given)
    for version in thing.affected:
        said.relate("wasInfluencedBy", iri, said.meet(names.dataset(_plain(version))))


def _citation(said: Statements, thing: Citation, _run: Run, names: Names) -> None:
    iri = names.thing(f"doi:{thing.doi.removeprefix('doi:')}")
    facts = (("title", thing.title), ("creator", list(thing.creators)), ("year", thing.year),
             ("publisher", thing.publisher), ("licence", thing.licence),
             ("citation", thing.text),
             ("related", [f"{kind} {other}" for kind, other in thing.related]))  # fmt: skip
    given = attributes((name, fact) for name, fact in facts if fact)
    said.element(iri, "entity", thing.title or thing.doi, INGEST + "Citation", given)


def _event(said: Statements, thing: Event, run: Run, names: Names) -> None:
    """An event is kept whole with its file; what follows from it for good is said here."""
    _version(said, DatasetVersion(thing.dataset, thing.version, thing.pid), run, names)
    for node in thing.nodes:
        _replica(said, Replica(thing.dataset, thing.version, node), run, names)


def _plain(identifier: str) -> str:
    """A dataset id with its version in the one spelling that names have: `id.v20180605`."""
    found = split_version(identifier)
    return ".".join(filter(None, found)) if isinstance(found, tuple) else identifier


_Tell = Callable[[Statements, Any, Run, Names], None]
_TELL: Mapping[type, _Tell] = MappingProxyType(
    {
        Tool: _tool,
        DatasetVersion: _version,
        File: _file,
        Replica: _replica,
        Revision: _revision,
        Collection: _collection,
        Erratum: _erratum,
        Citation: _citation,
        Event: _event,
    }
)
