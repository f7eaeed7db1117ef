"""A file of checkpoints stays small, and still says all that its last lines say."""

import os
import threading
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from provstore.storage.checkpoint_files import Checkpoint, CheckpointFile
from provstore.storage.checkpoint_thinning import MOST, NEWEST, thinned


def checkpoint(position: int, generation: int = 1, *, signed: bool = False) -> Checkpoint:
    signature = ("0" * 16, "AAAA") if signed else ("", "")
    base, time = "https://data.example.org/", "2026-01-01T00:00:00Z"
    return Checkpoint("0" * 16, base, generation, position, "a" * 64, time, {}, *signature)


HISTORIES = st.lists(
    st.tuples(st.integers(1, 50), st.sampled_from([0, 0, 0, 0, 1]), st.booleans()), max_size=1500
)


@given(HISTORIES)
def test_what_is_kept_is_in_order_and_has_the_ends_of_every_generation(
    history: list[tuple[int, int, bool]],
) -> None:
    position, generation, written = 0, 1, list[Checkpoint]()
    for step, restored, signed in history:
        position, generation = position + step, generation + (restored and generation < 4)
        written.append(checkpoint(position, generation, signed=signed))
    kept = thinned(written)
    assert kept == [each for each in written if each in {*kept}]
    assert kept[-NEWEST:] == written[-NEWEST:]
    for generation in {each.generation for each in written}:
        for signed in (False, True):
            ends = [
                [each for each in some
                 if each.generation == generation and bool(each.signature) == signed]
                for some in (written, kept)
            ]  # fmt: skip
            assert [each[:1] + each[-1:] for each in ends[:1]] == [
                each[:1] + each[-1:] for each in ends[1:]
            ]


def test_a_million_entries_leave_few_lines(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "file")
    file.path.write_bytes(b"".join(checkpoint(at).line() for at in range(1, 1_000_000, 50)))
    assert file.add(lambda _: checkpoint(1_000_000).line(), thinned, MOST)
    positions = [each.position for each in file.read().checkpoints]
    assert positions[0] == 1
    assert positions[-1] == 1_000_000
    assert len(positions) < 250
    assert file.path.stat().st_size < 100_000


def test_lines_that_are_no_checkpoints_are_not_hidden_by_thinning(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "file")
    file.path.write_bytes(b"{}\n" + b"".join(checkpoint(at).line() for at in range(1, 600)))
    file.add(lambda _: checkpoint(600).line(), thinned, MOST)
    assert file.read().faulty_lines == (1,)


def test_a_writer_that_waited_while_the_file_was_thinned_loses_no_line(tmp_path: Path) -> None:
    """The file that it had opened before is not the one that is there now."""
    file, begun = CheckpointFile(tmp_path / "file"), threading.Event()
    file.path.write_bytes(b"".join(checkpoint(at).line() for at in range(1, MOST + 1)))

    def make(_: bytes) -> bytes:
        begun.set()
        waiting.join(0.2)  # by then it waits for this file
        return checkpoint(MOST + 1).line()

    def wait() -> None:
        begun.wait()
        file.add(lambda _: checkpoint(MOST + 2).line(), thinned, MOST)

    waiting = threading.Thread(target=wait)
    before = os.stat(file.path).st_ino
    waiting.start()
    file.add(make, thinned, MOST)
    waiting.join()
    assert file.path.stat().st_ino != before
    assert [each.position for each in file.read().checkpoints][-2:] == [MOST + 1, MOST + 2]
