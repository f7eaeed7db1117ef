"""Rows of a table: what its columns say."""

from itertools import chain, repeat

from hypothesis import given

from provstore.prov.model.bundle import Bundle, Value
from provstore.prov.model.columns import named_tuples, selected_rows
from provstore.prov.model.tables import tables_of
from tests.strategies import bundles


@given(bundles)
def test_some_rows_are_these_rows(bundle: Bundle) -> None:
    for table in chain(*tables_of(bundle)):
        rows = table.rows()
        for chosen in ([0], [len(rows) - 1], list(range(len(rows)))[::-1]):
            assert selected_rows(table, chosen).rows() == [rows[row] for row in chosen]


def test_columns_become_named_tuples() -> None:
    made = named_tuples(Value, ["a", "b"], repeat("urn:x:d"), repeat(""))
    assert made == [Value("a", "urn:x:d"), Value("b", "urn:x:d")]
    assert {type(value) for value in made} == {Value}
