"""Every reader states its tool, the versions that it was tried on, and what it does with a file."""

import pytest

from provstore.readers.reader_facts import _table, facts_of
from provstore.readers.reader_registry import READERS


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_states_all_of_it(reader: str) -> None:
    facts = facts_of(READERS[reader])
    assert all((facts.tool, facts.tried, facts.taken, facts.aside, facts.contradicted))
    assert all(facts.tried.values())
    assert facts.hand_in


def test_the_table_has_only_readers_that_there_are() -> None:
    assert {*_table()} == {*READERS}
