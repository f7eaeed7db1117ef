"""The content of a lineage picture: elements and the lines between them, each once.

In: the rows of a lineage, and the bundles that state them. Out: a `Drawing`. It knows neither
positions nor markup.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from provstore.pictures.label_text import counted, plain, split_name
from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.prov.model.iris import split_iri
from provstore.prov.model.terms import END_TIME, LABEL, PROV, RELATIONS, START_TIME, TYPE
from provstore.results.answer import Cell
from provstore.results.cell_values import text

MAX_NODES = 5_000
"""The maximum number of elements that are drawn; farther ones are only counted."""

MAX_FACTS, MAX_FACT_LENGTH = 40, 400
"""The maximum number of attributes listed for an element, and of characters in each."""

FLOW_RELATIONS = ("wasDerivedFrom", "wasGeneratedBy", "used", "wasInformedBy")
AGENT_RELATIONS = ("wasAssociatedWith", "wasAttributedTo")


class Node(NamedTuple):
    """An element: `kind` is `entity`, `activity` or `agent`; `steps` its distance from the start.

    `badges` are `retracted`, `corrected`, `revised`; `more` counts neighbours that are not drawn;
    `bundles` are those that describe or mention the element.
    """

    iri: str
    kind: str
    label: str
    name: str
    type_name: str
    time: str
    steps: int
    badges: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    bundles: tuple[str, ...] = ()
    more: int = 0


class Line(NamedTuple):
    """A statement: from the later element to the earlier one, or to the responsible agent.

    `implied` is true if other lines of the drawing imply it (PROV-CONSTRAINTS, 5.1).
    """

    later: str
    earlier: str
    kind: str
    role: str = ""
    bundles: tuple[str, ...] = ()
    implied: bool = False


@dataclass(frozen=True)
class Drawing:
    """Nodes, nearest first, and lines; `starts` are the IRIs of the starting points."""

    title: str
    about: str
    starts: tuple[str, ...]
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()


ShortName = Callable[[str], str]
"""IRI → its short name."""


def lineage_drawing(
    start: str,
    rows: Iterable[Mapping[str, Cell]],
    bundles: Iterable[Bundle],
    short: ShortName,
    *,
    down: bool = False,
    badges: Mapping[str, Sequence[str]] | None = None,
    beyond: Mapping[str, int] | None = None,
    agents: bool = True,
    label: str = "",
    kind: str = "",
) -> Drawing:
    """Make the drawing of a lineage from the `rows` of `provstore.queries.lineage`, nearest first.

    `badges` gives the badges of elements. `beyond` counts the neighbours of an element that exceed
    the requested depth. `label` and `kind` describe the start. With `agents`, the responsible
    agents are drawn too.
    """
    steps, labels, more = {start: 0}, {start: label}, dict(beyond or {})
    stated: dict[tuple[str, str, str], list[str]] = {}
    not_drawn: set[str] = set()
    for row in rows:
        thing, other = str(row["thing"]), str(row["other"])
        if other not in steps and len(steps) < MAX_NODES:
            steps[other] = int(str(row["steps"]))
        if thing not in steps or other not in steps:
            not_drawn.add(other)
            if thing in steps:
                more[thing] = more.get(thing, 0) + 1
            continue
        labels.setdefault(other, text(row["label"]))
        later, earlier = (other, thing) if down else (thing, other)
        sources = stated.setdefault((later, earlier, str(row["relation"])), [])
        sources.append(text(row["bundle"]))
    descriptions = _Descriptions(steps, bundles, agents)
    for kind, subject, agent, role, bundle in descriptions.agent_statements:
        if agent not in steps:
            steps[agent] = steps[subject] + 1
        descriptions.roles[subject, agent, kind] = role
        stated.setdefault((subject, agent, kind), []).append(bundle)
    ends = _kinds_of_ends(stated)
    ends.setdefault(start, kind)
    nodes = [
        _make_node(
            iri,
            distance,
            labels.get(iri, ""),
            descriptions,
            ends,
            short,
            (badges or {}).get(iri, ()),
            more,
        )
        for iri, distance in steps.items()
    ]
    lines = _make_lines(stated, descriptions.roles)
    loops = sum(later == earlier for later, earlier, _ in stated)
    remarks = [
        f"Not drawn: {counted(number, word)}{suffix}."
        for number, word, suffix in (
            (len(not_drawn), "element", " farther away"),
            (loops, "statement", " from an element to itself"),
        )
        if number
    ]
    name = plain(short(start))
    title = f"What depends on {name}" if down else f"Where {name} came from"
    return Drawing(
        title, _summary(nodes, lines), (start,), tuple(nodes), tuple(lines), tuple(remarks)
    )


class _Descriptions:
    """The statements of the bundles about the drawn elements."""

    def __init__(self, iris: Mapping[str, int], bundles: Iterable[Bundle], agents: bool) -> None:
        self.elements: dict[str, list[tuple[str, Element]]] = defaultdict(list)
        self.generated: dict[str, str] = {}
        self.roles: dict[tuple[str, str, str], str] = {}
        self.agent_statements: list[tuple[str, str, str, str, str]] = []
        self.responsible: dict[str, dict[str, str]] = defaultdict(dict)
        for bundle in sorted(bundles, key=lambda bundle: bundle.iri):
            drawn = set(iris)
            for relation in bundle.relations:
                if relation.arguments[0] in iris:
                    self._read_relation(relation, bundle.iri, drawn, agents)
            self._read_delegations(bundle, drawn)
            for element in bundle.elements:
                if element.iri in drawn:
                    self.elements[element.iri].append((bundle.iri, element))

    def _read_relation(
        self, relation: Relation, bundle: str, drawn: set[str], agents: bool
    ) -> None:
        kind, arguments, _, attributes = relation
        if kind == "wasGeneratedBy" and arguments[2]:
            self.generated.setdefault(arguments[0], arguments[2])
        roles = [value.text for key, value in attributes if key == PROV + "role"]
        if roles and kind in FLOW_RELATIONS:
            self.roles[arguments[0], arguments[1], kind] = split_iri(roles[0])[1]
        if agents and kind in AGENT_RELATIONS and arguments[1]:
            role = split_iri(roles[0])[1] if roles else ""
            self.agent_statements.append((kind, arguments[0], arguments[1], role, bundle))
            drawn.add(arguments[1])

    def _read_delegations(self, bundle: Bundle, drawn: set[str]) -> None:
        known = {element.iri: element for element in bundle.elements}
        for kind, arguments, _, _ in bundle.relations:
            if kind == "actedOnBehalfOf" and arguments[0] in drawn and arguments[1] in known:
                labels = known[arguments[1]].values(LABEL)
                self.responsible[arguments[0]][arguments[1]] = labels[0].text if labels else ""


def _make_node(
    iri: str,
    steps: int,
    label: str,
    descriptions: _Descriptions,
    ends: Mapping[str, str],
    short: ShortName,
    badges: Sequence[str],
    more: Mapping[str, int],
) -> Node:
    described = descriptions.elements.get(iri, [])
    facts: dict[tuple[str, str], None] = {}
    kinds: list[str] = []
    sources = [bundle for bundle, element in described if element.attributes]
    for _, element in described:
        kinds += element.kinds
        for key, value in element.attributes:
            facts[key, value.text] = None
    labels = sorted(value for key, value in facts if key == LABEL)
    sorts = sorted(value for key, value in facts if key == TYPE)
    times = sorted(value for key, value in facts if key in (START_TIME, END_TIME))
    name = short(iri)
    kind = ends.get(iri) or (min(set(kinds), key=lambda k: (-kinds.count(k), k)) if kinds else "")
    responsible = [
        ("for", label_of_agent or short(agent))
        for agent, label_of_agent in descriptions.responsible.get(iri, {}).items()
    ]
    return Node(
        iri,
        kind or "entity",
        plain(label or (labels[0] if labels else name)),
        plain(name),
        plain(split_name(split_iri(sorts[0])[1])) if sorts else "",
        plain(times[0] if times else descriptions.generated.get(iri, "")),
        steps,
        tuple(badges),
        tuple(
            (plain(key), plain(value))
            for key, value in (*responsible, *_shorten_facts(facts, short))
        ),
        tuple(sources or [bundle for bundle, _ in described]),
        more.get(iri, 0),
    )


def _shorten_facts(facts: Iterable[tuple[str, str]], short: ShortName) -> Iterator[tuple[str, str]]:
    pairs = sorted(((short(key), value) for key, value in facts), key=_brief_first)
    for key, value in pairs[:MAX_FACTS]:
        cut = f"… ({len(value)} characters)" if len(value) > MAX_FACT_LENGTH else ""
        yield key, value[:MAX_FACT_LENGTH] + cut
    if len(pairs) > MAX_FACTS:
        yield "…", f"and {len(pairs) - MAX_FACTS} more"


def _brief_first(pair: tuple[str, str]) -> tuple[bool, str, str]:
    return len(pair[1]) > MAX_FACT_LENGTH / 4, *pair


def _kinds_of_ends(stated: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Derive the kind of each end from its relation."""
    kinds: dict[str, str] = {}
    for later, earlier, kind in stated:
        kinds.setdefault(later, RELATIONS[kind].source)
        kinds.setdefault(earlier, RELATIONS[kind].target)
    return kinds


