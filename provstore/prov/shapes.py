"""Many small records at once: those of one shape form a table, and its columns are run through.

The *shape* of a record is all that decides what happens to it, such as its keys and which of its
arguments are there. What is to be done is found out once for each table; `map` and `zip` then do
it to whole columns. Reading and both projections share this.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import repeat
from typing import Any, TypeVar

from provstore.prov.bundle import Attributes

ROWS = 1000
"""How many rows a table has at most, so that its columns stay in the processor's cache."""

T = TypeVar("T")
Row = TypeVar("Row", bound=tuple[Any, ...])


def tables(records: Iterable[T], shape: Callable[[T], Hashable]) -> Iterator[list[T]]:
    """The records in tables of one shape each, and in their order within a shape."""
    found: defaultdict[Hashable, list[T]] = defaultdict(list)
    for record in records:
        found[shape(record)].append(record)
    for alike in found.values():
        for begin in range(0, len(alike), ROWS):
            yield alike[begin : begin + ROWS]


def rows(kind: type[Row], *columns: Iterable[Any]) -> list[Row]:
    """Named tuples of these columns; one that repeats itself without end is as long as the rest."""
    return list(map(tuple.__new__, repeat(kind), zip(*columns, strict=False)))


def described(attributes: Attributes) -> tuple[tuple[str, str], ...]:
    """The shape of attributes: each key and the datatype of its value."""
    return tuple([(key, value[1]) for key, value in attributes])
