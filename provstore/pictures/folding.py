"""What of a drawing is open to the eye at first: the near things, with runs and crowds folded.

In: a `Drawing`, and how many boxes may stand there. Out: a `Scene` of boxes and links, in which
everything that is not there is counted. The script of the page opens folds by the same rules.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from provstore.pictures.drawing import AGENT_RELATIONS, Drawing, Line, Node
from provstore.pictures.label_text import counted, plural

MAX_BOXES = 60
"""So many boxes are easy to read; the rest opens on demand."""

MIN_CROWD, MIN_RUN, MAX_CALM = 4, 6, 40
"""Alike things that make a crowd, steps that make a run; up to MAX_CALM things no run is folded."""

OPENED_AT_ONCE = 60
"""So many things come out of a fold, or from behind a box, at a time."""

Group = Callable[[str], str]
"""IRI → what it is a part of, for example its ingest, or ""."""


class Fold(NamedTuple):
    """Things that stand in one box until it is opened; `noun` says what they are, in plural."""

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
    """The lines of one kind between two boxes; `implied` if all of them are."""

    later: int
    earlier: int
    kind: str
    lines: tuple[int, ...]
    implied: bool


@dataclass(frozen=True)
class Scene:
    """Boxes and links as they stand there; `hidden` counts nodes that are in none of them."""

    drawing: Drawing
    folds: tuple[Fold, ...]
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    hidden: int


def fold_drawing(drawing: Drawing, group: Group | None = None, limit: int = MAX_BOXES) -> Scene:
    """The drawing as it is seen first: at most `limit` boxes, the nearest to the start."""
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
    """Other ingests, crowds of things that are alike, long runs; a node is in one fold at most."""
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
        Fold("things", name, "", tuple(members))
        for name, members in parts.items()
        if len(members) >= MIN_CROWD
    ]


def _fold_crowds(drawing: Drawing) -> list[Fold]:
    """Things of one sort with the very same neighbours."""
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
    """Steps that follow each other with nothing else coming in or going out."""
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
            folds.append(Fold("things in a row", caption, "", tuple(index[iri] for iri in run)))
    return folds
