"""Messages as files: they follow the journal, each once, and can be made again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.store import ProvStore

DOCUMENT = b'{"prefix": {"ex": "http://example.org/"}, "entity": {"ex:e": {}}}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with ProvStore.create(tmp_path / "store", predictable="example") as made:
        yield made


def submit(store: ProvStore, comment: str) -> None:
    form = store.forms["cordex"]
    store.submit(json.loads(form.text({**form.example(), "comment": comment})))


def outbox(store: ProvStore) -> list[str]:
    return sorted(path.name for path in (store.directory / "outbox").glob("*.txt"))


def test_every_report_has_one_message_and_documents_of_others_none(store: ProvStore) -> None:
    submit(store, "one")
    store.import_document(DOCUMENT)
    submit(store, "two")
    assert store.write_messages() == 2
    assert store.write_messages() == 0
    assert outbox(store) == [
        "000001.cordex-0001.submission.1.txt",
        "000003.cordex-0002.submission.1.txt",
    ]


def test_a_report_on_a_step_tells_at_once(store: ProvStore) -> None:
    submit(store, "one")
    form = store.forms["review"]
    store.report("cordex-0001", "review", json.loads(form.text(form.example())))
    assert outbox(store)[-1] == "000002.cordex-0001.review.1.txt"


def test_a_lost_outbox_is_made_again_as_it_was(store: ProvStore) -> None:
    submit(store, "one")
    store.write_messages()
    place = store.directory / "outbox"
    before = {path.name: path.read_text() for path in place.iterdir()}
    for path in place.iterdir():
        path.unlink()
    store.write_messages()
    assert {path.name: path.read_text() for path in place.iterdir()} == before


def test_the_json_holds_what_the_text_says(store: ProvStore) -> None:
    submit(store, "one")
    store.write_messages()
    place = store.directory / "outbox" / "000001.cordex-0001.submission.1"
    told = json.loads(place.with_suffix(".1.json").read_text())
    text = place.with_suffix(".1.txt").read_text()
    assert text == f"To: {told['to']}\nSubject: {told['subject']}\n\n{told['text']}"


def test_an_outbox_that_cannot_be_written_stops_no_report(store: ProvStore) -> None:
    (store.directory / "outbox").write_text("no folder")
    submit(store, "one")
    form = store.forms["review"]
    filled = json.loads(form.text(form.example()))
    assert store.report("cordex-0001", "review", filled).new


@pytest.mark.parametrize("text", ["", "x", "-1 abc", "9" * 30, "9" * 30 + " abc", "\udcff"])
def test_a_position_that_is_none_vouches_for_nothing(store: ProvStore, text: str) -> None:
    submit(store, "one")
    (store.directory / "outbox").mkdir()
    position = store.directory / "outbox" / "position"
    position.write_text(text, errors="surrogateescape")
    submit(store, "two")
    assert store.verify().problems == ()
    assert store.write_messages() == 2
