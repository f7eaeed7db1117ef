"""What is damaged is put back from backups by its hash; nothing is invented, nothing is dropped."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import provstore
from provstore.audit.backup import backup
from provstore.audit.repair import repair
from provstore.cli import app
from provstore.errors import DamagedStore, Problem, Refused, StoreReplaced, StoreUnavailable
from provstore.storage.journal import Entry, Journal
from provstore.storage.journal_survey import journal_problems
from tests.test_backup import BASE, bare, cordex, grow
from tests.test_journal import FORGERIES, forge

CONTENT = "content " * 200


def entries(directory: Path) -> list[Entry]:
    journal = Journal(directory / "journal.sqlite")
    rows = [*journal.after(0)]
    journal.close()
    return rows


def damage_of(directory: Path) -> list[str]:
    journal = Journal(directory / "journal.sqlite")
    _, problems = journal_problems(journal)
    journal.close()
    return [problem.where for problem in problems]


def kept(directory: Path) -> list[Path]:
    return sorted(directory.glob("journal.damaged-*.sqlite"))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of twelve entries, of which a backup has ten."""
    journal = bare(tmp_path / "store", 10, CONTENT)
    backup(tmp_path / "store", tmp_path / "backup")
    grow(journal, 2, CONTENT)
    journal.close()
    return tmp_path / "store"


@pytest.mark.parametrize("name", FORGERIES)
def test_what_was_forged_is_put_back(store: Path, tmp_path: Path, name: str) -> None:
    before = entries(store)
    forge(store / "journal.sqlite", FORGERIES[name][0])
    assert damage_of(store)
    done = repair(store, [tmp_path / "backup"])
    assert done.problems == ()
    assert done.repaired == (FORGERIES[name][1],)
    assert entries(store) == before
    assert [str(path) for path in kept(store)] == [done.damaged_journal]
    with provstore.open(store) as opened:
        assert opened.verify().problems == ()
        grow(opened._journal, 1)
    assert not (store / "damage.json").exists()


def test_a_hash_that_changed_is_computed_again_without_a_backup(store: Path) -> None:
    before = entries(store)
    forge(
        store / "journal.sqlite",
        FORGERIES["sha256"][0],
        "UPDATE entry SET chain = 'x' WHERE position = 11",
    )
    assert repair(store).repaired == (3, 11)
    assert entries(store) == before


def test_what_no_backup_has_is_listed_and_stays_as_it_is(store: Path, tmp_path: Path) -> None:
    """The eleventh entry came after the backup; the store stays marked, and takes nothing."""
    forge(
        store / "journal.sqlite",
        "UPDATE entry SET content = 'x' WHERE position IN (2, 11)",
        "DELETE FROM entry WHERE position IN (5, 7)",
    )
    done = repair(store, [tmp_path / "backup"])
    assert done.repaired == (2, 5, 7)
    assert [problem.where for problem in done.problems] == ["/journal/11"]
    with sqlite3.connect(store / "journal.sqlite") as db:
        assert db.execute("SELECT content FROM entry WHERE position = 11").fetchone() == ("x",)
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (12,)
    with provstore.open(store) as opened, pytest.raises(DamagedStore):
        grow(opened._journal, 1)


def test_several_backups_complete_each_other(store: Path, tmp_path: Path) -> None:
    before = entries(store)
    shutil.copytree(tmp_path / "backup", tmp_path / "other")
    forge(tmp_path / "backup" / "journal.sqlite", "DELETE FROM entry WHERE position = 3")
    forge(
        tmp_path / "other" / "journal.sqlite", "UPDATE entry SET recorded = 'x' WHERE position = 4"
    )
    forge(store / "journal.sqlite", "DELETE FROM entry WHERE position IN (3, 4)")
    first = repair(store, [tmp_path / "backup"])
    assert first.repaired == (4,)
    assert [problem.where for problem in first.problems] == ["/journal/3"]
    second = repair(store, [tmp_path / "other" / "journal.sqlite"])
    assert (second.repaired, second.problems) == ((3,), ())
    assert entries(store) == before


