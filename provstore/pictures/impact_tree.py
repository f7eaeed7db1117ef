"""What a correction reaches, as a tree: from the versions at fault to all that was made of it.

In: the answer of `what-a-correction-reaches`, and which of these things was made of which. Out: a
`Drawing` in which every thing hangs at the nearest one that leads to it.
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
    """`statements` are (thing, relation, what it was made of or is another name of, bundle)."""
    listed = list(rows)
    versions = list(dict.fromkeys(text(row["version"]) for row in listed))
    reached = {text(row["reached"]): text(row["kind"]) for row in listed}
    kinds = reached | dict.fromkeys(versions, "version at fault")
    near: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for thing, relation, source, bundle in sorted(statements):
        near[source].append((thing, relation, bundle))
        if relation == "alternateOf":
            near[thing].append((source, relation, bundle))
    steps = dict.fromkeys(versions, 0)
    lines: list[Line] = []
    queue = list(versions)
    for source in queue:  # it grows while we go along; a thing hangs where it was met first
        for thing, relation, bundle in near[source]:
            if thing in reached and thing not in steps:
                steps[thing] = steps[source] + 1
                queue.append(thing)
                lines.append(Line(thing, source, relation, bundles=(bundle,)))
    for thing in reached:  # whatever way led there
        steps.setdefault(thing, 1)
    if not steps:  # an empty picture says nothing
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
    about = f"{counted(count.total(), 'thing')}: {parts}" if parts else "Nothing is known."
    title = f"What {plain(short(correction))} reaches"
    return Drawing(title, about, tuple(versions or [correction]), nodes, tuple(lines))
