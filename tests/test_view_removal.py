"""Views can be removed: their files go, and who uses one keeps it for now."""

import os
from pathlib import Path

import pytest

from provstore.audit import redaction
from provstore.errors import ViewUnavailable
from provstore.store import ProvStore
from provstore.views.directory_lock import lock_directory
from provstore.views.view_removal import remove_views
from tests.people import ADA, BEN, DI, delivery, files_with, store_in

WHY = {"by": DI, "reason": "The person asked for it."}
NAMES = ("graph/engine.lock", "graph/database/a", "rdf/000001.sst", "search.sqlite",
         "search.sqlite-wal", "findings.sqlite")  # fmt: skip


@pytest.fixture
def views(tmp_path: Path) -> Path:
    """The files of all views, and others beside them."""
    for name in (*NAMES, "journal.sqlite", "attachments/a", "drafts/d/answers.json"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Ada Example")
    return tmp_path


def left(views: Path) -> list[str]:
    """The files of views that are still there."""
    return [name for name in NAMES if (views / name).exists()]


def test_all_files_of_views_go_and_no_others(views: Path) -> None:
    assert remove_views(views) == {}
    assert left(views) == []
    for name in ("journal.sqlite", "attachments/a", "drafts/d/answers.json"):
        assert (views / name).exists()
    assert remove_views(views) == {}


@pytest.mark.parametrize(("name", "lock"), [("graph", "graph/engine.lock"), ("rdf", "rdf.lock")])
def test_a_view_in_use_stays_and_is_named(views: Path, name: str, lock: str) -> None:
    handle = lock_directory(views / lock, "The view")
    assert handle is not None
    in_use = remove_views(views)
    assert [*in_use] == [name]
    assert isinstance(in_use[name], ViewUnavailable)
    assert all(each.startswith(name) for each in left(views))
    os.close(handle)
    (views / "search.sqlite").write_text("made again since")
    assert remove_views(views, [name]) == {}
    assert left(views) == ["search.sqlite"]


def test_a_view_that_was_in_use_goes_with_a_later_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the redaction is not finished; nothing else is done twice."""
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        place = store.directory
        (place / "rdf").mkdir()
        (place / "rdf" / "000001.sst").write_text("Ada Example")
        handle = lock_directory(place / "rdf.lock", "The rdf view")
        assert handle is not None
        (note,) = store.redact("ada@example.org", **WHY).notes
        assert "rdf" in note
        assert {*files_with(place, "Ada Example")} == {"rdf/000001.sst: ada example"}
        os.close(handle)
    monkeypatch.setattr(redaction.Journal, "forget_freed", None)
    with ProvStore(place) as store:
        assert not files_with(place, "Ada Example")
        assert not any(store._journal.replacements().values())


def test_a_view_that_was_loaded_before_a_redaction_is_made_again(tmp_path: Path) -> None:
    """Also by another process that had it open, and did not redact."""
    with store_in(tmp_path) as store, ProvStore(store.directory) as other:
        delivery(store, ADA)
        delivery(store, BEN)
        assert other.search("Ada").total > 0
        store.redact("ada@example.org", **WHY)
        assert other.search("Ada").total == 0
        assert other.search("redacted person 1").total > 0
        assert other.reports("generic-0001")[0].answers["agent"]["name"] == "redacted person 1"
