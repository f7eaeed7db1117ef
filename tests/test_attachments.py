"""Attachments are on the disk before they are acknowledged, whoever wrote them."""

from hashlib import sha256
from pathlib import Path

import pytest

from provstore.errors import StoreUnavailable
from provstore.storage import attachments as module
from provstore.storage.attachments import Attachments

CONTENT = b"The agreement"
CHECKSUM = sha256(CONTENT).hexdigest()


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    for flush in ("flush_file", "flush_names"):
        monkeypatch.setattr(module, flush, lambda place: names.append(place.name))
    return names


def test_what_another_process_wrote_is_flushed_once(tmp_path: Path, flushed: list[str]) -> None:
    Attachments(tmp_path / "attachments").keep([CONTENT])
    again = Attachments(tmp_path / "attachments")
    again.make_durable([CHECKSUM, "0" * 64, "../x"])
    assert flushed == [CHECKSUM, CHECKSUM]  # the file and its name
    again.keep([CONTENT])
    again.make_durable([CHECKSUM])
    assert flushed == [CHECKSUM, CHECKSUM]


def test_what_cannot_be_flushed_is_not_acknowledged_the_next_time_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Attachments(tmp_path / "attachments").keep([CONTENT])
    again = Attachments(tmp_path / "attachments")

    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "flush_names", fail)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="cannot be stored: Input/output error"):
            again.keep([CONTENT])


def test_a_process_remembers_a_limited_number_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many it stores; to make forgotten ones durable again is harmless."""
    monkeypatch.setattr(module, "KEPT_NAMES", 3)
    attachments = Attachments(tmp_path / "attachments")
    for number in range(10):
        attachments.keep([b"%d" % number])
        assert len(attachments._durable) <= 3
    attachments.keep([b"0"])
    assert len(attachments.checksums()) == 10
