"""Messages as files: they follow the journal, each once, and can be made again."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.audit.repair import repair
from provstore.errors import DamagedStore
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


def written(store: ProvStore, count: int = 3) -> Path:
    """The outbox of a store with so many submissions."""
    for number in range(count):
        submit(store, f"comment {number}")
    store.write_messages()
    return store.directory / "outbox"


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line.partition(" ")[0] + "00",  # behind the end of the journal
        lambda line: line.replace("3 ", "9 ", 1),
        lambda line: line[:-1],
        lambda line: line[:20] + ("0" if line[20] != "0" else "1") + line[21:],
    ],
)
def test_a_damaged_position_is_none_and_messages_are_made_good(
    store: ProvStore, damage: Callable[[str], str]
) -> None:
    place = written(store)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    (place / "position").write_text(damage((place / "position").read_text()))
    min(place.glob("*.txt")).unlink()
    submit(store, "the last")
    assert store.write_messages() == 4
    after = {path.name: path.read_bytes() for path in place.iterdir()}
    assert before.keys() <= after.keys()
    assert {**after, **before, "position": after["position"]} == after


def test_a_position_of_another_journal_is_refused(store: ProvStore, tmp_path: Path) -> None:
    """It tells that the journal has lost entries, so it is kept."""
    with ProvStore.create(tmp_path / "other") as other:
        position = (written(other) / "position").read_text()
    place = written(store, 2)
    (place / "position").write_text(position)
    with pytest.raises(DamagedStore, match="the outbox knows 3"):
        store.write_messages()
    assert (place / "position").read_text() == position


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [_cut, _flip, Path.unlink])
@pytest.mark.parametrize("ending", [".txt", ".json"])
def test_a_damaged_message_is_named_and_written_again(
    store: ProvStore, damage: Callable[[Path], None], ending: str
) -> None:
    place = written(store)
    file = place / f"000002.cordex-0002.submission.1{ending}"
    before = file.read_bytes()
    damage(file)
    (problem,) = store.verify().problems
    assert problem.where == f"/outbox/{file.name}"
    submit(store, "a report is taken all the same")
    assert repair(store.directory).files == (f"outbox/{file.name}",)
    assert file.read_bytes() == before
    assert store.verify().problems == ()


@given(
    place=st.integers(min_value=0), bit=st.integers(0, 7), ending=st.sampled_from(["txt", "json"])
)
def test_every_flipped_bit_of_a_message_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int, ending: str
) -> None:
    directory = tmp_path_factory.getbasetemp() / "flipped"
    if not directory.exists():
        with ProvStore.create(directory) as made:
            written(made, 1)
    file = directory / "outbox" / f"000001.cordex-0001.submission.1.{ending}"
    whole = file.read_bytes()
    data = bytearray(whole)
    data[place % len(data)] ^= 1 << bit
    file.write_bytes(data)
    try:
        with ProvStore(directory) as store:
            assert f"/outbox/{file.name}" in [p.where for p in store.verify().problems]
    finally:
        file.write_bytes(whole)


def test_messages_that_were_handed_on_and_removed_are_not_missing(store: ProvStore) -> None:
    place = written(store)
    for file in place.glob("00000[12].*"):
        file.unlink()
    assert store.verify().problems == ()
    for file in place.glob("000003.*"):
        file.unlink()
    assert store.verify().problems == ()


def test_a_message_that_another_version_worded_otherwise_is_sound(store: ProvStore) -> None:
    file = written(store) / "000002.cordex-0002.submission.1.json"
    record = json.loads(file.read_text())
    record["text"] = "In other words."
    file.write_text(json.dumps(record))
    letter = f"To: {record['to']}\nSubject: {record['subject']}\n\n{record['text']}"
    file.with_suffix(".txt").write_text(letter)
    assert store.verify().problems == ()
