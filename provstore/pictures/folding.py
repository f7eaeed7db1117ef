"""Selects what a picture shows at first: the nearest elements, with chains and crowds folded.

In: a `Drawing`, and the maximum number of boxes. Out: a `Scene` of boxes and links, which counts
everything that it leaves out. The script of the page opens folds by the same rules.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from provstore.pictures.drawing import AGENT_RELATIONS, Drawing, Line, Node
from provstore.pictures.label_text import counted, plural

MAX_BOXES = 60
"""The maximum number of boxes at first; the others open on demand."""

MIN_CROWD, MIN_RUN, MAX_CALM = 4, 6, 40
"""The minimum number of similar elements in a crowd, and of elements in a run.

With up to MAX_CALM elements, no run is folded.
"""

OPENED_AT_ONCE = 60
"""The maximum number of elements that one click shows."""

Group = Callable[[str], str]
"""IRI → the group it belongs to, for example its ingest, or ""."""


class Fold(NamedTuple):
    """Elements that share a box until it is opened; `noun` names them, in the plural."""

    noun: str
    caption: str
    kind: str
    members: tuple[int, ...]


class Box(NamedTuple):
    """A node (`members` is its number alone) or a fold; `more` counts neighbours not shown."""

    members: tuple[int, ...]
    fold: int
    more: int


class Link(NamedTuple):
    """The lines of one kind between two boxes; `implied` if all these lines are implied."""

    later: int
    earlier: int
    kind: str
    lines: tuple[int, ...]
    implied: bool


@dataclass(frozen=True)
class Scene:
    """The boxes and links that are shown; `hidden` counts the nodes that are in no box."""

    drawing: Drawing
    folds: tuple[Fold, ...]
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    hidden: int


def fold_drawing(drawing: Drawing, group: Group | None = None, limit: int = MAX_BOXES) -> Scene:
    """Select what is shown at first: at most `limit` boxes, the nearest to the start."""
    folds = find_folds(drawing, group)
    home = {member: number for number, fold in enumerate(folds) for member in fold.members}
    index = {node.iri: number for number, node in enumerate(drawing.nodes)}
    near: list[list[int]] = [[] for _ in drawing.nodes]
    for line in drawing.lines:
        later, earlier = index[line.later], index[line.earlier]
        near[later].append(earlier)
        near[earlier].append(later)
    boxes: list[tuple[int, ...]] = []
    box_of: dict[int, int] = {}
    queue: deque[int] = deque()
    rest = deque(range(len(drawing.nodes)))
    while len(boxes) < limit and (queue or rest):  # breadth first, part by part
        number = (queue or rest).popleft()
        if number in box_of:
            continue
        members = folds[home[number]].members if number in home else (number,)
        box_of.update(dict.fromkeys(members, len(boxes)))
        boxes.append(members)
        queue += [other for member in members for other in near[member]]
    shown = tuple(
        Box(members, home.get(members[0], -1), _count_hidden(members, near, box_of, drawing.nodes))
        for members in boxes
    )
    return Scene(
        drawing,
        folds,
        shown,
        _make_links(drawing.lines, index, box_of),
        len(drawing.nodes) - len(box_of),
    )


def _count_hidden(
    members: Iterable[int],
    near: Sequence[Sequence[int]],
    box_of: Mapping[int, int],
    nodes: Sequence[Node],
) -> int:
    away = {other for member in members for other in near[member] if other not in box_of}
    return len(away) + sum(nodes[member].more for member in members)


def _make_links(
    lines: Sequence[Line], index: Mapping[str, int], box_of: Mapping[int, int]
) -> tuple[Link, ...]:
    lines_of: dict[tuple[int, int, str], list[int]] = {}
    for number, line in enumerate(lines):
        later, earlier = box_of.get(index[line.later], -1), box_of.get(index[line.earlier], -1)
        if min(later, earlier) >= 0 and later != earlier:
            lines_of.setdefault((later, earlier, line.kind), []).append(number)
    return tuple(
        Link(*key, tuple(numbers), all(lines[number].implied for number in numbers))
        for key, numbers in lines_of.items()
    )


def find_folds(drawing: Drawing, group: Group | None = None) -> tuple[Fold, ...]:
    """Fold other ingests, crowds of similar elements, and long runs; a node is in at most one."""
    nodes, folded = drawing.nodes, {0}
    folded |= {number for number, node in enumerate(nodes) if node.badges}
    folds: list[Fold] = []
    for fold in (
        *(_fold_groups(drawing, group) if group and len(nodes) > MAX_CALM else ()),
        *_fold_crowds(drawing),
        *(_fold_runs(drawing) if len(nodes) > MAX_CALM else ()),
    ):
        if not folded.intersection(fold.members):
            folds.append(fold)
            folded.update(fold.members)
    return tuple(folds)


def _fold_groups(drawing: Drawing, group: Group) -> list[Fold]:
    parts: dict[str, list[int]] = defaultdict(list)
    for number, node in enumerate(drawing.nodes):
        if node.kind != "agent" and not node.badges and (name := group(node.iri)):
            parts[name].append(number)
    for start in drawing.starts:
        parts.pop(group(start), None)
    return [
        Fold("elements", name, "", tuple(members))
        for name, members in parts.items()
        if len(members) >= MIN_CROWD
    ]


def _fold_crowds(drawing: Drawing) -> list[Fold]:
    """Fold elements of the same type with exactly the same neighbours."""
    around: dict[str, set[tuple[str, str, bool]]] = defaultdict(set)
    for line in drawing.lines:
        if not line.implied:
            around[line.later].add((line.kind, line.earlier, True))
            around[line.earlier].add((line.kind, line.later, False))
    alike: dict[tuple[str, str, frozenset[tuple[str, str, bool]]], list[int]] = defaultdict(list)
    for number, node in enumerate(drawing.nodes):
        if number and not node.badges and around[node.iri]:
            alike[node.kind, node.type_name, frozenset(around[node.iri])].append(number)
    return [
        Fold(plural(sort or kind), "", kind, tuple(members))
        for (kind, sort, _), members in alike.items()
        if len(members) >= MIN_CROWD
    ]


def _fold_runs(drawing: Drawing) -> list[Fold]:
    """Fold chains of elements without branches."""
    into: Counter[str] = Counter()
    onward: dict[str, list[str]] = defaultdict(list)
    for line in drawing.lines:
        if not line.implied and line.kind not in AGENT_RELATIONS:
            into[line.earlier] += 1
            onward[line.later].append(line.earlier)
    index = {node.iri: number for number, node in enumerate(drawing.nodes)}
    plain = {
        node.iri
        for number, node in enumerate(drawing.nodes)
        if number and not node.badges and into[node.iri] == 1 and len(onward[node.iri]) == 1
    }
    heads = plain - {onward[iri][0] for iri in plain}
    folds = []
    for head in sorted(heads, key=index.__getitem__):
        run = [head]
        while onward[run[-1]][0] in plain:
            run.append(onward[run[-1]][0])
        if len(run) >= MIN_RUN:
            steps = sum(drawing.nodes[index[iri]].kind == "activity" for iri in run)
            caption = counted(steps, "activity")
            folds.append(Fold("elements in a chain", caption, "", tuple(index[iri] for iri in run)))
    return folds
