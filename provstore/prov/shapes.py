"""Many small records at once: those of one shape form a table, and its columns are run through.

The *shape* of a record is all that decides what happens to it, such as its keys and which of its
arguments are there. What is to be done is found out once for each table; `map` and `zip` then do
it to whole columns. Reading and both projections share this.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from provstore.prov.bundle import Attributes, Element, Relation, Value

ROWS = 1000
"""How many rows a table has at most, so that its columns stay in the processor's cache."""

T = TypeVar("T")
Row = TypeVar("Row", bound=tuple[Any, ...])
Texts = Sequence[str]


def tables(records: Iterable[T], shapes: Iterable[Hashable]) -> Iterator[list[T]]:
    """The records in tables of one shape each; neighbours mostly are alike, others are gathered."""
    mixed: defaultdict[Hashable, list[T]] = defaultdict(list)
    records, shapes = iter(records), iter(shapes)
    while rows := list(islice(records, ROWS)):
        looks = list(islice(shapes, ROWS))
        if looks.count(looks[0]) == len(rows) == len(looks):
            yield rows
            continue
        for row, look in zip(rows, looks, strict=True):
            mixed[look].append(row)
    for alike in mixed.values():
        for begin in range(0, len(alike), ROWS):
            yield alike[begin : begin + ROWS]


def tuples(kind: type[Row], *columns: Iterable[Any]) -> list[Row]:
    """Named tuples of these columns; one that repeats itself without end is as long as the rest."""
    return list(map(tuple.__new__, repeat(kind), zip(*columns, strict=False)))


class Column(NamedTuple):
    """One attribute of every row: its key and the datatype of its values are the same in all."""

    key: str
    datatype: str
    texts: Texts
    languages: Texts

    def values(self) -> list[Value]:
        """The value of each row."""
        return tuples(Value, self.texts, repeat(self.datatype), self.languages)


class Elements(NamedTuple):
    """Elements that differ in nothing but their IRIs and what their attributes say."""

    kinds: tuple[str, ...]
    iris: Texts
    attributes: list[Column]


class Relations(NamedTuple):
    """Relations of one kind that have the same arguments and attributes, and an `id` or none.

    `arguments` has a column for each argument of the kind; what is absent is an empty column.
    """

    relations: Sequence[Relation]
    kind: str
    iris: Texts
    arguments: list[Texts]
    ids: Texts
    attributes: list[Column]


def element_tables(elements: Sequence[Element]) -> Iterator[Elements]:
    """Tables of all the elements."""
    _, kinds, attributes = (map(itemgetter(n), elements) for n in range(3))
    guessed = tables(elements, zip(kinds, map(len, attributes), strict=True))
    return _alike(guessed, _elements, _element_shape)


def relation_tables(relations: Sequence[Relation], iris: Iterable[str]) -> Iterator[Relations]:
    """Tables of all the relations; `iris` has the name of each."""
    kinds, _, _, attributes = (map(itemgetter(n), relations) for n in range(4))
    named = zip(relations, iris, strict=True)
    guessed = tables(named, zip(kinds, map(len, attributes), strict=True))
    return _alike(guessed, _relations, _relation_shape)


class _UnlikeError(Exception):
    """The rows differ in their shape."""


def _alike(
    guessed: Iterable[list[T]], columns: Callable[[list[T]], Row], shape: Callable[[T], Hashable]
) -> Iterator[Row]:
    """Rows that look alike mostly are; only where they are not, the shape of each is found out."""
    for rows in guessed:
        try:
            yield columns(rows)
        except _UnlikeError:
            yield from map(columns, tables(rows, map(shape, rows)))


def _elements(rows: list[Element]) -> Elements:
    iris, kinds, attributes = zip(*rows, strict=True)
    return Elements(kinds[0], iris, _columns(attributes))


def _relations(rows: list[tuple[Relation, str]]) -> Relations:
    relations, iris = zip(*rows, strict=True)
    kinds, arguments, ids, attributes = zip(*relations, strict=True)
    there = list(map(_whole, zip(*arguments, strict=True)))
    return Relations(relations, kinds[0], iris, there, _whole(ids), _columns(attributes))


def _columns(attributes: Sequence[Attributes]) -> list[Column]:
    found = []
    for column in zip(*attributes, strict=True):
        keys, values = zip(*column, strict=True)
        texts, datatypes, languages = zip(*values, strict=True)
        found.append(Column(_same(keys), _same(datatypes), texts, languages))
    return found


def _same(column: Sequence[T]) -> T:
    if column.count(column[0]) < len(column):
        raise _UnlikeError
    return column[0]


def _whole(column: Texts) -> Texts:
    if all(column):
        return column
    if any(column):
        raise _UnlikeError
    return ()


def _element_shape(element: Element) -> Hashable:
    return (element.kinds, _described(element.attributes))


def _relation_shape(row: tuple[Relation, str]) -> Hashable:
    kind, arguments, identifier, attributes = row[0]
    return (kind, *map(bool, arguments), bool(identifier), _described(attributes))


def _described(attributes: Attributes) -> Hashable:
    return tuple([(key, value.datatype) for key, value in attributes])
