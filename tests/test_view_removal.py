"""Views can be removed: their files go, whoever uses them on this host."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provstore.audit import redaction
from provstore.store import ProvStore
from provstore.views.shared_engine import SharedEngine
from provstore.views.view_removal import remove_views
from tests.people import ADA, BEN, DI, delivery, files_with, store_in

WHY = {"by": DI, "reason": "The person asked for it."}
NAMES = ("graph/database/a", "rdf/000001.sst", "search.sqlite",
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


@contextmanager
def used_elsewhere(directory: Path) -> Iterator[None]:
    """The engine of a view runs on another host that shares the disk: it cannot be ended here."""
    engine = SharedEngine(directory, Path(), {}, description="The engine", version="1")
    with engine.stopped("nothing") as lock:
        address = json.dumps({"host": "elsewhere", "pid": 1}).encode()
        os.pwrite(lock, address, 0)
        os.ftruncate(lock, len(address))
        yield


@pytest.mark.parametrize("name", ["graph", "rdf"])
def test_a_view_in_use_on_another_host_stays_and_is_named(views: Path, name: str) -> None:
    with used_elsewhere(views / name):
        in_use = remove_views(views)
    assert [*in_use] == [name]
    assert "elsewhere" in str(in_use[name])
    assert left(views)
    assert all(each.startswith(name) for each in left(views))
    (views / "search.sqlite").write_text("made again since")
    assert remove_views(views, [name]) == {}
    assert left(views) == ["search.sqlite"]


def test_a_view_that_others_use_here_is_removed_and_they_go_on(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        count = "MATCH (i:ingest__Ingest) RETURN count(i) AS n"
        assert store.cypher(count).rows == ((1,),)
        assert remove_views(store.directory) == {}
        assert not (store.directory / "graph").exists()
        assert store.cypher(count).rows == ((1,),)


def test_a_view_that_was_in_use_goes_with_a_later_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the redaction is not finished; nothing else is done twice."""
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        place = store.directory
        (place / "rdf").mkdir()
        (place / "rdf" / "000001.sst").write_text("Ada Example")
        with used_elsewhere(place / "rdf"):
            (note,) = store.redact("ada@example.org", **WHY).notes
        assert "RDF" in note
        assert {*files_with(place, "Ada Example")} == {"rdf/000001.sst: ada example"}
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
