"""A quick look settles most entries, and accepts nothing that a close look would name."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from provstore.audit.people_check import people_problems
from provstore.audit.settled_people import SettledPeople
from provstore.storage.journal import Journal
from provstore.storage.journal_survey import journal_problems
from provstore.storage.sound_batches import SoundEntry
from provstore.store import ProvStore
from tests.people import ADA, BEN, DI, delivery, person, review, store_in
from tests.test_people_check import CHANGES, changed
from tests.test_people_check import sound as sound


def settled(journal: Journal) -> tuple[SettledPeople, bool]:
    """What the first pass settles, and whether it finds the journal sound."""
    people = SettledPeople()
    return people, not journal_problems(journal, (), people.inspect)[1]


def unread(journal: Journal) -> SettledPeople:
    """Nothing is settled."""
    return SettledPeople([*range(1, journal.head().position + 1)])


def journal_of(store: ProvStore) -> Journal:
    store.close()
    return Journal(store.directory / "journal.sqlite", read_only=True)


def test_reports_and_documents_are_settled_and_acts_are_not(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        ingest = delivery(store, ADA)
        review(store, ingest, BEN, "Fine.")
        store.import_document({"prefix": {"ex": "http://example.org/"}, "entity": {"ex:a": {}}})
        store.amend("ben@example.org", name="Ben Sample", by=DI, reason="They wrote to us.")
        delivery(store, person("Cleo Demo", "cleo@example.org"), title="From ~ home")
        with closing(journal_of(store)) as journal:
            # of the second, a name was replaced; the last has the sign of a reference
            assert settled(journal)[0].unsettled == [2, 4, 5]


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_close_look_names_is_named(what: str, sound: bytes, tmp_path: Path) -> None:
    store = changed(sound, tmp_path / "store", CHANGES[what])
    with closing(journal_of(store)) as journal:
        people, is_sound = settled(journal)
        if not is_sound or journal.fault_of_secret():
            return
        close = [*map(str, people_problems(journal, unread(journal)))]
        assert [*map(str, people_problems(journal, people))] == close


def entry_with(answers: str) -> SoundEntry:
    """An entry with a name at `/answers/name` of a group, and these answers."""
    content = json.dumps(
        {"ingest:answers": {"$": answers, "type": "rdf:JSON"}}, separators=(",", ":")
    )
    value = (1, "a" * 64, b"0123456789abcdefAda", "name", "7", "/answers/agent/name", 0)
    return SoundEntry(1, "urn:bundle", "generic-0001", content.encode(), "", [value])


MARK = "~\\\\" + "a" * 64 + "\\\\^"
ANSWERS = {
    "at its place": f'{{"agent":{{"name":"{MARK}"}}}}',
    "at its place, with more behind it": f'{{"agent":{{"name":"{MARK}","x":["^"]}},"title":"A^"}}',
    "at another": f'{{"agent":{{}},"name":"{MARK}"}}',
    "in a list": f'{{"agent":[{{"name":"{MARK}"}}]}}',
    "in a text": f'{{"agent":{{"name":"x {MARK}"}}}}',
    "twice": f'{{"agent":{{"name":"{MARK}"}},"title":"{MARK}"}}',
    "before the end of no JSON": f'{{"agent":{{"name":"{MARK}"}}}} x',
    "in no JSON": f'"agent":{{"name":"{MARK}"}}',
}


@pytest.mark.parametrize("where", ANSWERS)
def test_only_a_reference_at_its_place_is_settled(where: str) -> None:
    people = SettledPeople()
    people.inspect(entry_with(ANSWERS[where]))
    assert (people.unsettled == []) == where.startswith("at its place")
