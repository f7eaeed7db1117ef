"""What a journal says, in plain Python: no engine, no query. Questions are answered over it too.

In: a store. Out: its reports, and its statements as sets and dictionaries.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

from provstore.ingest.report import Report, current_state
from provstore.ingest.report_bundle import report_of_bundle
from provstore.projects import workflow
from provstore.prov.model.bundle import IRI
from provstore.prov.model.terms import INGEST, LABEL, PROV, ROLE, TYPE
from provstore.results.cell_values import Cell, text
from provstore.storage.entry_bundle import bundle_of
from provstore.store import ProvStore
from tests.reports import person_iri

WALKED = frozenset({"wasDerivedFrom", "wasGeneratedBy", "used", "wasInformedBy"})
PASSED = ("ok", "warning")
Row = tuple[Cell, ...]
Rows = Iterable[Row]


@dataclass(frozen=True, eq=False)
class Said:
    """One report, with the names that the store gives to what it is about."""

    ingest: str
    iri: str
    run: str
    step: str
    number: int
    sequence: int
    form: str
    answers: dict[str, Any]
    outcome: str
    status: str
    awaits: str | None
    next: str | None
    role: str
    person: str
    organisation: str
    started: datetime
    ended: datetime

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What was found, as it was answered."""
        return self.answers.get("findings", [])


class World:
    """All reports, in the order of their ingests, and all statements of all bundles."""

    def __init__(self, store: ProvStore) -> None:
        self.names = store._names.iris
        self.reports = [one for name in sorted(store.ingests()) for one in _said(store, name)]
        self.begun = [
            one
            for name in sorted(store.ingests())
            for one in map(report_of_bundle, map(bundle_of, store.entries(name)))
            if one.begins
        ]
        self.relations: list[tuple[str, str, tuple[str, ...], frozenset[str]]] = []
        self.ends: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.roles: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self.types: dict[str, set[str]] = defaultdict(set)
        self.kinds: dict[str, set[str]] = defaultdict(set)
        self.facts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for entry in store.entries():
            bundle = bundle_of(entry)
            for element in bundle.elements:
                self.kinds[element.iri] |= set(element.kinds)
                for name, value in element.attributes:
                    self.facts[element.iri][name].add(value.text)
                    if name == TYPE and value.datatype == IRI:
                        self.types[element.iri].add(value.text)
            for one in bundle.relations:
                types = frozenset(value.text for name, value in one.attributes if name == TYPE)
                self.relations.append((bundle.iri, one.kind, one.arguments, types))
                roles = {value.text for name, value in one.attributes if name == ROLE}
                source, target = one.arguments[:2]
                self.roles[(source, target)] |= roles
                if source and target:
                    self.ends[one.kind].add((source, target))

    def label(self, iri: str) -> str | None:
        """The first of its labels."""
        return min(self.facts[iri][LABEL], default=None)

    def fact(self, iri: str, name: str) -> str | None:
        """The first value of one of our facts."""
        return min(self.facts[iri][INGEST + name], default=None)

    def kind(self, iri: str) -> str:
        """What PROV calls it."""
        return next((k for k in ("activity", "entity", "agent") if k in self.kinds[iri]), "thing")

    def a(self, iri: str, *classes: str) -> bool:
        """Whether it is of one of our classes, or of PROV's."""
        return bool(self.types[iri] & {space + c for c in classes for space in (INGEST, PROV)})

    def data_kind(self, iri: str) -> str:
        """What we call it, if it is data."""
        names = {
            "ArchiveCopy": "archive copy",
            "DatasetVersion": "dataset version",
            "Dataset": "dataset",
        }
        return next((words for name, words in names.items() if self.a(iri, name)), "other data")

    def pairs(self, *kinds: str) -> set[tuple[str, str]]:
        """The ends of the relations of these kinds that have both."""
        return set().union(*(self.ends[kind] for kind in kinds))

    def revisions(self) -> set[tuple[str, str]]:
        """Newer and older dataset version."""
        return {
            (args[0], args[1])
            for _, kind, args, types in self.relations
            if kind == "wasDerivedFrom"
            and PROV + "Revision" in types
            and self.a(args[0], "DatasetVersion")
            and self.a(args[1], "DatasetVersion")
        }

    def reach(self, start: str, kinds: Iterable[str] = WALKED, *, down: bool = False) -> set[str]:
        """All that can be reached, step by step."""
        steps: dict[str, set[str]] = defaultdict(set)
        for later, earlier in self.pairs(*kinds):
            here, there = (earlier, later) if down else (later, earlier)
            steps[here].add(there)
        found: set[str] = set()
        frontier = {start}
        while frontier:
            frontier = set().union(*(steps[one] for one in frontier)) - found
            found |= frontier
        return found

    def alternates(self, iri: str) -> set[str]:
        """Its other names and copies."""
        pairs = self.pairs("alternateOf")
        return {a for a, b in pairs if b == iri} | {b for a, b in pairs if a == iri}

    def derived(self, version: str) -> set[str]:
        """All that was made from it, or from another name or copy of it."""
        named = {version} | self.alternates(version)
        return set().union(*(self.reach(one, {"wasDerivedFrom"}, down=True) for one in named))

    def withdrawn(self) -> dict[str, datetime]:
        """Version and when the first retraction took it back."""
        ended = {report.run: report.ended for report in self.reports if report.step == "retraction"}
        found: dict[str, datetime] = {}
        for thing, run in self.pairs("wasInvalidatedBy"):
            if run in ended:
                found[thing] = min(found.get(thing, ended[run]), ended[run])
        return found

    def publications(self) -> Iterator[tuple[str, str, str | None]]:
        """Version, the run that published it, and its end as it was written."""
        for thing, run in self.pairs("wasGeneratedBy"):
            if self.a(thing, "DatasetVersion") and self.a(run, "Publication"):
                ends = sorted(self.facts[run][PROV + "endTime"])
                yield from ((thing, run, end) for end in ends or [None])

    def of(self, *steps: str) -> list[Said]:
        """The reports of these steps."""
        return [report for report in self.reports if report.step in steps]

    def ingests(self) -> dict[str, list[Said]]:
        """The reports of each ingest."""
        found: dict[str, list[Said]] = defaultdict(list)
        for one in self.reports:
            found[one.ingest].append(one)
        return dict(found)


