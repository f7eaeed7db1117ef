"""What holds of the data of the RDF engine: readers see one whole position, loads are atomic."""

import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from provstore.views.rdf.oxigraph_dataset import Dataset, Moved
from tests.require import missing

POSITION = "http://example.org/position"
NEVER = 10**9
SECOND = b"<a:2> <a:is> <a:2> .\n" * 20_000
"""Enough for a snapshot before it."""


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Data at position `1 a`."""
    new = Dataset(tmp_path, POSITION)
    new.load("", "1 a", [b"<a:1> <a:is> ", b"<a:1> .\n"], bulk_from=NEVER)
    return new


def subjects(snapshot: Path) -> set[str]:
    return {str(quad.subject) for quad in ox.Store.read_only(str(snapshot))}


def marks(snapshot: Path) -> list[str]:
    graph = ox.NamedNode(POSITION)
    quads = ox.Store.read_only(str(snapshot)).quads_for_pattern(None, None, None, graph)
    return [quad.object.value for quad in quads]


def test_a_snapshot_stays_as_it_is_and_goes_with_its_last_reader(dataset: Dataset) -> None:
    with dataset.snapshot("1 a") as first:
        with dataset.snapshot(None) as same:
            assert same == first
        dataset.load("1 a", "2 b", [SECOND], bulk_from=NEVER)
        with dataset.snapshot("2 b") as second:
            assert subjects(second) == {"<a:1>", "<a:2>", f"<{POSITION}>"}
            assert marks(second) == ["2 b"]
        assert subjects(first) == {"<a:1>", f"<{POSITION}>"}
        assert marks(first) == ["1 a"]
        assert first.exists()
    assert not first.exists()
    assert second.exists()


@pytest.mark.parametrize("bulk_from", [NEVER, 1])
def test_a_load_has_its_position_and_no_other(dataset: Dataset, bulk_from: int) -> None:
    dataset.load("1 a", "2 b", [SECOND], bulk_from=bulk_from)
    for before in ("", "1 a", "2 other"):
        with pytest.raises(Moved):
            dataset.load(before, "3 c", [SECOND], bulk_from=bulk_from)
    assert dataset.position() == "2 b"
    for elsewhere in ("", "1 a", "2 other", "3 c"):
        with pytest.raises(Moved), dataset.snapshot(elsewhere):
            pass


def test_a_long_load_does_not_keep_readers_waiting(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile they read the former position."""
    seen = []
    write = Dataset._write

    def read_meanwhile(*arguments: object, **options: object) -> None:
        for at in ("1 a", None):
            with dataset.snapshot(at) as snapshot:
                seen.append(marks(snapshot))
        assert dataset.position() == "1 a"
        write(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Dataset, "_write", read_meanwhile)
    dataset.load("1 a", "2 b", [SECOND], bulk_from=1)
    assert seen == [["1 a"], ["1 a"]]
    with dataset.snapshot(None) as snapshot:
        assert marks(snapshot) == ["2 b"]


def test_a_load_that_fails_adds_nothing(dataset: Dataset) -> None:
    with pytest.raises(SyntaxError):
        dataset.load("1 a", "2 b", [b"<a:2> <a:is> <a:2> .\n", b"nonsense"], bulk_from=NEVER)
    with dataset.snapshot("1 a") as snapshot:
        assert subjects(snapshot) == {"<a:1>", f"<{POSITION}>"}


