"""The records of PROV-JSON that are as one expects them → elements and relations, by tables.

In: records by their names, and the names that a scope knows. Out: what they say, and beside it the
records that give any reason to doubt, in the order of the document: those are for
`provjson_reader`, which looks closely and explains. Hence nothing is logged here.
"""

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeVar

from provstore.prov.bundle import IRI, LANG_STRING, STRING, Attributes, Element, Relation, Value
from provstore.prov.provjson_scope import Doubt, Known
from provstore.prov.provjson_values import (
    DATETIME,
    LANGUAGE,
    PROV_O_WORDS,
    QUALIFIED_NAMES,
    TIMES,
    is_time,
)
from provstore.prov.shapes import tables, tuples
from provstore.prov.terms import PROV, TIME, RelationTerm

FEW = 8
"""So many records of one shape are read sooner one by one."""

_Record = dict[str, Any]
_Column = Sequence[Any]
_Columns = Mapping[str, _Column]
_TYPED, _TAGGED = itemgetter("$", "type"), itemgetter("$", "lang")
T = TypeVar("T", Element, Relation)


class Tables:
    """Reads the usual records of one document or bundle; `ends` are what its relations name."""

    def __init__(self, known: Known) -> None:
        self.iri = known.__getitem__
        self.time = _Times().__getitem__
        self.ends: set[str] = set()

    def elements(self, kind: str, records: _Record) -> tuple[list[str], list[Element], _Record]:
        """Names, their elements, and the records that are to be looked at closely."""

        def read(names: _Column, columns: _Columns) -> list[Element]:
            attributes = self._attributes(columns)
            return tuples(Element, map(self.iri, names), repeat((kind,)), attributes)

        return _usual(records, read)

    def relations(
        self, term: RelationTerm, records: _Record
    ) -> tuple[list[str], list[Relation], _Record]:
        """Names, their relations, and the records that are to be looked at closely."""
        keys = [argument.key for argument in term.arguments]
        formal = {PROV + argument.name for argument in term.arguments}

        def read(names: _Column, columns: _Columns) -> list[Relation]:
            if not (keys[0] in columns and keys[1] in columns):
                raise Doubt
            attributes = self._attributes(
                {key: column for key, column in columns.items() if key not in keys}, formal
            )
            arguments = [
                list(map(self.time if argument.kind == TIME else self.iri, _texts(column)))
                if (column := columns.get(argument.key))
                else repeat("")
                for argument in term.arguments
            ]
            ids: Iterable[str] = repeat("")
            if {name[:2] for name in names} != {"_:"}:
                ids = ["" if name.startswith("_:") else self.iri(name) for name in names]
            self.ends.update(*arguments[:2])
            return tuples(
                Relation, repeat(term.name), zip(*arguments, strict=False), ids, attributes
            )

        return _usual(records, read)

    def _attributes(self, columns: _Columns, formal: Container[str] = ()) -> Iterable[Attributes]:
        """The attributes of each row in canonical order; without columns, none for any row."""
        if not columns:
            return repeat(())
        found = {self.iri(name): column for name, column in columns.items()}
        if len(found) < len(columns) or any(key in formal or key in PROV_O_WORDS for key in found):
            raise Doubt
        pairs = [zip(repeat(key), self._values(key, found[key])) for key in sorted(found)]
        return list(zip(*pairs, strict=True))

    def _values(self, key: str, column: _Column) -> list[Value]:
        if key in TIMES:
            return _values(list(map(self.time, _texts(column))), DATETIME)
        if type(column[0]) is dict:
            return self._typed(column)
        return _values(_texts(column), STRING)

    def _typed(self, column: _Column) -> list[Value]:
        """Typed values are little records themselves: a table, if all have the same tag."""
        if set(map(type, column)) != {dict} or set(map(len, column)) != {2}:
            raise Doubt
        languages = "lang" in column[0]
        try:
            texts, tags = zip(*map(_TAGGED if languages else _TYPED, column), strict=True)
        except KeyError:
            raise Doubt from None
        tag = _texts(tags)[0]
        if tags.count(tag) < len(tags):
            raise Doubt
        if languages and LANGUAGE.fullmatch(tag):
            return _values(_texts(texts), LANG_STRING, tag)
        datatype = LANG_STRING if languages else self.iri(tag)
        if datatype == LANG_STRING:
            raise Doubt
        if datatype in QUALIFIED_NAMES:
            return _values(list(map(self.iri, _texts(texts))), IRI)
        return _values(_texts(texts), datatype)


class _Times(dict[str, str]):
    """Times that were found to be well-formed; what is not one gives reason to doubt."""

    def __missing__(self, text: str) -> str:
        if not is_time(text):
            raise Doubt
        self[text] = text
        return text


def _usual(
    records: _Record, read: Callable[[_Column, _Columns], list[T]]
) -> tuple[list[str], list[T], _Record]:
    """The names and the things of what can be read in tables; and the rest.

    What has the same keys is tried first; where that gives reason to doubt, the kinds of the
    values part the few that are unusual from the many that are not.
    """
    read_names: list[str] = []
    things: list[T] = []
    if len(records) < FEW:
        return read_names, things, records
    rest = records
    for shape in (tuple, _kinds):
        doubted: list[tuple[str, Any]] = []
        shapes = [shape(record) if type(record) is dict else None for record in rest.values()]
        for table in tables(rest.items(), shapes):
            names, held = zip(*table, strict=True)
            if len(table) < FEW or type(held[0]) is not dict:
                doubted += table
                continue
            try:
                things += read(names, _columns(held))
                read_names += names
            except Doubt:
                doubted += table
        rest = dict(doubted)
    in_order = {name: record for name, record in records.items() if name in rest} if rest else {}
    return read_names, things, in_order


def _kinds(record: _Record) -> Hashable:
    return (*record, *map(_kind, record.values()))


def _kind(value: Any) -> tuple[Any, ...]:
    if type(value) is not dict:
        return (type(value),)
    tag = value.get("type", value.get("lang"))
    return (*value, tag if type(tag) is str else type(tag))


def _columns(table: Sequence[_Record]) -> dict[str, _Column]:
    """The columns of records that have the same keys in the same order."""
    return dict(zip(table[0], zip(*map(dict.values, table), strict=True), strict=False))


def _texts(column: _Column) -> _Column:
    if set(map(type, column)) != {str}:
        raise Doubt
    return column


def _values(texts: _Column, datatype: str, language: str = "") -> list[Value]:
    """Values of one datatype and language; rows that all say the same share one."""
    if texts.count(texts[0]) == len(texts):
        return [Value(texts[0], datatype, language)] * len(texts)
    return tuples(Value, texts, repeat(datatype), repeat(language))