def _said(store: ProvStore, ingest: str) -> Iterator[Said]:
    names = store._names.iris
    held = [report_of_bundle(bundle_of(entry)) for entry in store.entries(ingest)]
    reports = [one for one in held if not one.begins]
    for index, one in enumerate(reports):
        place, agent = (one.ingest, one.step, one.run), one.answers["agent"]
        now = current_state(reports[: index + 1])
        yield Said(
            names.ingest(ingest),
            names.report(*place),
            names.run(*place),
            one.step,
            one.run,
            index + 1,
            names.form(one.form, one.version),
            dict(one.answers),
            one.outcome,
            now.status,
            now.awaits or None,
            now.next or None,
            INGEST + workflow.STEPS[one.step].role,
            person_iri(names, agent),
            names.organisation(agent["organisation"]["name"], agent["organisation"].get("ror", "")),
            moment(one.answers["started"]),
            moment(one.answers["ended"]),
        )


def moment(written: str) -> datetime:
    """The instant, in UTC."""
    return datetime.fromisoformat(written).astimezone(UTC)


def zoned(written: str | None) -> TypeGuard[str]:
    """Whether it is a time with its zone."""
    return written is not None and datetime.fromisoformat(written).tzinfo is not None


Plain = Callable[..., Rows]
ANSWERS: dict[str, tuple[Plain, tuple[int, ...]]] = {}
"""How each question is answered in plain Python, and by which columns its rows are ordered."""


def answers(name: str, *order: int) -> Callable[[Plain], Plain]:
    """Register a function as the plain answer to a question; `order` are columns."""

    def register(function: Plain) -> Plain:
        ANSWERS[name] = (function, order)
        return function

    return register


def answer(name: str, world: World, parameters: dict[str, Cell]) -> list[Row]:
    """The rows that a question must have, in their order."""
    function, order = ANSWERS[name]
    rows = {tuple(map(text, row)): tuple(row) for row in function(world, **parameters)}
    return sorted(rows.values(), key=lambda row: [_sortable(row[column]) for column in order])


def _sortable(cell: Cell) -> tuple[bool, Any]:
    if isinstance(cell, int | float):
        return (True, cell)
    return (False, text(cell))


def starter(w: World, start: Report) -> str:
    """The person who is at a step that was started."""
    return person_iri(w.names, start.answers["agent"])


def tool(w: World, o: Said) -> str:
    """The program that checked."""
    return w.names.tool(o.answers["tool"]["name"], o.answers["tool"]["version"])


def affected(w: World, o: Said) -> list[str]:
    """The versions that an erratum or a retraction is about."""
    if o.step == "erratum":
        return [w.names.dataset(f"{a['dataset']}.{a['version']}") for a in o.answers["affected"]]
    dataset = w.ingests()[o.ingest][0].answers["dataset"]
    return [w.names.dataset(f"{dataset}.{o.answers['version']}")]


def made(w: World, o: Said) -> str:
    """The version that a publication made."""
    return w.names.dataset(f"{w.ingests()[o.ingest][0].answers['dataset']}.{o.answers['version']}")


def archived(w: World, version: str) -> list[str]:
    """Its archive copies."""
    return [one for one in w.alternates(version) if w.a(one, "ArchiveCopy")]
