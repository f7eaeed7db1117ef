"""Drafts survive, stay private, and are found by nobody who does not know their id."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import Refused, StoreUnavailable, UnknownName
from provstore.storage import atomic_files
from provstore.storage.drafts import Drafts


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "drafts")


def test_what_was_written_is_read_and_other_members_stay(drafts: Drafts) -> None:
    draft = drafts.new()
    drafts.write(draft, {"answers": {"a": "é\ud800"}, "later": [1]})
    drafts.write(draft, {"answers": {"b": 0}})
    assert drafts.read(draft) == {"answers": {"b": 0}, "later": [1]}


def test_ids_cannot_be_guessed(drafts: Drafts) -> None:
    ids = {drafts.new() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(draft_id) for draft_id in ids} == {24}  # 144 bits


@given(st.text(max_size=30) | st.sampled_from(["../" * 8, "a" * 23 + "/", "a" * 24 + "\n", "."]))
def test_no_name_becomes_a_path(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "nowhere"
    for act in (Drafts(folder).read, Drafts(folder).discard, lambda n: Drafts(folder).write(n, {})):
        with pytest.raises(UnknownName):
            act(name)
    assert not folder.exists()


def test_a_draft_that_was_discarded_is_gone_with_its_files(drafts: Drafts) -> None:
    draft = drafts.new()
    drafts.write(draft, {})
    drafts.attach(draft, b"table")
    drafts.discard(draft)
    drafts.discard(draft)
    assert not any(drafts.folder.iterdir())
    with pytest.raises(UnknownName):
        drafts.read(draft)


def test_a_write_that_fails_leaves_what_was_there(
    drafts: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafts.new()
    drafts.write(draft, {"answers": 1})

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(atomic_files.os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        drafts.write(draft, {"answers": 2})
    assert drafts.read(draft) == {"answers": 1}
    assert [file.name for file in (drafts.folder / draft).iterdir()] == ["draft.json"]


def test_only_the_owner_may_look(drafts: Drafts) -> None:
    draft = drafts.new()
    drafts.write(draft, {})
    if os.name == "posix":
        for path in (drafts.folder, drafts.folder / draft, drafts.folder / draft / "draft.json"):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_a_file_is_found_by_its_checksum_and_only_as_it_was(drafts: Drafts) -> None:
    draft = drafts.new()
    checksum = drafts.attach(draft, b"table")
    assert drafts.attach(draft, b"table") == checksum
    assert drafts.attached(draft, checksum) == b"table"
    (drafts.folder / draft / checksum).write_bytes(b"other")
    for wrong in (checksum, "0" * 64, "draft.json", "../x"):
        with pytest.raises(Refused):
            drafts.attached(draft, wrong)


def test_the_newest_draft_of_a_form_is_found_at_home(drafts: Drafts) -> None:
    assert drafts.newest("cordex") is None
    for age, form in enumerate(["cordex", "cordex", "generic"]):
        draft = drafts.new()
        drafts.write(draft, {"form": form, "age": age})
        os.utime(drafts.folder / draft / "draft.json", (age, age))
    newest = drafts.newest("cordex")
    assert newest
    assert drafts.read(newest)["age"] == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_draft_is_said_to_be_damaged(drafts: Drafts, content: bytes) -> None:
    draft = drafts.new()
    drafts.write(draft, {})
    (drafts.folder / draft / "draft.json").write_bytes(content)
    with pytest.raises(StoreUnavailable):
        drafts.read(draft)


@pytest.mark.parametrize("terms", [["Ada"], []])
def test_what_a_stopped_process_left_half_written_goes_and_the_draft_stays(
    drafts: Drafts, terms: list[str]
) -> None:
    """Also half of a name is not left; a whole draft goes only if it names somebody."""
    draft = drafts.new()
    drafts.write(draft, {"answers": {"title": "Data"}})
    half = drafts.folder / draft / ".0123456789abcdef"
    half.write_bytes(b'{"answers": {"name": "Ad')
    named = drafts.folder / draft / ".fedcba9876543210"
    named.write_bytes(b'{"answers": {"name": "Ada"')
    drafts.discard_mentions(terms)
    assert not half.exists()
    assert not named.exists()
    assert drafts.read(draft) == {"answers": {"title": "Data"}}
