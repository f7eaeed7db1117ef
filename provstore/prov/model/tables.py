"""A bundle ⇄ its tables, one for each shape, made once and only on demand.

In: a bundle, or tables that a reader made. Out: the tables of a bundle in canonical order, or a
bundle made of tables. The reader of PROV-JSON, the property graph and PROV-O use it. It knows no
notation.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeVar

from provstore.prov.model.bundle import Attributes, Bundle, Element, Relation, is_ascending
from provstore.prov.model.columns import (
    Column,
    Elements,
    Relations,
    Shape,
    Table,
    Texts,
    selected_rows,
)

CHUNK_ROWS = 1000
"""The number of rows to process at once, so that columns stay in the processor's cache."""

T = TypeVar("T")


class Tables(NamedTuple):
    """The statements of a bundle: one table for each shape; tables and rows are sorted."""

    elements: Sequence[Elements] = ()
    relations: Sequence[Relations] = ()


def chunked_tables(bundle: Bundle) -> Tables:
    """Return the tables of a bundle, cut into parts of at most `CHUNK_ROWS` rows."""
    tables = tables_of(bundle)
    return Tables([*_chunks(tables.elements)], [*_chunks(tables.relations)])


def _chunks(tables: Iterable[Table]) -> Iterator[Table]:
    for table in tables:
        columns = table.columns
        for begin in range(0, max(1, *map(len, columns)), CHUNK_ROWS):
            yield table.with_columns([column[begin : begin + CHUNK_ROWS] for column in columns])


