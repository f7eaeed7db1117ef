"""Locks a directory for one process at a time.

In: a lock file. Out: a handle that holds the lock, or `ViewUnavailable` with the owner's process
and host. The operating system releases the lock when its owners end, even after a crash.
"""

import os
import socket
import sys
import time
from pathlib import Path

from provstore.errors import ViewUnavailable
from provstore.storage.atomic_files import SHARED, create_file

if sys.platform != "win32":
    import fcntl

_ORPHAN_SECONDS = 10.0


def lock_directory(path: Path, description: str) -> int | None:
    """Acquire the lock for this process; close the handle to release it.

    `description` names what the lock protects.

    Raises:
        ViewUnavailable: another process has the lock.

    """
    if sys.platform == "win32":
        return None  # there, the engines' own locks refuse a second process
    lock = create_file(path, os.O_RDWR, SHARED)
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, host = path.read_text(encoding="utf-8").strip().partition(" ")
            # If the owner was killed, its engine still holds the lock for a moment.
            if _runs(pid, host) or time.monotonic() > deadline:
                os.close(lock)
                raise ViewUnavailable(
                    f"{description} is in use by process {pid or '?'} on {host or 'another host'}.",
                    "Wait until it ends, or close the store there. The store still accepts "
                    "submissions and reports.",
                ) from None
            time.sleep(0.05)
        except BaseException:
            os.close(lock)
            raise
        else:
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
            return lock


def _runs(pid: str, host: str) -> bool:
    """Return whether the process is alive, as far as this machine can tell."""
    if not pid.isdecimal() or host != socket.gethostname():
        return bool(pid)
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
