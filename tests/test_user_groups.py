"""A store is made for a group of which its maker is a member, or nothing is made."""

import grp
import os
import stat
from pathlib import Path

import pytest

import provstore
from provstore.errors import Refused, StoreUnavailable

OWN = grp.getgrgid(os.getegid()).gr_name


def test_a_group_that_there_is_not_gets_no_store(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no group 'nobody-at-all'"):
        provstore.init(tmp_path / "a" / "store", group="nobody-at-all")
    assert not [*tmp_path.iterdir()]


def test_a_directory_that_cannot_be_given_to_the_group_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    with pytest.raises(StoreUnavailable, match="not permitted"):
        provstore.init(tmp_path / "a" / "store", group=OWN)
    assert not [*tmp_path.iterdir()]


def test_parents_that_are_missing_are_made_for_the_group(tmp_path: Path) -> None:
    before = os.umask(0o077)
    place = tmp_path / "a" / "store"
    provstore.init(place, group=OWN).close()
    os.umask(before)
    assert {stat.S_IMODE(made.stat().st_mode) for made in (place, place.parent)} == {0o2770}
