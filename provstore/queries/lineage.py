"""The lineage of a resource, step by step: nearest first, each statement once.

In: an IRI and a function that runs Cypher. Out: an `Answer`, or the statements of the lineage as a
`Bundle`. It knows no engine; the cost depends on the size of the lineage, not of the store.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter

from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.results.answer import Answer, Cell

LINEAGE_NAMESPACE = "https://w3id.org/provstore/lineage/"
"""Namespace of bundles that are extracted from others: the lineage of one resource."""

COLUMNS = ("steps", "thing", "relation", "other", "label", "bundle")
RELATIONS = "wasDerivedFrom|wasGeneratedBy|used|wasInformedBy"
"""The relations that lineage follows, by PROV-N name: from the later to the earlier resource."""

ALL_UP = f"CALL (e) {{ MATCH (e)-[:{RELATIONS}*0..]->(y) RETURN DISTINCT y }} "
ALL_DOWN = f"CALL (e) {{ MATCH (e)<-[:{RELATIONS}*0..]-(y) RETURN DISTINCT y }} "
UP, DOWN = f"MATCH (y)-[r:{RELATIONS}]->(o) ", f"MATCH (y)<-[r:{RELATIONS}]-(o) "
START = "UNWIND $things AS thing MATCH (e:Resource {uri: thing}) "
ROWS = "RETURN DISTINCT y.uri, type(r), o.uri, head([] + o.prov__label), r.bundle"
"""One query returns all statements of a lineage; with distances it would have to list all paths."""

MENTIONS = "SELECT DISTINCT $thing ?g { GRAPH ?g { { $thing ?p ?o } UNION { ?s ?q $thing } } }"
"""Every bundle with statements about a resource, in SPARQL: the named graphs are the bundles."""

Ask = Callable[[str, Mapping[str, Cell]], Answer]
_Row = tuple[Cell, ...]
_ORDER = itemgetter(0, 1, 2, 3, 5)  # the label only repeats the name


def trace_lineage(thing: str, ask: Ask, *, down: bool = False, depth: int | None = None) -> Answer:
    """Return all statements in the lineage of `thing`, at most `depth` steps away."""
    step = DOWN if down else UP
    if depth is None:
        text = START + (ALL_DOWN if down else ALL_UP) + step + ROWS
        statements: Iterable[_Row] = ask(text, {"things": [thing]}).rows
    else:
        statements = _nearest_rows(thing, START + "WITH e AS y " + step + ROWS, ask, depth)
    return Answer(COLUMNS, _number_steps(thing, statements))


def _nearest_rows(thing: str, text: str, ask: Ask, depth: int) -> Iterator[_Row]:
    """Run one query per step, each from all resources that the last one found."""
    reached: set[Cell] = set()
    frontier = [thing]
    while frontier and depth > 0:
        depth -= 1
        reached.update(frontier)
        rows = ask(text, {"things": [*frontier]}).rows
        yield from rows
        frontier = sorted({str(row[2]) for row in rows} - reached)


def _number_steps(thing: str, statements: Iterable[_Row]) -> tuple[_Row, ...]:
    """Return the rows with their numbers of steps in breadth-first order."""
    by_start: dict[Cell, list[_Row]] = defaultdict(list)
    for row in statements:
        by_start[row[0]].append(row)
    rows: list[_Row] = []
    steps: dict[Cell, int] = {thing: 1}
    reached: list[Cell] = [thing]
    for resource in reached:  # it grows during the loop
        step = steps[resource]
        for row in by_start.get(resource, ()):
            rows.append((step, *row))
            if row[2] not in steps:
                steps[row[2]] = step + 1
                reached.append(row[2])
    rows.sort(key=_ORDER)
    return tuple(rows)


def lineage_bundle(thing: str, lineage: Answer, bundles: Iterable[Bundle]) -> Bundle:
    """Make a bundle of the statements about the lineage of `thing` and about its agents."""
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
