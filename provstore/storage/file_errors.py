"""Says which file the system could not read or write, why, and what to do about it.

In: an error of the system. Out: `StoreUnavailable`, which users understand. It opens nothing.
"""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from provstore.errors import StoreUnavailable

_ADVICE: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOSPC: "Free some space on its disk, then try again.",
        errno.EDQUOT: "Free some space on its disk, then try again.",
        errno.EIO: "Check the disk and its connection, then try again.",
        errno.EACCES: "Give this account permission, then try again.",
        errno.EPERM: "Give this account permission, then try again.",
        errno.EROFS: "Mount its disk for writing, then try again.",
        errno.EMFILE: "Close other files, or raise the limit (ulimit -n), then try again.",
        errno.ENFILE: "Close other files, then try again.",
    }
)
"""What to do, by the reason that the system gives."""


@contextmanager
def file_errors(path: Path, act: str) -> Iterator[None]:
    """Turn an error of the system within the block into one that names this file.

    `act` is what was tried: `read`, `written`, `removed`.

    >>> with file_errors(Path("store/provstore.toml"), "read"):
    ...     raise OSError(errno.EIO, "Input/output error")
    Traceback (most recent call last):
    ...
    provstore.errors.StoreUnavailable: store/provstore.toml cannot be read: Input/output error. Check the disk and its connection, then try again.

    Raises:
        StoreUnavailable: there was such an error.

    """  # noqa: E501 - the message is one line
    try:
        yield
    except OSError as error:
        raise unavailable(path, act, error) from error


def unavailable(path: Path, act: str, error: OSError) -> StoreUnavailable:
    """Return the error that says what could not be done with a file, and why."""
    message = f"{path} cannot be {act}: {error.strerror or error}."
    return StoreUnavailable(
        message, _ADVICE.get(error.errno or 0, "Try again."), code="PS-STORE-FILE"
    )
