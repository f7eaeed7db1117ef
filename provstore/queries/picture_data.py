"""What a picture must know besides its answer: labels, attributes, who said it, what came since.

In: answers, and the store's ways to ask and to read bundles. Out: pictures. It asks once for all
things together, so that the cost follows what is drawn.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Bundle
from provstore.queries.lineage import DOWN, ROWS, UP
from provstore.results.answer import Answer, Cell
from provstore.results.values import text

if TYPE_CHECKING:
    from provstore.pictures.ingest_board import Board
    from provstore.pictures.picture import Direction, GraphPicture

_OF = "UNWIND $things AS t MATCH (e:Resource {uri: t})"
LABELS = f"{_OF} RETURN e.uri, head([] + e.prov__label)"
KINDS = f"{_OF} RETURN e:Activity, e:Agent"
NAMED = f"{_OF}-[r:alternateOf]-(o) RETURN DISTINCT e.uri, o.uri"
RETRACTED = f"{_OF}-[:wasInvalidatedBy]->(a) RETURN DISTINCT e.uri"
FAULTY = "(a:ingest__Erratum) WHERE e.ingest__sequence IS NULL AND NOT e:Plan"
CORRECTED = f"{_OF}<-[:used]-{FAULTY} RETURN DISTINCT e.uri"
REVISION = "'http://www.w3.org/ns/prov#Revision' IN ([] + r.prov__type)"
REVISED = f"{_OF}<-[r:wasDerivedFrom]-(n) WHERE {REVISION} RETURN DISTINCT e.uri"
MADE = f"{_OF}-[r:wasDerivedFrom|alternateOf]->(o) RETURN DISTINCT e.uri, type(r), o.uri, r.bundle"

SINCE = {"retracted": RETRACTED, "corrected": CORRECTED, "revised": REVISED}
"""What has become of things → how to ask for it."""

SHORT = {
    "doi": "https://doi.org/", "hdl": "https://hdl.handle.net/", "orcid": "https://orcid.org/",
    "ror": "https://ror.org/",
}  # fmt: skip
"""Prefixes for people's eyes only; no document is written with them."""

