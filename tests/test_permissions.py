"""Every file of a store is for its owner, or for the group that the store was made for."""

import grp
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import provstore
from provstore.audit.backup import restore
from provstore.audit.repair import repair
from provstore.cli import app
from provstore.storage import permissions
from provstore.storage.permissions import permission_notes, set_permissions
from provstore.storage.signing import new_key
from tests.reports import WORD

UMASKS = (0o022, 0o077, 0o000)
OWN = grp.getgrgid(os.getegid())

PRIVATE = {"directory": (0o700,), "file": (0o600,), "engine": (0o600,), "secret": (0o600,)}
SHARED = {"directory": (0o2770,), "file": (0o660,), "engine": (0o660, 0o640), "secret": (0o600,)}
"""The modes of directories, of files, of those that an engine makes in its own directory, and of
those with passwords."""

LIVED = (
    "provstore.toml", "journal.sqlite", "search.sqlite", "findings.sqlite", "checkpoints.jsonl",
    "attachments", "attachments.sha256", "outbox", "outbox/position", "drafts",
    "graph", "graph.log", "graph/databases", "rdf", "rdf.log", "rdf/data/LOCK",
)  # fmt: skip
"""What a store has after some weeks, among other files."""


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Whatever a test sets, the next begins as this one did."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode_of(place: Path) -> int:
    return stat.S_IMODE(place.lstat().st_mode)


def wrong_modes(store: Path, expected: dict[str, tuple[int, ...]]) -> dict[str, str]:
    """The files of a store with other modes or another group than its directory, by their paths."""
    found, group = {}, store.stat().st_gid
    for place in (store, *store.rglob("*")):
        within = place.relative_to(store)
        kind = "directory" if place.is_dir() else "file"
        if kind == "file" and within.parts[0] in ("graph", "rdf"):
            kind = "secret" if within.parts[1:2] == ("config",) else "engine"
        if mode_of(place) not in expected[kind] or place.stat().st_gid != group:
            found[str(within)] = f"{mode_of(place):04o}"
    return found


def live(place: Path, group: str = "") -> None:
    """Use a store for all that it can do; it stays in `store`, and its copies beside it."""
    with provstore.init(place / "store", predictable=WORD, group=group) as store:
        cordex, review = store.forms["cordex"], store.forms["review"]
        receipt = store.submit(cordex.text(cordex.example()).encode())
        store.report(receipt.ingest, "review", review.text(review.example()).encode())
        store.keep_attachments([b"The agreement"])
        drafts = store.drafts()
        draft = drafts.new()
        drafts.write(draft, {"form": "cordex", "answers": {}})
        drafts.attach(draft, b"A plot")
        store.search("ada")
        store.sparql("SELECT * { ?s ?p ?o } LIMIT 1")
        store.cypher("MATCH (n) RETURN n LIMIT 1")
        store.verify(provenance=True)
        store.checkpoint()
        store.backup(place / "backup")
        store.backup(place / "backup")
    restore(place / "backup", place / "restored")
    (place / "restored" / "journal.sqlite").write_bytes(b"damaged" * 999)
    repair(place / "restored", [place / "backup"])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mask", UMASKS, ids=oct)
@pytest.mark.parametrize("expected", [PRIVATE, SHARED], ids=["private", "group"])
def test_every_file_of_a_lived_store_has_its_mode_whatever_the_umask(
    tmp_path: Path, expected: dict[str, tuple[int, ...]], mask: int
) -> None:
    tmp_path.chmod(expected["directory"][0])
    os.umask(mask)
    live(tmp_path, OWN.gr_name if expected is SHARED else "")
    assert not [name for name in LIVED if not (tmp_path / "store" / name).exists()]
    for name in ("store", "backup", "restored"):
        assert wrong_modes(tmp_path / name, expected) == {}, name
        assert not [note for note in permission_notes(tmp_path / name) if "permissions" in note]
        assert not set_permissions(tmp_path / name, None).foreign


@pytest.mark.parametrize("mask", UMASKS, ids=oct)
def test_secrets_are_for_their_owner_also_in_a_directory_of_a_group(
    tmp_path: Path, mask: int
) -> None:
    os.umask(mask)
    tmp_path.chmod(0o2770)
    new_key(tmp_path / "key.pem")
    assert mode_of(tmp_path / "key.pem") == 0o600


@pytest.fixture
def open_store(tmp_path: Path) -> Path:
    """A store that everybody can read, as older versions made it."""
    directory = tmp_path / "store"
    with provstore.init(directory, predictable=WORD) as store:
        store.drafts().write(store.drafts().new(), {"form": "cordex", "answers": {}})
        store.keep_attachments([b"The agreement"])
    for place in (directory, *directory.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o644)
    return directory