class TableBundle(Bundle):
    """A bundle made of tables; its statements are made on first use."""

    @classmethod
    def of(cls, iri: str, tables: Tables, prefixes: Mapping[str, str]) -> Self:
        """Make the bundle with this name."""
        bundle = cls.__new__(cls)  # the constructor of Bundle would need statements
        bundle.__dict__.update(iri=iri, tables=tables, prefixes=MappingProxyType(dict(prefixes)))
        return bundle

    @cached_property
    def tables(self) -> Tables:
        """One table for each shape."""
        return _tables(self)

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The elements, sorted."""
        return _rows(self.tables.elements)

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """The relations, sorted."""
        return _rows(self.tables.relations)

    @property
    def is_empty(self) -> bool:
        """Whether it has no statements."""
        return not any(self.tables)


def _rows(tables: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(chain.from_iterable(table.rows() for table in tables)))


def tables_of(bundle: Bundle) -> Tables:
    """Return the tables of a bundle; equal bundles have equal tables."""
    return bundle.tables if isinstance(bundle, TableBundle) else _tables(bundle)


def _tables(bundle: Bundle) -> Tables:
    return Tables(_element_tables(bundle.elements), _relation_tables(bundle.relations))


def bundle_of_tables(
    elements: Sequence[Elements], relations: Sequence[Relations], rest: Bundle
) -> Bundle:
    """Make a bundle of the statements of `rest` and those in the tables.

    Several tables may have the same shape. Their rows may be in any order; the attributes of each
    row are sorted.
    """
    if not elements and not relations:
        return rest
    if not rest.is_empty:
        beside = tables_of(rest)
        elements, relations = [*elements, *beside.elements], [*relations, *beside.relations]
    tables = Tables(_canonical(elements), _canonical(relations))
    iris = [table.iris for table in tables.elements]
    if len(set(chain.from_iterable(iris))) == sum(map(len, iris)):
        return TableBundle.of(rest.iri, tables, rest.prefixes)
    # An IRI is described twice: only elements can be merged, not rows.
    return Bundle(rest.iri, _rows(tables.elements), _rows(tables.relations), rest.prefixes)


def _canonical(tables: Iterable[Table]) -> list[Table]:
    """Merge the tables of the same shape."""
    alike: defaultdict[Shape, list[Table]] = defaultdict(list)
    for table in tables:
        alike[table.shape].append(table)
    return [_with_rows_in_order(_joined(alike[shape])) for shape in sorted(alike)]


def _joined(alike: Sequence[Table]) -> Table:
    if len(alike) == 1:
        return alike[0]
    return alike[0].with_columns(_one_below_the_other([table.columns for table in alike]))


def _one_below_the_other(parts: Iterable[Iterable[Texts]]) -> list[Texts]:
    return [[*chain.from_iterable(columns)] for columns in zip(*parts, strict=True)]


def _with_rows_in_order(table: Table) -> Table:
    """Sort the rows, and remove duplicates."""
    keys = _keys(table.key_columns)
    if len(keys) > len(set(keys)) or not keys:
        keys = _keys(table.columns)
    if is_ascending(keys):
        return table
    last = dict(zip(keys, range(len(keys)), strict=True))
    return selected_rows(table, sorted(last.values(), key=keys.__getitem__))


def _keys(columns: Iterable[Texts]) -> Sequence[Any]:
    """Return the sort key of each row."""
    filled = [column for column in columns if column]
    return filled[0] if len(filled) == 1 else list(zip(*filled, strict=True))


def _element_tables(elements: Sequence[Element]) -> list[Elements]:
    return _tables_by_shape(elements, _elements, _element_rough_shape, _element_shape)


def _relation_tables(relations: Sequence[Relation]) -> list[Relations]:
    return _tables_by_shape(relations, _relations, _relation_rough_shape, _relation_shape)


class _UnlikeError(Exception):
    """The rows have different shapes."""


def _tables_by_shape(
    rows: Iterable[T],
    columns: Callable[[Sequence[T]], Table],
    rough_shape: Callable[[T], Hashable],
    shape: Callable[[T], Hashable],
) -> list[Table]:
    """Group rows by rough shape, which usually suffices; only otherwise by exact shape."""
    tables = []
    for alike in _grouped(rows, rough_shape):
        try:
            tables.append(columns(alike))
        except _UnlikeError:
            tables += map(columns, _grouped(alike, shape))
    return sorted(tables, key=lambda table: table.shape)


def _grouped(rows: Iterable[T], key: Callable[[T], Hashable]) -> Iterable[Sequence[T]]:
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups.values()


def _elements(rows: Sequence[Element]) -> Elements:
    iris, kinds, attributes = zip(*rows, strict=True)
    return Elements(_same(kinds), iris, _columns(attributes))


def _relations(rows: Sequence[Relation]) -> Relations:
    kinds, arguments, ids, attributes = zip(*rows, strict=True)
    argument_columns = list(map(_full_or_empty, zip(*arguments, strict=True)))
    return Relations(_same(kinds), argument_columns, _full_or_empty(ids), _columns(attributes))


def _columns(attributes: Sequence[Attributes]) -> list[Column]:
    columns = []
    for column in zip(*attributes, strict=True):
        keys, values = zip(*column, strict=True)
        texts, datatypes, languages = zip(*values, strict=True)
        columns.append(Column(_same(keys), _same(datatypes), _same(languages), texts))
    return columns


def _same(column: Sequence[T]) -> T:
    if column.count(column[0]) < len(column):
        raise _UnlikeError
    return column[0]


def _full_or_empty(column: Texts) -> Texts:
    if all(column):
        return column
    if any(column):
        raise _UnlikeError
    return ()


def _element_rough_shape(element: Element) -> Hashable:
    return (element[1], len(element[2]))


def _relation_rough_shape(relation: Relation) -> Hashable:
    return (relation[0], len(relation[3]))


def _element_shape(element: Element) -> Hashable:
    return _attribute_shape(element.attributes)


def _relation_shape(relation: Relation) -> Hashable:
    _, arguments, identifier, attributes = relation
    return (*map(bool, arguments), bool(identifier), _attribute_shape(attributes))


def _attribute_shape(attributes: Attributes) -> Hashable:
    return tuple([(key, value.datatype, value.language) for key, value in attributes])