REACH = 200
"""So many boxes of an impact stand there at first: its tree is flat, and each must be told."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Lineage(Answer):
    """The rows of a lineage, nearest first, and their picture."""

    thing: str
    down: bool
    depth: int | None
    behind: "Behind" = field(repr=False)

    def draw(
        self, *, depth: int | None = None, limit: int | None = None, agents: bool = True,
        implied: bool = False, direction: "Direction" = "auto",
    ) -> "GraphPicture":  # fmt: skip
        """The lineage as a picture, at most `depth` steps from the thing.

        At first `limit` boxes stand there, the nearest; the others are counted, and open on the
        page. With `agents` those who were responsible are there, with `implied` also statements
        that follow from others. Time runs to the `right` or `down`.
        """
        return self.behind.lineage(
            self, depth=depth, limit=limit, agents=agents, implied=implied, direction=direction
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Impact(Answer):
    """What a correction reaches: the rows of the question, and their picture."""

    correction: str
    behind: "Behind" = field(repr=False)

    def draw(self) -> "GraphPicture":
        """The same as a tree, from the versions at fault."""
        return self.behind.impact(self.correction, self)


@dataclass(frozen=True)
class Behind:
    """The store, as far as pictures need it."""

    ask: Callable[[str, Mapping[str, Cell]], Answer]
    bundles: Callable[[Iterable[str]], Iterable[Bundle]]
    names: IngestIris

    def lineage(
        self, way: Lineage, *, depth: int | None, limit: int | None, agents: bool, implied: bool,
        direction: "Direction",
    ) -> "GraphPicture":  # fmt: skip
        """The picture of a lineage."""
        from provstore.pictures.drawing import of_lineage
        from provstore.pictures.folding import LIMIT
        from provstore.pictures.picture import GraphPicture

        rows = [row for row in way if depth is None or _steps(row) <= depth]
        things = list(dict.fromkeys([way.thing, *(str(row["other"]) for row in rows)]))
        drawing = of_lineage(
            way.thing, rows, self.bundles(sorted({text(row["bundle"]) for row in rows})),
            self.short(), down=way.down, marks=self.since(things),
            beyond=self._beyond(way, rows, depth), agents=agents,
            label=self._label(way.thing), kind=self._kind(way.thing),
        )  # fmt: skip
        return GraphPicture(drawing, self.group, max(limit or LIMIT, 1), direction, implied)

    def _label(self, thing: str) -> str:
        return next((text(label) for _, label in self._of(LABELS, [thing])), "")

    def _kind(self, thing: str) -> str:
        """What a thing is by itself: it may have no lineage that tells."""
        for activity, agent in self._of(KINDS, [thing]):
            return "activity" if activity else "agent" if agent else "entity"
        return "entity"

    def _beyond(
        self, way: Lineage, rows: list[dict[str, Cell]], depth: int | None
    ) -> dict[str, int]:
        """How many neighbours of the farthest things lie farther away than was asked for."""
        steps = {way.thing: 0} | {str(row["other"]): 0 for row in rows}
        for row in reversed(rows):
            steps[str(row["other"])] = _steps(row)
        bound = min((one for one in (depth, way.depth) if one is not None), default=None)
        edge = [thing for thing, far in steps.items() if far == bound]
        found: dict[str, set[str]] = {}
        for thing, _, other, *_ in self._of((DOWN if way.down else UP) + ROWS, edge):
            if other not in steps:
                found.setdefault(str(thing), set()).add(str(other))
        return {thing: len(others) for thing, others in found.items()}

    def impact(self, correction: str, answer: Answer) -> "GraphPicture":
        """What a correction reaches, as a tree; `answer` is that of the question."""
        from provstore.pictures.impact_tree import of_impact
        from provstore.pictures.picture import GraphPicture

        rows = list(answer)
        things = list(
            dict.fromkeys(text(row[key]) for row in rows for key in ("version", "reached"))
        )
        ways = [(text(a), text(kind), text(b), text(said)) for a, kind, b, said in
                self._of(MADE, things)]  # fmt: skip
        labels = {text(thing): text(label) for thing, label in self._of(LABELS, things)}
        drawing = of_impact(correction, rows, ways, labels, self.short(), self.since(things))
        return GraphPicture(drawing, limit=REACH)

    def board(self, answer: Answer, begun: Answer) -> "Board":
        """All ingests by step; `begun` are the steps that somebody has started."""
        from provstore.pictures.ingest_board import Board

        people = sorted({text(row["person"]) for row in begun})
        called = {text(iri): text(label) for iri, label in self._of(LABELS, people)}
        short = self.short()
        state = {text(row["ingest"]): text(row["next"]) for row in answer}
        busy = {
            ingest: called.get(text(row["person"]), "") or short(text(row["person"]))
            for row in begun
            if state.get(ingest := text(row["ingest"])) == text(row["step"])
        }
        return Board(tuple(answer), short, busy)

    def since(self, things: list[str]) -> dict[str, list[str]]:
        """What has become of things, whichever of their names a correction used."""
        names: dict[str, set[str]] = {thing: {thing} for thing in things}
        for thing, other in self._of(NAMED, things):
            names[text(thing)].add(text(other))
        every = sorted(set().union(*names.values()))
        marks: dict[str, list[str]] = {}
        for mark, query in SINCE.items():
            hit = {text(row[0]) for row in self._of(query, every)}
            for thing, called in names.items():
                if called & hit:
                    marks.setdefault(thing, []).append(mark)
        return marks

    def _of(self, query: str, things: list[str]) -> Iterator[tuple[Cell, ...]]:
        if things:
            yield from self.ask(query, {"things": [*things]}).rows

    def short(self) -> Callable[[str], str]:
        """Names as people say them: those of ingests without anything before them."""
        from provstore.prov.model.iris import Names as Prefixes

        own = {"default": f"{self.names.base}ingest/"}
        prefixes = Prefixes({**SHORT, **self.names.prefixes, **own})
        return lambda iri: prefixes.short(iri).removeprefix("https://")

    def group(self, iri: str) -> str:
        """The ingest that a thing belongs to, or ""."""
        own = f"{self.names.base}ingest/"
        return iri.removeprefix(own).partition("/")[0] if iri.startswith(own) else ""


def _steps(row: Mapping[str, Cell]) -> int:
    return int(str(row["steps"]))
