"""How a thing came to be, step by step: breadth first from the thing, each statement once.

In: an IRI and a way to ask for what is one step away. Out: an `Answer`. It knows no engine; the
cost follows what is found, not what is stored.
"""

from collections.abc import Callable, Iterator, Sequence

from provstore.answer import Answer, Cell

COLUMNS = ("steps", "thing", "relation", "other", "label")
RELATIONS = "wasDerivedFrom|wasGeneratedBy|used|wasInformedBy"
"""What lineage walks, in PROV-N names: from the later thing to the earlier one."""

UP = f"UNWIND $things AS t MATCH (a:Resource {{uri: t}})-[r:{RELATIONS}]->(b) "
DOWN = f"UNWIND $things AS t MATCH (a:Resource {{uri: t}})<-[r:{RELATIONS}]-(b) "
ROWS = "RETURN DISTINCT a.uri, type(r), b.uri, b.prov__label"
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
