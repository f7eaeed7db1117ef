"""What is lost or changed in the journal is noticed, as far as something vouches for it."""

import json
import os
import shutil
import sqlite3
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

import pytest
from cryptography.hazmat.primitives import serialization
from starlette.testclient import TestClient
from typer.testing import CliRunner

from provstore.cli import app
from provstore.errors import DamagedStore, Refused, StoreUnavailable
from provstore.ingest.ingest_series import highest_numbers, project_of_ingest
from provstore.storage import checkpoint_files, checkpoint_places, signing
from provstore.storage.checkpoint_files import Checkpoint, CheckpointFile, last_of, parse_line
from provstore.storage.checkpoints import Checkpoints
from provstore.storage.journal_entries import GENESIS, Entry, chain_hash, sha256_of_text
from provstore.storage.settings import begin_generation, read_settings
from provstore.store import ProvStore
from provstore.web.app import make_site
from tests.test_journal import forge

COUNT = 8


def submit(store: ProvStore, comment: object) -> str:
    form = store.forms["cordex"]
    answers = {**form.example(), "comment": f"{comment}"}
    return store.submit(json.loads(form.text(answers))).ingest


def configure(directory: Path, **settings: object) -> None:
    """Append a table `[checkpoints]` to the settings of a store."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    with (directory / "provstore.toml").open("a") as file:
        file.write("\n".join(["[checkpoints]", *lines, ""]))


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the account keeps; each test begins with nothing."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "account"))
    return tmp_path / "account"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


@pytest.fixture
def directory(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store that writes checkpoints to a second place, on request only."""
    monkeypatch.setattr(Checkpoints, "request", lambda _: None)
    ProvStore.create(tmp_path / "store").close()
    configure(tmp_path / "store", places=[str(place)])
    return tmp_path / "store"


def fill(directory: Path, count: int = COUNT) -> None:
    with ProvStore(directory) as store:
        for number in range(count):
            submit(store, number)


# ----------------------------------------------------------------------- damage that is noticed


def cut(condition: str) -> Callable[[Path], None]:
    return lambda directory: forge(
        directory / "journal.sqlite", f"DELETE FROM entry WHERE {condition}"
    )


def reseal(directory: Path) -> None:
    """Rewrite entry 3, and make all chain hashes fit again: the chain by itself is sound."""
    with sqlite3.connect(directory / "journal.sqlite") as db:
        rows = [Entry(*row) for row in db.execute("SELECT * FROM entry ORDER BY position")]
    statements, before = [], GENESIS
    for row in rows:
        if row.position == 3:
            content = row.content.replace("CLMcom", "Nobody") + " "
            row = row._replace(content=content, sha256=sha256_of_text(content))
        row = row._replace(chain=chain_hash(before, row))
        before = row.chain
        content = row.content.replace("'", "''")
        statements.append(
            f"UPDATE entry SET content = '{content}', sha256 = '{row.sha256}', "
            f"chain = '{row.chain}' WHERE position = {row.position}"
        )
    forge(directory / "journal.sqlite", *statements)


def delete_wal(directory: Path) -> None:
    """Put the journal back as it is without the log that a killed process left."""
    copy = directory.parent / "crashed.sqlite"
    os.replace(copy, directory / "journal.sqlite")


def put_back(directory: Path) -> None:
    os.replace(directory.parent / "older.sqlite", directory / "journal.sqlite")


ACTS = {
    "the last row": cut(f"position = {COUNT}"),
    "the last five rows": cut(f"position > {COUNT - 5}"),
    "all rows": cut("position > 0"),
    "entry 3, sealed again": reseal,
    "the log": delete_wal,
    "an older journal": put_back,
}