def test_an_entry_of_another_journal_is_not_put_back(store: Path, tmp_path: Path) -> None:
    journal = bare(tmp_path / "stranger", 12, "other")
    journal.close()
    forge(store / "journal.sqlite", "UPDATE entry SET content = 'x' WHERE position = 2")
    done = repair(store, [tmp_path / "stranger"])
    assert done.repaired == ()
    assert {problem.where for problem in done.problems} == {"/journal/2", "/journal/12"}
    assert any("not a copy of this journal" in problem.what for problem in done.problems)
    assert kept(store) == []


def test_entries_at_the_end_that_were_cut_off_come_back(store: Path, tmp_path: Path) -> None:
    before = entries(store)
    outside = store / "outbox"
    outside.mkdir()
    (outside / "position").write_text(f"10 {before[9].chain}")
    forge(store / "journal.sqlite", "DELETE FROM entry WHERE position > 4")
    done = repair(store, [tmp_path / "backup"])
    assert done.repaired == (5, 6, 7, 8, 9, 10)
    assert done.problems == ()
    assert entries(store) == before[:10]


def test_a_new_generation_of_names_begins_if_the_end_came_from_a_backup(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries after the last one may be lost; their names are not given again."""
    begun: list[Path] = []
    monkeypatch.setattr("provstore.storage.settings.begin_generation", begun.append)
    forge(store / "journal.sqlite", "DELETE FROM entry WHERE position = 3")
    repair(store, [tmp_path / "backup"])
    assert begun == []
    (store / "journal.sqlite").write_bytes(b"no journal")
    for file in store.glob("journal.damaged-*"):
        file.unlink()
    assert repair(store, [tmp_path / "backup"]).problems == ()
    assert begun == [store]


def test_an_entry_that_was_rewritten_with_all_after_it_gives_way_to_what_witnesses_know(
    tmp_path: Path,
) -> None:
    """Each row fits the one before it; only the outbox, outside the journal, knows better."""
    journal = bare(tmp_path / "store", 6)
    before = [*journal.after(0)]
    backup(tmp_path / "store", tmp_path / "backup")
    journal.close()
    other = bare(tmp_path / "other", 2)
    other.close()
    journal = Journal(tmp_path / "other" / "journal.sqlite")
    grow(journal, 4, "rewritten")
    journal.close()
    shutil.copy(tmp_path / "other" / "journal.sqlite", tmp_path / "store" / "journal.sqlite")
    (tmp_path / "store" / "outbox").mkdir()
    (tmp_path / "store" / "outbox" / "position").write_text(f"5 {before[4].chain}")
    assert damage_of(tmp_path / "store") == []
    with provstore.open(tmp_path / "store") as opened:
        assert [problem.where for problem in opened.verify().problems] == ["/journal/5", "/journal"]
    done = repair(tmp_path / "store", [tmp_path / "backup"])
    assert done.problems == ()
    assert entries(tmp_path / "store") == before


def test_indexes_are_made_anew_without_a_backup(store: Path) -> None:
    before = entries(store)
    with sqlite3.connect(store / "journal.sqlite") as db:
        db.execute("DROP TRIGGER entry_is_never_removed")
        root = "SELECT rootpage FROM sqlite_master WHERE name = 'entry_ingest'"
        (page,) = db.execute(root).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    content = bytearray((store / "journal.sqlite").read_bytes())
    content[(page - 1) * size + 200 : page * size] = bytes(size - 200)
    (store / "journal.sqlite").write_bytes(content)
    assert damage_of(store)
    done = repair(store)
    assert (done.repaired, done.problems) == ((), ())
    assert entries(store) == before
    assert done.damaged_journal


def test_people_and_secret_survive_a_repair_without_a_backup(store: Path) -> None:
    """Else one person gets two identifiers, and what is sent again is taken for something new."""
    with provstore.open(store) as opened:
        first = opened.submit(cordex(opened))
    before = people(store)
    with sqlite3.connect(store / "journal.sqlite") as db:
        db.execute("DROP INDEX entry_ingest")
    assert repair(store).damaged_journal
    assert people(store) == before
    with provstore.open(store) as opened:
        assert opened.submit(cordex(opened)) == replace(first, new=False)


def people(directory: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(directory / "journal.sqlite") as db:
        return [*db.execute("SELECT * FROM person"), *db.execute("SELECT * FROM secret")]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE secret SET value = zeroblob(32) WHERE name = 'hashes'", "DELETE FROM secret"],
)
def test_a_damaged_secret_comes_back_and_nothing_is_recorded_before(
    store: Path, tmp_path: Path, statement: str
) -> None:
    with provstore.open(store) as opened:
        first = opened.submit(cordex(opened))
    before = people(store)
    forge(store / "journal.sqlite", statement)
    assert damage_of(store) == ["/journal"]
    with provstore.open(store) as opened, pytest.raises(DamagedStore, match="secret"):
        opened.submit(cordex(opened))
    assert repair(store).problems
    assert repair(store, [tmp_path / "backup"]).problems == ()
    assert people(store) == before
    with provstore.open(store) as opened:
        assert opened.submit(cordex(opened)) == replace(first, new=False)


def test_a_sound_store_is_left_alone(store: Path, tmp_path: Path) -> None:
    before = (store / "journal.sqlite").read_bytes()
    (store / "damage.json").write_text('{"problems": ["a mark of damage that is mended"]}')
    done = repair(store, [tmp_path / "backup"])
    assert (done.repaired, done.damaged_journal, done.problems) == ((), "", ())
    assert (store / "journal.sqlite").read_bytes() == before
    assert not (store / "damage.json").exists()


def test_who_has_the_store_open_meanwhile_records_nothing_in_the_damaged_file(
    store: Path, tmp_path: Path
) -> None:
    opened = Journal(store / "journal.sqlite")
    forge(store / "journal.sqlite", FORGERIES["content"][0])
    repair(store, [tmp_path / "backup"])
    with pytest.raises(StoreReplaced):
        grow(opened, 1)
    again = Journal(store / "journal.sqlite")
    grow(again, 1)
    opened.close()  # must not take the log of the new file for its own
    assert len([*again.after(0)]) == 13
    again.close()
    assert len(entries(store)) == 13


@pytest.mark.parametrize("moment", ["before the new name", "before the log is gone"])
def test_a_repair_that_is_interrupted_is_finished_by_the_next(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Also what stood in the log of the damaged journal only is not lost."""
    writer = Journal(store / "journal.sqlite")
    grow(writer, 1)
    reader = sqlite3.connect(store / "journal.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM entry").fetchone()  # keeps the log from being written back
    forge(store / "journal.sqlite", FORGERIES["content"][0])
    before = entries(tmp_path / "backup")

    def stop(*_: object, **__: object) -> None:
        raise InterruptedError("stopped")

    with monkeypatch.context() as context:
        if moment == "before the new name":
            context.setattr("pathlib.Path.replace", _fail_for("journal.sqlite", Path.replace))
        else:
            context.setattr("provstore.audit.repair.os.link", stop)
        with pytest.raises(StoreUnavailable):
            repair(store, [tmp_path / "backup"])
    assert (store / "damage.json").exists()
    done = repair(store, [tmp_path / "backup"])
    assert done.problems == ()
    reader.close()
    writer.close()
    assert entries(store)[:10] == before
    assert len(entries(store)) == 13


def _fail_for(name: str, act: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
    def replace(path: Path, target: Path) -> Path:
        if target.name == name:
            raise InterruptedError("stopped")
        return act(path, target)

    return replace


def test_attachments_settings_and_outbox_are_put_back(tmp_path: Path) -> None:
    place = tmp_path / "store"
    with provstore.init(place, BASE) as store:
        store.submit(cordex(store))
        store.keep_attachments([b"flipped", b"missing", b"sound"])
        store.write_messages()
        store.backup(tmp_path / "backup")
        flipped, missing, _ = sorted((place / "attachments").iterdir())
        flipped.write_bytes(b"flopped")
        missing.unlink()
        (place / "outbox" / "position").write_text("\0" * 20)
        checked = store.verify()
    assert {problem.where for problem in checked.problems} == {
        f"/attachments/{flipped.name}", f"/attachments/{missing.name}",
    }  # fmt: skip
    assert any(note.startswith("/outbox/position: It is not") for note in checked.notes)
    (place / "provstore.toml").write_text("base =")
    done = repair(place, [tmp_path / "backup"])
    assert done.problems == ()
    assert {*done.attachments} == {flipped.name, missing.name}
    assert {*done.files} == {"provstore.toml", "outbox/position"}
    with provstore.open(place) as store:
        assert store.verify().problems == ()
        assert store.write_messages() == 1
        store.submit(cordex(store, comment="goes on"))


def test_sending_an_attachment_again_heals_it(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store:
        store.keep_attachments([b"one", b"two"])
        for damage in (lambda path: path.write_bytes(b"on3"), Path.unlink):
            damage(next((tmp_path / "store" / "attachments").iterdir()))
            assert len(store.verify().problems) == 1
            store.keep_attachments([b"one", b"two"])
            assert store.verify().problems == ()


def test_the_base_of_the_settings_is_the_one_that_reports_were_named_with(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store", BASE) as store:
        store.submit(cordex(store))
    file = tmp_path / "store" / "provstore.toml"
    file.write_text(file.read_text().replace("data.example", "date.example"))
    with provstore.open(tmp_path / "store") as store:
        (problem,) = store.verify().problems
        assert problem.where == "/provstore.toml"


def test_a_file_that_answers_name_and_nobody_sent_is_a_note(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store:
        form = store.forms["generic"]
        store.submit(form.text(form.example()).encode())
        checked = store.verify()
        assert checked.problems == ()
        assert sum(note.startswith("/attachments/") for note in checked.notes) == 1
        store.keep_attachments([b""])
        assert not any(note.startswith("/attachments/") for note in store.verify().notes)


def test_a_backup_is_not_repaired(store: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a backup"):
        repair(tmp_path / "backup", [store])
    with pytest.raises(StoreUnavailable, match="no store"):
        repair(tmp_path / "nowhere")
    with pytest.raises(StoreUnavailable):
        repair(store, [tmp_path / "nowhere"])


def test_the_command_says_what_it_did(store: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    words = ["repair", "--store", str(store), "--json"]
    forge(store / "journal.sqlite", FORGERIES["removed"][0])
    without = run(app, words)
    assert without.exit_code == 1
    assert [one["where"] for one in json.loads(without.output)["problems"]] == ["/journal/2"]
    done = run(app, [*words, "--from", str(tmp_path / "backup")])
    assert done.exit_code == 0
    assert json.loads(done.output)["repaired"] == [2]


# ----------------------------------------------------------------------------- seeded corruptions


@pytest.mark.parametrize("seed", range(24))
def test_after_any_corruption_the_store_is_whole_or_says_what_is_not(
    tmp_path: Path, seed: int
) -> None:
    """Bytes are flipped, pages zeroed, rows deleted, the file cut; a backup has all but the last.

    Each entry that the damaged file or the backup has is there afterwards.
    """
    chance = random.Random(seed)
    journal = bare(tmp_path / "store", 40, CONTENT)
    backup(tmp_path / "store", tmp_path / "backup")
    grow(journal, 2, CONTENT)
    before = [*journal.after(0)]
    journal.close()
    file = tmp_path / "store" / "journal.sqlite"
    act = ("flip", "zero", "rows", "cut")[seed % 4]
    if act == "rows":
        for position in chance.sample(range(1, 41), 5):
            forge(file, f"DELETE FROM entry WHERE position = {position}")
    else:
        content = bytearray(file.read_bytes())
        pages = len(content) // 4096
        for page in chance.sample(range(pages), 3):
            if act == "flip":
                for _ in range(5):
                    content[page * 4096 + chance.randrange(4096)] ^= 1 << chance.randrange(8)
            if act == "zero":
                content[page * 4096 : (page + 1) * 4096] = bytes(4096)
        if act == "cut":
            del content[chance.randrange(len(content)) :]
        file.write_bytes(content)
    done = repair(tmp_path / "store", [tmp_path / "backup"])
    with provstore.open(tmp_path / "store") as store:
        verified = store.verify()
        assert {problem.where for problem in verified.problems} <= {
            problem.where for problem in done.problems
        }
        sound = {entry.position: entry for entry in _sound(store._journal)}
        assert [sound[number] for number in range(1, 41)] == before[:40]
        for number in (41, 42):
            assert number not in sound or sound[number] == before[number - 1]
    if not done.problems:
        assert repair(tmp_path / "store").damaged_journal == ""


def _sound(journal: Journal) -> list[Entry]:
    from provstore.storage.journal_survey import survey

    return [*journal.restored(row for row in survey(journal) if isinstance(row, Entry))]


def test_what_is_left_of_a_file_that_was_cut_off_is_read(store: Path, tmp_path: Path) -> None:
    """SQLite takes the whole file for malformed; entries in the first pages are there."""
    before = entries(store)
    file = store / "journal.sqlite"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) - 4096])
    with provstore.open(store) as opened:
        sound = _sound(opened._journal)
        assert 0 < len(sound) < 12
        assert [*sound] == [entry for entry in before if entry in sound]
        lost = {f"/journal/{entry.position}" for entry in before if entry not in sound}
        assert lost <= {problem.where for problem in opened.verify().problems} | {"/journal/12"}
        with pytest.raises(DamagedStore):
            grow(opened._journal, 1)
    done = repair(store, [tmp_path / "backup"])
    assert entries(store)[:10] == before[:10]
    assert done.damaged_journal


# ---------------------------------------------------------------------------------- sound exports


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    with provstore.init(tmp_path / "life", BASE) as store:
        for number in range(4):
            store.submit(cordex(store, comment=f"delivery {number}"))
    forge(
        tmp_path / "life" / "journal.sqlite",
        "UPDATE entry SET recorded = 'x' WHERE position = 2",
        "UPDATE entry SET content = replace(content, '2', '3') WHERE position = 4",
    )
    return tmp_path / "life"


def test_a_damaged_store_is_not_exported_as_if_it_were_sound(damaged: Path) -> None:
    with provstore.open(damaged) as store:
        with pytest.raises(DamagedStore) as caught:
            store.export(notation="provn")
        assert [problem.where for problem in caught.value.problems] == ["/journal/2", "/journal/4"]
        assert "/journal/2" in str(caught.value)
        with pytest.raises(DamagedStore, match="/journal/4"):
            "".join(store.export("cordex-0004", "provn"))
        assert len(store.verify().problems) == 2
        with pytest.raises(DamagedStore, match="/journal/2"):
            store.export("cordex-0001", "provn")


def test_what_is_sound_is_exported_and_the_rest_is_listed(damaged: Path) -> None:
    with provstore.open(damaged) as store:
        left_out: list[Problem] = []
        text = "".join(store.export(notation="provn", sound=True, left_out=left_out.append))
        assert [problem.where for problem in left_out] == ["/journal/2", "/journal/4"]
        assert text.count("endBundle") == 2
        assert "cordex-0001" in text
        one = "".join(store.export("cordex-0003", "provn", sound=True))
        assert one.count("endBundle") == 1
        bundle = f"{BASE}ingest/cordex-0003/submission/1/bundle"
        assert "".join(store.export(bundle, "provn", sound=True)) == one
        with pytest.raises(Refused, match="No undamaged bundle"):
            store.export("cordex-0004", "provn", sound=True)
    words = ["export", "--format", "provn", "--store", str(damaged)]
    refused = _provstore(*words)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "/journal/4" in refused.stderr
    done = _provstore(*words, "--sound")
    assert done.returncode == 0
    assert done.stdout == text
    assert done.stderr.count("note: left out: /journal/") == 2


def _provstore(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "provstore", *words], capture_output=True, text=True, timeout=120
    )


def test_a_disk_that_is_full_while_a_journal_is_repaired_is_said(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    forge(store / "journal.sqlite", FORGERIES["sha256"][0])
    with monkeypatch.context() as patch:
        patch.setattr("provstore.storage.journal_tables.create_schema", fill)
        with pytest.raises(StoreUnavailable, match="disk is full"):
            repair(store, [tmp_path / "backup"])
    assert repair(store, [tmp_path / "backup"]).problems == ()
