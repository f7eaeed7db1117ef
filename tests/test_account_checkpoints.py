"""Without any settings, an account knows what its stores had, and what speaks against them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from provstore.audit.backup import restore
from provstore.errors import DamagedStore, StoreReplaced, StoreUnavailable
from provstore.storage.checkpoint_files import CheckpointFile
from provstore.storage.settings import checkpoints_of_user, read_settings
from provstore.store import ProvStore
from tests.test_checkpoints import account as account
from tests.test_checkpoints import account_file, cut, fill, reseal, submit


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A store with five entries, as it is made by default."""
    ProvStore.create(tmp_path / "store").close()
    fill(tmp_path / "store", 5)
    return tmp_path / "store"


def forge_checkpoints(directory: Path) -> None:
    """Write the checkpoints beside the journal anew, as they should be for it."""
    (directory / "checkpoints.jsonl").unlink()
    (directory / "damage.json").unlink(missing_ok=True)
    home = directory.parent / "home of an attacker"
    with pytest.MonkeyPatch.context() as patch, ProvStore(directory) as store:
        patch.setenv("XDG_STATE_HOME", str(home))
        if store.position().position:
            store.checkpoint()


@pytest.mark.parametrize("act", [cut("position = 5"), cut("position > 0"), reseal])
def test_who_rewrites_the_checkpoints_of_a_store_is_contradicted(
    directory: Path, act: Callable[[Path], None]
) -> None:
    act(directory)
    forge_checkpoints(directory)
    with ProvStore(directory) as store:
        with pytest.raises(DamagedStore):
            submit(store, "one more")
        assert store.verify().problems


def test_an_older_whole_store_that_was_put_back_is_noticed(directory: Path) -> None:
    older = directory.with_name("older")
    shutil.copytree(directory, older)
    with ProvStore(directory) as store:
        submit(store, "lost")
    shutil.rmtree(directory)
    older.rename(directory)
    with ProvStore(directory) as store:
        with pytest.raises(DamagedStore, match=r"names 6: entry 6 is missing\."):
            submit(store, "one more")
        assert [problem.where for problem in store.verify().problems] == ["/journal/6"]


def test_an_older_whole_store_that_was_put_back_while_it_was_open_is_noticed(
    directory: Path,
) -> None:
    older = directory.with_name("older")
    shutil.copytree(directory, older)
    with ProvStore(directory) as store:
        submit(store, "lost")
        store.checkpoint()
        directory.rename(directory.with_name("away"))
        older.rename(directory)
        (problem,) = store.verify().problems
        assert "replaced while it was open" in problem.what
        with pytest.raises(StoreReplaced):
            submit(store, "one more")
        with pytest.raises(DamagedStore, match="names 6"):
            submit(store, "one more")
        assert store.verify().problems
    assert not (directory.with_name("away") / "damage.json").exists()


def test_the_older_store_goes_on_in_a_new_generation_if_that_is_meant(directory: Path) -> None:
    shutil.copytree(directory, directory.with_name("older"))
    fill(directory, 7)
    shutil.rmtree(directory)
    directory.with_name("older").rename(directory)
    with ProvStore(directory) as store:
        assert store.verify().problems
    text = (directory / "provstore.toml").read_text()
    (directory / "provstore.toml").write_text(f"generation = 2\n{text}")
    with ProvStore(directory) as store:
        assert not store.verify().problems
        assert submit(store, "new") == "cordex-g2-0001"
        assert not store.verify().problems


def test_a_copy_does_not_speak_against_its_original_and_is_named(directory: Path) -> None:
    """Neither while it is there, nor when it is gone."""
    copy = directory.with_name("copy")
    shutil.copytree(directory, copy)
    with ProvStore(copy) as store:
        assert not store.verify().problems
        for number in range(3):
            submit(store, f"tried {number}")
        assert not store.verify().problems
    with ProvStore(directory) as store:
        submit(store, "real")
        result = store.verify()
    assert not result.problems
    assert any(f"A copy of this store in {copy} has, or had" in note for note in result.notes)
    shutil.rmtree(copy)
    with ProvStore(directory) as store:
        submit(store, "as real")
        assert not store.verify().problems


def test_a_copy_of_an_older_state_takes_nothing_if_the_store_is_gone(directory: Path) -> None:
    """As when a disk died, and an old archive was unpacked in another place."""
    shutil.copytree(directory, directory.with_name("archive"))
    fill(directory, 7)
    shutil.rmtree(directory)
    archive = ProvStore(directory.with_name("archive"))
    with archive as store, pytest.raises(DamagedStore, match="names 7"):
        submit(store, "one more")


