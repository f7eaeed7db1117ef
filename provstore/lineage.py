"""How a thing came to be, step by step: breadth first from the thing, each statement once.

In: an IRI and a way to ask for what is one step away. Out: an `Answer`, or the statements on the
way as a `Bundle`. It knows no engine; the cost follows what is found, not what is stored.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from provstore.answer import Answer, Cell
from provstore.prov.bundle import Bundle, Element, Relation

CUT = "https://w3id.org/provstore/lineage/"
"""Namespace of bundles that are cut out of others: the lineage of one thing."""

COLUMNS = ("steps", "thing", "relation", "other", "label", "bundle")
RELATIONS = "wasDerivedFrom|wasGeneratedBy|used|wasInformedBy"
"""What lineage walks, in PROV-N names: from the later thing to the earlier one."""

UP = f"UNWIND $things AS t MATCH (a:Resource {{uri: t}})-[r:{RELATIONS}]->(b) "
DOWN = f"UNWIND $things AS t MATCH (a:Resource {{uri: t}})<-[r:{RELATIONS}]-(b) "
ROWS = "RETURN DISTINCT a.uri, type(r), b.uri, head([] + b.prov__label), r.bundle"
"""One step up or down from many things at once."""

MENTIONS = "SELECT DISTINCT $thing ?g { GRAPH ?g { { $thing ?p ?o } UNION { ?s ?q $thing } } }"
"""Every bundle that says something of a thing, in SPARQL: the named graphs are the bundles."""

Ask = Callable[[Sequence[str]], Answer]


def walk(thing: str, ask: Ask, depth: int | None = None) -> Answer:
    """All statements on the way from `thing`, at most `depth` steps away."""
    return Answer(COLUMNS, tuple(_walk(thing, ask, depth)))


def _walk(thing: str, ask: Ask, depth: int | None) -> Iterator[tuple[Cell, ...]]:
    reached, frontier, steps = {thing}, [thing], 0
    while frontier and (depth is None or steps < depth):
        steps += 1
        rows = sorted(ask(frontier).rows, key=str)
        yield from ((steps, *row) for row in rows)
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
