"""How a thing came to be, step by step: nearest first, each statement once.

In: an IRI and a way to ask in Cypher. Out: an `Answer`, or the statements on the way as a
`Bundle`. It knows no engine; the cost follows what is found, not what is stored.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter

from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.results.answer import Answer, Cell

LINEAGE_NAMESPACE = "https://w3id.org/provstore/lineage/"
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
_ORDER = itemgetter(0, 1, 2, 3, 5)  # the label says nothing more than the name


def trace_lineage(thing: str, ask: Ask, *, down: bool = False, depth: int | None = None) -> Answer:
    """All statements on the way from `thing`, at most `depth` steps away."""
    step = DOWN if down else UP
    if depth is None:
        text = START + (ALL_DOWN if down else ALL_UP) + step + ROWS
        statements: Iterable[_Row] = ask(text, {"things": [thing]}).rows
    else:
        statements = _nearest_rows(thing, START + "WITH e AS y " + step + ROWS, ask, depth)
    return Answer(COLUMNS, _number_steps(thing, statements))


def _nearest_rows(thing: str, text: str, ask: Ask, depth: int) -> Iterator[_Row]:
    """What so many questions find, each one step away from all things that the last one found."""
    reached: set[Cell] = set()
    frontier = [thing]
    while frontier and depth > 0:
        depth -= 1
        reached.update(frontier)
        rows = ask(text, {"things": [*frontier]}).rows
        yield from rows
        frontier = sorted({str(row[2]) for row in rows} - reached)


def _number_steps(thing: str, statements: Iterable[_Row]) -> tuple[_Row, ...]:
    """The rows, each after the number of its step, in order: breadth first."""
    by_start: dict[Cell, list[_Row]] = defaultdict(list)
    for row in statements:
        by_start[row[0]].append(row)
    rows: list[_Row] = []
    steps: dict[Cell, int] = {thing: 1}
    reached: list[Cell] = [thing]
    for resource in reached:  # it grows meanwhile
        step = steps[resource]
        for row in by_start.get(resource, ()):
            rows.append((step, *row))
            if row[2] not in steps:
                steps[row[2]] = step + 1
                reached.append(row[2])
    rows.sort(key=_ORDER)
    return tuple(rows)


def lineage_bundle(thing: str, lineage: Answer, bundles: Iterable[Bundle]) -> Bundle:
    """What `bundles` say of the things on the way from `thing`, and of whom they were done by."""
    resources = {thing, *(str(row["other"]) for row in lineage)}
    elements: list[Element] = []
    relations: list[Relation] = []
    prefixes: dict[str, str] = {}
    for bundle in bundles:
        relevant = [relation for relation in bundle.relations if relation.arguments[0] in resources]
        met = {end for relation in relevant for end in relation.arguments} | resources
        elements += [element for element in bundle.elements if element.iri in met]
        relations += relevant
        prefixes |= dict(bundle.prefixes)
    name = LINEAGE_NAMESPACE + hashlib.sha256(thing.encode()).hexdigest()[:32]
    return Bundle(name, tuple(elements), tuple(relations), prefixes)