@pytest.fixture
def filled(directory: Path, tmp_path: Path) -> Path:
    """The store with eight entries; beside it a journal without its log, and an older one."""
    fill(directory, 5)
    shutil.copy(directory / "journal.sqlite", tmp_path / "older.sqlite")
    with ProvStore(directory) as store:
        for number in range(5, COUNT):
            submit(store, number)
        assert (directory / "journal.sqlite-wal").stat().st_size > 0
        shutil.copy(directory / "journal.sqlite", tmp_path / "crashed.sqlite")
    return directory


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("witness", ["beside", "account", "elsewhere", "outbox"])
def test_what_was_cut_off_or_changed_is_noticed(
    filled: Path, tmp_path: Path, account: Path, act: str, witness: str
) -> None:
    with ProvStore(filled) as store:
        if witness == "outbox":
            store.write_messages()
        else:
            store.checkpoint()
    if witness in ("account", "elsewhere"):
        (filled / "checkpoints.jsonl").unlink()
    if witness in ("beside", "account"):
        shutil.rmtree(tmp_path / "place")
    if witness in ("beside", "elsewhere"):
        shutil.rmtree(account)
    ACTS[act](filled)
    if witness == "account":
        with ProvStore(filled) as store:
            assert store.verify().problems
        (filled / "damage.json").unlink()
    shutil.copytree(filled, tmp_path / "copy")
    if witness == "account":
        filled.rename(tmp_path / "moved")
        filled = tmp_path / "moved"
    with ProvStore(filled) as store:
        head = store.position()
        with pytest.raises(DamagedStore):
            submit(store, "one more")
        assert store.position() == head
    with ProvStore(tmp_path / "copy") as store:
        result = store.verify()
        assert [problem.where.startswith("/journal/") for problem in result.problems] != []
        with pytest.raises(DamagedStore):
            submit(store, "one more")


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"all rows"}))
def test_what_nothing_vouches_for_is_named(filled: Path, act: str) -> None:
    """Without checkpoint and outbox nobody can notice it; so `verify` says that nothing vouches."""
    ACTS[act](filled)
    with ProvStore(filled) as store:
        result = store.verify()
    assert not result.problems
    assert result.vouched == 0
    assert not result.signed
    expected = f"Nothing outside the journal vouches for entries 1 to {result.bundles}."
    assert expected in result.notes[0]
    assert "note: Nothing outside" in str(result)


def test_verify_says_from_where_on_nothing_vouches(filled: Path) -> None:
    with ProvStore(filled) as store:
        store.checkpoint()
        submit(store, "a")
        assert store.verify().notes == (
            "Nothing outside the journal vouches for entry 9. "
            "Write a checkpoint: provstore checkpoint.",
            "The checkpoints are not signed.",
        )
        store.write_messages()
        submit(store, "b")
        result = store.verify()
    assert result.vouched == 8
    assert result.notes[:2] == (
        "No checkpoint vouches for entry 9, only the outbox.",
        "Nothing outside the journal vouches for entry 10. "
        "Write a checkpoint: provstore checkpoint.",
    )


def test_the_search_view_is_a_witness_of_verify(filled: Path) -> None:
    with ProvStore(filled) as store:
        store.search("example")
        assert store.verify().notes[0].endswith("only the search view.")
    cut("position > 6")(filled)
    with ProvStore(filled) as store:
        (problem,) = store.verify().problems
    assert "the search view names 8" in problem.what
    with ProvStore(filled) as store, pytest.raises(DamagedStore):
        submit(store, "one more")


def test_a_journal_copied_without_its_log_is_noticed_where_the_places_are_the_same(
    filled: Path, tmp_path: Path
) -> None:
    """Even a journal that lost all its entries, because the places know the base of its names."""
    with ProvStore(filled) as store:
        store.checkpoint()
    for name, journal in {"some": "crashed.sqlite", "none": ""}.items():
        copy = tmp_path / name
        ProvStore.create(copy).close()
        shutil.copy(filled / "provstore.toml", copy)
        if journal:
            shutil.copy(tmp_path / journal, copy / "journal.sqlite")
        with ProvStore(copy) as store:
            with pytest.raises(DamagedStore, match=r"the checkpoint of .* names 8"):
                submit(store, "one more")
            assert store.verify().problems


def test_only_the_first_and_the_last_contradiction_are_listed(filled: Path) -> None:
    with ProvStore(filled) as store:
        for number in range(5):
            store.checkpoint()
            submit(store, f"more {number}")
    reseal(filled)
    with ProvStore(filled) as store:
        places = [problem.where for problem in store.verify().problems]
        (*_, summary) = store.verify().problems
    assert places == ["/journal/8", "/journal/12", "/journal"]
    assert "any entry from 1 to 13 may have been changed" in summary.what


# --------------------------------------------------------------------------- how they are written


def read(path: Path) -> list[Checkpoint]:
    return list(CheckpointFile(path).read().checkpoints)


def account_file(account: Path) -> Path:
    """The only file of checkpoints that an account keeps."""
    (file,) = account.glob("provstore/checkpoints/*/*.jsonl")
    return file


def test_a_checkpoint_lies_beside_the_journal_and_elsewhere(
    directory: Path, place: Path, account: Path
) -> None:
    fill(directory, 2)
    with ProvStore(directory) as store:
        receipt = store.checkpoint()
        again = store.checkpoint()
        head = store.position()
    (file,) = place.iterdir()
    kept = account_file(account)
    assert file.name == f"provstore-{receipt.store}.jsonl"
    assert kept.parent.name == receipt.store == read_settings(directory).id
    for copy in (file, kept):
        assert copy.read_bytes() == (directory / "checkpoints.jsonl").read_bytes()
    (written,) = read(file)
    assert written.place == head
    assert written.ingests == {"cordex": 2}
    assert (receipt.new, again.new, receipt.position) == (True, False, 2)
    assert receipt.files == (str(directory / "checkpoints.jsonl"), str(kept), str(file))


def positions(path: Path) -> list[int]:
    return [checkpoint.position for checkpoint in read(path)]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; a test that never sees it ends by its own time limit."""
    while not condition():
        time.sleep(0.01)


def test_they_are_written_soon_after_each_entry_and_when_the_store_is_closed(
    tmp_path: Path, place: Path, account: Path
) -> None:
    directory = tmp_path / "often"
    ProvStore.create(directory).close()
    configure(directory, every=3, places=[str(place)])
    own = directory / "checkpoints.jsonl"
    with ProvStore(directory) as store:
        store._checkpoints.writing.delay = 1e6  # seconds: only the first, each third, and the last
        submit(store, 0)
        wait_for(lambda: positions(own) == [1])
        submit(store, 1)
        submit(store, 2)
        wait_for(lambda: positions(own) == [1, 3])
        submit(store, 3)
    assert positions(own) == positions(account_file(account)) == [1, 3, 4]
    assert positions(*place.iterdir()) == [1, 3, 4]
    with ProvStore(directory) as store:
        store._checkpoints.writing.delay = 0.05
        submit(store, 4)
        wait_for(lambda: positions(own)[-1] == 5)
    with ProvStore(directory) as store:
        submit(store, 4)  # the same again
        assert store.verify().notes == ("The checkpoints are not signed.",)
    assert positions(own) == [1, 3, 4, 5]


def test_a_base_with_letters_of_the_world_is_one(tmp_path: Path) -> None:
    with ProvStore.create(tmp_path / "store", "https://example.org/für/") as store:
        submit(store, "one")
        store.checkpoint()
        assert store.verify().vouched == 1


def test_an_empty_journal_has_no_checkpoint(directory: Path) -> None:
    with ProvStore(directory) as store:
        with pytest.raises(Refused, match="empty"):
            store.checkpoint()
        assert store.verify().notes == ()


def test_an_unreachable_place_is_named_and_made_good_with_the_next(
    directory: Path, place: Path, account: Path
) -> None:
    fill(directory, 2)
    away = place.with_name("away")
    place.rename(away)
    with ProvStore(directory) as store:
        receipt = store.checkpoint()
        assert receipt.files == (str(directory / "checkpoints.jsonl"), str(account_file(account)))
        for notes in (receipt.notes, store.verify().notes, store.status().notes):
            assert any(str(place) in note and "cannot be reached" in note for note in notes)
        assert not place.exists()  # what is not mounted is not made
        away.rename(place)
        behind = f"{place} has checkpoints up to entry 0, not to 2."
        assert any(behind in note for note in store.status().notes)
        submit(store, "one more")
        assert store.checkpoint().notes == ()
        assert store.status().notes == ()
        assert store.status().checkpoint == 3
    assert [one.position for one in read(*place.iterdir())] == [2, 3]


def test_a_place_that_hangs_holds_up_nobody(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(checkpoint_places, "PATIENCE", 0.1)
    monkeypatch.setattr(checkpoint_places, "_names_in", lambda _: released.wait(30) and [])
    begin = time.monotonic()
    with ProvStore(directory) as store:
        assert submit(store, "one") == "cordex-0001"
        assert "no answer" in store.verify().notes[-1]
    assert time.monotonic() - begin < 10
    released.set()


def test_files_that_cannot_be_written_stop_no_report(tmp_path: Path) -> None:
    directory = tmp_path / "often"
    ProvStore.create(directory).close()
    configure(directory, every=1)
    (directory / "checkpoints.jsonl").mkdir()
    fill(directory, 2)
    with ProvStore(directory) as store:
        assert store.position().position == 2
        with pytest.raises(StoreUnavailable, match="cannot be written"):
            store.checkpoint()


def test_a_torn_last_line_is_ignored_named_and_replaced(directory: Path) -> None:
    fill(directory, 2)
    file = directory / "checkpoints.jsonl"
    with ProvStore(directory) as store:
        store.checkpoint()
        whole = file.read_bytes()
        submit(store, "one more")
        for torn in (
            whole + whole[:50],
            whole + b"\0" * 512,
            whole + b"\0" * 50 + whole[50:],
            whole + b"\0" * 50 + whole[50:] + whole,
        ):
            file.write_bytes(torn)
            result = store.verify()
            assert not result.problems
            assert f"A line of {file} is torn; it is ignored." in result.notes
        store.checkpoint()
        assert store.verify().problems == ()
    assert [one.position for one in read(file)] == [2, 2, 3]


def test_a_changed_line_is_a_problem_of_the_checkpoints(directory: Path) -> None:
    fill(directory, 2)
    file = directory / "checkpoints.jsonl"
    with ProvStore(directory) as store:
        store.checkpoint()
        file.write_bytes(b"{}\n" + file.read_bytes())
        (problem,) = store.verify().problems
        assert problem.where == "/checkpoints/checkpoints.jsonl"
        assert "Line 1" in problem.what
        submit(store, "the journal is sound, so it takes more")


def test_a_checkpoint_that_contradicts_an_earlier_one_is_not_written(filled: Path) -> None:
    with ProvStore(filled) as store:
        store.checkpoint()
        before = (filled / "checkpoints.jsonl").read_bytes()
        forge(filled / "journal.sqlite", "DELETE FROM entry WHERE position = 8")
        with pytest.raises(DamagedStore, match="No checkpoint is written"):
            store.checkpoint()
    assert (filled / "checkpoints.jsonl").read_bytes() == before
    with ProvStore(filled) as store, pytest.raises(DamagedStore):
        store.checkpoint()


def test_positions_only_go_up_when_several_write_at_once(filled: Path, place: Path) -> None:
    with ProvStore(filled) as store:
        threads = [threading.Thread(target=store.checkpoint) for _ in range(8)]
        for number, thread in enumerate(threads):
            submit(store, f"more {number}")
            thread.start()
        for thread in threads:
            thread.join()
    for file in (filled / "checkpoints.jsonl", *place.iterdir()):
        positions = [one.position for one in read(file)]
        assert positions == sorted(set(positions))
        assert positions


def checkpoint(position: int, ingests: Mapping[str, int] | None = None) -> Checkpoint:
    time_ = "2026-01-01T00:00:00Z"
    base = "https://provstore.example/"
    return Checkpoint("0" * 16, base, 1, position, "a" * 64, time_, ingests or {})


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"\xff", b'"x"', b"null", b"1" * 5000, b"[" * 100_000,
     b'{"store": "\\ud800"}'],
)  # fmt: skip
def test_what_is_no_checkpoint_is_none(line: bytes) -> None:
    assert parse_line(line) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("position", "1"), ("position", -1), ("position", 1 << 70), ("chain", 1), ("ingests", [1]),
     ("ingests", {"a": "b"}), ("base", None), ("generation", 1.5),
     ("time", "\x1b[2J"), ("store", "../../etc/passwd"), ("base", "http://e.org/\x07")],
)  # fmt: skip
def test_a_field_of_another_type_makes_it_none(name: str, value: object) -> None:
    sound = checkpoint(7, {"cordex": 1})
    assert parse_line(sound.line()) == sound
    assert parse_line(json.dumps(json.loads(sound.line()) | {name: value}).encode()) is None


def test_a_file_is_read_again_only_if_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it has the size and the time that it had."""
    file = CheckpointFile(tmp_path / "checkpoints.jsonl")
    file.path.write_bytes(checkpoint(7, {"cordex": 1}).line())
    reads = list[int]()
    read = CheckpointFile._read_last

    def counted(file: IO[bytes]) -> Checkpoint | None:
        reads.append(1)
        return read(file)

    monkeypatch.setattr(CheckpointFile, "_read_last", staticmethod(counted))
    monkeypatch.setattr(checkpoint_files, "_SETTLED", 0)
    before, last = file.path.stat(), file.last()
    assert last
    assert (file.last(), len(reads)) == (last, 1)
    changed = json.loads(last.line()) | {"chain": "f" * 64}
    line = json.dumps(changed, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    content = file.path.read_bytes()
    with file.path.open("r+b") as out:
        out.seek(len(content) - len(line))
        out.write(line)
    os.utime(file.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.path.stat().st_size == before.st_size
    again = file.last()
    assert again is not None
    assert (again.chain, len(reads)) == ("f" * 64, 2)


def test_what_was_changed_only_now_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system may give the next change the same time."""
    file = CheckpointFile(tmp_path / "checkpoints.jsonl")
    file.path.write_bytes(checkpoint(7, {"cordex": 1}).line())
    monkeypatch.setattr(checkpoint_files, "_SETTLED", 1 << 62)
    file.last()
    assert not file.is_known(file.state())


def test_the_last_checkpoint_is_read_from_the_end_of_a_long_file(tmp_path: Path) -> None:
    lines = [checkpoint(number).line() for number in range(2000)]
    file = CheckpointFile(tmp_path / "file")
    file.path.write_bytes(b"".join(lines) + b"{torn")
    assert file.last() == last_of(lines[-1])
    huge = checkpoint(5, {f"series-{n}": n for n in range(9000)})
    file.path.write_bytes(huge.line())
    assert file.last() == huge


# ------------------------------------------------------------------------------------- signatures


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "key.pem"
    return path, signing.new_key(path)


def test_signed_checkpoints_are_checked(directory: Path, key: tuple[Path, str]) -> None:
    path, public = key
    fill(directory, 2)
    with ProvStore(directory) as store:
        assert not store.checkpoint().signed
    with (directory / "provstore.toml").open("a") as file:
        file.write(f'key = "{path}"\n')
    with ProvStore(directory) as store:
        receipt = store.checkpoint()
        result = store.verify()
    assert receipt.new  # the same entry, now signed
    assert (receipt.signed, receipt.key) == (True, signing.key_id(public))
    assert (result.vouched, result.signed, result.problems, result.notes) == (2, True, (), ())
    assert "A signed checkpoint vouches for the entries up to 2." in str(result)
    path.unlink()
    with ProvStore(directory) as store:
        result = store.verify()
        assert not result.signed
        assert "The signatures were not checked: The key" in result.notes[-1]
        with pytest.raises(Refused, match="cannot be read"):
            store.checkpoint()


def test_without_the_package_signatures_are_not_checked_and_that_is_said(
    directory: Path, key: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (directory / "provstore.toml").open("a") as file:
        file.write(f'key = "{key[0]}"\npublic_key = "{key[1]}"\n')
    fill(directory, 1)
    with ProvStore(directory) as store:
        store.checkpoint()
        for name in ("exceptions", "hazmat.primitives", "hazmat.primitives.asymmetric"):
            monkeypatch.setitem(sys.modules, f"cryptography.{name}", None)
        result = store.verify()
        assert (result.vouched, result.signed, result.problems) == (1, False, ())
        assert "Signatures need the package cryptography." in result.notes[-1]
        for make in (store.checkpoint, lambda: signing.new_key(key[0])):
            with pytest.raises(Refused, match=r"provstore\[signing\]"):
                make()


@pytest.mark.parametrize("field", ["signature", "time", "position", "chain"])
def test_a_signature_that_does_not_verify_is_a_problem(
    directory: Path, key: tuple[Path, str], account: Path, field: str
) -> None:
    path, public = key
    with (directory / "provstore.toml").open("a") as file:
        file.write(f'key = "{path}"\npublic_key = "{public}"\n')
    fill(directory, 2)
    file = directory / "checkpoints.jsonl"
    with ProvStore(directory) as store:
        store.checkpoint()
    shutil.rmtree(directory.parent / "place")
    shutil.rmtree(account)
    path.unlink()  # the public key is enough
    record = json.loads(file.read_bytes())
    other = {"signature": "AAAA", "time": "2020-01-01T00:00:00Z", "position": 1, "chain": "0" * 64}
    file.write_bytes(Checkpoint(**record | {field: other[field]}).line())
    with ProvStore(directory) as store:
        result = store.verify()
    (problem,) = result.problems
    assert "is not that of key" in problem.what
    assert (result.vouched, result.signed) == (0, False)


def test_a_checkpoint_signed_by_another_key_is_not_counted_as_signed(
    directory: Path, key: tuple[Path, str], tmp_path: Path
) -> None:
    with (directory / "provstore.toml").open("a") as file:
        file.write(f'key = "{key[0]}"\npublic_key = "{signing.new_key(tmp_path / "other")}"\n')
    fill(directory, 1)
    with ProvStore(directory) as store:
        store.checkpoint()
        result = store.verify()
    assert (result.vouched, result.signed) == (1, False)
    assert "signed by another key" in result.notes[-1]


def test_what_only_an_unsigned_one_vouches_for_is_said(
    directory: Path, key: tuple[Path, str]
) -> None:
    fill(directory, 2)
    settings = (directory / "provstore.toml").read_text()
    (directory / "provstore.toml").write_text(f'{settings}key = "{key[0]}"\n')
    with ProvStore(directory) as store:
        store.checkpoint()
    (directory / "provstore.toml").write_text(f'{settings}public_key = "{key[1]}"\n')
    with ProvStore(directory) as store:
        submit(store, "one more")
        store.checkpoint()
        result = store.verify()
    assert (result.vouched, result.signed) == (3, False)
    assert "No signed checkpoint vouches for entry 3." in result.notes


def test_signatures_are_checked_with_a_key_that_was_kept_elsewhere(
    directory: Path, key: tuple[Path, str], tmp_path: Path
) -> None:
    """Whoever changes the store may have put a key of their own into its settings."""
    with (directory / "provstore.toml").open("a") as file:
        file.write(f'key = "{key[0]}"\npublic_key = "{key[1]}"\n')
    fill(directory, 1)
    kept = tmp_path / "kept.pub"
    other = signing.new_key(tmp_path / "other")
    pem = (
        serialization.load_pem_private_key(key[0].read_bytes(), None)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with ProvStore(directory) as store:
        store.checkpoint()
        for right in (key[1].encode(), f"{key[1]}\n".encode(), pem):
            kept.write_bytes(right)
            result = store.verify(public_key=kept)
            assert (result.vouched, result.signed, result.notes) == (1, True, ())
        kept.write_text(other)
        result = store.verify(public_key=kept)
        assert (result.vouched, result.signed) == (1, False)
        assert "1 checkpoints are signed by another key than" in result.notes[-1]
        for faulty in (b"", b"no key", key[0].read_bytes(), b"AAAA", b"\xff"):
            kept.write_bytes(faulty)
            with pytest.raises(Refused, match="public key"):
                store.verify(public_key=kept)
    kept.write_text(key[1])
    settings = (directory / "provstore.toml").read_text()
    (directory / "provstore.toml").write_text(settings.replace(key[1], other))
    command = ["verify", "--json", "--store", str(directory)]
    runs = [CliRunner().invoke(app, [*command, *more]).stdout
            for more in ([], ["--public-key", str(kept)])]  # fmt: skip
    assert [json.loads(shown)["signed"] for shown in runs] == [False, True]


def test_a_key_that_cannot_be_used_stops_no_checkpoint_of_the_store_itself(tmp_path: Path) -> None:
    directory = tmp_path / "often"
    ProvStore.create(directory).close()
    configure(directory, every=1, key=str(tmp_path / "no-key"))
    fill(directory, 1)
    (written,) = read(directory / "checkpoints.jsonl")
    assert written.signature == ""


def test_a_key_is_private_new_and_of_the_right_kind(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    signing.new_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(Refused, match="exists already"):
        signing.new_key(path)
    assert path.read_bytes() == before
    path.write_text("no key")
    with pytest.raises(Refused, match="not an unencrypted private key"):
        signing.read_signer(path)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('key = "key.pem"', "checkpoints.key lies inside the store"),
        ('key = "{store}/sub/key.pem"', "checkpoints.key lies inside the store"),
        ('places = ["{store}"]', "places[0] lies inside the store"),
        ("places = [1]", "places[0] is not text"),
        ('key = "~nobody-of-that-name/key"', "checkpoints.key is not a path"),
        (r'places = ["\u0000"]', "places[0] is not a path"),
        ("every = 0", "every must be above 0"),
        ('public_key = "short"', "not an Ed25519 public key"),
        ("often = 1", "checkpoints.often is not known"),
    ],
)
def test_settings_that_protect_nothing_are_refused(tmp_path: Path, line: str, fault: str) -> None:
    directory = tmp_path / "store"
    ProvStore.create(directory).close()
    with (directory / "provstore.toml").open("a") as file:
        file.write(f"[checkpoints]\n{line.format(store=directory)}\n")
    with pytest.raises(StoreUnavailable) as refused:
        read_settings(directory)
    assert fault in refused.value.message


# --------------------------------------------------------------------------- the command


def test_the_command_makes_a_key_and_writes_checkpoints(directory: Path, tmp_path: Path) -> None:
    fill(directory, 1)
    run, path = CliRunner(), tmp_path / "key.pem"
    store = ["--store", str(directory)]
    inside = run.invoke(app, ["checkpoint", "--new-key", str(directory / "key.pem"), *store])
    assert isinstance(inside.exception, Refused)
    shown = run.invoke(app, ["checkpoint", "--new-key", str(path), *store]).stdout
    assert "public_key = " in shown
    settings = shown.partition("[checkpoints]\n")[2]
    with (directory / "provstore.toml").open("a") as file:
        file.write(settings)
    receipt = json.loads(run.invoke(app, ["checkpoint", "--json", *store]).stdout)
    assert (receipt["position"], receipt["signed"], receipt["new"]) == (1, True, True)
    assert "already been written" in run.invoke(app, ["checkpoint", *store]).stdout
    made = run.invoke(app, ["checkpoint", "--new-key", str(tmp_path / "2"), "--json", *store])
    assert set(json.loads(made.stdout)) == {"key", "public_key", "id"}


# --------------------------------------------------------------------------- generations of names

SETTINGS = {
    "as it is written": ("{template}", ""),
    "with a generation": ('format = 1\ngeneration   = 7 # x\nbase = "http://e.org/"\n', "= 8 # x"),
    "another order, CRLF": ('base = "http://e.org/"\r\nformat = 1\r\n[limits]\r\nrows = 1\r\n', ""),
    "without an end": ('base = "http://e.org/"\nformat = 1', ""),
    "a dotted form": ('limits.rows = 5\n"format" = 1\nbase = "http://e.org/"\n', ""),
    "words that mislead": (
        'base = """http://e.org/"""\nformat = 1\n[limits] # generation = 1\nrows = 1\n', ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_a_new_generation_changes_one_line_of_the_settings(tmp_path: Path, name: str) -> None:
    text, expected = SETTINGS[name]
    ProvStore.create(tmp_path / "store").close()
    path = tmp_path / "store" / "provstore.toml"
    if "{template}" not in text:
        path.write_bytes(text.encode())
    before, old = path.read_bytes(), read_settings(path.parent)
    generation = begin_generation(path.parent)
    assert generation == old.generation + 1 == read_settings(path.parent).generation
    after = path.read_bytes()
    assert expected.encode() in after
    kept = [line for line in before.splitlines(keepends=True) if b"generation " not in line]
    assert [line for line in after.splitlines(keepends=True) if line in kept] == kept
    assert len(after.splitlines()) <= len(before.splitlines()) + 1
    assert begin_generation(path.parent) == generation + 1
    assert len(path.read_bytes().splitlines()) == len(after.splitlines())


def restored(directory: Path) -> Path:
    """The store as a backup of its first five entries, restored to another directory."""
    fill(directory, 5)
    copy = directory.parent / "restored"
    shutil.copytree(directory, copy)
    with ProvStore(directory) as store:
        for number in range(5, COUNT):
            submit(store, number)
        store.checkpoint()
    directory.rename(directory.parent / "lost")
    assert begin_generation(copy) == 2
    return copy


def test_a_restored_store_gives_no_name_again(directory: Path, place: Path) -> None:
    copy = restored(directory)
    with ProvStore(copy) as store:
        assert not store.verify().problems
        assert submit(store, "new") == "cordex-g2-0001"
        assert submit(store, 7) == "cordex-g2-0002"  # it was cordex-0008, and was lost
        assert submit(store, 3) == "cordex-0004"  # it is known, and keeps its name
        result = store.verify()
    assert not result.problems
    (note,) = [note for note in result.notes if "generation" in note]
    assert "know entries up to 8 that were lost" in note
    # The generation begins where the first transaction found the journal, not later.
    begin = [one for one in read(*place.iterdir()) if one.generation == 2]
    assert [one.position for one in begin] == [5]
    with ProvStore(copy) as store:
        for number in range(20):
            submit(store, f"more {number}")
        assert store.checkpoint().position == 27
        assert not store.verify().problems
        assert submit(store, "last") == "cordex-g2-0023"
    cut("position > 26")(copy)
    with ProvStore(copy) as store, pytest.raises(DamagedStore, match="names 27"):
        submit(store, "one more")


def test_without_a_new_generation_an_older_journal_is_damage(directory: Path) -> None:
    copy = restored(directory)
    text = (copy / "provstore.toml").read_text()
    (copy / "provstore.toml").write_text(text.replace("generation = 2\n", ""))
    with ProvStore(copy) as store, pytest.raises(DamagedStore, match="names 8"):
        submit(store, "new")


def test_a_base_that_is_not_that_of_the_reports_takes_nothing(directory: Path) -> None:
    fill(directory, 2)
    settings = directory / "provstore.toml"
    text = settings.read_text()
    settings.write_text(text.replace("https://provstore.example/", "https://other.example.org/"))
    with ProvStore(directory) as store:
        with pytest.raises(StoreUnavailable) as refused:
            submit(store, "one more")
        assert 'base = "https://provstore.example/"' in str(refused.value)
        assert store.position().position == 2
    settings.write_text(text)
    with ProvStore(directory) as store:
        assert submit(store, "one more") == "cordex-0003"


def test_settings_of_an_earlier_generation_are_damage(directory: Path) -> None:
    copy = restored(directory)
    with ProvStore(copy) as store:
        submit(store, "new")
    text = (copy / "provstore.toml").read_text()
    (copy / "provstore.toml").write_text(text.replace("generation = 2\n", ""))
    with ProvStore(copy) as store:
        with pytest.raises(DamagedStore, match="generation 2"):
            submit(store, "newer")
        assert [problem.where for problem in store.verify().problems] == ["/settings/generation"]


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """A store in its second generation, with an ingest of each."""
    directory = tmp_path_factory.mktemp("second") / "store"
    with ProvStore.create(directory) as store:
        submit(store, "first")
    begin_generation(directory)
    with ProvStore(directory) as store:
        assert submit(store, "second") == "cordex-g2-0001"
        form = store.forms["review"]
        store.report("cordex-g2-0001", "review", json.loads(form.text(form.example())))
        yield store


@pytest.mark.xdist_group("second-generation")
def test_names_of_a_generation_are_names_of_ingests_everywhere(second: ProvStore) -> None:
    iri = "https://provstore.example/ingest/cordex-g2-0001"
    assert second.ingests() == ["cordex-0001", "cordex-g2-0001"]
    assert second.iri("cordex-g2-0001/review/1") == f"{iri}/review/1"
    assert second.ingest("cordex-g2-0001").status().next == "transfer"
    rows = second.ask("state-of-every-ingest", language="both").rows
    assert {str(row[0]) for row in rows} == {iri, iri.replace("-g2", "")}
    answer = second.ask("how-long-each-step-took", ingest="cordex-g2-0001", language="both")
    assert answer.rows
    hits = second.search("", project="cordex", limit=100).hits
    assert {hit.ingest for hit in hits} >= {"cordex-0001", "cordex-g2-0001"}
    assert {hit.project for hit in hits if hit.ingest} == {"cordex"}
    assert not second.search("", project="cordex-g2").hits
    assert [entry.ingest for entry in second.bundles_about("cordex-g2-0001/review/1")]
    assert "cordex-g2-0001" in second.board().svg()
    assert "cordex-g2-0001" in second.ingest("cordex-g2-0001").draw().svg()
    assert "".join(second.export("cordex-g2-0001", "provn")).startswith("document")
    assert (second.directory / "outbox").is_dir()
    assert second.verify(provenance=True).problems == ()


@pytest.mark.xdist_group("second-generation")
def test_the_board_has_a_page_for_it(second: ProvStore) -> None:
    client = TestClient(make_site(second), headers={"accept": "text/html"})
    assert "/ingest/cordex-g2-0001" in client.get("/").text
    page = client.get("/ingest/cordex-g2-0001")
    assert page.status_code == 200
    assert "cordex-g2-0001" in page.text


def test_series_of_names() -> None:
    assert project_of_ingest("cordex-g2-0001") == project_of_ingest("cordex-0001") == "cordex"
    assert project_of_ingest("cordex-cmip6-g12-10000") == "cordex-cmip6"
    assert project_of_ingest("cmip-data-pool-0001") == "cmip-data-pool"
    assert project_of_ingest("") == ""
    names = ["a-0001", "a-10000", "a-9999", "a-g2-0003", "odd", "b-x", ""]
    assert highest_numbers(names) == {"a": 10000, "a-g2": 3}
