"""Files get their names when they are whole, and are for nobody else than they must be."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import provstore
from provstore.storage.atomic_files import PUBLIC, SHARED, make_directory, write_atomically
from tests.reports import WORD


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """A user whose new files everybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


def test_a_file_is_for_its_owner_whatever_the_umask(tmp_path: Path) -> None:
    write_atomically(tmp_path / "folder" / "file", b"", SHARED)
    assert mode_of(tmp_path / "folder") == 0o700
    assert mode_of(tmp_path / "folder" / "file") == 0o600


def test_a_file_is_for_the_group_that_its_directory_was_made_for(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    write_atomically(tmp_path / "folder" / "file", b"", SHARED)
    assert mode_of(tmp_path / "folder") == 0o2770
    assert mode_of(tmp_path / "folder" / "file") == 0o660
    write_atomically(tmp_path / "private" / "file", b"")
    assert mode_of(tmp_path / "private" / "file") == 0o600


def test_what_is_asked_for_is_as_the_umask_says(tmp_path: Path) -> None:
    os.umask(0o027)
    write_atomically(tmp_path / "export.ttl", b"", PUBLIC)
    assert mode_of(tmp_path / "export.ttl") == 0o640


def test_a_directory_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(0o755)
    make_directory(tmp_path / "there")
    assert mode_of(tmp_path / "there") == 0o755


@pytest.mark.parametrize("for_group", [False, True])
def test_nobody_else_reads_a_file_of_a_store_or_of_its_backup(
    tmp_path: Path, for_group: bool
) -> None:
    tmp_path.chmod(0o2770 if for_group else 0o700)
    with provstore.init(tmp_path / "store", predictable=WORD) as store:
        forms = store.forms
        receipt = store.submit(forms["cordex"].text(forms["cordex"].example()).encode())
        review = forms["review"]
        store.report(receipt.ingest, "review", review.text(review.example()).encode())
        store.keep_attachments([b"The agreement"])
        store.drafts().write(store.drafts().new(), {"form": "cordex", "answers": {}})
        store.search("ada")
        store.sparql("SELECT * { ?s ?p ?o } LIMIT 1")
        store.cypher("MATCH (n) RETURN n LIMIT 1")
        store.checkpoint()
        store.backup(tmp_path / "backup")
        places = [*(tmp_path / "store").rglob("*"), *(tmp_path / "backup").rglob("*")]
        modes = {place: mode_of(place) for place in places}
        for place in (tmp_path / "store", tmp_path / "backup"):
            assert mode_of(place) == (0o2770 if for_group else 0o700)
    # What lies in a closed directory of an engine has the mode that the engine gives it.
    engines = [tmp_path / "store" / name for name in ("graph", "rdf")]
    for place, mode in modes.items():
        if not any(engine in place.parents for engine in engines):
            assert not mode & 0o007, place
    if for_group:
        assert mode_of(tmp_path / "store" / "journal.sqlite") == 0o660