def test_nobody_reads_what_a_bulk_load_left_half(tmp_path: Path) -> None:
    """Also after a kill; the load is repeated then."""
    program = f"""
import sys
from pathlib import Path
from provstore.views.rdf.oxigraph_dataset import Dataset
dataset = Dataset(Path({str(tmp_path)!r}), {POSITION!r})
dataset.load("", "1 a", [b"<a:1> <a:is> <a:1> .\\n"], bulk_from={NEVER})
write = Dataset._write_mark
def end_before_position(self, store, nquads, mark):
    if mark == "2 b":
        import os
        os._exit(9)
    write(self, store, nquads, mark)
Dataset._write_mark = end_before_position
dataset.load("1 a", "2 b", [b"<a:2> <a:is> <a:2> .\\n"], bulk_from=1)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    dataset = Dataset(tmp_path, POSITION)
    assert dataset.position() == "1 a"
    for at in ("1 a", None):
        with pytest.raises(Moved), dataset.snapshot(at):
            pass
    dataset.load("1 a", "2 b", [b"<a:2> <a:is> <a:2> .\n"], bulk_from=1)
    with dataset.snapshot("2 b") as snapshot:
        assert subjects(snapshot) == {"<a:1>", "<a:2>", f"<{POSITION}>"}
        assert marks(snapshot) == ["2 b"]


def test_cleared_data_are_gone_when_their_last_reader_is(dataset: Dataset, tmp_path: Path) -> None:
    with dataset.snapshot("1 a") as snapshot:
        dataset.clear()
        assert dataset.position() == ""
        assert subjects(snapshot) == {"<a:1>", f"<{POSITION}>"}
    with dataset.snapshot("") as empty:
        assert subjects(empty) == set()
    assert not snapshot.exists()
    dataset.close()
    assert [one.name for one in tmp_path.iterdir()] == ["data"]


def test_what_an_earlier_engine_left_is_removed(dataset: Dataset, tmp_path: Path) -> None:
    """Snapshots of one that was killed, and the data of a version that had them elsewhere."""
    with dataset.snapshot(None):
        (tmp_path / "CURRENT").write_text("MANIFEST-000005")
        (tmp_path / "removed-1").mkdir()
        del dataset
        program = f"""
from pathlib import Path
from provstore.views.rdf.oxigraph_dataset import Dataset
Dataset(Path({str(tmp_path)!r}), {POSITION!r})
"""
        subprocess.run([sys.executable, "-c", program], check=True)
    assert {one.name for one in tmp_path.iterdir()} == {"data", "snapshots"}
    assert not [*(tmp_path / "snapshots").iterdir()]


def test_data_that_cannot_be_opened_can_be_cleared(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "CURRENT").write_text("nonsense")
    dataset = Dataset(tmp_path, POSITION)
    with pytest.raises(RuntimeError, match="CURRENT"):
        dataset.position()
    dataset.clear()
    assert dataset.position() == ""


def test_accounts_of_a_group_take_turns(tmp_path: Path) -> None:
    """Each goes on with the data of the one before, even if that was killed."""
    if os.geteuid() or sys.platform != "linux":
        missing("root", "only root can try other accounts")
    group = 64_000
    place = tmp_path / "rdf"
    place.mkdir()
    os.chown(place, -1, group)
    place.chmod(0o2770)
    for parent in place.parents:
        if parent.name.startswith(("pytest-", "popen-", tmp_path.name)):
            parent.chmod(0o755)
    program = f"""
import os, sys
from pathlib import Path
sys.path += sys.argv[3:]
from provstore.views.rdf.oxigraph_dataset import Dataset
os.setgroups([])
os.setgid({group})
os.setuid(int(sys.argv[1]))
os.umask(0o007)
dataset = Dataset(Path({str(place)!r}), {POSITION!r})
number = int(sys.argv[2])
before = f"{{number}} a" if number else ""
assert dataset.position() == before, dataset.position()
for size in (1, 10_000):
    after = f"{{number + 1}} a"
    dataset.load(before, after, [b"<a:1> <a:is> <a:%d> .\\n" % number] * size, bulk_from=1000)
    with dataset.snapshot(after) as snapshot:
        print(len([*snapshot.iterdir()]))
    before, number = after, number + 1
os._exit(0)
"""
    for turn, account in enumerate((64_001, 64_002, 64_001, 64_003)):
        done = subprocess.run(
            [sys.executable, "-c", program, str(account), str(2 * turn), *sys.path],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr
