"""A store is backed up while it is written, restored, and read where nothing can be written."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

import provstore
from provstore.audit.backup import backup, restore
from provstore.cli import app
from provstore.errors import DamagedStore, Refused, StoreUnavailable
from provstore.storage.journal import Journal
from provstore.storage.settings import write_settings
from provstore.store import ProvStore
from tests.test_journal import fill, forge

BASE = "https://data.example.org/"


def cordex(store: ProvStore, **answers: object) -> bytes:
    form = store.forms["cordex"]
    return form.text({**form.example(), **answers}).encode()


def submit(store: ProvStore, count: int) -> None:
    for _ in range(count):
        number = store.position().position
        store.submit(cordex(store, comment=f"delivery {number}"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with provstore.init(tmp_path / "store", BASE) as made:
        submit(made, 3)
        made.keep_attachments([b"The agreement", b"The list"])
        made.write_messages()
        yield made


def bare(directory: Path, count: int, label: str = "") -> Journal:
    """A store whose entries are of any size, and of little content."""
    directory.mkdir()
    write_settings(directory, BASE)
    journal = Journal.create(directory / "journal.sqlite")
    grow(journal, count, label)
    return journal


def grow(journal: Journal, count: int, label: str = "") -> None:
    first = journal.head().position
    prefix = {"ex": "http://example.org/"}
    with journal.writing():
        for number in range(first, first + count):
            bundle = {f"ex:{number}": {"entity": {"ex:data": {"prov:label": label}}}}
            content = json.dumps({"bundle": bundle, "prefix": prefix}, separators=(",", ":"))
            journal.append(f"http://example.org/{number}", f"print-{number}", "", content)


# ------------------------------------------------------------------------------------------ backup


def test_a_backup_is_a_store_that_can_be_verified_and_takes_nothing(
    store: ProvStore, tmp_path: Path
) -> None:
    made = store.backup(tmp_path / "backup")
    assert (made.bundles, made.new_bundles, made.new_attachments) == (3, 3, 2)
    with provstore.open(tmp_path / "backup") as copy:
        assert copy.verify().problems == ()
        assert copy.position() == store.position()
        assert [*copy.entries()] == [*store.entries()]
        with pytest.raises(StoreUnavailable, match="is a backup, which is read-only"):
            copy.submit(cordex(store, comment="new"))
        with pytest.raises(StoreUnavailable, match="is a backup"):
            copy.keep_attachments([b"new"])
    assert {path.name for path in (tmp_path / "backup").iterdir()} == {
        "attachments", "attachments.sha256", "backup.json", "checkpoints.jsonl", "journal.sqlite",
        "outbox", "provstore.toml",
    }  # fmt: skip
    written = json.loads((tmp_path / "backup" / "backup.json").read_bytes())
    assert (written["base"], written["position"], written["attachments"]) == (BASE, 3, 2)
    settings = (tmp_path / "store" / "provstore.toml").read_bytes()
    assert written["files"]["provstore.toml"] == sha256(settings).hexdigest()


def test_what_is_restored_is_the_store_and_goes_on(store: ProvStore, tmp_path: Path) -> None:
    store.checkpoint()
    checkpoints = (tmp_path / "store" / "checkpoints.jsonl").read_bytes()
    with (tmp_path / "store" / "checkpoints.jsonl").open("ab") as file:
        file.write(b'{"half')  # as while somebody writes to it
    store.backup(tmp_path / "backup")
    (tmp_path / "new").mkdir()
    restored = restore(tmp_path / "backup", tmp_path / "new")
    assert (restored.bundles, restored.attachments) == (3, 2)
    assert (tmp_path / "new" / "checkpoints.jsonl").read_bytes() == checkpoints
    with provstore.open(tmp_path / "new") as again:
        assert again.verify().problems == ()
        assert again.position() == store.position()
        assert again.write_messages() == 0, "messages that were sent are not sent again"
        assert again.submit(cordex(again, comment="new")).ingest == "cordex-g2-0001"
        assert again.position().position == 4
        assert again.verify().problems == ()


def test_checkpoints_elsewhere_that_are_newer_than_a_backup_do_not_speak_against_it(
    tmp_path: Path,
) -> None:
    """The store went on after its backup, and the places of its checkpoints know that."""
    (tmp_path / "elsewhere").mkdir()
    provstore.init(tmp_path / "store", BASE).close()
    settings = tmp_path / "store" / "provstore.toml"
    place = json.dumps(str(tmp_path / "elsewhere"))
    settings.write_text(f"{settings.read_text()}\n[checkpoints]\nplaces = [{place}]\n")
    with provstore.open(tmp_path / "store") as store:
        submit(store, 2)
        store.checkpoint()
        store.backup(tmp_path / "backup")
        submit(store, 3)
        store.checkpoint()
    with provstore.open(tmp_path / "backup") as copy:
        assert copy.verify().problems == ()
    restore(tmp_path / "backup", tmp_path / "new")
    with provstore.open(tmp_path / "new") as again:
        checked = again.verify()
        assert checked.problems == ()
        assert any("know entries up to 5 that were lost" in note for note in checked.notes)
        assert again.submit(cordex(again, comment="new")).ingest == "cordex-g2-0001"
        assert again.verify().problems == ()


def test_the_second_backup_writes_only_what_is_new(tmp_path: Path) -> None:
    journal = bare(tmp_path / "store", 2000, "x" * 3000)
    first = backup(tmp_path / "store", tmp_path / "backup")
    grow(journal, 10)
    before = _written_by_this_process()
    second = backup(tmp_path / "store", tmp_path / "backup")
    written = _written_by_this_process() - before
    assert (second.new_bundles, second.bundles) == (10, 2010)
    assert second.bytes_written < first.bytes_written / 100
    assert written < first.bytes_written / 10
    with provstore.open(tmp_path / "backup") as copy:
        assert copy.verify().problems == ()
        assert copy.position() == journal.head()


def _written_by_this_process() -> int:
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    lines = counters.read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("wchar")))


def test_a_backup_that_was_interrupted_is_finished_by_the_next(
    store: ProvStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    destination = tmp_path / "backup"

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    for prepared in (0, 1):
        with monkeypatch.context() as context:
            context.setattr("provstore.audit.backup.Manifest.write", fail)
            with pytest.raises(KeyboardInterrupt):
                store.backup(destination)
        if prepared:
            with provstore.open(destination) as copy:
                assert copy.verify().problems == (), "an earlier backup is still one"
        assert store.backup(destination).bundles == store.position().position
        submit(store, 1)
        (tmp_path / "store" / "provstore.toml").open("a").write("\n# changed\n")


def test_a_backup_that_was_killed_while_it_added_entries_goes_on(tmp_path: Path) -> None:
    """SQLite's own journal of the backup is left, and undone by the next who opens it."""
    journal = bare(tmp_path / "store", 50, "x" * 3000)
    backup(tmp_path / "store", tmp_path / "backup")
    program = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "db.execute('PRAGMA cache_size=1'); db.execute('BEGIN'); "
        "[db.execute('INSERT INTO entry SELECT position + 100, bundle || ?, fingerprint || ?, "
        "ingest, recorded, principal, personal, content, sha256, chain FROM entry "
        "WHERE position = ?', "
        "('x', 'x', number)) for number in range(1, 50)]; os._exit(0)"
    )
    for place in ("backup", "other"):
        shutil.copytree(tmp_path / "backup", tmp_path / "other", dirs_exist_ok=True)
        path = tmp_path / place / "journal.sqlite"
        subprocess.run([sys.executable, "-c", program, path], check=True)
        assert path.with_name("journal.sqlite-journal").stat().st_size > 0
    with provstore.open(tmp_path / "other") as copy:
        assert copy.verify().problems == ()
        assert copy.position() == journal.head()
    grow(journal, 1)
    assert backup(tmp_path / "store", tmp_path / "backup").new_bundles == 1


def test_a_backup_goes_only_where_it_belongs(store: ProvStore, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(Refused, match="has other files"):
        store.backup(tmp_path / "other")
    for place in (tmp_path / "store", tmp_path / "store" / "backup"):
        with pytest.raises(Refused, match="is the store, contains it, or lies inside it"):
            store.backup(place)
    store.backup(tmp_path / "backup")
    with provstore.init(tmp_path / "stranger") as stranger, pytest.raises(Refused, match="base"):
        stranger.backup(tmp_path / "backup")
    with provstore.init(tmp_path / "twin", BASE) as twin, pytest.raises(Refused, match="entries"):
        twin.backup(tmp_path / "backup")
    assert not [path for path in (tmp_path / "backup").iterdir() if path.name.startswith(".")]


def test_two_backups_to_one_place_do_not_meet(store: ProvStore, tmp_path: Path) -> None:
    destination = tmp_path / "backup"
    store.backup(destination)
    lock = subprocess.Popen(
        [
            sys.executable, "-c",
            "import fcntl, sys; file = open(sys.argv[1], 'ab'); "
            "fcntl.flock(file, fcntl.LOCK_EX); print('locked', flush=True); sys.stdin.read()",
            destination / "unfinished",
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert lock.stdout
    lock.stdout.readline()
    with pytest.raises(Refused, match="Another command is writing"):
        store.backup(destination)
    lock.communicate()
    assert store.backup(destination).new_bundles == 0


def test_a_store_that_was_closed_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    journal = bare(tmp_path / "store", 1)
    journal.close()
    with pytest.raises(StoreUnavailable, match="was closed"):
        fill(journal, 2)
    assert not journal.damage_file.exists()


def test_a_damaged_store_does_not_spoil_its_backup(tmp_path: Path) -> None:
    journal = bare(tmp_path / "store", 5)
    backup(tmp_path / "store", tmp_path / "backup")
    grow(journal, 5)
    journal.close()
    path = tmp_path / "store" / "journal.sqlite"
    forge(path, "UPDATE entry SET content = 'x' WHERE position IN (7, 9)")
    for place in ("backup", "fresh"):
        with pytest.raises(DamagedStore) as caught:
            backup(tmp_path / "store", tmp_path / place)
        assert [problem.where for problem in caught.value.problems] == ["/journal/7", "/journal/9"]
        assert "/journal/9" in str(caught.value)
    with provstore.open(tmp_path / "backup") as copy:
        assert copy.verify().problems == ()
        assert copy.position().position == 5
    forge(path, "DELETE FROM entry WHERE position > 3")
    with pytest.raises(Refused, match="entries that the store does not have"):
        backup(tmp_path / "store", tmp_path / "backup")


def test_a_damaged_attachment_is_named_and_does_not_stop_the_backup(
    store: ProvStore, tmp_path: Path
) -> None:
    good, bad = sorted((tmp_path / "store" / "attachments").iterdir())
    bad.write_bytes(b"flipped")
    made = store.backup(tmp_path / "backup")
    assert [problem.where for problem in made.problems] == [f"/attachments/{bad.name}"]
    assert [path.name for path in (tmp_path / "backup" / "attachments").iterdir()] == [good.name]
    assert restore(tmp_path / "backup", tmp_path / "new").attachments == 1


@pytest.mark.parametrize(
    ("act", "where"),
    [
        ("journal", "/journal/2"),
        ("cut", "/journal/3"),
        ("attachment", "/attachments/"),
        ("missing", "/attachments"),
        ("settings", "/provstore.toml"),
        ("outbox", "/outbox/position"),
    ],
)
def test_a_damaged_backup_is_not_restored(
    store: ProvStore, tmp_path: Path, act: str, where: str
) -> None:
    store.backup(tmp_path / "backup")
    place = tmp_path / "backup"
    if act == "journal":
        forge(place / "journal.sqlite", "UPDATE entry SET content = 'x' WHERE position = 2")
    if act == "cut":
        (place / "outbox" / "position").unlink()
        forge(place / "journal.sqlite", "DELETE FROM entry WHERE position > 2")
    if act == "attachment":
        next((place / "attachments").iterdir()).write_bytes(b"x")
    if act == "missing":
        shutil.rmtree(place / "attachments")
        (place / "attachments.sha256").unlink()
    if act == "settings":
        (place / "provstore.toml").open("a").write("# changed\n")
    if act == "outbox":
        (place / "outbox" / "position").write_text("x")
    with pytest.raises(DamagedStore) as caught:
        restore(place, tmp_path / "new")
    assert any(problem.where.startswith(where) for problem in caught.value.problems)
    assert not (tmp_path / "new").exists()
    with provstore.open(place) as copy:
        assert copy.verify().problems == caught.value.problems


def test_a_store_is_restored_only_into_an_empty_directory(
    store: ProvStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.backup(tmp_path / "backup")
    with pytest.raises(Refused, match="not empty"):
        restore(tmp_path / "backup", tmp_path / "store")
    with pytest.raises(StoreUnavailable, match="no backup"):
        restore(tmp_path / "store", tmp_path / "new")
    with monkeypatch.context() as context:  # an interrupted one is finished by the next
        context.setattr("provstore.audit.backup._copy", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(tmp_path / "backup", tmp_path / "new")
    with pytest.raises(StoreUnavailable):
        provstore.open(tmp_path / "new")
    assert restore(tmp_path / "backup", tmp_path / "new").bundles == 3


def test_the_commands_say_what_they_did(store: ProvStore, tmp_path: Path) -> None:
    run = CliRunner().invoke
    place, name = str(tmp_path / "store"), str(tmp_path / "backup")
    first = run(app, ["backup", name, "--store", place])
    assert "3 bundles" in first.output
    assert json.loads(run(app, ["backup", name, "--store", place, "--json"]).output)["bundles"] == 3
    assert run(app, ["verify", "--store", name]).output.startswith("All 3 bundles")
    restored = run(app, ["restore", name, str(tmp_path / "new"), "--json"])
    assert json.loads(restored.output)["seal"] == store.position().chain


# ------------------------------------------------------------------------------------- a drill


WRITER = """
import sys
import provstore
with provstore.open(sys.argv[1]) as store:
    form = store.forms["cordex"]
    answers = form.example()
    for number in range(100_000):
        answers["comment"] = f"{sys.argv[2]} {number}"
        print(store.submit(form.text(answers).encode()).bundle, flush=True)
"""


def test_drill(tmp_path: Path) -> None:
    """Two processes submit at full speed while backups run; each is restored and asked."""
    place = tmp_path / "store"
    with provstore.init(place, BASE) as store:
        submit(store, 1)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), place, name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    acknowledged: list[str] = []

    def listen(writer: subprocess.Popen[str]) -> None:
        assert writer.stdout
        acknowledged.extend(line.strip() for line in writer.stdout)

    listeners = [threading.Thread(target=listen, args=(writer,)) for writer in writers]
    for listener in listeners:
        listener.start()
    try:
        sizes = []
        for number in range(4):
            count = len(acknowledged)
            while len(acknowledged) < count + 40:
                assert all(writer.poll() is None for writer in writers)
            before = [*acknowledged]
            sizes.append(backup(place, tmp_path / "backup").new_bundles)
            new = tmp_path / f"new-{number}"
            restore(tmp_path / "backup", new)
            with provstore.open(new) as restored:
                bundles = {entry.bundle for entry in restored.entries()}
                assert {*before} <= bundles
                assert restored.verify().problems == ()
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
        for listener in listeners:
            listener.join()
    assert min(sizes) >= 40
    backup(place, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "last")
    with provstore.open(place) as store, provstore.open(tmp_path / "last") as restored:
        assert restored.position() == store.position()
        assert {*acknowledged} <= {entry.bundle for entry in restored.entries()}
        answers = [
            each.ask("state-of-every-ingest", language="both").rows for each in (store, restored)
        ]
        assert answers[0] == answers[1]
        assert len(answers[0]) == store.position().position
        found = [
            [hit.iri for hit in each.search("delivery", limit=50).hits]
            for each in (store, restored)
        ]
        assert found[0] == found[1] != []


# -------------------------------------------------------------------------- media without writing


@contextmanager
def read_only(directory: Path) -> Iterator[Path]:
    """The directory at another place, where nothing can be written, even by the superuser."""
    place = directory.with_name("medium")
    place.mkdir()
    bound = subprocess.run(["mount", "--bind", directory, place], capture_output=True, text=True)
    if bound.returncode:
        pytest.skip(f"mounting is not allowed here: {bound.stderr.strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts as Linux does")
@pytest.mark.parametrize("log", ["none", "log and index", "log"])
def test_a_store_on_a_read_only_medium_can_be_read(
    store: ProvStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "store"
    form = cordex(store, comment="new")
    if log == "none":
        store.close()
        assert not (source / "journal.sqlite-wal").exists()
    else:
        assert (source / "journal.sqlite-wal").stat().st_size > 0
        shutil.copytree(source, tmp_path / "copy")
        source = tmp_path / "copy"
    if log == "log":
        (source / "journal.sqlite-shm").unlink(missing_ok=True)
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    with read_only(source) as medium, provstore.open(medium) as opened:
        assert opened.verify().problems == ()
        assert opened.position().position == 3, "also what is in the log only"
        assert "".join(opened.export(notation="provn")).count("endBundle") == 3
        assert len(opened.search("example").hits) > 0
        assert len(opened.ask("state-of-every-ingest", language="sparql").rows) == 3
        with pytest.raises(StoreUnavailable, match="can only be read") as caught:
            opened.submit(form)
        assert "Nothing was recorded" in str(caught.value)
        assert backup(medium, tmp_path / "backup").bundles == 3
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


@pytest.mark.skipif(sys.platform != "linux", reason="mounts as Linux does")
def test_who_may_only_read_sees_what_others_write(store: ProvStore, tmp_path: Path) -> None:
    store.close()
    with read_only(tmp_path / "store") as medium, provstore.open(medium) as reader:
        assert reader.position().position == 3
        with provstore.open(tmp_path / "store") as writer:
            submit(writer, 2)
            assert reader.position().position == 5
        assert reader.position().position == 5
        assert reader.verify().problems == ()


def test_without_permission_to_write_a_store_can_be_read(tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("the superuser may write everywhere")
    bare(tmp_path / "store", 3).close()
    for path in (tmp_path / "store" / "journal.sqlite", tmp_path / "store"):
        path.chmod(0o555)
    try:
        with provstore.open(tmp_path / "store") as opened:
            assert opened.verify().problems == ()
            with pytest.raises(StoreUnavailable, match="can only be read"):
                fill(opened._journal, 1)
    finally:
        (tmp_path / "store").chmod(0o755)


def test_a_backup_that_cannot_be_read_is_not_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    bare(tmp_path / "store", 2).close()
    backup(tmp_path / "store", tmp_path / "backup")
    with monkeypatch.context() as patch:
        patch.setattr("provstore.audit.backup.verify_store", fail)
        with pytest.raises(StoreUnavailable, match="cannot be read"):
            restore(tmp_path / "backup", tmp_path / "restored")
    assert restore(tmp_path / "backup", tmp_path / "restored").bundles == 2
