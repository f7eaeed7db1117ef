"""Regular records of PROV-JSON → tables of elements and relations.

In: records by name, and the known names of a scope. Out: their tables, and all other records in the
order of the document: `provjson_reader` reads these and explains faults. This module logs nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any, TypeVar

from provstore.prov.model.bundle import IRI, LANG_STRING, STRING
from provstore.prov.model.columns import Column, Elements, Relations, Texts
from provstore.prov.model.tables import CHUNK_ROWS
from provstore.prov.model.terms import PROV, TIME, RelationTerm
from provstore.prov.notations.provjson.provjson_scope import Doubt, ResolvedNames
from provstore.prov.notations.provjson.provjson_values import (
    DATETIME,
    LANGUAGE,
    PROV_O_WORDS,
    QUALIFIED_NAMES,
    TIMES,
    is_time,
)

FEW = 8
"""With fewer records of one shape than this, reading them one by one is faster."""

T = TypeVar("T")
_Record = dict[str, Any]
_Values = Sequence[Any]
_Columns = Mapping[str, _Values]
_TYPED, _TAGGED = itemgetter("$", "type"), itemgetter("$", "lang")


class TableReader:
    """Reads the regular records of one document or bundle into tables.

    `relations` pairs each table with the keys of its records; blank keys are not identifiers yet.
    """

    def __init__(self, known: ResolvedNames) -> None:
        self.known, self.iri = known, known.__getitem__
        self.time = _Times().__getitem__
        self.elements: list[Elements] = []
        self.relations: list[tuple[Texts, Relations]] = []

    def ends(self) -> set[str]:
        """Return the first two arguments of all relations."""
        return {*chain.from_iterable(chain(*table.arguments[:2]) for _, table in self.relations)}

    def read_elements(self, kind: str, records: _Record) -> _Record:
        """Read regular records, and return the others."""

        def read(names: Texts, columns: _Columns) -> None:
            attributes = self._attributes(columns)
            self.elements.append(Elements((kind,), self.known.resolve_all(names), attributes))

        return _read_in_tables(records, read)

    def read_relations(self, term: RelationTerm, records: _Record) -> _Record:
        """Read regular records, and return the others."""
        keys = [argument.key for argument in term.arguments]
        formal = {PROV + argument.name for argument in term.arguments}

        def read(names: Texts, columns: _Columns) -> None:
            if not (keys[0] in columns and keys[1] in columns):
                raise Doubt
            described = {key: column for key, column in columns.items() if key not in keys}
            attributes = self._attributes(described, formal)
            arguments = [
                [*map(self.time if argument.kind == TIME else self.iri, _texts(column))]
                if (column := columns.get(argument.key))
                else ()
                for argument in term.arguments
            ]
            begin = {name[:2] for name in names}
            if "_:" in begin and len(begin) > 1:
                raise Doubt  # in a table, all rows have identifiers, or none has
            ids: Texts = () if "_:" in begin else [*map(self.iri, names)]
            self.relations.append((names, Relations(term.name, arguments, ids, attributes)))

        return _read_in_tables(records, read)

    def _attributes(self, columns: _Columns, formal: Container[str] = ()) -> list[Column]:
        """Return the attributes in canonical order."""
        by_iri = {self.iri(name): column for name, column in columns.items()}
        if len(by_iri) < len(columns) or any(
            key in formal or key in PROV_O_WORDS for key in by_iri
        ):
            raise Doubt
        return [self._column(key, by_iri[key]) for key in sorted(by_iri)]

    def _column(self, key: str, values: _Values) -> Column:
        if key in TIMES:
            return Column(key, DATETIME, "", [*map(self.time, _texts(values))])
        if type(values[0]) is dict:
            return Column(key, *self._typed(values))
        return Column(key, STRING, "", _texts(values))

    def _typed(self, values: _Values) -> tuple[str, str, Texts]:
        """Read typed values as a column, if all have the same type or language."""
        if set(map(type, values)) != {dict} or set(map(len, values)) != {2}:
            raise Doubt
        tagged = "lang" in values[0]
        try:
            texts, tags = zip(*map(_TAGGED if tagged else _TYPED, values), strict=True)
        except KeyError:
            raise Doubt from None
        tag = _texts(tags)[0]
        if tags.count(tag) < len(tags):
            raise Doubt
        if tagged and LANGUAGE.fullmatch(tag):
            return LANG_STRING, tag, _texts(texts)
        datatype = LANG_STRING if tagged else self.iri(tag)
        if datatype == LANG_STRING:
            raise Doubt
        if datatype in QUALIFIED_NAMES:
            return IRI, "", [*map(self.iri, _texts(texts))]
        return datatype, "", _texts(texts)


def group_by_shape(records: Iterable[T], shapes: Iterable[Hashable]) -> Iterator[list[T]]:
    """Group records by shape: whole chunks if neighbours are alike, else record by record."""
    mixed: defaultdict[Hashable, list[T]] = defaultdict(list)
    records, shapes = iter(records), iter(shapes)
    while rows := list(islice(records, CHUNK_ROWS)):
        row_shapes = list(islice(shapes, CHUNK_ROWS))
        if row_shapes.count(row_shapes[0]) == len(rows) == len(row_shapes):
            yield rows
            continue
        for row, shape in zip(rows, row_shapes, strict=True):
            mixed[shape].append(row)
    for alike in mixed.values():
        for begin in range(0, len(alike), CHUNK_ROWS):
            yield alike[begin : begin + CHUNK_ROWS]


class _Times(dict[str, str]):
    """Texts that are known to be times; any other text raises `Doubt`."""

    def __missing__(self, text: str) -> str:
        if not is_time(text):
            raise Doubt
        self[text] = text
        return text


def _read_in_tables(records: _Record, read: Callable[[Texts, _Columns], None]) -> _Record:
    """Read regular records in tables, and return the rest.

    Records are grouped by their number of keys, those left over by their keys, and those then left
    over by the kinds of their values, which separates the few unusual ones from the others.
    """
    if len(records) < FEW:
        return records
    rest = records
    for shape in (len, tuple, _kinds):
        doubted: list[tuple[str, Any]] = []
        shapes = [shape(record) if type(record) is dict else None for record in rest.values()]
        for table in group_by_shape(rest.items(), shapes):
            names, table_records = zip(*table, strict=True)
            if len(table) < FEW or type(table_records[0]) is not dict:
                doubted += table
                continue
            try:
                read(names, _columns(table_records))
            except Doubt:
                doubted += table
        rest = dict(doubted)
    return {name: record for name, record in records.items() if name in rest} if rest else {}


def _kinds(record: _Record) -> Hashable:
    return (*record, *map(_kind, record.values()))


def _kind(value: Any) -> tuple[Any, ...]:
    if type(value) is not dict:
        return (type(value),)
    tag = value.get("type", value.get("lang"))
    return (*value, tag if type(tag) is str else type(tag))


def _columns(table: Sequence[_Record]) -> _Columns:
    """Return the columns of records with equal numbers of keys; `Doubt` if the keys differ."""
    keys = tuple(table[0])
    if len(keys) == 1:
        keys = (*keys, *keys)  # with a single key, itemgetter would not return tuples
    try:
        rows = list(map(itemgetter(*keys), table)) if keys else []
    except KeyError:
        raise Doubt from None
    return dict(zip(keys, zip(*rows, strict=True), strict=False))


def _texts(column: _Values) -> Texts:
    if set(map(type, column)) != {str}:
        raise Doubt
    return column
