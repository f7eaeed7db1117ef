"""Process many small statements at once: statements of one shape form a table with columns.

The *shape* of a statement is everything that decides how it is processed, such as the keys of its
attributes and which arguments are present. So code decides once per table; `map` and `zip` then
process whole columns. In: columns. Out: rows. It knows no bundles.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple, Self, TypeVar

from provstore.prov.model.bundle import Attributes, Element, Relation, Value

Row = TypeVar("Row", bound=tuple[Any, ...])
Texts = Sequence[str]
Shape = tuple[Any, ...]


def named_tuples(kind: type[Row], *columns: Iterable[Any]) -> list[Row]:
    """Make named tuples of columns; an endless column (`repeat`) ends with the others."""
    return list(map(tuple.__new__, repeat(kind), zip(*columns, strict=False)))


class Column(NamedTuple):
    """One attribute of every row: key, datatype and language are the same in all."""

    key: str
    datatype: str
    language: str
    texts: Texts

    def values(self) -> list[Value]:
        """The value of each row; if all are equal, the rows share one object."""
        _, datatype, language, texts = self
        if texts.count(texts[0]) == len(texts):
            return [Value(texts[0], datatype, language)] * len(texts)
        return named_tuples(Value, texts, repeat(datatype), repeat(language))


class Elements(NamedTuple):
    """Elements that differ only in their IRIs and in the texts of their attributes."""

    kinds: tuple[str, ...]
    iris: Texts
    attributes: Sequence[Column]

    @property
    def shape(self) -> Shape:
        """The properties that all rows share."""
        return (self.kinds, *(column[:3] for column in self.attributes))

    @property
    def key_columns(self) -> list[Texts]:
        """The columns that usually suffice to distinguish the rows."""
        return [self.iris]

    @property
    def columns(self) -> list[Texts]:
        """All columns whose values may differ from row to row."""
        return [self.iris, *(column.texts for column in self.attributes)]

    def with_columns(self, columns: Sequence[Texts]) -> Self:
        """Make a table of the same shape with other `columns`."""
        iris, *texts = columns
        return self._replace(iris=iris, attributes=_with_texts(self.attributes, texts))

    def rows(self) -> list[Element]:
        """Make the elements."""
        return named_tuples(Element, self.iris, repeat(self.kinds), _attributes(self.attributes))


class Relations(NamedTuple):
    """Relations of one kind with the same arguments and attributes present; all have ids, or none.

    `arguments` has a column for each argument of the kind; an absent argument is an empty column.
    """

    kind: str
    arguments: Sequence[Texts]
    ids: Texts
    attributes: Sequence[Column]

    @property
    def shape(self) -> Shape:
        """The properties that all rows share."""
        present = (*map(bool, self.arguments), bool(self.ids))
        return (self.kind, present, *(column[:3] for column in self.attributes))

    @property
    def key_columns(self) -> list[Texts]:
        """The columns that usually suffice to distinguish the rows."""
        return [*self.arguments]

    @property
    def columns(self) -> list[Texts]:
        """All columns whose values may differ from row to row."""
        return [*self.arguments, self.ids, *(column.texts for column in self.attributes)]

    @property
    def height(self) -> int:
        """The number of rows; without columns there is one row, since rows are distinct."""
        return max(1, *map(len, self.columns))

    def with_columns(self, columns: Sequence[Texts]) -> Self:
        """Make a table of the same shape with other `columns`."""
        end = len(self.arguments)
        return self._replace(
            arguments=columns[:end],
            ids=columns[end],
            attributes=_with_texts(self.attributes, columns[end + 1 :]),
        )

    def argument_rows(self) -> Iterator[tuple[str, ...]]:
        """The arguments of each row; "" for an absent one."""
        return zip(*(column or ("",) * self.height for column in self.arguments), strict=True)

    def rows(self) -> list[Relation]:
        """Make the relations."""
        ids = self.ids or repeat("")
        return named_tuples(
            Relation, repeat(self.kind), self.argument_rows(), ids, _attributes(self.attributes)
        )


Table = TypeVar("Table", Elements, Relations)


def _with_texts(attributes: Iterable[Column], new_texts: Iterable[Texts]) -> list[Column]:
    return [
        column._replace(texts=column_texts)
        for column, column_texts in zip(attributes, new_texts, strict=True)
    ]


def _attributes(columns: Iterable[Column]) -> Iterable[Attributes]:
    """The attributes of each row; without columns, every row has none."""
    pairs = [zip(repeat(column.key), column.values(), strict=False) for column in columns]
    return zip(*pairs, strict=True) if pairs else repeat(())


def selected_rows(table: Table, rows: Sequence[int]) -> Table:
    """Select these `rows`, at least one, in this order."""
    # With a single index, itemgetter would not return a tuple.
    pick: Callable[[Texts], Texts] = itemgetter(*rows, rows[0])
    return table.with_columns([pick(column)[:-1] if column else column for column in table.columns])
