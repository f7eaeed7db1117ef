"""Drawings as tests need them: of foreign bundles, of made ones, of hostile words."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hypothesis import strategies as st

from provstore.errors import BadDocument
from provstore.pictures.drawing import Drawing, lineage_drawing
from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from provstore.prov.model.iris import Prefixes
from provstore.prov.model.terms import LABEL, START_TIME
from provstore.prov.notations.notation_registry import read
from provstore.queries.lineage import RELATIONS, trace_lineage
from provstore.results.answer import Answer
from tests.hostile_texts import SHORT_TEXTS
from tests.strategies import texts

EX = "http://example.org/"
KINDS = tuple(RELATIONS.split("|"))
HOSTILE = (*SHORT_TEXTS, "A" * 300)
"""Words that would be markup, code or a trap, if somebody forgot what they are."""


def rows_of(thing: str, bundles: Sequence[Bundle], *, down: bool = False) -> Answer:
    """The lineage of a thing, without a store."""
    found: dict[str, list[tuple[str, str, str, str, str]]] = {}
    for bundle in bundles:
        for kind, (later, earlier, *_), *_ in bundle.relations:
            if kind in KINDS and later and earlier:
                start, end = (earlier, later) if down else (later, earlier)
                found.setdefault(start, []).append((start, kind, end, "", bundle.iri))

    def ask(_text: str, _parameters: object) -> Answer:  # as much as any view could know
        rows = dict.fromkeys(row for held in found.values() for row in held)
        return Answer(("thing", "relation", "other", "label", "bundle"), tuple(rows))

    return trace_lineage(thing, ask)


def drawing_of(thing: str, bundles: Sequence[Bundle], *, down: bool = False) -> Drawing:
    """The drawing of a lineage, with all that the bundles say."""
    short = Prefixes(
        {key: value for bundle in bundles for key, value in bundle.prefixes.items()}
    ).short
    return lineage_drawing(thing, rows_of(thing, bundles, down=down), bundles, short, down=down)


def richest(bundles: Sequence[Bundle]) -> str:
    """The thing that most statements of lineage speak of."""
    ends = [
        end
        for bundle in bundles
        for kind, ends, *_ in bundle.relations
        if kind in KINDS
        for end in ends[:1]
        if end
    ]
    return max(ends, key=lambda iri: (len(rows_of(iri, bundles)), iri), default="")


def real_drawings(corpora: Path) -> dict[str, Drawing]:
    """The longest lineage of each real document that has one."""
    found = {}
    for path in sorted((corpora / "real-documents").rglob("*.json")):
        try:
            bundles = read(path.read_bytes(), path.name).bundles
        except BadDocument:
            continue
        if thing := richest(bundles):
            found[str(path)] = drawing_of(thing, bundles)
    assert len(found) > 10, f"only {len(found)} real documents have a lineage"
    return found


def bundle_of(
    edges: Iterable[tuple[str, str, str]], labels: dict[str, str] | None = None
) -> Bundle:
    """A bundle of (later, relation, earlier); short names stand for IRIs of ours."""
    edges = list(edges)
    names = dict.fromkeys(end for later, _, earlier in edges for end in (later, earlier))
    elements = tuple(
        Element(
            EX + name,
            (
                "activity"
                if name.startswith("a")
                else "agent"
                if name.startswith("p")
                else "entity",
            ),
            ((LABEL, Value((labels or {}).get(name, name))),)
            + (((START_TIME, Value("2026-03-01T09:00:00Z")),) if name.startswith("a") else ()),
        )
        for name in names
    )
    tails = {"wasDerivedFrom": ("", "", ""), "wasInformedBy": (), "wasAttributedTo": ()}
    relations = tuple(
        Relation(kind, (EX + later, EX + earlier, *tails.get(kind, ("",))))
        for later, kind, earlier in edges
    )
    return Bundle(EX + "bundle", elements, relations)


def _edge(pair: tuple[str, str]) -> st.SearchStrategy[tuple[str, str, str]]:
    kinds = {
        "ee": ["wasDerivedFrom"],
        "ea": ["wasGeneratedBy"],
        "ae": ["used"],
        "aa": ["wasInformedBy"],
        "ep": ["wasAttributedTo"],
        "ap": ["wasAssociatedWith"],
    }
    found = kinds.get(pair[0][0] + pair[1][0], [])
    return st.sampled_from([(pair[0], kind, pair[1]) for kind in found]) if found else st.nothing()


_NAMES = [f"e{n}" for n in range(9)] + [f"a{n}" for n in range(5)] + ["p0", "p1"]
edges = st.lists(
    st.tuples(st.sampled_from(_NAMES), st.sampled_from(_NAMES))
    .filter(lambda pair: pair[0][0] != "p")
    .flatmap(_edge),
    min_size=1, max_size=40,
)  # fmt: skip
"""Statements between a few things: crowds, runs, diamonds, circles and loops come about."""

drawings = st.builds(
    lambda edges, labels: drawing_of(
        EX + edges[0][0], [bundle_of(edges, dict(zip(_NAMES, labels, strict=False)))]
    ),
    edges,
    st.lists(texts | st.sampled_from(HOSTILE), max_size=len(_NAMES)),
)
