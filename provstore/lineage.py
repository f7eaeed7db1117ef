"""How a thing came to be, step by step: nearest first, each statement once.

In: an IRI and a way to ask in Cypher. Out: an `Answer`, or the statements on the way as a
`Bundle`. It knows no engine; the cost follows what is found, not what is stored.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from operator import itemgetter

from provstore.answer import Answer, Cell
from provstore.prov.bundle import Bundle, Element, Relation

CUT = "https://w3id.org/provstore/lineage/"
"""Namespace of bundles that are cut out of others: the lineage of one thing."""

COLUMNS = ("steps", "thing", "relation", "other", "label", "bundle")
RELATIONS = "wasDerivedFrom|wasGeneratedBy|used|wasInformedBy"
"""What lineage walks, in PROV-N names: from the later thing to the earlier one."""

ALL_UP = f"CALL (e) {{ MATCH (e)-[:{RELATIONS}*0..]->(y) RETURN DISTINCT y }} "
ALL_DOWN = f"CALL (e) {{ MATCH (e)<-[:{RELATIONS}*0..]-(y) RETURN DISTINCT y }} "
UP, DOWN = f"MATCH (y)-[r:{RELATIONS}]->(o) ", f"MATCH (y)<-[r:{RELATIONS}]-(o) "
START = "UNWIND $things AS thing MATCH (e:Resource {uri: thing}) "
ROWS = "RETURN DISTINCT y.uri, type(r), o.uri, head([] + o.prov__label), r.bundle"
"""One query gives all statements on the way; distances would cost it a listing of all paths."""

MENTIONS = "SELECT DISTINCT $thing ?g { GRAPH ?g { { $thing ?p ?o } UNION { ?s ?q $thing } } }"
"""Every bundle that says something of a thing, in SPARQL: the named graphs are the bundles."""

Ask = Callable[[str, Mapping[str, Cell]], Answer]
_Row = tuple[Cell, ...]
_ORDER = itemgetter(0, 1, 2, 4)  # the label says nothing more than the name


def walk(thing: str, ask: Ask, *, down: bool = False, depth: int | None = None) -> Answer:
    """All statements on the way from `thing`, at most `depth` steps away."""
    step = DOWN if down else UP
    if depth is None:
        found = ask(START + (ALL_DOWN if down else ALL_UP) + step + ROWS, {"things": [thing]})
        held: dict[str, list[_Row]] = defaultdict(list)
        for row in sorted(found.rows, key=_ORDER):
            held[str(row[0])].append(row)
        return Answer(COLUMNS, tuple(_steps(thing, partial(_of, held))))
    text = START + "WITH e AS y " + step + ROWS

    def near(things: list[str]) -> list[_Row]:
        return sorted(ask(text, {"things": [*things]}).rows, key=_ORDER)

    return Answer(COLUMNS, tuple(_steps(thing, near, depth)))


def _of(held: Mapping[str, list[_Row]], things: list[str]) -> list[_Row]:
    """What is held of things in order is in order."""
    return [row for thing in things if thing in held for row in held[thing]]


def _steps(
    thing: str, near: Callable[[list[str]], list[_Row]], depth: int | None = None
) -> Iterator[_Row]:
    """Breadth first: `near` gives what is one step away from many things at once, in order."""
    reached, frontier, steps = {thing}, [thing], 0
    while frontier and (depth is None or steps < depth):
        steps += 1
        rows = near(frontier)
        for row in rows:
            yield (steps, *row)
        frontier = sorted({str(row[2]) for row in rows} - reached)
        reached.update(frontier)


def cut(thing: str, way: Answer, bundles: Iterable[Bundle]) -> Bundle:
    """What `bundles` say of the things on the way from `thing`, and of whom they were done by."""
    things = {thing, *(str(row["other"]) for row in way)}
    elements: list[Element] = []
    relations: list[Relation] = []
    prefixes: dict[str, str] = {}
    for bundle in bundles:
        held = [one for one in bundle.relations if one.arguments[0] in things]
        met = {end for relation in held for end in relation.arguments} | things
        elements += [element for element in bundle.elements if element.iri in met]
        relations += held
        prefixes |= dict(bundle.prefixes)
    name = CUT + hashlib.sha256(thing.encode()).hexdigest()[:32]
    return Bundle(name, tuple(elements), tuple(relations), prefixes)
