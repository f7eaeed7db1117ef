"""The impact of a correction as a tree: from the faulty versions to everything made from them.

In: the answer of `what-a-correction-reaches`, and the derivations between these elements. Out: a
`Drawing` in which each element hangs on the nearest element that leads to it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from provstore.pictures.drawing import Drawing, Line, Node, ShortName
from provstore.pictures.label_text import counted, plain
from provstore.results.answer import Cell
from provstore.results.cell_values import text


def impact_drawing(
    correction: str,
    rows: Iterable[Mapping[str, Cell]],
    statements: Iterable[tuple[str, str, str, str]],
    labels: Mapping[str, str],
    short: ShortName,
    badges: Mapping[str, Sequence[str]],
) -> Drawing:
    """Make the drawing; `statements` are (element, relation, its source or alternate, bundle)."""
    listed = list(rows)
    versions = list(dict.fromkeys(text(row["version"]) for row in listed))
    reached = {text(row["reached"]): text(row["kind"]) for row in listed}
    kinds = reached | dict.fromkeys(versions, "faulty version")
    near: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for thing, relation, source, bundle in sorted(statements):
        near[source].append((thing, relation, bundle))
        if relation == "alternateOf":
            near[thing].append((source, relation, bundle))
    steps = dict.fromkeys(versions, 0)
    lines: list[Line] = []
    queue = list(versions)
    for source in queue:  # the queue grows; an element hangs where it was met first
        for thing, relation, bundle in near[source]:
            if thing in reached and thing not in steps:
                steps[thing] = steps[source] + 1
                queue.append(thing)
                lines.append(Line(thing, source, relation, bundles=(bundle,)))
    for thing in reached:  # those without a known path
        steps.setdefault(thing, 1)
    if not steps:  # never draw an empty picture
        steps, kinds = {correction: 0}, {correction: "correction"}
    sources = {line.later: line.bundles for line in lines}
    nodes = tuple(
        Node(
            iri,
            "entity",
            plain(labels.get(iri) or short(iri)),
            plain(short(iri)),
            kinds[iri],
            "",
            distance,
            tuple(badges.get(iri, ())),
            (("kind", kinds[iri]),),
            sources.get(iri, ()),
        )
        for iri, distance in steps.items()
    )
    count = Counter(kinds[iri] for iri in steps if iri in reached and iri not in versions)
    parts = ", ".join(f"{number} \u00d7 {kind}" for kind, number in sorted(count.items()))
    about = (
        f"{counted(count.total(), 'element')}: {parts}"
        if parts
        else "No affected elements are known."
    )
    title = f"What {plain(short(correction))} reaches"
    return Drawing(title, about, tuple(versions or [correction]), nodes, tuple(lines))
