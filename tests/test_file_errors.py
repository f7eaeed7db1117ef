"""An error of the system becomes one that names the file, the reason and what to do."""

import errno
from pathlib import Path

import pytest

from provstore.__main__ import _in_plain_words
from provstore.errors import Refused, StoreUnavailable, UnknownName
from provstore.storage.file_errors import file_errors


@pytest.mark.parametrize(
    ("number", "reason", "advice"),
    [
        (errno.ENOSPC, "No space left on device", "Free some space on its disk, then try again."),
        (errno.EIO, "Input/output error", "Check the disk and its connection, then try again."),
        (errno.EBUSY, "Device or resource busy", "Try again."),
    ],
)
def test_the_file_the_reason_and_the_advice_are_named(
    number: int, reason: str, advice: str
) -> None:
    with pytest.raises(StoreUnavailable) as caught, file_errors(Path("store/x"), "written"):
        raise OSError(number, reason)
    assert caught.value.message == f"store/x cannot be written: {reason}."
    assert caught.value.advice == advice


def test_other_errors_stay_as_they_are() -> None:
    with pytest.raises(UnknownName), file_errors(Path("store/x"), "read"):
        raise UnknownName("draft", "x", ())


def test_the_command_line_names_the_file_of_a_user_and_the_reason() -> None:
    error = _in_plain_words(FileNotFoundError(errno.ENOENT, "No such file or directory", "a.json"))
    assert isinstance(error, Refused)
    assert error.message == "a.json: No such file or directory."
    assert "should not happen" not in str(_in_plain_words(OSError(errno.EIO, "Input/output error")))
    assert "should not happen" in str(_in_plain_words(KeyError("x")))
