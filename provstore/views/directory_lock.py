"""Who may open a directory: one process at a time, and whoever comes second is told who has it.

In: a lock file. Out: a handle that keeps it, or `ViewUnavailable` with process and host. The lock
is the operating system's: it ends with its holders, whatever happens to them.
"""

import os
import socket
import sys
import time
from pathlib import Path

from provstore.errors import ViewUnavailable

if sys.platform != "win32":
    import fcntl

_ORPHAN_SECONDS = 10.0


def lock_directory(path: Path, description: str) -> int | None:
    """Take the lock for this process; `description` says what it guards. Close it to let go.

    Raises:
        ViewUnavailable: another process has it.

    """
    if sys.platform == "win32":
        return None  # the engines' own locks refuse a second one there, in their own words
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, host = path.read_text(encoding="utf-8").strip().partition(" ")
            # An owner who was killed leaves an engine that is about to notice it.
            if _runs(pid, host) or time.monotonic() > deadline:
                os.close(lock)
                raise ViewUnavailable(
                    f"{description} is in use by process {pid or '?'} on {host or 'some machine'}.",
                    "Wait until it ends, or close the store there. Submissions and reports are "
                    "taken all the same.",
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
    """Whether that process is alive, as far as can be told from here."""
    if not pid.isdecimal() or host != socket.gethostname():
        return bool(pid)
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
