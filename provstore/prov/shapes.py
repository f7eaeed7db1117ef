"""Many small records at once: those of one shape form a table, and its columns are run through.

The *shape* of a record is all that decides what happens to it, such as its keys and which of its
arguments are there. What is to be done is found out once for each table; `map` and `zip` then do
it to whole columns. Reading and both projections share this.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import repeat, zip_longest
from operator import itemgetter
from typing import Any, TypeVar

from provstore.prov.bundle import Attributes, Element, Relation

ROWS = 1000
"""How many rows a table has at most, so that its columns stay in the processor's cache."""

T = TypeVar("T")
Row = TypeVar("Row", bound=tuple[Any, ...])


def tables(records: Iterable[T], shapes: Iterable[Hashable]) -> Iterator[list[T]]:
    """The records in tables of one shape each, and in their order within a shape."""
    found: defaultdict[Hashable, list[T]] = defaultdict(list)
    for record, shape in zip(records, shapes, strict=True):
        found[shape].append(record)
    for alike in found.values():
        for begin in range(0, len(alike), ROWS):
            yield alike[begin : begin + ROWS]


def tuples(kind: type[Row], *columns: Iterable[Any]) -> list[Row]:
    """Named tuples of these columns; one that repeats itself without end is as long as the rest."""
    return list(map(tuple.__new__, repeat(kind), zip(*columns, strict=False)))


def element_shapes(elements: Sequence[Element]) -> Iterable[Hashable]:
    """The shape of each element: its kinds, its keys and the datatypes of their values."""
    return [(kinds, _described(attributes)) for _, kinds, attributes in elements]


def relation_shapes(relations: Sequence[Relation]) -> Iterable[Hashable]:
    """The shape of each relation: its kind, which arguments are there, its attributes likewise."""
    kinds, arguments, identifiers, attributes = (map(itemgetter(n), relations) for n in range(4))
    there = [map(bool, column) for column in zip_longest(*arguments, fillvalue="")]
    said = [pairs and _described(pairs) for pairs in attributes]
    return zip(kinds, map(bool, identifiers), said, *there, strict=True)


def _described(attributes: Attributes) -> Hashable:
    return tuple([(key, value[1]) for key, value in attributes])