def run(*words: str) -> str:
    done = CliRunner().invoke(app, [*words])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_store_that_is_too_open_says_so_and_one_command_closes_it(open_store: Path) -> None:
    at = ("--store", str(open_store))
    for command in ("status", "verify"):
        assert "not only for root, such as . (0755)" in run(command, *at)
    assert "is for its owner alone. Changed: " in run("permissions", *at)
    assert wrong_modes(open_store, PRIVATE) == {}
    for command in ("status", "verify"):
        assert "provstore permissions" not in run(command, *at)
    assert "Changed: 0 files." in run("permissions", *at)


def test_a_store_is_given_to_a_group_and_taken_back(open_store: Path) -> None:
    at = ("--store", str(open_store))
    group = next(group for group in grp.getgrall() if group.gr_gid != OWN.gr_gid)
    if os.geteuid():
        group = OWN
    assert f"for the group {group.gr_name}" in run("permissions", "--group", group.gr_name, *at)
    assert wrong_modes(open_store, SHARED) == {}
    assert open_store.stat().st_gid == group.gr_gid
    (open_store / "attachments.sha256").chmod(0o600)
    assert "closed to the group" in run("status", *at)
    run("permissions", *at)
    assert mode_of(open_store / "attachments.sha256") == 0o660
    assert "provstore permissions" not in run("status", *at)
    run("permissions", "--private", *at)
    assert wrong_modes(open_store, PRIVATE) == {}


def test_an_interrupted_change_goes_on(open_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change, calls = permissions._change, iter(range(3))

    def interrupted(*arguments: object) -> bool:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return change(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(permissions, "_change", interrupted)
        with pytest.raises(KeyboardInterrupt):
            set_permissions(open_store, OWN.gr_gid)
    assert mode_of(open_store) == 0o2770
    assert [*permission_notes(open_store)]
    set_permissions(open_store, OWN.gr_gid)
    assert wrong_modes(open_store, SHARED) == {}


def test_nothing_outside_the_store_is_changed(open_store: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    for name in ("file", "linked"):
        (outside / name).touch(0o644)
    (open_store / "outbox").mkdir()
    (open_store / "outbox" / "link").symlink_to(outside / "file")
    (open_store / "attachments" / "link").symlink_to(outside)
    (open_store / "rdf").symlink_to(outside)
    (open_store / "attachments" / "linked").hardlink_to(outside / "linked")
    (open_store / "notes-of-ada.txt").touch(0o600)
    change = set_permissions(open_store, OWN.gr_gid)
    assert {problem.where for problem in change.problems} == {
        "/outbox/link", "/attachments/link", "/attachments/linked", "/rdf"
    }  # fmt: skip
    assert change.foreign == ("notes-of-ada.txt",)
    assert mode_of(outside) == 0o755
    assert {mode_of(outside / name) for name in ("file", "linked")} == {0o644}
    assert mode_of(open_store / "notes-of-ada.txt") == 0o600


def test_a_file_that_took_the_name_of_another_is_left_alone(
    open_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = open_store / "provstore.toml"
    real = permissions._reason_to_leave

    def replaced(file: permissions._File) -> str:
        if file.name == settings.name:
            shutil.copy(settings, open_store / "new")
            (open_store / "new").replace(settings)
        return real(file)

    monkeypatch.setattr(permissions, "_reason_to_leave", replaced)
    set_permissions(open_store, None)
    assert mode_of(settings) == 0o644


def test_the_socket_of_an_engine_is_for_the_group(open_store: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(open_store / "rdf.socket"))
        set_permissions(open_store, OWN.gr_gid)
        assert mode_of(open_store / "rdf.socket") == 0o660
        set_permissions(open_store, None)
        assert mode_of(open_store / "rdf.socket") == 0o600


def test_a_store_is_for_a_group_or_private() -> None:
    done = CliRunner().invoke(app, ["permissions", "--group", "x", "--private"])
    assert "cannot be combined" in str(done.exception)


def test_a_closed_directory_above_the_store_of_a_group_is_named(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store", group=OWN.gr_name) as store:
        tmp_path.chmod(0o600)
        note = f"{tmp_path} lets no member of the group {OWN.gr_name} through"
        assert note in str(store.status())
        tmp_path.chmod(0o710)
        assert note not in str(store.status())


def test_the_newest_draft_is_one_of_this_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provstore.init(tmp_path / "store", predictable=WORD) as store:
        drafts = store.drafts()
        draft = drafts.new()
        drafts.write(draft, {"form": "cordex", "answers": {}})
        assert drafts.newest("cordex") == draft
        with monkeypatch.context() as patch:
            patch.setattr(os, "geteuid", lambda: 4242)
            assert drafts.newest("cordex") is None