def _make_lines(
    stated: Mapping[tuple[str, str, str], Sequence[str]], roles: Mapping[tuple[str, str, str], str]
) -> list[Line]:
    """Make a line for each statement; mark those that follow from two others as implied."""
    reached: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for later, earlier, kind in stated:
        reached[kind][later].add(earlier)
    generated, used, associated = (
        reached[k] for k in ("wasGeneratedBy", "used", "wasAssociatedWith")
    )
    compositions = {
        "wasDerivedFrom": (generated, used),
        "wasInformedBy": (used, generated),
        "wasAttributedTo": (generated, associated),
    }

    def implied(later: str, earlier: str, kind: str) -> bool:
        if kind not in compositions:
            return False
        first, second = compositions[kind]
        return any(earlier in second.get(middle, ()) for middle in first.get(later, ()))

    return [
        Line(*key, roles.get(key, ""), tuple(sorted({*sources} - {""})), implied(*key))
        for key, sources in stated.items()
    ]


def _summary(nodes: Sequence[Node], lines: Sequence[Line]) -> str:
    """Summarize the drawing in one line: the numbers of its parts, and its dates."""
    kinds = Counter(node.kind for node in nodes)
    counts = [counted(kinds[kind], kind) for kind in ("entity", "activity", "agent") if kinds[kind]]
    days = sorted(node.time[:10] for node in nodes if node.time)
    when = f", {days[0]} to {days[-1]}" if days else ""
    return f"{', '.join([*counts, counted(len(lines), 'statement')])}{when}"
