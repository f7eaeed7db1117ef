"""Records of one shape form a table; none is lost, and what differs in shape never shares one."""

from collections.abc import Iterable
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.prov import shapes
from provstore.prov.bundle import Attributes, Bundle, Element, Relation, Value
from provstore.prov.shapes import Column, element_tables, relation_tables, tables, tuples
from tests.strategies import bundles


@given(st.lists(st.integers()))
def test_every_record_is_in_one_table_with_others_of_its_shape(numbers: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "ROWS", 3)
        found = list(tables(numbers, [number % 2 for number in numbers]))
    assert all(0 < len(table) <= 3 for table in found)
    assert all(len({number % 2 for number in table}) == 1 for table in found)
    assert sorted(number for table in found for number in table) == sorted(numbers)


@given(bundles)
def test_tables_hold_every_element_once_and_as_it_is(bundle: Bundle) -> None:
    found = [
        Element(iri, table.kinds, attributes)
        for table in element_tables(bundle.elements)
        for iri, attributes in zip(table.iris, _rows(table.attributes), strict=False)
    ]
    assert sorted(found) == list(bundle.elements)


@given(bundles)
def test_tables_hold_every_relation_once_and_as_it_is(bundle: Bundle) -> None:
    names = bundle.relation_iris()
    found = []
    for table in relation_tables(bundle.relations, names):
        absent = [""] * len(table.iris)
        arguments = zip(*[column or absent for column in table.arguments], strict=True)
        columns = zip(arguments, table.ids or absent, _rows(table.attributes), strict=False)
        made = [Relation(table.kind, *columns_of_row) for columns_of_row in columns]
        assert tuple(made) == table.relations
        assert all(map(all, filter(None, (*table.arguments, table.ids))))
        found += zip(made, table.iris, strict=True)
    assert sorted(found) == list(zip(bundle.relations, names, strict=True))


def _rows(attributes: list[Column]) -> Iterable[Attributes]:
    pairs = [zip(repeat(column.key), column.values(), strict=False) for column in attributes]
    return zip(*pairs, strict=True) if pairs else repeat(())


def test_columns_become_named_tuples() -> None:
    made = tuples(Value, ["a", "b"], repeat("urn:x:d"), repeat(""))
    assert made == [Value("a", "urn:x:d"), Value("b", "urn:x:d")]
    assert {type(value) for value in made} == {Value}