def test_a_store_that_was_moved_goes_on(directory: Path, account: Path) -> None:
    directory.rename(directory.with_name("moved"))
    with ProvStore(directory.with_name("moved")) as store:
        submit(store, "one more")
        result = store.verify()
    assert not result.problems
    assert result.notes == ("The checkpoints are not signed.",)
    assert len([*account.glob("provstore/checkpoints/*/*.jsonl")]) == 2


def test_a_restored_store_and_its_original_do_not_speak_against_each_other(
    directory: Path,
) -> None:
    with ProvStore(directory) as store:
        store.backup(directory.with_name("backup"))
        submit(store, "later")
    with ProvStore(directory.with_name("backup")) as backup:
        assert not backup.verify().problems
    restore(directory.with_name("backup"), directory.with_name("restored"))
    for place in (directory.with_name("restored"), directory) * 2:
        with ProvStore(place) as store:
            submit(store, f"after the drill {place.name}")
            assert not store.verify().problems
    shutil.rmtree(directory)
    restore(directory.with_name("backup"), directory.with_name("again"))
    with ProvStore(directory.with_name("again")) as store:
        submit(store, "new")
        assert not store.verify().problems


def test_a_store_whose_id_was_changed_is_known_by_its_directory(directory: Path) -> None:
    settings = directory / "provstore.toml"
    settings.write_text(settings.read_text().replace(read_settings(directory).id, "0" * 16))
    (directory / "checkpoints.jsonl").unlink()
    with ProvStore(directory) as store:
        assert not store.verify().problems
    cut("position > 2")(directory)
    with ProvStore(directory) as store:
        with pytest.raises(DamagedStore, match="names 5"):
            submit(store, "one more")
        assert store.verify().problems


def test_another_store_in_the_place_of_a_former_one_is_another(directory: Path) -> None:
    former = read_settings(directory).id
    shutil.rmtree(directory)
    ProvStore.create(directory).close()
    assert read_settings(directory).id != former
    with ProvStore(directory) as store:
        assert submit(store, "first") == "cordex-0001"
        assert not store.verify().problems


def test_an_account_that_cannot_be_written_is_named_and_stops_nothing(
    tmp_path: Path, account: Path
) -> None:
    account.write_text("a file where a folder should be")
    ProvStore.create(tmp_path / "store").close()
    fill(tmp_path / "store", 2)
    with ProvStore(tmp_path / "store") as store:
        receipt, result, status = store.checkpoint(), store.verify(), store.status()
    assert not result.problems
    for notes in (receipt.notes, result.notes, status.notes):
        assert any("No checkpoints can be kept in" in note for note in notes)
    assert "No checkpoint outside the store's directory vouches for entries 1 to 2." in result.notes


def test_without_a_home_there_is_no_such_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # the standard says: to be ignored
    monkeypatch.setattr(Path, "home", no_home)
    assert checkpoints_of_user() is None
    ProvStore.create(tmp_path / "store").close()
    fill(tmp_path / "store", 1)
    with ProvStore(tmp_path / "store") as store:
        assert store.verify().vouched == 1


def test_a_store_of_an_earlier_version_has_no_id_and_is_guarded_all_the_same(
    tmp_path: Path, account: Path
) -> None:
    directory = tmp_path / "store"
    ProvStore.create(directory).close()
    settings = directory / "provstore.toml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("id = ")]
    settings.write_text("\n".join(lines))
    fill(directory, 3)
    assert (
        CheckpointFile(account_file(account)).last()
        == CheckpointFile(directory / "checkpoints.jsonl").last()
    )
    cut("position = 3")(directory)
    forge_checkpoints(directory)
    with ProvStore(directory) as store:
        assert store.verify().problems


def test_an_unfinished_store_that_is_completed_keeps_its_id(directory: Path) -> None:
    former = read_settings(directory).id
    (directory / "provstore.toml").unlink()
    ProvStore.create(directory).close()
    assert read_settings(directory).id == former


def test_an_id_is_16_digits(directory: Path) -> None:
    settings = directory / "provstore.toml"
    settings.write_text(settings.read_text().replace('id = "', 'id = "../'))
    with pytest.raises(StoreUnavailable, match="id must be 16 digits"):
        ProvStore(directory)
