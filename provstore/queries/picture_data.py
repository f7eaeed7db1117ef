"""Data of pictures beyond their answers: labels, attributes, sources, and later corrections.

In: answers, and functions of the store that run queries and read bundles. Out: pictures. It queries
once for all resources, so the cost depends on what is drawn.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Bundle
from provstore.queries.lineage import DOWN, ROWS, UP
from provstore.results.answer import Answer, Cell
from provstore.results.cell_values import text

if TYPE_CHECKING:
    from provstore.pictures.ingest_board import IngestBoard
    from provstore.pictures.picture import Direction, GraphPicture

_MATCH = "UNWIND $things AS t MATCH (e:Resource {uri: t})"
LABELS = f"{_MATCH} RETURN e.uri, head([] + e.prov__label)"
KINDS = f"{_MATCH} RETURN e:Activity, e:Agent"
ALTERNATES = f"{_MATCH}-[r:alternateOf]-(o) RETURN DISTINCT e.uri, o.uri"
RETRACTED = f"{_MATCH}-[:wasInvalidatedBy]->(a) RETURN DISTINCT e.uri"
FAULTY = "(a:ingest__Erratum) WHERE e.ingest__sequence IS NULL AND NOT e:Plan"
CORRECTED = f"{_MATCH}<-[:used]-{FAULTY} RETURN DISTINCT e.uri"
REVISION = "'http://www.w3.org/ns/prov#Revision' IN ([] + r.prov__type)"
REVISED = f"{_MATCH}<-[r:wasDerivedFrom]-(n) WHERE {REVISION} RETURN DISTINCT e.uri"
DERIVATIONS = (
    f"{_MATCH}-[r:wasDerivedFrom|alternateOf]->(o) RETURN DISTINCT e.uri, type(r), o.uri, r.bundle"
)

CORRECTION_QUERIES = {"retracted": RETRACTED, "corrected": CORRECTED, "revised": REVISED}
"""States of resources after corrections → the queries for them."""

SHORT_PREFIXES = {
    "doi": "https://doi.org/", "hdl": "https://hdl.handle.net/", "orcid": "https://orcid.org/",
    "ror": "https://ror.org/",
}  # fmt: skip
"""Prefixes for display only; no document is written with them."""

IMPACT_BOXES = 200
"""The number of boxes that an impact shows at first: its tree is flat, so it needs many."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Lineage(Answer):
    """The rows of a lineage, nearest first, and their picture."""

    thing: str
    down: bool
    depth: int | None
    picture_data: "PictureData" = field(repr=False)

    def draw(
        self,
        *,
        depth: int | None = None,
        limit: int | None = None,
        agents: bool = True,
        implied: bool = False,
        direction: "Direction" = "auto",
    ) -> "GraphPicture":
        """Draw the lineage, at most `depth` steps from the resource.

        At first the picture shows the `limit` nearest boxes; the others are counted and open on the
        page. `agents` adds the responsible agents, `implied` adds statements that follow from
        others. Time runs to the `right` or `down`.
        """
        return self.picture_data.draw_lineage(
            self, depth=depth, limit=limit, agents=agents, implied=implied, direction=direction
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Impact(Answer):
    """The impact of a correction: the rows of the question, and their picture."""

    correction: str
    picture_data: "PictureData" = field(repr=False)

    def draw(self) -> "GraphPicture":
        """Draw the impact as a tree, from the faulty versions."""
        return self.picture_data.draw_impact(self.correction, self)


@dataclass(frozen=True)
class PictureData:
    """The part of the store that pictures need."""

    ask: Callable[[str, Mapping[str, Cell]], Answer]
    bundles: Callable[[Iterable[str]], Iterable[Bundle]]
    names: IngestIris

    def draw_lineage(
        self,
        answer: Lineage,
        *,
        depth: int | None,
        limit: int | None,
        agents: bool,
        implied: bool,
        direction: "Direction",
    ) -> "GraphPicture":
        """Make the picture of a lineage."""
        from provstore.pictures.drawing import lineage_drawing
        from provstore.pictures.folding import MAX_BOXES
        from provstore.pictures.picture import GraphPicture

        rows = [row for row in answer if depth is None or _steps(row) <= depth]
        resources = list(dict.fromkeys([answer.thing, *(str(row["other"]) for row in rows)]))
        drawing = lineage_drawing(
            answer.thing,
            rows,
            self.bundles(sorted({text(row["bundle"]) for row in rows})),
            self.short_names(),
            down=answer.down,
            badges=self.corrections(resources),
            beyond=self._count_hidden(answer, rows, depth),
            agents=agents,
            label=self._label(answer.thing),
            kind=self._kind(answer.thing),
        )
        return GraphPicture(drawing, self.ingest_of, max(limit or MAX_BOXES, 1), direction, implied)

    def _label(self, thing: str) -> str:
        return next((text(label) for _, label in self._rows_about(LABELS, [thing])), "")

    def _kind(self, thing: str) -> str:
        """Return the kind of a resource that may have no lineage."""
        for activity, agent in self._rows_about(KINDS, [thing]):
            return "activity" if activity else "agent" if agent else "entity"
        return "entity"

    def _count_hidden(
        self, answer: Lineage, rows: list[dict[str, Cell]], depth: int | None
    ) -> dict[str, int]:
        """Count the neighbours of the farthest resources that are beyond the requested depth."""
        steps = {answer.thing: 0} | {str(row["other"]): 0 for row in rows}
        for row in reversed(rows):
            steps[str(row["other"])] = _steps(row)
        bound = min((limit for limit in (depth, answer.depth) if limit is not None), default=None)
        edge = [thing for thing, far in steps.items() if far == bound]
        hidden: dict[str, set[str]] = {}
        for thing, _, other, *_ in self._rows_about((DOWN if answer.down else UP) + ROWS, edge):
            if other not in steps:
                hidden.setdefault(str(thing), set()).add(str(other))
        return {thing: len(others) for thing, others in hidden.items()}

    def draw_impact(self, correction: str, answer: Answer) -> "GraphPicture":
        """Make the tree of the impact of a correction from the answer of its question."""
        from provstore.pictures.impact_tree import impact_drawing
        from provstore.pictures.picture import GraphPicture

        rows = list(answer)
        resources = list(
            dict.fromkeys(text(row[key]) for row in rows for key in ("version", "reached"))
        )
        derivations = [
            (text(a), text(kind), text(b), text(bundle))
            for a, kind, b, bundle in self._rows_about(DERIVATIONS, resources)
        ]
        labels = {text(thing): text(label) for thing, label in self._rows_about(LABELS, resources)}
        drawing = impact_drawing(
            correction, rows, derivations, labels, self.short_names(), self.corrections(resources)
        )
        return GraphPicture(drawing, limit=IMPACT_BOXES)

    def draw_board(self, answer: Answer, begun: Answer) -> "IngestBoard":
        """Make the picture of all ingests by step; `begun` has the steps that were started."""
        from provstore.pictures.ingest_board import IngestBoard

        people = sorted({text(row["person"]) for row in begun})
        called = {text(iri): text(label) for iri, label in self._rows_about(LABELS, people)}
        short = self.short_names()
        state = {text(row["ingest"]): text(row["next"]) for row in answer}
        busy = {
            ingest: called.get(text(row["person"]), "") or short(text(row["person"]))
            for row in begun
            if state.get(ingest := text(row["ingest"])) == text(row["step"])
        }
        return IngestBoard(tuple(answer), short, busy)

    def corrections(self, resources: list[str]) -> dict[str, list[str]]:
        """Return the states of resources after corrections, under any of their names."""
        names: dict[str, set[str]] = {thing: {thing} for thing in resources}
        for thing, other in self._rows_about(ALTERNATES, resources):
            names[text(thing)].add(text(other))
        every = sorted(set().union(*names.values()))
        marks: dict[str, list[str]] = {}
        for mark, query in CORRECTION_QUERIES.items():
            hit = {text(row[0]) for row in self._rows_about(query, every)}
            for thing, called in names.items():
                if called & hit:
                    marks.setdefault(thing, []).append(mark)
        return marks

    def _rows_about(self, query: str, resources: list[str]) -> Iterator[tuple[Cell, ...]]:
        if resources:
            yield from self.ask(query, {"things": [*resources]}).rows

    def short_names(self) -> Callable[[str], str]:
        """Names for people: ingests without a prefix."""
        from provstore.prov.model.iris import Prefixes

        own = {"default": f"{self.names.base}ingest/"}
        prefixes = Prefixes({**SHORT_PREFIXES, **self.names.prefixes, **own})
        return lambda iri: prefixes.short(iri).removeprefix("https://")

    def ingest_of(self, iri: str) -> str:
        """Return the ingest that a resource belongs to, or ""."""
        own = f"{self.names.base}ingest/"
        return iri.removeprefix(own).partition("/")[0] if iri.startswith(own) else ""


def _steps(row: Mapping[str, Cell]) -> int:
    return int(str(row["steps"]))
