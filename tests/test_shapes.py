"""Records of one shape form a table; none is lost, and what differs in shape never shares one."""

from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.prov import shapes
from provstore.prov.bundle import Bundle, Value
from provstore.prov.shapes import element_shapes, relation_shapes, tables, tuples
from tests.strategies import bundles


@given(st.lists(st.integers()))
def test_every_record_is_in_one_table_with_others_of_its_shape(numbers: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "ROWS", 3)
        found = list(tables(numbers, [number % 2 for number in numbers]))
    assert all(0 < len(table) <= 3 for table in found)
    assert all(len({number % 2 for number in table}) == 1 for table in found)
    for odd in (0, 1):
        alike = [number for table in found for number in table if number % 2 == odd]
        assert alike == [number for number in numbers if number % 2 == odd]


@given(bundles)
def test_statements_of_one_shape_are_there_in_the_same_columns(bundle: Bundle) -> None:
    for alike in tables(bundle.elements, element_shapes(bundle.elements)):
        assert len({one.kinds for one in alike}) == 1
        assert len({tuple((k, v.datatype) for k, v in one.attributes) for one in alike}) == 1
    for same in tables(bundle.relations, relation_shapes(bundle.relations)):
        assert len({(one.kind, bool(one.id), *map(bool, one.arguments)) for one in same}) == 1
        assert len({tuple((k, v.datatype) for k, v in one.attributes) for one in same}) == 1


def test_columns_become_named_tuples() -> None:
    made = tuples(Value, ["a", "b"], repeat("urn:x:d"), repeat(""))
    assert made == [Value("a", "urn:x:d"), Value("b", "urn:x:d")]
    assert {type(value) for value in made} == {Value}
